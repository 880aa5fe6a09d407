"""Who is told of what, when and how often: ledgers over quiet hours, digests, limits, escalation, outages, restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.notifying.message import Composed
from controller.notifying.notifier import Notifier
from facility.bus.in_process import InProcessBus
from facility.bus.messages import (
    AlarmChanged,
    AlarmLevel,
    AlarmStanding,
    AlarmStood,
    NotificationWanted,
    ReminderGiven,
)
from facility.clock import ManualClock
from facility.commands import Actor, Role
from facility.errors import DeliveryRefused, NotDelivered, StoreUnavailable
from facility.journal import Journal
from facility.model import SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.text import Text
from tests.controller.notifying.servers import Answer, robot
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

T0 = datetime(2026, 7, 15, 2, tzinfo=UTC)
"""10:00 local."""

DUTY = Actor(name="值班员", role=Role.DUTY_ROOM)
S = AlarmStanding
CHANNELS = {
    "duty": {"type": "webhook", "url": "http://127.0.0.1:9/", "allow_local": True},
    "leader": {"type": "webhook", "url": "http://127.0.0.1:9/", "allow_local": True, "ends": False},
}  # fmt: skip
ESCALATION = [
    {"to": {"zh": "值班室"}, "channels": ["duty"]},
    {"to": {"zh": "分管领导"}, "channels": ["leader"], "after_minutes": 30, "from_level": "serious"},
]


class Pigeon:
    """Carries messages, or does what it is told."""

    def __init__(self) -> None:
        self.carried: list[Composed] = []
        self.errors: list[Exception] = []

    async def send(self, message: Composed) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.carried.append(message)

    @property
    def told(self) -> list[str]:
        return [" + ".join(f"{item['kind']} {item['key']}" for item in message.items) for message in self.carried]


class Desk:
    """A notifier with a clock that is moved, step by step."""

    def __init__(self, journal: Journal | None = None, *, channels: Any = None, **notify: Any) -> None:
        entry = {"channels": CHANNELS if channels is None else channels, "digest_minutes": 0, **notify}
        file = SiteFile.model_validate({**small_site_data(), "notify": entry})
        self.bus, self.clock = InProcessBus(), ManualClock(T0)
        self.pigeons = {name: Pigeon() for name in entry["channels"]}
        self.raw: list[str] = []
        self.bus.listen(AlarmChanged, lambda said: self.raw.append(f"{said.key} {said.active}"))
        self.notifier = Notifier(
            build_site(file, ProfileLibrary()), self.bus, self.clock, journal, senders=self.pigeons
        )

    @property
    def duty(self) -> Pigeon:
        return self.pigeons["duty"]

    def stand(self, key: str, standing: AlarmStanding, level: str = "serious", **more: Any) -> None:
        abnormal = more.pop("abnormal", standing not in {S.NORMAL, S.RETURNED})
        self.bus.publish(
            AlarmStood(
                key=key, standing=standing, before=more.pop("before", S.NORMAL), level=AlarmLevel(level),
                at=self.clock.now(), since=more.pop("since", T0), abnormal=abnormal, text=Text("坏", "bad"),
                advice=Text("看", "look"), owner=Text("值班室", "duty room"), **more,
            )
        )  # fmt: skip

    async def step(self, minutes: float = 0.0) -> list[float | None]:
        """Time passes, then everybody does what is due."""
        self.clock.advance(minutes * 60.0)
        self.notifier.plan(self.clock.now())
        pauses = [await delivery.deliver() for delivery in self.notifier.deliveries]
        self.notifier._watch(self.clock.now())
        return pauses


async def test_an_alarm_is_told_once_and_so_is_its_end() -> None:
    desk = Desk()
    desk.stand("a", S.UNACKNOWLEDGED)
    for _ in range(3):
        await desk.step(1)
    desk.stand("a", S.ACKNOWLEDGED, acknowledged_by=DUTY)
    await desk.step(1)
    desk.stand("a", S.NORMAL)
    await desk.step(1)
    await desk.step(60)
    assert desk.duty.told == ["raised a", "ended a"]
    assert desk.pigeons["leader"].told == ["raised a"]
    desk.stand("a", S.UNACKNOWLEDGED, since=desk.clock.now())
    await desk.step(1)
    assert desk.duty.told[-1] == "raised a"
    assert len(desk.duty.told) == 3


async def test_what_nobody_acknowledges_goes_up_to_the_next() -> None:
    desk = Desk(escalation=ESCALATION)
    desk.stand("a", S.UNACKNOWLEDGED)
    desk.stand("mild", S.UNACKNOWLEDGED, "warning")
    await desk.step()
    await desk.step(29)
    assert desk.pigeons["leader"].told == []
    await desk.step(1)
    assert desk.duty.told == ["raised a + raised mild"]
    assert desk.pigeons["leader"].told == ["escalated a"]
    assert "通知：分管领导" in desk.pigeons["leader"].carried[0].text
    await desk.step(600)
    assert desk.pigeons["leader"].told == ["escalated a"]


async def test_what_is_acknowledged_in_time_goes_no_further() -> None:
    desk = Desk(escalation=ESCALATION)
    desk.stand("a", S.UNACKNOWLEDGED)
    await desk.step(29)
    desk.stand("a", S.ACKNOWLEDGED, acknowledged_by=DUTY)
    await desk.step(60)
    assert desk.pigeons["leader"].told == []


async def test_quiet_hours_hold_back_all_but_what_is_critical_and_end_in_one_digest() -> None:
    desk = Desk(channels={"duty": CHANNELS["duty"]}, quiet="22:00-07:00")
    await desk.step(12 * 60)  # 22:00 local
    desk.stand("a", S.UNACKNOWLEDGED, "serious")
    desk.stand("b", S.UNACKNOWLEDGED, "warning")
    await desk.step(10)
    assert desk.duty.told == []
    desk.stand("fire", S.UNACKNOWLEDGED, "critical")
    await desk.step(1)
    assert desk.duty.told == ["raised fire"]
    desk.stand("b", S.RETURNED, "warning")
    await desk.step(8 * 60 + 48)  # 06:59
    assert desk.duty.told == ["raised fire"]
    await desk.step(1)
    assert desk.duty.told == ["raised fire", "raised a + raised b + ended b"]
    assert "现已恢复" in desk.duty.carried[1].text


async def test_a_level_below_the_channels_is_not_told() -> None:
    desk = Desk(channels={"duty": {**CHANNELS["duty"], "from_level": "serious"}})
    desk.stand("a", S.UNACKNOWLEDGED, "warning")
    desk.stand("b", S.UNACKNOWLEDGED, "serious")
    await desk.step(1)
    assert desk.duty.told == ["raised b"]


async def test_what_comes_within_the_digests_time_is_one_message() -> None:
    desk = Desk(channels={"duty": CHANNELS["duty"]}, digest_minutes=2)
    desk.stand("a", S.UNACKNOWLEDGED)
    await desk.step(1)
    desk.stand("b", S.UNACKNOWLEDGED)
    await desk.step(0.9)
    assert desk.duty.told == []
    await desk.step(1.1)
    assert desk.duty.told == ["raised a + raised b"]


async def test_what_was_hidden_before_it_was_told_is_not_told() -> None:
    desk = Desk(channels={"duty": CHANNELS["duty"]}, digest_minutes=2)
    desk.stand("device_down:a", S.UNACKNOWLEDGED)
    await desk.step(1)
    desk.stand("device_down:a", S.SUPPRESSED, cause="link_down:x")
    await desk.step(5)
    assert desk.duty.told == []
    assert desk.notifier.outbox.waiting("duty") == []


async def test_no_more_than_so_many_messages_an_hour_the_rest_together() -> None:
    desk = Desk(channels={"duty": {**CHANNELS["duty"], "per_hour": 2}})
    for number in range(5):
        desk.stand(f"a{number}", S.UNACKNOWLEDGED)
        await desk.step(1)
    assert desk.duty.told == ["raised a0", "raised a1"]
    await desk.step(58)
    assert desk.duty.told == ["raised a0", "raised a1", "raised a2 + raised a3 + raised a4"]


async def test_a_flood_is_one_message_and_the_next_after_its_minutes() -> None:
    desk = Desk(channels={"duty": CHANNELS["duty"]})
    desk.stand("flood", S.UNACKNOWLEDGED)
    for number in range(30):
        desk.stand(f"a{number}", S.UNACKNOWLEDGED, "warning")
    await desk.step(0.1)
    assert len(desk.duty.carried) == 1
    assert "另有 11 条" in desk.duty.carried[0].text
    for number in range(9):
        desk.stand(f"b{number}", S.UNACKNOWLEDGED, "warning")
        await desk.step(1)
    assert len(desk.duty.carried) == 1
    await desk.step(3)
    assert len(desk.duty.carried) == 2
    assert len(desk.duty.carried[1].items) == 9


async def test_a_failure_is_tried_again_with_growing_pauses_and_becomes_an_alarm() -> None:
    desk = Desk(channels={"duty": CHANNELS["duty"]})
    desk.duty.errors = [NotDelivered("away"), NotDelivered("away"), NotDelivered("slow", retry_after_s=400.0),
                        DeliveryRefused("key")]  # fmt: skip
    desk.stand("a", S.UNACKNOWLEDGED)
    pauses = [(await desk.step(4))[0] for _ in range(5)]
    assert pauses == [5.0, 15.0, 400.0, 300.0, None]
    assert desk.duty.told == ["raised a"]
    assert desk.raw == ["notify_failing:duty True", "notify_failing:duty False"]


async def test_one_message_that_is_never_taken_does_not_hold_back_the_others() -> None:
    desk = Desk(channels={"duty": CHANNELS["duty"]})
    for key in ("a", "b"):
        desk.stand(key, S.UNACKNOWLEDGED)
    desk.duty.errors = [DeliveryRefused("too long", of_content=True)] * 4
    for _ in range(8):
        await desk.step(1)
    assert desk.duty.told == ["raised b"]


async def test_a_restart_sends_what_waited_and_nothing_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    first = Desk(Journal(url), channels={"duty": CHANNELS["duty"]}, digest_minutes=5)
    first.stand("told", S.UNACKNOWLEDGED)
    await first.step()
    await first.step(5)
    first.stand("waits", S.UNACKNOWLEDGED)
    await first.step(1)
    assert first.duty.told == ["raised told"]
    await first.notifier.outbox.flush()  # and then the power is cut
    again = Desk(Journal(url), channels={"duty": CHANNELS["duty"]}, digest_minutes=5)
    await again.notifier.recall()
    again.stand("told", S.UNACKNOWLEDGED)
    again.stand("waits", S.UNACKNOWLEDGED)
    await again.step(30)
    assert again.duty.told == ["raised waits"]


async def test_what_a_crash_left_untold_is_found_again_from_how_alarms_stand(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    first = Desk(journal, channels={"duty": CHANNELS["duty"]})
    steps: list[AlarmStood] = []
    first.bus.listen(AlarmStood, steps.append)
    first.stand("a", S.UNACKNOWLEDGED)
    journal.alarm_states.enter(steps)  # killed before anything was planned
    again = Desk(journal, channels={"duty": CHANNELS["duty"]})
    await again.notifier.recall()
    await again.step()
    assert again.duty.told == ["raised a"]
    journal.close()


async def test_people_are_told_while_the_records_are_away(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    desk = Desk(journal, channels={"duty": CHANNELS["duty"]})
    keep, away = journal.alarm_states.keep, True

    def away_now(told: Sequence[Any]) -> None:
        if away:
            raise StoreUnavailable("away")
        keep(told)

    journal.alarm_states.keep = away_now  # type: ignore[method-assign]
    desk.stand("records_away", S.UNACKNOWLEDGED)
    await desk.step()
    assert desk.duty.told == ["raised records_away"]
    with pytest.raises(StoreUnavailable):
        await desk.notifier.outbox.flush()
    away = False
    await desk.notifier.outbox.flush()
    assert [each.state for each in journal.alarm_states.notifications()] == ["sent"]
    journal.close()


async def test_reminders_go_to_their_channels_and_trials_to_one_or_all() -> None:
    desk = Desk(reminders=["duty"], quiet="09:00-11:00")
    text = Text("请关闭主机", "switch the host off")
    desk.bus.publish(ReminderGiven(key="host-off", at=T0, text=text, clause="AC-11", office="finance"))
    desk.bus.publish(NotificationWanted(channel="leader", actor=DUTY, at=T0))
    await desk.step()
    assert desk.pigeons["leader"].told == ["trial trial"]
    assert desk.duty.told == []
    await desk.step(60)
    assert desk.duty.told == ["reminder host-off"]
    said = desk.duty.carried[0].text
    assert "请关闭主机（AC-11）" in said
    assert "财务科" in said


async def test_a_site_without_channels_tells_nobody() -> None:
    desk = Desk(channels={})
    desk.stand("a", S.UNACKNOWLEDGED)
    await desk.step(10)
    assert desk.notifier.outbox.told == set()


async def test_one_shown_again_after_a_shelving_is_told_anew() -> None:
    desk = Desk(channels={"duty": CHANNELS["duty"]})
    desk.stand("a", S.UNACKNOWLEDGED)
    await desk.step()
    desk.stand("a", S.SHELVED, before=S.UNACKNOWLEDGED)
    await desk.step(60)
    desk.stand("a", S.UNACKNOWLEDGED, before=S.SHELVED)
    await desk.step(1)
    assert desk.duty.told == ["raised a", "raised a"]


async def test_it_runs_by_itself_against_a_real_server_through_a_long_outage(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    async with robot(Answer(status=503), Answer(status=503), Answer()) as made:
        entry = {"hook": {"type": "webhook", "url": made.url, "allow_local": True}}
        file = SiteFile.model_validate({**small_site_data(), "notify": {"channels": entry, "digest_minutes": 0}})
        bus = InProcessBus()
        site, clock = build_site(file, ProfileLibrary()), ManualClock(T0)
        notifier = Notifier(site, bus, clock, journal, pauses_s=(0.01,))
        running = asyncio.create_task(notifier.run())
        bus.publish(NotificationWanted(channel=None, actor=DUTY, at=T0))
        async with asyncio.timeout(20):
            while not any(each.state == "sent" for each in journal.alarm_states.notifications()):
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        notifier.close()
    assert [each.tries for each in journal.alarm_states.notifications()] == [3]
    assert len({asked.headers["x-houqin-delivery"] for asked in made.asked}) == 1
    assert clock.now() - T0 == timedelta(0)
    journal.close()
