"""The rules written as data at work: evaluates what changed, and says what holds for whom."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from controller.policy.facts import SupplyMemory, Weather
from controller.policy.findings import Seen
from controller.policy.hold import Held
from controller.policy.rules.book import (
    Instance,
    RuleMemory,
    Spoken,
    compile_rules,
    effects_key,
    effects_of,
    step_rule,
    wakes_at,
)
from controller.policy.rules.effects import NO_EFFECTS, Effects
from controller.policy.rules.logic import Truth, truth_of
from controller.policy.rules.moments import changes_at, holds
from controller.policy.rules.schema import Rule
from controller.policy.rules.weather import weather_seen, weather_truth
from controller.policy.site_policy import SitePolicy
from controller.policy.timetable import DayPlan
from controller.reminding import SHORTEST_S, reminder_of
from controller.rule_inputs import RuleInputs, latch_key
from controller.weather import Tap
from facility.bus.messages import ReminderGiven
from facility.model import Site
from facility.model.entries import ZoneClass
from facility.readings import from_us, to_us

log = logging.getLogger(__name__)

Plans = Mapping[ZoneClass, DayPlan]
_MEMORIES: Final = TypeAdapter(dict[str, RuleMemory])
UNSEEN: Final = RuleMemory()


def _as_is(limit_s: float) -> float:
    return limit_s


class RuleDesk:
    """Keeps what the rules written as data remember, and the effects that follow.

    Args:
        site: rooms, sensors, equipment.
        policy: the rules.
        stale_s: a staleness limit on this clock, in clock seconds.
    """

    def __init__(self, site: Site, policy: SitePolicy, *, stale_s: Callable[[float], float] = _as_is) -> None:
        self._site, self._stale_s = site, stale_s
        self._latched: dict[str, tuple[Truth, ...]] = {}
        self._memories: dict[str, RuleMemory] = {}
        self._reminders: list[ReminderGiven] = []
        self._effects: dict[str, Effects] = {}
        self._take_up(policy)

    def _take_up(self, policy: SitePolicy) -> None:
        book = compile_rules(self._site, policy.written)
        self._book, self._p = book, policy.parameters
        self._inputs = RuleInputs(self._site, book, policy.parameters, self._stale_s)
        self._truths: list[Truth] = [None] * len(book.probes)
        self._latches: dict[int, tuple[Truth, ...]] = {}
        self._clocks = [number for number, probe in enumerate(book.probes) if probe.is_clock]
        self._weathers = [number for number, probe in enumerate(book.probes) if probe.is_weather]
        self._clock_due: list[tuple[datetime, int]] = []
        self._due: list[tuple[datetime, int]] = []
        self._wakes: dict[int, datetime] = {}
        self._dirty = set(range(len(book.instances)))
        self._plans: dict[ZoneClass, DayPlan] = {}
        self._day: date | None = None
        self._rises: list[tuple[datetime, int]] = []
        self._freed = {
            name for name, said in self._effects.items() if name not in book.of_equipment and said is not NO_EFFECTS
        }
        for name in self._freed:
            del self._effects[name]

    def adopt(self, policy: SitePolicy) -> None:
        """Works by other rules from the next step on. What a rule that stays the same remembers is kept; the points
        that are looked at may be others, so `taps` is to be asked again.
        """
        self._memories = self.memories()
        self._latched |= self._named_latches()
        old = {_name_of(instance): instance.rule for instance in self._book.instances}
        self._take_up(policy)
        same = {_name_of(one) for one in self._book.instances if old.get(_name_of(one)) == one.rule}
        self._memories = {name: memory for name, memory in self._memories.items() if name in same}

    def taps(self) -> dict[str, Tap]:
        """Point -> what takes its readings."""
        return self._inputs.taps()

    def step(
        self, now: datetime, *, plans: Plans, weather: Weather, supply: Mapping[ZoneClass, SupplyMemory]
    ) -> set[str]:
        """Evaluates what changed since the last step; gives the equipment whose effects are others now.

        `plans` and `supply` are of every zone class in use; a class that is missing goes by the first there is.
        """
        book, freed = self._book, self._freed
        if not book.instances or not plans:
            self._freed = set()
            return freed
        now_us = to_us(now)
        self._look_at_clock(now, plans)
        self._look_at_weather(now, plans, weather, supply)
        for number in self._inputs.touched(now_us):
            self._look_at_points(number, now_us)
        while self._due and self._due[0][0] <= now:
            self._dirty.add(heapq.heappop(self._due)[1])
        dirty, self._dirty = self._dirty, set()
        moved = {book.instances[number].subject.id for number in sorted(dirty) if self._advance(number, now)}
        self._remind_again(now)
        self._freed, today = set(), self._plan(plans, None).date
        return freed | {name for name in moved if self._speak(name, today, now_us, weather, plans)}

    # Looking

    @staticmethod
    def _plan(plans: Plans, zone_class: ZoneClass | None) -> DayPlan:
        found = plans.get(zone_class) if zone_class is not None else None
        return found if found is not None else next(iter(plans.values()))

    def _look_at_clock(self, now: datetime, plans: Plans) -> None:
        today = self._plan(plans, None).date
        if today != self._day:
            self._day = today
            instances = self._book.instances
            self._dirty.update(one.number for one in instances if one.rule.valid_from or one.rule.valid_until)
        if any(self._plans.get(zone_class) is not plan for zone_class, plan in plans.items()):
            self._plans = dict(plans)
            self._clock_due = [(now, number) for number in self._clocks]
        due = self._clock_due
        while due and due[0][0] <= now:
            number = heapq.heappop(due)[1]
            probe = self._book.probes[number]
            plan = self._plan(plans, probe.zone_class)
            self._settle(number, holds(probe.leaf, plan, now, self._site.zone))
            heapq.heappush(due, (max(changes_at(probe.leaf, plan, now, self._site.zone), now + _TICK), number))

    def _look_at_weather(
        self, now: datetime, plans: Plans, weather: Weather, supply: Mapping[ZoneClass, SupplyMemory]
    ) -> None:
        for number in self._weathers:
            probe = self._book.probes[number]
            plan, was = self._plan(plans, probe.zone_class), self._latches.get(number, (None,))
            truth = weather_truth(probe, was[0], now, weather=weather, supply=supply, plan=plan, p=self._p)
            self._latches[number] = (truth,)
            self._settle(number, truth)

    def _look_at_points(self, number: int, now_us: int) -> None:
        probe = self._book.probes[number]
        was = self._latches.get(number)
        if was is None:
            was = self._latched.get(latch_key(probe), ())
        values = self._inputs.values(number, now_us)
        truth, self._latches[number] = probe.truth(values, was if len(was) == len(values) else ())
        self._settle(number, truth)

    def _settle(self, number: int, truth: Truth) -> None:
        if truth is not self._truths[number]:
            self._truths[number] = truth
            self._dirty.update(self._book.users[number])

    # Concluding

    def _memory(self, instance: Instance) -> RuleMemory:
        return self._memories.get(_name_of(instance), UNSEEN)

    def _advance(self, number: int, now: datetime) -> bool:
        """Steps one rule for one subject; whether what it says of its equipment may be another."""
        instance = self._book.instances[number]
        was, name = self._memory(instance), _name_of(instance)
        memory = self._memories[name] = step_rule(instance.rule, truth_of(instance.term, self._truths), was, now)
        wake = wakes_at(instance.rule, memory, now)
        if wake is not None and wake != self._wakes.get(number):
            self._wakes[number] = wake
            heapq.heappush(self._due, (wake, number))
        if instance.rule.remind is not None and memory.acts and not was.acts:
            self._remind(instance, now)
        return instance.subject.per == "equipment" and instance.rule.remind is None

    def _speak(self, equipment: str, today: date, now_us: int, weather: Weather, plans: Plans) -> bool:
        """Gathers the effects for an equipment anew; whether they say something else than before."""
        spoken = []
        for number in self._book.of_equipment.get(equipment, ()):
            instance = self._book.instances[number]
            seen = truth_of(instance.term, self._truths)
            inputs = tuple(self._seen(instance, now_us, weather, plans))
            spoken.append(Spoken(instance, self._memory(instance), seen, inputs))
        effects, before = effects_of(spoken, today), self._effects.get(equipment, NO_EFFECTS)
        self._effects[equipment] = effects
        return effects is not before and effects_key(effects) != effects_key(before)

    def _seen(self, instance: Instance, now_us: int, weather: Weather, plans: Plans) -> Iterator[Seen]:
        for number in instance.probes:
            probe = self._book.probes[number]
            if probe.is_weather and probe.leaf.permitted is None:
                yield weather_seen(probe.leaf, weather, self._plan(plans, probe.zone_class), from_us(now_us))
            for point, value, time_us in self._inputs.seen(number, now_us):
                time = None if time_us is None else from_us(time_us)
                shown = bool(value) if value is not None and probe.test is None else value
                yield Seen(point, shown, "unit" if probe.leaf.key in _UNIT_LEAVES else "sensor", time)

    def effects(self, equipment: str, *, filed: bool = False) -> Effects:
        """What holds for an equipment now. `filed`: an approved filing or a notice that relaxes something is in force
        for it, so that rules that hold in principle only are set aside.
        """
        found = self._effects.get(equipment, NO_EFFECTS)
        return found.set_aside() if filed else found

    def wakes(self, now: datetime) -> Iterator[datetime]:
        """When something changes by itself: a time of day, a delay that is over."""
        for heap in (self._clock_due, self._due, self._rises):
            if heap and heap[0][0] > now:
                yield heap[0][0]

    def _remind_again(self, now: datetime) -> None:
        while self._rises and self._rises[0][0] <= now:
            instance = self._book.instances[heapq.heappop(self._rises)[1]]
            if self._memory(instance).acts:
                self._remind(instance, now)

    def _remind(self, instance: Instance, now: datetime) -> None:
        assert instance.rule.remind is not None
        assert self._day is not None
        if not instance.rule.is_valid_on(self._day):
            return
        self._reminders.append(reminder_of(self._site, instance.rule, instance.subject, self._day, now))
        if instance.rule.remind.again_s is not None:
            again = now + timedelta(seconds=max(instance.rule.remind.again_s, SHORTEST_S))
            heapq.heappush(self._rises, (again, instance.number))

    def reminders(self, now: datetime) -> list[ReminderGiven]:
        """The reminders that fell due by `now` since they were last asked for."""
        found = [reminder for reminder in self._reminders if reminder.at <= now]
        self._reminders = [reminder for reminder in self._reminders if reminder.at > now]
        return found

    # Over a restart

    def memories(self) -> dict[str, RuleMemory]:
        """What rules remember that they would not find out again at once, by rule and subject."""
        found = ((_name_of(one), one.rule, self._memory(one)) for one in self._book.instances)
        return {name: memory for name, rule, memory in found if _matters(rule, memory)}

    def saved(self) -> dict[str, Any]:
        """What a restart needs, as JSON."""
        return {
            "rules": _MEMORIES.dump_python(self.memories(), mode="json"),
            "latches": {name: list(truths) for name, truths in (self._latched | self._named_latches()).items()},
        }

    def _named_latches(self) -> dict[str, tuple[Truth, ...]]:
        probes = ((self._book.probes[number], truths) for number, truths in self._latches.items())
        return {
            latch_key(probe): truths
            for probe, truths in probes
            if probe.test is not None and probe.test.back is not None and any(truths)
        }

    def restore(self, doc: Any, *, is_recent: bool = True) -> None:
        """Takes back what was saved; what does not fit is passed over. Not `is_recent`: what held how long is no longer
        known, only what acted.
        """
        if not isinstance(doc, Mapping):
            return
        try:
            found = _MEMORIES.validate_python(doc.get("rules", {}))
            latches = _LATCHES.validate_python(doc.get("latches", {}))
        except ValidationError as error:
            log.warning("what the rules remembered does not fit and is not used: %s", error.errors()[0]["msg"])
            return
        names = {_name_of(instance) for instance in self._book.instances}
        self._memories = {name: _taken(memory, is_recent) for name, memory in found.items() if name in names}
        self._latched = latches if is_recent else {}
        self._dirty = set(range(len(self._book.instances)))


_TICK: Final = timedelta(microseconds=1)
_UNIT_LEAVES: Final = frozenset({"running", "mode", "setpoint", "operation"})
_LATCHES: Final = TypeAdapter(dict[str, tuple[bool | None, ...]])


def _matters(rule: Rule, memory: RuleMemory) -> bool:
    """Whether a memory differs from that of a rule that has just seen its condition not to hold."""
    if memory.acts or (rule.effect == "permit" and memory.acts is not None):
        return True
    is_counting = memory.held.seen is not None and memory.held.seen is not memory.held.state
    return is_counting or (memory.since is not None and rule.dwell_s > 0)


def _taken(memory: RuleMemory, is_recent: bool) -> RuleMemory:
    return memory if is_recent else replace(memory, held=Held(memory.held.state))


def _name_of(instance: Instance) -> str:
    subject = instance.subject
    return f"{instance.rule.id}|{subject.per}|{subject.id}"
