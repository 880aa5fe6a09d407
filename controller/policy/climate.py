"""Rooms kept round the clock: archives (ARC-01, best effort) and server rooms (AC-20). No permits, no window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from controller.arbitration import Proposal, Slot
from controller.policy.facts import UnitFacts, UnitMemory
from controller.policy.findings import Finding, Seen
from controller.policy.rules.effects import NO_EFFECTS, Effects
from controller.policy.site_policy import ClassRules
from controller.policy.units import FOUND, OFF, WALL, Legal, UnitVerdict, ruled
from facility.commands import Fan, Mode, Wish
from facility.decisions import Effect
from facility.envelope import Range

MARGIN_K: Final = 1.0
"""How near to the lower limit heating begins; it ends two margins further in."""
HUMIDITY_MARGIN_PERCENT: Final = 3.0


def climate_modes(rules: ClassRules) -> Mapping[Mode, Range]:
    """Every mode, with setpoints inside the room's limits."""
    p = rules.parameters
    inside = Range(low_c=p.climate_low_c, high_c=p.climate_high_c)
    return {mode: (Range() if mode is Mode.FAN else inside) for mode in Mode}


def decide_climate(
    rules: ClassRules, facts: UnitFacts, memory: UnitMemory, now: datetime, effects: Effects = NO_EFFECTS
) -> tuple[UnitVerdict, UnitMemory]:
    """The verdict for a unit of an archive or server room: runs, in the mode that brings the room inside its limits.

    `effects` are of the rules written as data; only those whose scope names such rooms reach them.
    """
    p = rules.parameters
    mode = _mode(rules, facts, memory.climate_mode)
    out = memory.out_of_limits.step(is_out_of_limits(rules, facts), now, rise_s=p.climate_alarm_s, fall_s=0.0)
    if mode is not memory.climate_mode or out is not memory.out_of_limits:
        memory = replace(memory, climate_mode=mode, out_of_limits=out)
    setpoint_c = p.climate_heat_c if mode is Mode.HEAT else p.climate_cool_c
    own = Wish(on=True, mode=mode, setpoint_c=setpoint_c, fan=Fan.AUTO)
    array = facts.array.put(Proposal(slot=Slot.RULE_ENGINE, wish=own, who="controller", why="climate"))
    wish, winner = effects.proposed(array).merged()
    assert winner is not None
    legal = ruled(Legal(climate_modes(rules), True, None, False, None), facts, effects)
    is_blocked = (wish.mode or mode) not in legal.modes
    wanted = OFF if wish.on is False or is_blocked else _inside(wish, legal.modes)
    said = effects.finding_of(winner)
    chain = (*((said,) if said else _person(winner, wanted)), _climate_finding(rules, facts, wanted))
    if effects is not NO_EFFECTS:
        chain = (*effects.blocks, *chain, *effects.tells) if is_blocked else (*chain, *effects.blocks, *effects.tells)
    flips = out.flips_at(rise_s=p.climate_alarm_s, fall_s=0.0)
    times = [when for when in (flips, facts.array.ends_at()) if when is not None and when > now]
    return (
        UnitVerdict(
            wanted=wanted,
            slot=winner.slot,
            findings=chain,
            legal=legal,
            legal_stop=is_blocked and wish.on is not False,
            until=winner.until,
            wake=min(times, default=None),
            order=winner.id,
            array=effects.proposed(array),
        ),
        memory,
    )


def is_out_of_limits(rules: ClassRules, facts: UnitFacts) -> bool | None:
    """Whether the room is outside its temperature or humidity limits, None when neither is known."""
    p = rules.parameters
    checks = (
        (facts.room_c, p.climate_low_c, p.climate_high_c),
        (facts.humidity_percent, p.humidity_low_percent, p.humidity_high_percent),
    )
    known = [
        (low is not None and value < low) or (high is not None and value > high)
        for value, low, high in checks
        if value is not None
    ]
    return any(known) if known else None


def _mode(rules: ClassRules, facts: UnitFacts, was: Mode | None) -> Mode:
    """Heat near the lower limit, dry when only humidity is too high, cool otherwise; each left only well inside."""
    p = rules.parameters
    room_c, humidity = facts.room_c, facts.humidity_percent
    if p.climate_low_c is not None and room_c is not None:
        begin_c = p.climate_low_c + MARGIN_K
        if room_c < (begin_c + 2 * MARGIN_K if was is Mode.HEAT else begin_c):
            return Mode.HEAT
    if p.humidity_high_percent is not None and humidity is not None and p.climate_high_c is not None:
        limit = p.humidity_high_percent - (HUMIDITY_MARGIN_PERCENT if was is Mode.DRY else 0.0)
        if humidity > limit and room_c is not None and room_c <= p.climate_high_c:
            return Mode.DRY
    return Mode.COOL


def _inside(wish: Wish, modes: Mapping[Mode, Range]) -> Wish:
    if wish.mode is None or wish.setpoint_c is None:
        return wish
    setpoint_c = modes[wish.mode].clamp(wish.setpoint_c)
    return wish if setpoint_c == wish.setpoint_c else replace(wish, setpoint_c=setpoint_c)


def _person(winner: Proposal, wanted: Wish) -> tuple[Finding, ...]:
    if winner.slot == Slot.RULE_ENGINE:
        return ()
    code = winner.who if winner.who in (WALL, FOUND) else "person"
    return (Finding(code, Effect.WANT, "", (wanted, winner.who, winner.why, winner.until)),)


def _climate_finding(rules: ClassRules, facts: UnitFacts, wanted: Wish) -> Finding:
    p = rules.parameters
    code = "climate-humidity" if p.humidity_high_percent is not None else "climate"
    values = (p.climate_low_c, p.climate_high_c, p.humidity_low_percent, p.humidity_high_percent, wanted)
    inputs = (
        Seen(facts.room_point, facts.room_c, "unit" if facts.room_is_return_air else "sensor", facts.room_time),
        *((Seen(facts.humidity_point, facts.humidity_percent, "sensor"),) if facts.humidity_point else ()),
    )
    return Finding(code, Effect.WANT, "climate", values, inputs)
