"""Readings that arrive long after they were taken: what was reckoned before them has to be reckoned anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from facility.bus import ReadingsTaken
from facility.readings import to_us

if TYPE_CHECKING:
    from facility.bus import Bus
    from facility.clock import Clock

LATE_US: Final = 2 * 3600 * 1_000_000
"""Clock time after which the account book takes the past to be settled."""

PAUSE_S: Final = 5.0
"""Wall seconds: the book forgets at most this often, and once more this long after the last late reading, when it is
safely in the store.
"""


class LateReadings:
    """Watches the bus for late readings. Touched from the event loop's thread only.

    Args:
        wall_s: monotonic wall time in seconds.
    """

    def __init__(self, bus: Bus, clock: Clock, wall_s: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wall_s = wall_s
        self._last_late_s: float | None = None
        self._forgot_s = float("-inf")
        self.close = bus.listen(ReadingsTaken, self._take)

    def _take(self, message: ReadingsTaken) -> None:
        if to_us(self._clock.now()) - message.batch.time_us > LATE_US:
            self._last_late_s = self._wall_s()

    def must_forget(self) -> bool:
        """Whether the book has to forget now. The caller sees to it: the next answer is False for a while."""
        now_s = self._wall_s()
        if self._last_late_s is None or now_s - self._forgot_s < PAUSE_S:
            return False
        if now_s - self._last_late_s > PAUSE_S:
            self._last_late_s = None
        self._forgot_s = now_s
        return True
