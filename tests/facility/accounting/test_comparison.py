"""Per head, per square metre, year on year, month on month, rank: with what they rest on."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.accounting.comparison import (
    Ratio,
    average_area_m2,
    average_people,
    change,
    ranking,
    ratio,
    total,
)
from facility.accounting.entries import FloorArea, Headcount

JULY = (date(2026, 7, 1), date(2026, 8, 1))


def people(count: int, since: date, office: str = "general") -> Headcount:
    return Headcount(office=office, since=since, people=count, leaders=0, reason="")


def test_the_headcount_of_a_period_is_its_mean_by_days() -> None:
    entries = [people(10, date(2026, 1, 1)), people(41, date(2026, 7, 31)), people(99, date(2026, 1, 1), "finance")]
    assert average_people(entries, "general", *JULY) == 11.0
    assert average_people(entries, "finance", *JULY) == 99.0


def test_a_period_with_a_day_without_headcount_has_no_mean() -> None:
    entries = [people(10, date(2026, 7, 2))]
    assert average_people(entries, "general", *JULY) is None
    assert average_people([], "general", *JULY) is None
    assert average_people(entries, "general", date(2026, 7, 2), JULY[1]) == 10.0
    assert average_people([people(0, date(2026, 1, 1))], "general", *JULY) == 0.0


def test_the_area_of_a_period_is_its_mean_by_days() -> None:
    entries = [
        FloorArea(office="general", since=date(2026, 1, 1), area_m2=310.0, reason=""),
        FloorArea(office="general", since=date(2026, 7, 31), area_m2=0.0, reason=""),
    ]
    assert average_area_m2(entries, "general", *JULY) == 300.0
    assert average_area_m2(entries, "general", date(2025, 12, 31), JULY[1]) is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "value", "why"),
    [
        (100.0, 8.0, 12.5, None),
        (0.0, 8.0, 0.0, None),
        (None, 8.0, None, "use is not known"),
        (100.0, None, None, "headcount or floor area is not known"),
        (100.0, 0.0, None, "headcount or floor area is zero"),
        (None, None, None, "use is not known"),
    ],
)
def test_a_ratio_shows_what_it_is_made_of(
    numerator: float | None, denominator: float | None, value: float | None, why: str | None
) -> None:
    found = ratio(numerator, denominator)
    assert (found.numerator, found.denominator, found.value) == (numerator, denominator, value)
    assert (found.why and found.why.en) == why


def test_year_on_year_shows_both_years_with_their_denominators() -> None:
    found = change(ratio(90.0, 9.0), ratio(100.0, 8.0))
    assert found.percent == pytest.approx(-20.0)
    assert found.difference == -2.5
    assert (found.now.numerator, found.now.denominator) == (90.0, 9.0)
    assert (found.before.numerator, found.before.denominator) == (100.0, 8.0)
    assert (found.incomplete, found.why) == (False, None)


@pytest.mark.parametrize(
    ("now", "before", "difference", "percent", "why"),
    [
        (total(0.0), total(50.0), -50.0, -100.0, None),
        (total(-5.0), total(-10.0), 5.0, 50.0, None),
        (total(50.0), total(0.0), 50.0, None, "nothing was used before: no percentage"),
        (total(0.0), total(0.0), 0.0, None, "nothing was used before: no percentage"),
        (total(None), total(50.0), None, None, "use is not known"),
        (total(50.0), total(None), None, None, "use is not known"),
        (ratio(50.0, None), total(5.0), None, None, "headcount or floor area is not known"),
    ],
)
def test_a_change_is_told_only_where_both_sides_are_known(
    now: Ratio, before: Ratio, difference: float | None, percent: float | None, why: str | None
) -> None:
    found = change(now, before)
    assert (found.difference, found.percent, found.why and found.why.en) == (difference, percent, why)


def test_a_side_that_rests_on_too_little_is_marked() -> None:
    assert not change(total(1.0, 0.95), total(1.0)).incomplete
    assert change(total(1.0, 0.94), total(1.0)).incomplete
    assert change(total(1.0), total(1.0, 0.0)).incomplete
    assert not change(total(1.0, 0.5), total(1.0), complete_from=0.5).incomplete


def test_the_highest_is_first_equals_share_a_rank_and_the_unknown_have_none() -> None:
    found = ranking({"a": 1.0, "b": None, "c": 3.0, "d": 3.0, "e": 0.0})
    assert [(row.key, row.rank) for row in found] == [("c", 1), ("d", 1), ("a", 3), ("e", 4), ("b", None)]
    assert ranking({}) == []


@given(st.dictionaries(st.text(max_size=3), st.none() | st.floats(-1e6, 1e6), max_size=12))
def test_everybody_is_ranked_once(values: dict[str, float | None]) -> None:
    found = ranking(values)
    assert {row.key: row.value for row in found} == values
    assert len(found) == len(values)
    known = [row for row in found if row.rank is not None]
    assert [row.rank for row in known] == [
        sum(other.value > row.value for other in known if other.value is not None and row.value is not None) + 1
        for row in known
    ]
