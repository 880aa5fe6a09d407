"""Keeps a running calendar up to date with the journal, whoever changes it: this process, another one, a command."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from facility.bus.messages import AlmanacChanged
from facility.bus.protocol import Bus
from facility.calendar import Calendar
from facility.clock import Clock
from facility.errors import StoreDamaged, StoreUnavailable
from facility.journal import Journal

PAUSE_S: Final = 30.0
"""Wall time between two looks at the journal: people's entries hold everywhere within a minute."""

_log = logging.getLogger(__name__)


class AlmanacWatch:
    """Looks at the almanac's revision and refreshes the calendar when it rose.

    Args:
        calendar: what everybody in this process asks.
        journal: where people's entries are.
        bus: where AlmanacChanged goes.
        clock: dates it.
        pause_s: wall seconds between two looks.
    """

    def __init__(
        self, calendar: Calendar, journal: Journal, bus: Bus, clock: Clock, *, pause_s: float = PAUSE_S
    ) -> None:
        self._calendar = calendar
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._pause_s = pause_s
        self._revision: int | None = None

    async def run(self) -> None:
        """Watches for ever."""
        while True:
            await self.look()
            await asyncio.sleep(self._pause_s)

    async def look(self) -> bool:
        """Looks once; whether the calendar changed. A journal that is away leaves it as it was."""
        try:
            revision = await asyncio.to_thread(self._journal.almanac.revision)
            if revision == self._revision:
                return False
            entered = await asyncio.to_thread(self._journal.almanac.standing)
        except (StoreUnavailable, StoreDamaged) as error:
            _log.warning("the almanac cannot be read now: %s", error)
            return False
        self._revision = revision
        changed = self._calendar.refresh(entered)
        if changed:
            self._bus.publish(AlmanacChanged(at=self._clock.now()))
        return changed
