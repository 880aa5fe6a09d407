"""Large tables, workbooks, and what is told beside amounts."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

import api.services.usage as tables
from facility.readings import Batch, to_us
from tests.api.books_house import AUGUST, books_house, bureau_parts, counters, finance_day_kwh, line
from tests.api.house import NOW, House, house_of, local
from tests.api.test_usage import rows, steady
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

DAY = finance_day_kwh()


async def ask(house: House, path: str, role: str = "viewer") -> httpx.Response:
    async with house.client(role) as client:
        response = await client.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.text
    return response


def workbook(response: httpx.Response) -> openpyxl.Workbook:
    """The workbook of an answer, which holds no formula anywhere."""
    with zipfile.ZipFile(io.BytesIO(response.content)) as parts:
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name), name
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    return book


def lines(book: openpyxl.Workbook, sheet: str) -> list[tuple[Any, ...]]:
    return list(book[sheet].iter_rows(values_only=True))


async def test_a_table_in_stretches_says_what_it_says_in_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A silence across two stretches is told once; every row is what it was."""
    house.fill(local(2026, 7, 12), NOW, steady(without={"meter-401": (6.0, 20.0)}))
    question = "usage?by=office&start=2026-07-12&end=2026-07-15&every=hour"
    whole = (await ask(house, question)).json()
    monkeypatch.setattr(tables, "STRETCH_CELLS", 60)
    pieces = (await ask(house, question)).json()
    assert len(pieces["rows"]) == len(whole["rows"]) == 3 * 72
    by_key = {
        key: [row for row in pieces["rows"] if row["key"] == key] for key in ("finance", "general", "unallocated")
    }
    assert [row for column in by_key.values() for row in column] == whole["rows"]
    assert [row["key"] for row in pieces["rows"]] != [row["key"] for row in whole["rows"]]
    assert pieces["blocks"] == whole["blocks"]
    (block,) = whole["blocks"]
    assert (block["meter"], block["value"]) == ("meter-401", pytest.approx(42.0 + 1.0 / 6.0, abs=1.0))
    assert (block["start"], block["end"]) == ("2026-07-12T06:00:00+08:00", "2026-07-12T20:00:00+08:00")


async def test_the_event_loop_has_its_turn_while_a_table_is_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.fill(local(2026, 7, 12), NOW, steady())
    monkeypatch.setattr(tables, "STRETCH_CELLS", 30)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    question = "/api/v1/usage?start=2026-07-12&end=2026-07-15&every=hour"
    async with house.client() as client, client.stream("GET", question) as response:
        pieces = [piece async for piece in response.aiter_raw()]
    task.cancel()
    assert len(pieces) >= 1
    assert turns > 20


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
async def test_large_tables_are_few_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    house.fill(local(2026, 7, 14), NOW, steady())
    monkeypatch.setattr(tables, "LARGE_ROWS", 3)
    house.context.large_tables = tables.MAX_LARGE
    question = f"/api/v1/usage?start=2026-07-14&end=2026-07-15&format={form}"
    async with house.client() as client:
        refusal = await client.get(question)
        assert (refusal.status_code, refusal.json()["code"]) == (503, "too_many_tables")
        assert (await client.get(f"{question}&by=building&every=total")).status_code == 200, "two rows are not many"
        house.context.large_tables -= 1
        assert (await client.get(question)).status_code == 200
    assert house.context.large_tables == tables.MAX_LARGE - 1


async def test_more_rows_than_a_sheet_holds_are_refused_with_advice(tmp_path: Path) -> None:
    data = small_site_data()
    data["offices"] += [{"id": f"o{number}", "name": {"zh": f"科{number}"}} for number in range(200)]
    async with house_of(tmp_path, offices=data["offices"]) as house, house.client() as client:
        question = "/api/v1/usage?start=2025-07-01&end=2026-07-01&every=hour"
        response = await client.get(f"{question}&format=xlsx&lang=en")
        assert (response.status_code, response.json()["code"]) == (422, "range_too_large")
        assert "csv" in response.json()["hint"]["en"]
        late = await client.get("/api/v1/usage?start=2020-07-01&end=2026-07-01&every=hour")
        assert (late.status_code, late.json()["code"]) == (422, "range_too_large")


async def test_a_workbook_of_use_has_text_as_text_and_numbers_as_numbers(tmp_path: Path) -> None:
    parts = bureau_parts()
    parts["offices"][0]["name"] = {"zh": '=HYPERLINK("http://x")', "en": "+1"}
    async with house_of(tmp_path, now=AUGUST, **parts) as house:
        house.fill(local(2026, 7, 1), local(2026, 7, 3), counters(), step_s=600)
        book = workbook(await ask(house, "usage?by=office&start=2026-07-01&end=2026-07-05&every=day&format=xlsx"))
        found = lines(book, "用量")
        assert found[0][:5] == ("key", "name", "start", "end", "value")
        assert found[1][:2] == ("finance", '=HYPERLINK("http://x")')
        assert found[1][4] == pytest.approx(48.0 + 96.0 * 41 / 131), "by area: nobody heard of the units"
        assert found[4][4] is None, "nothing is known of the fourth of July"
        english = workbook(await ask(house, "usage?start=2026-07-01&end=2026-07-02&format=xlsx&lang=en"))
        assert lines(english, "Use")[1][1] == "+1"


async def test_a_statement_as_a_workbook_can_be_checked_by_hand(tmp_path: Path) -> None:
    async with books_house(tmp_path, tariffs={"electricity": "hunan_2025_single"}) as house:
        response = await ask(house, "statements/finance/2026-07?format=xlsx&lang=en")
        assert response.headers["content-disposition"] == 'attachment; filename="statement-finance-2026-07.xlsx"'
        book = workbook(response)
        assert book.sheetnames == [
            "Summary", "Days", "Air-conditioning split", "Filings", "Keeping to the rules", "Sources"
        ]  # fmt: skip
        days = lines(book, "Days")
        assert days[0][:2] == ("Day", "Total (kWh)")
        assert days[1][:2] == ("2026-07-01", DAY)
        assert days[8][1] is None
        split = lines(book, "Air-conditioning split")
        table = next(place for place, row in enumerate(split) if row[0] == "Start")
        head, first = split[table], split[table + 1]
        energy, fraction = first[head.index("Electricity (kWh)")], first[head.index("ac-401 fraction")]
        assert first[head.index("ac-401 kWh")] == pytest.approx(energy * fraction)
        assert first[head.index("ac-401 index")] / first[head.index("Index, all units")] == pytest.approx(fraction)
        assert any("GB/T 2589-2020" in str(row[6]) for row in lines(book, "Sources"))
        costs = {row[0]: row[1] for row in lines(book, "Summary")}
        assert costs["electricity cost"] == pytest.approx(7 * DAY * 0.75)
        chinese = workbook(await ask(house, "statements/finance/2026-07?format=xlsx&lang=zh"))
        assert chinese.sheetnames == ["汇总", "每日", "空调分摊", "备案", "制度执行", "来源"]


TABLES = [
    "meters", "meters/meter-401/readings?start=2026-07-01", "held-jumps", "balance", "tariffs", "tariffs/prices",
    "factors", "bills", "quotas", "offices/finance/headcounts", "offices/finance/areas", "offices/finance/quotas",
    "months", "air-conditioning/vrf-1/2026-07", "usage", "statements/finance/2026-07",
]  # fmt: skip


async def test_every_table_is_also_a_csv_file_and_a_workbook(tmp_path: Path) -> None:
    async with books_house(tmp_path) as house:
        await enter(house, "offices/finance/headcounts", {"since": "2026-07-01", "people": 6, "reason": "=1+1"})
        for path in TABLES:
            sign = "&" if "?" in path else "?"
            csv = await ask(house, f"{path}{sign}format=csv")
            assert csv.content.startswith(b"\xef\xbb\xbf"), path
            assert csv.headers["content-disposition"].endswith('.csv"'), path
            book = workbook(await ask(house, f"{path}{sign}format=xlsx"))
            assert len(book.sheetnames) >= 1, path
        told = (await ask(house, "offices/finance/headcounts?format=csv")).text
        assert ",'=1+1," in told
        book = workbook(await ask(house, "offices/finance/headcounts?format=xlsx&lang=en"))
        assert "=1+1" in lines(book, "Headcounts")[1]


async def enter(house: House, path: str, body: dict[str, Any]) -> None:
    async with house.client("administrator") as client:
        response = await client.post(f"/api/v1/{path}", json=body)
    assert response.status_code == 201, response.text


async def test_cost_is_by_the_hour_and_says_when_it_is_not_all(tmp_path: Path) -> None:
    async with books_house(tmp_path, tariffs={"electricity": "hunan_2025"}) as house:
        question = "usage?by=office&start=2026-07-06&end=2026-07-09&with=cost"
        hours = (await ask(house, f"{question}&every=hour")).json()
        days = (await ask(house, f"{question}&every=day")).json()
        finance = [row for row in days["rows"] if row["key"] == "finance"]
        by_hour = [row["cost_yuan"] for row in hours["rows"] if row["key"] == "finance"]
        assert finance[0]["cost_yuan"] == pytest.approx(sum(by_hour[:24]), abs=0.01)
        assert [row["cost_complete"] for row in finance] == [True, True, False]
        assert (finance[2]["value"], finance[2]["cost_yuan"]) == (None, None)
        assert len(set(by_hour[:24])) > 1, "the price differs by the hour"
        assert days["costs"]["tariffs"] == ["hunan_2025@2025-08-01"]
        assert days["costs"]["notes"]
        statement = (await ask(house, "statements/finance/2026-07")).json()
        month = (await ask(house, "usage?by=office&start=2026-07-01&end=2026-08-01&every=month&with=cost")).json()
        cost = statement["media"][0]["cost"]
        assert month["rows"][0]["cost_yuan"] == pytest.approx(cost["total_yuan"], abs=0.02)
        assert (month["rows"][0]["cost_complete"], cost["complete"]) == (False, False)


async def test_without_a_tariff_there_is_no_cost(house: House) -> None:
    house.fill(local(2026, 7, 12), NOW, steady())
    found = (await ask(house, "usage?start=2026-07-13&end=2026-07-14&with=cost")).json()
    assert {(row["cost_yuan"], row["cost_complete"]) for row in found["rows"]} == {(None, False)}
    assert found["costs"] == {"currency": "CNY", "tariffs": [], "notes": []}


async def test_coal_of_both_kinds_stays_apart_and_names_its_factor(tmp_path: Path) -> None:
    async with books_house(tmp_path, region="上海") as house:
        found = (await ask(house, "usage?start=2026-07-02&end=2026-07-03&with=coal,co2")).json()
        row = found["rows"][0]
        coal, equivalent = found["factors"]["coal_kgce"]["2026"], found["factors"]["coal_equivalent_kgce"]["2026"]
        assert row["coal_kgce"] == pytest.approx(DAY * 0.1229)
        assert coal["factor"]["value"] == 0.1229
        assert row["coal_equivalent_kgce"] == pytest.approx(DAY * equivalent["factor"]["value"])
        assert (coal["factor"]["kind"], equivalent["factor"]["kind"]) == ("calorific", "equivalent")
        assert row["co2_kg"] == pytest.approx(DAY * found["factors"]["co2_kg"]["2026"]["factor"]["value"])
        assert all(found["factors"][name]["2026"]["factor"]["source"] for name in found["factors"])
        water = (await ask(house, "usage?medium=water&with=coal")).json()
        assert water["rows"] == []


async def test_comparison_shows_both_values_and_both_denominators(tmp_path: Path) -> None:
    async with house_of(tmp_path, now=local(2026, 7, 20)) as house:
        for year, rate in ((2025, 2.0), (2026, 3.0)):
            house.fill(local(year, 7, 13), local(year, 7, 16), {"meter-401.energy_import": line(rate)}, step_s=600)
        await enter(house, "offices/finance/headcounts", {"since": "2026-01-01", "people": 12, "reason": "调入"})
        question = "usage?by=office&start=2026-07-13&end=2026-07-15&every=day&with=comparison"
        first, second = [row for row in (await ask(house, question)).json()["rows"] if row["key"] == "finance"]
        assert (first["value"], first["year_before_value"]) == (pytest.approx(72.0), pytest.approx(48.0))
        assert first["year_before_change_percent"] == pytest.approx(50.0)
        assert (first["before_value"], first["before_change_percent"], first["before_completeness"]) == (
            None,
            None,
            0.0,
        )
        assert (second["before_value"], second["before_change_percent"]) == (pytest.approx(72.0), 0.0)
        assert (first["people"], first["year_before_people"], first["area_m2"]) == (12.0, 6.0, 41.0)
        meters = (await ask(house, question.replace("office", "meter"))).json()["rows"]
        assert "people" not in meters[0]
        assert "year_before_value" in meters[0]


async def test_a_change_from_nothing_has_no_percentage(tmp_path: Path) -> None:
    async with house_of(tmp_path, now=local(2026, 7, 20)) as house:
        house.fill(local(2026, 7, 13), local(2026, 7, 14), {"meter-401.energy_import": line(0.0)}, step_s=600)
        house.fill(local(2026, 7, 14, 0, 10), local(2026, 7, 15), {"meter-401.energy_import": line(3.0)}, step_s=600)
        question = "usage?by=meter&start=2026-07-14&end=2026-07-15&every=day&with=comparison"
        row = next(row for row in (await ask(house, question)).json()["rows"] if row["key"] == "meter-401")
        assert (row["before_value"], row["before_change_percent"]) == (0.0, None)
        assert "inf" not in (await ask(house, f"{question}&format=csv")).text


@pytest.mark.parametrize("words", ["money", "cost,money", "quota", "quota&every=day", "quota&by=meter&every=month"])
async def test_what_cannot_be_told_beside_amounts_is_refused(house: House, words: str) -> None:
    async with house.client() as client:
        response = await client.get(f"/api/v1/usage?with={words}")
    assert (response.status_code, response.json()["code"]) == (422, "wrong_with")
    assert response.json()["fields"][0]["where"] == "query.with"


async def test_readings_that_come_late_are_reckoned_in(house: House) -> None:
    """Late readings pass on the bus: what the book kept of that day is dropped."""
    house.fill(local(2026, 7, 13), NOW, steady(without={"meter-401": (6.0, 20.0)}))
    forgotten: list[None] = []
    forget = house.context.books.forget

    def watched() -> None:
        forgotten.append(None)
        forget()

    house.context.books.forget = watched  # type: ignore[method-assign]
    await rows(house, "by=meter")
    before = len(forgotten)
    house.tell(NOW, {"meter-401.energy_import": 1200.0})
    await rows(house, "by=meter")
    assert len(forgotten) == before
    house.tell(local(2026, 7, 13, 8), {"meter-401.energy_import": 1024.0})
    await rows(house, "by=meter")
    assert len(forgotten) > before


async def test_todays_use_is_asked_of_the_book_once_a_minute(house: House) -> None:
    house.fill(local(2026, 7, 15), NOW, {"main-meter.energy_import": line(6.0)})
    asked: list[None] = []
    account = house.context.books.account

    def watched(meter: str, edges_us: Any) -> Any:
        asked.append(None)
        return account(meter, edges_us)

    house.context.books.account = watched  # type: ignore[method-assign]
    first = (await ask(house, "board")).json()["use_today"]
    assert first["value"] == pytest.approx(6.0 * (10 + 1 / 3))
    for _ in range(3):
        assert (await ask(house, "board")).json()["use_today"] == first
    assert len(asked) == 1
    batch = Batch(time_us=to_us(NOW) + 60_000_000, points=("main-meter.energy_import",), values=(1062.1,))
    house.store.append([batch])
    house.clock.advance(60)
    assert (await ask(house, "board")).json()["use_today"]["value"] == pytest.approx(62.1)
    assert len(asked) == 2
