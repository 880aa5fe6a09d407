"""Every alarm of the site and how it stands: takes what is said and done, gives what changed. No clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from controller.alarming.alarm import (
    MAINTENANCE,
    OPEN,
    SHOWN,
    Alarm,
    Service,
    facts_of,
    gone,
    kept,
    thing_stood,
    unwatched,
)
from controller.alarming.catalogue import Catalogue, level_of, manner_of
from controller.alarming.consequences import Consequences
from controller.alarming.delays import Delayed
from controller.alarming.owners import Owners
from controller.alarming.states import Event, after
from facility.bus.messages import AlarmAct, AlarmActed, AlarmChanged, AlarmStanding, AlarmStood
from facility.commands import Actor

LINGER: Final = timedelta(seconds=60)
"""What followed from an alarm stays hidden for so long after it ended, so that it can end as well."""

EVENTS: Final = {
    AlarmAct.ACKNOWLEDGE: Event.ACKNOWLEDGED,
    AlarmAct.SHELVE: Event.SHELVED,
    AlarmAct.UNSHELVE: Event.UNSHELVED,
    AlarmAct.OUT_OF_SERVICE: Event.TAKEN_OUT,
    AlarmAct.IN_SERVICE: Event.PUT_BACK,
}


class AlarmRegister:
    """The alarms of a site.

    Args:
        catalogue: the conditions that are watched.
        consequences: what follows from what.
        owners: who looks after what.
        linger: how long what follows from an alarm stays hidden after it ended.
    """

    def __init__(
        self, catalogue: Catalogue, consequences: Consequences, owners: Owners, *, linger: timedelta = LINGER
    ) -> None:
        self._catalogue = catalogue
        self._consequences = consequences
        self._owners = owners
        self._linger = linger
        self.alarms: dict[str, Alarm] = {}
        self.out_of_service: dict[str, Service] = {}
        self._following: dict[str, set[str]] = {}

    # What is said and done

    def changed(self, message: AlarmChanged, now: datetime) -> list[AlarmStood]:
        """A condition is abnormal, or normal again. One that has to last a while yet, or that the site does not watch,
        is told as normal, so that nobody takes what was said for an alarm.
        """
        alarm = self.alarms.get(message.key) or self._new(message)
        if alarm is None:
            return [unwatched(message, now)] if message.active else []
        alarm.confirmed = True
        if message.active:
            alarm.text, alarm.level = message.text, level_of(alarm.entry, message.level)
            self._place(alarm, message.equipment)
        is_new = message.active and not alarm.delayed.raw
        alarm.delayed = alarm.delayed.said(message.active, now)
        if message.active and not alarm.facts.abnormal and alarm.delayed.raw_since == now:
            alarm.since = min(message.at, now)
        steps = list(self._settle(alarm, now))
        if is_new and not steps and alarm.facts.standing is AlarmStanding.NORMAL:
            return [self.stood(alarm, now, before=AlarmStanding.NORMAL)]
        return steps

    def acted(self, message: AlarmActed, now: datetime) -> list[AlarmStood]:
        """A person did something. What does not fit the alarm's state changes nothing."""
        if message.key.startswith(MAINTENANCE):
            return list(self._serviced(message, now))
        alarm = self.alarms.get(message.key)
        event = EVENTS[message.act]
        if alarm is None or (event is Event.SHELVED and (message.until is None or message.until <= now)):
            return []
        if event is Event.ACKNOWLEDGED and alarm.facts.standing in OPEN:
            alarm.acknowledged_by = message.actor
        steps = [
            *self._apply(alarm, event, now, by=message.actor, note=message.note, until=message.until)
        ]  # fmt: skip
        if event is Event.ACKNOWLEDGED and steps and alarm.entry.ends == "acknowledgement" and alarm.facts.abnormal:
            alarm.delayed = replace(alarm.delayed, raw=False, raw_since=now, counts=False)
            steps += self._settle(alarm, now, by=message.actor)
        return steps

    def tick(self, now: datetime) -> list[AlarmStood]:
        """What becomes of the alarms by the passing of time: delays, ends of shelvings, causes that are over."""
        steps: list[AlarmStood] = []
        for thing, service in list(self.out_of_service.items()):
            if service.until is not None and now >= service.until:
                steps += self._back_in_service(thing, now, by=None, note="")
        for alarm in list(self.alarms.values()):
            steps += self._settle(alarm, now)
            steps += self._expire(alarm, now)
            steps += self._reconsider(alarm, now)
        return steps

    def due(self) -> datetime | None:
        """When the next delay or shelving ends, None when none runs."""
        times = [service.until for service in self.out_of_service.values()]
        for alarm in self.alarms.values():
            times += (alarm.delayed.due, alarm.facts.until)
            cause = self.alarms.get(alarm.facts.cause) if alarm.facts.cause is not None else None
            if cause is not None and cause.ended is not None and not cause.facts.abnormal:
                times.append(cause.ended + self._linger)
        return min((time for time in times if time is not None), default=None)

    # From one start to the next

    def restore(self, states: Iterable[AlarmStood], now: datetime) -> list[AlarmStood]:
        """Takes back how alarms stood when the program ended; what was told since its start holds. Alarms of conditions
        that are not watched any more end.
        """
        steps: list[AlarmStood] = []
        for state in states:
            known = self.alarms.get(state.key)
            if known is not None:
                steps += self._reunited(known, state, now)
                continue
            if state.key.startswith(MAINTENANCE):
                if state.standing is AlarmStanding.OUT_OF_SERVICE:
                    thing = state.key.removeprefix(MAINTENANCE)
                    self.out_of_service[thing] = Service(until=state.until, by=state.by, note=state.note)
                continue
            alarm = self._restored(state)
            if alarm is None:
                steps += gone(state, now)
            else:
                self.alarms[state.key] = alarm
        return steps + self.tick(now)

    def _reunited(self, alarm: Alarm, state: AlarmStood, now: datetime) -> Iterator[AlarmStood]:
        """An alarm that was said before its state could be read stands as people left it."""
        if alarm.facts.abnormal and state.abnormal:
            before = alarm.facts.standing
            alarm.facts, alarm.since = facts_of(state, alarm.manner), state.since
            alarm.acknowledged_by, alarm.note = state.acknowledged_by, state.note
            yield self.stood(alarm, now, before=before)

    def stale(self) -> list[Alarm]:
        """Alarms from before this start whose condition nobody has confirmed since: their cause ended meanwhile."""
        return [
            alarm for alarm in self.alarms.values()
            if alarm.facts.abnormal and not alarm.confirmed and alarm.entry.ends == "condition"
        ]  # fmt: skip

    def reset(self, now: datetime) -> dict[str, AlarmChanged]:
        """Forgets how alarms stand, and gives what is abnormal as it would be said anew."""
        said = {
            key: AlarmChanged(
                key=key, active=True, level=alarm.level, at=min(alarm.since, now), text=alarm.text,
                equipment=alarm.equipment,
            )
            for key, alarm in self.alarms.items()
            if alarm.delayed.raw and alarm.confirmed
        }  # fmt: skip
        self.alarms.clear()
        self.out_of_service.clear()
        self._following.clear()
        return said

    # One alarm

    def _new(self, message: AlarmChanged) -> Alarm | None:
        """A new alarm; None where nothing is wrong, or its condition is not watched."""
        entry = self._catalogue.of_key(message.key) if message.active else None
        if entry is None:
            return None
        alarm = Alarm(
            key=message.key,
            entry=entry,
            manner=manner_of(entry),
            causes=(),
            delayed=Delayed(on_delay_s=entry.on_delay_s, off_delay_s=entry.off_delay_s),
            since=message.at,
            level=level_of(entry, message.level),
            text=message.text,
        )
        self.alarms[message.key] = alarm
        self._place(alarm, message.equipment)
        return alarm

    def _restored(self, state: AlarmStood) -> Alarm | None:
        entry = self._catalogue.of_key(state.key)
        if entry is None:
            return None
        manner = manner_of(entry)
        alarm = Alarm(
            key=state.key,
            entry=entry,
            manner=manner,
            causes=(),
            delayed=Delayed(
                on_delay_s=entry.on_delay_s,
                off_delay_s=entry.off_delay_s,
                raw=state.abnormal,
                raw_since=state.since,
                counts=state.abnormal,
            ),
            since=state.since,
            level=state.level,
            text=state.text,
            facts=facts_of(state, manner),
            acknowledged_by=state.acknowledged_by,
            note=state.note,
            confirmed=not state.abnormal,
        )
        self._place(alarm, state.equipment)
        return alarm

    def _place(self, alarm: Alarm, equipment: str | None) -> None:
        alarm.equipment = equipment
        alarm.causes = self._consequences.causes(alarm.entry, alarm.key, equipment)
        for cause in alarm.causes:
            self._following.setdefault(cause, set()).add(alarm.key)

    def _settle(self, alarm: Alarm, now: datetime, *, by: Actor | None = None) -> Iterator[AlarmStood]:
        """Lets the condition count once its delay is over."""
        alarm.delayed = alarm.delayed.at(now)
        if alarm.delayed.counts == alarm.facts.abnormal:
            return
        if alarm.delayed.counts:
            yield from self._raise(alarm, now)
        else:
            alarm.ended = now
            yield from self._apply(alarm, Event.CLEARED, now, by=by)

    def _raise(self, alarm: Alarm, now: datetime) -> Iterator[AlarmStood]:
        alarm.acknowledged_by, alarm.note = None, "" if not alarm.facts.hidden else alarm.note
        service = self._service_of(alarm)
        if service is not None and not alarm.facts.out:
            alarm.facts = after(alarm.facts, Event.TAKEN_OUT, alarm.manner, until=service.until)
        cause = self._cause_of(alarm, now)
        if cause is not None:
            alarm.facts = after(alarm.facts, Event.SUPPRESSED, alarm.manner, cause=cause)
        yield from self._apply(alarm, Event.RAISED, now)
        for key in sorted(self._following.get(alarm.key, ())):
            follower = self.alarms[key]
            if follower.facts.standing in SHOWN:
                yield from self._apply(follower, Event.SUPPRESSED, now, cause=alarm.key)

    def _expire(self, alarm: Alarm, now: datetime) -> Iterator[AlarmStood]:
        until = alarm.facts.until
        if until is not None and now >= until:
            event = Event.PUT_BACK if alarm.facts.out else Event.UNSHELVED
            yield from self._apply(alarm, event, now)

    def _reconsider(self, alarm: Alarm, now: datetime) -> Iterator[AlarmStood]:
        """Shows what was hidden for a cause that is over."""
        if alarm.facts.cause is None or self._is_on(alarm.facts.cause, now):
            return
        other = self._cause_of(alarm, now)
        if other is not None:
            yield from self._apply(alarm, Event.SUPPRESSED, now, cause=other)
        else:
            yield from self._apply(alarm, Event.RELEASED, now)

    def _cause_of(self, alarm: Alarm, now: datetime) -> str | None:
        return next((cause for cause in alarm.causes if self._is_on(cause, now)), None)

    def _is_on(self, key: str, now: datetime) -> bool:
        """Whether what follows from the alarm `key` is hidden: while it lasts, and a little longer."""
        cause = self.alarms.get(key)
        if cause is None:
            return False
        return cause.facts.abnormal or (cause.ended is not None and now < cause.ended + self._linger)

    # Out of service

    def _service_of(self, alarm: Alarm) -> Service | None:
        for thing, service in self.out_of_service.items():
            if self._consequences.holds(thing, alarm.key, alarm.equipment):
                return service
        return None

    def _serviced(self, message: AlarmActed, now: datetime) -> Iterator[AlarmStood]:
        thing = message.key.removeprefix(MAINTENANCE)
        if message.act is AlarmAct.OUT_OF_SERVICE and self._consequences.knows(thing):
            service = Service(until=message.until, by=message.actor, note=message.note)
            self.out_of_service[thing] = service
            yield thing_stood(thing, service, AlarmStanding.OUT_OF_SERVICE, now, message.actor)
            for alarm in self._held_by(thing):
                yield from self._apply(
                    alarm, Event.TAKEN_OUT, now, by=message.actor, note=message.note, until=message.until
                )
        elif message.act is AlarmAct.IN_SERVICE:
            yield from self._back_in_service(thing, now, by=message.actor, note=message.note)

    def _back_in_service(self, thing: str, now: datetime, *, by: Actor | None, note: str) -> Iterator[AlarmStood]:
        service = self.out_of_service.pop(thing, None)
        if service is None:
            return
        back = Service(until=None, by=by, note=note)
        yield thing_stood(thing, back, AlarmStanding.NORMAL, now, by)
        for alarm in self._held_by(thing):
            if self._service_of(alarm) is None:
                yield from self._apply(alarm, Event.PUT_BACK, now, by=by, note=note)

    def _held_by(self, thing: str) -> list[Alarm]:
        return [
            alarm for alarm in self.alarms.values()
            if self._consequences.holds(thing, alarm.key, alarm.equipment)
        ]  # fmt: skip

    # What is told

    def _apply(
        self,
        alarm: Alarm,
        event: Event,
        now: datetime,
        *,
        by: Actor | None = None,
        note: str = "",
        until: datetime | None = None,
        cause: str | None = None,
    ) -> Iterator[AlarmStood]:
        before, old = alarm.facts.standing, alarm.facts
        alarm.facts = after(old, event, alarm.manner, until=until, cause=cause)
        if kept(alarm.facts) == kept(old):
            return
        if by is not None:
            alarm.note = note
        yield self.stood(alarm, now, before=before, by=by)

    def stood(self, alarm: Alarm, now: datetime, *, before: AlarmStanding, by: Actor | None = None) -> AlarmStood:
        """How `alarm` stands, as it is told and kept."""
        facts = alarm.facts
        return AlarmStood(
            key=alarm.key,
            standing=facts.standing,
            before=before,
            level=alarm.level,
            at=now,
            since=alarm.since,
            abnormal=facts.abnormal,
            text=alarm.text,
            advice=alarm.entry.advice.text,
            owner=self._owners.of(alarm.entry, alarm.key, alarm.equipment, now),
            equipment=alarm.equipment,
            condition=alarm.entry.id,
            by=by,
            acknowledged_by=alarm.acknowledged_by,
            until=facts.until,
            cause=facts.cause if facts.standing is AlarmStanding.SUPPRESSED else None,
            note=alarm.note,
        )
