"""Judges one indoor unit's day, minute by minute, rule by rule. Pure.

What the rules themselves allow for putting something right is no breach: a unit may take two minutes to go off, a
setpoint changed at the wall a minute to be put back, a window two minutes to be closed. Only what lasts longer counts,
from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from controller.observance.days import UnitDay
from controller.observance.minutes import (
    NO,
    UNKNOWN,
    YES,
    Mask,
    Minutes,
    Truth,
    all_of,
    any_of,
    is_true,
    lasting,
    runs,
    spans_of,
)
from facility.observance import Observed, Rule

GRACE_MINUTES: Final = 2
"""A command is sent within half a minute and confirmed within two."""

STEP_C: Final = 0.05
"""Less than any thermostat's step: a setpoint read as 27.99 is 28."""


class Verdict(NamedTuple):
    """One rule's verdict: the minutes it is about, where what it forbids was so, and where a filing allowed that."""

    rule: Rule
    clause: str
    judged: Mask
    broken: Truth
    filed: Mask


Check = Callable[[UnitDay], Iterator[Verdict]]


def judge_unit(day: UnitDay) -> list[Observed]:
    """Every rule that has something to say about the unit on that day."""
    found: dict[tuple[Rule, str], Verdict] = {}
    for check in CHECKS:
        for verdict in check(day):
            key = verdict.rule, verdict.clause
            found[key] = _together(found[key], verdict) if key in found else verdict
    return [
        observed(verdict, equipment=day.equipment, office=day.office, minutes=day.minutes, day=day.plan.date)
        for verdict in found.values()
        if verdict.judged.any()
    ]


def _together(one: Verdict, other: Verdict) -> Verdict:
    """Two verdicts by one clause, of cooling and of heating, as one: a minute counts once."""
    truths = [np.where(part.judged, part.broken, NO).astype(np.int8) for part in (one, other)]
    is_filed = [np.asarray(truth != YES) | part.filed for truth, part in zip(truths, (one, other), strict=True)]
    return one._replace(
        judged=one.judged | other.judged, broken=any_of(*truths), filed=np.asarray(is_filed[0] & is_filed[1])
    )


def observed(verdict: Verdict, *, equipment: str, office: str | None, minutes: Minutes, day: date) -> Observed:
    """A verdict as minutes."""
    broken = verdict.judged & (verdict.broken == YES) & ~verdict.filed
    return Observed(
        day=day,
        office=office,
        equipment=equipment,
        rule=verdict.rule,
        clause=verdict.clause,
        judged_minutes=int(verdict.judged.sum()),
        broken_minutes=int(broken.sum()),
        filed_minutes=int((verdict.judged & (verdict.broken == YES) & verdict.filed).sum()),
        unknown_minutes=int((verdict.judged & (verdict.broken == UNKNOWN)).sum()),
        times=sum(1 for _ in runs(broken)),
        spans=spans_of(minutes, broken),
    )


def _rest_day(day: UnitDay) -> Iterator[Verdict]:
    """Running on a day of rest (AC-04). Out of hours on such a day needs both filed."""
    if "calendar" not in day.rules.enforced or day.plan.is_workday:
        return
    inside = _in_window(day)
    filed = day.allowed.holiday & (inside | day.allowed.hours)
    yield _of(day, Rule.REST_DAY, "calendar", _all_minutes(day), lasting(day.on, GRACE_MINUTES), filed)


def _hours(day: UnitDay) -> Iterator[Verdict]:
    """Running before the window opens or after it closes on a workday (AC-05)."""
    if "window" not in day.rules.enforced or not day.plan.is_workday:
        return
    outside = ~_in_window(day)
    ran = np.where(outside, day.on, NO).astype(np.int8)
    yield _of(day, Rule.HOURS, "window", outside, lasting(ran, GRACE_MINUTES), day.allowed.hours)


def _outdoor(day: UnitDay) -> Iterator[Verdict]:
    """Cooling while it has not been warm enough outdoors (AC-06), heating while it has not been cold enough (AC-07)."""
    p, granted = day.rules.parameters, day.allowed
    hold = round(p.measured_hold_s / 60)
    if "cooling-measured" in day.rules.enforced:
        limit_c = np.fmin(p.cooling_measured_c, granted.cooling_outdoor_c)
        too_cool = lasting(is_true(day.outdoor_c, day.outdoor_c < p.cooling_measured_c), hold)
        filed = granted.weather | (day.outdoor_c >= limit_c)
        yield _running(day, Rule.OUTDOOR, "cooling-measured", day.cooling, too_cool, filed)
    if "heating-measured" in day.rules.enforced:
        limit_c = np.fmax(p.heating_measured_c, granted.heating_outdoor_c)
        too_warm = lasting(is_true(day.outdoor_c, day.outdoor_c > p.heating_measured_c), hold)
        filed = granted.weather | (day.outdoor_c <= limit_c)
        yield _running(day, Rule.OUTDOOR, "heating-measured", day.heating, too_warm, filed)


def _setpoint(day: UnitDay) -> Iterator[Verdict]:
    """Set cooler than allowed while cooling, or warmer while heating (AC-03, AC-17)."""
    if "setpoint" not in day.rules.enforced:
        return
    p = day.rules.parameters
    grace = GRACE_MINUTES + round(p.put_back_s / 60)
    low = is_true(day.setpoint_c, day.setpoint_c < p.setpoint_min_cool_c - STEP_C)
    low_filed = day.setpoint_c >= day.allowed.cool_c - STEP_C
    yield _running(day, Rule.SETPOINT, "setpoint", day.cooling, low, low_filed, grace=grace)
    high = is_true(day.setpoint_c, day.setpoint_c > p.setpoint_max_heat_c + STEP_C)
    high_filed = day.setpoint_c <= day.allowed.heat_c + STEP_C
    yield _running(day, Rule.SETPOINT, "setpoint", day.heating, high, high_filed, grace=grace)


def _room_limit(day: UnitDay) -> Iterator[Verdict]:
    """A room cooled below, or heated above, its limit with the stated tolerance of the sensor (AC-03)."""
    if "room-limit" not in day.rules.enforced or not day.has_room:
        return
    p = day.rules.parameters
    cold = is_true(day.room_c, day.room_c < p.room_min_cool_c - p.room_tolerance_k)
    cold_filed = day.room_c >= day.allowed.cool_c - p.room_tolerance_k
    yield _running(day, Rule.ROOM_LIMIT, "room-limit", day.cooling, cold, cold_filed)
    warm = is_true(day.room_c, day.room_c > p.room_max_heat_c + p.room_tolerance_k)
    warm_filed = day.room_c <= day.allowed.heat_c + p.room_tolerance_k
    yield _running(day, Rule.ROOM_LIMIT, "room-limit", day.heating, warm, warm_filed)


def _window_open(day: UnitDay) -> Iterator[Verdict]:
    """Air supplied while a window or door has stood open (AC-08, AC-15)."""
    if "window-contact" in day.rules.enforced and day.window_open is not None:
        open_long = lasting(day.window_open, round(day.rules.parameters.window_open_s / 60))
        yield _running(day, Rule.WINDOW_OPEN, "window-contact", day.on, open_long, day.minutes.none())


def _vacant(day: UnitDay) -> Iterator[Verdict]:
    """Running though nobody has been in for longer than the rules wait (AC-09)."""
    if "vacancy" in day.rules.enforced and day.occupied is not None:
        empty = np.where(day.occupied == UNKNOWN, UNKNOWN, 1 - day.occupied).astype(np.int8)
        empty_long = lasting(empty, round(day.rules.parameters.vacancy_s / 60))
        yield _running(day, Rule.VACANT, "vacancy", day.on, empty_long, day.minutes.none())


def _heater(day: UnitDay) -> Iterator[Verdict]:
    """A heater on the office's circuit runs beside the air-conditioning (AC-15)."""
    if day.heater_on is not None:
        yield _running(day, Rule.HEATER, "heater", day.on, day.heater_on, day.minutes.none())


CHECKS: Final[Sequence[Check]] = (
    _setpoint, _room_limit, _rest_day, _hours, _outdoor, _window_open, _vacant, _heater,
)  # fmt: skip

CLAUSES: Final = {"heater": "AC-15"}
"""Clauses of what no preset's rule stands for."""


def _in_window(day: UnitDay) -> Mask:
    inside = day.minutes.none()
    for opens, closes in day.plan.windows:
        inside |= day.minutes.within(opens, closes)
    return inside


def _all_minutes(day: UnitDay) -> Mask:
    return np.ones(len(day.minutes), np.bool_)


def _running(  # noqa: PLR0917 - what a breach while running is
    day: UnitDay, rule: Rule, entry: str, running: Truth, wrong: Truth, filed: Mask, *, grace: int = GRACE_MINUTES
) -> Verdict:
    """Something that is wrong only while the unit runs so; judged in the minutes in which it did, or may have."""
    return _of(day, rule, entry, running != NO, lasting(all_of(running, wrong), grace), filed)


def _of(  # noqa: PLR0917 - what a verdict is
    day: UnitDay, rule: Rule, entry: str, judged: Mask, broken: Truth, filed: Mask
) -> Verdict:
    clause = day.rules.clause_of.get(entry, CLAUSES.get(entry, ""))
    return Verdict(rule, clause, np.asarray(judged), broken, np.asarray(filed))
