"""The whole decision as one pure function: what is seen and remembered goes in, verdicts and memory come out.

The running controller calls the same parts for only what changed; this is the form for tests and for trying rules out
on recorded days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from controller.policy.climate import decide_climate
from controller.policy.facts import (
    KettleFacts,
    KettleMemory,
    SupplyMemory,
    UnitFacts,
    UnitMemory,
    Weather,
)
from controller.policy.kettle import decide_kettle
from controller.policy.relaxing import SupplyKey, open_until, plan_for, regime_of
from controller.policy.rules.effects import NO_EFFECTS, Effects
from controller.policy.site_policy import SitePolicy
from controller.policy.supply import step_supply
from controller.policy.switches import SwitchFacts, SwitchMemory, decide_switch
from controller.policy.timetable import DayPlan
from controller.policy.units import UnitVerdict, decide_unit
from controller.policy.zones import ClassVerdict, class_verdict
from facility.filings import Filing
from facility.model.entries import ZoneClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The frozen inputs of one moment.

    Attributes:
        days, kettle_day: the plans of the local date, `next_is_workday` whether the next one is a workday.
        units, switches: with their zone class.
        filings: what is approved for a unit and not over, those of the next day included.
        effects: what rules written as data say of an equipment.
    """

    weather: Weather
    days: Mapping[ZoneClass, DayPlan]
    kettle_day: DayPlan
    next_is_workday: bool = True
    units: Mapping[str, tuple[ZoneClass, UnitFacts]] = field(default_factory=dict)
    kettles: Mapping[str, KettleFacts] = field(default_factory=dict)
    switches: Mapping[str, tuple[ZoneClass, SwitchFacts]] = field(default_factory=dict)
    filings: Mapping[str, tuple[Filing, ...]] = field(default_factory=dict)
    effects: Mapping[str, Effects] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is remembered from one moment to the next; empty at the very start."""

    supply: Mapping[ZoneClass, SupplyMemory] = field(default_factory=dict)
    relaxed: Mapping[SupplyKey, SupplyMemory] = field(default_factory=dict)
    units: Mapping[str, UnitMemory] = field(default_factory=dict)
    kettles: Mapping[str, KettleMemory] = field(default_factory=dict)
    switches: Mapping[str, SwitchMemory] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What the rules say of every zone class and every equipment."""

    classes: Mapping[ZoneClass, ClassVerdict]
    equipment: Mapping[str, UnitVerdict]


def decide(policy: SitePolicy, snapshot: Snapshot, state: State, now: datetime) -> tuple[Verdicts, State]:
    """The verdicts at `now` (aware UTC) and the state after them. Total: any input gives a verdict."""
    supply: dict[ZoneClass, SupplyMemory] = {}
    classes: dict[ZoneClass, ClassVerdict] = {}
    for zone_class, plan in snapshot.days.items():
        rules = policy.of_class(zone_class)
        memory = state.supply.get(zone_class, SupplyMemory())
        supply[zone_class] = step_supply(memory, snapshot.weather, plan, rules.parameters, now)
        classes[zone_class] = class_verdict(rules, supply[zone_class], snapshot.weather, plan, now)
    deciding = _Deciding(policy, snapshot, state, now, supply=supply, classes=classes)
    deciding.decide_all()
    after = State(
        supply=supply,
        relaxed=deciding.relaxed,
        units=deciding.units,
        kettles=deciding.kettles,
        switches=deciding.switches,
    )
    return Verdicts(classes=classes, equipment=deciding.equipment), after


class _Deciding:
    """One moment's decision on its way through the equipment."""

    def __init__(
        self,
        policy: SitePolicy,
        snapshot: Snapshot,
        state: State,
        now: datetime,
        *,
        supply: Mapping[ZoneClass, SupplyMemory],
        classes: Mapping[ZoneClass, ClassVerdict],
    ) -> None:
        self._policy, self._snapshot, self._state, self._now = policy, snapshot, state, now
        self._supply, self._classes = supply, classes
        self.relaxed: dict[SupplyKey, SupplyMemory] = {}
        self.equipment: dict[str, UnitVerdict] = {}
        self.units: dict[str, UnitMemory] = {}
        self.kettles: dict[str, KettleMemory] = {}
        self.switches: dict[str, SwitchMemory] = {}

    def decide_all(self) -> None:
        for unit, (zone_class, facts) in self._snapshot.units.items():
            self.equipment[unit], self.units[unit] = self._unit(unit, zone_class, facts)
        for kettle, of_kettle in self._snapshot.kettles.items():
            memory = self._state.kettles.get(kettle, KettleMemory())
            found, self.kettles[kettle] = decide_kettle(
                self._policy, self._snapshot.kettle_day, of_kettle, memory, self._now, effects=self._effects(kettle)
            )
            self.equipment[kettle] = found.verdict
        for switch, (zone_class, of_switch) in self._snapshot.switches.items():
            rules, remembered = self._policy.of_class(zone_class), self._state.switches.get(switch, SwitchMemory())
            self.equipment[switch], self.switches[switch] = decide_switch(
                rules, of_switch, remembered, self._now, effects=self._effects(switch)
            )

    def _effects(self, equipment: str) -> Effects:
        return self._snapshot.effects.get(equipment, NO_EFFECTS)

    def _unit(self, unit: str, zone_class: ZoneClass, facts: UnitFacts) -> tuple[UnitVerdict, UnitMemory]:
        rules, memory = self._policy.of_class(zone_class), self._state.units.get(unit, UnitMemory())
        effects, filings = self._effects(unit), self._snapshot.filings.get(unit, ())
        if rules.is_climate:
            return decide_climate(rules, facts, memory, self._now, effects=effects)
        if not filings:
            return decide_unit(rules, self._classes[zone_class], facts, memory, self._now, effects=effects)
        regime = regime_of(rules, filings, self._now)
        plan, key = self._snapshot.days[zone_class], regime.supply_key
        if key not in self.relaxed:
            before = self._state.relaxed.get(key, SupplyMemory(permit=self._supply[zone_class].permit))
            self.relaxed[key] = step_supply(
                before, self._snapshot.weather, plan_for(key, plan), regime.rules.parameters, self._now
            )
        verdict = class_verdict(
            regime.rules, self.relaxed[key], self._snapshot.weather, plan, self._now, standing=regime.standing,
            until=open_until(regime, plan, self._now, self._is_workday),
        )  # fmt: skip
        return decide_unit(regime.rules, verdict, facts, memory, self._now, effects=effects)

    def _is_workday(self, when: datetime) -> bool:
        """Of today and the next day; no filing's use goes on beyond without being looked at again."""
        plan = next(iter(self._snapshot.days.values()))
        return plan.is_workday if when < plan.next_midnight else self._snapshot.next_is_workday
