"""Brings a record's verdict up to a moment: the kinds of equipment differ only here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from controller.arbitration import Proposal, Slot
from controller.fire import life_safety
from controller.plants import Plants
from controller.policy.climate import decide_climate
from controller.policy.kettle import decide_kettle
from controller.policy.site_policy import SitePolicy
from controller.policy.switches import decide_switch
from controller.policy.timetable import DayPlan
from controller.policy.units import FOUND, UnitVerdict, decide_unit
from controller.records import Record, Sort
from controller.rule_desk import RuleDesk
from controller.sensing import Sensing
from controller.zones import Zones
from facility.envelope import OnLoss


class Decider:
    """Asks the rules about one equipment.

    Args:
        policy: the rules.
        sensing: what is known.
        zones: what holds for whole classes of rooms.
        records: what is decided about.
        rules: the rules written as data.
        plants: plants of chilled water, whose order holds for their parts.
    """

    def __init__(
        self,
        policy: SitePolicy,
        records: Mapping[str, Record],
        sensing: Sensing,
        zones: Zones,
        *,
        rules: RuleDesk,
        plants: Plants,
    ) -> None:
        self._policy, self._records, self._sensing, self._zones = policy, records, sensing, zones
        self._rules, self._plants = rules, plants

    def decide(self, record: Record, plan: DayPlan, now: datetime, now_us: int) -> None:
        """Puts the verdict of `now` into `record`, with what is to be remembered for the next."""
        sensing, rules = self._sensing, record.rules
        effects = self._rules.effects(record.id, filed=record.filed)
        match record.sort:
            case Sort.UNIT:
                facts = sensing.unit_facts(record, now_us)
                of_class = self._zones.verdict_of(record)
                record.verdict, record.memory = decide_unit(rules, of_class, facts, record.memory, now, effects=effects)
                record.next_change = self._zones.next_change(record, now)
            case Sort.CLIMATE:
                facts = sensing.unit_facts(record, now_us)
                record.verdict, record.memory = decide_climate(rules, facts, record.memory, now, effects=effects)
            case Sort.KETTLE:
                kettle = sensing.kettle_facts(record, now_us)
                found, record.kettle = decide_kettle(self._policy, plan, kettle, record.kettle, now, effects=effects)
                record.verdict, record.next_change = found
            case Sort.SWITCH:
                switch = sensing.switch_facts(record, now_us)
                record.verdict, record.switch = decide_switch(rules, switch, record.switch, now, effects=effects)
            case Sort.PART:
                record.verdict = self._of_part(record)
        if record.array.proposals and record.verdict is not None:
            record.verdict = life_safety(record.array, record.verdict)
        if record.observed.on:
            record.ran_since = record.ran_since or now
        elif record.ran_since is not None and record.ran_since < plan.midnight:
            record.ran_since = None

    def _of_part(self, record: Record) -> UnitVerdict:
        """The plant's verdict on a part. Its host need not run on when the last fan coil must be off."""
        verdict = self._plants.verdict(record.id)
        if record.on_loss is not OnLoss.STOP or not verdict.wanted.on:
            return verdict
        coils = (self._records[coil].verdict for coil in self._plants.coils(self._plants.parts[record.id]))
        ends = [coil.legal.run_until for coil in coils if coil is not None and coil.wanted.on]
        known = [end for end in ends if end is not None]
        last = max(known) if known and len(known) == len(ends) else None
        return verdict._replace(legal=verdict.legal._replace(run_until=last))

    def accept_as_found(self, record: Record, plan: DayPlan, now: datetime, now_us: int) -> None:
        """What is found running legally at the start goes on as it is, until the next edge of the window."""
        verdict, seen = record.verdict, record.observed
        if verdict is None or not seen.on or not verdict.wanted.on or verdict.slot != Slot.RULE_ENGINE:
            return
        allowed = verdict.legal.modes.get(seen.mode) if seen.mode is not None else None
        if allowed is None or seen.setpoint_c is None or allowed.clamp(seen.setpoint_c) != seen.setpoint_c:
            return
        if (seen.mode, seen.setpoint_c) == (verdict.wanted.mode, verdict.wanted.setpoint_c):
            return
        edge = plan.next_edge(now)
        record.array = record.array.put(Proposal(slot=Slot.PERSON, wish=seen, who=FOUND, until=edge))
        self.decide(record, plan, now, now_us)
