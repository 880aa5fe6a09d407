"""Keeps the store's blocking calls off the event loop: one owned thread that writes, one that reads."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from facility.bus.messages import ReadingsTaken
from facility.bus.protocol import Bus
from facility.errors import StoreDamaged, StoreRefused, StoreUnavailable
from facility.patience import flushed
from facility.readings import Batch
from facility.store.protocol import Store

P = ParamSpec("P")
T = TypeVar("T")

GROUP_READINGS: Final = 500
"""So many waiting readings are committed at once, without waiting for more."""

GROUP_WALL_S: Final = 0.25
"""No reading waits longer than this for its commit, unless the store is slow."""

CAPACITY_READINGS: Final = 500_000
"""Readings kept while the store cannot take them; what comes on top is refused and counted."""

_log = logging.getLogger(__name__)


class StoreWriter:
    """Writes every reading on the bus to the store, in groups, and tells each sender when its batch is durable.

    It listens from the moment it is made until `run` ends. While the store is unavailable what waits is kept in order,
    oldest first, and tried again; what does not fit any more is refused: its sender is not told that it is durable.

    Attributes:
        refused: readings that found no room.
        capacity: how many readings may wait.
        away: whether the store took nothing at the last try.
        lost: readings that the store will never take. The sender of an answer is told that it is durable when those
            of its readings are that can be.
    """

    def __init__(self, bus: Bus, store: Store, *, capacity: int = CAPACITY_READINGS) -> None:
        self._store = store
        self.capacity = capacity
        self.away = False
        self._waiting: deque[ReadingsTaken] = deque()
        self._readings = 0
        self._writing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._full_group = asyncio.Event()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._leave = bus.listen(ReadingsTaken, self._take)
        self.refused = 0
        self.lost = 0

    @property
    def waiting(self) -> int:
        """Readings that wait for their commit."""
        return self._readings

    def _waits(self) -> bool:
        return bool(self._waiting)

    def _take(self, message: ReadingsTaken) -> None:
        count = len(message.batch)
        if self._readings + count > self.capacity:
            if self.refused == 0:
                _log.error("the store writer is full (%d readings wait): new readings are refused", self._readings)
            self.refused += count
            return
        self._waiting.append(message)
        self._readings += count
        self._wake.set()
        if self._readings >= GROUP_READINGS:
            self._full_group.set()

    async def run(self) -> None:
        """Writes for ever. On cancellation what waits is written once more, then the thread ends. After an error that
        nobody expected it can be run again: what waits is kept.
        """
        try:
            while True:
                await self._wake.wait()
                await self._gather()
                await flushed(self.flush, self._waits, _log, "the store", self._set_away)
        except asyncio.CancelledError:
            self._leave()
            await self._finish()
            raise

    def _set_away(self, away: bool) -> None:
        self.away = away

    async def _gather(self) -> None:
        try:
            async with asyncio.timeout(GROUP_WALL_S):
                await self._full_group.wait()
        except TimeoutError:
            return

    async def _finish(self) -> None:
        try:
            await self.flush()
        except (StoreUnavailable, StoreDamaged) as error:
            _log.error("%d readings could not be written at the end: %s", self._readings, error)
        finally:
            self._executor.shutdown(wait=False)

    async def flush(self) -> None:
        """Writes all that waits now.

        Raises:
            StoreUnavailable, StoreDamaged: the store did not take it; it goes on waiting.
        """
        async with self._writing:
            while self._waiting:
                group = list(self._waiting)
                self._wake.clear()
                self._full_group.clear()
                await self._commit(group)

    async def _commit(self, group: list[ReadingsTaken]) -> None:
        work = asyncio.get_running_loop().run_in_executor(self._executor, self._append, group)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])  # the thread is writing: what it wrote must be told as durable
            if work.exception() is None:
                self._done(group, work.result())
            raise
        self._done(group, work.result())

    def _append(self, group: list[ReadingsTaken]) -> list[int]:
        """How many readings of each message were stored. One that is refused does not take the others with it."""
        try:
            self._store.append([message.batch for message in group])
        except (StoreRefused, ValueError):
            return [self._stored_of(message.batch) for message in group]
        return [len(message.batch) for message in group]

    def _stored_of(self, batch: Batch) -> int:
        """How many readings of one batch the store took; halves it until it finds those that it never will."""
        try:
            self._store.append([batch])
        except ValueError as error:
            return _lost(batch, error)
        except StoreRefused as error:
            if len(batch) < 2:
                return _lost(batch, error)
            middle = len(batch) // 2
            return self._stored_of(_part(batch, 0, middle)) + self._stored_of(_part(batch, middle, len(batch)))
        return len(batch)

    def _done(self, group: list[ReadingsTaken], stored: list[int]) -> None:
        for message, kept in zip(group, stored, strict=True):
            self._waiting.popleft()
            self._readings -= len(message.batch)
            self.lost += len(message.batch) - kept
            if kept and message.on_durable is not None:
                message.on_durable()


def _part(batch: Batch, start: int, end: int) -> Batch:
    statuses = None if batch.statuses is None else batch.statuses[start:end]
    return Batch(
        time_us=batch.time_us, points=batch.points[start:end], values=batch.values[start:end], statuses=statuses
    )


def _lost(batch: Batch, error: Exception) -> int:
    _log.error("readings of %s are lost: %s", ", ".join(batch.points[:5]), error)
    return 0


class StoreReader:
    """Runs blocking calls of the store (or pure work on what it gives) in one owned thread."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-reader")

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `function`, computed off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: function(*args, **kwargs))

    def close(self) -> None:
        """Ends the thread after the call it is in; calls that wait are cancelled."""
        self._executor.shutdown(wait=True, cancel_futures=True)
