"""The alarms of a site at work: hears what is abnormal, looks for itself, lets people act, tells and keeps changes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from controller.alarming.alarm import is_news
from controller.alarming.findings import Crier, Look
from controller.alarming.flood import FloodGate
from controller.alarming.ledger import AlarmLedger
from controller.alarming.points import PointLook
from controller.alarming.register import AlarmRegister
from facility.bus.messages import (
    AlarmActed,
    AlarmChanged,
    AlarmLevel,
    AlarmStanding,
    AlarmStood,
    ReadingsTaken,
)
from facility.bus.protocol import Bus
from facility.clock import Clock, stretched_s
from facility.errors import StoreDamaged, StoreUnavailable
from facility.journal import Journal
from facility.patience import pause_s
from facility.text import Text

TICK_S: Final = 1.0
CONFIRM_S: Final = 900.0
CONFIRM_WALL_S: Final = 60.0
"""After a start every part of the program has so long to say again what is abnormal; what nobody says is over."""

FLOOD_KEY: Final = "flood"
MOST_LEFT_OPEN: Final = 1000
MOST_ACTS: Final = 1000
"""So many acts of people wait for the records; the oldest go first."""

Restate = Callable[[datetime], None]

_log = logging.getLogger(__name__)


class AlarmEngine:
    """The alarms of one site.

    It listens from the moment it is made until it is closed; what it hears before the records were read waits for them,
    but not when they are away. While `run` does not run (a standby) it only remembers what is abnormal.

    Args:
        bus: brings what is abnormal and what people do; takes how alarms stand.
        clock: the site's.
        register: the alarms.
        journal: where their states survive a restart; None keeps nothing.
        points: the conditions on points, None without any.
        looks: what is looked at now and then.
        flood: tells a flood.
        restate: parts that say again what stands with them, once the alarms are restored.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        register: AlarmRegister,
        *,
        journal: Journal | None,
        flood: FloodGate,
        points: PointLook | None = None,
        looks: Sequence[Look] = (),
        restate: Iterable[Restate] = (),
    ) -> None:
        self._bus, self._clock, self._journal = bus, clock, journal
        self.register = register
        self.ledger = AlarmLedger(journal)
        self._flood = flood
        self._looks = (*looks, points) if points is not None else tuple(looks)
        self._restate = tuple(restate)
        self._ready = journal is None
        self._said: dict[str, AlarmChanged] = {}
        self._acts: deque[AlarmActed] = deque(maxlen=MOST_ACTS)
        self._leave = [bus.listen(AlarmChanged, self._changed), bus.listen(AlarmActed, self._acted)]
        if points is not None:
            self._leave.append(bus.listen(ReadingsTaken, lambda message: points.take(message.batch)))

    # What comes in

    def _changed(self, message: AlarmChanged) -> None:
        self._said[message.key] = message
        if self._ready:
            self._tell(self.register.changed(message, self._clock.now()))
            if not message.active:
                self._said.pop(message.key, None)

    def _acted(self, message: AlarmActed) -> None:
        if not self._ready:
            self._acts.append(message)
            return
        now = self._clock.now()
        steps = self.register.acted(message, now)
        self._tell(steps)
        alarm = self.register.alarms.get(message.key)
        if steps and alarm is not None and alarm.entry.ends == "acknowledgement" and not alarm.facts.abnormal:
            self._end(message.key, alarm.level, alarm.text, alarm.equipment, now)

    def _tell(self, steps: Iterable[AlarmStood], *, counts: bool = True) -> None:
        """Says and keeps every change, and counts new alarms."""
        for step in steps:
            self._bus.publish(step)
            if is_news(step):
                self.ledger.put(step)
            if counts and is_new(step):
                self._flood.raised(step.at)
        self._watch_flood(self._clock.now())

    def _watch_flood(self, now: datetime) -> None:
        was = FLOOD_KEY in self.register.alarms and self.register.alarms[FLOOD_KEY].delayed.raw
        on = self._flood.look(now)
        if on != was and self._ready:
            count = self._flood.count(now)
            text = Text(
                f"短时间内出现 {count} 条新报警，已合并通知，清单见报警页",
                f"{count} new alarms within minutes: they are told as one, the alarm page lists them",
            )
            message = AlarmChanged(key=FLOOD_KEY, active=on, level=AlarmLevel.SERIOUS, at=now, text=text)
            self._bus.publish(message)

    def _end(self, key: str, level: AlarmLevel, text: Text, equipment: str | None, now: datetime) -> None:
        self._bus.publish(AlarmChanged(key=key, active=False, level=level, at=now, text=text, equipment=equipment))

    # At work

    async def run(self) -> None:
        """Works for ever. It can be run again: after an error as it stood, after a cancellation as the records say."""
        async with contextlib.AsyncExitStack() as stack:
            try:
                await self.recall()  # before anything is entered: an entry takes the place of what is to be read
                writing = asyncio.create_task(self.ledger.run(), name="alarm-ledger")
                stack.push_async_callback(_ended, writing)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._keep_time())
                    tasks.create_task(self._confirm())
                    for look in self._looks:
                        tasks.create_task(self._look_again_and_again(look))
            except asyncio.CancelledError:
                self._rest()
                raise

    def _rest(self) -> None:
        """Somebody else may act from now on: how alarms stand is read anew before the next run."""
        if self._journal is not None:
            self._ready = False
            self._said |= self.register.reset(self._clock.now())

    async def recall(self) -> None:
        """Reads how alarms stood. While the records are away the present goes on; the past is read later."""
        if self._ready or self._journal is None:
            return
        failures = 0
        while True:
            try:
                states = await asyncio.to_thread(self._journal.alarm_states.states)
                left = await asyncio.to_thread(self._journal.alarms, active_only=True, limit=MOST_LEFT_OPEN)
                break
            except (StoreUnavailable, StoreDamaged) as error:
                if failures == 0:
                    _log.warning("how alarms stood cannot be read now: %s", error)
                self._catch_up()
                await asyncio.sleep(pause_s(error, failures))
                failures += 1
        now = self._clock.now()
        self._say_how_they_stood(states)
        self._tell(self.register.restore(states, now), counts=False)
        for record in left:
            if record.key not in self.register.alarms:
                message = AlarmChanged(
                    key=record.key, active=True, level=record.level, at=record.since, text=record.text,
                    equipment=record.equipment,
                )  # fmt: skip
                self._tell(self.register.changed(message, now), counts=False)
                alarm = self.register.alarms.get(record.key)
                if alarm is not None:
                    alarm.confirmed = False
        self._catch_up()
        for restate in self._restate:
            restate(now)

    def _say_how_they_stood(self, states: Iterable[AlarmStood]) -> None:
        """Pages beside a controller that stood by have not heard of it: another process said it."""
        for state in states:
            if state.key not in self.register.alarms:
                self._bus.publish(state)

    def _catch_up(self) -> None:
        """What was said before the records were read."""
        if self._ready:
            return
        self._ready = True
        for message in list(self._said.values()):
            self._changed(message)
        acts, self._acts = list(self._acts), deque(maxlen=MOST_ACTS)
        for act in acts:
            self._acted(act)

    async def _keep_time(self) -> None:
        step = timedelta(seconds=stretched_s(TICK_S, self._clock.pace))
        while True:
            now = self._clock.now()
            self._tell(self.register.tick(now))
            await self._clock.sleep_until(now + step)

    async def _confirm(self) -> None:
        """Ends what stood before the start and nobody has said since: its cause ended while the program was down."""
        wait_s = max(CONFIRM_S, CONFIRM_WALL_S * self._clock.pace)
        await self._clock.sleep_until(self._clock.now() + timedelta(seconds=wait_s))
        now = self._clock.now()
        for alarm in self.register.stale():
            _log.info("%s is over: nothing has said it since the start", alarm.key)
            self._end(alarm.key, alarm.level, alarm.text, alarm.equipment, now)

    async def _look_again_and_again(self, look: Look) -> None:
        crier = Crier(bus=self._bus)
        crier.take_over(key for key, alarm in self.register.alarms.items()
                        if alarm.delayed.raw and key.startswith(look.owns))  # fmt: skip
        step = timedelta(seconds=max(look.every_s, look.least_wall_s * self._clock.pace))
        while True:
            now = self._clock.now()
            found = await look.look(now)
            if found is not None:
                crier.say(found, self._clock.now())
            await self._clock.sleep_until(now + step)

    def close(self) -> None:
        """Stops listening."""
        for leave in self._leave:
            leave()


def is_new(step: AlarmStood) -> bool:
    """Whether people have a new alarm to look at."""
    came = step.standing is AlarmStanding.UNACKNOWLEDGED and step.before is not AlarmStanding.UNACKNOWLEDGED
    return came and step.abnormal and step.key != FLOOD_KEY


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
