"""Orders through the gateway to simulated devices that are written otherwise than they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from facility.bus.in_process import InProcessBus
from facility.bus.messages import OutcomeReported
from facility.clock import ManualClock
from facility.commands import Confirmed, Fan, Mode, Refused, Wish
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary, Table
from gateway.gateway import Gateway
from simulators.world import World
from tests.gateway.bank import Bank
from tests.gateway.scene import NOON, Scene, only_modbus
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio
START = Wish(on=True, mode=Mode.COOL, setpoint_c=28.0, fan=Fan.HIGH)
DIII_NET = ("daikin_dta116a51", "daikin_ekmbdxb7v1")
SECOND_UNIT = {"daikin_dta116a51": 2003, "daikin_ekmbdxb7v1": 2003, "midea_gw3_mod": 26}
"""Where its three registers begin."""
LOW_COOL_26 = {"daikin_dta116a51": (0x1060, 2, 260), "daikin_ekmbdxb7v1": (0x1060, 2, 260),
               "midea_gw3_mod": (0x82, 1, 26)}  # fmt: skip
"""What makes a unit stop at low fan, cooling, 26 C."""


@dataclass
class SimulatedLine(Bank):
    """A line with simulated devices; keeps what was asked and written."""

    world: World | None = None
    link: str = ""

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:  # noqa: ARG002
        assert self.world is not None
        self.asked.append((unit, table, address, count))
        return self.world.read(self.link, unit, table, address, count)

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:  # noqa: ARG002
        assert self.world is not None
        self.written.append((unit, function, address, tuple(values)))
        self.world.write(self.link, unit, function, address, values)


class Building(NamedTuple):
    """A gateway on simulated devices."""

    stage: Scene
    world: World
    plant: Bank


def building(profile: str) -> Building:
    """The small site's three units behind that gateway, and a circuit on a relay."""
    data = small_site_data()
    only_modbus(data)
    for device in data["devices"]:
        if device["id"] == "vrf-gw":
            device["profile"] = profile
    data["devices"].append({"id": "relay", "profile": "eletechsup_n4d8b08", "link": "plant", "unit": 21})
    data["equipment"] += [
        {"id": "lights", "kind": "lighting", "device": "relay", "slot": 0},
        {"id": "hold", "kind": "socket_circuit", "device": "relay", "slot": 5, "inverted": True},
    ]
    return _on_simulated_lines(build_site(SiteFile.model_validate(data), ProfileLibrary()))


def _on_simulated_lines(site: Site) -> Building:
    clock, bus, world = ManualClock(NOON), InProcessBus(), World(site, seed=1, start=NOON)
    lines = {name: SimulatedLine(world=world, link=name) for name in site.links}
    gateway = Gateway(site, bus, clock, connect=lambda name, _: lines[name])
    stage = Scene(site=site, clock=clock, bus=bus, banks=lines, gateway=gateway)
    bus.listen(OutcomeReported, stage.said.append)
    for item in ("ac-401", "ac-402"):
        stage.permit(item)
    for item in ("lights", "hold"):
        stage.permit(item, modes={})
    return Building(stage, world, lines["plant"])


def known(profile: str) -> Building:
    """With the second unit stopped, at low fan, cooling, 26 C."""
    made = building(profile)
    made.world.write("plant", 1, 16, SECOND_UNIT[profile], LOW_COOL_26[profile])
    return made


@pytest.mark.parametrize(
    ("profile", "wish", "start", "stop"),
    [
        ("daikin_dta116a51", START, (0x5061, 2, 280), (0x5060, 2, 280)),
        ("daikin_ekmbdxb7v1", START, (0x5061, 2, 280), (0x5060, 2, 280)),
        ("daikin_dta116a51", Wish(on=True, mode=Mode.FAN), (0x1061, 0, 260), (0x1060, 0, 260)),
        ("midea_gw3_mod", START, (0xDF, 7, 28), (0x9F, 0xFF, 0xFF)),
        ("midea_gw3_mod", Wish(on=True, mode=Mode.FAN, setpoint_c=28.5), (0xC1, 0xFF, 0x9C), (0x9F, 0xFF, 0xFF)),
    ],
)
async def test_a_start_with_its_settings_is_one_request_and_off_another(
    profile: str, wish: Wish, start: tuple[int, ...], stop: tuple[int, ...]
) -> None:
    stage, world, plant = known(profile)
    outcome = await stage.order("ac-402", wish)
    assert isinstance(outcome, Confirmed)
    assert (outcome.read.on, outcome.read.mode) == (True, wish.mode)
    assert isinstance(await stage.order("ac-402", Wish(on=False)), Confirmed)
    assert plant.written == [(1, 16, SECOND_UNIT[profile], start), (1, 16, SECOND_UNIT[profile], stop)]
    assert world.value("ac-402.on") == 0.0
    assert world.value("ac-402.setpoint") == (26.0 if wish.setpoint_c is None else wish.setpoint_c)
    assert world.value("ac-401.setpoint") == 26.0, "the neighbour keeps its own"


@pytest.mark.parametrize("profile", DIII_NET)
async def test_what_was_done_at_the_wall_is_put_back_and_not_the_last_order(profile: str) -> None:
    stage, world, plant = known(profile)
    assert isinstance(await stage.order("ac-402", START), Confirmed)
    plants = world.building.plant
    row = world.building.layout.unit_of["ac-402"]
    plants.setpoint_c[row] = 29.0
    plants.fan[row] = 2.0
    world.advance(NOON.replace(second=1))
    assert isinstance(await stage.order("ac-402", Wish(on=False)), Confirmed)
    assert plant.written[-1] == (1, 16, 2003, (0x3060, 2, 290))


async def test_a_gateway_without_automatic_mode_refuses_it_and_nothing_is_written() -> None:
    stage, _, plant = known("midea_gw3_mod")
    outcome = await stage.order("ac-402", Wish(on=True, mode=Mode.AUTO, setpoint_c=28.0))
    assert isinstance(outcome, Refused)
    assert plant.written == []


@pytest.mark.parametrize("wish", [Wish(on=True, mode=Mode.COOL, setpoint_c=28.0), Wish(on=False)])
async def test_units_behind_an_adapter_that_is_only_looked_at_are_not_switched(wish: Wish) -> None:
    stage, _, plant = building("daikin_dcpa01")
    outcome = await stage.order("ac-402", wish)
    assert isinstance(outcome, Refused)
    assert "does not take" in outcome.why.en
    assert plant.written == []


@pytest.mark.parametrize(
    ("equipment", "address", "on", "off"), [("lights", 1, 0x100, 0x200), ("hold", 6, 0x200, 0x100)]
)
async def test_a_relay_is_unlinked_from_its_inputs_and_takes_other_codes_than_it_shows(
    equipment: str, address: int, on: int, off: int
) -> None:
    stage, world, plant = building("coolmasternet")
    assert isinstance(await stage.order(equipment, Wish(on=False)), Confirmed)
    assert isinstance(await stage.order(equipment, Wish(on=True)), Confirmed)
    assert world.value(f"{equipment}.on") == 1.0
    assert isinstance(await stage.order(equipment, Wish(on=False)), Confirmed)
    assert world.value(f"{equipment}.on") == 0.0
    assert plant.written == [(21, 6, 0xFD, (0,)), *((21, 6, address, (code,)) for code in (off, on, off))]
