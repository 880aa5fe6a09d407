"""What sensors add up to, reckoned anew from what was said: plausibility, ten-minute means, conditions that last."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

Said = list[tuple[datetime, float]]
STALE = timedelta(minutes=15)
SPAN = timedelta(minutes=10)
FROZEN = timedelta(hours=12)


class Believed:
    """A sensor's word as far as it is believed; `frozen` tells whether standing still for hours is held against it."""

    def __init__(self, low_c: float, high_c: float, *, frozen: bool, not_believed: tuple[float, ...] = ()) -> None:
        self.low_c, self.high_c, self.frozen, self.not_believed = low_c, high_c, frozen, not_believed
        self.said: deque[tuple[datetime, float]] = deque()
        self._last: tuple[datetime, float] | None = None
        self._since: datetime | None = None
        self._read = 0

    def read(self, said: Said) -> None:
        """Takes in what is new of `said`."""
        for at, value in said[self._read :]:
            self._take(at, value)
        self._read = len(said)

    def _take(self, at: datetime, value: float) -> None:
        if not self.low_c <= value <= self.high_c or value in self.not_believed:
            return
        if self._last is not None:
            if at <= self._last[0]:
                return
            allowed_k = 5.0 * max(1.0, (at - self._last[0]).total_seconds() / 60)
            if abs(value - self._last[1]) > allowed_k:
                return
        if self._last is None or value != self._last[1]:
            self._since = at
        self._last = (at, value)
        if not (self.frozen and self._since is not None and at - self._since >= FROZEN):
            self.said.append((at, value))
        while self.said and at - self.said[0][0] > SPAN + STALE + STALE:
            self.said.popleft()

    def mean(self, now: datetime) -> float | None:
        """The mean of the last ten minutes, each value standing until the next and no longer than fifteen minutes."""
        known = [(at, value) for at, value in self.said if at >= now - SPAN - STALE and at <= now]
        if not known or now - known[-1][0] > STALE:
            return None
        area = length = 0.0
        for (at, value), until in zip(known, [*(at for at, _ in known[1:]), now], strict=True):
            start, end = max(at, now - SPAN), min(until, at + STALE)
            if end > start:
                area += value * (end - start).total_seconds()
                length += (end - start).total_seconds()
        return area / length if length else known[-1][1]


@dataclass(slots=True)
class Lasting:
    """How long something was seen to be so (or not) without a break; None: never, or not known."""

    yes: datetime | None = None
    no: datetime | None = None
    state: bool | None = None
    turned: datetime | None = None

    def look(self, seen: bool | None, now: datetime, *, rise: timedelta, fall: timedelta) -> None:
        """Sees it at `now`; `turned` is when it was last believed to have ended."""
        if seen is None:
            self.yes = self.no = None
        elif seen:
            self.yes, self.no = self.yes or now, None
            if now - self.yes >= rise:
                self.state = True
        else:
            self.yes, self.no = None, self.no or now
            if now - self.no >= fall:
                if self.state:
                    self.turned = now
                self.state = False

    def yes_for(self, now: datetime) -> timedelta:
        """For how long it is so."""
        return timedelta() if self.yes is None else now - self.yes

    def no_for(self, now: datetime) -> timedelta:
        """For how long it is not so."""
        return timedelta() if self.no is None else now - self.no
