"""When supply is permitted by the calendar and the clock alone, and what filings permitted beyond that.

Spans are [start, end) in microseconds since 1970 UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from facility.calendar import Calendar
from facility.filings import Relaxation
from facility.local_days import days_between, midnight_us
from facility.model import Site
from facility.readings import to_us

DEFAULT_WINDOW: Final = "08:00-17:00"
"""AC-05."""

_WINDOW: Final = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*\Z")

Span = tuple[int, int]


def window_of(site: Site) -> tuple[time, time] | None:
    """The daily window by the site's rules (AC-05), local; None where it cannot be read as HH:MM-HH:MM."""
    match = _WINDOW.match(str(site.file.policy.parameters.get("window", DEFAULT_WINDOW)))
    if match is None:
        return None
    try:
        return time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        return None


def window_on(site: Site, calendar: Calendar, day: date) -> list[Span]:
    """The hours of supply on `day`, were it a workday: the rules' window as timetable and half day change it."""
    window = window_of(site)
    if window is None:
        return []
    opens, closes = window
    sessions = [(opens, closes)]
    timetable = calendar.timetable(day)
    if timetable is not None:
        sessions = [(session.start, session.end) for session in timetable.sessions]
        if timetable.notice is None:
            sessions = [(max(start, opens), min(end, closes)) for start, end in sessions]
    half = calendar.day(day).half
    if half is not None:
        first, last = half.opens or time.min, half.closes or time.max
        sessions = [(max(start, first), min(end, last)) for start, end in sessions]
    return [(_us(site, day, start), _us(site, day, end)) for start, end in sessions if start < end]


def permitted_beyond(site: Site, calendar: Calendar, relaxes: Relaxation, span: Span) -> list[Span]:
    """What of `span` a filing opens that the window and the days of rest would have closed.

    Outside the window on workdays where it relaxes hours; on days of rest where it relaxes those: the whole day with
    both, the window's hours without.
    """
    found: list[Span] = []
    for day in days_between(*span, site.zone):
        whole = (midnight_us(day, site.zone), midnight_us(day + timedelta(days=1), site.zone))
        window = window_on(site, calendar, day)
        if calendar.is_workday(day):
            opened = _without([whole], window) if relaxes.hours else []
        else:
            opened = ([whole] if relaxes.hours else window) if relaxes.holiday else []
        found.extend((max(start, span[0]), min(end, span[1])) for start, end in opened)
    return _joined((start, end) for start, end in found if start < end)


def _without(spans: Iterable[Span], holes: Sequence[Span]) -> Iterator[Span]:
    """What is left of the spans; the holes are in order."""
    for start, end in spans:
        left = start
        for hole_start, hole_end in holes:
            if left < hole_start:
                yield left, hole_start
            left = max(left, hole_end)
        if left < end:
            yield left, end


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Neighbours that touch as one."""
    found: list[Span] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _us(site: Site, day: date, local: time) -> int:
    return to_us(datetime.combine(day, local, site.zone))
