"""What a duty electrician is told about a line or a device that is down."""

from __future__ import annotations

from datetime import UTC, datetime

from facility.bus import AlarmChanged, LinkStatus
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from gateway.alarms import LinkAlarms
from tests.sites import small_site

AT = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


def told(*states: tuple[str, str | None, bool]) -> list[AlarmChanged]:
    """The alarms that a sequence of (line, device, up) raises."""
    bus = InProcessBus()
    LinkAlarms(small_site(plant_port=1502), bus, ManualClock(AT))
    alarms: list[AlarmChanged] = []
    bus.listen(AlarmChanged, alarms.append)
    for link, device, up in states:
        bus.publish(LinkStatus(link=link, device=device, up=up, at=AT, detail="no answer within 1 s"))
    return alarms


def test_a_device_alarm_says_where_it_is_and_what_to_check_in_both_languages() -> None:
    (alarm,) = told(("meters", "m-401", False))
    for text, words in (
        (alarm.text.zh, ("meters", "m-401", "127.0.0.1:1503", "站号 11", "请检查", "no answer within 1 s")),
        (alarm.text.en, ("meters", "m-401", "127.0.0.1:1503", "unit 11", "check", "no answer within 1 s")),
    ):
        assert [word for word in words if word not in text] == []


def test_a_line_alarm_says_its_address_and_ends_once_when_it_is_back() -> None:
    states = [("plant", None, False), ("plant", None, False), ("plant", None, True), ("plant", None, True)]
    down, back = told(*states)
    assert (down.active, back.active) == (True, False)
    assert "127.0.0.1:1502" in down.text.zh
    assert "127.0.0.1:1502" in down.text.en
