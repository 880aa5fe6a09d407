"""The site as the physics needs it: rooms, units, circuits as rows of arrays, with the references as indices."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facility.model import IndoorUnit, Kettle, Meter, OutdoorUnit, Sensor, Site, Space, Switch, ZoneClass

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DEFAULT_AREA_M2: Final = 30.0
M2_PER_HEAD: Final = 8.0
WINDOWLESS: Final = (ZoneClass.ARCHIVE, ZoneClass.SERVER_ROOM)


def seed_of(seed: int, *words: str) -> int:
    """A seed that depends on the building's seed and on what it is for."""
    return zlib.crc32("/".join((str(seed), *words)).encode())


class Layout:
    """Rows of rooms, indoor units, outdoor units, kettles and switches, in the order of the site file."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.spaces: tuple[Space, ...] = tuple(site.spaces.values())
        self.units: tuple[IndoorUnit, ...] = tuple(site.indoor_units.values())
        self.outdoor_units = tuple(item for item in site.equipment.values() if isinstance(item, OutdoorUnit))
        self.kettles: tuple[Kettle, ...] = tuple(site.kettles.values())
        self.switches: tuple[Switch, ...] = tuple(site.switches.values())
        self.meters: tuple[Meter, ...] = tuple(site.meters.values())
        self.sensors = tuple(item for item in site.equipment.values() if isinstance(item, Sensor))
        self.room_of = {space.id: row for row, space in enumerate(self.spaces)}
        self.unit_of = {unit.id: row for row, unit in enumerate(self.units)}
        self.area_m2: Floats = np.array([space.area_m2 or DEFAULT_AREA_M2 for space in self.spaces])
        floors = {floor: row for row, floor in enumerate(site.floors)}
        self.floor_of_room: Ints = np.array([floors[space.floor] for space in self.spaces], dtype=np.int64)
        self.floor_count = max(1, len(floors))
        self.has_window = np.array([space.zone_class not in WINDOWLESS for space in self.spaces], dtype=bool)
        self.capacity_kw: Floats = np.array([unit.capacity_kw for unit in self.units])
        outdoor = {item.id: row for row, item in enumerate(self.outdoor_units)}
        self.outdoor_of_unit: Ints = np.array([outdoor.get(unit.outdoor_unit, -1) for unit in self.units], dtype=int)
        self.share_of_room = self._share_of_room()

    def _share_of_room(self) -> Floats:
        """Row per unit, column per room: how much of a unit's air goes to (and comes from) each room it serves."""
        share = np.zeros((len(self.units), len(self.spaces)))
        for row, unit in enumerate(self.units):
            rooms = [self.room_of[space] for space in unit.serves]
            share[row, rooms] = self.area_m2[rooms] / self.area_m2[rooms].sum()
        return share

    def rooms_of_class(self, *classes: ZoneClass) -> list[int]:
        """Rows of the rooms of some classes."""
        return [row for row, space in enumerate(self.spaces) if space.zone_class in classes]

    def class_of_unit(self, row: int) -> ZoneClass:
        """The class of the first room a unit serves."""
        return self.spaces[self.room_of[self.units[row].serves[0]]].zone_class

    def heads_of_room(self) -> list[int]:
        """People who have their desk in each room: an office's headcount over its rooms, by area."""
        heads = [0] * len(self.spaces)
        desks = self.rooms_of_class(ZoneClass.OFFICE)
        for office in {self.spaces[row].office for row in desks}:
            rows = [row for row in desks if self.spaces[row].office == office]
            area = sum(float(self.area_m2[row]) for row in rows)
            entry = self.site.offices.get(office) if office is not None else None
            total = entry.headcount if entry is not None and entry.headcount is not None else round(area / M2_PER_HEAD)
            for row, count in zip(rows, _portions(total, [float(self.area_m2[row]) for row in rows]), strict=True):
                heads[row] = count
        return heads


def _portions(total: int, weights: Sequence[float]) -> list[int]:
    """Whole portions of `total` by weight that add up to it (largest remainder)."""
    exact = [total * weight / sum(weights) for weight in weights]
    whole = [int(value) for value in exact]
    by_rest = sorted(range(len(exact)), key=lambda row: whole[row] - exact[row])
    for row in by_rest[: total - sum(whole)]:
        whole[row] += 1
    return whole
