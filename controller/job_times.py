"""When the calendar jobs are due: local times of day, or every full hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from controller.policy.site_policy import SitePolicy
    from facility.almanac import Almanac

CHECK_CALENDAR_AT: Final = time(0, 5)
SEAL_AT: Final = time(0, 15)
FETCH_BEFORE_PERMIT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Local times of day, or (`hourly`) every full hour."""

    at: tuple[time, ...] = ()
    hourly: bool = False

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first such time after `moment`, aware UTC."""
        found = [self._on(moment.astimezone(zone).date() + timedelta(days=ahead), moment, zone) for ahead in (0, 1, 2)]
        times = [when for when in found if when is not None]
        if self.hourly:
            whole = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            times.append(whole + timedelta(hours=1))
        return min(times)

    def _on(self, day: date, moment: datetime, zone: ZoneInfo) -> datetime | None:
        times = (datetime.combine(day, at, tzinfo=zone).astimezone(UTC) for at in self.at)
        return min((when for when in times if when > moment), default=None)


def job_times(policy: SitePolicy, almanac: Almanac) -> dict[str, Times]:
    """When each job is due, by its name."""
    p = policy.parameters
    windows = {rules.parameters.window for rules in policy.classes.values() if "window" in rules.enforced}
    edges = {edge for hours in (*windows, p.kettle_window) for edge in (hours.start, hours.end)} | set(_edges(almanac))
    before = (datetime.combine(date(2000, 1, 2), p.permit_at) - FETCH_BEFORE_PERMIT).time()
    return {
        "forecast": Times(at=(before,), hourly=True),
        "permit": Times(at=(p.permit_at,)),
        "edges": Times(at=tuple(sorted(edges))),
        "calendar": Times(at=(CHECK_CALENDAR_AT,)),
        "seal": Times(at=(SEAL_AT,)),
    }


def _edges(almanac: Almanac) -> Iterator[time]:
    """When sessions of any timetable, and half days, begin and end."""
    for timetable in almanac.timetables:
        for session in timetable.sessions:
            yield from (session.start, session.end)
    for half in almanac.half_days:
        yield from (edge for edge in (half.opens, half.closes) if edge is not None)
