"""A day's plan: sessions, half days, closures of a part, and the session that matters at a moment."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.policy.schema import Hours
from controller.policy.timetable import DayPlan, office_hours, plan_day
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
    Timetable,
)
from facility.calendar import Calendar
from facility.filings import Scope
from facility.text import Text

ZONE = ZoneInfo("Asia/Shanghai")
PLACE = (28.23, 112.94)
WINDOW = Hours(time(8), time(17))
WEDNESDAY, THURSDAY, FRIDAY = date(2026, 7, 15), date(2026, 7, 16), date(2026, 7, 17)
FINANCE = Premises(rooms=frozenset({Room(space="401", floor="f4", building="a", office="finance")}))


def summer(*sessions: tuple[str, str], notice: str | None = None) -> Timetable:
    spans = tuple(Session(time.fromisoformat(start), time.fromisoformat(end)) for start, end in sessions)
    return Timetable(first="07-01", last="08-31", name=Text("夏季作息", "summer hours"), sessions=spans, notice=notice)


def half(opens: str | None, closes: str | None, scope: Scope = EVERYWHERE) -> HalfDay:
    begin, end = (None if each is None else time.fromisoformat(each) for each in (opens, closes))
    return HalfDay(day=WEDNESDAY, opens=begin, closes=end, notice="通知9号", scope=scope)


def plan(almanac: Almanac, day: date = WEDNESDAY, premises: Premises = THE_SITE, *, follows: bool = True) -> DayPlan:
    return plan_day(
        Calendar(almanac=almanac), day, ZONE, WINDOW, permit_at=time(8), place=PLACE, premises=premises,
        follows_office=follows,
    )  # fmt: skip


def local(when: datetime) -> str:
    return f"{when.astimezone(ZONE):%H:%M}"


def spans(made: DayPlan) -> list[str]:
    return [f"{local(opens)}-{local(closes)}" for opens, closes in made.windows]


TWO = summer(("08:00", "12:00"), ("14:30", "17:30"))
BY_NOTICE = summer(("08:00", "12:00"), ("14:30", "17:30"), notice="通知6号")


@pytest.mark.parametrize(
    ("almanac", "expected"),
    [
        (Almanac(), ["08:00-17:00"]),
        (Almanac(timetables=(TWO,)), ["08:00-12:00", "14:30-17:00"]),
        (Almanac(timetables=(BY_NOTICE,)), ["08:00-12:00", "14:30-17:30"]),
        (Almanac(timetables=(summer(("07:00", "11:00"), notice="通知6号"),)), ["07:00-11:00"]),
        (Almanac(timetables=(summer(("07:00", "11:00")),)), ["08:00-11:00"]),
        (Almanac(timetables=(summer(("18:00", "20:00")),)), []),
        (Almanac(half_days=(half(None, "12:00"),)), ["08:00-12:00"]),
        (Almanac(half_days=(half("14:00", None),)), ["14:00-17:00"]),
        (Almanac(half_days=(half("09:00", "16:00"),)), ["09:00-16:00"]),
        (Almanac(half_days=(half("17:00", None),)), []),
        (Almanac(half_days=(half(None, "08:00"),)), []),
        (Almanac(timetables=(TWO,), half_days=(half(None, "12:00"),)), ["08:00-12:00"]),
        (Almanac(timetables=(TWO,), half_days=(half("10:00", "15:00"),)), ["10:00-12:00", "14:30-15:00"]),
        (Almanac(half_days=(half(None, "12:00", Scope(offices=frozenset({"finance"}))),)), ["08:00-17:00"]),
    ],
)  # fmt: skip
def test_sessions_follow_timetable_and_half_day(almanac: Almanac, expected: list[str]) -> None:
    assert spans(plan(almanac)) == expected


@pytest.mark.parametrize(
    ("at", "inside", "opens", "closes"),
    [
        ("07:00", False, "08:00", "12:00"),
        ("08:00", True, "08:00", "12:00"),
        ("11:59", True, "08:00", "12:00"),
        ("12:00", False, "14:30", "17:00"),
        ("14:29", False, "14:30", "17:00"),
        ("14:30", True, "14:30", "17:00"),
        ("17:00", False, "14:30", "17:00"),
        ("23:59", False, "14:30", "17:00"),
    ],
)
def test_the_session_that_matters_runs_or_comes_next(at: str, opens: str, closes: str, *, inside: bool) -> None:
    now = datetime.combine(WEDNESDAY, time.fromisoformat(at), tzinfo=ZONE)
    made = plan(Almanac(timetables=(TWO,))).at(now)
    assert (made.is_in_window(now), local(made.opens), local(made.closes)) == (inside, opens, closes)


def test_edges_are_those_of_every_session_of_today_and_tomorrow() -> None:
    made = plan(Almanac(timetables=(TWO,), half_days=(half(None, "12:00"),)))
    assert [local(edge) for edge in made.edges] == ["08:00", "12:00", "08:00", "12:00", "14:30", "17:00"]
    assert made.next_edge(datetime(2026, 7, 15, 12, 0, tzinfo=ZONE)) == datetime(2026, 7, 16, 8, 0, tzinfo=ZONE)


def test_a_workday_without_hours_is_passed_over_and_has_no_window() -> None:
    made = plan(Almanac(half_days=(half("17:00", None),)), day=date(2026, 7, 14))
    assert made.next_day is not None
    assert (made.next_day.date, made.next_opens) == (THURSDAY, datetime(2026, 7, 16, 8, 0, tzinfo=ZONE))
    empty = plan(Almanac(half_days=(half("17:00", None),)))
    noon = datetime(2026, 7, 15, 12, 0, tzinfo=ZONE)
    assert (empty.at(noon).is_in_window(noon), empty.opens == empty.closes) == (False, True)


def test_edges_run_out_only_to_the_end_of_the_day() -> None:
    closed = summer(("18:00", "20:00"))
    made = plan(Almanac(timetables=(closed,)))
    noon = datetime(2026, 7, 15, 12, 0, tzinfo=ZONE)
    assert made.edges == ()
    assert made.next_edge(noon) > noon


def test_the_next_opening_knows_closures_make_up_days_and_guesses() -> None:
    closed = Almanac(closures=(Closure(first=THURSDAY, last=FRIDAY, reason="检修", notice="通知8号"),))
    monday = plan(closed).next_day
    assert monday is not None
    assert (monday.date, monday.official) == (date(2026, 7, 20), True)
    with_saturday = Almanac(closures=closed.closures, workdays=(ExtraWorkday(day=date(2026, 7, 18), notice="通知7号"),))
    saturday = plan(with_saturday).next_day
    assert saturday is not None
    assert saturday.date == date(2026, 7, 18)
    guessed = plan(Almanac(), day=date(2026, 12, 31)).next_day
    assert guessed is not None
    assert (guessed.official, "暂定" in guessed.why.zh) == (False, True)


def test_services_with_hours_of_their_own_follow_no_timetable() -> None:
    almanac = Almanac(timetables=(TWO,), half_days=(half(None, "12:00"),))
    made = plan(almanac, follows=False)
    assert (spans(made), made.timetable) == (["08:00-17:00"], None)


def test_a_part_of_the_site_has_a_plan_of_its_own() -> None:
    scope = Scope(offices=frozenset({"finance"}))
    almanac = Almanac(
        half_days=(half(None, "12:00", scope),),
        closures=(Closure(first=THURSDAY, last=THURSDAY, reason="检修", notice="通知8号", scope=scope),),
    )
    assert (spans(plan(almanac, premises=FINANCE)), spans(plan(almanac))) == (["08:00-12:00"], ["08:00-17:00"])
    assert (plan(almanac, THURSDAY, FINANCE).is_workday, plan(almanac, THURSDAY).is_workday) == (False, True)


def test_the_hours_of_a_date_are_the_same_without_a_plan() -> None:
    calendar = Calendar(almanac=Almanac(timetables=(TWO,)))
    day = date(2026, 6, 1)
    counted = []
    while day < date(2026, 10, 1):
        counted.append(len(office_hours(calendar, day, WINDOW)))
        day += timedelta(days=1)
    assert counted == [1] * 30 + [2] * 62 + [1] * 30
