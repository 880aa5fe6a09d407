"""Wall controllers locked while Houqin operates their units (AC-10), and let go when it no longer does.

People must never stand before a wall controller that neither they nor anybody else can use: locks are released when no
controller has renewed the unit's envelope, and when the gateway ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from facility.clock import Clock, stretched_s
from facility.errors import HouqinError
from facility.model import IndoorUnit, Point, Site
from facility.quantities import ENUMERATIONS, state_value
from gateway.guard import Guard
from gateway.poller import DevicePoller
from gateway.writing import Assignment, request_for

log = logging.getLogger(__name__)

LOCK_POINT: Final = "lock"
STATES: Final = "unlocked_locked"
PERIOD_S: Final = 10.0
RELEASE_WITHIN_S: Final = 4.0
"""What letting all locks go may take when the gateway ends, wall seconds."""


class WallLock:
    """The lock of one unit's wall controller, which can be written.

    Args:
        equipment: whose wall controller.
        point: its lock.
        poller: the device behind it.
        site: where it is.
    """

    def __init__(self, equipment: str, point: Point, poller: DevicePoller, site: Site) -> None:
        self.equipment = equipment
        self._site = site
        self._point = point
        self._poller = poller

    def is_locked(self) -> bool | None:
        """What was polled last, None when that is not known."""
        value = self._poller.value_of(self._point.id)
        return None if value is None else ENUMERATIONS[STATES][int(value)] == "locked"

    async def set(self, *, locked: bool) -> None:
        """Writes it.

        Raises:
            HouqinError: as `Transport.write`.
        """
        wanted = Assignment(self._point, state_value(STATES, "locked" if locked else "unlocked"), 1.0)
        request = await request_for(self._site, [wanted], self._poller.ask)
        await self._poller.write(*request)


class WallLocks:
    """Looks after all locks of a site that wants its wall controllers locked; of others, none.

    Args:
        site: says whether it wants that.
        pollers: by device.
        guard: knows whether a controller is there.
        clock: envelopes are on it.
    """

    def __init__(self, site: Site, pollers: Mapping[str, DevicePoller], guard: Guard, clock: Clock) -> None:
        control = site.file.control
        wanted = control.lock_walls and control.mode == "act"
        self._locks = list(_locks(site, pollers)) if wanted else []
        self._guard = guard
        self._clock = clock
        self._ours: set[str] = set()

    async def run(self) -> None:
        """Looks again and again."""
        period = timedelta(seconds=stretched_s(PERIOD_S, self._clock.pace))
        while self._locks:
            await self.look()
            await self._clock.sleep_until(self._clock.now() + period)

    async def look(self) -> None:
        """One pass over all locks: on where a controller operates the unit, off where it was lost. A gateway that
        another process stands before touches none.
        """
        if self._guard.stands_by:
            self._ours.clear()
            return
        now = self._clock.now()
        for lock in self._locks:
            envelope = self._guard.envelopes.get(lock.equipment)
            if envelope is None:
                continue
            wanted = now < envelope.valid_until
            if lock.is_locked() is not wanted or (not wanted and lock.equipment in self._ours):
                await self._set(lock, locked=wanted)

    async def _set(self, lock: WallLock, *, locked: bool) -> None:
        try:
            await lock.set(locked=locked)
        except HouqinError as error:
            log.debug("lock of %s not written: %s", lock.equipment, error)
            return
        if locked:
            self._ours.add(lock.equipment)
        else:
            self._ours.discard(lock.equipment)

    async def release(self) -> None:
        """Lets go every lock that was set here, as far as that can be done in a few seconds."""
        try:
            async with asyncio.timeout(RELEASE_WITHIN_S):
                for lock in [lock for lock in self._locks if lock.equipment in self._ours]:
                    await self._set(lock, locked=False)
        except TimeoutError:
            log.warning("%d wall controllers could not be unlocked in time", len(self._ours))


def _locks(site: Site, pollers: Mapping[str, DevicePoller]) -> Iterator[WallLock]:
    for item in site.equipment.values():
        point = site.point_of(item.id, LOCK_POINT)
        if isinstance(item, IndoorUnit) and point is not None and point.writable and item.device in pollers:
            yield WallLock(item.id, point, pollers[item.device], site)
