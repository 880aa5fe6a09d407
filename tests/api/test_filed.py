"""The monthly statement lists the filings that concerned the office, with their hours and what they cost."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import pytest_asyncio

from facility.commands import Actor, Role
from facility.filings import Filing, FilingKind, FilingState, Relaxation, Scope
from tests.api.books_house import books_house
from tests.api.house import House, local

pytestmark = pytest.mark.asyncio

HEAD = Actor(name="行政科长", role=Role.ADMIN_SECTION)


def filed(hour: float, end: float, **changes: Any) -> Filing:
    given: dict[str, Any] = {
        "id": 0, "kind": FilingKind.EXCEPTION, "state": FilingState.APPROVED, "applicant": HEAD,
        "filed_at": local(2026, 6, 30), "decided_by": HEAD, "decided_at": local(2026, 6, 30), "reason": "决算加班",
        "start": local(2026, 7, 4, int(hour)), "end": local(2026, 7, 4, int(end)), "office": "finance",
        "scope": Scope(spaces=frozenset({"r401"})), "relaxes": Relaxation(hours=True, holiday=True),
    }  # fmt: skip
    return Filing(**(given | changes))


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """401 and 402 run from 8 to 12 on every day of a week; the outdoor unit takes 4 kW; 4 July is a Saturday."""
    async with books_house(tmp_path) as made:
        asked = (filed(9, 12), filed(13, 14, relaxes=Relaxation(setpoint_min_cool_c=26.0)))
        assert isinstance(made.journal.filings.enter(asked, actor=HEAD, at=local(2026, 6, 30)), tuple)
        yield made


async def statement(house: House, office: str = "finance", **query: str) -> Any:
    async with house.client() as client:
        response = await client.get(f"/api/v1/statements/{office}/2026-07", params=query)
    assert response.status_code == 200, response.text
    return response


async def test_a_statement_lists_what_was_filed_its_hours_and_its_cost(house: House) -> None:
    first, second = (await statement(house)).json()["filings"]
    assert (first["id"], first["held_h"], first["beyond_h"], first["complete"]) == (1, 3.0, 3.0, True)
    assert first["energy_kwh"] == pytest.approx(3 * 4 / 2), "half of the outdoor unit's, for three hours"
    assert (first["places"]["zh"], first["begins"]) == ("r401", "2026-07-04T09:00:00+08:00")
    assert (second["energy_kwh"], second["held_h"], second["beyond_h"]) == (None, 1.0, 0.0)
    assert "时间段内" in second["why"]["zh"]
    assert (await statement(house, "general")).json()["filings"] == []


async def test_the_files_say_the_same(house: House) -> None:
    text = (await statement(house, format="csv", lang="zh")).content.decode("utf-8-sig")
    assert '备案 1 号 r401,6.0,kWh,"例外备案;时间段外供应、休息日供应;生效 3.00 h,时间段外 3.00 h"' in text
    assert "备案 2 号 r401,,kWh," in text
    book = ZipFile(io.BytesIO((await statement(house, format="xlsx", lang="en")).content))
    sheets = {name: book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")}
    assert any("within the window: not told apart" in sheet for sheet in sheets.values())
    assert any("without standby" in sheet for sheet in sheets.values())


async def test_a_closed_month_tells_them_as_they_were_closed(house: House) -> None:
    before = (await statement(house)).json()["filings"]
    async with house.client("administrator") as client:
        response = await client.post("/api/v1/months/2026-07/close", json={"reason": "月结"})
        assert response.status_code == 201, response.text
    house.journal.filings.enter([filed(8, 9, office="general")], actor=HEAD, at=local(2026, 8, 3))
    found = (await statement(house)).json()
    assert found["sha256"] == response.json()["sha256"]
    assert found["filings"] == before
