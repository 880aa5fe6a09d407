"""What offices may use and when they will be through with it: ledgers over dated quotas, people and areas."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.accounting.entries import FloorArea, Headcount, Quota, QuotaPer
from facility.accounting.quotas import (
    Allowance,
    MonthUse,
    allowance,
    counting_days,
    excess,
    in_force,
    projected,
    span_of,
)
from facility.calendar import Calendar

LEADER, STAFF, HEAD = QuotaPer.LEADER, QuotaPer.STAFF, QuotaPer.HEAD


def quota(per: QuotaPer, amount: float, **changes: Any) -> Quota:
    given_values: dict[str, Any] = {
        "office": None, "medium": "electricity", "item": None, "period": "month",
        "since": date(2020, 1, 1), "source": "", "reason": "",
    }  # fmt: skip
    return Quota(per=per, amount=amount, **{**given_values, **changes})


def people(count: int, leaders: int = 0, since: date = date(2020, 1, 1), office: str = "general") -> Headcount:
    return Headcount(office=office, since=since, people=count, leaders=leaders, reason="")


def area(size_m2: float, since: date = date(2020, 1, 1), office: str = "general") -> FloorArea:
    return FloorArea(office=office, since=since, area_m2=size_m2, reason="")


def allowed(
    quotas: list[Quota],
    *heads: Headcount,
    areas: tuple[FloorArea, ...] = (),
    period: str = "2026-07",
    item: str | None = None,
) -> Allowance | None:
    return allowance(quotas, "general", "electricity", item=item, period=period, headcounts=heads, areas=areas)


def amount(found: Allowance | None) -> float | None:
    assert found is not None
    return found.amount


PERSONAL = [quota(LEADER, 15), quota(STAFF, 10)]
"""15 kWh a month for a leader, 10 for anybody else (QT-01)."""


def test_leaders_have_15_and_others_10_kwh_a_month() -> None:
    found = allowed(PERSONAL, people(8, leaders=2))
    assert amount(found) == 2 * 15 + 6 * 10
    assert found is not None
    assert [(part.quota.per, part.size, part.amount) for part in found.parts] == [
        (LEADER, 2.0, 30.0),
        (STAFF, 6.0, 60.0),
    ]


@pytest.mark.parametrize(
    ("per", "expected"),
    [(QuotaPer.OFFICE, 7.0), (HEAD, 56.0), (LEADER, 14.0), (STAFF, 42.0), (QuotaPer.SQUARE_METRE, 840.0)],
)
def test_a_quota_counts_per_what_it_says(per: QuotaPer, expected: float) -> None:
    assert amount(allowed([quota(per, 7)], people(8, leaders=2), areas=(area(120.0),))) == expected


def test_an_office_of_its_own_quota_has_no_general_one_and_others_keep_theirs() -> None:
    quotas = [*PERSONAL, quota(HEAD, 50, office="general"), quota(HEAD, 99, office="finance")]
    assert amount(allowed(quotas, people(4))) == 200.0


def test_an_own_quota_counts_from_its_day_on_and_the_general_one_before() -> None:
    quotas = [quota(HEAD, 31), quota(HEAD, 62, office="general", since=date(2026, 7, 11))]
    assert amount(allowed(quotas, people(1))) == pytest.approx(31 * 10 / 31 + 62 * 21 / 31)


def test_a_later_quota_replaces_the_one_before_by_days() -> None:
    quotas = [quota(HEAD, 31), quota(HEAD, 93, since=date(2026, 7, 31))]
    found = allowed(quotas, people(1))
    assert amount(found) == 30 + 3
    assert found is not None
    assert [part.days for part in found.parts] == [30, 1]


def test_people_who_come_in_the_middle_of_a_month_count_by_days() -> None:
    found = allowed([quota(HEAD, 31)], people(2), people(4, since=date(2026, 7, 22)))
    assert amount(found) == pytest.approx(2 * 21 + 4 * 10)


def test_items_have_quotas_of_their_own() -> None:
    quotas = [quota(HEAD, 50), quota(HEAD, 20, item="lighting_sockets")]
    assert amount(allowed(quotas, people(2), item="lighting_sockets")) == 40.0
    assert amount(allowed(quotas, people(2))) == 100.0
    assert allowed(quotas, people(2), item="power") is None


def test_a_years_quota_speaks_of_years_only() -> None:
    quotas = [quota(QuotaPer.SQUARE_METRE, 70, period="year")]
    assert allowed(quotas, areas=(area(100.0),)) is None
    assert amount(allowed(quotas, areas=(area(100.0),), period="2026")) == 7000.0
    grown = allowed(quotas, areas=(area(100.0), area(200.0, since=date(2026, 7, 2))), period="2026")
    assert amount(grown) == pytest.approx(70 * (100 * 182 + 200 * 183) / 365)


def test_without_people_there_is_no_allowance_and_it_says_why() -> None:
    found = allowed(PERSONAL, people(0))
    assert found is not None
    assert (found.amount, found.why and found.why.en) == (None, "nobody uses the office in this period: no allowance")


def test_an_office_without_leaders_has_its_staffs_allowance() -> None:
    assert amount(allowed(PERSONAL, people(3, leaders=0))) == 30.0


def test_a_quota_of_nothing_is_an_allowance_of_nothing() -> None:
    assert amount(allowed([quota(HEAD, 0)], people(3))) == 0.0


def test_what_nobody_entered_leaves_the_allowance_unknown() -> None:
    for found in (
        allowed(PERSONAL),
        allowed(PERSONAL, people(3, office="finance")),
        allowed(PERSONAL, people(3, since=date(2026, 7, 2))),
        allowed([quota(QuotaPer.SQUARE_METRE, 5)], people(3)),
    ):
        assert found is not None
        assert (found.amount, found.why and found.why.en) == (
            None, "headcount or floor area is not entered for the whole period",
        )  # fmt: skip


def test_a_quota_that_begins_within_the_month_is_none_for_the_whole() -> None:
    found = allowed([quota(HEAD, 50, since=date(2026, 7, 2))], people(3))
    assert found is not None
    assert (found.amount, found.why and found.why.en) == (None, "no quota is in force for part of the period")
    assert allowed([quota(HEAD, 50, since=date(2026, 8, 1))], people(3)) is None


def test_of_two_entries_of_one_day_the_later_entered_counts() -> None:
    found = in_force(
        [people(3), people(4, since=date(2026, 1, 1)), people(5, since=date(2026, 1, 1))], date(2026, 6, 1)
    )
    assert found is not None
    assert found.people == 5
    assert in_force([people(3)], date(2019, 12, 31)) is None


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 3, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2028", date(2028, 1, 1), date(2029, 1, 1)),
    ],
)
def test_a_period_is_a_local_month_or_year(period: str, first: date, after: date) -> None:
    assert span_of(period) == (first, after)


JULY = counting_days("2026-07")


def test_a_month_goes_on_as_it_began() -> None:
    found = projected(100.0, 200.0, JULY, date(2026, 7, 11))
    assert (found.elapsed, found.length, found.share) == (10, 31, 0.5)
    assert found.expected == pytest.approx(310.0)
    assert found.overrun == pytest.approx(110.0)
    assert found.exhausted == date(2026, 7, 21)


def test_a_month_within_its_allowance_lasts() -> None:
    found = projected(100.0, 400.0, JULY, date(2026, 7, 11))
    assert (found.overrun, found.exhausted) == (0.0, None)
    exactly = projected(100.0, 310.0, JULY, date(2026, 7, 11))
    assert (exactly.overrun, exactly.exhausted) == (0.0, None)


def test_working_days_carry_the_use_where_they_are_given() -> None:
    days = counting_days("2026-10", Calendar().is_workday)
    assert days[0] == date(2026, 10, 8)
    assert len(days) == 18
    found = projected(30.0, 120.0, days, date(2026, 10, 12))
    assert (found.elapsed, found.expected, found.overrun) == (3, 180.0, 60.0)
    assert found.exhausted == days[12]


def test_what_is_not_known_is_not_projected() -> None:
    unknown = projected(None, 200.0, JULY, date(2026, 7, 11))
    assert (unknown.share, unknown.expected, unknown.overrun, unknown.exhausted) == (None, None, None, None)
    unlimited = projected(100.0, None, JULY, date(2026, 7, 11))
    assert (unlimited.share, unlimited.overrun, unlimited.exhausted) == (None, None, None)
    assert unlimited.expected == pytest.approx(310.0)
    not_begun = projected(0.0, 200.0, JULY, date(2026, 7, 1))
    assert (not_begun.share, not_begun.expected, not_begun.exhausted) == (0.0, None, None)


def test_nothing_used_is_a_pace_of_zero() -> None:
    found = projected(0.0, 200.0, JULY, date(2026, 7, 11))
    assert (found.share, found.expected, found.overrun, found.exhausted) == (0.0, 0.0, 0.0, None)


def test_where_nothing_is_allowed_there_is_no_share_and_the_first_day_is_too_many() -> None:
    found = projected(10.0, 0.0, JULY, date(2026, 7, 11))
    assert (found.share, found.overrun, found.exhausted) == (None, 31.0, date(2026, 7, 1))


def test_a_period_that_is_over_ends_as_it_did() -> None:
    found = projected(310.0, 200.0, JULY, date(2026, 8, 5))
    assert (found.elapsed, found.expected, found.overrun) == (31, 310.0, 110.0)
    assert found.exhausted == date(2026, 7, 21)


YEAR = [MonthUse(month="2026-01", used=90.0, allowed=60.0), MonthUse(month="2026-02", used=40.0, allowed=60.0)]


def test_one_months_thrift_does_not_make_up_for_anothers_excess_unless_asked() -> None:
    assert excess(YEAR).amount == 30.0
    assert excess(YEAR, offset=True).amount == 10.0
    assert excess([*YEAR, MonthUse(month="2026-03", used=0.0, allowed=60.0)], offset=True).amount == 0.0


def test_months_that_are_not_known_are_named_and_not_taken_for_thrifty() -> None:
    found = excess([*YEAR, MonthUse(month="2026-03", used=None, allowed=60.0)])
    assert (found.amount, found.unknown) == (30.0, ("2026-03",))
    nothing = excess([MonthUse(month="2026-03", used=50.0, allowed=None)])
    assert (nothing.amount, nothing.unknown) == (None, ("2026-03",))


@given(used=st.floats(0, 1e6), allowed_kwh=st.floats(0.1, 1e6), today=st.integers(2, 31))
def test_an_allowance_runs_out_in_the_period_just_when_it_is_overrun(
    used: float, allowed_kwh: float, today: int
) -> None:
    found = projected(used, allowed_kwh, JULY, date(2026, 7, today))
    assert found.overrun is not None
    assert (found.exhausted is not None) == (found.overrun > 0)


DATES = st.dates(date(2025, 12, 1), date(2026, 8, 31))


@given(
    heads=st.lists(st.tuples(DATES, st.integers(0, 50)), max_size=5),
    amounts=st.lists(st.tuples(DATES, st.integers(0, 100)), min_size=1, max_size=4),
)
def test_an_allowance_is_the_mean_of_what_each_day_would_give(
    heads: list[tuple[date, int]], amounts: list[tuple[date, int]]
) -> None:
    entered = [people(3, since=date(2025, 1, 1)), *(people(count, since=since) for since, count in heads)]
    quotas = [quota(HEAD, 10, since=date(2025, 1, 1)), *(quota(HEAD, kwh, since=since) for since, kwh in amounts)]
    daily = []
    for day in JULY:
        size, each = in_force(entered, day), in_force(quotas, day)
        assert size is not None
        assert each is not None
        daily.append((size.people, each.amount))
    found = allowed(quotas, *entered)
    expected = None if all(size == 0 for size, _ in daily) else sum(size * kwh for size, kwh in daily) / 31
    if expected is None:
        assert amount(found) is None
        return
    assert amount(found) == pytest.approx(expected)
