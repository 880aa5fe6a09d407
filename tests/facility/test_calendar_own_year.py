"""The office's own year: closures, half days, timetables, tables of a year, taken up while the building runs."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.almanac import (
    EVERYWHERE,
    THE_SITE,
    Almanac,
    Closure,
    ExtraWorkday,
    HalfDay,
    Premises,
    Room,
    Session,
    TableDay,
    Timetable,
    YearTable,
    premises_of,
)
from facility.calendar import Calendar
from facility.festivals import statutory_days
from facility.filings import Scope
from facility.text import Text
from tests.sites import small_site

WEDNESDAY = date(2026, 7, 15)
SATURDAY = date(2026, 7, 18)
OFFICE_A = Premises(rooms=frozenset({Room(space="401", floor="f4", building="a", office="finance")}))
OFFICE_B = Premises(rooms=frozenset({Room(space="402", floor="f4", building="a", office="general")}))
SHARED = Premises(rooms=OFFICE_A.rooms | OFFICE_B.rooms)
OF_FINANCE = Scope(offices=frozenset({"finance"}))


def closure(first: date, last: date | None = None, scope: Scope = EVERYWHERE) -> Closure:
    return Closure(first=first, last=last or first, reason="停电检修", notice="行政科通知8号", scope=scope)


def half(day: date, opens: time | None = None, closes: time | None = time(12), scope: Scope = EVERYWHERE) -> HalfDay:
    return HalfDay(day=day, opens=opens, closes=closes, notice="行政科通知9号", scope=scope)


def hours(first: str, last: str, *sessions: tuple[int, int], notice: str | None = None) -> Timetable:
    spans = tuple(Session(time(start), time(end)) for start, end in sessions)
    return Timetable(first=first, last=last, name=Text("夏季作息", "summer hours"), sessions=spans, notice=notice)


def test_a_closure_holds_on_its_days_and_says_by_whose_notice() -> None:
    calendar = Calendar(almanac=Almanac(closures=(closure(WEDNESDAY, date(2026, 7, 16)),)))
    ledger = [(14, True), (15, False), (16, False), (17, True)]
    assert [(day, calendar.is_workday(date(2026, 7, day))) for day, _ in ledger] == ledger
    closed = calendar.day(WEDNESDAY)
    assert closed.closure is not None
    assert (closed.official, closed.source) == (True, "行政科通知8号")
    assert "停电检修" in closed.why.zh
    assert "行政科通知8号" in closed.why.en


def test_a_closure_on_a_day_of_rest_changes_nothing() -> None:
    day = Calendar(almanac=Almanac(closures=(closure(SATURDAY),))).day(SATURDAY)
    assert (day.kind, day.why.zh, day.closure) == ("rest", "周末", None)


def test_a_half_day_stays_a_workday_and_says_its_hours() -> None:
    calendar = Calendar(almanac=Almanac(half_days=(half(WEDNESDAY), half(SATURDAY))))
    day = calendar.day(WEDNESDAY)
    assert day.kind == "workday"
    assert day.half is not None
    assert "12:00" in day.why.zh
    assert calendar.day(SATURDAY).half is None, "nobody works at a weekend"


def test_a_closure_wins_over_a_half_day_and_over_a_working_day() -> None:
    calendar = Calendar(
        almanac=Almanac(
            closures=(closure(SATURDAY),),
            half_days=(half(SATURDAY),),
            workdays=(ExtraWorkday(day=SATURDAY, notice="行政科通知7号"),),
        )
    )
    assert (calendar.day(SATURDAY).kind, calendar.day(SATURDAY).half) == ("rest", None)


def test_what_holds_for_this_site_alone_is_no_tariffs_business() -> None:
    calendar = Calendar(
        almanac=Almanac(closures=(closure(WEDNESDAY),), workdays=(ExtraWorkday(day=SATURDAY, notice="行政科通知7号"),))
    )
    for day, works in ((WEDNESDAY, True), (SATURDAY, False), (date(2026, 10, 10), True), (date(2026, 10, 1), False)):
        assert calendar.is_public_workday(day) is works, day


def test_a_working_day_by_notice_is_a_make_up_workday() -> None:
    calendar = Calendar(almanac=Almanac(workdays=(ExtraWorkday(day=SATURDAY, notice="行政科通知7号"),)))
    day = calendar.day(SATURDAY)
    assert (day.kind, day.make_up, day.source) == ("workday", True, "行政科通知7号")


@pytest.mark.parametrize(
    ("premises", "is_workday"), [(THE_SITE, True), (OFFICE_A, False), (OFFICE_B, True), (SHARED, True)]
)
def test_a_closure_of_a_part_concerns_what_lies_wholly_within_it(premises: Premises, *, is_workday: bool) -> None:
    calendar = Calendar(almanac=Almanac(closures=(closure(WEDNESDAY, scope=OF_FINANCE),)))
    assert calendar.is_workday(WEDNESDAY, premises) is is_workday
    assert bool(calendar.particulars(WEDNESDAY, premises)) is not is_workday
    assert calendar.particulars(date(2026, 7, 14), premises) == ()


@pytest.mark.parametrize(
    "scope",
    [
        Scope(buildings=frozenset({"a"})), Scope(floors=frozenset({"f4"})), Scope(spaces=frozenset({"401"})),
        Scope(offices=frozenset({"finance", "general"})),
        Scope(spaces=frozenset({"402"}), offices=frozenset({"finance"})),
    ],
)  # fmt: skip
def test_any_way_of_naming_a_room_reaches_it(scope: Scope) -> None:
    assert OFFICE_A.lie_within(scope)


def test_the_rooms_of_an_equipment_are_where_the_site_file_puts_them() -> None:
    site = small_site()
    unit = next(iter(site.indoor_units))
    rooms = premises_of(site, unit).rooms
    assert {room.space for room in rooms} == set(site.indoor_units[unit].serves)
    assert all(room.building in site.buildings for room in rooms)


@pytest.mark.parametrize(
    ("first", "last", "day", "holds"),
    [
        ("06-01", "09-30", date(2026, 6, 1), True),
        ("06-01", "09-30", date(2031, 9, 30), True),
        ("06-01", "09-30", date(2026, 10, 1), False),
        ("06-01", "09-30", date(2026, 5, 31), False),
        ("10-01", "04-30", date(2026, 12, 31), True),
        ("10-01", "04-30", date(2027, 1, 1), True),
        ("10-01", "04-30", date(2028, 2, 29), True),
        ("10-01", "04-30", date(2027, 5, 1), False),
        ("02-29", "02-29", date(2028, 2, 29), True),
        ("2026-06-01", "2026-09-30", date(2026, 7, 1), True),
        ("2026-06-01", "2026-09-30", date(2027, 7, 1), False),
    ],
)
def test_a_timetable_holds_between_its_ends_both_included(first: str, last: str, day: date, *, holds: bool) -> None:
    calendar = Calendar(almanac=Almanac(timetables=(hours(first, last, (8, 12)),)))
    assert (calendar.timetable(day) is not None) is holds


def test_the_timetable_entered_last_counts() -> None:
    earlier, later = hours("06-01", "09-30", (8, 12)), hours("07-01", "07-31", (7, 11))
    calendar = Calendar(almanac=Almanac(timetables=(earlier, later)))
    assert calendar.timetable(date(2026, 7, 1)) is later
    assert calendar.timetable(date(2026, 6, 30)) is earlier


def table(year: int, *days: TableDay) -> YearTable:
    return YearTable(year=year, notice="国办发明电1号", issued=date(year - 1, 11, 4), days=days, sha256="0")


def test_a_years_table_stands_in_place_of_every_other() -> None:
    festivals = [TableDay(day=day, kind="rest", name="国庆节") for day in statutory_days(2027)]
    made_up = TableDay(day=date(2027, 1, 9), kind="workday", name="元旦")
    calendar = Calendar()
    assert calendar.status(2027) == "provisional"
    assert calendar.refresh(Almanac(tables=(table(2027, *festivals, made_up),)))
    assert (calendar.status(2027), calendar.missing_year(date(2026, 12, 1))) == ("official", None)
    day = calendar.day(date(2027, 1, 9))
    assert (day.kind, day.make_up, day.why.zh, day.source) == ("workday", True, "元旦调休上班", "国办发明电1号")
    assert calendar.day(date(2027, 3, 3)).official
    assert not calendar.is_workday(date(2027, 10, 1))


def test_an_entered_table_wins_over_the_announced_year() -> None:
    calendar = Calendar(almanac=Almanac(tables=(table(2026, TableDay(day=WEDNESDAY, kind="rest")),)))
    assert not calendar.is_workday(WEDNESDAY)
    assert calendar.is_workday(date(2026, 10, 5)), "the announced days of that year no longer count"


def test_what_is_entered_while_running_holds_from_then_on() -> None:
    calendar = Calendar(almanac=Almanac(closures=(closure(date(2026, 7, 16)),)))
    assert (calendar.is_workday(WEDNESDAY), calendar.edition) == (True, 0)
    assert calendar.refresh(Almanac(closures=(closure(WEDNESDAY),)))
    assert (calendar.is_workday(WEDNESDAY), calendar.is_workday(date(2026, 7, 16)), calendar.edition) == (
        False,
        False,
        1,
    )
    assert not calendar.refresh(Almanac(closures=(closure(WEDNESDAY),)))
    assert calendar.refresh(Almanac())
    assert (calendar.is_workday(WEDNESDAY), calendar.edition) == (True, 2)


@pytest.mark.parametrize(
    ("year", "status"),
    [
        (2026, "official"),
        (2027, "provisional"),
        (1999, "provisional"),
        (1949, "missing"),
        (2101, "missing"),
        (9999, "missing"),
    ],
)
def test_a_year_is_known_well_or_less_well(year: int, status: str) -> None:
    assert Calendar().status(year) == status


@given(st.dates(), st.sampled_from([THE_SITE, OFFICE_A, SHARED]))
def test_no_date_raises_whatever_was_entered(when: date, premises: Premises) -> None:
    almanac = Almanac(
        closures=(closure(date.min, date(2, 1, 1)), closure(date(2026, 1, 1), date.max, OF_FINANCE)),
        half_days=(half(date.max),),
        timetables=(hours("10-01", "04-30", (8, 12), (14, 17)),),
    )
    day = Calendar(almanac=almanac).day(when, premises)
    assert (day.date, bool(day.why.zh), bool(day.why.en)) == (when, True, True)


def test_the_site_files_entries_make_the_calendar() -> None:
    site = small_site()
    calendar = Calendar.of(site.file)
    assert [shift.id for shift in calendar.almanac.shifts] == ["day", "night"]
    assert calendar.is_workday(WEDNESDAY)


def test_shifts_need_a_time_zone() -> None:
    moment = datetime(2026, 7, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert Calendar().duty_people(moment) == ()
    with pytest.raises(ValueError, match="zone"):
        Calendar(almanac=small_site().file.almanac.almanac).on_duty(moment)
