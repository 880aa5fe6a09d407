"""How alarms stand and what is on its way to people, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from facility.bus.messages import AlarmLevel, AlarmStanding, AlarmStood
from facility.commands import Actor, Role
from facility.journal import Journal
from facility.journal.alarm_states import DROPPED, FAILED, SENT, WAITING, Notification
from facility.text import Text

T0 = datetime(2026, 7, 15, 2, tzinfo=UTC)
DUTY = Actor(name="值班员", role=Role.DUTY_ROOM)


def stood(key: str, standing: AlarmStanding, minute: float, **more: object) -> AlarmStood:
    made = AlarmStood(
        key=key, standing=standing, before=AlarmStanding.NORMAL, level=AlarmLevel.SERIOUS,
        at=T0 + timedelta(minutes=minute), since=T0, abnormal=True, text=Text("坏", "bad"), advice=Text("看", "look"),
        owner=Text("值班室", "duty room"),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def notice(about: str, channel: str = "mail", minute: float = 0.0, **more: object) -> Notification:
    made = Notification(about=about, channel=channel, made=T0 + timedelta(minutes=minute), document={"key": about})
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_newest_state_of_each_alarm_stands_and_all_of_them_are_its_history(
    opened: Callable[[], Journal],
) -> None:
    raised = stood("link_down:a.b", AlarmStanding.UNACKNOWLEDGED, 0)
    shelved = stood(
        "link_down:a.b", AlarmStanding.SHELVED, 1, by=DUTY, until=T0 + timedelta(hours=1), note="等配件", cause=None,
        before=AlarmStanding.UNACKNOWLEDGED,
    )  # fmt: skip
    other = stood("climate:x", AlarmStanding.ACKNOWLEDGED, 0.5, acknowledged_by=DUTY, equipment="x")
    opened().alarm_states.enter([raised, other])
    opened().alarm_states.enter([shelved])
    states = opened().alarm_states
    assert states.states() == [shelved, other]
    assert states.history("link_down:a.b") == [shelved, raised]
    assert states.history("link_down:a.b", limit=1) == [shelved]
    assert states.history("never") == []
    assert Journal.alarms(opened()) == []


def test_what_happened_in_the_same_moment_keeps_its_order(journal: Journal) -> None:
    steps = [stood("a", standing, 0.0) for standing in AlarmStanding]
    journal.alarm_states.enter(steps)
    assert journal.alarm_states.history("a") == steps[::-1]
    assert journal.alarm_states.states() == steps[-1:]


def test_a_notification_is_entered_once_and_renewed_afterwards(opened: Callable[[], Journal]) -> None:
    first, second = notice("a"), notice("b", "hook", 5)
    opened().alarm_states.keep([first, second])
    opened().alarm_states.keep([first])
    assert opened().alarm_states.waiting() == [first, second]
    sent = replace(first, state=SENT, tries=2, ended=T0 + timedelta(minutes=9))
    failed = replace(second, state=FAILED, tries=3, ended=T0, error="他们不要")
    opened().alarm_states.keep([sent, failed])
    states = opened().alarm_states
    assert states.waiting() == []
    assert states.notifications() == [failed, sent]
    assert states.notifications(state=SENT) == [sent]
    assert states.notifications(state=DROPPED) == []
    assert states.notifications(limit=1) == [failed]
    assert states.notifications(state=WAITING) == []


def test_what_was_told_is_known_by_name(journal: Journal) -> None:
    journal.alarm_states.keep([notice("old", minute=-100), notice("new", minute=0, state=SENT)])
    assert journal.alarm_states.abouts(T0) == {"new"}
    assert journal.alarm_states.abouts(T0 - timedelta(days=1)) == {"old", "new"}
