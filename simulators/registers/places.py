"""Where everything stands that a site's Modbus devices have in their registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from facility.model import Device, Point, Site
from facility.profiles import ModbusPoint, Profile, Table
from facility.profiles.gathering import as_part_of
from facility.profiles.schema import BIT_TABLES, GroupRegister, Plate, RegisterValue, WriteGroup
from simulators.registers.derived import Scaled, Split, source_value, split_of
from simulators.registers.wire import bytes_on_wire, packed, words_on_wire

Key = tuple[str, int, Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTogether:
    """A write group on one unit: the address of its first register, and what each of them is."""

    group: WriteGroup
    address: int

    def register(self, address: int) -> GroupRegister:
        """What the register at an absolute address is."""
        return self.group.registers[address - self.address]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point at an address of one table, laid out as it is there. `index` is the column of values that it shows.
    `writes`: masters write it there. `follows`: it shows what is; else it keeps what was written last.
    """

    address: int
    point: Point
    spec: ModbusPoint
    device: Device
    index: int
    own_index: int
    writes: bool = False
    follows: bool = True
    together: WrittenTogether | None = None

    @property
    def size(self) -> int:
        """Registers (or bits) it takes."""
        return self.spec.registers


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """Registers (or bits) that no point stands for: what they hold at first, and whether a master may change it."""

    address: int
    holds: tuple[int, ...]
    writes: bool = False

    @property
    def size(self) -> int:
        """Registers (or bits) it takes."""
        return len(self.holds)


@dataclass(slots=True)
class Survey:
    """All places of a site. Columns beyond the site's points (`columns` in all) are reckoned by `derived` from theirs,
    in order, or hold a constant.
    """

    columns: int
    places: dict[Key, list[Place]] = field(default_factory=dict)
    fixtures: dict[Key, list[Fixture]] = field(default_factory=dict)
    derived: list[Scaled | Split] = field(default_factory=list)
    constants: dict[int, float] = field(default_factory=dict)

    def column(self) -> int:
        """A new column."""
        self.columns += 1
        return self.columns - 1


def survey(site: Site) -> Survey:
    """Finds every place of every Modbus device."""
    found = Survey(columns=len(site.points))
    index_of = {point: index for index, point in enumerate(site.points)}
    for item in site.equipment.values():
        points = [point for point in site.points_of(item.id) if isinstance(point.spec, ModbusPoint)]
        if points:
            _Unit(site, found, points, item.slot, index_of).take()
    for device in site.devices.values():
        for key, fixture in _fixtures(device, site.profile_of(device.id)):
            found.fixtures.setdefault(key, []).append(fixture)
    return found


class _Unit:
    """One equipment's registers in its device."""

    def __init__(
        self, site: Site, found: Survey, points: list[Point], slot: int | None, index_of: dict[str, int]
    ) -> None:  # fmt: skip
        self._found = found
        self._points = points
        self._slot = slot
        self._device = site.devices[points[0].device]
        self._profile = site.profile_of(self._device.id)
        self._specs = {spec.id: spec for spec in self._profile.modbus}
        self._own = {point.spec.id: index_of[point.id] for point in points}
        self._shown = dict(self._own)

    def take(self) -> None:
        for name in self._profile.internal:
            self._shown[name] = self._found.column()
        self._scale()
        self._split()
        for point in self._points:
            assert isinstance(point.spec, ModbusPoint)
            assert point.address is not None
            self._put(point.spec.table, self._place(point, point.spec, point.address))
            self._take_written(point, point.spec)
        for spec in self._internal_specs():
            address = spec.address + self._origin(spec.table, spec.stride)
            self._put(spec.table, self._place(self._points[0], spec, address))

    def _internal_specs(self) -> Iterator[ModbusPoint]:
        """The internal points, as what they are for."""
        owners = {spec.plus: spec for spec in self._specs.values() if spec.plus is not None}
        for name, spec in self._profile.internal.items():
            yield as_part_of(owners[name], spec) if name in owners else spec

    def _origin(self, table: Table, stride: int | None = None) -> int:
        return 0 if self._profile.slots is None else self._profile.slots.origin(table, self._slot, stride)

    def _place(self, point: Point, spec: ModbusPoint, address: int) -> Place:
        index = self._shown[spec.id]
        own_index = self._own.get(spec.id, index)
        writes = point.write_address == address and _write_table(spec) is spec.table and _is_written_as_read(spec)
        return Place(
            address=address, point=point, spec=spec, device=self._device, index=index, own_index=own_index,
            writes=writes and self._together(spec) is None,
        )  # fmt: skip

    def _take_written(self, point: Point, spec: ModbusPoint) -> None:
        """The register that is written, where it is not the one that is read."""
        if spec.write is None or point.write_address is None:
            return
        table, together = _write_table(spec), self._together(spec)
        same_place = (table, point.write_address) == (spec.table, point.address)
        if together is None and same_place and _is_written_as_read(spec):
            return
        follows = not same_place and spec.write.half is None
        follows &= together is None or not _keeps_what_was_written(together.group)
        self._put(
            table,
            Place(
                address=point.write_address, point=point, spec=_as_written(spec, table), device=self._device,
                index=self._shown[spec.id], own_index=self._own[spec.id], writes=True, follows=follows,
                together=together,
            ),
        )  # fmt: skip

    def _together(self, spec: ModbusPoint) -> WrittenTogether | None:
        group = None if spec.write is None else self._profile.write_groups.get(spec.write.group or "")
        if group is None:
            return None
        return WrittenTogether(group=group, address=group.address + self._origin(Table.HOLDING))

    def _put(self, table: Table, place: Place) -> None:
        self._found.places.setdefault((self._device.link, unit_of(self._device), table), []).append(place)

    def _scale(self) -> None:
        """Chooses what the internal registers that scale others hold, and reckons what those show."""
        users: dict[tuple[str, str], list[tuple[ModbusPoint, Device]]] = {}
        for spec in self._specs.values():
            for scale in spec.scale_from:
                users.setdefault((scale.point, scale.use), []).append((spec, self._device))
        for (name, use), scaled in users.items():
            if name not in self._own:
                self._found.constants[self._shown[name]] = source_value(use, self._specs[name], scaled)
        for name, index in self._own.items():
            spec = self._specs[name]
            if spec.scale_from:
                self._shown[name] = self._found.column()
                sources = tuple((self._shown[scale.point], scale.use) for scale in spec.scale_from)
                self._found.derived.append(
                    Scaled(index=index, shown=self._shown[name], spec=spec, device=self._device, sources=sources)
                )

    def _split(self) -> None:
        for name in self._own:
            spec = self._specs[name]
            if spec.plus is None:
                continue
            index, self._shown[name] = self._shown[name], self._found.column()
            own, added = (self._shown[name], spec), (self._shown[spec.plus], as_part_of(spec, self._specs[spec.plus]))
            self._found.derived.append(split_of(index, own, added, self._device))


def unit_of(device: Device) -> int:
    """The unit id that a device answers to."""
    return device.unit if device.unit is not None else 1


def _write_table(spec: ModbusPoint) -> Table:
    if spec.write is None or (spec.write.table is None and spec.write.group is None):
        return spec.table
    return Table.HOLDING if spec.write.table is None else Table(spec.write.table)


def _is_written_as_read(spec: ModbusPoint) -> bool:
    """Whether a register takes what it shows: some take other codes, and show what became of them."""
    return spec.write is not None and not spec.write.model_dump(
        include={"type", "order", "codes", "scale", "offset", "bit", "bits"}, exclude_none=True
    )


def _keeps_what_was_written(group: WriteGroup) -> bool:
    """Whether its registers are orders, which do not follow what becomes of them."""
    return any(register.value is not None or register.copied is not None for register in group.registers)


def _as_written(spec: ModbusPoint, table: Table) -> ModbusPoint:
    """The point as it stands in the registers that are written."""
    assert spec.write is not None
    if table in BIT_TABLES:
        return spec.model_copy(update={"table": table, "type": "bit", "bit": None, "bits": None})
    update = spec.write.model_dump(include={"type", "order", "codes", "scale", "offset"}, exclude_none=True)
    if not {"type", "bit", "bits"}.isdisjoint(spec.write.model_dump(exclude_none=True)):
        update |= {"bit": spec.write.bit, "bits": spec.write.bits}
    return spec.model_copy(update={**update, "table": table})


def _fixtures(device: Device, profile: Profile) -> Iterator[tuple[Key, Fixture]]:
    """What setup writes, the nameplate, and the marks that a model is known by."""
    where = device.link, unit_of(device)
    for setup in profile.setup:
        blank = tuple(0 if value else 1 for value in setup.values)
        yield (*where, setup.table), Fixture(address=setup.address, holds=blank, writes=True)
    for plate in profile.nameplate:
        yield (*where, plate.table), Fixture(address=plate.address, holds=_shown_on(plate, device))
    for mark in profile.identify.registers if profile.identify is not None else ():
        value: int | str = mark.equals[0] if mark.equals else (mark.low if mark.low is not None else mark.high or 0)
        words = _registers(mark, value)
        yield (*where, mark.table), Fixture(address=mark.address, holds=words)


def _shown_on(plate: Plate, device: Device) -> tuple[int, ...]:
    if plate.type == "string":
        return _registers(plate, device.id.upper())
    return _registers(plate, 1 if plate.type == "bit" else round(1 / float(plate.scale)))


def _registers(value: RegisterValue, holds: int | str) -> tuple[int, ...]:
    if value.type == "bit":
        return (int(bool(holds)),)
    if value.type == "string":
        data = bytes(words_on_wire(value, [str(holds)])[0])
    else:
        own = packed(value.type, np.array([float(holds)]))[0]
        data = bytes(0 if place < 0 else int(own[place]) for place in bytes_on_wire(value))
    return tuple(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
