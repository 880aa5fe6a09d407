"""When rooms may be supplied, reckoned anew: days, sessions, closures, filings; and whose permit the forecast gives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from facility.almanac import Almanac, Closure, HalfDay
from facility.bus import ForecastReceived
from facility.filings import Filing, FilingState, Scope
from tests.controller.audit.estate import ROOMS, UNITS
from tests.controller.building import ZONE

OFFICE_CLASSES = ("office", "meeting", "public")
SHIFTED = {date(2026, 9, 20): True, date(2026, 10, 10): True, **{date(2026, 10, n): False for n in range(1, 8)}}
"""Days of 2026 near the National Day that are not what their weekday says (国办发明电〔2025〕7号)."""
AGE = timedelta(hours=12)


def class_of(unit: str) -> str:
    """The zone class that a unit goes by: that of its first room."""
    return ROOMS[UNITS[unit][0]][0]


def _named(room: str, scope: Scope) -> bool:
    office = ROOMS[room][1] if ROOMS[room][0] == "office" else None
    return room in scope.spaces or "f4" in scope.floors or "main" in scope.buildings or office in scope.offices


def concerns(scope: Scope, unit: str) -> bool:
    """Whether a filing's place has anything of a unit's rooms in it."""
    return scope.is_everything or unit in scope.equipment or any(_named(room, scope) for room in UNITS[unit])


def lies_within(scope: Scope, unit: str) -> bool:
    """Whether all of a unit's rooms are in a closure's place."""
    return scope.is_everything or unit in scope.equipment or all(_named(room, scope) for room in UNITS[unit])


def local(now: datetime) -> datetime:
    """On the wall's clock."""
    return now.astimezone(ZONE)


def _own(almanac: Almanac, unit: str, day: date) -> tuple[Closure | None, HalfDay | None]:
    closures = [one for one in almanac.closures if one.first <= day <= one.last and lies_within(one.scope, unit)]
    halves = [one for one in almanac.half_days if one.day == day and lies_within(one.scope, unit)]
    return (closures[-1] if closures else None), (halves[-1] if halves else None)


def works(almanac: Almanac, unit: str, day: date) -> bool:
    """Whether a unit's rooms work on a day."""
    base = SHIFTED.get(day, day.weekday() < 5) or any(one.day == day for one in almanac.workdays)
    return base and _own(almanac, unit, day)[0] is None


def sessions(almanac: Almanac, unit: str, day: date) -> list[tuple[time, time]]:
    """The hours of a unit's rooms on a day, whether it works or not."""
    spans = [(time(8), time(17))]
    tables = [one for one in almanac.timetables if one.first <= day.isoformat()[-len(one.first) :] <= one.last]
    if tables:
        own = [(one.start, one.end) for one in tables[-1].sessions]
        spans = own if tables[-1].notice is not None else _within(own, time(8), time(17))
    half = _own(almanac, unit, day)[1]
    if half is not None and works(almanac, unit, day):
        spans = _within(spans, half.opens or time.min, half.closes or time.max)
    return spans


def _within(spans: Iterable[tuple[time, time]], start: time, end: time) -> list[tuple[time, time]]:
    cut = [(max(one, start), min(other, end)) for one, other in spans]
    return [(one, other) for one, other in cut if one < other]


def in_force(filings: Iterable[Filing], unit: str, now: datetime) -> list[Filing]:
    """The filings that hold for a unit at a moment."""
    return [
        one for one in filings
        if one.state is FilingState.APPROVED and one.start - one.lead <= now < one.end and concerns(one.scope, unit)
    ]  # fmt: skip


def is_open(almanac: Almanac, filings: Iterable[Filing], unit: str, now: datetime) -> bool:
    """Whether hours, days and notices let a unit run at a moment."""
    held = in_force(filings, unit, now)
    if any(one.stops for one in held):
        return False
    if class_of(unit) not in OFFICE_CLASSES:
        return True
    day, clock = local(now).date(), local(now).time()
    in_hours = any(start <= clock < end for start, end in sessions(almanac, unit, day))
    return (works(almanac, unit, day) or any(one.relaxes.holiday for one in held)) and (
        in_hours or any(one.relaxes.hours for one in held)
    )


def permits(forecasts: Iterable[ForecastReceived], now: datetime, from_hour: int) -> tuple[list[float], list[float]]:
    """The maxima of today by which a permit could have been taken at `from_hour` or granted since: the newest issue
    known then, and all that came later. Those of hours in which more could be relaxed come second.
    """
    day = local(now).date()
    taken = datetime.combine(day, time(from_hour), tzinfo=ZONE)
    if now < taken:
        return [], []
    usable = [one for one in forecasts if day in one.daily_max_c and one.fetched <= now and _counts(one, taken)]
    early = [one for one in usable if one.fetched <= taken]
    newest = max(early, key=lambda one: (one.issued, one.fetched), default=None)
    basis = ([] if newest is None else [newest]) + [one for one in usable if one.fetched > taken]
    return [one.daily_max_c[day] for one in basis], [one.daily_max_c[day] for one in usable]


def _counts(one: ForecastReceived, taken: datetime) -> bool:
    used = max(one.fetched, taken)
    return used < one.valid_until if one.valid_until is not None else used - one.issued <= AGE
