"""The account book's records: what was entered comes back exactly, what was taken back stays visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from facility.accounting.entries import (
    Assignment,
    Entry,
    FactorChoice,
    Headcount,
    ManualReading,
    MeterHistory,
    Posting,
    Quota,
    TariffChoice,
)
from facility.commands import Actor, Role
from facility.errors import EntryRefused
from facility.journal import Entered, Journal, Revocation
from facility.journal.closing import canonical, sha256_of
from facility.journal.kinds import KINDS
from tests.facility.journal.ledger import (
    ASSIGNMENT,
    BORDERLINE,
    CORRECTION,
    DAY,
    FACTORS,
    HEADCOUNT,
    LEDGER,
    POSTING,
    QUOTA,
    READING,
    REPLACEMENT,
    TARIFF,
    VERDICT,
    closed,
)
from tests.facility.journal.test_journal import CLERK, NOON, later

ADMIN = Actor(name="行政科", role=Role.ADMIN_SECTION)


def enter(journal: Journal, *entries: Entry) -> list[int]:
    return [journal.accounts.enter(entry, actor=CLERK, at=NOON) for entry in entries]


def test_the_ledger_has_every_kind_of_entry() -> None:
    assert {type(entry) for entry in LEDGER} == set(KINDS) == set(get_args(Entry))


def test_every_kind_of_entry_comes_back_exactly(opened: Callable[[], Journal]) -> None:
    journal = opened()
    journal.accounts.close_month(closed("2026-07"))
    for entry in LEDGER:
        assert journal.accounts.entries(type(entry)) == []
    assert enter(journal, *LEDGER) == [1] * len(LEDGER)
    again = opened()
    for entry in LEDGER:
        expected = Entered(id=1, entry=entry, author=CLERK, entered=NOON, revoked=None)
        assert again.accounts.entries(type(entry)) == [expected]


def test_what_is_just_possible_comes_back_exactly(journal: Journal) -> None:
    for entry in BORDERLINE:
        (number,) = enter(journal, entry)
        (found,) = journal.accounts.entries(type(entry))
        assert (found.entry, repr(found.entry)) == (entry, repr(entry))
        journal.accounts.revoke(type(entry), number, actor=ADMIN, reason="only a try", at=NOON)


def test_whole_numbers_are_taken_for_amounts(journal: Journal) -> None:
    enter(journal, replace(READING, value=3))
    (found,) = journal.accounts.entries(ManualReading)
    assert repr(found.entry.value) == "3.0"


def test_a_wrong_entry_is_revoked_with_a_reason_and_stays_visible(opened: Callable[[], Journal]) -> None:
    accounts = opened().accounts
    first = accounts.enter(HEADCOUNT, actor=CLERK, at=NOON)
    assert accounts.revoke(Headcount, first, actor=ADMIN, reason="数错了", at=later(5))
    right = replace(HEADCOUNT, people=0, leaders=0)
    assert accounts.enter(right, actor=ADMIN, at=later(6)) == first + 1
    accounts = opened().accounts
    taken_back = Revocation(by=ADMIN, at=later(5), reason="数错了")
    assert accounts.entries(Headcount, revoked=True) == [
        Entered(id=1, entry=HEADCOUNT, author=CLERK, entered=NOON, revoked=taken_back),
        Entered(id=2, entry=right, author=ADMIN, entered=later(6), revoked=None),
    ]
    assert [found.id for found in accounts.entries(Headcount)] == [2]


def test_what_is_not_there_or_revoked_cannot_be_revoked(journal: Journal) -> None:
    (number,) = enter(journal, READING)
    accounts = journal.accounts
    assert not accounts.revoke(ManualReading, number + 1, actor=ADMIN, reason="r", at=NOON)
    assert not accounts.revoke(Headcount, number, actor=ADMIN, reason="r", at=NOON)
    assert accounts.revoke(ManualReading, number, actor=ADMIN, reason="r", at=NOON)
    before = accounts.entries(ManualReading, revoked=True)
    assert not accounts.revoke(ManualReading, number, actor=CLERK, reason="again", at=later(1))
    assert accounts.entries(ManualReading, revoked=True) == before
    with pytest.raises(EntryRefused, match="reason is needed"):
        accounts.revoke(ManualReading, number, actor=ADMIN, reason=" ", at=NOON)


def test_entries_are_found_by_meter_office_tariff_or_factor_set(journal: Journal) -> None:
    finance = replace(QUOTA, office="finance")
    enter(journal, ASSIGNMENT, replace(ASSIGNMENT, meter="m-2"), QUOTA, finance, TARIFF, FACTORS)
    accounts = journal.accounts
    assert [found.entry.meter for found in accounts.entries(Assignment)] == ["m-1", "m-2"]
    assert [found.entry.meter for found in accounts.entries(Assignment, key="m-2")] == ["m-2"]
    assert [found.entry for found in accounts.entries(Quota, key="finance")] == [finance]
    assert len(accounts.entries(TariffChoice, key="hunan")) == len(accounts.entries(FactorChoice)) == 1
    assert accounts.entries(TariffChoice, key="electricity") == []


def test_a_meters_history_is_in_time_order_without_what_was_revoked(journal: Journal) -> None:
    early = replace(READING, at_us=0)
    _, wrong, _, other = enter(journal, READING, replace(READING, at_us=5), early, replace(READING, meter="m-2"))
    enter(journal, VERDICT, CORRECTION, replace(CORRECTION, start_us=0, end_us=1), REPLACEMENT)
    journal.accounts.revoke(ManualReading, wrong, actor=ADMIN, reason="r", at=NOON)
    expected = MeterHistory(
        replacements=(REPLACEMENT,),
        readings=(early, READING),
        corrections=(replace(CORRECTION, start_us=0, end_us=1), CORRECTION),
        verdicts=(VERDICT,),
    )
    assert journal.accounts.history("m-1") == expected
    assert journal.accounts.histories() == {
        "m-1": expected, "m-2": MeterHistory(readings=(replace(READING, meter="m-2"),))
    }  # fmt: skip
    assert journal.accounts.history("m-3") == MeterHistory()
    journal.accounts.revoke(ManualReading, other, actor=ADMIN, reason="r", at=NOON)
    assert list(journal.accounts.histories()) == ["m-1"]


def test_every_change_is_audited_and_raises_the_revision(journal: Journal) -> None:
    accounts = journal.accounts
    assert accounts.revision() == 0
    (number,) = enter(journal, HEADCOUNT)
    accounts.revoke(Headcount, number, actor=ADMIN, reason="left", at=NOON)
    accounts.close_month(closed("2026-07"), actor=ADMIN)
    accounts.close_month(closed("2026-08"))
    assert accounts.revision() == 4
    assert [(found.actor, found.action, found.detail, found.at) for found in reversed(journal.audits())] == [
        (CLERK, "account entry", {"kind": "headcounts", "id": 1, "entry": {
            "office": "finance", "since": "2026-07-01", "people": 12, "leaders": 2, "reason": "staff list"}}, NOON),
        (ADMIN, "account entry revoked", {"kind": "headcounts", "id": 1, "reason": "left"}, NOON),
        (ADMIN, "month closed", {"month": "2026-07", "sha256": sha256_of({})}, NOON),
        (Actor(name="office-admin"), "month closed", {"month": "2026-08", "sha256": sha256_of({})}, NOON),
    ]  # fmt: skip


def test_what_is_refused_leaves_no_trace(journal: Journal) -> None:
    enter(journal, HEADCOUNT)
    with pytest.raises(EntryRefused):
        enter(journal, HEADCOUNT)
    assert (len(journal.accounts.entries(Headcount)), len(journal.audits()), journal.accounts.revision()) == (1, 1, 1)


def test_a_closed_month_comes_back_exactly(opened: Callable[[], Journal]) -> None:
    month = closed("2026-07", 科室=[{"kwh": 0.0, "rest": None, "sum": 0.1 + 0.2}], tariff="湖南 2026", n=2**53)
    assert opened().accounts.closed_month("2026-07") is None
    opened().accounts.close_month(month)
    accounts = opened().accounts
    assert accounts.closed_month("2026-07") == month
    assert sha256_of(month.document) == month.sha256
    accounts.close_month(closed("2026-08"))
    assert [found.month for found in accounts.closed_months()] == ["2026-07", "2026-08"]


def test_months_close_one_after_the_other_from_whichever_is_first(journal: Journal) -> None:
    accounts = journal.accounts
    accounts.close_month(closed("2026-11"))
    for month, said in (
        ("2026-11", "2026-11 is closed"), ("2026-10", "lies before 2026-11"), ("2027-01", "close 2026-12 first")
    ):  # fmt: skip
        with pytest.raises(EntryRefused, match=said):
            accounts.close_month(closed(month))
    accounts.close_month(closed("2026-12"))
    accounts.close_month(closed("2027-01"))
    assert [found.month for found in accounts.closed_months()] == ["2026-11", "2026-12", "2027-01"]


def test_a_posting_is_booked_in_an_open_month_about_a_closed_one(journal: Journal) -> None:
    with pytest.raises(EntryRefused, match="2026-07 is not closed"):
        enter(journal, POSTING)
    journal.accounts.close_month(closed("2026-07"))
    number, second = enter(journal, POSTING, POSTING)
    assert journal.accounts.revoke(Posting, second, actor=ADMIN, reason="twice", at=NOON)
    journal.accounts.close_month(closed("2026-08"))
    with pytest.raises(EntryRefused, match="2026-08 is closed"):
        enter(journal, POSTING)
    with pytest.raises(EntryRefused, match="2026-08 is closed"):
        journal.accounts.revoke(Posting, number, actor=ADMIN, reason="late", at=NOON)
    assert len(journal.accounts.entries(Posting)) == 1


def test_the_canonical_form_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": "在"}) == canonical({"a": "在", "b": 1}) == '{"a":"在","b":1}'.encode()


def test_a_stranger_is_no_kind_of_entry(journal: Journal) -> None:
    with pytest.raises(TypeError, match="date is no kind of entry"):
        journal.accounts.entries(date)  # type: ignore[type-var]
    assert date(2026, 7, 1) == DAY
