"""The independent check of supply: permits from forecasts, the measured temperature with its lockout, the weather."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from facility.bus.messages import ForecastReceived, HourForecast
from facility.quantities import Quantity
from tests.houqin.rule_checker import HEAT, MINUTE, STALE, Breach, Case, minutes

TEN: Final = timedelta(minutes=10)
HALF_HOUR: Final = timedelta(minutes=30)
LOCKOUT: Final = timedelta(minutes=30)
OLDEST: Final = timedelta(hours=12)
CODE_STALE: Final = timedelta(hours=2)
PERMIT_AT: Final = time(8)
CLOSE_C: Final = 0.05
"""Means of other moments than the controller's differ by so much."""


def permitted(case: Case, season: float, at: datetime) -> bool:
    """Whether a forecast permits the season at `at`: the maximum of the day is 30 C or more, 15 C or less. Taken at
    08:00 from the newest issue not older than twelve hours; a later one grants, and takes nothing back.
    """
    day = at.date()
    taken_at = datetime.combine(day, PERMIT_AT, tzinfo=at.tzinfo)
    if at < taken_at:
        return False
    known = [issue for issue in case.forecasts if issue.fetched <= at and day in issue.daily_max_c]
    early = [issue for issue in known if issue.fetched <= taken_at and _is_fresh(issue, taken_at)]
    basis = [max(early, key=lambda issue: (issue.issued, issue.fetched))] if early else []
    basis += [issue for issue in known if issue.fetched > taken_at and _is_fresh(issue, issue.fetched)]
    for issue in basis:
        granted = _season_of(issue.daily_max_c[day])
        if granted is not None:
            return granted == season
    return False


def _is_fresh(issue: ForecastReceived, used_at: datetime) -> bool:
    if issue.valid_until is not None:
        return used_at < issue.valid_until
    return used_at - issue.issued <= OLDEST


def _season_of(max_c: float) -> float | None:
    if max_c >= 30.0:
        return 0.0
    return HEAT if max_c <= 15.0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdoors:
    """One season's day, minute by minute: whether a forecast permits it, since when the measured mean has been right
    for it, since when it has not, until when nothing restarts after a stop, and since when rain or an overcast sky has
    been told without a break; None where it is not so, or not known.
    """

    permit: dict[datetime, bool] = field(default_factory=dict)
    right_since: dict[datetime, datetime | None] = field(default_factory=dict)
    wrong_since: dict[datetime, datetime | None] = field(default_factory=dict)
    locked_until: dict[datetime, datetime | None] = field(default_factory=dict)
    rain_since: dict[datetime, datetime | None] = field(default_factory=dict)
    overcast_since: dict[datetime, datetime | None] = field(default_factory=dict)


def outdoors(case: Case, season: float, day: date) -> Outdoors:
    """The day's states, from the outdoor sensors and the journal's forecasts."""
    site = case.seen.site
    track = case.seen.track(site.file.weather.outdoor[0])
    start = datetime.combine(day, time(0), tzinfo=site.zone)
    clouds = [point.id for point in site.points.values() if point.quantity is Quantity.CLOUD_COVER]
    found = Outdoors()
    right = wrong = locked = rain = overcast = None
    holds: bool | None = None
    for at in minutes(start, start + timedelta(days=1)):
        is_right = _is_right(track.mean(at, TEN), season)
        right = (right or at) if is_right else None
        wrong = (wrong or at) if is_right is False else None
        if right is not None and at - right >= TEN:
            holds = True
        elif wrong is not None and at - wrong >= TEN:
            locked = at + LOCKOUT if holds else locked
            holds = False
        rain = (rain or at) if _rains(case, at) else None
        overcast = (overcast or at) if _is_overcast(case, clouds, at) else None
        found.permit[at] = permitted(case, season, at)
        found.right_since[at], found.wrong_since[at] = right, wrong
        found.locked_until[at] = locked if locked is not None and at < locked else None
        found.rain_since[at], found.overcast_since[at] = rain, overcast
    return found


def _is_right(mean_c: float | None, season: float) -> bool | None:
    if mean_c is None:
        return None
    return mean_c <= 15.0 if season == HEAT else mean_c >= 30.0


def _rains(case: Case, at: datetime) -> bool:
    rates = (case.seen.track(point).at(at, STALE) for point in case.seen.site.file.weather.rain)
    return any(rate is not None and rate > 0 for rate in rates)


def _is_overcast(case: Case, clouds: Sequence[str], at: datetime) -> bool:
    """By a cloud sensor, else by the newest forecast not older than two hours."""
    for point in clouds:
        cloud = case.seen.track(point).at(at, STALE)
        if cloud is not None:
            return cloud >= 90.0
    known = [issue for issue in case.forecasts if issue.fetched <= at and at - issue.fetched <= CODE_STALE]
    newest = max(known, key=lambda issue: issue.fetched, default=None)
    hour = None if newest is None else _hour(newest, at)
    return hour is not None and hour.cloud_percent is not None and hour.cloud_percent >= 90.0


def _hour(forecast: ForecastReceived, at: datetime) -> HourForecast | None:
    start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return next((hour for hour in forecast.hours if hour.time == start), None)


def season_of(case: Case, unit: str, at: datetime) -> float | None:
    """Cooling (0) or heating (1), None for fan only or when nobody knows. Dry and automatic count as cooling."""
    mode = case.seen.track(f"{unit}.mode").at(at, STALE)
    if mode is None or mode == 3.0:
        return None
    return HEAT if mode == HEAT else 0.0


def supply_breaches(case: Case, unit: str, began: datetime, ended: datetime, states: dict[float, Outdoors],
                    *, forecast: bool) -> list[Breach]:  # fmt: skip
    """What one running of a unit broke of AC-01, AC-02, AC-06 and AC-07. `forecast`: whether its class needs one."""
    found: list[Breach] = []
    patience = case.wall
    wrong: dict[str, datetime] = {}
    for at in minutes(began, ended):
        season = season_of(case, unit, at)
        now_wrong = {} if season is None else _wrongs(case, unit, at, season, states[season], forecast=forecast)
        wrong = {clause: wrong.get(clause, at) for clause in now_wrong}
        for clause, since in wrong.items():
            if at - since > patience and not any(breach.clause == clause for breach in found):
                found.append(Breach(clause=clause, equipment=unit, at=at, what=now_wrong[clause]))
    if case.seen.is_start(unit, began) and not case.is_by_hand(unit, began):
        found += _bad_start(case, unit, began, states)
    return found


def _wrongs(
    case: Case, unit: str, at: datetime, season: float, state: Outdoors, *, forecast: bool
) -> dict[str, str]:  # fmt: skip
    """Clause -> what is wrong with running in a season at `at`."""
    found = {}
    heating = season == HEAT
    if forecast and not state.permit.get(at, True) and not case.allows(unit, at, "forecast"):
        found["AC-02" if heating else "AC-01"] = "no forecast permits it"
    relaxed = case.allows(unit, at, "heating_outdoor_c" if heating else "cooling_outdoor_c")
    since = state.wrong_since.get(at)
    if since is not None and at - since >= TEN and not relaxed:
        found["AC-07" if heating else "AC-06"] = (
            f"outdoors {'above 15' if heating else 'below 30'} C since {since:%H:%M}"
        )
    if forecast and not heating and not case.allows(unit, at, "weather"):
        for word, since in (("rain", state.rain_since.get(at)), ("overcast", state.overcast_since.get(at))):
            if since is not None and at - since >= HALF_HOUR:
                found[f"AC-06 {word}"] = f"{word} since {since:%H:%M}"
    return found


def _bad_start(case: Case, unit: str, began: datetime, states: dict[float, Outdoors]) -> list[Breach]:
    """A start against the measured temperature, or within half an hour of a stop by it."""
    at = began.replace(second=0, microsecond=0)
    season = season_of(case, unit, began + timedelta(seconds=1))
    if season is None or case.allows(unit, at, "heating_outdoor_c" if season == HEAT else "cooling_outdoor_c"):
        return []
    clause, state = ("AC-07" if season == HEAT else "AC-06"), states[season]
    right, locked = state.right_since.get(at), state.locked_until.get(at)
    found = []
    if not _nearly_right(case, season, at) and (right is None or at - right < TEN - case.cadence - MINUTE):
        found.append(
            Breach(clause=clause, equipment=unit, at=began, what="started before ten minutes of the threshold")
        )
    if locked is not None and locked - at > case.cadence:
        found.append(
            Breach(clause=clause, equipment=unit, at=began, what=f"started though locked until {locked:%H:%M}")
        )
    return found


def _nearly_right(case: Case, season: float, at: datetime) -> bool:
    """Whether the mean of the last ten minutes was never further off than means at other moments may differ."""
    track = case.seen.track(case.seen.site.file.weather.outdoor[0])
    means = [track.mean(at - index * MINUTE, TEN) for index in range(10)]
    if season == HEAT:
        return all(mean is not None and mean <= 15.0 + CLOSE_C for mean in means)
    return all(mean is not None and mean >= 30.0 - CLOSE_C for mean in means)
