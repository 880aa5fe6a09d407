"""What one request writes to a unit: a single point, or registers that are only written together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from facility.model import Point, Site
from facility.profiles.schema import BIT_TABLES, GroupRegister, ModbusPoint, Profile, Table, WriteGroup
from gateway.encoding import as_written, encode, shares_its_registers, write_table

Ask = Callable[[Table, int, int], Awaitable[bytes]]
"""Reads registers: table, first address, count."""


class Assignment(NamedTuple):
    """A point and the value it is to have, in the canonical unit; `ratio` is its transformer ratio."""

    point: Point
    value: float
    ratio: float

    @property
    def spec(self) -> ModbusPoint:
        """Its profile's point."""
        spec = self.point.spec
        assert isinstance(spec, ModbusPoint)
        return spec


class WriteRequest(NamedTuple):
    """A Modbus write: function, first address and registers (or bits)."""

    function: int
    address: int
    values: list[int]


def group_of(profile: Profile, point: Point) -> WriteGroup | None:
    """The write group of a point, None for a point that is written alone."""
    spec = point.spec
    if not isinstance(spec, ModbusPoint) or spec.write is None or spec.write.group is None:
        return None
    return profile.write_groups[spec.write.group]


def clash(first: Point, second: Point) -> bool:
    """Whether two points of a write group cannot be written in one request, because they take the same bits."""
    return bool(_bits(first) & _bits(second))


def _bits(point: Point) -> set[tuple[int, int]]:
    """The bits of the registers that a point takes when it is written: (address, bit)."""
    assert isinstance(point.spec, ModbusPoint)
    assert point.write_address is not None
    layout = as_written(point.spec)
    low, high = layout.field or (0, 15)
    return {
        (point.write_address + place, bit) for place in range(layout.registers) for bit in range(low, high + 1)
    }  # fmt: skip


async def request_for(site: Site, items: Sequence[Assignment], ask: Ask) -> WriteRequest:
    """The request that writes points of one unit that belong into one request; a single one, or some of a write group.

    Raises:
        NotRepresentable: the device cannot hold a value. HouqinError: as `Transport.read`.
    """
    point = items[0].point
    profile, slot = site.profile_of(point.device), site.equipment[point.equipment].slot
    group = group_of(profile, point)
    if group is None:
        return await single_write(items[0], ask)

    def origin(table: Table) -> int:
        return 0 if profile.slots is None else profile.slots.origin(table, slot)

    return await group_write(group, origin, items, ask)


async def single_write(item: Assignment, ask: Ask) -> WriteRequest:
    """The request that writes one point. Registers it shares with others are read before.

    Raises:
        NotRepresentable: the device cannot hold the value. HouqinError: as `Transport.read`.
    """
    spec = item.spec
    assert spec.write is not None
    assert item.point.write_address is not None
    current = b""
    table = write_table(spec)
    if table not in BIT_TABLES and shares_its_registers(spec):
        current = await ask(table, item.point.write_address, as_written(spec).registers)
    registers = encode(spec, item.value, ratio=item.ratio, current=current)
    return WriteRequest(spec.write.function, item.point.write_address, registers)


async def group_write(
    group: WriteGroup, origins: Callable[[Table], int], items: Sequence[Assignment], ask: Ask
) -> WriteRequest:
    """The request that writes points of one group, and puts back what is not wanted to change.

    Args:
        group: whose registers are written.
        origins: the address to which relative addresses in a table count on this unit.
        items: what is wanted, none in the way of another.
        ask: reads what the registers are put back from.

    Raises:
        NotRepresentable: the device cannot hold a value. HouqinError: as `Transport.read`.
    """
    first = origins(Table.HOLDING) + group.address
    words = await _base(group, first, origins, ask)
    for item in items:
        assert item.point.write_address is not None
        at = item.point.write_address - first
        held = b"".join(word.to_bytes(2, "big") for word in words)
        size = as_written(item.spec).registers
        current = held[2 * at : 2 * (at + size)]
        words[at : at + size] = encode(item.spec, item.value, ratio=item.ratio, current=current)
    forced = [word | register.set for word, register in zip(words, group.registers, strict=True)]
    return WriteRequest(group.function, first, forced)


async def _base(group: WriteGroup, first: int, origins: Callable[[Table], int], ask: Ask) -> list[int]:
    """What the group's registers hold before anything is changed."""
    places = [_origin_of(register, first + index, origins) for index, register in enumerate(group.registers)]
    read: dict[tuple[Table, int], int] = {}
    for table in dict.fromkeys(place[0] for place in places if place is not None):
        addresses = [place[1] for place in places if place is not None and place[0] is table]
        begin, count = min(addresses), max(addresses) - min(addresses) + 1
        data = await ask(table, begin, count)
        read |= {
            (table, begin + index): int.from_bytes(data[2 * index : 2 * index + 2], "big") for index in range(count)
        }
    return [
        (register.value or 0) if place is None else read[place] & _mask(register)
        for register, place in zip(group.registers, places, strict=True)
    ]


def _origin_of(
    register: GroupRegister, address: int, origins: Callable[[Table], int]
) -> tuple[Table, int] | None:  # fmt: skip
    """The register that is read for it, None where it begins as a constant."""
    if register.value is not None:
        return None
    if register.copied is not None:
        return register.copied.table, origins(register.copied.table) + register.copied.address
    return Table.HOLDING, address


def _mask(register: GroupRegister) -> int:
    return 0xFFFF if register.copied is None else register.copied.mask
