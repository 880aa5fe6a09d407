"""What the rooms a unit serves say: room limits with their tolerance, open windows, nobody in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from controller.policy.facts import UnitFacts, UnitMemory
from controller.policy.findings import Finding, Seen
from controller.policy.hold import Held
from controller.policy.schema import Parameters
from controller.policy.site_policy import ClassRules
from facility.commands import Mode
from facility.decisions import Effect


def step_rooms(memory: UnitMemory, facts: UnitFacts, p: Parameters, now: datetime) -> UnitMemory:
    """What is remembered after this cycle; itself when nothing changed."""
    window = memory.window.step(
        facts.window_open, now, rise_s=p.window_open_s, fall_s=p.window_closed_s, at=facts.window_at
    )
    absent = None if facts.present is None else not facts.present
    vacant = memory.vacant.step(absent, now, rise_s=p.vacancy_s, fall_s=0.0, at=facts.present_at)
    if absent is None and vacant.state:
        vacant = Held()
    too_cold = memory.too_cold.step(_too_cold(memory.too_cold.state, facts, p), now, rise_s=0.0, fall_s=0.0)
    too_warm = memory.too_warm.step(_too_warm(memory.too_warm.state, facts, p), now, rise_s=0.0, fall_s=0.0)
    if (
        window is memory.window
        and vacant is memory.vacant
        and too_cold is memory.too_cold
        and too_warm is memory.too_warm
    ):
        return memory
    return replace(memory, window=window, vacant=vacant, too_cold=too_cold, too_warm=too_warm)


def _too_cold(was: bool | None, facts: UnitFacts, p: Parameters) -> bool | None:
    """Below the limit less the tolerance, until the limit itself is reached again (AC-03, summer)."""
    if facts.room_c is None:
        return None
    if facts.room_c < p.room_min_cool_c - p.room_tolerance_k:
        return True
    if facts.room_c >= p.room_min_cool_c:
        return False
    return was if was is not None else facts.observed.on is not True


def _too_warm(was: bool | None, facts: UnitFacts, p: Parameters) -> bool | None:
    """Above the limit plus the tolerance, until the limit itself is reached again (AC-03, winter)."""
    if facts.room_c is None:
        return None
    if facts.room_c > p.room_max_heat_c + p.room_tolerance_k:
        return True
    if facts.room_c <= p.room_max_heat_c:
        return False
    return was if was is not None else facts.observed.on is not True


def room_finding(season: Mode, rules: ClassRules, memory: UnitMemory, facts: UnitFacts) -> Finding | None:
    """The room limit's part: forbids past the limit, holds back starts when the room is not known, None inside it."""
    if "room-limit" not in rules.enforced:
        return None
    p, cooling = rules.parameters, season is Mode.COOL
    beyond = memory.too_cold.state if cooling else memory.too_warm.state
    inputs = (Seen(facts.room_point, facts.room_c, "unit" if facts.room_is_return_air else "sensor", facts.room_time),)
    if facts.room_c is None:
        return Finding("room-unknown", Effect.HOLD, "room-limit", (), inputs) if facts.has_room else None
    if beyond:
        limit_c = p.room_min_cool_c if cooling else p.room_max_heat_c
        stop_c = limit_c - p.room_tolerance_k if cooling else limit_c + p.room_tolerance_k
        code = "room-too-cold" if cooling else "room-too-warm"
        values = (facts.room_c, stop_c, limit_c, facts.room_is_return_air)
        return Finding(code, Effect.FORBID, "room-limit", values, inputs)
    return None


def interlock_finding(rules: ClassRules, memory: UnitMemory, facts: UnitFacts) -> Finding | None:
    """An open window (AC-08) or an empty room (AC-09) that switches the unit off, None when neither does."""
    p = rules.parameters
    if memory.window.state and "window-contact" in rules.enforced:
        inputs = (Seen(facts.window_point, facts.window_open, "sensor", memory.window.since),)
        return Finding(
            "window-open", Effect.FORBID, "window-contact", (p.window_open_s / 60, facts.window_open), inputs
        )
    if memory.vacant.state and "vacancy" in rules.enforced:
        inputs = (Seen(facts.present_point, facts.present, "sensor", memory.vacant.since),)
        return Finding("vacant", Effect.FORBID, "vacancy", (p.vacancy_s / 60,), inputs)
    return None
