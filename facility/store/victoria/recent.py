"""What VictoriaMetrics acknowledged lately: to be sent again should it lose it, and to be read before it shows it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from facility.store.victoria.encoding import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """One append: `requests` as they were sent, byte by byte; `time_s` monotonic, when the server acknowledged it."""

    requests: Sequence[bytes]
    placed: Mapping[str, Sequence[Placed]]
    time_s: float

    @property
    def readings(self) -> int:
        """How many readings it holds."""
        return sum(map(len, self.placed.values()))


class Recent:
    """Acknowledged appends in order, and the same by point. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._appends: deque[Acknowledged] = deque()
        self._by_point: dict[str, deque[Placed]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def hold(self, append: Acknowledged) -> None:
        """Keeps what was acknowledged now."""
        with self._lock:
            self._appends.append(append)
            self._count += append.readings
            for point, placed in append.placed.items():
                self._by_point.setdefault(point, deque()).extend(placed)

    def of(self, point: str) -> list[Placed]:
        """Readings of a point in the order they were written."""
        with self._lock:
            return list(self._by_point.get(point, ()))

    def points(self) -> list[str]:
        """Points with readings."""
        with self._lock:
            return list(self._by_point)

    def appends(self) -> list[Acknowledged]:
        """All that is held, oldest first."""
        with self._lock:
            return list(self._appends)

    def renew(self, time_s: float) -> None:
        """All was acknowledged once more."""
        with self._lock:
            self._appends = deque(replace(append, time_s=time_s) for append in self._appends)

    def forget(self, until_s: float) -> None:
        """Lets go of what was acknowledged up to then."""
        with self._lock:
            while self._appends and self._appends[0].time_s <= until_s:
                append = self._appends.popleft()
                self._count -= append.readings
                for point, placed in append.placed.items():
                    kept = self._by_point[point]
                    for _ in placed:
                        kept.popleft()
                    if not kept:
                        del self._by_point[point]
