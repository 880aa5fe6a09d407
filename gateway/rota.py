"""When each group of questions on a line is due, and which of those that are due goes first. Pure: times are arguments,
microseconds of the clock.
"""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

T = TypeVar("T")


class Entry(Generic[T]):
    """Something that comes round every `period_us`. Its first turn is at once; the next ones lie on a grid that is
    shifted by `phase_us` against its neighbours', so that not all come together. A turn should be over when the next
    one is due.
    """

    __slots__ = ("_grid_us", "due_us", "item", "order", "period_us", "phase_us")

    def __init__(self, item: T, period_us: int, phase_us: int, order: int) -> None:
        self.item = item
        self.period_us = period_us
        self.phase_us = phase_us
        self.order = order
        self.due_us = 0
        self._grid_us: int | None = None

    @property
    def deadline_us(self) -> int:
        """When its turn should be over."""
        return self.due_us + self.period_us

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
    """All entries of a line. Of those that are due the one whose turn should be over first goes first, so that on a
    line that is too slow what is asked often does not wait behind what is asked seldom; the seldom one comes to its
    turn when its own deadline draws near.

    Attributes:
        missed: turns that were skipped because the line was too slow for them.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Entry[T]]] = []
        self._due: list[tuple[int, int, Entry[T]]] = []
        self._entries: list[Entry[T]] = []
        self._last_us = 0
        self.missed = 0

    def add(self, item: T, *, period_s: float, phase: float) -> None:
        """Adds an item; `phase` is its share of the period (0 to 1) by which it comes after the first."""
        period_us = max(1, round(period_s * 1e6))
        entry = Entry(item, period_us, round(period_us * phase), len(self._entries))
        self._entries.append(entry)
        self._wait(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def next_us(self, now_us: int) -> int:
        """When the next turn is due; `now_us` when one is due already."""
        return now_us if self._due else max(now_us, self._waiting[0][0])

    def take(self, now_us: int) -> Entry[T]:
        """Takes out the entry whose turn it is, when one is due; `put_back` it after its turn."""
        while self._waiting and self._waiting[0][0] <= now_us:
            entry = heapq.heappop(self._waiting)[-1]
            heapq.heappush(self._due, (entry.deadline_us, entry.order, entry))
        return heapq.heappop(self._due)[-1]

    def put_back(self, entry: Entry[T], now_us: int) -> None:
        """The entry has had its turn."""
        self.missed += entry.advance(now_us)
        self._wait(entry)

    def _wait(self, entry: Entry[T]) -> None:
        heapq.heappush(self._waiting, (entry.due_us, entry.order, entry))

    def hurry(self, now_us: int) -> None:
        """Everything is due now: after a fault, or when the clock was set back."""
        entries = [waiting[-1] for waiting in (*self._waiting, *self._due)]
        self._waiting, self._due = [], []
        for entry in entries:
            entry.due_us = min(entry.due_us, now_us)
            self._wait(entry)

    def was_set_back(self, now_us: int) -> bool:
        """Whether the clock shows less than when this was last asked."""
        back = now_us < self._last_us
        self._last_us = now_us
        return back
