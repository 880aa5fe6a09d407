"""What the rules say for a whole zone class at once: calendar, window, season. Units of the class share it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from controller.policy.facts import SupplyMemory, Weather
from controller.policy.findings import Finding, Seen, keys
from controller.policy.site_policy import ClassRules
from controller.policy.supply import SeasonVerdict, season_verdict
from controller.policy.timetable import DayPlan
from facility.commands import Mode
from facility.decisions import Effect
from facility.filings import NOTHING_FILED, FilingKind, Standing

WARM_MONTHS: Final = range(4, 11)
"""Months in which cooling is the season that people ask about when no permit and no temperature says otherwise."""


class ClassVerdict(NamedTuple):
    """The verdict for a zone class.

    `open`: calendar and window allow running; `gate` says why (not). `late`: too near the window's end for starts.
    `run_until` is when units must be off, None for classes without a window. `next_change` is when this is next
    expected to change by the calendar. `asked` is the season that a person would ask about.
    """

    open: bool
    late: bool
    gate: tuple[Finding, ...]
    cooling: SeasonVerdict
    heating: SeasonVerdict
    run_until: datetime | None
    next_change: datetime | None
    asked: Mode

    def season(self, mode: Mode) -> SeasonVerdict:
        """The verdict on one season."""
        return self.cooling if mode is Mode.COOL else self.heating

    @property
    def startable(self) -> Mode | None:
        """The season in which units may be started, None when there is none; never both."""
        if self.cooling.start:
            return Mode.COOL
        return Mode.HEAT if self.heating.start else None

    def key(self) -> tuple[object, ...]:
        """What has to differ for a unit of the class to be looked at again."""
        return (
            self.open, self.late, keys(self.gate), self.run_until, self.asked,
            self.cooling.run, self.cooling.start, keys(self.cooling.findings),
            self.heating.run, self.heating.start, keys(self.heating.findings),
        )  # fmt: skip


def class_verdict(
    rules: ClassRules,
    memory: SupplyMemory,
    weather: Weather,
    plan: DayPlan,
    now: datetime,
    *,
    standing: Standing = NOTHING_FILED,
    until: datetime | None = None,
) -> ClassVerdict:
    """The verdict for one zone class at `now`, or for those of it for which `standing` is filed, who may then run until
    `until` (`controller.policy.relaxing.open_until`).
    """
    gate = _gate(rules, plan, now, standing)
    has_window = "window" in rules.enforced
    is_open = all(finding.effect is not Effect.FORBID for finding in gate)
    cooling = season_verdict(Mode.COOL, rules, memory, weather, now)
    heating = season_verdict(Mode.HEAT, rules, memory, weather, now)
    closes = plan.closes if until is None else until
    last_start = closes - timedelta(seconds=rules.parameters.no_start_before_end_s)
    return ClassVerdict(
        open=is_open,
        late=has_window and is_open and now >= last_start,
        gate=gate,
        cooling=cooling,
        heating=heating if not cooling.start else heating._replace(start=False),
        run_until=(closes if is_open else None) if has_window else None,
        next_change=_next_change(rules, plan, closes if is_open else None, now),
        asked=_asked(cooling, heating, memory, weather, plan),
    )


def _gate(rules: ClassRules, plan: DayPlan, now: datetime, standing: Standing) -> tuple[Finding, ...]:
    found = [*_filed(standing), *_calendar(rules, plan, standing), *_window(rules, plan, now, standing)]
    found.sort(key=lambda finding: finding.effect is not Effect.FORBID)
    return tuple(found)


def _filed(standing: Standing) -> Iterator[Finding]:
    """What is filed, each with its number, as it bears on the whole verdict."""
    for filing in standing.filings:
        source = (Seen(f"filing.{filing.id}", filing.kind.value, "person", filing.filed_at),)
        values = (filing.id, filing.reason, filing.end)
        is_notice = filing.kind in (FilingKind.NOTICE, FilingKind.EMERGENCY)
        if filing.stops:
            yield Finding("notice-stop", Effect.FORBID, "window", values, source)
        elif is_notice:
            yield Finding("notice", Effect.PERMIT, "window", values, source)
        else:
            code = "booked" if filing.kind is FilingKind.BOOKING else "filed"
            yield Finding(code, Effect.PERMIT, "calendar", values, source)


def _calendar(rules: ClassRules, plan: DayPlan, standing: Standing) -> Iterator[Finding]:
    if "calendar" in rules.enforced and not (standing.relaxes.holiday and not plan.is_workday):
        day = plan.day
        inputs = (Seen("calendar", day.kind, "calendar"),)
        values = (day.why, day.official, plan.next_opens)
        code, effect = ("workday", Effect.PERMIT) if plan.is_workday else ("rest-day", Effect.FORBID)
        yield Finding(code, effect, "calendar", values, inputs)


def _window(rules: ClassRules, plan: DayPlan, now: datetime, standing: Standing) -> Iterator[Finding]:
    if "window" not in rules.enforced:
        return
    hours = (plan.opens, plan.closes)
    if plan.is_in_window(now):
        yield Finding("in-window", Effect.PERMIT, "window", hours)
    elif not standing.relaxes.hours:
        code = "before-window" if now < plan.opens else "after-window"
        yield Finding(code, Effect.FORBID, "window", hours)


def _next_change(rules: ClassRules, plan: DayPlan, closes: datetime | None, now: datetime) -> datetime | None:
    if "window" not in rules.enforced:
        return None
    if closes is not None:
        return closes
    if plan.is_workday and now < plan.opens:
        return plan.opens
    return plan.next_opens


def _asked(
    cooling: SeasonVerdict, heating: SeasonVerdict, memory: SupplyMemory, weather: Weather, plan: DayPlan
) -> Mode:
    for verdict, mode in ((cooling, Mode.COOL), (heating, Mode.HEAT)):
        if verdict.start:
            return mode
    if memory.permit.cooling or memory.permit.heating:
        return Mode.COOL if memory.permit.cooling else Mode.HEAT
    signal_c = weather.outdoor.value_c
    if signal_c is not None and not 15.0 < signal_c < 25.0:
        return Mode.COOL if signal_c >= 25.0 else Mode.HEAT
    return Mode.COOL if plan.date.month in WARM_MONTHS else Mode.HEAT
