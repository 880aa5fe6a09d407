"""A mean over the last minutes, weighted by how long each value stood, exact at the thresholds of the rules."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

MILLI: Final = 1000
"""Values are kept as whole thousandths, so that a steady 30.0 has a mean of exactly 30.0."""


class RollingMean:
    """Each value holds until the next, at most `hold_us`. Times are microseconds since 1970.

    Args:
        span_us: how far back the mean looks.
        hold_us: after so long without a new value the old one no longer counts.
    """

    __slots__ = ("_area", "_hold_us", "_samples", "_span_us")

    def __init__(self, span_us: int, hold_us: int) -> None:
        self._span_us = span_us
        self._hold_us = hold_us
        self._samples: deque[tuple[int, int]] = deque()
        self._area = 0

    def add(self, time_us: int, value: float) -> None:
        """Takes a value; one that is not newer than the last is ignored."""
        samples = self._samples
        milli = round(value * MILLI)
        if samples:
            last_us, last = samples[-1]
            if time_us <= last_us:
                return
            self._area += last * min(time_us - last_us, self._hold_us)
        samples.append((time_us, milli))
        self._forget(time_us)

    def _forget(self, now_us: int) -> None:
        samples, start_us = self._samples, now_us - self._span_us
        while len(samples) > 1 and samples[1][0] <= start_us:
            time_us, milli = samples.popleft()
            self._area -= milli * min(samples[0][0] - time_us, self._hold_us)

    def mean(self, now_us: int) -> float | None:
        """The mean over the span up to `now_us`; None when nothing in it is known or the last value is too old."""
        samples = self._samples
        if not samples or now_us - samples[-1][0] > self._hold_us:
            return None
        self._forget(now_us)
        last_us, last = samples[-1]
        first_us, first = samples[0]
        if now_us <= first_us or len(samples) == 1:
            return last / MILLI
        start_us = now_us - self._span_us
        before = max(0, min(start_us, first_us + self._hold_us) - first_us)
        area = self._area + last * (now_us - last_us) - first * before
        covered = self._covered(now_us) - before
        return area / covered / MILLI if covered > 0 else last / MILLI

    def _covered(self, now_us: int) -> int:
        samples = self._samples
        total = now_us - samples[0][0]
        if total <= self._hold_us:
            return total
        hold_us, covered = self._hold_us, 0
        previous_us = samples[0][0]
        for time_us, _ in samples:
            covered += min(time_us - previous_us, hold_us)
            previous_us = time_us
        return covered + min(now_us - previous_us, hold_us)

    @property
    def last(self) -> tuple[int, float] | None:
        """Time and value of the newest sample."""
        return (self._samples[-1][0], self._samples[-1][1] / MILLI) if self._samples else None

    def samples(self) -> list[tuple[int, int]]:
        """What is held, as (time in microseconds, thousandths)."""
        return list(self._samples)

    def restore(self, samples: Iterable[tuple[int, int]]) -> None:
        """Holds what `samples` gave, and nothing else."""
        self._samples.clear()
        self._area = 0
        for time_us, milli in samples:
            self.add(time_us, milli / MILLI)
