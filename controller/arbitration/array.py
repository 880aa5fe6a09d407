"""The BACnet array of sixteen slots: the lowest number wins, NULL releases, everything a person wants has an end.

Pure values: no clock, no waiting. (ASHRAE 135, clause 19, command prioritization.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from facility.commands import Wish


class Slot(IntEnum):
    """The slots that are in use; the numbers between are free."""

    MANUAL_LIFE_SAFETY = 1
    AUTOMATIC_LIFE_SAFETY = 2
    PROTECTION = 5
    PERSON = 8
    INTERLOCK = 10
    RULE_ENGINE = 12
    DEFAULT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody wants of one unit. `until` None: until it is released. `id` is the order it came with, None for
    the controller's own. `why` is a finding's code or a person's words.
    """

    slot: int
    wish: Wish
    who: str
    why: str = ""
    until: datetime | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.slot <= 16:
            raise ValueError(f"a priority is 1 to 16, got {self.slot}")


@dataclass(frozen=True, slots=True)
class PriorityArray:
    """At most one proposal a slot, lowest slot first."""

    proposals: tuple[Proposal, ...] = ()

    def __iter__(self) -> Iterator[Proposal]:
        return iter(self.proposals)

    def at(self, slot: int) -> Proposal | None:
        """What stands in `slot`, None for NULL."""
        return next((proposal for proposal in self.proposals if proposal.slot == slot), None)

    def put(self, *news: Proposal) -> PriorityArray:
        """With each of `news` in its slot, in place of what stood there."""
        taken = {proposal.slot: proposal for proposal in (*self.proposals, *news)}
        return PriorityArray(tuple(taken[slot] for slot in sorted(taken)))

    def release(self, slot: int) -> PriorityArray:
        """With NULL in `slot`."""
        if self.at(slot) is None:
            return self
        return PriorityArray(tuple(proposal for proposal in self.proposals if proposal.slot != slot))

    def without_expired(self, now: datetime) -> PriorityArray:
        """Without what ended at or before `now`; itself when nothing did."""
        kept = tuple(proposal for proposal in self.proposals if proposal.until is None or proposal.until > now)
        return self if len(kept) == len(self.proposals) else PriorityArray(kept)

    def ends_at(self) -> datetime | None:
        """When the first proposal ends by itself, None when none does."""
        return min((proposal.until for proposal in self.proposals if proposal.until is not None), default=None)

    def merged(self) -> tuple[Wish, Proposal | None]:
        """What all want together, and the proposal that decides.

        Each part of a wish (on, mode, setpoint, fan) comes from the lowest slot that says something about it. The
        decisive one is the lowest that contributed; where the outcome is off, the one that says off. None: nobody
        wants anything.
        """
        on = mode = setpoint_c = fan = None
        decisive: Proposal | None = None
        for proposal in self.proposals:
            wish = proposal.wish
            if on is None and wish.on is not None:
                on = wish.on
                if on is False:
                    return wish, proposal
            if decisive is None and _says_something(wish):
                decisive = proposal
            mode = wish.mode if mode is None else mode
            setpoint_c = wish.setpoint_c if setpoint_c is None else setpoint_c
            fan = wish.fan if fan is None else fan
        if decisive is not None and len(self.proposals) == 1:
            return decisive.wish, decisive
        return Wish(on=on, mode=mode, setpoint_c=setpoint_c, fan=fan), decisive


def _says_something(wish: Wish) -> bool:
    return not (wish.on is None and wish.mode is None and wish.setpoint_c is None and wish.fan is None)


EMPTY: Final = PriorityArray()
