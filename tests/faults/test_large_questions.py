"""Questions whose answer nobody could use: refused before anything is read, with what to ask instead (FT-43)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api.house import house_of

pytestmark = pytest.mark.asyncio

TEN_YEARS = "start=2016-07-15&end=2026-07-15"
POINT = "/api/v1/points/meter-401.power/history"


SECOND_BY_SECOND = (
    f"{POINT}?{TEN_YEARS}&every=1s",
    f"{POINT}?{TEN_YEARS}&every=30s&aggregate=max",
    f"/api/v1/history?point=meter-401.power&point=meter-402.power&{TEN_YEARS}&every=1s",
)


async def refused(tmp_path: Path, *paths: str) -> list[Any]:
    """The refusals of a building that cannot read anything meanwhile."""
    found = []
    async with house_of(tmp_path) as house:
        house.store.close()
        async with house.client() as client:
            for path in paths:
                response = await client.get(path)
                assert response.status_code == 422, response.text[:200]
                found.append(response.json())
    return found


async def test_ten_years_second_by_second_are_refused_with_a_hint(tmp_path: Path) -> None:
    for problem in await refused(tmp_path, *SECOND_BY_SECOND):
        assert problem["code"] == "range_too_large"
        assert "`every`" in problem["hint"]["en"]
        assert "every" in problem["hint"]["zh"]


async def test_ten_years_of_raw_readings_are_refused_with_a_hint(tmp_path: Path) -> None:
    (problem,) = await refused(tmp_path, f"{POINT}?{TEN_YEARS}")
    assert problem["code"] == "range_too_large"
    assert "every=5m" in problem["hint"]["en"]
    assert "every=5m" in problem["hint"]["zh"]


async def test_ten_years_day_by_day_are_answered(tmp_path: Path) -> None:
    async with house_of(tmp_path) as house, house.client() as client:
        response = await client.get(f"{POINT}?{TEN_YEARS}&every=1d")
    assert response.status_code == 200
    assert len(response.json()["rows"]) == 3652
