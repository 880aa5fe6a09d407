"""Rows of a day and lists of an evening come back as they were entered; a day reckoned again is the same day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from facility.commands import Actor, Role
from facility.journal import Journal
from facility.observance import LeftOn, Observed, Patrol, PatrolItem, Rule, Span, Tick
from facility.text import Text

DAY = date(2026, 7, 15)
NEXT = DAY + timedelta(days=1)
EVENING = datetime(2026, 7, 15, 9, 15, tzinfo=UTC)
DUTY = Actor(name="值班员", role=Role.DUTY_ROOM)

ROW = Observed(
    day=DAY, office="finance", equipment="ac-401", rule=Rule.HOURS, clause="AC-05", judged_minutes=900,
    broken_minutes=28, filed_minutes=0, unknown_minutes=4, times=1,
    spans=(Span(start=EVENING, end=EVENING + timedelta(minutes=28)),),
)  # fmt: skip
NOBODYS = replace(ROW, office=None, equipment="ac-hall", broken_minutes=0, times=0, spans=())

ITEM = PatrolItem(
    key="unit:ac-401", what=LeftOn.UNIT, equipment="ac-401", space="r401", office="finance", responsible="科长",
    text=Text("未关", "left on"), clause="AC-12", found=EVENING,
)  # fmt: skip
CHECK = replace(ITEM, key="check:archive", what=LeftOn.CHECK, space=None, office=None, responsible=None)
LIST = Patrol(day=DAY, made=EVENING, looked=EVENING, items=(ITEM, CHECK), before_rest=Text("国庆节", "National Day"))


def test_rows_come_back_exactly(opened: Callable[[], Journal]) -> None:
    opened().observance.put_day(DAY, [ROW, NOBODYS], reckoned=EVENING, until=EVENING)
    records = opened().observance
    assert records.rows(DAY, NEXT) == [ROW, NOBODYS]
    assert records.rows(DAY, NEXT, office="finance") == [ROW]
    assert records.rows(NEXT, NEXT + timedelta(days=30)) == []
    assert [(known.day, known.reckoned, known.until) for known in records.days(DAY, NEXT)] == [(DAY, EVENING, EVENING)]


def test_a_day_reckoned_again_takes_the_place_of_what_it_had(journal: Journal) -> None:
    records = journal.observance
    records.put_day(DAY, [ROW, NOBODYS], reckoned=EVENING, until=EVENING)
    records.put_day(NEXT, [replace(ROW, day=NEXT)], reckoned=EVENING, until=EVENING)
    later = EVENING + timedelta(hours=8)
    for _ in range(2):
        records.put_day(DAY, [replace(ROW, broken_minutes=0)], reckoned=later, until=later)
    assert [(row.day, row.broken_minutes) for row in records.rows(DAY, NEXT + timedelta(days=1))] == [
        (DAY, 0), (NEXT, 28),
    ]  # fmt: skip
    records.put_day(DAY, [], reckoned=later, until=later)
    assert records.rows(DAY, NEXT) == []
    assert len(records.days(DAY, NEXT)) == 1, "a day without rows was reckoned all the same"


def test_a_list_comes_back_with_its_ticks_which_a_later_look_leaves_alone(opened: Callable[[], Journal]) -> None:
    records = opened().observance
    assert records.patrol(DAY) is None
    records.put_patrol(LIST)
    first = Tick(day=DAY, item=ITEM.key, at=EVENING + timedelta(minutes=5), by=DUTY, note="已关")
    second = replace(first, at=first.at + timedelta(hours=1), note="")
    for tick in (first, second):
        records.put_tick(tick)
    looked = replace(LIST, looked=EVENING + timedelta(hours=1), items=(replace(ITEM, over=second.at), CHECK))
    records.put_patrol(looked)
    records = opened().observance
    assert records.patrol(DAY) == replace(looked, ticks=(first, second))
    assert records.patrols(DAY, NEXT) == [replace(looked, ticks=(first, second))]
    assert records.patrols(NEXT, NEXT + timedelta(days=1)) == []


def test_lists_come_newest_first(journal: Journal) -> None:
    for ahead in range(3):
        journal.observance.put_patrol(replace(LIST, day=DAY + timedelta(days=ahead)))
    found = journal.observance.patrols(DAY, DAY + timedelta(days=3))
    assert [patrol.day.day for patrol in found] == [17, 16, 15]


def test_the_minutes_that_were_kept_are_what_is_left() -> None:
    assert ROW.kept_minutes == 900 - 28 - 4
    assert ROW.spans[0].minutes == 28
    assert LIST.open_items == (ITEM, CHECK)
