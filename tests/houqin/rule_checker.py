"""An independent check of lived-through time: it reads only what units, sensors and meters themselves said.

It knows the clauses' numbers on its own and never looks at the controller's decisions or orders. Tolerances are those
of the cadence: what is wrong may be seen in the reading during which it is put right. Forecasts and approved filings
are taken as the journal has them; what people did at the wall may be named, so that it is not taken for the system's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Final

from facility.bus.messages import ForecastReceived
from facility.calendar import Calendar
from facility.filing_scope import equipment_in
from facility.filings import Filing
from facility.model import Site, ZoneClass
from facility.readings import Batch, from_us, to_us
from facility.store import Store

RULED: Final = (ZoneClass.OFFICE, ZoneClass.MEETING, ZoneClass.PUBLIC)
OPENS: Final = time(8, 0)
CLOSES: Final = time(17, 0)
COOL: Final = 0.0
"""Index of `cool` in the enumeration of modes."""
HEAT: Final = 1.0
FAN: Final = 3.0

LOOKED_AT: Final = (
    "indoor_unit",
    "climate_sensor",
    "window_contact",
    "door_contact",
    "occupancy_sensor",
    "weather_station",
)
"""Kinds of equipment whose readings a judgement rests on."""

MINUTE: Final = timedelta(minutes=1)
CONTACT_STALE: Final = timedelta(days=1)
STALE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One unit seen breaking one clause."""

    clause: str
    equipment: str
    at: datetime
    what: str


class Track:
    """One point's good readings in time order; times as aware datetimes."""

    def __init__(self, rows: Sequence[tuple[datetime, float]]) -> None:
        self.times = [at for at, _ in rows]
        self.values = [value for _, value in rows]
        self._sums = list(accumulate(self.values, initial=0.0))

    def at(self, when: datetime, stale: timedelta) -> float | None:
        """The last value at `when`, None when there is none or it is older than `stale`."""
        place = bisect_right(self.times, when) - 1
        return self.values[place] if place >= 0 and when - self.times[place] <= stale else None

    def mean(self, when: datetime, over: timedelta, stale: timedelta = STALE) -> float | None:
        """The mean of the readings in (when - over, when], else the last one that is not stale."""
        first, last = bisect_right(self.times, when - over), bisect_right(self.times, when)
        if first == last:
            return self.at(when, stale)
        return (self._sums[last] - self._sums[first]) / (last - first)

    def held(self, value: float, when: datetime, stale: timedelta) -> timedelta | None:
        """For how long it has said `value` without a break at `when`; None when it does not say so then."""
        place = bisect_right(self.times, when) - 1
        if place < 0 or self.values[place] != value or when - self.times[place] > stale:
            return None
        while place > 0 and self.values[place - 1] == value:
            place -= 1
        return when - self.times[place]


class Seen:
    """What was read, by point: times (local) and values, in order; failed reads left out."""

    def __init__(self, site: Site, batches: Iterable[Batch]) -> None:
        self.site = site
        self._rows: dict[str, list[tuple[datetime, float]]] = {}
        self._tracks: dict[str, Track] = {}
        for batch in batches:
            at = from_us(batch.time_us).astimezone(site.zone)
            for point, value in zip(batch.points, batch.values, strict=True):
                if value is not None:
                    self._rows.setdefault(point, []).append((at, value))

    @classmethod
    def of_store(cls, site: Site, store: Store, start: datetime, end: datetime) -> Seen:
        """What the store has of [start, end)."""
        seen = cls(site, ())
        for point in site.points:
            if site.equipment[site.points[point].equipment].kind not in LOOKED_AT:
                continue
            series = store.raw(point, to_us(start), to_us(end))
            good = series.good
            seen._rows[point] = [
                (from_us(int(at_us)).astimezone(site.zone), float(value))
                for at_us, value in zip(series.times_us[good], series.values[good], strict=True)
            ]
        return seen

    def rows(self, point: str) -> list[tuple[datetime, float]]:
        """Readings with a value, oldest first."""
        return self._rows.get(point, [])

    def track(self, point: str) -> Track:
        """The same, to be asked for moments."""
        found = self._tracks.get(point)
        if found is None:
            found = self._tracks[point] = Track(self.rows(point))
        return found

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

    def is_start(self, unit: str, began: datetime) -> bool:
        """Whether the unit was seen off before: what was on when the readings begin did not start then."""
        rows = self.rows(f"{unit}.on")
        return bool(rows) and rows[0][0] != began

    def mean(self, point: str, until: datetime, over: timedelta) -> float | None:
        """Mean of the readings in (until - over, until]."""
        track = self.track(point)
        first, last = bisect_right(track.times, until - over), bisect_right(track.times, until)
        return sum(track.values[first:last]) / (last - first) if last > first else None

    def sensors(self, unit: str, kind: str, name: str) -> list[Track]:
        """What the sensors of the unit's rooms said."""
        rooms = self.site.indoor_units[unit].serves
        ids = dict.fromkeys(sensor.id for room in rooms for sensor in self.site.sensors_of_space(room, kind))
        return [self.track(f"{sensor}.{name}") for sensor in ids if self.rows(f"{sensor}.{name}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is judged: readings, the calendar, forecasts and filings as the journal has them.

    Attributes:
        tolerance: for what must be put right at once: two minutes, and the reading in which it is seen.
        wall: what is done at the wall is put back after a minute; then the same.
        by_hand: (unit, when) of what people did at the wall; starts and changes within a reading of it are theirs.
    """

    seen: Seen
    calendar: Calendar
    forecasts: Sequence[ForecastReceived] = ()
    filings: Sequence[Filing] = ()
    cadence: timedelta = MINUTE
    by_hand: Mapping[str, Sequence[datetime]] = field(default_factory=dict)

    @property
    def tolerance(self) -> timedelta:
        return 2 * MINUTE + self.cadence

    @property
    def wall(self) -> timedelta:
        return self.tolerance + MINUTE + self.cadence

    def is_by_hand(self, unit: str, at: datetime) -> bool:
        """Whether somebody did something at the unit's wall controller within a reading before `at`."""
        acts = self.by_hand.get(unit, ())
        place = bisect_left(acts, at - self.cadence - MINUTE)
        return place < len(acts) and acts[place] <= at + timedelta(seconds=1)

    def edges(self, day: date) -> tuple[datetime, datetime]:
        """The supply hours of a local date."""
        zone = self.seen.site.zone
        opens, closes = (datetime.combine(day, edge, tzinfo=zone) for edge in (OPENS, CLOSES))
        return opens, closes

    def allows(self, unit: str, at: datetime, name: str) -> bool:
        """Whether an approved filing in force relaxes `name` (a field of `Relaxation`) for the unit."""
        return any(
            getattr(filing.relaxes, name) not in (False, None)
            for filing in self.filings
            if (held := filing.held_until(at.astimezone(UTC) + MINUTE)) is not None
            and held[0] <= at < filing.end
            and (filing.revoked_at is None or at < filing.revoked_at)
            and unit in equipment_in(self.seen.site, filing.scope)
        )


def ruled_units(site: Site, classes: Sequence[ZoneClass] = RULED) -> list[str]:
    """Indoor units of the classes that window, calendar and permits hold for."""
    return [
        unit.id for unit in site.indoor_units.values() if site.spaces[unit.serves[0]].zone_class in classes
    ]  # fmt: skip


def minutes(began: datetime, ended: datetime) -> Iterable[datetime]:
    """Each whole minute in [began, ended)."""
    at = began.replace(second=0, microsecond=0)
    at = at if at == began else at + MINUTE
    while at < ended:
        yield at
        at += MINUTE


def breaches(seen: Seen, calendar: Calendar, *, tolerance: timedelta) -> list[Breach]:
    """Calendar, window and cooling setpoint of every ruled unit: what was broken for longer than `tolerance`."""
    case = Case(seen=seen, calendar=calendar)
    found: list[Breach] = []
    for unit in ruled_units(seen.site):
        for began, ended in seen.running(unit):
            found += calendar_and_window(case, unit, began, ended, tolerance)
        found += setpoint(case, unit, tolerance)
    return found


def calendar_and_window(case: Case, unit: str, began: datetime, ended: datetime, tolerance: timedelta) -> list[Breach]:
    """On a day of rest (AC-04), before the hours or after them (AC-05), for longer than `tolerance`."""
    found = []
    day = began.date()
    while datetime.combine(day, time(0), tzinfo=began.tzinfo) < ended:
        midnight = datetime.combine(day, time(0), tzinfo=began.tzinfo)
        start, end = max(began, midnight), min(ended, midnight + timedelta(days=1))
        found += _on_one_day(case, unit, start, end, tolerance)
        day += timedelta(days=1)
    return found


def _on_one_day(case: Case, unit: str, began: datetime, ended: datetime, tolerance: timedelta) -> list[Breach]:
    opens, closes = case.edges(began.date())
    lasted = f"{began:%H:%M} to {ended:%H:%M}"
    found = []
    if not case.calendar.is_workday(began.date()):
        wrong = _unfiled(case, unit, began, ended, "holiday")
        if wrong > tolerance:
            found.append(Breach(clause="AC-04", equipment=unit, at=began, what=f"on, {lasted}, on a day of rest"))
    before = _unfiled(case, unit, began, min(ended, opens), "hours")
    after = _unfiled(case, unit, max(began, closes), ended, "hours")
    if before > tolerance or after > tolerance:
        found.append(Breach(clause="AC-05", equipment=unit, at=began, what=f"on, {lasted}"))
    return found


def _unfiled(case: Case, unit: str, began: datetime, ended: datetime, name: str) -> timedelta:
    """How much of [began, ended) no filing allows."""
    if ended <= began:
        return timedelta(0)
    if not case.filings:
        return ended - began
    return sum((MINUTE for at in minutes(began, ended) if not case.allows(unit, at, name)), timedelta(0))


def setpoint(case: Case, unit: str, tolerance: timedelta, *, low_c: float = 28.0, high_c: float = 24.0) -> list[Breach]:
    """Cooling set below, or heating above, what is allowed (AC-03) for longer than `tolerance`: once is enough."""
    seen = case.seen
    modes, on = dict(seen.rows(f"{unit}.mode")), dict(seen.rows(f"{unit}.on"))
    since: datetime | None = None
    for at, value in seen.rows(f"{unit}.setpoint"):
        mode = modes.get(at)
        cooler = value < low_c and mode not in (HEAT, FAN) and not case.allows(unit, at, "setpoint_min_cool_c")
        warmer = value > high_c and mode == HEAT and not case.allows(unit, at, "setpoint_max_heat_c")
        wrong = mode is not None and on.get(at) == 1.0 and (cooler or warmer)
        since = (since or at) if wrong else None
        if since is not None and at - since > tolerance:
            what = f"{'heating' if mode == HEAT else 'cooling'} at a setpoint of {value:g} C"
            return [Breach(clause="AC-03", equipment=unit, at=at, what=what)]
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
