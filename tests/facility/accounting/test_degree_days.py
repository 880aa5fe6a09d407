"""Degree days: what the weather asked for, and which days nobody measured."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from facility.accounting.degree_days import daily_means_c, degree_days
from facility.local_days import midnight_us
from facility.readings import Status
from facility.series import Series
from tests.facility.tables.bills import SHANGHAI

HOUR_US = 3_600_000_000
FIRST = date(2026, 7, 1)


def days(count: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in range(count)]


def hourly(values: list[float], *, bad: tuple[int, ...] = (), day: date = FIRST, zone: ZoneInfo = SHANGHAI) -> Series:
    start_us = midnight_us(day, zone)
    return Series(
        point="weather.temperature",
        times_us=np.arange(len(values), dtype=np.int64) * HOUR_US + start_us,
        values=np.array(values, np.float64),
        statuses=np.array(
            [Status.TIMEOUT if number in bad else Status.GOOD for number in range(len(values))], np.uint8
        ),
    )


def means(series: Series, count: int = 1, *, day: date = FIRST, zone: ZoneInfo = SHANGHAI) -> list[float | None]:
    start_us, end_us = midnight_us(day, zone), midnight_us(day + timedelta(days=count), zone)
    return list(daily_means_c(series, start_us, end_us, zone, hold_us=HOUR_US).values())


@pytest.mark.parametrize(
    ("mean_c", "cooling", "heating"),
    [(30.0, 4.0, 0.0), (26.0, 0.0, 0.0), (22.0, 0.0, 0.0), (18.0, 0.0, 0.0), (0.0, 0.0, 18.0), (-5.0, 0.0, 23.0)],
)
def test_a_day_counts_what_its_mean_lies_beyond_the_base(mean_c: float, cooling: float, heating: float) -> None:
    found = degree_days({FIRST: mean_c}, [FIRST])
    assert (found.cooling, found.heating, found.days, found.missing) == (cooling, heating, 1, 0)


def test_a_day_that_nobody_measured_is_missing_not_mild() -> None:
    found = degree_days({days(3)[0]: 30.0, days(3)[1]: None}, days(3))
    assert (found.cooling, found.heating, found.days, found.missing) == (4.0, 0.0, 3, 2)


def test_a_period_without_any_mean_has_no_sum() -> None:
    found = degree_days({}, days(2))
    assert (found.cooling, found.heating, found.missing) == (None, None, 2)


def test_the_bases_are_the_readers_choice() -> None:
    found = degree_days({FIRST: 20.0}, [FIRST], cooling_base_c=15.0, heating_base_c=20.5)
    assert (found.cooling, found.heating) == (5.0, 0.5)
    assert (found.cooling_base_c, found.heating_base_c) == (15.0, 20.5)


def test_a_mean_is_weighted_by_time() -> None:
    values = [20.0] * 12 + [30.0] * 12
    assert means(hourly(values)) == [25.0]
    dense = hourly(values)
    twice = Series(
        point=dense.point,
        times_us=np.sort(np.concatenate([dense.times_us, dense.times_us[12:] + HOUR_US // 2])),
        values=np.array([20.0] * 12 + [30.0] * 24),
        statuses=np.zeros(36, np.uint8),
    )
    assert means(twice) == [25.0]


def test_a_day_of_zero_degrees_has_a_mean() -> None:
    assert means(hourly([0.0] * 24)) == [0.0]


def test_a_day_has_a_mean_when_three_quarters_of_it_are_covered() -> None:
    assert means(hourly([30.0] * 18)) == [30.0]
    assert means(hourly([30.0] * 17)) == [None]
    assert means(hourly([30.0] * 24, bad=tuple(range(7)))) == [None]
    assert means(hourly([])) == [None]


def test_a_reading_holds_over_midnight_but_no_longer_than_it_may() -> None:
    late = hourly([10.0] * 24 + [20.0] * 24)
    assert means(late, 2) == [10.0, 20.0]
    shifted = Series(
        point=late.point, times_us=late.times_us - HOUR_US // 2, values=late.values, statuses=late.statuses
    )
    assert means(shifted, 2) == [pytest.approx(10.0 + 10.0 / 48), pytest.approx(20.0)]


def test_days_of_23_and_25_hours_have_means() -> None:
    new_york = ZoneInfo("America/New_York")
    for day, length in ((date(2026, 3, 8), 23), (date(2026, 11, 1), 25)):
        series = hourly([10.0] * (length - 1) + [10.0 + length], day=day, zone=new_york)
        assert means(series, day=day, zone=new_york) == [pytest.approx(11.0)]
