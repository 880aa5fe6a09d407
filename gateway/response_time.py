"""How long one unit takes to answer, and how long it is waited for.

A short wait makes a lost answer cheap; a wait that is too short makes a slow device look broken. So it is shortened
only for a unit that has answered many times in a row, never below a quarter of what its device is allowed, and to three
times the slowest of its last answers. After a single answer that did not come the full time holds again, at once and
for as many answers as it took to earn the short wait: whoever asks a second time gives the device all the time it is
allowed. A device that answers within its allowed time therefore never fails twice in a row.

Only where answers name their questions (Modbus/TCP). On a serial line an answer may come as late as its device is
allowed, and would be taken for that of the next question; there nothing is gained by not waiting for it.
"""

from __future__ import annotations

from collections import deque
from typing import Final

ANSWERS_KEPT: Final = 64
"""So many last answers are remembered, and so many in a row earn a shorter wait."""
LOOKED_AT_EVERY: Final = 16
MARGIN: Final = 3.0
SHORTEST_SHARE: Final = 0.25
SHORTEST_S: Final = 0.1


class ResponseTime:
    """Of one unit on one line. Times are wall seconds from the request's first byte to the answer's last.

    Attributes:
        recent_s: the last answers' times, oldest first.
    """

    __slots__ = ("_in_a_row", "_slowest_s", "recent_s")

    def __init__(self) -> None:
        self.recent_s: deque[float] = deque(maxlen=ANSWERS_KEPT)
        self._in_a_row = 0
        self._slowest_s = 0.0

    def answered(self, took_s: float) -> None:
        """A good answer came."""
        self.recent_s.append(took_s)
        self._in_a_row += 1
        if took_s > self._slowest_s:
            self._slowest_s = took_s
        elif self._in_a_row % LOOKED_AT_EVERY == 0:
            self._slowest_s = max(self.recent_s)

    def silent(self) -> None:
        """No good answer came in time."""
        self._in_a_row = 0

    def wait_s(self, allowed_s: float) -> float:
        """How long to wait for the next answer, `allowed_s` at most."""
        if self._in_a_row < ANSWERS_KEPT:
            return allowed_s
        wait_s, shortest_s = MARGIN * self._slowest_s, SHORTEST_SHARE * allowed_s
        if wait_s > shortest_s and wait_s > SHORTEST_S:
            return wait_s if wait_s < allowed_s else allowed_s
        return min(allowed_s, max(SHORTEST_S, shortest_s))


def percentile_ms(times_s: deque[float], share: float) -> float | None:
    """The time that `share` (0 to 1) of `times_s` do not exceed, in milliseconds; None when there are none."""
    if not times_s:
        return None
    ordered = sorted(times_s)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1e3
