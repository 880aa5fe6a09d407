"""Columns of amounts: adding, taking off, scaling, joining."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility.accounting.amounts import GRADES, Amounts, added, joined, less, nothing, part, scaled
from facility.accounting.use import Grade
from tests.facility.accounting.ledger import account, at, counted, steady

NAN = math.nan


def amounts(*values: float, **columns: list[float]) -> Amounts:
    """Neighbouring minutes."""
    empty = nothing(np.arange(len(values) + 1) * at(1))
    known = [float(value == value) for value in values]  # noqa: PLR0124 - NaN
    filled = {name: np.array(column) for name, column in {"completeness": known, **columns}.items()}
    return replace(empty, values=np.array(values), **filled)


def grades(column: Amounts) -> list[Grade]:
    return [GRADES[code] for code in column.grades]


def test_nothing_is_unknown_and_never_zero() -> None:
    empty = nothing(np.array([0, 1, 2]))
    assert [use.value for use in empty.uses()] == [None, None]
    assert grades(empty) == [Grade.UNKNOWN, Grade.UNKNOWN]
    assert not empty.known.any()


def test_a_grade_is_what_more_than_half_of_a_value_is() -> None:
    column = amounts(4.0, 4.0, 4.0, 0.0, NAN, estimated=[2.0, 3.0, 3.0, 0.0, 0.0], manual=[0.0, 0.0, 3.0, 0.0, 0.0])
    assert grades(column) == [Grade.MEASURED, Grade.ESTIMATED, Grade.MANUAL, Grade.MEASURED, Grade.UNKNOWN]
    assert column.estimated_share.tolist() == [0.5, 0.75, 0.75, 0.0, 0.0]
    assert column.manual_share.tolist() == [0.0, 0.0, 0.75, 0.0, 0.0]


@pytest.mark.parametrize(("factor", "value", "error"), [(0.5, 2.0, 0.5), (-2.0, -8.0, 2.0), (0.0, 0.0, 0.0)])
def test_scaling_keeps_what_is_uncertain_positive(factor: float, value: float, error: float) -> None:
    (use,) = scaled(amounts(4.0, error=[1.0]), factor).uses()
    assert (use.value, use.error, use.grade) == (value, error, Grade.MEASURED)
    assert scaled(amounts(NAN), factor).uses()[0].value is None


def test_a_share_of_a_meter_is_allocated_in_full() -> None:
    (use,) = scaled(amounts(4.0), 0.25, Grade.ALLOCATED).uses()
    assert (use.value, use.estimated_share, use.grade) == (1.0, 1.0, Grade.ALLOCATED)


def test_what_is_known_is_added_and_what_is_not_lowers_the_completeness() -> None:
    total = added([amounts(1.0, NAN, 0.0), amounts(2.0, NAN, NAN)])
    assert [use.value for use in total.uses()] == [3.0, None, 0.0]
    assert total.completeness.tolist() == [1.0, 0.0, 0.5]


def test_taking_off_needs_to_know_everything() -> None:
    rest = less(amounts(5.0, 5.0, NAN, 1.0), [amounts(2.0, NAN, 1.0, 3.0)])
    assert [use.value for use in rest.uses()] == [3.0, None, None, -2.0]
    assert grades(rest)[0] is Grade.DERIVED
    whole = amounts(5.0)
    assert less(whole, []) is whole


@pytest.mark.parametrize("columns", [[], [amounts(1.0), amounts(1.0, 2.0)]])
def test_only_the_same_intervals_can_be_added(columns: list[Amounts]) -> None:
    with pytest.raises(ValueError):
        added(columns)


def test_joining_adds_what_is_known_and_says_of_how_much_of_the_time() -> None:
    fine = amounts(1.0, 2.0, NAN, NAN, NAN, 0.0)
    coarse = joined(fine, fine.edges_us[[0, 3, 5, 6]])
    assert [use.value for use in coarse.uses()] == [3.0, None, 0.0]
    assert coarse.completeness.tolist() == pytest.approx([2 / 3, 0.0, 1.0])


@pytest.mark.parametrize("edges", [[0], [0, at(0.5)], [0, at(9)]])
def test_intervals_are_joined_at_their_own_edges_only(edges: list[int]) -> None:
    with pytest.raises(ValueError, match="own edges"):
        joined(amounts(1.0, 2.0), np.array(edges))


def test_a_part_is_what_it_was_in_the_whole() -> None:
    whole = amounts(1.0, NAN, 3.0, error=[0.1, 0.0, 0.3])
    rest = part(whole, 1, 3)
    assert rest.edges_us.tolist() == whole.edges_us[1:].tolist()
    assert rest.values.tolist() == pytest.approx([NAN, 3.0], nan_ok=True)
    assert rest.error.tolist() == [0.0, 0.3]


def test_a_joined_month_is_as_uncertain_as_its_ends_only() -> None:
    readings = counted(*steady(0.0, 1440.0, 2, 1442, every=5))
    fine = account(readings, range(60, 1440, 60)).amounts
    coarse = joined(fine, fine.edges_us[[0, -1]])
    assert coarse.error[0] <= 4 * fine.error.max() < fine.error.sum() / 5


@settings(deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 300), st.floats(0, 20)), min_size=2, max_size=12),
    cuts=st.lists(st.integers(0, 2000), min_size=4, max_size=12, unique=True).map(sorted),
)
def test_what_is_joined_is_no_surer_than_what_is_reckoned_at_once(
    steps: list[tuple[int, float]], cuts: list[int]
) -> None:
    total = np.cumsum(steps, axis=0)
    readings = counted(*((float(minute), float(value)) for minute, value in total))
    fine = account(readings, cuts, bridge_min=10**6).amounts
    chosen = [cuts[0], cuts[len(cuts) // 2], cuts[-1]]
    coarse = joined(fine, np.array([at(cut) for cut in chosen]))
    once = account(readings, chosen, bridge_min=10**6).amounts
    assert coarse.values.tolist() == pytest.approx(once.values.tolist(), abs=1e-6, nan_ok=True)
    assert coarse.completeness.tolist() == pytest.approx(once.completeness.tolist(), abs=1e-6)
    assert np.all(coarse.error >= once.error - 1e-6)
