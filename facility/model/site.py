"""A site with its references resolved and its points laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from facility.model.entries import (
    Building,
    Device,
    Equipment,
    Floor,
    IndoorUnit,
    Kettle,
    Link,
    Meter,
    MqttLink,
    Office,
    OutdoorUnit,
    Sensor,
    SiteFile,
    Space,
    Switch,
    VirtualMeter,
)
from facility.profiles.gathering import address_of
from facility.profiles.schema import AnyPoint, ModbusPoint, Profile, Table
from facility.quantities import CANONICAL, Quantity
from facility.text import Text

BIT_TABLES = (Table.COIL, Table.DISCRETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value of one equipment.

    `id` is `<equipment>.<point>`. `spec` is the profile's point; `address` and `write_address` are absolute protocol
    addresses in their tables, None on other wires or where the point cannot be written. `low` and `high` bound what is
    believed, in the canonical unit.
    """

    id: str
    equipment: str
    device: str
    spec: AnyPoint
    address: int | None
    write_address: int | None
    low: float | None
    high: float | None

    @property
    def quantity(self) -> Quantity:
        return self.spec.quantity

    @property
    def unit(self) -> str:
        """Canonical unit, UCUM."""
        return CANONICAL[self.spec.quantity].unit

    @property
    def text(self) -> Text:
        """Its name."""
        return self.spec.name.text

    @property
    def writable(self) -> bool:
        return isinstance(self.spec, ModbusPoint) and self.spec.write is not None


@dataclass(frozen=True, kw_only=True)
class Site:
    """The whole site; every mapping is keyed by id and keeps the file's order."""

    file: SiteFile
    buildings: Mapping[str, Building]
    floors: Mapping[str, Floor]
    offices: Mapping[str, Office]
    spaces: Mapping[str, Space]
    links: Mapping[str, Link]
    devices: Mapping[str, Device]
    profiles: Mapping[str, Profile]
    equipment: Mapping[str, Equipment]
    points: Mapping[str, Point]
    _of_device: Mapping[str, tuple[Point, ...]] = field(repr=False)
    _of_equipment: Mapping[str, tuple[Point, ...]] = field(repr=False)

    @property
    def id(self) -> str:
        return self.file.site.id

    @cached_property
    def zone(self) -> ZoneInfo:
        """The local time zone."""
        return ZoneInfo(self.file.site.timezone)

    def points_of_device(self, device: str) -> tuple[Point, ...]:
        """All points read from `device`, in profile order."""
        return self._of_device.get(device, ())

    def points_of(self, equipment: str) -> tuple[Point, ...]:
        """All points of `equipment`."""
        return self._of_equipment.get(equipment, ())

    def point_of(self, equipment: str, name: str) -> Point | None:
        """The point `<equipment>.<name>`, None when it has none of that name."""
        return self.points.get(f"{equipment}.{name}")

    def profile_of(self, device: str) -> Profile:
        """The profile of `device`."""
        return self.profiles[self.devices[device].profile]

    def of_kind(self, *kinds: str) -> Iterator[Equipment]:
        """All equipment whose kind is one of `kinds`."""
        return (item for item in self.equipment.values() if item.kind in kinds)

    @cached_property
    def indoor_units(self) -> Mapping[str, IndoorUnit]:
        """All indoor units."""
        return {item.id: item for item in self.equipment.values() if isinstance(item, IndoorUnit)}

    @cached_property
    def meters(self) -> Mapping[str, Meter]:
        """All meters."""
        return {item.id: item for item in self.equipment.values() if isinstance(item, Meter)}

    @cached_property
    def virtual_meters(self) -> Mapping[str, VirtualMeter]:
        """All meters that are reckoned from others."""
        return {item.id: item for item in self.equipment.values() if isinstance(item, VirtualMeter)}

    @cached_property
    def all_meters(self) -> Mapping[str, Meter | VirtualMeter]:
        """Meters and virtual meters, in the file's order."""
        return {item.id: item for item in self.equipment.values() if isinstance(item, Meter | VirtualMeter)}

    @cached_property
    def outdoor_units(self) -> Mapping[str, OutdoorUnit]:
        """All outdoor units."""
        return {item.id: item for item in self.equipment.values() if isinstance(item, OutdoorUnit)}

    @cached_property
    def kettles(self) -> Mapping[str, Kettle]:
        """All kettles."""
        return {item.id: item for item in self.equipment.values() if isinstance(item, Kettle)}

    @cached_property
    def switches(self) -> Mapping[str, Switch]:
        """All equipment that is only on or off, lighting, lifts and parts of plants among it; not the kettles."""
        return {item.id: item for item in self.equipment.values() if isinstance(item, Switch)}

    @cached_property
    def plants(self) -> Mapping[str, OutdoorUnit]:
        """The plants of chilled water."""
        return {key: item for key, item in self.outdoor_units.items() if item.order is not None}

    @cached_property
    def plant_parts(self) -> Mapping[str, str]:
        """Part of a plant of chilled water -> the plant."""
        return {part: key for key, item in self.plants.items() if item.order is not None for part in item.order.parts}

    def is_operable(self, equipment: str) -> bool:
        """Whether a person may ask something of it: units, kettles and switches, but for the parts of a plant, which go
        by the plant's order.
        """
        item = self.equipment.get(equipment)
        return isinstance(item, IndoorUnit | Kettle | Switch) and equipment not in self.plant_parts

    def sensors_of_space(self, space: str, kind: str) -> tuple[Sensor, ...]:
        """Sensors of `kind` that serve `space`."""
        return self._sensors_by_space.get((space, kind), ())

    @cached_property
    def _sensors_by_space(self) -> Mapping[tuple[str, str], tuple[Sensor, ...]]:
        found: dict[tuple[str, str], tuple[Sensor, ...]] = {}
        for item in self.equipment.values():
            if isinstance(item, Sensor):
                for space in item.serves:
                    found[space, item.kind] = (*found.get((space, item.kind), ()), item)
        return found

    def office_of(self, equipment: str) -> str | None:
        """The office that uses, or answers for, the first room the equipment serves (or that its meter feeds)."""
        item = self.equipment[equipment]
        if isinstance(item, Meter | VirtualMeter):
            target = item.feeds.target
            if target is None:
                return None
            if target[0] == "office":
                return target[1]
            return self._office_of_space(target[1]) if target[0] == "space" else None
        serves = getattr(item, "serves", ())
        return self._office_of_space(serves[0]) if serves else None

    def _office_of_space(self, space: str) -> str | None:
        entry = self.spaces[space]
        return entry.office or entry.responsible_office


def build_site(file: SiteFile, profiles: Mapping[str, Profile]) -> Site:
    """Resolves a checked site file. Call `facility.model.check` first: dangling references raise KeyError here."""
    devices = {device.id: _found_by_pattern(file, device) for device in file.devices}
    used = {device.profile: profiles[device.profile] for device in file.devices}
    points: dict[str, Point] = {}
    of_device: dict[str, list[Point]] = {}
    of_equipment: dict[str, list[Point]] = {}
    for item in file.equipment:
        if item.device is None:
            continue
        for point in points_of_equipment(item, devices[item.device], used[devices[item.device].profile]):
            points[point.id] = point
            of_device.setdefault(point.device, []).append(point)
            of_equipment.setdefault(item.id, []).append(point)
    return Site(
        file=file,
        buildings={building.id: building for building in file.buildings},
        floors={floor.id: floor for building in file.buildings for floor in building.floors},
        offices={office.id: office for office in file.offices},
        spaces={space.id: space for space in file.spaces},
        links=dict(file.links),
        devices=devices,
        profiles=used,
        equipment={item.id: item for item in file.equipment},
        points=points,
        _of_device={key: tuple(value) for key, value in of_device.items()},
        _of_equipment={key: tuple(value) for key, value in of_equipment.items()},
    )


def _found_by_pattern(file: SiteFile, device: Device) -> Device:
    """The device with the topic that a pattern of its broker gives it, where it has none of its own."""
    link = file.links.get(device.link)
    if device.topic is not None or not isinstance(link, MqttLink):
        return device
    return device.model_copy(update={"topic": link.topic_for(device.id, device.profile)})


def points_of_equipment(item: Equipment, device: Device, profile: Profile) -> Iterator[Point]:
    """The points that `profile` gives to `item`, with absolute addresses."""
    for own in profile.points:
        spec = _inverted(own) if isinstance(item, Switch) and item.inverted and own.id == "on" else own
        canonical = CANONICAL[spec.quantity]
        address = write_address = None
        if isinstance(spec, ModbusPoint):
            address = address_of(profile, item.slot, spec)
            write_address = _write_address(profile, item.slot, spec)
        yield Point(
            id=f"{item.id}.{spec.id}",
            equipment=item.id,
            device=device.id,
            spec=spec,
            address=address,
            write_address=write_address,
            low=spec.low if spec.low is not None else canonical.low,
            high=spec.high if spec.high is not None else canonical.high,
        )


def _inverted(spec: AnyPoint) -> AnyPoint:
    """The point of a device that is energised while its equipment is off."""
    changes: dict[str, object] = {"codes": _swapped(spec.codes or {0: "off", 1: "on"})}
    if isinstance(spec, ModbusPoint) and spec.write is not None and spec.write.codes is not None:
        changes["write"] = spec.write.model_copy(update={"codes": _swapped(spec.write.codes)})
    return spec.model_copy(update=changes)


def _swapped(codes: Mapping[int | str, str]) -> dict[int | str, str]:
    return {code: {"off": "on", "on": "off"}[name] for code, name in codes.items()}


def _write_address(profile: Profile, slot: int | None, spec: ModbusPoint) -> int | None:
    if spec.write is None:
        return None
    default = Table.HOLDING if spec.write.group is not None else spec.table
    table = Table(spec.write.table) if spec.write.table is not None else default
    relative = spec.write.address if spec.write.address is not None else spec.address
    return (0 if profile.slots is None else profile.slots.origin(table, slot)) + relative
