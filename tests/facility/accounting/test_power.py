"""Energy from power, as ledgers: minutes and kW in, kWh out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility.accounting import Grade
from facility.accounting.account import Account
from facility.accounting.power import power_account
from facility.series import Series
from tests.facility.accounting.ledger import at, counted, gaps, steady, values


def used(series: Series, edges_min: Sequence[float], *, bridge_min: float = 60) -> Account:
    return power_account(series, [at(minute) for minute in edges_min], hold_us=at(15), bridge_us=at(bridge_min))


def test_an_hour_at_three_kilowatts_is_three_kilowatt_hours_and_derived() -> None:
    account = used(counted(*steady(3.0, 3.0, 0, 120)), [0, 60, 120])
    assert values(account) == [3.0, 3.0]
    assert [(use.grade, use.completeness) for use in account.amounts.uses()] == [(Grade.DERIVED, 1.0)] * 2
    assert account.gaps == ()


def test_power_goes_straight_from_one_reading_to_the_next() -> None:
    assert values(used(counted((0, 0.0), (10, 6.0), (20, 6.0)), [0, 10, 20])) == [0.5, 1.0]


def test_a_circuit_at_rest_used_zero_and_that_is_known() -> None:
    assert values(used(counted(*steady(0.0, 0.0)), [0, 60])) == [0.0]


@pytest.mark.parametrize("rows", [(), ((5, 2.0),), ((0, None), (10, None)), ((90, 1.0), (95, 1.0))])
def test_nothing_known_is_none(rows: tuple[tuple[float, float | None], ...]) -> None:
    account = used(counted(*rows), [0, 60])
    assert values(account) == [None]
    assert {kind for kind, *_ in gaps(account)} == {"silent"}


def test_a_failed_reading_is_no_zero() -> None:
    assert values(used(counted((0, 6.0), (5, None), (10, 6.0)), [0, 10])) == [1.0]


def test_a_short_gap_is_bridged_and_of_a_long_one_nothing_is_known() -> None:
    readings = counted(*steady(6.0, 6.0, 0, 60), *steady(6.0, 6.0, 90, 120), *steady(6.0, 6.0, 300, 360))
    account = used(readings, [0, 60, 90, 120, 300, 360])
    assert values(account) == [6.0, 3.0, 3.0, None, 6.0]
    assert gaps(account) == [("bridged", 60.0, 90.0, 3.0), ("silent", 120.0, 300.0, None)]
    assert account.amounts.estimated.tolist() == [0.0, 3.0, 0.0, 0.0, 0.0]
    assert account.blocks == ()
    assert values(used(readings, [0, 360])) == [18.0], "the silence is missing, not bridged, not zero"
    assert used(readings, [0, 360]).amounts.completeness[0] == pytest.approx(150 / 360)


def test_power_that_flows_back_is_negative() -> None:
    assert values(used(counted(*steady(-3.0, -3.0)), [0, 60])) == [-3.0]


@pytest.mark.parametrize("edges", [[0], [5, 5]])
def test_edges_must_ascend(edges: list[int]) -> None:
    with pytest.raises(ValueError, match="two edges"):
        used(counted((0, 1.0)), edges)


@settings(deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 90), st.none() | st.floats(-5, 20)), max_size=30),
    cuts=st.lists(st.integers(0, 1500), min_size=2, max_size=8, unique=True).map(sorted),
)
def test_parts_add_up_to_the_whole(steps: list[tuple[int, float | None]], cuts: list[int]) -> None:
    minute, rows = 0, []
    for minutes, power_kw in steps:
        minute += minutes
        rows.append((float(minute), power_kw))
    parts, whole = used(counted(*rows), cuts).amounts, used(counted(*rows), [cuts[0], cuts[-1]]).amounts
    known = [value for value in parts.values.tolist() if not math.isnan(value)]
    assert bool(known) == bool(whole.known[0])
    assert math.fsum(known) == pytest.approx(float(whole.values[0]) if known else 0.0, abs=1e-6)
