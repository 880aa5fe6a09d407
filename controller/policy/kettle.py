"""The tea-room kettle: 08:00 to 09:00 (WH-01), off when it has boiled (WH-02), never on with the level low."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from controller.arbitration import Proposal, Slot
from controller.policy.facts import KettleFacts, KettleMemory
from controller.policy.findings import Finding, Seen
from controller.policy.hold import Held
from controller.policy.rules.effects import NO_EFFECTS, Effects
from controller.policy.site_policy import SitePolicy
from controller.policy.timetable import DayPlan
from controller.policy.units import OFF, Legal, UnitVerdict
from facility.commands import Wish
from facility.decisions import Effect

ON = Wish(on=True)


class KettleVerdict(NamedTuple):
    """The verdict in the form of a unit's, and when it next changes by the calendar."""

    verdict: UnitVerdict
    next_change: datetime | None


def decide_kettle(
    policy: SitePolicy,
    plan: DayPlan,
    facts: KettleFacts,
    memory: KettleMemory,
    now: datetime,
    *,
    effects: Effects = NO_EFFECTS,
) -> tuple[KettleVerdict, KettleMemory]:
    """The verdict for one kettle. `plan` is of the kettle's own hours, `effects` are of the rules written as data."""
    memory = _step(policy, plan, facts, memory, now)
    gate = _gate(policy, plan, now)
    stop = _stop_finding(policy, memory, plan, facts) or _ruled_out(facts, effects)
    open_ = gate.effect is Effect.PERMIT
    findings: tuple[Finding, ...] = (gate, *effects.tells)
    wish, slot, until, order = OFF, int(Slot.RULE_ENGINE), None, None
    if stop is not None:
        findings, slot = (stop, gate, *effects.tells), int(Slot.PROTECTION)
    if open_ and stop is None:
        default = Proposal(slot=Slot.RULE_ENGINE, wish=ON, who="controller", why="kettle-on", until=plan.closes)
        wish, winner = effects.proposed(facts.array.put(default)).merged()
        assert winner is not None
        slot, until, order = winner.slot, winner.until, winner.id
        said = effects.finding_of(winner)
        if said is not None:
            findings = (said, *findings)
        elif winner.slot == Slot.PERSON:
            findings = (Finding("person", Effect.WANT, "", (wish, winner.who, winner.why, until)), *findings)
    legal = Legal({}, open_ and stop is None, plan.closes if open_ else None, not open_, stop or gate)
    flips = memory.idle.flips_at(rise_s=policy.parameters.kettle_boiled_s, fall_s=0.0)
    times = [when for when in (flips, facts.array.ends_at()) if when is not None and when > now]
    verdict = UnitVerdict(wish, slot, findings, legal, wish is OFF, until, min(times, default=None), order)
    return KettleVerdict(verdict, _next_change(policy, plan, open_, now)), memory


def _step(policy: SitePolicy, plan: DayPlan, facts: KettleFacts, memory: KettleMemory, now: datetime) -> KettleMemory:
    """Learns the heating power of the day and notices when it falls away for good: the water has boiled."""
    if memory.day != plan.date:
        memory = KettleMemory(day=plan.date)
    p, power_kw = policy.parameters, facts.power_kw
    if power_kw is None or not plan.is_in_window(now):
        return memory if memory.idle is Held() or memory.idle.seen is None else replace(memory, idle=Held())
    peak_kw = max(memory.peak_kw, power_kw)
    heated = peak_kw >= p.kettle_heating_kw
    idle_seen = heated and power_kw < peak_kw * p.kettle_boiled_percent / 100 and facts.on is True
    idle = memory.idle.step(idle_seen, now, rise_s=p.kettle_boiled_s, fall_s=0.0)
    boiled_on = plan.date if idle.state else memory.boiled_on
    if peak_kw == memory.peak_kw and idle is memory.idle and boiled_on == memory.boiled_on:
        return memory
    return replace(memory, peak_kw=peak_kw, idle=idle, boiled_on=boiled_on)


def _gate(policy: SitePolicy, plan: DayPlan, now: datetime) -> Finding:
    values = (plan.opens, plan.closes, plan.day.why)
    if policy.parameters.kettle_workdays_only and not plan.is_workday:
        return Finding("kettle-rest-day", Effect.FORBID, "kettle-window", values)
    if plan.is_in_window(now):
        return Finding("kettle-on", Effect.PERMIT, "kettle-window", values)
    return Finding("kettle-closed", Effect.FORBID, "kettle-window", values)


def _stop_finding(policy: SitePolicy, memory: KettleMemory, plan: DayPlan, facts: KettleFacts) -> Finding | None:
    if facts.level_point is not None and facts.level_low is not False:
        code = "kettle-level-low" if facts.level_low else "kettle-level-unknown"
        return Finding(code, Effect.FORBID, "", (), (Seen(facts.level_point, facts.level_low, "sensor"),))
    if memory.boiled_on == plan.date:
        p = policy.parameters
        values = (p.kettle_boiled_percent, p.kettle_boiled_s / 60)
        inputs = (Seen(facts.power_point, facts.power_kw, "sensor"),)
        return Finding("kettle-boiled", Effect.FORBID, "kettle-boiled", values, inputs)
    return None


def _ruled_out(facts: KettleFacts, effects: Effects) -> Finding | None:
    """What a rule written as data forbids, or holds back from starting."""
    if effects.forbids:
        return effects.forbids[0]
    return effects.holds[0] if effects.holds and facts.on is not True else None


def _next_change(policy: SitePolicy, plan: DayPlan, open_: bool, now: datetime) -> datetime | None:
    if open_:
        return plan.closes
    workdays_only = policy.parameters.kettle_workdays_only
    if now < plan.opens and (plan.is_workday or not workdays_only):
        return plan.opens
    return plan.next_opens if workdays_only else next((edge for edge in plan.edges[2:] if edge > now), None)
