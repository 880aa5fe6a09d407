"""Tells people: plans notifications from how alarms stand, and delivers them by every channel of the site."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from controller.notifying.channels import Sender, sender_of
from controller.notifying.delivery import PAUSES_WALL_S, Delivery, until
from controller.notifying.outbox import Outbox
from controller.notifying.planning import Planner
from facility.bus.messages import (
    AlarmChanged,
    AlarmLevel,
    AlarmStood,
    NotificationWanted,
    ReminderGiven,
)
from facility.bus.protocol import Bus
from facility.clock import Clock, stretched_s
from facility.errors import StoreDamaged, StoreUnavailable
from facility.journal import Journal
from facility.model import Site
from facility.patience import pause_s
from facility.text import Text

TICK_S: Final = 5.0
FAILING: Final = timedelta(minutes=10)
FLOOD_KEY: Final = "flood"

_log = logging.getLogger(__name__)


class Notifier:
    """Tells people of a site's alarms and reminders. A site without channels tells nobody.

    It listens from the moment it is made until it is closed, and tells while `run` runs.

    Args:
        site: whom it is about, and its `notify` entry.
        bus: brings how alarms stand, reminders, wishes for trials; takes the alarm of a channel that fails.
        clock: the site's.
        journal: where what is on its way survives a restart; None keeps nothing.
        senders: channels by name; None: as the site file says, with secrets from the environment.
        failing: after so long without success a channel is an alarm.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        journal: Journal | None,
        *,
        senders: Mapping[str, Sender] | None = None,
        failing: timedelta = FAILING,
        pauses_s: tuple[float, ...] = PAUSES_WALL_S,
    ) -> None:
        self._site, self._bus, self._clock, self._journal = site, bus, clock, journal
        self._failing = failing
        self._entry = site.file.notify
        self._planner = Planner(self._entry)
        self.outbox = Outbox(journal)
        self._states: dict[str, AlarmStood] = {}
        self._wake = asyncio.Event()
        self._recalled = False
        made = senders if senders is not None else {name: sender_of(e) for name, e in self._entry.channels.items()}
        flood = site.file.alarms.flood
        self.deliveries = [
            Delivery(
                name,
                entry,
                made[name],
                self.outbox,
                clock,
                states=self._states,
                site=site.file.site.name.text,
                zone=site.zone,
                quiet=self._entry.quiet,
                digest=timedelta(minutes=self._entry.digest_minutes),
                flood=self._is_flood,
                flood_digest=timedelta(minutes=flood.minutes),
                pauses_s=pauses_s,
            )
            for name, entry in self._entry.channels.items()
        ]
        self._alarmed: set[str] = set()
        self._leave = [
            bus.listen(AlarmStood, self._stood),
            bus.listen(ReminderGiven, self._reminded),
            bus.listen(NotificationWanted, self._wanted),
        ]

    def _stood(self, message: AlarmStood) -> None:
        self._states[message.key] = message
        self._wake.set()

    def _reminded(self, message: ReminderGiven) -> None:
        office = None if message.office is None else self._site.offices.get(message.office)
        name = None if office is None else office.name.text
        self.outbox.post(self._planner.reminder(message, name, self._clock.now()))
        self._wake.set()

    def _wanted(self, message: NotificationWanted) -> None:
        now = self._clock.now()
        self.outbox.post(self._planner.trial(message.channel, message.actor, message.at, now))
        self._wake.set()

    def _is_flood(self) -> bool:
        state = self._states.get(FLOOD_KEY)
        return state is not None and state.abnormal

    async def run(self) -> None:
        """Works for ever. After an error that nobody expected it can be run again."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                await self.recall()  # before anything is entered
                keeping = asyncio.create_task(self.outbox.run(), name="outbox")
                stack.push_async_callback(_ended, keeping)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._plan_again_and_again())
                    for delivery in self.deliveries:
                        tasks.create_task(self._deliver_again_and_again(delivery))
            except asyncio.CancelledError:
                self._recalled = False
                raise

    async def recall(self) -> None:
        """Reads what waited, and how alarms stood. While the records are away the present is told, the past later."""
        failures = 0
        while self._journal is not None and not self._recalled:
            try:
                await asyncio.to_thread(self.outbox.recall, self._clock.now())
                for state in await asyncio.to_thread(self._journal.alarm_states.states):
                    self._states.setdefault(state.key, state)
                self._recalled = True
            except (StoreUnavailable, StoreDamaged) as error:
                if failures == 0:
                    _log.warning("what was on its way to people cannot be read now: %s", error)
                self.plan(self._clock.now())
                for delivery in self.deliveries:
                    await delivery.deliver()
                await asyncio.sleep(pause_s(error, failures))
                failures += 1

    def plan(self, now: datetime) -> None:
        """Puts on its way what has to be told at `now`."""
        if self.deliveries:
            self.outbox.post(self._planner.plan(self._states.values(), self.outbox.told, now))

    async def _plan_again_and_again(self) -> None:
        step = timedelta(seconds=stretched_s(TICK_S, self._clock.pace))
        while True:
            now = self._clock.now()
            self.plan(now)
            self._watch(now)
            await self._clock.sleep_until(now + step)

    async def _deliver_again_and_again(self, delivery: Delivery) -> None:
        step_s = TICK_S if self._clock.pace <= 0 else max(0.2, TICK_S / self._clock.pace)
        while True:
            pause = await delivery.deliver()
            if pause is not None:
                await asyncio.sleep(pause)
            else:
                self._wake.clear()
                await until(self._wake, min(step_s, TICK_S))

    def _watch(self, now: datetime) -> None:
        """A channel that fails for long is an alarm, which the others tell."""
        for delivery in self.deliveries:
            since = delivery.failing_since
            fails = since is not None and now - since >= self._failing
            if fails != (delivery.name in self._alarmed):
                (self._alarmed.add if fails else self._alarmed.discard)(delivery.name)
                self._bus.publish(_failing(delivery.name, delivery.error, now, active=fails))

    def close(self) -> None:
        """Stops listening."""
        for leave in self._leave:
            leave()


def _failing(name: str, error: str, at: datetime, *, active: bool) -> AlarmChanged:
    return AlarmChanged(
        key=f"notify_failing:{name}",
        active=active,
        level=AlarmLevel.SERIOUS,
        at=at,
        text=Text(f"通知渠道 {name} 持续发送失败：{error}", f"notifications by {name} do not arrive: {error}"),
    )


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
