"""The rules of a zone class as filings in force change them for a while. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from controller.policy.schema import Parameters
from controller.policy.site_policy import ClassRules, seasons
from controller.policy.timetable import DayPlan
from facility.almanac import THE_SITE, Premises
from facility.filings import NOTHING_FILED, Filing, Relaxation, Standing, standing
from facility.model.entries import ZoneClass

APART_K: Final = 0.5

SupplyKey = tuple[ZoneClass, float | None, float | None, bool]
"""What the memory of supply depends on: the class, the outdoor thresholds where they are relaxed, and whether the day's
permit is taken at midnight already, because supply may begin before the hour at which it is taken.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """The rules that hold for some equipment now: those of its zone class, as `standing` relaxes them. `filings` are
    all that are approved and not over, those of the next day included; `premises` its rooms, where the calendar has
    days of their own for them.
    """

    rules: ClassRules
    standing: Standing = NOTHING_FILED
    filings: tuple[Filing, ...] = ()
    premises: Premises = THE_SITE

    @property
    def key(self) -> object:
        """What tells two regimes apart."""
        held = frozenset(filing.id for filing in self.standing.filings)
        return self.rules.zone_class, self.premises, tuple((filing.id, filing.id in held) for filing in self.filings)

    @property
    def supply_key(self) -> SupplyKey:
        """Which memory of supply it goes by."""
        relaxes = self.standing.relaxes
        return self.rules.zone_class, relaxes.cooling_outdoor_c, relaxes.heating_outdoor_c, relaxes.hours


def regime_of(own: ClassRules, filings: tuple[Filing, ...], now: datetime, premises: Premises = THE_SITE) -> Regime:
    """The regime of those who go by `own` rules and for whom `filings` are approved and not over."""
    held = standing(filings, now)
    return Regime(rules=relaxed_rules(own, held.relaxes), standing=held, filings=filings, premises=premises)


def relaxed_rules(rules: ClassRules, relaxes: Relaxation) -> ClassRules:
    """`rules` with what `relaxes` sets aside or widens; itself when that is nothing.

    A relaxed outdoor threshold also moves the forecast's, where that is stricter: it would take back what was granted.
    Nothing is ever narrowed: a filing that asks for less than the rules allow changes nothing. Thresholds are relaxed
    up to half a degree from the middle between the rules' own, no further: rooms on one outdoor unit, for which
    different things are filed, must never be cooled and heated at once.
    """
    if relaxes.is_empty or rules.is_climate:
        return rules
    relaxes = _apart(relaxes, rules.parameters)
    dropped = set()
    if relaxes.forecast:
        dropped |= {"cooling-permit", "heating-permit"}
    if relaxes.weather:
        dropped |= {"rain", "overcast", "sunshine"}
    p = rules.parameters
    cool_c, heat_c = (
        _lower(p.cooling_measured_c, relaxes.cooling_outdoor_c),
        _higher(p.heating_measured_c, relaxes.heating_outdoor_c),
    )
    parameters = p.model_copy(
        update={
            "cooling_measured_c": cool_c,
            "heating_measured_c": heat_c,
            "cooling_permit_c": _lower(p.cooling_permit_c, relaxes.cooling_outdoor_c),
            "heating_permit_c": _higher(p.heating_permit_c, relaxes.heating_outdoor_c),
            "setpoint_min_cool_c": _lower(p.setpoint_min_cool_c, relaxes.setpoint_min_cool_c),
            "room_min_cool_c": _lower(p.room_min_cool_c, relaxes.setpoint_min_cool_c),
            "setpoint_max_heat_c": _higher(p.setpoint_max_heat_c, relaxes.setpoint_max_heat_c),
            "room_max_heat_c": _higher(p.room_max_heat_c, relaxes.setpoint_max_heat_c),
        }
    )
    return replace(
        rules,
        enforced=rules.enforced - dropped,
        advised=rules.advised - dropped,
        parameters=parameters,
        **seasons(parameters, rules.enforced),
    )


def _apart(relaxes: Relaxation, p: Parameters) -> Relaxation:
    middle_c = (p.cooling_measured_c + p.heating_measured_c) / 2
    cool_c, heat_c = relaxes.cooling_outdoor_c, relaxes.heating_outdoor_c
    return replace(
        relaxes,
        cooling_outdoor_c=None if cool_c is None else max(cool_c, middle_c + APART_K),
        heating_outdoor_c=None if heat_c is None else min(heat_c, middle_c - APART_K),
    )


def _lower(own: float, asked: float | None) -> float:
    return own if asked is None else min(own, asked)


def _higher(own: float, asked: float | None) -> float:
    return own if asked is None else max(own, asked)


def plan_for(key: SupplyKey, plan: DayPlan) -> DayPlan:
    """The plan that a memory of supply goes by."""
    return replace(plan, permit_at=plan.midnight) if key[3] else plan


def open_until(regime: Regime, plan: DayPlan, now: datetime, is_workday: Callable[[datetime], bool]) -> datetime | None:
    """Until when calendar and window let units run, by the rules and by what is filed; None: they do not now.

    A notice that stops supply ends it where it begins. `is_workday` tells of an instant whether its local day is one. A
    window of tomorrow is tomorrow's affair.
    """
    rules, filings = regime.rules, regime.filings

    def is_open(when: datetime) -> bool:
        held = [filing for filing in filings if filing.holds_at(when)]
        if any(filing.stops for filing in held):
            return False
        relaxes = [filing.relaxes for filing in held]
        day = "calendar" not in rules.enforced or is_workday(when) or any(one.holiday for one in relaxes)
        return day and (plan.is_in_window(when) or any(one.hours for one in relaxes))

    if not is_open(now):
        return None
    edges = {*plan.ends, plan.next_midnight, *(edge for filing in filings for edge in (filing.begins, filing.end))}
    return next((edge for edge in sorted(edges) if edge > now and not is_open(edge)), None)
