"""Carries what lies in the spool to the store, in order, one request at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Final

from facility.errors import StoreDamaged, StoreUnavailable
from facility.patience import pause_s
from facility.store.connection import AnsweredWithError
from facility.store.own_thread import OwnThread
from facility.store.refusals import Taker, stored
from facility.store.spooled import ReadingsSpool, Taken

REQUEST_READINGS: Final = 10_000
"""So many readings go to the store at once while there is a backlog."""

LAST_WALL_S: Final = 2.0
"""At the end the request under way is waited for so long."""

AGAIN_AFTER_S: Final = 60.0
"""What was acknowledged lately is sent again after an outage, at most this often: a store that fails all the time
gets on with what is new."""

_log = logging.getLogger(__name__)


class SpoolDrain:
    """Takes from the spool, gives to the store, acknowledges; waits with growing pauses while the store is away.

    After an outage in which the store gave no answer at all, what it had acknowledged in the last half minute goes out
    again before anything new: it may have died with it.

    Attributes:
        away: whether the store took nothing at the last try.
        lost: readings that the store will never take.
    """

    def __init__(self, spool: ReadingsSpool, store: Taker) -> None:
        self._spool = spool
        self._store = store
        self._wake = asyncio.Event()
        self._held: Taken | None = None
        self._counted = 0
        self._silent = False
        self._again_s: float | None = None
        self.away = False
        self.lost = 0

    def wake(self) -> None:
        """Something lies in the spool."""
        self._wake.set()

    async def run(self) -> None:
        """Carries for ever. On cancellation the request under way is waited for a while; what it has not brought over
        stays in the spool.
        """
        thread = OwnThread("store-drain")
        self.wake()  # there may be something of an earlier life
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._carry_all(thread)
        finally:
            thread.end()

    async def _carry_all(self, thread: OwnThread) -> None:
        failures = 0
        carried = True
        while carried:
            try:
                carried = await thread.call(self._carry_one, last_wall_s=LAST_WALL_S)
            except (StoreUnavailable, StoreDamaged) as error:
                if not failures:
                    _log.warning("the store takes nothing for now, readings stay in the spool: %s", error)
                self.away = True
                await asyncio.sleep(pause_s(error, failures))
                failures += 1
            else:
                if failures:
                    _log.info("the store takes readings again after %d tries", failures + 1)
                self.away, failures = False, 0

    def _carry_one(self) -> bool:
        """Brings the next readings over; False when nothing waits."""
        if self._held is None:
            self._held = self._spool.take(REQUEST_READINGS)
        if self._held is None:
            return False
        taken = self._held
        try:
            kept = stored(self._store, taken.batches) if taken.batches else []
        except (StoreUnavailable, StoreDamaged) as error:
            self._silent = self._silent or _may_have_died(error)
            raise
        self._spool.spool.acknowledge(taken.group)
        self._held = None
        if taken.group.last > self._counted:
            self._counted = taken.group.last
            self.lost += taken.group.items - sum(kept)
        if self._silent:
            self._send_again()
        return True

    def _send_again(self) -> None:
        """Has what was acknowledged lately go out once more."""
        self._silent = False
        now_s = time.monotonic()
        if self._again_s is None or now_s - self._again_s >= AGAIN_AFTER_S:
            self._again_s = now_s
            _log.info("the store was away: the last %d readings go out again", self._spool.spool.rewind())


def _may_have_died(error: StoreUnavailable | StoreDamaged) -> bool:
    """Whether the store, or what stands behind a proxy, may be in another life when it answers again."""
    return not isinstance(error, AnsweredWithError) or error.status in (500, 502, 504)
