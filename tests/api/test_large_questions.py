"""Ten years at one second are refused with a hint, before a reading is touched (FT-43)."""

from __future__ import annotations

import pytest

from tests.api.house import House

HISTORY = "/api/v1/points/ac-401.room_temperature/history?start=2016-01-01T00:00&end=2026-01-01T00:00"


@pytest.mark.asyncio
@pytest.mark.parametrize("query", ["", "&every=1s", "&every=1s&aggregate=max"])
async def test_ten_years_at_one_second_are_refused_with_a_hint(house: House, query: str) -> None:
    house.store.close()  # whoever touches it fails with another status
    async with house.client() as client:
        response = await client.get(HISTORY + query)
    assert response.status_code == 422, response.text
    assert response.json()["hint"]["en"]


@pytest.mark.asyncio
async def test_ten_years_by_the_day_are_answered(house: House) -> None:
    async with house.client() as client:
        response = await client.get(HISTORY + "&every=1d")
    assert response.status_code == 200, response.text
    assert len(response.json()["rows"]) == 3653
