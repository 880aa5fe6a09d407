"""The clock that everything dated runs on: it may run faster than life, or be moved by hand.

Wall time (time-outs of transports, pacing, backoff) is `time.monotonic` and asyncio's own; it is never taken from here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from facility.boottime import boottime_s

EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""This version was not made earlier: a machine whose clock shows less has not found out the time yet."""

FOLLOWED_S: Final = 30.0
"""Up to so many seconds a correction of the wall clock is followed at once; more is a jump."""

MAX_STEP_S: Final = 60.0
"""Above this pace polls stretch to at least so many clock seconds."""

MIN_WALL_PERIOD_S: Final = 0.2
"""No poll comes more often than this in wall time, however fast the clock runs."""

MIN_STALE_WALL_S: Final = 3.0
"""No value is called stale sooner than this in wall time: a fast clock must not outrun a busy machine."""


class Clock(Protocol):
    """Tells the time that schedules, time stamps, ages and deadlines are meant in."""

    @property
    def pace(self) -> float:
        """Clock seconds per wall second; 1.0 in real operation, 0.0 when moved by hand."""
        ...

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    async def sleep_until(self, when: datetime) -> None:
        """Returns when the clock reaches `when` (aware); at once when it has."""
        ...

    def wall_delay_s(self, when: datetime) -> float:
        """Wall seconds until the clock reaches `when`, 0.0 when it has."""
        ...


class SystemClock:
    """The machine's own time, without its jumps.

    Small corrections of the wall clock are followed at once. Where it is set by more than `FOLLOWED_S` this one goes on
    as before, so that nothing under way sees time fly or run backwards, and `jump_s` tells; whoever runs the process
    then begins anew with another clock.

    Args:
        wall_s: the wall clock, seconds since 1970.
        boot_s: the machine's clock that nobody sets.
    """

    pace: float = 1.0

    def __init__(self, *, wall_s: Callable[[], float] = time.time, boot_s: Callable[[], float] = boottime_s) -> None:
        self._wall_s, self._boot_s = wall_s, boot_s
        self._ahead_s = wall_s() - boot_s()

    @property
    def jump_s(self) -> float:
        """By how many seconds the wall clock was set since this one follows it no more, 0.0 while it does."""
        jump_s = self._wall_s() - self._boot_s() - self._ahead_s
        return jump_s if abs(jump_s) > FOLLOWED_S else 0.0

    def now(self) -> datetime:
        boot_s = self._boot_s()
        ahead_s = self._wall_s() - boot_s
        if abs(ahead_s - self._ahead_s) <= FOLLOWED_S:
            self._ahead_s = ahead_s
        return datetime.fromtimestamp(boot_s + self._ahead_s, UTC)

    def wall_delay_s(self, when: datetime) -> float:
        return max(0.0, (when - self.now()).total_seconds())

    async def sleep_until(self, when: datetime) -> None:
        while (delay_s := self.wall_delay_s(when)) > 0:
            await asyncio.sleep(min(delay_s, 60.0))


class PacedClock:
    """Starts at a chosen time and runs `pace` times as fast as life.

    Args:
        start: aware time the clock shows at first.
        pace: clock seconds per wall second, above 0.
    """

    def __init__(self, start: datetime, pace: float) -> None:
        if pace <= 0:
            raise ValueError(f"pace must be above 0, got {pace}")
        self._start = start.astimezone(UTC)
        self._pace = pace
        self._origin_s = time.monotonic()

    @property
    def pace(self) -> float:
        return self._pace

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._origin_s) * self._pace)

    def wall_delay_s(self, when: datetime) -> float:
        return max(0.0, (when - self.now()).total_seconds() / self._pace)

    async def sleep_until(self, when: datetime) -> None:
        while (delay_s := self.wall_delay_s(when)) > 0:
            await asyncio.sleep(min(delay_s, 60.0))


class ManualClock:
    """Stands still until moved. For tests and for making history; sleepers wake when it is moved past their time."""

    pace: float = 0.0

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    def move_to(self, when: datetime) -> None:
        """Shows `when` from now on.

        Raises:
            ValueError: `when` lies before the time shown.
        """
        if when < self._now:
            raise ValueError(f"the clock shows {self._now.isoformat()} and is not moved back to {when.isoformat()}")
        self._now = when.astimezone(UTC)
        self._moved.set()
        self._moved = asyncio.Event()

    def advance(self, seconds: float) -> None:
        """Moves on by `seconds`, 0 or more."""
        self.move_to(self._now + timedelta(seconds=seconds))

    def wall_delay_s(self, when: datetime) -> float:
        return 0.0 if self._now >= when else float("inf")

    async def sleep_until(self, when: datetime) -> None:
        while self._now < when:
            await self._moved.wait()


def stretched_s(period_s: float, pace: float) -> float:
    """The poll period (or staleness limit) in clock seconds that keeps requests per wall second bounded.

    Up to 60 times life periods hold as written (but never under 0.2 s of wall time); above, they are at least 60
    clock seconds.
    """
    floor_s = MIN_WALL_PERIOD_S * pace
    if pace > MAX_STEP_S:
        floor_s = max(floor_s, MAX_STEP_S)
    return max(period_s, floor_s)


def stale_after_s(limit_s: float, pace: float) -> float:
    """The age in clock seconds from which a value no longer counts: the limit as written at life's pace, longer where
    the clock runs so fast that polls are stretched.
    """
    return max(stretched_s(limit_s, pace), MIN_STALE_WALL_S * pace)
