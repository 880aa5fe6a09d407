"""The verdict for equipment that is only switched: lighting, lifts, dehumidifiers, pumps, valves, circuits.

What such equipment should do is said by rules written as data; where none says anything, it is left as people set it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from controller.arbitration import EMPTY, PriorityArray, Slot
from controller.policy.facts import UNKNOWN
from controller.policy.findings import Finding, Seen
from controller.policy.hold import Held
from controller.policy.rules.effects import NO_EFFECTS, Effects
from controller.policy.site_policy import ClassRules
from controller.policy.units import FOUND, OFF, WALL, Chain, Legal, UnitVerdict
from facility.commands import Wish
from facility.decisions import Effect

Operation = Literal["normal", "fire", "inspection", "unknown"]
"""The operation mode of a lift."""

SETTLED_S: Final = 60.0
"""A lift that was in fire or inspection mode is left alone until it has been in normal operation for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchFacts:
    """A switched equipment: whether it is on (None: not known), whether that is recent, what people want.

    `operation` is the operation mode of a lift and None for equipment that has none; `operation_point` tells it.
    """

    on: bool | None = None
    fresh: bool = False
    operation: Operation | None = None
    operation_point: str = ""
    array: PriorityArray = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchMemory:
    """What is remembered of a switched equipment: how long its operation mode was out of the ordinary."""

    special: Held = UNKNOWN


def decide_switch(
    rules: ClassRules,  # noqa: ARG001 - the signature of all deciders; a switch's rules are all in `effects`
    facts: SwitchFacts,
    memory: SwitchMemory,
    now: datetime,
    effects: Effects = NO_EFFECTS,
) -> tuple[UnitVerdict, SwitchMemory]:
    """The verdict for one switched equipment at `now`, and what is remembered of it.

    A lift in fire or inspection mode, or whose mode is not known, is never touched, whoever asks for it (EL-01).
    """
    memory = _step(facts, memory, now)
    if memory.special.state is not False and facts.operation is not None:
        return _untouched(facts, memory, now), memory
    chain = _chain(effects)
    legal = _legal(facts, effects)
    array = effects.proposed(facts.array)
    wish, winner = array.merged()
    wanted, findings, legal_stop = OFF, chain, False
    if effects.forbids:
        legal_stop = facts.on is True
    elif effects.holds and facts.on is not True and wish.on is not False:
        pass
    elif winner is None:
        wanted = Wish(on=facts.on)
        findings = chain or (Finding("left-as-is", Effect.WANT),)
    else:
        wanted = Wish(on=facts.on if wish.on is None else wish.on)
        own = effects.finding_of(winner)
        code = winner.who if winner.who in (WALL, FOUND) else "person"
        said = own or Finding(code, Effect.WANT, "", (wanted, winner.who, winner.why, winner.until))
        findings = (said, *chain)
    is_ruled = bool(effects.forbids) or winner is None
    return (
        UnitVerdict(
            wanted=wanted,
            slot=int(Slot.RULE_ENGINE) if is_ruled or winner is None else winner.slot,
            findings=findings,
            legal=legal,
            legal_stop=legal_stop,
            until=None if is_ruled or winner is None else winner.until,
            wake=_wake(memory, array, now),
            order=None if winner is None else winner.id,
            array=array,
        ),
        memory,
    )


def _step(facts: SwitchFacts, memory: SwitchMemory, now: datetime) -> SwitchMemory:
    if facts.operation is None:
        return memory
    special = memory.special.step(facts.operation != "normal", now, rise_s=0.0, fall_s=SETTLED_S)
    return memory if special is memory.special else replace(memory, special=special)


def _untouched(facts: SwitchFacts, memory: SwitchMemory, now: datetime) -> UnitVerdict:
    """Left exactly as it is: nothing wanted, no start by anybody, and no stop either."""
    code = "lift-settling" if facts.operation == "normal" else f"lift-{facts.operation}"
    finding = Finding(code, Effect.HOLD, "", (), (Seen(facts.operation_point, facts.operation, "unit"),))
    legal = Legal({}, False, None, False, finding)
    wake = _wake(memory, facts.array, now)
    return UnitVerdict(Wish(), int(Slot.AUTOMATIC_LIFE_SAFETY), (finding,), legal, False, None, wake, None)


def _chain(effects: Effects) -> Chain:
    return effects.blocks + effects.tells


def _legal(facts: SwitchFacts, effects: Effects) -> Legal:
    why = next(iter(effects.blocks), None)
    if effects.forbids:
        return Legal({}, False, None, True, why)
    return Legal({}, not effects.holds or facts.on is True, None, False, why)


def _wake(memory: SwitchMemory, array: PriorityArray, now: datetime) -> datetime | None:
    times = (memory.special.flips_at(rise_s=0.0, fall_s=SETTLED_S), array.ends_at())
    return min((when for when in times if when is not None and when > now), default=None)
