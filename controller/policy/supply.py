"""Whether heating or cooling may be supplied now: forecast permits, measured temperature, weather stops.

Pure: what was seen goes in, what is remembered comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from controller.policy.facts import ForecastIssue, Permit, SupplyMemory, Weather
from controller.policy.findings import Finding, Seen
from controller.policy.hold import Held
from controller.policy.schema import Parameters
from controller.policy.site_policy import ClassRules
from controller.policy.timetable import DayPlan
from controller.policy.wording import PROVIDER_NAMES
from facility.commands import Mode
from facility.decisions import Effect
from facility.text import Text


class SeasonVerdict(NamedTuple):
    """Whether units may be started (`start`) and, once running, go on (`run`) in a season, and the chain of findings,
    the decisive one first.
    """

    run: bool
    start: bool
    findings: tuple[Finding, ...]


def step_supply(memory: SupplyMemory, weather: Weather, plan: DayPlan, p: Parameters, now: datetime) -> SupplyMemory:
    """What is remembered after this cycle; itself when nothing changed."""
    signal_c, sky = weather.outdoor.value_c, weather.sky
    hold_s = p.measured_hold_s
    is_hot = None if signal_c is None else signal_c >= p.cooling_measured_c
    is_cold = None if signal_c is None else signal_c <= p.heating_measured_c
    hot = memory.hot.step(is_hot, now, rise_s=hold_s, fall_s=hold_s)
    cold = memory.cold.step(is_cold, now, rise_s=hold_s, fall_s=hold_s)
    cloud = sky.cloud_percent
    rain = _step_weather(memory.rain, sky.rain, now, p)
    overcast = _step_weather(memory.overcast, None if cloud is None else cloud >= p.overcast_cloud_percent, now, p)
    by_day = plan.sunrise <= now < plan.sunset
    sunny_seen = (None if cloud is None else cloud <= p.sunny_cloud_percent) if by_day else False
    in_window = plan.is_in_window(now)
    after = SupplyMemory(
        permit=step_permit(memory.permit, weather.forecasts, plan, p, now),
        hot=hot,
        cold=cold,
        rain=rain,
        overcast=overcast,
        sunny=_step_weather(memory.sunny, sunny_seen, now, p),
        cooling_locked_until=_lock(
            memory.hot, hot, memory.cooling_locked_until, now, in_window=in_window, lockout_s=p.restart_lockout_s
        ),
        heating_locked_until=_lock(
            memory.cold, cold, memory.heating_locked_until, now, in_window=in_window, lockout_s=p.restart_lockout_s
        ),
    )
    return memory if after == memory else after


def _step_weather(held: Held, seen: bool | None, now: datetime, p: Parameters) -> Held:
    """Weather that is no longer known stops nothing: after the hold it counts as not there."""
    if seen is None and held.state is True:
        seen = False
    return held.step(seen, now, rise_s=p.weather_hold_s, fall_s=p.weather_hold_s)


def _lock(
    before: Held, after: Held, locked_until: datetime | None, now: datetime, *, in_window: bool, lockout_s: float
) -> datetime | None:
    """No restart for a while after a stop; a stop whose beginning nobody saw counts when it falls into the window."""
    if after.state is False and (before.state is True or (before.state is None and in_window)):
        return now + timedelta(seconds=lockout_s)
    return None if locked_until is not None and locked_until <= now else locked_until


def step_permit(
    permit: Permit, forecasts: Iterable[ForecastIssue], plan: DayPlan, p: Parameters, now: datetime
) -> Permit:
    """Today's permits (AC-01, AC-02): taken at 08:00 from the newest issue; a later one grants, never revokes."""
    if permit.day != plan.date:
        permit = Permit(day=plan.date)
    if now < plan.permit_at:
        return permit
    usable = [issue for issue in forecasts if _is_usable(issue, plan, p, now)]
    if not usable:
        return permit if permit.taken else replace(permit, taken=True)
    return _take(permit, usable, plan, p)


def _is_usable(issue: ForecastIssue, plan: DayPlan, p: Parameters, now: datetime) -> bool:
    if plan.date not in issue.daily_max_c or issue.fetched > now:
        return False
    used_at = max(issue.fetched, plan.permit_at)
    if issue.valid_until is not None:
        return used_at < issue.valid_until
    return (used_at - issue.issued).total_seconds() <= p.forecast_max_age_s


def _take(permit: Permit, usable: list[ForecastIssue], plan: DayPlan, p: Parameters) -> Permit:
    early = [issue for issue in usable if issue.fetched <= plan.permit_at]
    basis = [max(early, key=lambda issue: (issue.issued, issue.fetched))] if early else []
    basis += sorted((issue for issue in usable if issue.fetched > plan.permit_at), key=lambda issue: issue.fetched)
    for issue in basis:
        permit = _consider(permit, issue, issue.daily_max_c[plan.date], p)
    return permit


def _consider(permit: Permit, issue: ForecastIssue, max_c: float, p: Parameters) -> Permit:
    if permit.cooling or permit.heating:
        return permit
    return replace(
        permit,
        taken=True,
        cooling=max_c >= p.cooling_permit_c,
        heating=max_c <= p.heating_permit_c,
        max_c=max_c,
        provider=issue.provider,
        issued=issue.issued,
        entered_by=issue.entered_by,
    )


def season_verdict(
    season: Mode, rules: ClassRules, memory: SupplyMemory, weather: Weather, now: datetime
) -> SeasonVerdict:
    """The rules' verdict on cooling or heating (`season` is COOL or HEAT) for one zone class, without calendar and
    window.
    """
    found = [
        finding
        for finding in (
            _season_finding(season, rules, memory.permit),
            _permit_finding(season, rules, memory.permit),
            _measured_finding(season, rules, memory, weather, now),
            *_weather_findings(season, rules, memory, weather),
        )
        if finding is not None
    ]
    found.sort(key=_rank)
    effects = {finding.effect for finding in found}
    run = Effect.FORBID not in effects
    return SeasonVerdict(run, run and Effect.HOLD not in effects, tuple(found))


def _rank(finding: Finding) -> int:
    """Forbidding findings first, then those that hold back a start, then the rest."""
    return {Effect.FORBID: 0, Effect.HOLD: 1}.get(finding.effect, 2)


def _season_finding(season: Mode, rules: ClassRules, permit: Permit) -> Finding | None:
    """Days of the year between which a season may be supplied, where the rules name no temperature (X-13)."""
    span = rules.parameters.cooling_season if season is Mode.COOL else rules.parameters.heating_season
    if "season" not in rules.enforced or span is None or permit.day is None:
        return None
    word = Text("供冷", "cooling") if season is Mode.COOL else Text("供暖", "heating")
    inputs = (Seen("calendar", permit.day.isoformat(), "calendar"),)
    if permit.day in span:
        return Finding("in-season", Effect.PERMIT, "season", (word, str(span)), inputs)
    return Finding("out-of-season", Effect.FORBID, "season", (word, str(span)), inputs)


def _permit_finding(season: Mode, rules: ClassRules, permit: Permit) -> Finding | None:
    cooling = season is Mode.COOL
    rule = "cooling-permit" if cooling else "heating-permit"
    if rule not in rules.enforced:
        return None
    granted = permit.cooling if cooling else permit.heating
    p = rules.parameters
    limit_c = p.cooling_permit_c if cooling else p.heating_permit_c
    if granted is None:
        code, effect = ("forecast-missing", Effect.HOLD) if permit.taken else ("permit-not-taken", Effect.FORBID)
        return Finding(code, effect, rule, (f"{p.permit_at:%H:%M}",), (Seen("forecast", None, "forecast"),))
    whose = permit.entered_by or permit.provider
    source = PROVIDER_NAMES.get(whose, Text(whose, whose))
    return Finding(
        rule if granted else f"{rule}-refused",
        Effect.PERMIT if granted else Effect.FORBID,
        rule,
        (permit.max_c, limit_c, source),
        (Seen("forecast.daily_max", permit.max_c, "person" if permit.entered_by else "forecast", permit.issued),),
    )


def _measured_finding(
    season: Mode, rules: ClassRules, memory: SupplyMemory, weather: Weather, now: datetime
) -> Finding | None:
    cooling = season is Mode.COOL
    rule, word = ("cooling-measured", "cooling") if cooling else ("heating-measured", "heating")
    if rule not in rules.enforced:
        return None
    p, signal = rules.parameters, weather.outdoor
    held, limit_c = (memory.hot, p.cooling_measured_c) if cooling else (memory.cold, p.heating_measured_c)
    locked_until = memory.cooling_locked_until if cooling else memory.heating_locked_until
    inputs = (Seen(signal.point, signal.value_c, "sensor", signal.time),)
    values = (signal.value_c, limit_c, signal.name, signal.time, locked_until)
    if held.state is False:
        code = f"{word}-stop-measured" if signal.value_c is not None else f"{word}-stop-unknown"
        if held.seen is True:
            code = f"{word}-not-yet"
        return Finding(code, Effect.FORBID, rule, values, inputs)
    if signal.value_c is None:
        return Finding("outdoor-unknown", Effect.HOLD, rule, (), inputs)
    if locked_until is not None and now < locked_until:
        return Finding(f"{word}-locked", Effect.FORBID, rule, values, inputs)
    if held.state is None or not held.seen or held.lasted_s(now) < p.measured_hold_s:
        return Finding(f"{word}-settling", Effect.HOLD, rule, values, inputs)
    return Finding(f"{word}-measured", Effect.PERMIT, rule, values, inputs)


def _weather_findings(season: Mode, rules: ClassRules, memory: SupplyMemory, weather: Weather) -> list[Finding]:
    sky = weather.sky
    cooling = season is Mode.COOL
    rain, cloud = (sky.rain_by, sky.rain_at), (sky.cloud_by, sky.cloud_at)
    stops = [
        ("rain", cooling and memory.rain.state, sky.rain, sky.rain_source, rain),
        ("overcast", cooling and memory.overcast.state, sky.cloud_percent, sky.cloud_source, cloud),
        ("sunshine", not cooling and memory.sunny.state, sky.cloud_percent, sky.cloud_source, cloud),
    ]
    found = []
    for rule, is_so, value, source, (by, at) in stops:
        if not is_so or (rule not in rules.enforced and rule not in rules.advised):
            continue
        effect = Effect.FORBID if rule in rules.enforced else Effect.ADVISE
        found.append(Finding(rule, effect, rule, (value, source), (Seen(f"weather.{rule}", value, by, at),)))
    return found


def supply_wake(memory: SupplyMemory, p: Parameters, now: datetime) -> datetime | None:
    """When what is remembered next changes by itself: a hold that ends, a lockout that is over."""
    times = [
        *(held.flips_at(rise_s=p.measured_hold_s, fall_s=p.measured_hold_s) for held in (memory.hot, memory.cold)),
        *(
            held.flips_at(rise_s=p.weather_hold_s, fall_s=p.weather_hold_s)
            for held in (memory.rain, memory.overcast, memory.sunny)
        ),
        *(_confirmed_at(held, p) for held in (memory.hot, memory.cold)),
        memory.cooling_locked_until,
        memory.heating_locked_until,
    ]
    return min((when for when in times if when is not None and when > now), default=None)


def _confirmed_at(held: Held, p: Parameters) -> datetime | None:
    """When a threshold that was dipped below is confirmed again."""
    if held.seen is not True or held.since is None:
        return None
    return held.since + timedelta(seconds=p.measured_hold_s)
