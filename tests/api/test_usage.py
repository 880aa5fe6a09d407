"""What was used: it adds up, gaps stay gaps, days are the site's days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.api.house import NOW, Counter, House, house_of, local
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

RATES = {"main-meter": 10.0, "meter-401": 3.0, "meter-402": 4.5}
"""kWh per hour; 2.5 of the main meter's are nobody's."""


def steady(
    rates: Mapping[str, float] = RATES, *, without: Mapping[str, tuple[float, float]] | None = None
) -> dict[str, Counter]:
    """Counters that rise evenly; `without` meter -> (from hour, to hour) in which it is silent."""
    silent = dict(without or {})

    def counter(meter: str, rate: float) -> Counter:
        first, last = silent.get(meter, (1.0, 0.0))
        return lambda hours: None if first < hours < last else 1000.0 + rate * hours

    return {f"{meter}.energy_import": counter(meter, rate) for meter, rate in rates.items()}


async def rows(house: House, question: str) -> dict[str, list[dict[str, Any]]]:
    """Usage rows by key."""
    async with house.client() as client:
        response = await client.get(f"/api/v1/usage?{question}")
    assert response.status_code == 200, response.text
    found: dict[str, list[dict[str, Any]]] = {}
    for row in response.json()["rows"]:
        found.setdefault(row["key"], []).append(row)
    return found


@pytest.mark.parametrize("every", ["hour", "day", "month", "total"])
async def test_offices_and_unallocated_are_the_main_meter_exactly(house: House, every: str) -> None:
    house.fill(local(2026, 7, 12), NOW, steady())
    question = f"start=2026-07-12&end=2026-07-16&every={every}"
    offices, meters = await rows(house, f"by=office&{question}"), await rows(house, f"by=meter&{question}")
    assert list(offices) == ["finance", "general", "unallocated"]
    for index, main in enumerate(meters["main-meter"]):
        assert sum(rows[index]["value"] for rows in offices.values()) == pytest.approx(main["value"], abs=1e-6)
    total = sum(row["value"] for row in meters["main-meter"])
    assert total == pytest.approx(10 * (72 + 10 + 1 / 3), abs=1e-6)
    assert offices["unallocated"][0]["name"] == {"zh": "未分摊", "en": "Unallocated"}


async def test_rows_are_local_days_and_the_running_one_ends_now(house: House) -> None:
    house.fill(local(2026, 7, 12), NOW, steady())
    finance = (await rows(house, "by=office&start=2026-07-13&end=2026-08-01&every=day"))["finance"]
    assert [(row["start"], row["end"], round(row["value"], 6)) for row in finance] == [
        ("2026-07-13T00:00:00+08:00", "2026-07-14T00:00:00+08:00", 72.0),
        ("2026-07-14T00:00:00+08:00", "2026-07-15T00:00:00+08:00", 72.0),
        ("2026-07-15T00:00:00+08:00", "2026-07-15T10:20:00+08:00", 31.0),
    ]
    assert [row["completeness"] for row in finance] == [1.0, 1.0, 1.0]


async def test_a_gap_is_null_and_not_zero_and_its_use_is_not_lost(house: House) -> None:
    """Silent from 06:00 to 20:00 of the 13th: the hours between are unknown, the day has its 72 kWh as a block."""
    house.fill(local(2026, 7, 13), NOW, steady(without={"meter-401": (6.0, 20.0)}))
    hours = (await rows(house, "by=meter&start=2026-07-13&end=2026-07-14&every=hour"))["meter-401"]
    assert [row["value"] for row in hours[6:20]] == [None] * 14
    assert [row["completeness"] for row in hours[6:20]] == [0.0] * 14
    assert hours[5]["value"] == pytest.approx(3.0)
    day = (await rows(house, "by=meter&start=2026-07-13&end=2026-07-14&every=day"))["meter-401"][0]
    assert day["value"] == pytest.approx(72.0)
    assert day["completeness"] == pytest.approx(10 / 24, abs=1e-6)


async def test_a_gap_across_midnight_is_in_the_month_though_in_no_day(house: House) -> None:
    house.fill(local(2026, 7, 12), NOW, steady(without={"meter-401": (20.0, 30.0)}))
    question = "by=meter&start=2026-07-12&end=2026-07-14"
    days = (await rows(house, f"{question}&every=day"))["meter-401"]
    assert [round(row["value"], 6) for row in days] == [60.0, 54.0]
    whole = (await rows(house, f"{question}&every=total"))["meter-401"][0]
    assert whole["value"] == pytest.approx(144.0)
    assert whole["completeness"] == pytest.approx(38 / 48, abs=1e-6)


async def test_a_short_silence_is_bridged_and_said_to_be_estimated(house: House) -> None:
    house.fill(local(2026, 7, 13), NOW, steady(without={"meter-401": (6.0, 6.5)}))
    hour = (await rows(house, "by=meter&start=2026-07-13T06:00&end=2026-07-13T07:00&every=hour"))["meter-401"][0]
    assert hour["value"] == pytest.approx(3.0)
    assert hour["estimated_share"] == pytest.approx(0.5, abs=0.1)
    assert hour["completeness"] < 1.0


async def test_zero_is_zero_and_nothing_known_is_null(house: House) -> None:
    house.fill(local(2026, 7, 14), NOW, steady({"meter-401": 0.0, "main-meter": 5.0}))
    found = await rows(house, "by=meter&start=2026-07-15")
    assert found["meter-401"][0]["value"] == 0.0
    assert found["meter-402"][0]["value"] is None
    assert found["meter-402"][0]["grade"] == "unknown"


async def test_a_medium_without_meters_has_no_rows_with_values(house: House) -> None:
    assert all(row["value"] is None for group in (await rows(house, "medium=water")).values() for row in group)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)])
async def test_the_days_of_a_change_of_daylight_saving_have_their_own_length(
    tmp_path: Path, day: str, hours: int
) -> None:
    """Berlin: 23 hours on 29 March, 25 on 25 October 2026; one kWh an hour."""
    zone = ZoneInfo("Europe/Berlin")
    year, month, number = (int(part) for part in day.split("-"))
    start = local(year, month, number, zone=zone)
    site = {**small_site_data()["site"], "timezone": "Europe/Berlin"}
    async with house_of(tmp_path, now=start + timedelta(days=5), site=site) as house:
        house.fill(start - timedelta(days=1), start + timedelta(days=3), steady({"main-meter": 1.0}), step_s=600)
        found = (await rows(house, f"by=meter&start={day}&end={day[:8]}{number + 1:02}&every=hour"))["main-meter"]
        assert len(found) == hours
        assert {round(row["value"], 6) for row in found} == {1.0}
        assert len({row["start"] for row in found}) == hours
        whole = (await rows(house, f"by=meter&start={day}&end={day[:8]}{number + 1:02}&every=day"))["main-meter"]
        assert [round(row["value"], 6) for row in whole] == [hours]


async def test_late_readings_of_a_gap_are_counted(house: House) -> None:
    """What is not complete is not remembered: a day that was filled in later is told anew."""
    house.fill(local(2026, 7, 13), NOW, steady(without={"meter-401": (6.0, 20.0)}))
    question = "by=meter&start=2026-07-13&end=2026-07-14&every=day"
    assert (await rows(house, question))["meter-401"][0]["completeness"] < 0.5
    house.fill(local(2026, 7, 13), NOW, steady({"meter-401": 3.0}))
    assert (await rows(house, question))["meter-401"][0]["completeness"] == 1.0


async def test_usage_as_csv_opens_in_excel_with_chinese(house: House) -> None:
    house.fill(local(2026, 7, 14), NOW, steady())
    async with house.client() as client:
        response = await client.get("/api/v1/usage?start=2026-07-14&end=2026-07-15&format=csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "key,name,start,end,value,completeness,estimated_share,grade,error,manual_share"
    key, name, start, _, value, completeness, *_ = lines[1].split(",")
    assert (key, name, start) == ("finance", "财务科", "2026-07-14T00:00:00+08:00")
    assert float(value) == pytest.approx(72.0)
    assert float(completeness) == 1.0
    assert response.headers["content-disposition"] == 'attachment; filename="usage-office-electricity.csv"'
