"""Every reading on its way to the broker: through a spool on disk, in order, with the time it was read at."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from facility.errors import StoreDamaged, StoreUnavailable
from facility.model import Point
from facility.patience import pause_s
from facility.readings import Batch, Status, from_us
from facility.spool import Figures
from facility.store.own_thread import OwnThread
from facility.store.spooled import ReadingsSpool, Taken
from gateway.mqtt.out.payloads import encoded, stamp, value_of
from gateway.mqtt.out.topics import Topics

FILL_EVERY_WALL_S: Final = 0.25
"""So long readings gather in memory before they are written to disk together."""

MOST_WAITING: Final = 20_000
"""Device answers that wait in memory while the disk takes nothing; then the oldest go."""

GROUP_READINGS: Final = 2_000
AGAIN_AFTER_S: Final = 60.0
"""What was acknowledged lately goes out again after a broken connection, at most this often."""

_LAST_WALL_S: Final = 2.0

_log = logging.getLogger(__name__)


class Stream:
    """Takes readings from the bus, keeps them on disk, and gives them out as messages.

    Args:
        open_spool: opens the spool; called in a thread of its own, as all work on the disk is.
        points: the points that are published.
        topics: where.
        filled: called when there is something to give out.

    Attributes:
        lost: readings that found no room in memory while the disk took nothing.
    """

    def __init__(
        self,
        open_spool: Callable[[], ReadingsSpool],
        points: Mapping[str, Point],
        topics: Topics,
        filled: Callable[[], None],
    ) -> None:
        self._open_spool = open_spool
        self._points = points
        self._topics = topics
        self._filled = filled
        self._waiting: deque[Batch] = deque()
        self._wake = asyncio.Event()
        self._spool: ReadingsSpool | None = None
        self._thread: OwnThread | None = None
        self._held: Taken | None = None
        self._again_s: float | None = None
        self.lost = 0

    @property
    def figures(self) -> Figures | None:
        """How the spool stands, None before it is open."""
        return None if self._spool is None else self._spool.figures

    def put(self, batch: Batch) -> None:
        """Takes a device answer; what of it is not published is left out."""
        places = [place for place, point in enumerate(batch.points) if point in self._points]
        if not places:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.lost += len(self._waiting.popleft())
        self._waiting.append(batch if len(places) == len(batch) else _chosen(batch, places))
        self._wake.set()

    async def run(self) -> None:
        """Keeps the spool open and filled until cancelled; then what waits is written and the spool closed."""
        self._thread = OwnThread("publish-spool")
        try:
            await self._open()
            self._filled()  # there may be something of an earlier life
            while True:
                await self._wake.wait()
                await asyncio.sleep(FILL_EVERY_WALL_S)
                self._wake.clear()
                await self._fill_patiently()
        finally:
            await self._close()

    async def _open(self) -> None:
        failures = 0
        while self._spool is None:
            try:
                self._spool = await self._call(self._open_spool)
            except (StoreUnavailable, StoreDamaged) as error:
                _log.log(logging.ERROR if failures == 0 else logging.DEBUG, "nothing is streamed for now: %s", error)
                await asyncio.sleep(pause_s(error, failures))
                failures += 1

    async def _fill_patiently(self) -> None:
        failures = 0
        while self._waiting:
            try:
                await self._fill()
            except (StoreUnavailable, StoreDamaged) as error:
                _log.log(logging.WARNING if failures == 0 else logging.DEBUG, "readings wait in memory: %s", error)
                await asyncio.sleep(pause_s(error, failures))
                failures += 1
        self._filled()

    async def _fill(self) -> None:
        assert self._spool is not None
        batches, self._waiting = list(self._waiting), deque()
        try:
            await self._call(partial(self._spool.append, batches))
        except (StoreUnavailable, StoreDamaged):
            self._waiting.extendleft(reversed(batches))
            raise

    async def _close(self) -> None:
        assert self._thread is not None
        spool, waiting = self._spool, list(self._waiting)
        if spool is not None:
            closing = asyncio.ensure_future(self._call(partial(_written_and_closed, spool, waiting)))
            await asyncio.wait([closing], timeout=_LAST_WALL_S)
            if closing.done() and not closing.cancelled() and closing.exception() is not None:
                _log.error("%d device answers are not streamed: %s", len(waiting), closing.exception())
            closing.cancel()
        self._thread.end(last_wall_s=_LAST_WALL_S)
        self._spool = self._held = None

    async def _call(self, work: Callable[[], Any]) -> Any:
        assert self._thread is not None
        return await self._thread.call(work, last_wall_s=_LAST_WALL_S)

    async def connected(self, now_s: float) -> None:
        """A connection begins: what was under way in the one before goes out again, and what it took last."""
        self._held = None
        if self._spool is None:
            return
        spool = self._spool.spool
        if self._again_s is None or now_s - self._again_s >= AGAIN_AFTER_S:
            self._again_s = now_s
            await self._call(spool.rewind)

    async def take(self) -> list[tuple[str, bytes]]:
        """The next messages, in order; none when nothing waits. Those taken before and not `settled` come again.

        Raises:
            StoreUnavailable: they cannot be read now.
        """
        if self._spool is None:
            return []
        if self._held is None:
            self._held = await self._call(partial(self._spool.take, GROUP_READINGS))
        return [] if self._held is None else list(messages(self._held.batches, self._points, self._topics))

    @property
    def is_held(self) -> bool:
        """Whether something was taken that is not settled."""
        return self._held is not None

    async def settled(self) -> None:
        """The broker has what was taken last."""
        if self._held is not None and self._spool is not None:
            group, self._held = self._held.group, None
            await self._call(partial(self._spool.spool.acknowledge, group))


def _written_and_closed(spool: ReadingsSpool, waiting: Sequence[Batch]) -> None:
    try:
        if waiting:
            spool.append(waiting)
    finally:
        spool.spool.close()


def _chosen(batch: Batch, places: Sequence[int]) -> Batch:
    statuses = batch.statuses
    return Batch(
        time_us=batch.time_us,
        points=[batch.points[place] for place in places],
        values=[batch.values[place] for place in places],
        statuses=None if statuses is None else [statuses[place] for place in places],
    )


def messages(
    batches: Sequence[Batch], points: Mapping[str, Point], topics: Topics
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """One message for each equipment of each device answer. Points that the site no longer has are left out: nobody
    could say in what unit they are.
    """
    for batch in batches:
        by_equipment: dict[str, dict[str, Any]] = {}
        for index, name in enumerate(batch.points):
            point = points.get(name)
            if point is not None:
                status = Status.GOOD if batch.statuses is None else batch.statuses[index]
                content = value_of(point, batch.values[index], status)
                by_equipment.setdefault(point.equipment, {})[point.spec.id] = content
        time = stamp(from_us(batch.time_us))
        for equipment, values in by_equipment.items():
            yield topics.readings(equipment), encoded({"time": time, "values": values})
