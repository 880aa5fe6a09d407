"""Counters that stand still under load, as ledgers: hours and values in, hours out."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from facility.accounting.frozen import frozen_spans
from facility.accounting.use import GapKind
from facility.readings import Status
from facility.series import Series, empty_series
from tests.facility.accounting.ledger import HOUR_US

DAY = 24
AFTER_H = 12


def hourly(value_at: Callable[[int], float | None], hours: int = 14 * DAY) -> Series:
    rows = [value_at(hour) for hour in range(hours)]
    return Series(
        point="m.point",
        times_us=np.arange(hours, dtype=np.int64) * HOUR_US,
        values=np.array([math.nan if value is None else value for value in rows]),
        statuses=np.array([Status.TIMEOUT if value is None else Status.GOOD for value in rows], np.uint8),
    )


def frozen(counter: Series, load: Series | None) -> list[tuple[int, int]]:
    found = frozen_spans(counter, load, after_us=AFTER_H * HOUR_US)
    assert all(gap.kind is GapKind.FROZEN and gap.amount is None for gap in found)
    return [(gap.start_us // HOUR_US, gap.end_us // HOUR_US) for gap in found]


def office_power_kw(hour: int) -> float:
    """From 8 to 18 on working days 2 kW, else nothing."""
    return 2.0 if 8 <= hour % DAY < 18 and hour // DAY % 7 < 5 else 0.0


def register_of(power_kw: Callable[[int], float], stuck: range = range(0)) -> Callable[[int], float]:
    def register(hour: int) -> float:
        return sum(power_kw(each) for each in range(hour) if each not in stuck)

    return register


OFFICE = hourly(office_power_kw)


def test_nights_and_weekends_of_a_circuit_at_rest_are_never_found() -> None:
    assert frozen(hourly(register_of(office_power_kw)), OFFICE) == []


def test_a_counter_that_stands_still_under_load_is_found_with_its_rest_around() -> None:
    stuck = range(3 * DAY + 8, 3 * DAY + 18)
    assert frozen(hourly(register_of(office_power_kw, stuck)), OFFICE) == [(2 * DAY + 18, 4 * DAY + 8)]


def test_a_load_that_is_too_small_to_move_the_register_proves_nothing() -> None:
    assert frozen(hourly(lambda _: 5.0), hourly(lambda _: 0.002)) == []


@pytest.mark.parametrize("load", [lambda _: 0.0, lambda _: -3.0])
def test_no_load_and_load_that_flows_back_move_no_counter(load: Callable[[int], float]) -> None:
    assert frozen(hourly(lambda _: 5.0), hourly(load)) == []


def test_what_flows_back_does_not_make_up_for_what_flowed_in() -> None:
    there_and_back = hourly(lambda hour: 2.0 if hour % 2 else -3.0)
    assert frozen(hourly(lambda _: 5.0), there_and_back) == [(0, 14 * DAY - 1)]


def always_kw(_: int) -> float:
    return 1.5


STUCK = range(5 * DAY, 6 * DAY)


@pytest.mark.parametrize("load", [None, empty_series("m.power"), hourly(lambda _: None)])
def test_without_a_load_a_counter_that_always_moves_is_found_when_it_stops(load: Series | None) -> None:
    assert frozen(hourly(register_of(always_kw, STUCK)), load) == [(5 * DAY, 6 * DAY)]


@pytest.mark.parametrize("load", [None, empty_series("m.power")])
def test_without_a_load_a_counter_that_rests_by_habit_is_not_found(load: Series | None) -> None:
    assert frozen(hourly(register_of(office_power_kw)), load) == []


def test_without_a_load_a_counter_that_never_moved_is_not_found() -> None:
    assert frozen(hourly(lambda _: 5.0), None) == []


def test_missing_load_is_not_zero_load() -> None:
    """Known at rest it is not found; the same hours unknown, its habit decides."""
    counter = hourly(register_of(always_kw, STUCK))
    at_rest = hourly(lambda hour: 0.0 if hour in STUCK else 1.5)
    unknown = hourly(lambda hour: None if hour in STUCK else 1.5)
    assert frozen(counter, at_rest) == []
    assert frozen(counter, unknown) == [(5 * DAY, 6 * DAY)]


def test_a_standstill_shorter_than_asked_for_is_not_looked_at() -> None:
    counter = hourly(register_of(always_kw, range(5 * DAY, 5 * DAY + AFTER_H - 1)))
    assert frozen(counter, hourly(always_kw)) == []


@pytest.mark.parametrize("hours", [0, 1])
def test_too_few_readings_say_nothing(hours: int) -> None:
    assert frozen(hourly(lambda _: 5.0, hours), None) == []
