"""What people do with lamps and heaters: lamps of halls and corridors forgotten at night, heaters brought in the cold.

A day is drawn once from the seed and the date, so it is the same whatever was simulated before it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from facility.model import ZoneClass
from simulators.physics.layout import Floats, Layout, seed_of

FORGETS_LAMPS: Final = 0.25
BRINGS_HEATER: Final = 0.15
HEATER_KW: Final = (1.2, 1.5, 2.0)
COLD_OUTDOORS_C: Final = 12.0
MORNING_H: Final = 6.5
EVENING_H: Final = 20.5


class Habits:
    """Forgotten lamps per lighting circuit, and heaters per room.

    Args:
        layout: the rooms and circuits.
        seed: the building's.
        is_workday: the office's calendar.
    """

    def __init__(self, layout: Layout, seed: int, is_workday: Callable[[date], bool]) -> None:
        self._layout = layout
        self._seed = seed
        self._is_workday = is_workday
        self._offices = layout.rooms_of_class(ZoneClass.OFFICE)
        self._drawn: dict[date, tuple[Floats, Floats]] = {}

    def forgotten(self, local: datetime) -> Floats:
        """1 for each switch whose lamps nobody put out last evening, 0 by day and for all others."""
        hour = local.hour + local.minute / 60.0
        if MORNING_H <= hour < EVENING_H:
            return np.zeros(len(self._layout.switches))
        evening = local.date() if hour >= EVENING_H else local.date() - timedelta(days=1)
        return self._of(evening)[0]

    def heaters_kw(self, local: datetime, heads: Floats, outdoor_c: float) -> Floats:
        """Power of the heaters in each room: brought on cold workdays, on while somebody is in."""
        if outdoor_c >= COLD_OUTDOORS_C or not self._is_workday(local.date()):
            return np.zeros(len(heads))
        return np.where(heads > 0, self._of(local.date())[1], 0.0)

    def _of(self, day: date) -> tuple[Floats, Floats]:
        if day not in self._drawn:
            rng = np.random.default_rng([seed_of(self._seed, "habits"), day.toordinal()])
            forgotten = (rng.random(len(self._layout.switches)) < FORGETS_LAMPS).astype(np.float64)
            heaters = np.zeros(len(self._layout.spaces))
            brought = rng.random(len(self._offices)) < BRINGS_HEATER
            heaters[self._offices] = np.where(brought, rng.choice(HEATER_KW, len(self._offices)), 0.0)
            self._drawn = {day: (forgotten, heaters), **dict(list(self._drawn.items())[:1])}
        return self._drawn[day]
