"""Rest days and make-up workdays: announced, by notice, and guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.calendar import Calendar, Day, statutory_days
from facility.model.entries import CalendarDay

MAKE_UP_2026 = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]
IN_LIEU_2026 = [(1, 2), (2, 20), (2, 23), (5, 5), (10, 6), (10, 7)]
HOLIDAYS_2026 = {
    "元旦": [(1, 1), (1, 3)],
    "春节": [(2, 15), (2, 23)],
    "清明节": [(4, 4), (4, 6)],
    "劳动节": [(5, 1), (5, 5)],
    "端午节": [(6, 19), (6, 21)],
    "中秋节": [(9, 25), (9, 27)],
    "国庆节": [(10, 1), (10, 7)],
}
"""First and last day, as announced by the State Council for 2026."""


def notice(day: date, kind: str = "rest", source: str = "国办通知") -> CalendarDay:
    return CalendarDay.model_validate({"day": day, "kind": kind, "notice": source})


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]


def test_2026_is_exactly_as_announced() -> None:
    calendar = Calendar()
    rest = {
        date(2026, *first) + timedelta(days=number)
        for first, last in HOLIDAYS_2026.values()
        for number in range((date(2026, *last) - date(2026, *first)).days + 1)
    }
    make_up = {date(2026, *day) for day in MAKE_UP_2026}
    for when in days_of(2026):
        expected = when in make_up or (when.weekday() < 5 and when not in rest)
        assert calendar.is_workday(when) == expected, calendar.day(when)
        assert calendar.day(when).official
        assert calendar.day(when).source.startswith("chinesecalendar")


@pytest.mark.parametrize(
    ("when", "kind", "zh", "en"),
    [
        (date(2026, 7, 15), "workday", "工作日", "workday"),
        (date(2026, 7, 18), "rest", "周末", "weekend"),
        (date(2026, 10, 1), "rest", "国庆节", "National Day"),
        (date(2026, 10, 3), "rest", "国庆节", "National Day"),
        (date(2026, 10, 6), "rest", "国庆节调休放假", "National Day (day in lieu)"),
        (date(2026, 10, 10), "workday", "国庆节调休上班", "make-up workday for National Day"),
        (date(2026, 2, 17), "rest", "春节", "Spring Festival"),
        (date(2026, 2, 28), "workday", "春节调休上班", "make-up workday for Spring Festival"),
        (date(2015, 9, 3), "rest", "抗战胜利 70 周年纪念日", "70th anniversary of victory"),
    ],
)
def test_a_day_says_why_in_both_languages(when: date, kind: str, zh: str, en: str) -> None:
    day = Calendar().day(when)
    assert (day.kind, day.why.zh, day.why.en) == (kind, zh, en)


@pytest.mark.parametrize(("month", "day"), IN_LIEU_2026)
def test_days_in_lieu_are_told_as_such(month: int, day: int) -> None:
    assert "调休放假" in Calendar().day(date(2026, month, day)).why.zh


@pytest.mark.parametrize(
    ("when", "kind", "word"),
    [
        (date(2027, 2, 6), "rest", "春节"),
        (date(2027, 6, 9), "rest", "端午节"),
        (date(2027, 9, 15), "rest", "中秋节"),
        (date(2027, 10, 1), "rest", "国庆节"),
        (date(2027, 10, 4), "workday", "工作日"),
        (date(2027, 2, 14), "rest", "周末"),
        (date(2027, 2, 13), "rest", "周末"),
    ],
)
def test_a_year_nobody_announced_has_statutory_days_and_no_make_up_workdays(when: date, kind: str, word: str) -> None:
    day = Calendar().day(when)
    assert (day.kind, day.official) == (kind, False)
    assert day.why.zh.startswith(word)
    assert "暂定" in day.why.zh
    assert "provisional" in day.why.en


def test_every_day_of_a_year_nobody_announced_is_provisional() -> None:
    calendar = Calendar()
    assert not any(calendar.day(when).official for when in days_of(2027))
    assert all(
        calendar.is_workday(when) == (when.weekday() < 5) for when in days_of(2027) if when not in statutory_days(2027)
    )


@given(st.dates())
def test_no_date_raises(when: date) -> None:
    day = Calendar().day(when)
    assert isinstance(day, Day)
    assert day.date == when
    assert day.why.zh
    assert day.why.en


@pytest.mark.parametrize("when", [date.min, date(1949, 10, 1), date(2101, 10, 1), date.max])
def test_dates_beyond_every_table_are_provisional(when: date) -> None:
    assert not Calendar().day(when).official


def test_the_sites_own_day_wins_with_its_notice() -> None:
    calendar = Calendar([
        notice(date(2026, 7, 15), source="行政科通知(停电检修)"),
        notice(date(2026, 10, 1), kind="workday", source="值班通知"),
    ])  # fmt: skip
    closed = calendar.day(date(2026, 7, 15))
    assert (closed.kind, closed.official, closed.source) == ("rest", True, "行政科通知(停电检修)")
    assert "行政科通知(停电检修)" in closed.why.zh
    assert calendar.is_workday(date(2026, 10, 1))
    assert not calendar.is_workday(date(2026, 10, 2))


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 1, 1), None),
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), 2027),
        (date(2026, 12, 31), 2027),
        (date(2027, 1, 1), 2027),
        (date(2025, 12, 1), None),
    ],
)
def test_a_missing_year_is_asked_for_from_november(today: date, missing: int | None) -> None:
    assert Calendar().missing_year(today) == missing


def test_entering_next_years_notice_makes_it_official() -> None:
    days = [notice(day, source="国务院办公厅通知") for day in statutory_days(2027)]
    calendar = Calendar([*days, notice(date(2027, 2, 14), kind="workday", source="国务院办公厅通知")])
    assert calendar.is_announced(2027)
    assert calendar.missing_year(date(2026, 11, 1)) is None
    assert calendar.is_workday(date(2027, 2, 14))
    ordinary = calendar.day(date(2027, 3, 3))
    assert (ordinary.kind, ordinary.official, ordinary.source) == ("workday", True, "国务院办公厅通知")


def test_one_local_closing_day_does_not_make_a_year_announced() -> None:
    calendar = Calendar([notice(date(2027, 7, 1), source="行政科通知")])
    assert calendar.missing_year(date(2026, 11, 1)) == 2027
    assert calendar.day(date(2027, 7, 1)).official
    assert not calendar.day(date(2027, 7, 2)).official
