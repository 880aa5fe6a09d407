"""When a message was said, for every way of writing it and every wrong clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from facility.clock import ManualClock
from facility.profiles.messages import Stamp, TimeFormat
from gateway.mqtt.stamps import Dating

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
NOON_S = int(NOON.timestamp())
SHANGHAI = ZoneInfo("Asia/Shanghai")
DOUBT = (NOON, True)


def ago(**parts: float) -> datetime:
    return NOON - timedelta(**parts)


def dated(written: TimeFormat, said: Any, *, key: str = "time") -> tuple[datetime, bool]:
    """What a message with `said` under `time` counts from, and whether its clock is doubted."""
    return Dating(ManualClock(NOON), SHANGHAI).of(
        Stamp(key=key, format=written), {"time": said, "a": [{"b": said}]}, NOON
    )


@pytest.mark.parametrize(
    ("written", "said", "expected"),
    [
        ("iso8601", "2026-07-15T03:58:00Z", (ago(minutes=2), False)),
        ("iso8601", "2026-07-15T11:58:00+08:00", (ago(minutes=2), False)),
        ("iso8601", "2026-07-15T03:59:59.500Z", (ago(seconds=0.5), False)),
        ("iso8601", "2026-07-08T04:00:00Z", (ago(days=7), False)),
        ("iso8601", "2026-07-08T03:59:59Z", DOUBT),
        ("iso8601", "2026-07-15T04:05:00Z", (NOON, False)),
        ("iso8601", "2026-07-15T04:05:01Z", DOUBT),
        ("iso8601", "1970-01-01T00:00:00Z", DOUBT),
        ("iso8601", "2027-07-15T04:00:00Z", DOUBT),
        ("iso8601", "2026-07-15T12:00:00", DOUBT),
        ("iso8601", NOON_S, DOUBT),
        ("iso8601", "noon", DOUBT),
        ("iso8601", "", DOUBT),
        ("iso8601", "0001-01-01T00:00:00+14:00", DOUBT),
        ("iso8601", "9999-12-31T23:59:59-14:00", DOUBT),
        ("iso8601", None, (NOON, False)),
        ("local", "2026-07-15T11:58:00", (ago(minutes=2), False)),
        ("local", "2026-07-15T03:58:00Z", (ago(minutes=2), False)),
        ("local", "2026-07-15T03:58:00", (ago(hours=8, minutes=2), False)),
        ("local", "0001-01-01T00:00:00", DOUBT),
        ("epoch_s", NOON_S - 120, (ago(minutes=2), False)),
        ("epoch_s", NOON_S - 0.5, (ago(seconds=0.5), False)),
        ("epoch_s", str(NOON_S - 120), (ago(minutes=2), False)),
        ("epoch_s", (NOON_S - 120) * 1000, DOUBT),
        ("epoch_s", 0, DOUBT),
        ("epoch_s", -1, DOUBT),
        ("epoch_s", True, DOUBT),
        ("epoch_s", 10**400, DOUBT),
        ("epoch_s", "nan", DOUBT),
        ("epoch_s", "1e400", DOUBT),
        ("epoch_s", {}, DOUBT),
        ("epoch_ms", (NOON_S - 120) * 1000, (ago(minutes=2), False)),
        ("epoch_ms", NOON_S - 120, DOUBT),
        ("epoch_ms", 0, DOUBT),
    ],
)
def test_a_time_counts_as_far_as_it_is_believed(
    written: TimeFormat, said: Any, expected: tuple[datetime, bool]
) -> None:
    assert dated(written, said) == expected


def test_the_time_may_stand_deep_in_a_message() -> None:
    assert dated("epoch_s", NOON_S - 120, key="a.0.b") == (ago(minutes=2), False)
    assert dated("epoch_s", NOON_S - 120, key="a.1.b") == (NOON, False)


@pytest.mark.parametrize("stamp", [None, Stamp(key="elsewhere")])
def test_a_message_without_a_time_counts_from_its_arrival(stamp: Stamp | None) -> None:
    dating = Dating(ManualClock(NOON), SHANGHAI)
    assert dating.of(stamp, {"time": "1970-01-01T00:00:00Z"}, ago(seconds=3)) == (ago(seconds=3), False)
    assert dating.of(Stamp(), "26.4", ago(seconds=3)) == (ago(seconds=3), False)


def test_what_a_device_calls_history_may_be_older() -> None:
    dating = Dating(ManualClock(NOON), SHANGHAI)
    assert dating.believed(ago(days=399), NOON, historical=True) == (ago(days=399), False)
    assert dating.believed(ago(days=401), NOON, historical=True) == DOUBT
    assert dating.believed(ago(days=8), NOON) == DOUBT
