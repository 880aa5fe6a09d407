"""The monthly statement: days and items add up to the total; what is not known is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.api.house import NOW, Counter, House, house_of, local
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio


def line(rate: float) -> Counter:
    return lambda hours: 500.0 + rate * hours


def site_parts() -> dict[str, Any]:
    """The finance section gets an allowance, and a sub-meter for its air conditioning."""
    data = small_site_data()
    data["offices"][0]["quota"] = {"electricity_kwh_per_head_month": 120}
    data["devices"].append({"id": "m-401b", "profile": "chint_dtsu666", "link": "meters", "unit": 13})
    data["equipment"].append(
        {"id": "meter-401-ac", "kind": "electricity_meter", "device": "m-401b", "feeds": {"office": "finance"},
         "item": "air_conditioning", "parent": "meter-401"}
    )  # fmt: skip
    return {key: data[key] for key in ("offices", "devices", "equipment")}


@pytest_asyncio.fixture
async def metered(tmp_path: Path) -> AsyncIterator[House]:
    """Finance uses 3 kWh an hour, 2 of them for air conditioning."""
    async with house_of(tmp_path, **site_parts()) as house:
        rates = {"main-meter": 10.0, "meter-401": 3.0, "meter-401-ac": 2.0, "meter-402": 4.5}
        counters = {f"{meter}.energy_import": line(rate) for meter, rate in rates.items()}
        house.fill(local(2026, 6, 1), NOW, counters, step_s=600)
        yield house


async def told(house: House, path: str) -> dict[str, Any]:
    async with house.client() as client:
        response = await client.get(f"/api/v1/statements/{path}")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_days_and_items_add_up_to_the_total(metered: House) -> None:
    june = await told(metered, "finance/2026-06")
    assert (june["start"], june["end"]) == ("2026-06-01T00:00:00+08:00", "2026-07-01T00:00:00+08:00")
    assert june["finished"] is True
    assert june["total"] == pytest.approx(30 * 72.0)
    assert len(june["days"]) == 30
    assert sum(day["total"] for day in june["days"]) == pytest.approx(june["total"])
    items = {item["key"]: item["value"] for item in june["items"]}
    assert items == pytest.approx({"lighting_sockets": 720.0, "air_conditioning": 1440.0})
    assert june["days"][0]["items"] == pytest.approx({"lighting_sockets": 24.0, "air_conditioning": 48.0})
    assert (june["per_head"], june["per_m2"]) == (pytest.approx(360.0), pytest.approx(2160 / 41))
    assert june["quota"] == pytest.approx({"allowance_kwh": 720.0, "used_share": 3.0})
    assert (june["completeness"], june["estimated_share"]) == (pytest.approx(1.0), 0.0)


async def test_the_running_month_goes_up_to_now(metered: House) -> None:
    july = await told(metered, "finance/2026-07")
    assert (july["end"], july["finished"]) == ("2026-07-15T10:20:00+08:00", False)
    assert july["total"] == pytest.approx(3 * (14 * 24 + 10 + 1 / 3))
    assert len(july["days"]) == 15


async def test_the_statement_says_what_usage_says(metered: House) -> None:
    async with metered.client() as client:
        rows = (await client.get("/api/v1/usage?start=2026-06-01&end=2026-07-01&every=month")).json()["rows"]
    for office in ("finance", "general"):
        value = next(row["value"] for row in rows if row["key"] == office)
        assert (await told(metered, f"{office}/2026-06"))["total"] == pytest.approx(value)


async def test_a_month_before_anything_was_read_is_not_zero(metered: House) -> None:
    may = await told(metered, "finance/2026-05")
    assert (may["total"], may["per_head"], may["quota"]["used_share"], may["completeness"]) == (None, None, None, 0.0)
    assert {day["total"] for day in may["days"]} == {None}


async def test_the_statement_as_csv(metered: House) -> None:
    async with metered.client() as client:
        response = await client.get("/api/v1/statements/finance/2026-06?format=csv&lang=zh")
        english = await client.get("/api/v1/statements/finance/2026-06?format=csv&lang=en")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "财务科 2026-06 日期,合计 (kWh),照明插座 (kWh),空调 (kWh),数据完整率,估算占比"
    assert lines[1] == "2026-06-01,72.0,24.0,48.0,1.0,0.0"
    assert lines[31] == "全月,2160.0,720.0,1440.0,1.0,0.0"
    assert lines[32:37] == [
        "人均,360.0,kWh,平均用能人数 6", "每平方米,52.683,kWh,平均面积 41 平方米", "定额,720.0,kWh",
        "照明插座,720.0,kWh,01A00", "空调,1440.0,kWh,01B00",
    ]  # fmt: skip
    assert '电 折标煤(当量),265.464,kgce,"0.1229 kgce/kWh (2020, china)"' in lines
    assert "同比 合计 (%),,%,用量未知" in lines
    assert english.content.decode("utf-8-sig").startswith("Finance 2026-06 Day,Total (kWh)")
    assert response.headers["content-disposition"] == 'attachment; filename="statement-finance-2026-06.csv"'
