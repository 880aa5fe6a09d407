"""Register banks per line and unit over one shared image of bytes.

Addresses between two mapped ones read zero where the gap is no wider than the profile lets a master read across;
elsewhere the device refuses, as real ones do.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facility.errors import DeviceRefused, NoAnswer, Where
from facility.model import Point, Site
from facility.profiles import ModbusPoint, Table
from facility.profiles.schema import BIT_TABLES
from simulators.registers.encoding import Bits, Numbers, Parts, Slot, Words, decode, state_of
from simulators.registers.places import Fixture, Key, Place, survey, unit_of

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3

WRITE_TABLE: Final[Mapping[int, Table]] = {
    5: Table.COIL, 15: Table.COIL, 6: Table.HOLDING, 16: Table.HOLDING,
}  # fmt: skip
REGISTER_BYTES: Final = 2


class _Encoder(Protocol):
    def encode(self, values: NDArray[np.float64], image: NDArray[np.uint8]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Addresses that may be read in one go: `first` to `last`, beginning at `start` of the image."""

    first: int
    last: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A value that a master wrote: point and canonical value, clamped to what the device takes."""

    point: Point
    index: int
    value: float


class Registers:
    """All register maps of a site's Modbus devices.

    Args:
        site: the site; its points are numbered in the order of `site.points`.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._units = {
            (device.link, unit_of(device))
            for device in site.devices.values()
            if any(isinstance(point.spec, ModbusPoint) for point in site.points_of_device(device.id))
        }
        found = survey(site)
        self._places = found.places
        self._fixtures = {key: fixtures for key, fixtures in found.fixtures.items() if key[:2] in self._units}
        self._derived = found.derived
        self._columns = np.full(found.columns, np.nan)
        for column, value in found.constants.items():
            self._columns[column] = value
        self._stretches: dict[Key, list[_Stretch]] = {}
        self._size = {False: 0, True: 0}
        gaps = _gaps(site)
        for key in (*self._places, *(key for key in self._fixtures if key not in self._places)):
            self._places.setdefault(key, []).sort(key=attrgetter("address"))
            everything = sorted(
                [*self._places[key], *self._fixtures.get(key, ())], key=attrgetter("address")
            )  # fmt: skip
            self._stretches[key] = self._lay_out(everything, key[2], gaps[key[:2]])
        self._bytes = np.zeros(self._size[False] * REGISTER_BYTES, dtype=np.uint8)
        self._bits = np.zeros(self._size[True], dtype=np.uint8)
        self._byte_encoders, self._bit_encoders = self._encoders()
        for key, fixtures in self._fixtures.items():
            for fixture in fixtures:
                self._hold(key, fixture.address, fixture.holds)

    def units(self, link: str) -> tuple[int, ...]:
        """Unit ids that answer on a line."""
        return tuple(sorted(unit for line, unit in self._units if line == link))

    def refresh(self, values: NDArray[np.float64]) -> None:
        """Puts canonical values (one per point of the site, NaN for none) into the registers."""
        self._columns[: len(values)] = values
        for derived in self._derived:
            derived.put(self._columns)
        for encoder in self._byte_encoders:
            encoder.encode(self._columns, self._bytes)
        for encoder in self._bit_encoders:
            encoder.encode(self._columns, self._bits)

    def read(self, link: str, unit: int, table: Table, address: int, count: int) -> bytes:
        """Register bytes, big-endian, or packed bits, lowest first.

        Raises:
            NoAnswer: nobody has that unit id. DeviceRefused: code 2, an address that the device does not have.
        """
        start = self._find(link, unit, table, address, count)
        if table in BIT_TABLES:
            return np.packbits(self._bits[start : start + count], bitorder="little").tobytes()
        first = start * REGISTER_BYTES
        return self._bytes[first : first + count * REGISTER_BYTES].tobytes()

    def write(self, link: str, unit: int, function: int, address: int, values: Sequence[int]) -> list[Written]:
        """What a write means. Registers that nothing hangs on keep their value.

        Raises:
            NoAnswer: nobody has that unit id. DeviceRefused: 1 not that function, 2 not that address, 3 not that value.
        """
        where = Where(link=link, unit=unit)
        table = WRITE_TABLE.get(function)
        if table is None:
            raise DeviceRefused(f"function {function} does not write", code=ILLEGAL_FUNCTION, where=where)
        start = self._find(link, unit, table, address, len(values))
        touched = self._touched(link, unit, table, address, len(values))
        if not touched and not self._is_fixture(link, unit, table, address, len(values)):
            raise DeviceRefused(f"{table.value} {address} cannot be written", code=ILLEGAL_ADDRESS, where=where)
        for place in touched:
            _check_function(place, function, where)
            _check_together(place, address, len(values), where)
        decoded = [
            (place, self._decoded(place, table, start - address, address, values))
            for place in touched
            if not _is_left_alone(place, address, values)
        ]
        written = [_clamped(place, value, where) for place, value in _understood(decoded)]
        if any(not place.follows for place in touched) or not touched:
            self._hold((link, unit, table), address, values)
        return written

    def _hold(self, key: Key, address: int, values: Sequence[int]) -> None:
        """Puts words or bits where they stay until they are written again."""
        start = self._find(*key, address, len(values))
        if key[2] in BIT_TABLES:
            self._bits[start : start + len(values)] = [bool(value) for value in values]
            return
        data = b"".join(value.to_bytes(REGISTER_BYTES, "big") for value in values)
        first = start * REGISTER_BYTES
        self._bytes[first : first + len(data)] = np.frombuffer(data, dtype=np.uint8)

    def _decoded(self, place: Place, table: Table, shift: int, address: int, values: Sequence[int]) -> float | None:
        if table is Table.COIL:
            return state_of(place.spec, 1 if values[place.address - address] else 0)
        first = (place.address + shift) * REGISTER_BYTES
        now = bytearray(self._bytes[first : first + place.size * REGISTER_BYTES].tobytes())
        for index, value in enumerate(values):
            offset = (address + index - place.address) * REGISTER_BYTES
            if 0 <= offset < len(now):
                now[offset : offset + REGISTER_BYTES] = int(value).to_bytes(REGISTER_BYTES, "big")
        return decode(place.spec, place.device, bytes(now))

    def _touched(self, link: str, unit: int, table: Table, address: int, count: int) -> list[Place]:
        return [
            place for place in self._places[link, unit, table]
            if place.writes and place.address < address + count and address < place.address + place.size
        ]  # fmt: skip

    def _is_fixture(self, link: str, unit: int, table: Table, address: int, count: int) -> bool:
        return any(
            fixture.writes and (fixture.address, fixture.size) == (address, count)
            for fixture in self._fixtures.get((link, unit, table), ())
        )

    def _find(self, link: str, unit: int, table: Table, address: int, count: int) -> int:
        if (link, unit) not in self._units:
            raise NoAnswer("nobody answers with this unit id", where=Where(link=link, unit=unit))
        stretches = self._stretches.get((link, unit, table), [])
        at = bisect_right(stretches, address, key=lambda stretch: stretch.first) - 1
        if at < 0 or count < 1 or address + count - 1 > stretches[at].last:
            message = f"no {table.value} {address} to {address + count - 1} in this device"
            raise DeviceRefused(message, code=ILLEGAL_ADDRESS, where=Where(link=link, unit=unit))
        return stretches[at].start + address - stretches[at].first

    def _lay_out(self, places: Sequence[Place | Fixture], table: Table, gap: int) -> list[_Stretch]:
        stretches: list[_Stretch] = []
        bits = table in BIT_TABLES
        first = last = -1
        for place in places:
            end = place.address + place.size - 1
            if first < 0:
                first, last = place.address, end
            elif place.address - last - 1 <= gap:
                last = max(last, end)
            else:
                stretches.append(_Stretch(first=first, last=last, start=self._take(bits, last - first + 1)))
                first, last = place.address, end
        stretches.append(_Stretch(first=first, last=last, start=self._take(bits, last - first + 1)))
        return stretches

    def _take(self, bits: bool, count: int) -> int:
        start = self._size[bits]
        self._size[bits] += count
        return start

    def _encoders(self) -> tuple[list[_Encoder], list[_Encoder]]:
        bits: list[Slot] = []
        parts: list[Slot] = []
        words: list[Slot] = []
        numbers: dict[tuple[str, str, str], list[Slot]] = {}
        for (link, unit, table), places in self._places.items():
            for place in (place for place in places if place.follows):
                start = self._find(link, unit, table, place.address, place.size)
                scale = 1 if table in BIT_TABLES else REGISTER_BYTES
                spec = place.spec
                slot = Slot(index=place.index, place=start * scale, spec=spec, device=place.device)
                if table in BIT_TABLES:
                    bits.append(slot)
                elif spec.type == "string":
                    words.append(slot)
                elif spec.field is not None:
                    parts.append(slot)
                else:
                    numbers.setdefault((spec.type, spec.order, spec.byte), []).append(slot)
        bytes_: list[_Encoder] = [Numbers(slots, slots[0].spec) for slots in numbers.values()]
        if parts:
            bytes_.append(Parts(parts))
        if words:
            bytes_.append(Words(words))
        return bytes_, [Bits(bits)] if bits else []


def _gaps(site: Site) -> dict[tuple[str, int], int]:
    return {
        (device.link, unit_of(device)): site.profile_of(device.id).limits.max_gap for device in site.devices.values()
    }


def _check_function(place: Place, function: int, where: Where) -> None:
    needed = place.spec.write.function if place.spec.write is not None else function
    if needed != function:
        message = f"{place.point.id} is written with function {needed}, not {function}"
        raise DeviceRefused(message, code=ILLEGAL_FUNCTION, where=where)


def _check_together(place: Place, address: int, count: int, where: Where) -> None:
    """Registers that are only taken together must all be there."""
    together = place.together
    if together is not None and (address, count) != (together.address, together.group.count):
        message = f"{place.point.id} is written with all {together.group.count} registers of its group"
        raise DeviceRefused(message, code=ILLEGAL_VALUE, where=where)


def _is_left_alone(place: Place, address: int, values: Sequence[int]) -> bool:
    """Whether the register of a write group holds the code for "leave it", or lacks the bits that make it count."""
    if place.together is None:
        return False
    register = place.together.register(place.address)
    word = values[place.address - address]
    return word == register.value or word & register.set != register.set


def _understood(decoded: Sequence[tuple[Place, float | None]]) -> list[tuple[Place, float | None]]:
    """Without the places that share their register with another point that knows its code."""
    known = {place.address for place, value in decoded if value is not None and place.together is not None}
    return [(place, value) for place, value in decoded if value is not None or place.address not in known]


def _clamped(place: Place, value: float | None, where: Where) -> Written:
    write = place.spec.write
    if value is None or write is None or math.isnan(value):
        raise DeviceRefused(f"{place.point.id} does not take this value", code=ILLEGAL_VALUE, where=where)
    low = write.minimum if write.minimum is not None else -np.inf
    high = write.maximum if write.maximum is not None else np.inf
    step = write.step
    taken = value if step is None else round(value / step) * step
    return Written(point=place.point, index=place.own_index, value=float(min(max(taken, low), high)))
