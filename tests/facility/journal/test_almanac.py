"""The office's year in the journal: entered, replaced, taken back, audited; and followed by a running calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from facility.almanac import (
    AlmanacItem,
    AlmanacKind,
    Closure,
    DutyPerson,
    DutyTurn,
    ExtraWorkday,
    HalfDay,
    Session,
    TableDay,
    Timetable,
    YearTable,
)
from facility.almanac_watch import AlmanacWatch
from facility.bus import AlmanacChanged
from facility.bus.in_process import InProcessBus
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.commands import Actor, Role
from facility.errors import EntryRefused
from facility.filings import Scope
from facility.journal import Journal
from facility.text import Text

SECTION = Actor(name="行政科", role=Role.ADMIN_SECTION)
NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
DAY = date(2026, 8, 3)

CLOSURE = Closure(
    first=DAY, last=date(2026, 8, 5), reason="休假", notice="通知8号", scope=Scope(offices=frozenset({"b", "a"}))
)
ITEMS: list[tuple[AlmanacKind, AlmanacItem]] = [
    (AlmanacKind.CLOSURE, CLOSURE),
    (AlmanacKind.HALF_DAY, HalfDay(day=DAY, opens=None, closes=time(12), notice="通知9号")),
    (AlmanacKind.HALF_DAY, HalfDay(day=DAY, opens=time(0), closes=None, notice="通知9号",
                                   scope=Scope(buildings=frozenset({"a"})))),
    (AlmanacKind.WORKDAY, ExtraWorkday(day=DAY, notice="通知10号")),
    (AlmanacKind.TIMETABLE, Timetable(first="06-01", last="09-30", name=Text("夏", "summer"),
                                      sessions=(Session(time(8), time(12)), Session(time(15), time(18))), notice=None)),
    (AlmanacKind.DUTY, DutyTurn(day=DAY, shift="night", people=(DutyPerson(name="值班员", phone="8201"),))),
    (AlmanacKind.YEAR_TABLE, YearTable(year=2027, notice="国办", issued=date(2026, 11, 4), sha256="0",
                                       days=(TableDay(day=date(2027, 1, 1), kind="rest", name="元旦"),))),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "item"), ITEMS)
def test_what_is_entered_comes_back_as_it_was(journal: Journal, kind: AlmanacKind, item: AlmanacItem) -> None:
    (number,) = journal.almanac.enter([item], actor=SECTION, at=NOW)
    record = journal.almanac.entry(number)
    assert record is not None
    assert (record.kind, record.item, record.author, record.entered, record.revoked) == (kind, item, SECTION, NOW, None)
    assert journal.almanac.entries(kind) == [record]


def test_all_kinds_together_make_the_almanac(journal: Journal) -> None:
    journal.almanac.enter([item for _, item in ITEMS], actor=SECTION, at=NOW)
    almanac = journal.almanac.standing()
    assert (almanac.closures, len(almanac.half_days), len(almanac.turns)) == ((CLOSURE,), 2, 1)
    assert (len(almanac.tables), len(almanac.workdays), len(almanac.timetables)) == (1, 1, 1)


def test_an_entry_about_the_same_takes_the_place_of_the_one_before(journal: Journal) -> None:
    first = DutyTurn(day=DAY, shift="day", people=(DutyPerson(name="值班员"),))
    second = DutyTurn(day=DAY, shift="day", people=(DutyPerson(name="带班领导"),))
    journal.almanac.enter([first], actor=SECTION, at=NOW)
    journal.almanac.enter([second], actor=SECTION, at=LATER)
    assert journal.almanac.standing().turns == (second,)
    old, new = journal.almanac.entries(revoked=True)
    assert old.revoked is not None
    assert (old.revoked.at, new.revoked) == (LATER, None)


def test_taking_back_needs_a_reason_and_happens_once(journal: Journal) -> None:
    (number,) = journal.almanac.enter([CLOSURE], actor=SECTION, at=NOW)
    with pytest.raises(EntryRefused):
        journal.almanac.revoke(number, actor=SECTION, reason="  ", at=LATER)
    assert journal.almanac.revoke(number, actor=SECTION, reason="改期", at=LATER)
    assert not journal.almanac.revoke(number, actor=SECTION, reason="改期", at=LATER)
    assert not journal.almanac.revoke(number + 1, actor=SECTION, reason="改期", at=LATER)
    assert journal.almanac.standing().closures == ()
    (record,) = journal.almanac.entries(revoked=True)
    assert record.revoked is not None
    assert (record.revoked.by, record.revoked.at, record.revoked.reason) == (SECTION, LATER, "改期")


def test_every_change_is_audited_and_raises_the_revision(journal: Journal) -> None:
    before = journal.almanac.revision()
    (number,) = journal.almanac.enter([CLOSURE], actor=SECTION, at=NOW)
    journal.almanac.revoke(number, actor=SECTION, reason="改期", at=LATER)
    assert journal.almanac.revision() == before + 2
    told = [(record.action, record.actor) for record in journal.audits()]
    assert told == [("almanac entry revoked", SECTION), ("almanac entry", SECTION)]


def test_all_of_it_is_entered_or_nothing(journal: Journal) -> None:
    broken = HalfDay(day=DAY, opens=None, closes=time(12), notice="\0")
    with pytest.raises(EntryRefused):
        journal.almanac.enter([CLOSURE, broken], actor=SECTION, at=NOW)
    assert journal.almanac.entries(revoked=True) == []


@pytest.mark.asyncio
async def test_another_process_entry_reaches_a_running_calendar(tmp_path: Path) -> None:
    here, there = (Journal(f"sqlite:///{tmp_path / 'journal.db'}") for _ in range(2))
    bus, calendar = InProcessBus(), Calendar()
    heard: list[AlmanacChanged] = []
    bus.listen(AlmanacChanged, heard.append)
    watch = AlmanacWatch(calendar, here, bus, ManualClock(NOW))
    closure = Closure(first=DAY, last=DAY, reason="休假", notice="通知8号")
    ledger = []
    try:
        ledger.append((await watch.look(), calendar.is_workday(DAY), len(heard)))
        (number,) = there.almanac.enter([closure], actor=SECTION, at=NOW)
        ledger.append((await watch.look(), calendar.is_workday(DAY), len(heard)))
        ledger.append((await watch.look(), calendar.is_workday(DAY), len(heard)))
        there.almanac.revoke(number, actor=SECTION, reason="改期", at=LATER)
        ledger.append((await watch.look(), calendar.is_workday(DAY), len(heard)))
    finally:
        here.close()
        there.close()
    assert ledger == [(False, True, 0), (True, False, 1), (False, False, 1), (True, True, 2)]
