"""Who is on duty at a moment: shifts over midnight, gaps, those who stand by, clocks that change."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from facility.almanac import Almanac, DutyPerson, DutyTurn, Shift
from facility.calendar import Calendar
from facility.text import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = Shift(id="day", name=Text("白班", "day shift"), start=time(8), end=time(18))
NIGHT = Shift(id="night", name=Text("夜班", "night shift"), start=time(18), end=time(8))
HOLIDAY = Shift(id="holiday", name=Text("节假日带班", "holidays"), start=time(9), end=time(17), days="rest")
DRIVER, CLERK, LEADER = (DutyPerson(name=name, phone=phone) for name, phone in (
    ("值班司机", None), ("值班员", "8201"), ("带班领导", "8202"),
))  # fmt: skip


def turn(day: int, shift: str, *people: DutyPerson) -> DutyTurn:
    return DutyTurn(day=date(2026, 7, day), shift=shift, people=people)


def calendar(
    *turns: DutyTurn, shifts: tuple[Shift, ...] = (DAY, NIGHT), standing: tuple[DutyPerson, ...] = ()
) -> Calendar:
    return Calendar(almanac=Almanac(shifts=shifts, turns=turns, standing_duty=standing), zone=SHANGHAI)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 7, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "people"),
    [
        (at(15, 7, 59), ()),
        (at(15, 8, 0), (LEADER, CLERK)),
        (at(15, 17, 59), (LEADER, CLERK)),
        (at(15, 18, 0), (DRIVER,)),
        (at(16, 0, 0), (DRIVER,)),
        (at(16, 7, 59), (DRIVER,)),
        (at(16, 8, 0), ()),
    ],
)
def test_a_night_shift_goes_on_into_the_next_morning(moment: datetime, people: tuple[DutyPerson, ...]) -> None:
    roster = calendar(turn(15, "day", LEADER, CLERK), turn(15, "night", DRIVER))
    assert roster.duty_people(moment) == people


def test_those_who_always_stand_by_are_named_where_nobody_is_entered() -> None:
    roster = calendar(turn(15, "day", LEADER), standing=(CLERK,))
    night = roster.on_duty(at(15, 20))
    assert night is not None
    assert (night.people, night.entered, night.shift.id) == ((CLERK,), False, "night")
    assert (night.start, night.end) == (at(15, 18), at(16, 8))


def test_the_last_entry_for_a_shift_counts() -> None:
    assert calendar(turn(15, "day", CLERK), turn(15, "day", LEADER)).duty_people(at(15, 9)) == (LEADER,)


def test_of_shifts_that_overlap_one_with_people_entered_counts() -> None:
    shifts = (DAY, NIGHT, HOLIDAY)
    saturday = calendar(turn(18, "holiday", LEADER), shifts=shifts, standing=(CLERK,))
    assert saturday.duty_people(at(18, 10)) == (LEADER,)
    assert saturday.duty_people(at(18, 8, 30)) == (CLERK,)
    wednesday = calendar(turn(15, "holiday", LEADER), shifts=shifts, standing=(CLERK,))
    assert wednesday.duty_people(at(15, 10)) == (CLERK,), "that shift is for days of rest"


def test_without_shifts_or_people_nobody_is_on_duty() -> None:
    assert calendar().on_duty(at(15, 10)) is None
    assert calendar(shifts=(), standing=(CLERK,)).duty_people(at(15, 10)) == ()


def test_a_shift_of_a_night_with_a_clock_change_has_its_true_length() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    roster = Calendar(almanac=Almanac(shifts=(NIGHT,), standing_duty=(CLERK,)), zone=berlin)
    hours = []
    for month, day in ((3, 28), (10, 24), (7, 15)):
        night = roster.on_duty(datetime(2026, month, day, 23, tzinfo=berlin))
        assert night is not None
        hours.append((night.end - night.start).total_seconds() / 3600)
    assert hours == [13, 15, 14]
