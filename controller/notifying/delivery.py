"""Sends by one channel: puts together what waits, keeps quiet hours and limits, tries again with growing pauses."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from controller.alarming.hours import within
from controller.notifying.channels import Sender
from controller.notifying.message import ITEM, Item, Kind
from controller.notifying.outbox import Outbox
from controller.notifying.wording import compose
from facility.bus.messages import AlarmStanding, AlarmStood
from facility.clock import Clock
from facility.errors import DeliveryRefused, NotDelivered
from facility.journal.alarm_states import HIDDEN_BEFORE, OVER_BEFORE, Notification
from facility.journal.documents import restored
from facility.model.alarm_entries import ChannelBase
from facility.text import Text

PAUSES_WALL_S: Final = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Between one try and the next; the last stays."""

MOST_REFUSALS: Final = 3
"""A message that was refused for its content so often is given up, so that it does not keep the others back."""

HIDDEN: Final = frozenset({AlarmStanding.SUPPRESSED, AlarmStanding.SHELVED, AlarmStanding.OUT_OF_SERVICE})

_log = logging.getLogger(__name__)


class Delivery:
    """One channel at work.

    Args:
        name: the channel's in the site file.
        entry: what the file says of it.
        sender: hands messages over.
        outbox: what waits.
        clock: the site's; pauses after failures are wall time.
        states: how alarms stand now.
        site: its name.
        zone: its local time.
        quiet: hours in which only what is urgent goes out, None for none.
        digest: what comes within it is put together.
        flood: whether there is a flood of alarms now; then only one message goes out in `flood_digest`.
    """

    def __init__(
        self,
        name: str,
        entry: ChannelBase,
        sender: Sender,
        outbox: Outbox,
        clock: Clock,
        *,
        states: Mapping[str, AlarmStood],
        site: Text,
        zone: ZoneInfo,
        quiet: str | None,
        digest: timedelta,
        flood: Callable[[], bool] = lambda: False,
        flood_digest: timedelta = timedelta(minutes=10),
        pauses_s: Sequence[float] = PAUSES_WALL_S,
    ) -> None:
        self.name = name
        self._entry, self._sender, self._outbox, self._clock = entry, sender, outbox, clock
        self._states = states
        self._site, self._zone = site, zone
        self._quiet, self._digest = quiet, digest
        self._flood, self._flood_digest = flood, flood_digest
        self._pauses_s = pauses_s
        self._sent: deque[datetime] = deque()
        self._alone = False
        self.failures = 0
        self.failing_since: datetime | None = None
        self.error = ""

    async def deliver(self) -> float | None:
        """Sends what may go out now, as one message. Gives the wall seconds to wait after a failure, None without."""
        now = self._clock.now()
        ready = self._ready(now)
        if not ready:
            return None
        if self._alone:
            ready = ready[:1]
        items = [restored(ITEM, each.document) for each in ready]
        over = {item.key for item in items if self._is_over(item)}
        message = compose(
            items, ids=[each.about for each in ready], tongue=self._entry.language, site=self._site, zone=self._zone,
            over=over,
        )  # fmt: skip
        try:
            await self._sender.send(message)
        except NotDelivered as error:
            return self._failed(ready, error, error.retry_after_s)
        except DeliveryRefused as error:
            return self._refused(ready, error)
        now = self._clock.now()
        self._sent.append(now)
        self._outbox.sent(ready, now)
        self._well()
        return None

    def _ready(self, now: datetime) -> list[Notification]:
        """What may go out now; what is not worth telling any more is dropped."""
        waiting = [each for each in self._outbox.waiting(self.name) if not self._is_moot(each, now)]
        urgent = any(_is_urgent(each) for each in waiting)
        if not waiting or (not urgent and not self._may_go(waiting, now)):
            return []
        if self._is_quiet(now):
            return [each for each in waiting if _is_urgent(each)]
        return waiting

    def _may_go(self, waiting: Sequence[Notification], now: datetime) -> bool:
        digest = self._flood_digest if self._flood() and self._sent else self._digest
        since = max(self._sent[-1], waiting[0].made) if self._flood() and self._sent else waiting[0].made
        return not self._is_quiet(now) and now >= since + digest and self._has_room(now)

    def _has_room(self, now: datetime) -> bool:
        while self._sent and self._sent[0] <= now - timedelta(hours=1):
            self._sent.popleft()
        return len(self._sent) < self._entry.per_hour

    def _is_quiet(self, now: datetime) -> bool:
        return self._quiet is not None and within(self._quiet, now.astimezone(self._zone).time())

    def _is_moot(self, each: Notification, now: datetime) -> bool:
        """Hidden again before anybody was told, or acknowledged before it was escalated."""
        item = restored(ITEM, each.document)
        state = self._states.get(item.key)
        if state is None or item.kind not in {Kind.RAISED, Kind.ESCALATED}:
            return False
        why = None
        if state.standing in HIDDEN:
            why = HIDDEN_BEFORE
        elif item.kind is Kind.ESCALATED and state.standing is not AlarmStanding.UNACKNOWLEDGED:
            why = OVER_BEFORE
        if why is not None:
            self._outbox.dropped([each], now, why.en)
        return why is not None

    def _is_over(self, item: Item) -> bool:
        state = self._states.get(item.key)
        return state is not None and not state.abnormal and item.kind in {Kind.RAISED, Kind.ESCALATED}

    def _failed(self, these: Sequence[Notification], error: Exception, asked_s: float | None) -> float:
        self._outbox.tried(these, str(error))
        self.error = str(error)
        if self.failures == 0:
            self.failing_since = self._clock.now()
            _log.warning("notifications by %s do not arrive: %s", self.name, error)
        usual_s = self._pauses_s[min(self.failures, len(self._pauses_s) - 1)]
        self.failures += 1
        return usual_s if asked_s is None else max(usual_s, asked_s)

    def _refused(self, these: Sequence[Notification], error: DeliveryRefused) -> float:
        """What is refused for its content is tried by itself, and given up after some tries."""
        if not error.of_content:
            return self._failed(these, error, None)
        if len(these) > 1:
            self._alone = True
            return self._pauses_s[0]
        self._alone = bool(self._outbox.waiting(self.name)[1:])
        if these[0].tries + 1 >= MOST_REFUSALS:
            _log.error("a notification by %s is given up: %s", self.name, error)
            self._outbox.failed(these, self._clock.now(), str(error))
            return self._pauses_s[0]
        self._outbox.tried(these, str(error))
        return self._pauses_s[0]

    def _well(self) -> None:
        if self.failures:
            _log.info("notifications by %s arrive again after %d tries", self.name, self.failures + 1)
        self.failures, self.failing_since, self.error = 0, None, ""
        if not self._outbox.waiting(self.name):
            self._alone = False


def _is_urgent(each: Notification) -> bool:
    item: Item = restored(ITEM, each.document)
    return item.is_urgent


async def until(event: asyncio.Event, wall_s: float) -> None:
    """Waits until `event` is set, at most `wall_s` seconds."""
    try:
        async with asyncio.timeout(wall_s):
            await event.wait()
    except TimeoutError:
        return
