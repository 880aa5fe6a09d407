"""The priority array as people read it: which slot wants what, who stands behind it, why, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from controller.arbitration import PriorityArray, Proposal, Slot
from controller.policy.units import FOUND, WALL, UnitVerdict
from facility.decisions import SlotHeld
from facility.text import Text

_SLOT_WORDS: Final[Mapping[int, Text]] = {
    Slot.MANUAL_LIFE_SAFETY: Text("人工消防指令", "life safety by hand"),
    Slot.AUTOMATIC_LIFE_SAFETY: Text("消防信号", "a fire signal"),
    Slot.PROTECTION: Text("设备保护或联锁", "protection of the equipment, or an interlock"),
    Slot.INTERLOCK: Text("联锁", "an interlock"),
    Slot.RULE_ENGINE: Text("按规定", "by rule"),
    Slot.DEFAULT: Text("没有其他要求时关闭", "off where nothing else is wanted"),
}
_SEEN_WORDS: Final[Mapping[str, Text]] = {
    WALL: Text("现场面板", "set at the wall"),
    FOUND: Text("启动时已在运行", "found running at the start"),
}


def slots_of(verdict: UnitVerdict, array: PriorityArray, decisive: Text) -> tuple[SlotHeld, ...]:
    """The whole array, lowest number first, what wins with the `decisive` words.

    `array` is what people want, for a verdict that does not tell its own. A verdict by law, which no proposal carries,
    stands in its slot in place of what would stand there.
    """
    shown = verdict.array if verdict.array.proposals else array
    held = {proposal.slot: _held(proposal) for proposal in shown}
    winner = held.get(verdict.slot)
    carried = winner is not None and winner.wish.on == verdict.wanted.on
    held[verdict.slot] = SlotHeld(
        slot=int(verdict.slot),
        wish=winner.wish if winner is not None and carried else verdict.wanted,
        who=winner.who if winner is not None else "controller",
        why=decisive,
        until=verdict.until,
    )
    return tuple(held[slot] for slot in sorted(held))


def _held(proposal: Proposal) -> SlotHeld:
    why = _SEEN_WORDS.get(proposal.who) or _SLOT_WORDS.get(proposal.slot) or Text(proposal.why, proposal.why)
    return SlotHeld(slot=int(proposal.slot), wish=proposal.wish, who=proposal.who, why=why, until=proposal.until)
