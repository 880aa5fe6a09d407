"""Degree days of the temperature that the site's own stations measured."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from facility.books.weather import month_degree_days
from facility.local_days import month_span_us
from tests.facility.books.bureau import bureau, constant, local, us

STATION = "weather.temperature"


def test_days_count_by_their_mean_and_a_day_that_nobody_measured_is_missing(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.fill(local(7, 1), local(7, 3), {STATION: lambda hours: 26.0 if hours % 24 < 12 else 34.0})
        found = month_degree_days(house.site, house.store, *month_span_us(date(2026, 7, 1), house.site.zone))
    assert found is not None
    assert found.cooling == pytest.approx(2 * 4.0, abs=0.1)
    assert (found.heating, found.days, found.missing) == (0.0, 31, 29)


def test_a_day_needs_three_quarters_of_its_time(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.fill(local(7, 1), local(7, 1, 16), {STATION: constant(30.0)})
        house.fill(local(7, 2), local(7, 2, 18), {STATION: constant(0.0)})
        found = month_degree_days(house.site, house.store, us(7, 1), us(7, 3))
    assert found is not None
    assert (found.cooling, found.heating, found.missing) == (0.0, 18.0, 1)


def test_a_day_that_is_not_over_does_not_count_yet(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        house.fill(local(7, 1), local(7, 2, 10), {STATION: constant(30.0)})
        found = month_degree_days(house.site, house.store, us(7, 1), us(7, 2, 10))
        begun = month_degree_days(house.site, house.store, us(7, 1), us(7, 1, 3))
    assert found is not None
    assert begun is not None
    assert found.cooling == pytest.approx(4.0)
    assert found.days == 1
    assert (begun.cooling, begun.days) == (None, 0)
