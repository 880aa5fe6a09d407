"""Tells a flood of alarms: more new ones within some minutes than a person can look at one by one."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta


class FloodGate:
    """Counts new alarms over a sliding time.

    Args:
        more_than: so many new alarms are still no flood.
        minutes: over how long they are counted.
    """

    def __init__(self, *, more_than: int, minutes: float) -> None:
        self._more_than = more_than
        self._span = timedelta(minutes=minutes)
        self._times: deque[datetime] = deque()
        self.on = False

    def count(self, now: datetime) -> int:
        """New alarms within the time up to `now`."""
        while self._times and self._times[0] <= now - self._span:
            self._times.popleft()
        return len(self._times)

    def raised(self, at: datetime) -> bool:
        """An alarm was raised; whether there is a flood now."""
        self._times.append(at)
        return self.look(at)

    def look(self, now: datetime) -> bool:
        """Whether there is a flood at `now`. It ends once no more than half of what makes one are left, so that a
        stream that just touches the limit is one flood and not many.
        """
        count = self.count(now)
        self.on = count > self._more_than if not self.on else count > self._more_than // 2
        return self.on
