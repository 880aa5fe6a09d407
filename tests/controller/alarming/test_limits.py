"""Readings against limits: deadband, states, rates, nothing known."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from controller.alarming.hours import OfficeHours, within
from controller.alarming.limits import Rate, is_beyond
from controller.policy.schema import Hours
from facility.calendar import Calendar
from facility.model.alarm_entries import Limits
from tests.sites import small_site

ABOVE = Limits(above=0.0, deadband=0.5)
BETWEEN = Limits(above=24.0, below=14.0, deadband=1.0)


@pytest.mark.parametrize(
    ("limits", "value", "was", "verdict"),
    [
        (ABOVE, 0.0, False, False),
        (ABOVE, 0.01, False, True),
        (ABOVE, 0.0, True, True),
        (ABOVE, -0.5, True, False),
        (ABOVE, None, True, None),
        (ABOVE, None, False, None),
        (BETWEEN, 24.0, False, False),
        (BETWEEN, 24.1, False, True),
        (BETWEEN, 23.5, True, True),
        (BETWEEN, 23.0, True, False),
        (BETWEEN, 13.9, False, True),
        (BETWEEN, 14.5, True, True),
        (BETWEEN, 15.0, True, False),
        (Limits(), 1e9, True, False),
    ],
)
def test_a_value_against_its_limits(limits: Limits, value: float | None, was: bool, verdict: bool | None) -> None:
    assert is_beyond(limits, value, None, was=was) is verdict


def test_a_state_is_abnormal_or_it_is_not() -> None:
    limits = Limits(state="off")
    assert [is_beyond(limits, value, 0.0, was=True) for value in (0.0, 1.0, None)] == [True, False, None]


def test_a_rate_is_known_once_the_counter_was_heard_for_the_whole_time() -> None:
    rate = Rate(over_us=3_600_000_000)
    hour = 3_600_000_000
    assert rate.take(0, 10.0) is None
    assert rate.take(hour // 2, 10.0) is None
    assert rate.take(hour, 10.0) == 0.0
    assert rate.take(2 * hour, 10.6) == pytest.approx(0.6)
    assert rate.take(hour, 11.0) is None  # late: passed over
    assert rate.take(3 * hour, 2.0) is None  # a new counter begins
    assert rate.take(4 * hour, 2.5) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("span", "local", "inside"),
    [
        ("22:00-07:00", time(22), True),
        ("22:00-07:00", time(6, 59), True),
        ("22:00-07:00", time(7), False),
        ("00:00-05:00", time(0), True),
        ("00:00-05:00", time(5), False),
        ("08:00-08:00", time(3), True),
    ],
)
def test_hours_may_lie_across_midnight_and_are_half_open(span: str, local: time, inside: bool) -> None:
    assert within(span, local) is inside


def test_off_hours_begin_when_people_had_time_to_leave_and_last_over_the_weekend() -> None:
    site = small_site()
    hours = OfficeHours(Calendar.of(site.file), Hours(time(8), time(17)), site.zone)
    local = [
        datetime.combine(date(2026, 7, day), time(hour, minute), tzinfo=site.zone)
        for day, hour, minute in ((15, 7, 59), (15, 8, 0), (15, 17, 29), (15, 17, 30), (18, 10, 0))
    ]
    assert [hours.counts("working", now.astimezone(UTC)) for now in local] == [False, True, True, False, False]
    assert [hours.counts("off_hours", now) for now in local] == [True, False, False, True, True]
    assert all(hours.counts("always", now) for now in local)
