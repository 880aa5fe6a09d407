"""Whom to tell of what, and by which way: a pure reckoning from how alarms stand, told again as often as one likes.

Each notification has a name for ever (`about`). What has been told is known by its name, so nothing is told twice, and
nothing is forgotten: whatever a crash left untold is found again from the alarms' states.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from controller.notifying.message import ITEM, Item, Kind, is_at_least
from facility.bus.messages import AlarmLevel, AlarmStanding, AlarmStood, ReminderGiven
from facility.commands import Actor
from facility.journal.alarm_states import Notification
from facility.journal.documents import document_of
from facility.model.alarm_entries import EscalationStep, NotifyEntry
from facility.model.entry import Names
from facility.readings import to_us
from facility.text import Text

ENDED_WITHIN = timedelta(days=2)
"""The end of an alarm that is longer ago is no news."""

_NOT_TOLD = Text("", "")
_HIDDEN_BY_PEOPLE = frozenset({AlarmStanding.SHELVED, AlarmStanding.OUT_OF_SERVICE})


class Planner:
    """Plans the notifications of one site.

    Args:
        entry: channels, escalation, reminders of the site file. Without `escalation` every channel is told at once.
    """

    def __init__(self, entry: NotifyEntry) -> None:
        self._entry = entry
        everybody = EscalationStep(to=Names(zh="全体", en="all"), channels=tuple(entry.channels) or ("none",))
        self._steps = entry.escalation or ((everybody,) if entry.channels else ())

    def plan(self, states: Iterable[AlarmStood], told: Collection[str], now: datetime) -> list[Notification]:
        """What has to be told at `now` and is not in `told`."""
        found: list[Notification] = []
        for state in states:
            for notification in self._of(state, told, now):
                if notification.about not in told:
                    found.append(notification)
        return found

    def _of(self, state: AlarmStood, told: Collection[str], now: datetime) -> Iterator[Notification]:
        if state.standing is AlarmStanding.UNACKNOWLEDGED:
            for number, step in enumerate(self._steps):
                if now >= state.at + timedelta(minutes=step.after_minutes):
                    yield from self._raised(state, number, step, now)
        elif state.standing is AlarmStanding.ACKNOWLEDGED and state.acknowledged_by is None:
            for step in self._steps[:1]:  # needs nobody's acknowledgement: told once
                yield from self._raised(state, 0, step, now)
        elif not state.abnormal and now - state.at <= ENDED_WITHIN:
            yield from self._ended(state, told, now)

    def _raised(self, state: AlarmStood, number: int, step: EscalationStep, now: datetime) -> Iterator[Notification]:
        if not is_at_least(state.level, step.from_level):
            return
        kind = Kind.RAISED if number == 0 else Kind.ESCALATED
        item = Item(
            kind=kind, key=state.key, level=state.level, at=state.since, text=state.text, advice=state.advice,
            owner=state.owner, to=step.to.text if self._entry.escalation else None,
        )  # fmt: skip
        for name in step.channels:
            channel = self._entry.channels.get(name)
            if channel is not None and is_at_least(state.level, channel.from_level):
                yield _notification(f"{name}|{kind}|{state.key}|{_occurrence(state)}|{number}", name, item, now)

    def _ended(self, state: AlarmStood, told: Collection[str], now: datetime) -> Iterator[Notification]:
        """An end is told where its beginning was."""
        item = Item(kind=Kind.ENDED, key=state.key, level=state.level, at=state.at, text=state.text)
        for name, channel in self._entry.channels.items():
            begun = f"{name}|{Kind.RAISED}|{state.key}|{to_us(state.since)}|0"
            later = (f"{name}|{Kind.ESCALATED}|{state.key}|{to_us(state.since)}|{n}" for n in range(len(self._steps)))
            if channel.ends and (begun in told or any(about in told for about in later)):
                yield _notification(f"{name}|{Kind.ENDED}|{state.key}|{to_us(state.since)}", name, item, now)

    def reminder(self, message: ReminderGiven, office: Text | None, now: datetime) -> list[Notification]:
        """A rule's reminder, by the channels that the site names for them."""
        text = message.text if message.clause is None else _with_clause(message.text, message.clause)
        item = Item(
            kind=Kind.REMINDER, key=message.key, level=AlarmLevel.INFO, at=message.at, text=text,
            owner=_NOT_TOLD if office is None else office,
        )  # fmt: skip
        names = [name for name in self._entry.reminders if name in self._entry.channels]
        return [
            _notification(f"{name}|{Kind.REMINDER}|{message.key}|{to_us(message.at)}", name, item, now)
            for name in names
        ]

    def trial(self, channel: str | None, actor: Actor, at: datetime, now: datetime) -> list[Notification]:
        """A trial message by one channel, or by all."""
        names = list(self._entry.channels) if channel is None else [channel]
        item = Item(
            kind=Kind.TRIAL, key="trial", level=AlarmLevel.INFO, at=at,
            text=Text(f"这是一条测试通知，由 {actor.name} 发出", f"this is a trial message, sent by {actor.name}"),
        )  # fmt: skip
        return [
            _notification(f"{name}|{Kind.TRIAL}|{to_us(at)}", name, item, now)
            for name in names
            if name in self._entry.channels
        ]


def _occurrence(state: AlarmStood) -> str:
    """Tells one time that an alarm stood from the next; one that a person hid and that is shown again is told anew."""
    began = str(to_us(state.since))
    return f"{began}+{to_us(state.at)}" if state.before in _HIDDEN_BY_PEOPLE else began


def _notification(about: str, channel: str, item: Item, now: datetime) -> Notification:
    return Notification(about=about, channel=channel, made=now, document=document_of(ITEM, item))


def _with_clause(text: Text, clause: str) -> Text:
    return Text(f"{text.zh}（{clause}）", f"{text.en} ({clause})")
