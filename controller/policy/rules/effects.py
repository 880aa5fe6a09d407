"""What the rules written as data say of one equipment at a moment."""

from __future__ import annotations

from typing import Final, NamedTuple

from controller.policy.findings import Finding
from facility.commands import Wish


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


class Effects(NamedTuple):
    """Everything that holds for one equipment now. Enforced and defaulted rules are in `forbids`, `holds`, `limits` and
    `wants`; `advises` only tells.
    """

    forbids: tuple[Finding, ...] = ()
    holds: tuple[Finding, ...] = ()
    permits: tuple[Finding, ...] = ()
    limits: tuple[Limit, ...] = ()
    wants: tuple[Want, ...] = ()
    advises: tuple[Finding, ...] = ()


NO_EFFECTS: Final = Effects()
