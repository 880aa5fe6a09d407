"""A line in memory that is looked over: units, some of which say nonsense, and national meters. Nobody writes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NoReturn

from facility.errors import BadAnswer, DeviceRefused, LinkDown, NoAnswer
from facility.model.entries import Link, ModbusRtuOverTcpLink
from facility.profiles import Profile, ProfileLibrary
from facility.profiles.schema import ModbusPoint, Table
from facility.text import Text
from gateway.commissioning.inspection import Inspected, inspect
from gateway.commissioning.scanning import Found
from gateway.modbus.transport import RawRequest
from simulators.world import World
from tests.gateway.national.bench import national_site, national_world

LINK = ModbusRtuOverTcpLink(type="modbus_rtu_over_tcp", host="192.0.2.1", port=4196)
_LIBRARY = ProfileLibrary()
OFFICE_LINE = (
    "chint_dtsu666", "kaifeng_xintai_water", "microsensor_mfe600e_water", "aoke_vortex_gas", "xy_md02", "xht_heat",
    "dlt645_three_phase", "cjt188_water_meter", "cjt188_hot_water_meter",
)  # fmt: skip
PLACES = {"ABCD": (0, 1, 2, 3), "CDAB": (2, 3, 0, 1), "BADC": (1, 0, 3, 2), "DCBA": (3, 2, 1, 0)}


def library(*names: str) -> dict[str, Profile]:
    """Some shipped profiles."""
    return {name: _LIBRARY[name] for name in names or OFFICE_LINE}


class LookedOver:
    """The transport of such a line.

    `registers`: unit -> table and address -> word; all else is refused. `garbles`: unit -> how many of its answers at
    first cannot be made out. `meters`: national ones of this world answer.
    """

    dropped_answers = 0

    def __init__(self) -> None:
        self.registers: dict[int, dict[tuple[Table, int], int]] = {}
        self.garbles: dict[int, int] = {}
        self.meters: World | None = None
        self.down = False
        self.asked: list[tuple[int, Table, int, int]] = []
        self.exchanged: list[bytes] = []
        self.opened = self.closed = 0

    def connect(self, name: str, link: Link) -> LookedOver:
        """As `connect_modbus`."""
        del name, link
        self.opened += 1
        return self

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:
        self.asked.append((unit, table, address, count))
        if self.down:
            raise LinkDown("broke")
        if self.garbles.get(unit, 0) > 0:
            self.garbles[unit] -= 1
            raise BadAnswer("two at once")
        if unit not in self.registers:
            raise NoAnswer(f"nobody in {timeout_s} s")
        words = self.registers[unit]
        if any((table, place) not in words for place in range(address, address + count)):
            raise DeviceRefused("no such address", code=2)
        return b"".join(words[table, place].to_bytes(2, "big") for place in range(address, address + count))

    async def write(self, *_: object) -> NoReturn:
        raise AssertionError("who looks a line over writes nothing")

    async def exchange(self, request: RawRequest, timeout_s: float) -> bytes:
        self.exchanged.append(request.frame)
        said = None if self.meters is None else self.meters.answer("meters", request.frame)
        found = None if said is None else request.found(said)
        if found is None:
            raise NoAnswer(f"{request.what} in {timeout_s} s")
        return found

    async def reset(self) -> None:
        raise AssertionError("nobody asked for that")

    async def close(self) -> None:
        self.closed += 1

    def put(self, unit: int, address: int, *words: int, table: Table = Table.HOLDING) -> None:
        """Words from `address`."""
        own = self.registers.setdefault(unit, {})
        own.update({(table, address + place): word for place, word in enumerate(words)})

    def be(self, unit: int, profile: Profile, values: Mapping[str, float], order: str | None = None) -> None:
        """A unit with the float registers of a profile at these raw values (others at 0), in its own word order or
        another.
        """
        for point in profile.modbus:
            self.put(unit, point.address, *_words(point, values.get(point.id, 0.0), order), table=point.table)
        reach = [point.address + point.registers for point in profile.modbus]
        own = self.registers[unit]
        table = profile.modbus[0].table
        for place in range(min(point.address for point in profile.modbus), max(reach)):
            own.setdefault((table, place), 0)


def _words(point: ModbusPoint, value: float, order: str | None) -> list[int]:
    if point.registers == 1:
        return [int(value) & 0xFFFF]
    plain = struct.pack(">f" if point.type == "float32" else ">I", value if point.type == "float32" else int(value))
    turned = bytes(plain[place] for place in PLACES[order or point.order])
    return list(struct.unpack(">2H", turned))


def national_meters() -> World:
    """National meters on the line `meters`."""
    return national_world(national_site())


def quietly(what: Text, done: int, total: int) -> None:
    """Nobody looks on."""
    assert what.zh
    assert what.en
    assert 0 <= done <= total


async def looked_at(
    line: LookedOver, profiles: Mapping[str, Profile], *units: int, found: Found | None = None
) -> Sequence[Inspected]:
    """What `inspect` makes of these units."""
    seen = Found(link=LINK, units=list(units)) if found is None else found
    return await inspect(seen, profiles, timeout_s=0.1, progress=quietly, connect=line.connect)
