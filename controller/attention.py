"""Which equipment has to be looked at: what changed, whose time has come, and everything now and then."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from controller.records import Record


class Attention:
    """Keeps the times at which records want to be visited.

    Args:
        records: all of them, by number.
        look_again: everything is looked at again at least so often: means move without a new reading.
        now: the first looks are spread from here on, so that no cycle has them all.
    """

    def __init__(self, records: Sequence[Record], look_again: timedelta, now: datetime) -> None:
        self._records = records
        self._look_again = look_again
        step = look_again / max(1, len(records))
        self._soft = [(now + step * record.number, record.number) for record in records]
        self._exact: list[tuple[datetime, int]] = []

    def due(self, now: datetime, looks_different: Callable[[Record], bool]) -> list[Record]:
        """What has to be visited at `now`: dirty records, those whose time has come, and those whose second look finds
        them different.
        """
        exact, soft = self._exact, self._soft
        while exact and exact[0][0] <= now:
            self._records[heapq.heappop(exact)[1]].dirty = True
        while soft and soft[0][0] <= now:
            record = self._records[heapq.heappop(soft)[1]]
            record.dirty = record.dirty or looks_different(record)
            heapq.heappush(soft, (now + self._look_again, record.number))
        return [record for record in self._records if record.dirty]

    def want(self, record: Record, times: Iterable[datetime | None], now: datetime) -> None:
        """`record` wants to be visited at the first of `times` that is to come."""
        exact_at = min((when for when in times if when is not None and when > now), default=None)
        if exact_at is not None and exact_at != record.exact_at:
            heapq.heappush(self._exact, (exact_at, record.number))
        record.exact_at = exact_at

    @property
    def first_at(self) -> datetime | None:
        """The first time that a record wants, None when none does."""
        return self._exact[0][0] if self._exact else None
