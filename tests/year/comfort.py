"""How people had it: room temperatures while somebody was in, and the electricity that air-conditioning took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

import numpy as np

from facility.model import ZoneClass
from simulators.physics import PhysicalBuilding
from simulators.world import World

LOW_C: Final = 18.0
HIGH_C: Final = 30.0
"""The band that rooms are counted by: wider than what offices are designed for, as the rules ask for 28 C in summer and
allow no heating above 15 C outdoors."""

RULED: Final = (ZoneClass.OFFICE, ZoneClass.MEETING, ZoneClass.PUBLIC)


@dataclass(slots=True, kw_only=True)
class Comfort:
    """Sums over occupied rooms of the ruled classes that an indoor unit serves, in room-minutes; energy in kWh.

    Attributes:
        occupied: with somebody in; `inside` of it within the band, `hot` above, `cold` below.
        degree_hours: how far above the band, in kelvin times room-hours.
        outdoor_kwh: what the outdoor units took; `indoor_kwh` the indoor units' fans and stand-by.
    """

    occupied: float = 0.0
    inside: float = 0.0
    hot: float = 0.0
    cold: float = 0.0
    degree_hours: float = 0.0
    outdoor_kwh: float = 0.0
    indoor_kwh: float = 0.0

    def take(self, building: PhysicalBuilding, minutes: float) -> None:
        """Counts the state of now for the `minutes` that follow."""
        layout = building.layout
        served = layout.share_of_room.sum(axis=0) > 0
        ruled = np.array([space.zone_class in RULED for space in layout.spaces])
        rooms = served & ruled & (building.people.heads > 0)
        temperature_c = building.rooms.temperature_c[rooms]
        hot, cold = temperature_c > HIGH_C, temperature_c < LOW_C
        self.occupied += float(len(temperature_c)) * minutes
        self.hot += float(hot.sum()) * minutes
        self.cold += float(cold.sum()) * minutes
        self.inside += float((~hot & ~cold).sum()) * minutes
        self.degree_hours += float(np.maximum(temperature_c - HIGH_C, 0.0).sum()) * minutes / 60.0
        self.outdoor_kwh += float(building.plant.outdoor_kw.sum()) * minutes / 60.0
        self.indoor_kwh += float(building.plant.fan_kw.sum()) * minutes / 60.0

    def document(self) -> dict[str, float]:
        """As numbers by name."""
        return asdict(self)

    @classmethod
    def sum_of(cls, documents: Iterator[dict[str, Any]]) -> Comfort:
        """Several days together."""
        total = cls()
        for document in documents:
            for field in fields(cls):
                setattr(total, field.name, getattr(total, field.name) + float(document[field.name]))
        return total


class Watching:
    """Counts a world day by day: each state holds until the next look."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last: datetime | None = None
        self.days: dict[str, Comfort] = {}

    def look(self, before: datetime, now: datetime) -> None:
        """Counts what is, for [`before`, `now`); call it before the world is moved on to `now`."""
        local = before.astimezone(self._world.site.zone)
        day = self.days.setdefault(local.date().isoformat(), Comfort())
        day.take(self._world.building, (now - before).total_seconds() / 60.0)
