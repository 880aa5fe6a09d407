"""When a condition counts: always, while the office works, outside of that, or between two local times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from controller.policy.schema import Hours
from controller.policy.timetable import office_hours
from facility.calendar import Calendar


class OfficeHours:
    """The office's working time.

    Args:
        calendar: workdays, half days, timetables.
        window: the rules' hours of supply, which working time is taken from (AC-05, AC-21).
        zone: the site's local time.
        grace: after closing this long still counts as working time: people leave and switch off.
    """

    def __init__(
        self, calendar: Calendar, window: Hours, zone: ZoneInfo, *, grace: timedelta = timedelta(minutes=30)
    ) -> None:
        self._calendar = calendar
        self._window = window
        self._zone = zone
        self._grace = grace

    def is_working(self, now: datetime) -> bool:
        """Whether the office works at `now` (aware)."""
        local = now.astimezone(self._zone)
        day = local.date()
        if not self._calendar.is_workday(day):
            return False
        sessions = office_hours(self._calendar, day, self._window)
        if not sessions:
            return False
        first = datetime.combine(day, sessions[0].start, tzinfo=self._zone)
        last = datetime.combine(day, sessions[-1].end, tzinfo=self._zone)
        return first <= local < last + self._grace

    def counts(self, hours: str, now: datetime) -> bool:
        """Whether a condition of `hours` counts at `now` (aware). A span may lie across midnight."""
        if hours == "always":
            return True
        if hours in {"working", "off_hours"}:
            return self.is_working(now) == (hours == "working")
        return within(hours, now.astimezone(self._zone).time())


Counts = Callable[[str, datetime], bool]


def within(span: str, local: time) -> bool:
    """Whether a local time lies in a half-open `22:00-07:00`; a span without length is the whole day."""
    start, end = (time.fromisoformat(part) for part in span.split("-"))
    if start == end:
        return True
    return start <= local < end if start < end else local >= start or local < end
