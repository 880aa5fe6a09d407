"""Enters what the rooms say into the journal, off the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from facility.bus.messages import AlarmChanged, DecisionMade, ForecastReceived, LeaseChanged, Message
from facility.bus.protocol import Bus
from facility.errors import StoreDamaged, StoreRefused, StoreUnavailable
from facility.journal.journal import Journal
from facility.journal.writing import KEPT
from facility.patience import flushed

CAPACITY: Final = 100_000
"""Messages kept while the journal cannot take them."""

_GROUP: Final = 1000

_OF_WHO_ACTS: Final = (DecisionMade, AlarmChanged, ForecastReceived)
"""What two processes of a site would enter twice: it is left to the one whose controller acts."""

_log = logging.getLogger(__name__)


class JournalRecorder:
    """Enters decisions, wishes, commands, outcomes, alarms and forecasts, in the order they were said.

    It listens from the moment it is made until `run` ends. While the journal is unavailable messages wait and are tried
    again; beyond `capacity` the newest are refused and counted.

    While another process of the site acts (LeaseChanged), its recorder enters decisions, alarms and forecasts; how the
    alarms stand here is entered when this one comes to act.

    Attributes:
        refused: messages that found no room.
        lost: messages that the journal will never take.
        capacity: how many messages may wait.
        away: whether the journal took nothing at the last try.
    """

    def __init__(self, bus: Bus, journal: Journal, *, capacity: int = CAPACITY) -> None:
        self._journal = journal
        self.capacity = capacity
        self.away = False
        self._waiting: deque[Message] = deque()
        self._writing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal-recorder")
        self._leave: list[Any] = [bus.listen(kind, self._take) for kind in KEPT]
        self._leave.append(bus.listen(LeaseChanged, self._heed))
        self._stands_by = False
        self._alarms: dict[str, AlarmChanged] = {}
        self.refused = 0
        self.lost = 0

    @property
    def waiting(self) -> int:
        """Messages that wait for their entry."""
        return len(self._waiting)

    def _waits(self) -> bool:
        return bool(self._waiting)

    def _heed(self, message: LeaseChanged) -> None:
        self._stands_by = not message.acting and message.holder != ""
        if not self._stands_by and self._alarms:
            alarms, self._alarms = self._alarms, {}
            for alarm in alarms.values():
                self._take(alarm)

    def _take(self, message: Message) -> None:
        if self._stands_by and isinstance(message, _OF_WHO_ACTS):
            if isinstance(message, AlarmChanged):
                self._alarms[message.key] = message
            return
        if len(self._waiting) >= self.capacity:
            if self.refused == 0:
                _log.error("the journal is behind by %d messages: new ones are refused", len(self._waiting))
            self.refused += 1
            return
        self._waiting.append(message)
        self._wake.set()

    async def run(self) -> None:
        """Enters for ever. On cancellation what waits is entered once more, then the thread ends. After an error that
        nobody expected it can be run again: what waits is kept.
        """
        try:
            while True:
                await self._wake.wait()
                await flushed(self.flush, self._waits, _log, "the journal", self._set_away)
                self._wake.clear()
        except asyncio.CancelledError:
            for leave in self._leave:
                leave()
            await self._finish()
            raise

    def _set_away(self, away: bool) -> None:
        self.away = away

    async def _finish(self) -> None:
        try:
            await self.flush()
        except (StoreUnavailable, StoreDamaged) as error:
            _log.error("%d messages could not be entered at the end: %s", len(self._waiting), error)
        finally:
            self._executor.shutdown(wait=False)

    async def flush(self) -> None:
        """Enters all that waits now.

        Raises:
            StoreUnavailable, StoreDamaged: the journal did not take it; it goes on waiting.
        """
        async with self._writing:
            while self._waiting:
                group = [self._waiting[index] for index in range(min(_GROUP, len(self._waiting)))]
                try:
                    await self._enter(group)
                except StoreRefused:
                    await self._enter_singly(group)

    async def _enter_singly(self, group: list[Message]) -> None:
        """One message that the journal will never take does not take the others with it."""
        for message in group:
            try:
                await self._enter([message])
            except StoreRefused as error:
                self.lost += 1
                self._forget([message])
                _log.error("a %s is lost: %s", type(message).__name__, error)

    async def _enter(self, group: list[Message]) -> None:
        work = asyncio.get_running_loop().run_in_executor(self._executor, self._journal.record_all, group)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])  # the thread is writing: what it wrote must not be written again
            if work.exception() is None:
                self._forget(group)
            raise
        self._forget(group)

    def _forget(self, group: list[Message]) -> None:
        for _ in group:
            self._waiting.popleft()
