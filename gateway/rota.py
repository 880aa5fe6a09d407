"""When each group of questions on a line is due. Pure: times are arguments, microseconds of the clock."""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

T = TypeVar("T")


class Entry(Generic[T]):
    """Something that comes round every `period_us`. Its first turn is at once; the next ones lie on a grid that is
    shifted by `phase_us` against its neighbours', so that not all come together.
    """

    __slots__ = ("_grid_us", "due_us", "item", "order", "period_us", "phase_us")

    def __init__(self, item: T, period_us: int, phase_us: int, order: int) -> None:
        self.item = item
        self.period_us = period_us
        self.phase_us = phase_us
        self.order = order
        self.due_us = 0
        self._grid_us: int | None = None

    def __lt__(self, other: Entry[T]) -> bool:
        return (self.due_us, self.order) < (other.due_us, other.order)

    def advance(self, now_us: int) -> int:
        """Sets the next turn after `now_us`; returns how many turns were missed, which are not made up for."""
        if self._grid_us is None:
            self._grid_us = now_us + self.phase_us
            self.due_us = self._grid_us + self.period_us
            return 0
        turns = (now_us - self._grid_us) // self.period_us + 1
        before_us, self.due_us = self.due_us, self._grid_us + turns * self.period_us
        return max(0, (self.due_us - before_us) // self.period_us - 1)


class Rota(Generic[T]):
    """All entries of a line, the earliest first.

    Attributes:
        missed: turns that were skipped because the line was too slow for them.
    """

    def __init__(self) -> None:
        self._heap: list[Entry[T]] = []
        self._last_us = 0
        self.missed = 0

    def add(self, item: T, *, period_s: float, phase: float) -> None:
        """Adds an item; `phase` is its share of the period (0 to 1) by which it comes after the first."""
        period_us = max(1, round(period_s * 1e6))
        heapq.heappush(self._heap, Entry(item, period_us, round(period_us * phase), len(self._heap)))

    def __len__(self) -> int:
        return len(self._heap)

    def next_us(self) -> int:
        """When the earliest is due."""
        return self._heap[0].due_us

    def take(self) -> Entry[T]:
        """Takes out the entry that is due first; `put_back` it after its turn."""
        return heapq.heappop(self._heap)

    def put_back(self, entry: Entry[T], now_us: int) -> None:
        """The entry has had its turn."""
        self.missed += entry.advance(now_us)
        heapq.heappush(self._heap, entry)

    def hurry(self, now_us: int) -> None:
        """Everything is due now: after a fault, or when the clock was set back."""
        for entry in self._heap:
            entry.due_us = min(entry.due_us, now_us)
        heapq.heapify(self._heap)

    def was_set_back(self, now_us: int) -> bool:
        """Whether the clock shows less than when this was last asked."""
        back = now_us < self._last_us
        self._last_us = now_us
        return back
