"""National meters for tests: a site of them on one line, and a line in process that the simulated meters answer on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from facility.errors import NoAnswer
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from gateway.modbus.transport import RawRequest
from simulators.world import World
from tests.servers import free_port
from tests.sites import small_site_data

START = datetime(2026, 5, 11, 2, 0, tzinfo=UTC)
METERS: Sequence[tuple[str, str, str, str]] = (
    ("e1", "dlt645_single_phase", "12345678", "electricity_meter"),
    ("e3", "dlt645_three_phase", "000102030425", "electricity_meter"),
    ("w1", "cjt188_water_meter", "78330011223344", "water_meter"),
    ("w2", "cjt188_hot_water_meter", "78330011223345", "water_meter"),
    ("g1", "cjt188_gas_meter", "11110000000001", "gas_meter"),
    ("h1", "cjt188_heat_meter", "00200000000007", "heat_meter"),
    ("h2", "cjt188_heat_meter_unit_first", "00000040314132", "heat_meter"),
    ("h3", "cjt188_heat_cool_meter", "00200000000009", "heat_meter"),
)
"""Device, profile, number, kind of equipment; the equipment is `<device>-meter`."""


def national_site_data(port: int | None = None) -> dict[str, Any]:
    """The small site with national meters beside its Modbus meters on the line `meters`, of which one has the unit id
    with which the frames of national meters begin (68H).
    """
    data = small_site_data(plant_port=free_port(), meters_port=port or free_port())
    data["links"]["meters"] |= {"baudrate": 115200, "parity": "E"}
    next(row for row in data["devices"] if row["id"] == "m-main")["unit"] = 0x68
    for device, profile, address, kind in METERS:
        entry = {"id": device, "profile": profile, "link": "meters", "address": address}
        data["devices"].append(entry | ({"ct_ratio": 40, "pt_ratio": 1} if device == "e3" else {}))
        data["equipment"].append(
            {"id": f"{device}-meter", "kind": kind, "device": device, "feeds": {"building": "main"}}
            | ({"parent": "main-meter", "item": "special"} if kind == "electricity_meter" else {})
        )
    return data


def national_site(port: int | None = None, profiles: ProfileLibrary | None = None) -> Site:
    """The same, resolved."""
    return build_site(SiteFile.model_validate(national_site_data(port)), profiles or ProfileLibrary())


def national_world(site: Site) -> World:
    """Its building on a working day. Its heat meters have not gone round yet: in kWh they do at 3,600 GJ."""
    world = World(site, seed=3, start=START)
    world.set_counters(
        {f"h{number}-meter.energy": 812.5 + number for number in (1, 2, 3) if f"h{number}-meter" in site.equipment}
    )
    return world


class MeterLine:
    """The line `meters` of a world, as questions see it. `before` and `behind` are noise around answers, `frames` the
    questions.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.frames: list[bytes] = []
        self.before = b""
        self.behind = b""

    async def read(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError("no Modbus here")

    async def exchange(
        self, unit: str, request: RawRequest, timeout_s: float, *, pause_s: float = 0.0, urgent: bool = False
    ) -> bytes:
        """What the meter answers, or NoAnswer."""
        self.frames.append(request.frame)
        said = self.world.answer("meters", request.frame)
        found = None if said is None else request.found(self.before + request.frame + said + self.behind)
        if found is None:
            raise NoAnswer(f"{request.what}: no answer in {timeout_s} s, {unit} {pause_s} {urgent}")
        return found
