"""How busy a line is: the share of the last minute in which it carried something or had to be left quiet."""

from __future__ import annotations

from typing import Final

SLICE_S: Final = 5.0
SLICES: Final = 12


class Load:
    """Busy seconds in slices of wall time.

    Args:
        now_s: monotonic time.
    """

    __slots__ = ("_first", "_slice", "_slices", "_until_s")

    def __init__(self, now_s: float) -> None:
        self._slice = int(now_s // SLICE_S)
        self._first = self._slice + 1  # the first whole one
        self._until_s = self._first * SLICE_S
        self._slices = [0.0] * (SLICES + 1)

    def add(self, busy_s: float, now_s: float) -> None:
        """The line was busy for so long until now."""
        if now_s >= self._until_s:
            self._turn_to(now_s)
        self._slices[self._slice % (SLICES + 1)] += busy_s

    def share(self, now_s: float) -> float | None:
        """Of the last minute of whole slices, 0 to 1; None before the first minute is over."""
        if now_s >= self._until_s:
            self._turn_to(now_s)
        if self._slice - self._first < SLICES:
            return None
        whole = sum(self._slices) - self._slices[self._slice % (SLICES + 1)]
        return min(1.0, whole / (SLICES * SLICE_S))

    def _turn_to(self, now_s: float) -> None:
        number = int(now_s // SLICE_S)
        for passed in range(max(self._slice + 1, number - SLICES), number + 1):
            self._slices[passed % (SLICES + 1)] = 0.0
        self._slice = number
        self._until_s = (number + 1) * SLICE_S
