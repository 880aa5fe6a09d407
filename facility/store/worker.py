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
from facility.errors import StoreDamaged, StoreUnavailable
from facility.patience import flushed
from facility.spool import Figures
from facility.store.own_thread import OwnThread
from facility.store.protocol import Store
from facility.store.refusals import Taker, stored
from facility.store.spool_drain import LAST_WALL_S, SpoolDrain
from facility.store.spooled import Fate, ReadingsSpool

P = ParamSpec("P")
T = TypeVar("T")

GROUP_READINGS: Final = 500
"""So many waiting readings are committed at once, without waiting for more."""

GROUP_WALL_S: Final = 0.25
"""No reading waits longer than this for its commit, unless the store is slow."""

CAPACITY_READINGS: Final = 500_000
"""Readings kept in memory while neither store nor spool can take them; what comes on top is refused and counted."""

_log = logging.getLogger(__name__)


class StoreWriter:
    """Writes every reading on the bus to the store, in groups, and tells each sender when its batch is durable.

    It listens from the moment it is made until `run` ends. While the store is unavailable what waits is kept in order,
    oldest first, and tried again; what does not fit any more is refused: its sender is not told that it is durable.

    With a spool, readings are durable once they are in it, and go on to the store from there, in order and at the
    store's own pace. The spool belongs to whoever opened it. `straight`: readings go to the store itself, and beside
    that what the spool holds from the time before another store was chosen.

    Attributes:
        refused: readings that found no room.
        capacity: how many readings may wait in memory.
    """

    def __init__(
        self,
        bus: Bus,
        store: Taker,
        *,
        capacity: int = CAPACITY_READINGS,
        spool: ReadingsSpool | None = None,
        straight: bool = False,
    ) -> None:
        self._store = store
        self._spool = spool
        self._first = None if straight else spool
        self._drain = None if spool is None else SpoolDrain(spool, store)
        self.capacity = capacity
        self._away = False
        self._waiting: deque[ReadingsTaken] = deque()
        self._readings = 0
        self._writing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._full_group = asyncio.Event()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
        self._leave = bus.listen(ReadingsTaken, self._take)
        self.refused = 0
        self._lost = 0

    @property
    def waiting(self) -> int:
        """Readings that wait in memory for their commit."""
        return self._readings

    @property
    def away(self) -> bool:
        """Whether store or spool took nothing at the last try."""
        return self._away or (self._drain is not None and self._drain.away)

    @property
    def lost(self) -> int:
        """Readings that the store will never take. The sender of an answer is told that it is durable when those of its
        readings are that can be.
        """
        return self._lost + (0 if self._drain is None else self._drain.lost)

    @property
    def spool(self) -> Figures | None:
        """How the spool stands; None where there is none."""
        return None if self._spool is None else self._spool.figures

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
        draining = None if self._drain is None else asyncio.create_task(self._drain.run(), name="store-drain")
        writing = asyncio.create_task(self._write(), name="store-write")
        tasks = [task for task in (writing, draining) if task is not None]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._leave()
            await _ended(tasks)
            await self._finish()
            raise
        await _ended(tasks)
        for task in tasks:  # one of them failed as nobody expected: that is for whoever runs this
            if not task.cancelled():
                task.result()

    async def _write(self) -> None:
        what = "the store" if self._first is None else "the spool"
        while True:
            await self._wake.wait()
            await self._gather()
            await flushed(self.flush, self._waits, _log, what, self._set_away)

    def _set_away(self, away: bool) -> None:
        self._away = away

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
        """Writes all that waits in memory now.

        Raises:
            StoreUnavailable, StoreDamaged: neither store nor spool took it; it goes on waiting.
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

    def _append(self, group: list[ReadingsTaken]) -> list[Fate]:
        """What became of each message. A reading that is refused does not take the others with it."""
        batches = [message.batch for message in group]
        if self._first is not None:
            return self._first.append(batches)
        return [
            Fate(kept=kept, lost=len(batch) - kept)
            for batch, kept in zip(batches, stored(self._store, batches), strict=True)
        ]

    def _done(self, group: list[ReadingsTaken], fates: list[Fate]) -> None:
        for message, fate in zip(group, fates, strict=True):
            self._waiting.popleft()
            self._readings -= len(message.batch)
            self._lost += fate.lost
            self.refused += fate.refused
            if fate.kept and not fate.refused and message.on_durable is not None:
                message.on_durable()
        if self._drain is not None:
            self._drain.wake()


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


class StoreReader:
    """Runs blocking calls of the store (or pure work on what it gives) in one owned thread."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._thread = OwnThread("store-reader")

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `function`, computed off the event loop."""
        return await self._thread.call(lambda: function(*args, **kwargs), last_wall_s=0.0)

    def close(self) -> None:
        """Ends the thread after the call it is in, unless that hangs; calls that wait are cancelled."""
        self._thread.end(last_wall_s=LAST_WALL_S)
