"""An entry that cannot be true, or contradicts one that stands, is refused in both languages and names its part."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from facility.accounting.entries import Assignment, ClosedMonth, Correction, Entry, ManualReading
from facility.errors import EntryRefused
from facility.journal import Journal
from facility.journal.fields import NAMES
from facility.journal.kinds import KINDS
from tests.facility.journal.ledger import (
    AREA,
    ASSIGNMENT,
    BILL,
    CORRECTION,
    FACTORS,
    HEADCOUNT,
    LEDGER,
    POSTING,
    PRICE,
    QUOTA,
    READING,
    REPLACEMENT,
    TARIFF,
    VERDICT,
    closed,
)
from tests.facility.journal.test_journal import CLERK, NOON


@pytest.fixture
def book(file_url: str) -> Iterator[Journal]:
    journal = Journal(file_url)
    yield journal
    journal.close()


def enter(journal: Journal, *entries: Entry) -> list[int]:
    return [journal.accounts.enter(entry, actor=CLERK, at=NOON) for entry in entries]


IMPOSSIBLE: list[tuple[Entry, str, Any, str]] = [
    (ASSIGNMENT, "share", 0.0, "share is above 0 and at most 1, not 0"),
    (ASSIGNMENT, "share", 1.0000001, "at most 1"),
    (ASSIGNMENT, "share", -0.5, "above 0"),
    (ASSIGNMENT, "share", math.nan, "finite number, not nan"),
    (ASSIGNMENT, "share", True, "finite number, not True"),
    (ASSIGNMENT, "share", None, "share is needed"),
    (ASSIGNMENT, "since", None, "since is needed"),
    (ASSIGNMENT, "since", datetime(2026, 7, 1, tzinfo=UTC), "is a date"),
    (ASSIGNMENT, "since", "2026-07-01", "is a date"),
    (ASSIGNMENT, "meter", "", "meter is needed"),
    (ASSIGNMENT, "meter", " ", "meter is needed"),
    (ASSIGNMENT, "office", "", "office is needed"),
    (ASSIGNMENT, "reason", "", "reason is needed"),
    (ASSIGNMENT, "reason", "a\0b", "cannot be kept"),
    (ASSIGNMENT, "reason", "\ud800", "cannot be kept"),
    (ASSIGNMENT, "reason", "在" * 2001, "longer than 2000"),
    (HEADCOUNT, "people", -1, "whole number from 0 on, not -1"),
    (HEADCOUNT, "people", 1.5, "whole number"),
    (HEADCOUNT, "people", "3", "whole number"),
    (HEADCOUNT, "people", True, "whole number"),
    (HEADCOUNT, "leaders", 13, "are not more than all people"),
    (HEADCOUNT, "leaders", -1, "whole number"),
    (AREA, "area_m2", -0.1, "not negative"),
    (AREA, "area_m2", math.inf, "finite"),
    (QUOTA, "amount", -1.0, "not negative"),
    (QUOTA, "medium", "coal", "one of electricity, water, gas, heat, oil, not 'coal'"),
    (QUOTA, "per", "desk", "one of office, head, leader, staff, m2"),
    (QUOTA, "period", "week", "one of month, year"),
    (QUOTA, "source", "", "source is needed"),
    (TARIFF, "tariff", "", "tariff is needed"),
    (FACTORS, "factors", "", "factor set is needed"),
    (PRICE, "price", -0.01, "not negative"),
    (PRICE, "month", "2026-13", "written as 2026-07, not '2026-13'"),
    (PRICE, "month", "2026-7", "written as"),
    (PRICE, "month", "2026-07-01", "written as"),
    (PRICE, "month", "2026-07\n", "written as"),
    (BILL, "amount", -1.0, "not negative"),
    (BILL, "cost_yuan", -1.0, "not negative"),
    (BILL, "month", "july", "written as"),
    (POSTING, "amount", math.nan, "finite"),
    (POSTING, "kind", "guess", "one of reversal, booking"),
    (POSTING, "of_month", "2026-08", "before the month it is booked in"),
    (POSTING, "of_month", "2026-00", "written as"),
    (REPLACEMENT, "factor", 0.0, "factor is above 0"),
    (REPLACEMENT, "counter_max", 0.0, "above 0"),
    (REPLACEMENT, "closing", math.inf, "finite"),
    (REPLACEMENT, "opening", math.nan, "finite"),
    (REPLACEMENT, "serial", "", "needed"),
    (REPLACEMENT, "at_us", -1, "whole number"),
    (REPLACEMENT, "at_us", 2**62, "whole number"),
    (READING, "value", math.nan, "finite"),
    (READING, "value", "12", "finite number, not '12'"),
    (CORRECTION, "end_us", CORRECTION.start_us, "end is after the start"),
    (CORRECTION, "amount", -math.inf, "finite"),
    (VERDICT, "end_us", 0, "end is after the start"),
    (VERDICT, "accepted", 1, "true or false"),
    (VERDICT, "accepted", None, "needed"),
]


def test_what_cannot_be_true_is_refused(book: Journal) -> None:
    for entry, field, value, said in IMPOSSIBLE:
        with pytest.raises(EntryRefused) as raised:
            enter(book, replace(entry, **{field: value}))
        assert (raised.value.field, said in raised.value.text.en) == (field, True), raised.value.text.en
        assert raised.value.text.zh.startswith(NAMES[field].zh)
        assert str(raised.value) == raised.value.text.en
        assert book.accounts.entries(type(entry), revoked=True) == []


def test_every_part_of_every_entry_has_a_name_in_both_languages() -> None:
    assert {field.name for kind in KINDS.values() for field in kind.fields} == set(NAMES)


def test_an_office_that_is_none_takes_the_whole_meter(book: Journal) -> None:
    with pytest.raises(EntryRefused, match="is 1 where the meter is no office's"):
        enter(book, replace(ASSIGNMENT, office=None, share=0.5))


def test_the_shares_of_one_meter_and_day_are_at_most_one(book: Journal) -> None:
    thirds = [replace(ASSIGNMENT, office=office, share=1 / 3) for office in ("a", "b", "c")]
    numbers = enter(book, *thirds)
    tenths = [0.1, 0.2, 0.3, 0.15, 0.25 + 2e-16]  # the nearest float64 of their sum is above 1
    enter(book, *(replace(ASSIGNMENT, meter="m-3", office=str(share), share=share) for share in tenths))
    with pytest.raises(EntryRefused, match=r"add up to 1\.01, more than 1"):
        enter(book, replace(ASSIGNMENT, office="d", share=0.01))
    with pytest.raises(EntryRefused, match="add up to 2"):
        enter(book, replace(ASSIGNMENT, office=None, share=1.0))
    enter(book, replace(ASSIGNMENT, office="d", share=1.0, since=date(2026, 7, 2)))
    enter(book, replace(ASSIGNMENT, office="d", share=1.0, meter="m-2"))
    book.accounts.revoke(Assignment, numbers[0], actor=CLERK, reason="left", at=NOON)
    enter(book, replace(ASSIGNMENT, office="d", share=1 / 3))


ONLY_ONE = [entry for entry in LEDGER if entry not in (CORRECTION, BILL, POSTING)]


def test_a_second_entry_for_the_same_is_refused_until_the_first_is_revoked(book: Journal) -> None:
    for entry in ONLY_ONE:
        (first,) = enter(book, entry)
        with pytest.raises(EntryRefused, match=rf"already stands \(number {first}\): revoke it") as raised:
            enter(book, replace(entry, reason="another"))
        assert f"编号 {first}" in raised.value.text.zh
        book.accounts.revoke(type(entry), first, actor=CLERK, reason="wrong", at=NOON)
        assert enter(book, entry) == [first + 1]


def test_several_bills_of_one_month_stand_side_by_side(book: Journal) -> None:
    assert enter(book, BILL, BILL) == [1, 2]


def test_quotas_for_one_item_and_for_all_stand_side_by_side(book: Journal) -> None:
    assert enter(book, QUOTA, replace(QUOTA, item="hvac"), replace(QUOTA, office="finance")) == [1, 2, 3]


def test_corrections_of_one_meter_do_not_overlap(book: Journal) -> None:
    spans = [(100, 200), (200, 300), (50, 100), (0, 50)]
    enter(book, *(replace(CORRECTION, start_us=start, end_us=end) for start, end in spans))
    for start, end in ((150, 160), (99, 101), (199, 301), (0, 1000), (100, 200)):
        with pytest.raises(EntryRefused, match="overlaps in time with correction number"):
            enter(book, replace(CORRECTION, start_us=start, end_us=end))
    enter(book, replace(CORRECTION, meter="m-2", start_us=0, end_us=1000))
    book.accounts.revoke(Correction, 1, actor=CLERK, reason="wrong", at=NOON)
    enter(book, replace(CORRECTION, start_us=120, end_us=180))


def test_an_entry_without_a_zone_is_a_mistake_of_the_program(book: Journal) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        book.accounts.enter(READING, actor=CLERK, at=datetime(2026, 7, 15))  # noqa: DTZ001 - that is what is refused
    assert book.accounts.entries(ManualReading) == []


WRONG_CLOSINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"month": "2026-7"}, "month", "written as"),
    ({"by": " "}, "by", "who closes"),
    ({"document": {"kwh": math.nan}}, "document", "JSON would change it"),
    ({"document": {"kwh": math.inf}}, "document", "JSON would change it"),
    ({"document": {1: "one"}}, "document", "cannot be kept"),
    ({"document": {"day": date(2026, 7, 1)}}, "document", "JSON would change it"),
    ({"document": {"name": "\ud800"}}, "document", "cannot be kept"),
    ({"sha256": ""}, "sha256", "no SHA-256"),
    ({"sha256": "G" * 64}, "sha256", "no SHA-256"),
]


def test_a_month_that_could_not_come_back_as_told_is_not_closed(book: Journal) -> None:
    for wrong, field, said in WRONG_CLOSINGS:
        month: ClosedMonth = replace(closed("2026-07", kwh=0.0), **wrong)
        with pytest.raises(EntryRefused) as raised:
            book.accounts.close_month(month)
        assert (raised.value.field, said in raised.value.text.en) == (field, True), raised.value.text.en
    assert book.accounts.closed_months() == []
