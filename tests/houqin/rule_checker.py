"""An independent check of a lived-through day: it reads only what the units and sensors themselves said.

It knows the clauses' numbers on its own and never looks at the controller's decisions. Tolerances are those of the
cadence: what is wrong may be seen in the reading during which it is put right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from facility.calendar import Calendar
from facility.model import Site, ZoneClass
from facility.readings import Batch, from_us

RULED: Final = (ZoneClass.OFFICE, ZoneClass.MEETING, ZoneClass.PUBLIC)
OPENS: Final = time(8, 0)
CLOSES: Final = time(17, 0)
COOL: Final = 0.0
"""Index of `cool` in the enumeration of modes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One unit seen breaking one clause."""

    clause: str
    equipment: str
    at: datetime
    what: str


class Seen:
    """What was read, by point: times (local) and values, in order; failed reads left out."""

    def __init__(self, site: Site, batches: Sequence[Batch]) -> None:
        self.site = site
        self._rows: dict[str, list[tuple[datetime, float]]] = {}
        for batch in batches:
            at = from_us(batch.time_us).astimezone(site.zone)
            for point, value in zip(batch.points, batch.values, strict=True):
                if value is not None:
                    self._rows.setdefault(point, []).append((at, value))

    def rows(self, point: str) -> list[tuple[datetime, float]]:
        """Readings with a value, oldest first."""
        return self._rows.get(point, [])

    def running(self, unit: str) -> list[tuple[datetime, datetime]]:
        """Spans in which the unit said that it was on: from the first such reading to the first that says off."""
        spans: list[tuple[datetime, datetime]] = []
        began: datetime | None = None
        last = None
        for at, value in self.rows(f"{unit}.on"):
            if value and began is None:
                began = at
            if not value and began is not None:
                spans.append((began, at))
                began = None
            last = at
        if began is not None and last is not None:
            spans.append((began, last))
        return spans

    def mean(self, point: str, until: datetime, over: timedelta) -> float | None:
        """Mean of the readings in (until - over, until]."""
        values = [value for at, value in self.rows(point) if until - over < at <= until]
        return sum(values) / len(values) if values else None


def ruled_units(site: Site) -> list[str]:
    """Indoor units of the classes that window, calendar and permits hold for."""
    return [
        unit.id for unit in site.indoor_units.values() if site.spaces[unit.serves[0]].zone_class in RULED
    ]  # fmt: skip


def breaches(seen: Seen, calendar: Calendar, *, tolerance: timedelta) -> list[Breach]:
    """Every enforced clause that a unit was seen breaking for longer than `tolerance`."""
    found: list[Breach] = []
    for unit in ruled_units(seen.site):
        for began, ended in seen.running(unit):
            found += _calendar_and_window(unit, began, ended, calendar, tolerance)
        found += _setpoint(seen, unit, tolerance)
    return found


def _calendar_and_window(
    unit: str, began: datetime, ended: datetime, calendar: Calendar, tolerance: timedelta
) -> list[Breach]:
    found = []
    opens, closes = (datetime.combine(began.date(), edge, tzinfo=began.tzinfo) for edge in (OPENS, CLOSES))
    lasted = f"{began:%H:%M} to {ended:%H:%M}"
    if not calendar.is_workday(began.date()) and ended - began > tolerance:
        found.append(Breach(clause="AC-04", equipment=unit, at=began, what=f"on, {lasted}, on a day of rest"))
    before = min(ended, opens) - began
    after = ended - max(began, closes)
    if before > tolerance or after > tolerance:
        found.append(Breach(clause="AC-05", equipment=unit, at=began, what=f"on, {lasted}"))
    return found


def _setpoint(seen: Seen, unit: str, tolerance: timedelta) -> list[Breach]:
    modes = dict(seen.rows(f"{unit}.mode"))
    on = dict(seen.rows(f"{unit}.on"))
    low_since: datetime | None = None
    for at, value in seen.rows(f"{unit}.setpoint"):
        low = value < 28.0 and modes.get(at) == COOL and on.get(at) == 1.0
        low_since = (low_since or at) if low else None
        if low_since is not None and at - low_since > tolerance:
            return [Breach(clause="AC-03", equipment=unit, at=at, what=f"cooling at a setpoint of {value:g} C")]
    return []


def starts(seen: Seen, units: Sequence[str]) -> list[tuple[datetime, str]]:
    """Every time a unit was seen to go from off to on."""
    return sorted((began, unit) for unit in units for began, _ in seen.running(unit))


def by_hour(rows: Sequence[tuple[datetime, str]]) -> Mapping[int, int]:
    """How many in each local hour."""
    counts: dict[int, int] = {}
    for at, _ in rows:
        counts[at.hour] = counts.get(at.hour, 0) + 1
    return counts
