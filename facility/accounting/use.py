"""An amount that was used in an interval, and how well it is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Grade(StrEnum):
    """How a figure came about."""

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
        held: what the counter jumped by faster than its circuit can carry; not part of `value`, for a person to judge.
        resets: how often the counter fell without rolling over; what it counted around such a fall is not known.
    """

    start_us: int
    end_us: int
    value: float | None
    completeness: float
    estimated_share: float
    grade: Grade
    held: float = 0.0
    resets: int = 0
