"""What is on its way to people: held in memory, mirrored to the records, sent again until somebody took it.

While the records are away notifications go on to be sent, and their entries wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from facility.errors import StoreRefused
from facility.journal import Journal
from facility.journal.alarm_states import DROPPED, FAILED, SENT, WAITING, Notification
from facility.patience import flushed

REMEMBERED: Final = timedelta(days=60)
"""What was told longer ago is not known any more; an alarm that old is not told anew unless it is raised anew."""

_GROUP: Final = 500

_log = logging.getLogger(__name__)


class Outbox:
    """The notifications of a site that wait, and the names of all that were ever made.

    Args:
        journal: where they survive a restart; None keeps nothing.
    """

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self._waiting: dict[str, Notification] = {}
        self._unkept: dict[str, Notification] = {}
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self.told: set[str] = set()

    def recall(self, now: datetime) -> None:
        """Takes back what waited when the program ended. Blocks.

        Raises:
            StoreUnavailable, StoreDamaged: the records are away.
        """
        if self._journal is None:
            return
        waiting = self._journal.alarm_states.waiting()
        told = self._journal.alarm_states.abouts(now - REMEMBERED)
        self.told |= told | {notification.about for notification in waiting}
        unkept = {about: held for about, held in self._unkept.items() if is_waiting(held)}
        self._waiting = {notification.about: notification for notification in waiting} | unkept

    def post(self, made: Iterable[Notification]) -> list[Notification]:
        """Puts notifications on their way; those that are or were are passed over. Gives the new ones."""
        fresh = [each for each in made if each.about not in self.told]
        for each in fresh:
            self.told.add(each.about)
            self._waiting[each.about] = each
            self._keep(each)
        return fresh

    def waiting(self, channel: str) -> list[Notification]:
        """What waits to be sent by `channel`, oldest first."""
        return [each for each in self._waiting.values() if each.channel == channel]

    def sent(self, these: Iterable[Notification], at: datetime) -> None:
        """These arrived."""
        self._end(these, SENT, at, None)

    def failed(self, these: Iterable[Notification], at: datetime, error: str) -> None:
        """These will never arrive: nobody tries again."""
        self._end(these, FAILED, at, error)

    def dropped(self, these: Iterable[Notification], at: datetime, why: str) -> None:
        """These are not worth telling any more."""
        self._end(these, DROPPED, at, why)

    def tried(self, these: Iterable[Notification], error: str) -> None:
        """These did not arrive this time."""
        for each in these:
            held = self._waiting.get(each.about)
            if held is not None:
                self._waiting[each.about] = replace(held, tries=held.tries + 1, error=error)
                self._keep(self._waiting[each.about])

    def _end(self, these: Iterable[Notification], state: str, at: datetime, error: str | None) -> None:
        for each in these:
            held = self._waiting.pop(each.about, None)
            if held is not None:
                tries = held.tries + (state != DROPPED)
                self._keep(replace(held, state=state, ended=at, error=error, tries=tries))

    def _keep(self, notification: Notification) -> None:
        if self._journal is not None:
            self._unkept[notification.about] = notification
            self._wake.set()

    async def run(self) -> None:
        """Enters for ever; on cancellation what waits once more."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await flushed(self.flush, lambda: bool(self._unkept), _log, "the notifications' records")
        except asyncio.CancelledError:
            await asyncio.gather(self.flush(), return_exceptions=True)
            raise

    async def flush(self) -> None:
        """Enters all that is not in the records yet.

        Raises:
            StoreUnavailable, StoreDamaged: the records are away; it goes on waiting.
        """
        async with self._writing:
            while self._unkept:
                await self._enter(list(self._unkept.values())[:_GROUP])

    async def _enter(self, group: Sequence[Notification]) -> None:
        assert self._journal is not None
        try:
            await asyncio.to_thread(self._journal.alarm_states.keep, group)
        except StoreRefused as error:
            _log.error("%d notifications are not in the records: %s", len(group), error)
        for each in group:
            if self._unkept.get(each.about) is each:  # unless it has come further meanwhile
                del self._unkept[each.about]


def is_waiting(notification: Notification) -> bool:
    """Whether it is still to be sent."""
    return notification.state == WAITING
