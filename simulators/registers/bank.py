"""Register banks per line and unit over one shared image of bytes.

Addresses between two mapped ones read zero where the gap is no wider than the profile lets a master read across;
elsewhere the device refuses, as real ones do.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facility.errors import DeviceRefused, NoAnswer, Where
from facility.model import Device, Point, Site
from facility.profiles import ModbusPoint, Table
from simulators.registers.encoding import Bits, Numbers, Parts, Slot, decode, state_of

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3

BIT_TABLES: Final = (Table.COIL, Table.DISCRETE)
WRITE_TABLE: Final[Mapping[int, Table]] = {
    5: Table.COIL, 15: Table.COIL, 6: Table.HOLDING, 16: Table.HOLDING,
}  # fmt: skip
REGISTER_BYTES: Final = 2

Key = tuple[str, int, Table]


class _Encoder(Protocol):
    def encode(self, values: NDArray[np.float64], image: NDArray[np.uint8]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A point at an address of one table, with the place its registers begin in the image."""

    address: int
    point: Point
    spec: ModbusPoint
    device: Device
    index: int
    writes: bool


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
            (device.link, _unit(device))
            for device in site.devices.values()
            if any(isinstance(point.spec, ModbusPoint) for point in site.points_of_device(device.id))
        }
        self._places: dict[Key, list[_Place]] = {}
        self._stretches: dict[Key, list[_Stretch]] = {}
        self._size = {False: 0, True: 0}
        for key, place in _all_places(site):
            self._places.setdefault(key, []).append(place)
        gaps = _gaps(site)
        for key, places in self._places.items():
            places.sort(key=lambda place: place.address)
            self._stretches[key] = self._lay_out(places, key[2], gaps[key[:2]])
        self._bytes = np.zeros(self._size[False] * REGISTER_BYTES, dtype=np.uint8)
        self._bits = np.zeros(self._size[True], dtype=np.uint8)
        self._byte_encoders, self._bit_encoders = self._encoders()

    def units(self, link: str) -> tuple[int, ...]:
        """Unit ids that answer on a line."""
        return tuple(sorted(unit for line, unit in self._units if line == link))

    def refresh(self, values: NDArray[np.float64]) -> None:
        """Puts canonical values (one per point of the site, NaN for none) into the registers."""
        for encoder in self._byte_encoders:
            encoder.encode(values, self._bytes)
        for encoder in self._bit_encoders:
            encoder.encode(values, self._bits)

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
        if not touched:
            raise DeviceRefused(f"{table.value} {address} cannot be written", code=ILLEGAL_ADDRESS, where=where)
        for place in touched:
            needed = place.spec.write.function if place.spec.write is not None else function
            if needed != function:
                message = f"{place.point.id} is written with function {needed}, not {function}"
                raise DeviceRefused(message, code=ILLEGAL_FUNCTION, where=where)
        decoded = [self._decoded(place, table, start - address, address, values) for place in touched]
        return [_clamped(place, value, where) for place, value in zip(touched, decoded, strict=True)]

    def _decoded(self, place: _Place, table: Table, shift: int, address: int, values: Sequence[int]) -> float | None:
        if table is Table.COIL:
            return state_of(place.spec, 1 if values[place.address - address] else 0)
        first = (place.address + shift) * REGISTER_BYTES
        now = bytearray(self._bytes[first : first + place.spec.registers * REGISTER_BYTES].tobytes())
        for index, value in enumerate(values):
            offset = (address + index - place.address) * REGISTER_BYTES
            if 0 <= offset < len(now):
                now[offset : offset + REGISTER_BYTES] = int(value).to_bytes(REGISTER_BYTES, "big")
        return decode(place.spec, place.device, bytes(now))

    def _touched(self, link: str, unit: int, table: Table, address: int, count: int) -> list[_Place]:
        return [
            place for place in self._places[link, unit, table]
            if place.writes and place.address < address + count and address < place.address + place.spec.registers
        ]  # fmt: skip

    def _find(self, link: str, unit: int, table: Table, address: int, count: int) -> int:
        if (link, unit) not in self._units:
            raise NoAnswer("nobody answers with this unit id", where=Where(link=link, unit=unit))
        stretches = self._stretches.get((link, unit, table), [])
        at = bisect_right(stretches, address, key=lambda stretch: stretch.first) - 1
        if at < 0 or count < 1 or address + count - 1 > stretches[at].last:
            message = f"no {table.value} {address} to {address + count - 1} in this device"
            raise DeviceRefused(message, code=ILLEGAL_ADDRESS, where=Where(link=link, unit=unit))
        return stretches[at].start + address - stretches[at].first

    def _lay_out(self, places: Sequence[_Place], table: Table, gap: int) -> list[_Stretch]:
        stretches: list[_Stretch] = []
        bits = table in BIT_TABLES
        first = last = -1
        for place in places:
            end = place.address + place.spec.registers - 1
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
        numbers: dict[tuple[str, str], list[Slot]] = {}
        for (link, unit, table), places in self._places.items():
            for place in places:
                start = self._find(link, unit, table, place.address, place.spec.registers)
                scale = 1 if table in BIT_TABLES else REGISTER_BYTES
                slot = Slot(index=place.index, place=start * scale, spec=place.spec, device=place.device)
                if table in BIT_TABLES:
                    bits.append(slot)
                elif place.spec.bit is not None or place.spec.bits is not None:
                    parts.append(slot)
                else:
                    numbers.setdefault((place.spec.type, place.spec.order), []).append(slot)
        bytes_: list[_Encoder] = [Numbers(slots, *kind) for kind, slots in numbers.items()]
        if parts:
            bytes_.append(Parts(parts))
        return bytes_, [Bits(bits)] if bits else []


def _all_places(site: Site) -> Iterator[tuple[Key, _Place]]:
    for index, point in enumerate(site.points.values()):
        spec = point.spec
        if not isinstance(spec, ModbusPoint) or point.address is None:
            continue
        device = site.devices[point.device]
        read_at = (spec.table, point.address)
        write_at = _write_place(point, spec)
        for table, address in dict.fromkeys(at for at in (read_at, write_at) if at is not None):
            place = _Place(
                address=address, point=point, spec=spec, device=device, index=index, writes=(table, address) == write_at
            )
            yield (device.link, _unit(device), table), place


def _write_place(point: Point, spec: ModbusPoint) -> tuple[Table, int] | None:
    if spec.write is None or point.write_address is None:
        return None
    return Table(spec.write.table) if spec.write.table is not None else spec.table, point.write_address


def _unit(device: Device) -> int:
    return device.unit if device.unit is not None else 1


def _gaps(site: Site) -> dict[tuple[str, int], int]:
    return {(device.link, _unit(device)): site.profile_of(device.id).limits.max_gap for device in site.devices.values()}


def _clamped(place: _Place, value: float | None, where: Where) -> Written:
    write = place.spec.write
    if value is None or write is None or math.isnan(value):
        raise DeviceRefused(f"{place.point.id} does not take this value", code=ILLEGAL_VALUE, where=where)
    low = write.minimum if write.minimum is not None else -np.inf
    high = write.maximum if write.maximum is not None else np.inf
    step = write.step
    taken = value if step is None else round(value / step) * step
    return Written(point=place.point, index=place.index, value=float(min(max(taken, low), high)))
