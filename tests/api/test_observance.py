"""Minutes of broken rules and evening lists over HTTP: summed up, in detail, ticked off, and on the statement."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from facility.observance import Rule
from tests.api.house import House, house_of, local
from tests.facility.journal.test_observance import DAY, EVENING, ITEM, LIST, NEXT, ROW

pytestmark = pytest.mark.asyncio

MONTH = {"start": "2026-07-01", "end": "2026-08-01"}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The bureau on a Thursday evening, with yesterday's rows, today's, and yesterday's list."""
    async with house_of(tmp_path, now=local(2026, 7, 16, 18)) as made:
        general = replace(ROW, office="general", equipment="ac-402", rule=Rule.SETPOINT, clause="AC-03",
                          judged_minutes=100, broken_minutes=0, filed_minutes=30, times=0, spans=())  # fmt: skip
        records = made.journal.observance
        nobody = replace(ROW, office=None, equipment="gone", broken_minutes=5)
        records.put_day(DAY, [ROW, general, nobody], reckoned=EVENING, until=EVENING)
        unknown = replace(ROW, day=NEXT, judged_minutes=60, broken_minutes=0, unknown_minutes=60, times=0, spans=())
        later = EVENING + timedelta(days=1)
        records.put_day(NEXT, [unknown], reckoned=later, until=later)
        records.put_patrol(LIST)
        yield made


async def get(house: House, path: str, role: str = "viewer", **query: str) -> Any:
    async with house.client(role) as client:
        answer = await client.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_rows_are_summed_up_by_office_and_what_is_not_known_is_no_share(house: House) -> None:
    found = await get(house, "/observance", **MONTH)
    assert [(row["key"], row["rule"], row["judged_minutes"], row["broken_minutes"]) for row in found["rows"]] == [
        ("finance", "hours", 960, 28), ("general", "setpoint", 100, 0), ("", "hours", 900, 5),
    ]  # fmt: skip
    first, second, third = found["rows"]
    assert first["unknown_minutes"] == 64
    assert first["kept_share"] == pytest.approx(1 - 28 / (960 - 64))
    assert (second["filed_minutes"], second["clauses"]) == (30, ["AC-03"])
    assert third["name"] == {"zh": "无归属", "en": "nobody's"}
    assert found["reckoned_until"].startswith("2026-07-16T17:15")
    assert found["days_missing"] == []


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("rule", {"hours", "setpoint"}),
        ("day", {"2026-07-15", "2026-07-16"}),
        ("equipment", {"ac-401", "ac-402", "gone"}),
    ],
)
async def test_or_by_rule_day_and_equipment(house: House, by: str, keys: set[str]) -> None:
    found = await get(house, "/observance", by=by, **MONTH)
    assert {row["key"] for row in found["rows"]} == keys
    only = await get(house, "/observance", by="day", office="finance", **MONTH)
    today = next(row for row in only["rows"] if row["key"] == "2026-07-16")
    assert (today["broken_minutes"], today["unknown_minutes"], today["kept_share"]) == (0, 60, None)


async def test_details_say_where_and_when(house: House) -> None:
    found = (await get(house, "/observance/details", office="finance", rule="hours", **MONTH))["rows"]
    assert [(row["day"], row["equipment"], row["broken_minutes"]) for row in found] == [("2026-07-15", "ac-401", 28)]
    assert found[0]["spans"] == [{"start": "2026-07-15T17:15:00+08:00", "end": "2026-07-15T17:43:00+08:00"}]


async def test_tables_come_as_csv_and_workbook(house: House) -> None:
    async with house.client() as client:
        answer = await client.get("/api/v1/observance", params={**MONTH, "format": "csv", "lang": "en"})
        book = await client.get("/api/v1/observance", params={**MONTH, "format": "xlsx"})
        items = await client.get("/api/v1/patrols/2026-07-15", params={"format": "csv", "lang": "zh"})
    lines = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [(line["key"], line["broken_minutes"]) for line in lines] == [
        ("finance", "28"), ("general", "0"), ("", "5"),
    ]  # fmt: skip
    assert book.content[:2] == b"PK"
    assert "未关" in items.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"start": "2026-08-01", "end": "2026-07-01"}, 422),
        ({"start": "2020-01-01", "end": "2026-07-01"}, 422),
        ({"start": "2026-07-01", "end": "2026-08-01", "office": "nobody"}, 404),
        ({"start": "July"}, 422),
        ({"by": "weather"}, 422),
        ({"end": "0001-01-05"}, 422),
        ({"start": "0001-01-01", "end": "0001-01-31"}, 422),
        ({"end": "9999-12-31"}, 422),
    ],
)
async def test_a_question_that_makes_no_sense_is_told(house: House, query: dict[str, str], status: int) -> None:
    async with house.client() as client:
        answer = await client.get("/api/v1/observance", params=query)
    assert answer.status_code == status, answer.text
    assert answer.json()["text"]["zh"]


@pytest.mark.parametrize("path", ["/observance/details", "/patrols", "/observance"])
@pytest.mark.parametrize("end", ["0001-01-01", "1970-12-31", "9999-12-31"])
async def test_days_at_the_ends_of_the_calendar_are_refused(house: House, path: str, end: str) -> None:
    async with house.client() as client:
        assert (await client.get(f"/api/v1{path}", params={"end": end})).status_code == 422


async def test_past_days_that_were_not_reckoned_are_named(house: House) -> None:
    house.clock.move_to(local(2026, 7, 19, 9))
    found = await get(house, "/observance", start="2026-07-10", end="2026-07-20")
    assert found["days_missing"] == ["2026-07-17", "2026-07-18"]


async def test_the_duty_room_ticks_off_and_it_is_kept(house: House) -> None:
    before = await get(house, "/patrols/2026-07-15")
    assert (before["left"], len(before["items"])) == (2, 2)
    async with house.client("duty_room") as client:
        answer = await client.post("/api/v1/patrols/2026-07-15/ticks", json={"item": ITEM.key, "note": " 已关\n灯 "})
    assert answer.status_code == 201, answer.text
    after = await get(house, "/patrols/2026-07-15")
    assert after == answer.json()
    assert after["left"] == 1
    assert [(tick["by"], tick["note"]) for tick in after["items"][0]["ticks"]] == [("the duty_room", "已关 灯")]
    assert house.journal.audits()[0].action == "patrol"
    assert [row["day"] for row in (await get(house, "/patrols"))["rows"]] == ["2026-07-15"]


@pytest.mark.parametrize(
    ("role", "day", "body", "status"),
    [
        ("section_operator", "2026-07-15", {"item": ITEM.key}, 403),
        ("viewer", "2026-07-15", {"item": ITEM.key}, 403),
        ("duty_room", "2026-07-14", {"item": ITEM.key}, 404),
        ("duty_room", "2026-07-15", {"item": "unit:nothing"}, 404),
        ("duty_room", "2026-07-15", {"item": ""}, 422),
        ("duty_room", "today", {"item": ITEM.key}, 422),
        ("duty_room", "2026-07-15", {"item": ITEM.key, "by": "somebody else"}, 422),
    ],
)
async def test_who_may_not_and_what_is_not_there(
    house: House, role: str, day: str, body: dict[str, str], status: int
) -> None:
    async with house.client(role) as client:
        answer = await client.post(f"/api/v1/patrols/{day}/ticks", json=body)
    assert answer.status_code == status, answer.text
    assert house.journal.observance.patrols(DAY, NEXT)[0].ticks == ()


async def test_who_may_not_tick_is_told_before_anything_is_looked_at(house: House) -> None:
    async with house.client("section_operator") as client:
        for day in ("2026-07-15", "no-day"):
            assert (await client.post(f"/api/v1/patrols/{day}/ticks", content=b"{")).status_code == 403


async def test_a_day_without_a_list_is_told(house: House) -> None:
    async with house.client() as client:
        assert (await client.get("/api/v1/patrols/2026-07-14")).status_code == 404


async def test_the_statement_tells_how_the_rules_were_kept(house: House) -> None:
    told = await get(house, "/statements/finance/2026-07")
    assert [(row["rule"], row["broken_minutes"], row["times"]) for row in told["observance"]] == [("hours", 28, 1)]
    async with house.client() as client:
        answer = await client.get("/api/v1/statements/finance/2026-07", params={"format": "csv", "lang": "en"})
        book = await client.get("/api/v1/statements/finance/2026-07", params={"format": "xlsx"})
    assert "Running out of hours,28,min," in answer.text
    assert book.content[:2] == b"PK"
