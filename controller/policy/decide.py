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
from controller.policy.site_policy import SitePolicy
from controller.policy.supply import step_supply
from controller.policy.timetable import DayPlan
from controller.policy.units import UnitVerdict, decide_unit
from controller.policy.zones import ClassVerdict, class_verdict
from facility.model.entries import ZoneClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The frozen inputs of one moment. `days` and `kettle_day` are the plans of the local date; units with their zone
    class.
    """

    weather: Weather
    days: Mapping[ZoneClass, DayPlan]
    kettle_day: DayPlan
    units: Mapping[str, tuple[ZoneClass, UnitFacts]] = field(default_factory=dict)
    kettles: Mapping[str, KettleFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is remembered from one moment to the next; empty at the very start."""

    supply: Mapping[ZoneClass, SupplyMemory] = field(default_factory=dict)
    units: Mapping[str, UnitMemory] = field(default_factory=dict)
    kettles: Mapping[str, KettleMemory] = field(default_factory=dict)


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
    equipment: dict[str, UnitVerdict] = {}
    units: dict[str, UnitMemory] = {}
    for unit, (zone_class, facts) in snapshot.units.items():
        rules, memory_of = policy.of_class(zone_class), state.units.get(unit, UnitMemory())
        if rules.is_climate:
            equipment[unit], units[unit] = decide_climate(rules, facts, memory_of, now)
        else:
            equipment[unit], units[unit] = decide_unit(rules, classes[zone_class], facts, memory_of, now)
    kettles: dict[str, KettleMemory] = {}
    for kettle, of_kettle in snapshot.kettles.items():
        found, kettles[kettle] = decide_kettle(
            policy, snapshot.kettle_day, of_kettle, state.kettles.get(kettle, KettleMemory()), now
        )
        equipment[kettle] = found.verdict
    return Verdicts(classes=classes, equipment=equipment), State(supply=supply, units=units, kettles=kettles)
