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
from facility.store.protocol import Store

P = ParamSpec("P")
T = TypeVar("T")

GROUP_READINGS: Final = 500
"""So many waiting readings are committed at once, without waiting for more."""

GROUP_WALL_S: Final = 0.25
"""No reading waits longer than this for its commit, unless the store is slow."""

CAPACITY_READINGS: Final = 500_000
"""Readings kept while the store cannot take them; what comes on top is refused and counted."""

_RETRY_WALL_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)

_log = logging.getLogger(__name__)


class StoreWriter:
    """Writes every reading on the bus to the store, in groups, and tells each sender when its batch is durable.

    It listens from the moment it is made until `run` ends. While the store is unavailable what waits is kept in order,
    oldest first, and tried again; what does not fit any more is refused: its sender is not told that it is durable.

    Attributes:
        refused: readings that found no room.
        lost: readings that the store will never take.
    """

    def __init__(self, bus: Bus, store: Store, *, capacity: int = CAPACITY_READINGS) -> None:
        self._store = store
        self._capacity = capacity
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

    def _take(self, message: ReadingsTaken) -> None:
        count = len(message.batch)
        if self._readings + count > self._capacity:
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
                await self._write_patiently()
        except asyncio.CancelledError:
            self._leave()
            await self._finish()
            raise

    async def _gather(self) -> None:
        try:
            async with asyncio.timeout(GROUP_WALL_S):
                await self._full_group.wait()
        except TimeoutError:
            return

    async def _write_patiently(self) -> None:
        """Writes all that waits; waits and tries again while the store is unavailable."""
        failures = 0
        while self._waiting:
            try:
                await self.flush()
            except (StoreUnavailable, StoreDamaged) as error:
                if failures == 0:
                    _log.warning("the store does not take readings: %s", error)
                await asyncio.sleep(_RETRY_WALL_S[min(failures, len(_RETRY_WALL_S) - 1)])
                failures += 1
        if failures:
            _log.info("the store takes readings again")

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

    def _append(self, group: list[ReadingsTaken]) -> list[bool]:
        """Whether each message was stored. One that is refused does not take the others with it."""
        try:
            self._store.append([message.batch for message in group])
        except (StoreRefused, ValueError):
            return [self._append_one(message) for message in group]
        return [True] * len(group)

    def _append_one(self, message: ReadingsTaken) -> bool:
        try:
            self._store.append([message.batch])
        except (StoreRefused, ValueError) as error:
            _log.error("readings of %s are lost: %s", ", ".join(message.batch.points[:5]), error)
            return False
        return True

    def _done(self, group: list[ReadingsTaken], stored: list[bool]) -> None:
        for message, kept in zip(group, stored, strict=True):
            self._waiting.popleft()
            self._readings -= len(message.batch)
            if not kept:
                self.lost += len(message.batch)
            elif message.on_durable is not None:
                message.on_durable()


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
