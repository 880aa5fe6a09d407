"""What the rules written as data say of one equipment at a moment, and how that narrows what is legal and wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from controller.arbitration import PriorityArray, Proposal
from controller.policy.findings import Finding
from facility.commands import Mode, Wish
from facility.envelope import Range


class Want(NamedTuple):
    """What a rule wants of an equipment, in which slot of the BACnet array."""

    wish: Wish
    slot: int
    finding: Finding


class Limit(NamedTuple):
    """Bounds a rule sets to setpoints, degrees Celsius; None: no bound on that side."""

    cool_low_c: float | None
    cool_high_c: float | None
    heat_low_c: float | None
    heat_high_c: float | None
    finding: Finding

    def narrows(self, mode: Mode, allowed: Range) -> Range:
        """`allowed` within these bounds; fan only has no setpoint to bound."""
        if mode is Mode.FAN:
            return allowed
        low_c, high_c = (
            (self.heat_low_c, self.heat_high_c) if mode is Mode.HEAT else (self.cool_low_c, self.cool_high_c)
        )
        return Range(low_c=_most(allowed.low_c, low_c), high_c=_least(allowed.high_c, high_c))


class Effects(NamedTuple):
    """Everything that holds for one equipment now. Enforced and defaulted rules are in `forbids`, `holds`, `limits` and
    `wants`; `advises` only tells. `defaults` are the codes of rules that a filing or a notice in force sets aside.
    """

    forbids: tuple[Finding, ...] = ()
    holds: tuple[Finding, ...] = ()
    permits: tuple[Finding, ...] = ()
    limits: tuple[Limit, ...] = ()
    wants: tuple[Want, ...] = ()
    advises: tuple[Finding, ...] = ()
    defaults: frozenset[str] = frozenset()

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """What keeps the equipment from starting, the strictest first."""
        return self.forbids + self.holds

    @property
    def tells(self) -> tuple[Finding, ...]:
        """What is only to be told."""
        return self.permits + tuple(limit.finding for limit in self.limits) + self.advises

    def set_aside(self) -> Effects:
        """These without the rules that hold in principle only (原则上): what an approved filing or a notice leaves."""
        if not self.defaults:
            return self
        gone = self.defaults
        return Effects(
            forbids=tuple(finding for finding in self.forbids if finding.code not in gone),
            holds=tuple(finding for finding in self.holds if finding.code not in gone),
            permits=self.permits,
            limits=tuple(limit for limit in self.limits if limit.finding.code not in gone),
            wants=tuple(want for want in self.wants if want.finding.code not in gone),
            advises=self.advises,
        )

    def narrowed(self, modes: Mapping[Mode, Range]) -> Mapping[Mode, Range]:
        """`modes` within every limit; a mode for which no setpoint is left is forbidden."""
        if not self.limits:
            return modes
        found = dict(modes)
        for limit in self.limits:
            found = {mode: limit.narrows(mode, allowed) for mode, allowed in found.items()}
        return {mode: allowed for mode, allowed in found.items() if _has_any(allowed)}

    def proposed(self, array: PriorityArray) -> PriorityArray:
        """`array` with what these rules want. In one slot off wins; otherwise a rule sets what it says something about
        and leaves the rest as it was.
        """
        for want in self.wants:
            array = array.put(_joined(array.at(want.slot), want))
        return array

    def finding_of(self, winner: Proposal | None) -> Finding | None:
        """The finding behind a proposal that came from one of these rules, None for every other."""
        if winner is None or not self.wants:
            return None
        return next((want.finding for want in self.wants if _is_from(winner, want)), None)


NO_EFFECTS: Final = Effects()


def _is_from(winner: Proposal, want: Want) -> bool:
    return winner.slot == want.slot and winner.why == want.finding.code


def _joined(held: Proposal | None, want: Want) -> Proposal:
    until = None if held is None else held.until
    code, wish = want.finding.code, want.wish
    if held is not None and held.wish.on is False and wish.on is not False:
        return held
    if held is not None and wish.on is not False:
        was = held.wish
        wish = Wish(
            on=was.on if wish.on is None else wish.on,
            mode=was.mode if wish.mode is None else wish.mode,
            setpoint_c=was.setpoint_c if wish.setpoint_c is None else wish.setpoint_c,
            fan=was.fan if wish.fan is None else wish.fan,
        )
    return Proposal(slot=want.slot, wish=wish, who="controller", why=code, until=until)


def _most(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None


def _least(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return min(known) if known else None


def _has_any(allowed: Range) -> bool:
    return allowed.low_c is None or allowed.high_c is None or allowed.low_c <= allowed.high_c
