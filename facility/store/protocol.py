"""The protocol every time-series engine fulfils. Calls block: keep them off the event loop (one owned thread each).

Times are microseconds since 1970 UTC (int). Intervals are half-open [start, end). The same (point, time) written
twice is one reading, the later write wins: replaying is harmless, and late or shuffled readings give the state that
readings in order give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from facility.readings import Batch, Reading
from facility.series import Series, Thinned

__all__ = ["Aggregate", "Bucket", "Series", "Store", "Thinned"]


class Aggregate(StrEnum):
    """How readings of one bucket become one value. MEAN is weighted by time: each good value holds until the next
    reading, at most `hold_us`. SUM adds values (for points that tell an amount per interval). DURATION is the seconds
    for which a state point was not 0.
    """

    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    SUM = "sum"
    COUNT = "count"
    DURATION = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One aggregated interval. `value` None: no usable reading in it (a COUNT is then 0). `completeness` 0..1: the
    share of the interval that good readings cover, each holding for at most the `hold_us` of the query.
    """

    start_us: int
    end_us: int
    value: float | None
    completeness: float


class Store(Protocol):
    """A time-series engine.

    A value is missing exactly where its status is bad: a number that is none (NaN, infinite) is stored as
    NOT_A_NUMBER, a number with a bad status as missing.

    Raises (all calls):
        StoreUnavailable: cannot take or give data now; nothing of the call was acknowledged.
        StoreRefused: will never take these readings; nothing of the call was acknowledged.
        StoreDamaged: a file fails its checks; names it.
    """

    def append(self, batches: Sequence[Batch]) -> None:
        """Writes all batches; durable on return. All or nothing."""
        ...

    def latest(self, points: Sequence[str]) -> dict[str, Reading]:
        """Newest reading of each point that has one."""
        ...

    def raw(self, point: str, start_us: int, end_us: int) -> Series:
        """Every reading of `point` in [start, end), in time order; an unknown point gives an empty series."""
        ...

    def around(self, point: str, start_us: int, end_us: int) -> Series:
        """As `raw`, with the last reading with a value before `start_us` and the first at or after `end_us` added
        where they exist: what consumption needs at its boundaries.
        """
        ...

    def thinned(self, point: str, edges_us: Sequence[int], *, pause_us: int, rate_per_s: float | None) -> Thinned:
        """As `around` from the first to the last of `edges_us` (ascending, at least two), for a counter: readings that
        the engine knows to be plain may be left out, never one next to an edge, to a fall, to a pause longer than
        `pause_us` or to a rise faster than `rate_per_s` (unit per second, over at least a minute; None: any is slow
        enough). What `facility.accounting` makes of it is what it makes of all readings.
        """
        ...

    def extent(self, point: str) -> tuple[int, int] | None:
        """Times of the first and the last reading of `point`, None when it has none."""
        ...

    def aggregate(self, point: str, edges_us: Sequence[int], how: Aggregate, *, hold_us: int) -> list[Bucket]:
        """One bucket for each pair of neighbouring `edges_us` (ascending, at least two)."""
        ...

    def points(self) -> list[str]:
        """Every point that was ever written, sorted."""
        ...

    def close(self) -> None:
        """Flushes and releases files and connections. Safe to call twice."""
        ...
