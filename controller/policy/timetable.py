"""A local date as the rules see it: workday or not, when supply opens and closes, when the sun is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from math import acos, asin, cos, degrees, pi, radians, sin, tan
from typing import Final
from zoneinfo import ZoneInfo

from controller.policy.schema import Hours
from facility.almanac import THE_SITE, HalfDay, Premises, Timetable
from facility.calendar import Calendar, Day

LOOK_AHEAD_DAYS: Final = 30
"""The longest statutory rest is 8 or 9 days; beyond this no next opening is named."""

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """One local date for one supply window; all times aware UTC.

    `windows` are the sessions in order, whether or not the day is a workday: one, several where the timetable has a
    noon gap, none where a half day leaves nothing. `opens` and `closes` bound the session that matters, see `at`;
    `next_opens` is the opening on the next workday, `next_day`, None when none is near. `edges` are today's and
    tomorrow's window edges in order. `timetable` names the hours where they are not the rules' own.
    """

    date: date
    day: Day
    midnight: datetime
    next_midnight: datetime
    permit_at: datetime
    opens: datetime
    closes: datetime
    next_opens: datetime | None
    edges: tuple[datetime, ...]
    sunrise: datetime
    sunset: datetime
    windows: tuple[Window, ...] = ()
    next_day: Day | None = None
    timetable: Timetable | None = None

    @property
    def is_workday(self) -> bool:
        return self.day.kind == "workday"

    @property
    def ends(self) -> tuple[datetime, ...]:
        """When the sessions of the day end."""
        return tuple(closes for _, closes in self.windows)

    def at(self, now: datetime) -> DayPlan:
        """The plan with the session that matters at `now`: the one that runs, else the next, else the day's last."""
        matters = next((window for window in self.windows if now < window[1]), None)
        if matters is None:
            matters = self.windows[-1] if self.windows else (self.opens, self.closes)
        if matters == (self.opens, self.closes):
            return self
        return replace(self, opens=matters[0], closes=matters[1])

    def is_in_window(self, now: datetime) -> bool:
        """Whether `now` is within the hours, on whatever day."""
        return any(opens <= now < closes for opens, closes in self.windows)

    def next_edge(self, now: datetime) -> datetime:
        """The next opening or closing hour after `now`, on whatever day; without one the end of the day."""
        return next((edge for edge in self.edges if edge > now), max(self.next_midnight, now + timedelta(days=1)))


def utc_of(day: date, local: time, zone: ZoneInfo) -> datetime:
    """The instant that the clock on the wall shows `local` on `day`."""
    return datetime.combine(day, local, tzinfo=zone).astimezone(UTC)


def plan_day(
    calendar: Calendar,
    day: date,
    zone: ZoneInfo,
    hours: Hours,
    *,
    permit_at: time,
    place: tuple[float, float],
    premises: Premises = THE_SITE,
    follows_office: bool = True,
) -> DayPlan:
    """The plan of `day`.

    Args:
        hours: the rules' window.
        place: latitude and longitude in degrees.
        premises: for which rooms; closures and half days of a part of the site hold for the rooms within it.
        follows_office: the window follows the office's timetable and half days; False for services with hours of
            their own, such as kettles (WH-01: every day).
    """
    tomorrow = day + timedelta(days=1)
    sunrise, sunset = sun_times(day, *place)

    def windows_on(when: date) -> tuple[Window, ...]:
        spans = office_hours(calendar, when, hours, premises) if follows_office else (hours,)
        return tuple((utc_of(when, span.start, zone), utc_of(when, span.end, zone)) for span in spans)

    windows = windows_on(day)
    opening = _next_opening(calendar, day, premises, windows_on)
    first = windows[0] if windows else (utc_of(day, hours.end, zone),) * 2
    return DayPlan(
        date=day,
        day=calendar.day(day, premises),
        midnight=utc_of(day, time(0), zone),
        next_midnight=utc_of(tomorrow, time(0), zone),
        permit_at=utc_of(day, permit_at, zone),
        opens=first[0],
        closes=first[1],
        next_opens=None if opening is None else opening[1],
        edges=tuple(edge for window in (*windows, *windows_on(tomorrow)) for edge in window),
        sunrise=sunrise,
        sunset=sunset,
        windows=windows,
        next_day=None if opening is None else opening[0],
        timetable=calendar.timetable(day) if follows_office else None,
    )


def _next_opening(
    calendar: Calendar, day: date, premises: Premises, windows_on: Callable[[date], tuple[Window, ...]]
) -> tuple[Day, datetime] | None:
    """The next workday after `day` with any hours, and when it opens; None when none is near."""
    for ahead in range(1, LOOK_AHEAD_DAYS):
        found = calendar.day(day + timedelta(days=ahead), premises)
        windows = windows_on(found.date) if found.kind == "workday" else ()
        if windows:
            return found, windows[0][0]
    return None


def office_hours(calendar: Calendar, day: date, hours: Hours, premises: Premises = THE_SITE) -> tuple[Hours, ...]:
    """The sessions of `day` in order: the rules' hours, as timetable and half day change them.

    A timetable by notice stands in place of the rules' hours (AC-05: earlier or later supply by notice of the
    administration section); any other only cuts into them. A half day always cuts.
    """
    timetable = calendar.timetable(day)
    sessions: tuple[Hours, ...] = (hours,)
    if timetable is not None:
        own = tuple(Hours(session.start, session.end) for session in timetable.sessions)
        sessions = own if timetable.notice is not None else tuple(_cut(own, hours.start, hours.end))
    half = calendar.day(day, premises).half
    return sessions if half is None else tuple(_cut_to(sessions, half))


def _cut_to(sessions: tuple[Hours, ...], half: HalfDay) -> Iterator[Hours]:
    return _cut(sessions, half.opens or time.min, half.closes or time.max)


def _cut(sessions: tuple[Hours, ...], start: time, end: time) -> Iterator[Hours]:
    """What of the sessions lies within start..end."""
    for session in sessions:
        cut = Hours(max(session.start, start), min(session.end, end))
        if cut.start < cut.end:
            yield cut


def sun_times(day: date, latitude: float, longitude: float) -> tuple[datetime, datetime]:
    """Sunrise and sunset of a local date, aware UTC, within some minutes (NOAA's general solar position equations).

    Where the sun does not set (or rise) that day, the day is taken as whole (or empty) around its noon.
    """
    angle = 2 * pi / 365 * (day.timetuple().tm_yday - 1)
    equation_min = 229.18 * (
        0.000075 + 0.001868 * cos(angle) - 0.032077 * sin(angle) - 0.014615 * cos(2 * angle) - 0.040849 * sin(2 * angle)
    )
    declination = asin(sin(radians(23.44)) * sin(2 * pi * (day.timetuple().tm_yday - 81) / 365))
    cosine = cos(radians(90.833)) / (cos(radians(latitude)) * cos(declination)) - tan(radians(latitude)) * tan(
        declination
    )
    half_day_min = 4 * degrees(acos(max(-1.0, min(1.0, cosine))))
    noon_min = 720 - 4 * longitude - equation_min
    start = datetime.combine(day, time(0), tzinfo=UTC)
    return start + timedelta(minutes=noon_min - half_day_min), start + timedelta(minutes=noon_min + half_day_min)
