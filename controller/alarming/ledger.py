"""Enters how alarms stand into the records, off the event loop; while those are away entries wait."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Final

from facility.bus.messages import AlarmStood
from facility.errors import StoreDamaged, StoreRefused, StoreUnavailable
from facility.journal import Journal
from facility.patience import flushed

CAPACITY: Final = 50_000
"""Entries that wait while the records are away. Beyond that the oldest go: the newest of each alarm says how it stands,
what goes is history.
"""

_GROUP: Final = 500

_log = logging.getLogger(__name__)


class AlarmLedger:
    """Writes each change of an alarm in its order.

    Args:
        journal: the records; None keeps nothing.

    Attributes:
        dropped: entries that found no room.
    """

    def __init__(self, journal: Journal | None, *, capacity: int = CAPACITY) -> None:
        self._journal = journal
        self._capacity = capacity
        self._waiting: deque[AlarmStood] = deque()
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """Entries that are not in the records yet."""
        return len(self._waiting)

    def put(self, step: AlarmStood) -> None:
        """Takes an entry; never blocks."""
        if self._journal is None:
            return
        if len(self._waiting) >= self._capacity:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(step)
        self._wake.set()

    async def run(self) -> None:
        """Writes for ever; on cancellation what waits once more."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await flushed(self.flush, lambda: bool(self._waiting), _log, "the alarms' records")
        except asyncio.CancelledError:
            try:
                await self.flush()
            except (StoreUnavailable, StoreDamaged) as error:
                _log.error("%d changes of alarms could not be entered at the end: %s", len(self._waiting), error)
            raise

    async def flush(self) -> None:
        """Writes all that waits now.

        Raises:
            StoreUnavailable, StoreDamaged: the records did not take it; it goes on waiting.
        """
        async with self._writing:
            while self._waiting:
                group = [self._waiting[index] for index in range(min(_GROUP, len(self._waiting)))]
                await self._enter(group)

    async def _enter(self, group: list[AlarmStood]) -> None:
        assert self._journal is not None
        writing = asyncio.ensure_future(asyncio.to_thread(self._journal.alarm_states.enter, group))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])  # the thread is writing: what it wrote must not be written again
            if writing.exception() is None:
                self._forget(group)
            raise
        except StoreRefused as error:
            _log.error("%d changes of alarms are lost: %s", len(group), error)
        self._forget(group)

    def _forget(self, group: list[AlarmStood]) -> None:
        for step in group:
            if self._waiting and self._waiting[0] is step:  # unless it had to make room meanwhile
                self._waiting.popleft()
