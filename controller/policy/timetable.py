"""A local date as the rules see it: workday or not, when the supply window opens and closes, when the sun is up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import acos, asin, cos, degrees, pi, radians, sin, tan
from typing import Final
from zoneinfo import ZoneInfo

from controller.policy.schema import Hours
from facility.calendar import Calendar, Day

LOOK_AHEAD_DAYS: Final = 30
"""The longest statutory rest is 8 or 9 days; beyond this no next opening is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """One local date for one supply window; all times aware UTC.

    `opens` and `closes` bound the window whether or not the day is a workday; `next_opens` is the opening on the next
    workday, None when none is near. `edges` are today's and tomorrow's window edges in order.
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

    @property
    def is_workday(self) -> bool:
        return self.day.kind == "workday"

    def is_in_window(self, now: datetime) -> bool:
        """Whether `now` is within the hours, on whatever day."""
        return self.opens <= now < self.closes

    def next_edge(self, now: datetime) -> datetime:
        """The next opening or closing hour after `now`, on whatever day."""
        return next(edge for edge in self.edges if edge > now)


def utc_of(day: date, local: time, zone: ZoneInfo) -> datetime:
    """The instant that the clock on the wall shows `local` on `day`."""
    return datetime.combine(day, local, tzinfo=zone).astimezone(UTC)


def plan_day(
    calendar: Calendar, day: date, zone: ZoneInfo, hours: Hours, *, permit_at: time, place: tuple[float, float]
) -> DayPlan:
    """The plan of `day`. `place` is latitude and longitude in degrees."""
    tomorrow = day + timedelta(days=1)
    sunrise, sunset = sun_times(day, *place)
    ahead = (day + timedelta(days=n) for n in range(1, LOOK_AHEAD_DAYS))
    opening = next((when for when in ahead if calendar.day(when).kind == "workday"), None)
    edges = (utc_of(when, at, zone) for when in (day, tomorrow) for at in (hours.start, hours.end))
    return DayPlan(
        date=day,
        day=calendar.day(day),
        midnight=utc_of(day, time(0), zone),
        next_midnight=utc_of(tomorrow, time(0), zone),
        permit_at=utc_of(day, permit_at, zone),
        opens=utc_of(day, hours.start, zone),
        closes=utc_of(day, hours.end, zone),
        next_opens=None if opening is None else utc_of(opening, hours.start, zone),
        edges=tuple(edges),
        sunrise=sunrise,
        sunset=sunset,
    )


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
