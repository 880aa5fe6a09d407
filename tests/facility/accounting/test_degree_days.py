"""Degree days: what the weather asked for, and which days nobody measured."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from facility.accounting.degree_days import degree_days

HOUR_US = 3_600_000_000
FIRST = date(2026, 7, 1)


def days(count: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in range(count)]


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
