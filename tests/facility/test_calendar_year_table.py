"""A year's table as people upload it: read in the forms that offices have, refused when it cannot be true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import orjson
import pytest

from facility.almanac import TableDay, YearTable
from facility.errors import EntryRefused
from facility.festivals import FESTIVALS, announced_day, statutory_days
from facility.year_table import LARGEST_BYTES, checked_table, digest, read_days

NOTICE = "国办发明电〔2025〕7号"
ISSUED = date(2025, 11, 4)


def whole_year(year: int) -> list[TableDay]:
    """Every day of an announced year, as a full calendar lists it."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    known = ((day, announced_day(day)) for day in days)
    return [
        TableDay(day=day, kind=each.kind, name=FESTIVALS[each.festival].zh if each.festival is not None else "")
        for day, each in known
    ]


def checked(days: Iterable[TableDay], year: int = 2026, notice: str = NOTICE, issued: date = ISSUED) -> YearTable:
    return checked_table(year, notice=notice, issued=issued, days=days)


def refusal(days: Iterable[TableDay], **changes: object) -> str:
    with pytest.raises(EntryRefused) as caught:
        checked(days, **changes)  # type: ignore[arg-type]
    assert caught.value.text.zh
    return caught.value.text.en


@pytest.mark.parametrize("year", range(2014, 2027))
def test_every_announced_year_is_a_table_that_can_be_true(year: int) -> None:
    table = checked(whole_year(year), year, issued=date(year - 1, 11, 4))
    assert all(day.kind == announced_day(day.day).kind for day in table.days)
    assert sum(day.kind == "workday" for day in table.days) == sum(
        announced_day(day.day).make_up for day in whole_year(year)
    )


def test_only_what_differs_from_the_week_is_kept_in_order() -> None:
    days = whole_year(2026)
    table = checked(reversed(days))
    assert [day.day for day in table.days] == sorted(day.day for day in table.days)
    assert len(table.days) == 39
    assert table == checked(day for day in days if announced_day(day.day).festival is not None)


def test_the_hash_depends_on_days_and_kinds_alone() -> None:
    days = checked(whole_year(2026)).days
    assert digest(2026, days) == digest(2026, tuple(reversed(days)))
    assert digest(2026, days) != digest(2027, days)
    assert digest(2026, days) != digest(2026, days[1:])


def without(days: list[TableDay], *gone: date) -> list[TableDay]:
    return [day for day in days if day.day not in gone]


def test_a_table_that_cannot_be_true_is_refused_with_all_that_is_wrong() -> None:
    days = whole_year(2026)
    qingming = [day for day, name in statutory_days(2026).items() if name == "Tomb-sweeping Day"]
    bare = [day for day in days if day.name and day.name != "清明节"]
    assert "Tomb-sweeping Day" in refusal(bare)
    assert "2026-04-05" in refusal([*without(days, *qingming), *(TableDay(day=d, kind="workday") for d in qingming)])
    assert "another year" in refusal([*days, TableDay(day=date(2027, 1, 1), kind="rest")])
    assert "twice: 2026-01-01" in refusal([*days, days[0]])
    assert "no weekend: 2026-07-15" in refusal(
        [*without(days, date(2026, 7, 15)), TableDay(day=date(2026, 7, 15), kind="workday", name="国庆节")]
    )
    assert "notice and its number" in refusal(days, notice="  ")
    assert "dated 2023-11-04" in refusal(days, issued=date(2023, 11, 4))
    assert refusal([]).count("Spring Festival") == 1


CSV = "日期,类型,节日\n2026-01-01,放假,元旦\n2026/1/4,上班,元旦\n2026年2月17日,休,春节\n\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_of_the_office(encoding: str) -> None:
    assert [(day.day.isoformat(), day.kind, day.name) for day in read_days(CSV.encode(encoding))] == [
        ("2026-01-01", "rest", "元旦"), ("2026-01-04", "workday", "元旦"), ("2026-02-17", "rest", "春节"),
    ]  # fmt: skip


def test_csv_may_have_other_columns_or_no_heading() -> None:
    assert read_days(b"name,date,kind\nx,2026-01-01,rest\n")[0].name == "x"
    assert read_days(b"2026-01-01,rest\n") == [TableDay(day=date(2026, 1, 1), kind="rest")]


@pytest.mark.parametrize(
    "document",
    [
        {"days": [{"day": "2026-01-04", "kind": "workday", "name": "元旦"}]},
        {"year": 2026, "days": [{"date": "2026-01-04", "isOffDay": False, "name": "元旦"}]},
        [{"date": "2026-01-04", "kind": "班", "name": "元旦"}],
    ],
)
def test_json_is_read_as_ours_and_as_public_collections_write_it(document: object) -> None:
    assert read_days(orjson.dumps(document)) == [TableDay(day=date(2026, 1, 4), kind="workday", name="元旦")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no day"),
        (b"day,kind\n", "no day"),
        (b"2026-02-30,rest\n", "`2026-02-30` is not a date"),
        (b"2026-01-01,rest\n1.2.2026,rest\n", "line 2"),
        (b"2026-01-01,perhaps\n", "`perhaps`"),
        (b"{", "not JSON"),
        (b"{}", "no list"),
        (b"[1]", "no list"),
        (b'[{"date": "2026-01-01"}]', "neither rest nor workday"),
        (b'[{"kind": "rest"}]', "is not a date"),
        (b"\xff\xff\xff", "neither UTF-8"),
        (b" " * (LARGEST_BYTES + 1), "larger than"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_line(content: bytes, words: str) -> None:
    with pytest.raises(EntryRefused, match=words):
        read_days(content)
