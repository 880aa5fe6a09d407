"""Readings as minutes: for how long they hold, what is not known, and what lasts."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from controller.observance.minutes import (
    NO,
    UNKNOWN,
    YES,
    Minutes,
    all_of,
    any_of,
    is_true,
    lasting,
    mean_values,
    spans_of,
    told_values,
)
from facility.local_days import midnight
from facility.readings import Status, to_us
from facility.series import Series
from tests.controller.observance.days import local

MINUTE_US = 60_000_000
TEN = Minutes(local("08:00"), local("08:10"))


def series(*rows: tuple[str, float | None]) -> Series:
    times = [to_us(local(clock)) for clock, _ in rows]
    return Series(
        point="p",
        times_us=np.array(times, np.int64),
        values=np.array([np.nan if value is None else value for _, value in rows]),
        statuses=np.array([Status.TIMEOUT if value is None else Status.GOOD for _, value in rows], np.uint8),
    )


def shown(values: object) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in np.asarray(values)]


def test_a_reading_holds_until_the_next_and_no_longer_than_it_may() -> None:
    told = told_values(TEN, series(("07:59:30", 0.0), ("08:02:00", 0.0)), hold_us=3 * MINUTE_US)
    assert shown(told) == [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, None, None, None, None]


def test_nothing_read_is_not_zero() -> None:
    assert shown(told_values(TEN, series(), hold_us=MINUTE_US)) == [None] * 10
    assert shown(told_values(TEN, series(("08:01:00", None)), hold_us=MINUTE_US)) == [None] * 10
    assert list(is_true(TEN.nothing(), TEN.none())) == [UNKNOWN] * 10


def test_a_state_that_changed_between_two_distant_readings_is_not_known_between_them() -> None:
    polled = series(("08:00:00", 1.0), ("08:05:00", 0.0))
    assert shown(told_values(TEN, polled, hold_us=5 * MINUTE_US)) == [1.0, None, None, None, None, *[0.0] * 5]
    assert shown(told_values(TEN, polled, hold_us=5 * MINUTE_US, changes_at_once=True))[:6] == [1.0] * 5 + [0.0]
    close = series(("08:00:00", 1.0), ("08:01:10", 0.0))
    assert shown(told_values(TEN, close, hold_us=5 * MINUTE_US))[:3] == [1.0, 1.0, 0.0]


def test_a_mean_is_of_the_minutes_before_and_ends_when_it_is_stale() -> None:
    mean = mean_values(TEN, series(("07:58:00", 0.0), ("08:00:00", 4.0)), over_us=3 * MINUTE_US, stale_us=4 * MINUTE_US)
    assert shown(mean) == [2.0, 4.0, 4.0, 4.0, 4.0, None, None, None, None, None]


@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        (YES, YES, YES, YES),
        (YES, NO, NO, YES),
        (NO, UNKNOWN, NO, UNKNOWN),
        (YES, UNKNOWN, UNKNOWN, YES),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_truth_follows_kleene(one: int, other: int, both: int, either: int) -> None:
    first, second = np.array([one], np.int8), np.array([other], np.int8)
    assert all_of(first, second)[0] == all_of(second, first)[0] == both
    assert any_of(first, second)[0] == any_of(second, first)[0] == either


def test_what_lasts_counts_from_when_it_has_lasted() -> None:
    truth = np.array([1, 1, 1, 0, 1, -1, 1, 1, 1, 1], np.int8)
    assert list(lasting(truth, 2)) == [0, 0, 1, 0, 0, -1, 0, 0, 1, 1]
    assert list(lasting(truth, 0)) == list(truth)


def test_spans_are_times_half_open() -> None:
    mask = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 1], np.bool_)
    spans = spans_of(TEN, mask)
    assert [(span.start, span.end, span.minutes) for span in spans] == [
        (local("08:00"), local("08:02"), 2),
        (local("08:09"), local("08:10"), 1),
    ]


def test_a_day_of_twenty_three_hours_has_so_many_minutes() -> None:

    chicago = ZoneInfo("America/Chicago")
    day = date(2026, 3, 8)
    assert len(Minutes(midnight(day, chicago), midnight(day + timedelta(days=1), chicago))) == 23 * 60
