"""An amount that was used in an interval, how well it is known, and what is missing from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Grade(StrEnum):
    """How a figure came about, from best to worst."""

    MEASURED = "measured"
    DERIVED = "derived"
    ALLOCATED = "allocated"
    ESTIMATED = "estimated"
    MANUAL = "manual"
    UNKNOWN = "unknown"


class Amount(Protocol):
    """What can be added up over meters: a `Use`, or anything shaped like one."""

    @property
    def start_us(self) -> int: ...
    @property
    def end_us(self) -> int: ...
    @property
    def value(self) -> float | None: ...
    @property
    def completeness(self) -> float: ...
    @property
    def estimated_share(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one counter counted in [start_us, end_us), microseconds since 1970 UTC.

    Attributes:
        value: in the counter's unit; None when nothing is known of the interval.
        completeness: 0..1, share of the interval's time that good readings cover.
        estimated_share: 0..1, share of the value that was spread over a gap in the readings.
        grade: MEASURED; ESTIMATED when more than half was; UNKNOWN when there is no value.
        manual_share: 0..1, share of the value that a person entered.
        error: the value may be off by so much either way, for the readings next to the interval's ends do not lie on
            them; in the counter's unit.
    """

    start_us: int
    end_us: int
    value: float | None
    completeness: float
    estimated_share: float
    grade: Grade
    manual_share: float = 0.0
    error: float = 0.0


class GapKind(StrEnum):
    """Why a stretch of time is not simply measured.

    BRIDGED a silence short enough to be spread evenly, marked as estimated. BLOCK a longer one: what was counted in it
    is known as a whole only. RESET the counter fell. HELD it rose faster than its circuit can carry and waits for a
    person; REJECTED a person judged that rise to be wrong. SILENT no reading before or after: nothing is known. FROZEN
    the counter stood still while the circuit carried load.
    """

    BRIDGED = "bridged"
    BLOCK = "block"
    RESET = "reset"
    HELD = "held"
    REJECTED = "rejected"
    SILENT = "silent"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One stretch [start_us, end_us) between two readings that is not simply measured.

    `amount`: what the counter rose by in it, in its unit (BRIDGED, BLOCK: counted; HELD, REJECTED: not counted); None
    where that is not known.
    """

    kind: GapKind
    start_us: int
    end_us: int
    amount: float | None
