"""History: readings as they are, or one row an interval with its gaps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from facility.readings import Batch, Status, to_us
from tests.api.house import House, local

pytestmark = pytest.mark.asyncio

EIGHT = local(2026, 7, 15, 8)


async def told(house: House, path: str) -> Any:
    async with house.client() as client:
        response = await client.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.text
    return response.json()


def stored(house: House, values: dict[int, float | None], point: str = "ac-401.room_temperature") -> None:
    """Readings at minutes after eight."""
    house.store.append(
        [
            Batch(
                time_us=to_us(EIGHT + timedelta(minutes=minute)),
                points=(point,),
                values=(value,),
                statuses=(Status.GOOD if value is not None else Status.TIMEOUT,),
            )
            for minute, value in values.items()
        ]
    )


async def test_raw_readings_come_as_they_were_taken_failures_too(house: House) -> None:
    stored(house, {0: 28.0, 1: None, 2: 0.0})
    found = await told(house, "points/ac-401.room_temperature/history?start=2026-07-15T08:00&end=2026-07-15T08:02:01")
    assert (found["id"], found["unit"], found["every_s"], found["aggregate"]) == (
        "ac-401.room_temperature", "Cel", None, None,
    )  # fmt: skip
    assert [(row["time"], row["value"], row["quality"], row["reason"]) for row in found["rows"]] == [
        ("2026-07-15T08:00:00+08:00", 28.0, "good", None),
        ("2026-07-15T08:01:00+08:00", None, "bad", "timeout"),
        ("2026-07-15T08:02:00+08:00", 0.0, "good", None),
    ]


async def test_means_are_weighted_by_time_and_a_gap_is_null(house: House) -> None:
    stored(house, {0: 20.0, 15: 30.0, 20: 30.0, 120: 25.0})
    found = await told(
        house, "points/ac-401.room_temperature/history?start=2026-07-15T08:00&end=2026-07-15T10:00&every=20m"
    )
    assert [row["value"] for row in found["rows"]] == [22.5, 30.0, None, None, None, None]
    assert [row["completeness"] for row in found["rows"]] == [1.0, 0.75, 0.0, 0.0, 0.0, 0.0]
    assert (found["aggregate"], found["every_s"]) == ("mean", 1200.0)


async def test_an_aggregate_alone_is_one_value_for_the_whole_time(house: House) -> None:
    stored(house, {0: 20.0, 15: 30.0})
    found = await told(
        house, "points/ac-401.room_temperature/history?start=2026-07-15T08:00&end=2026-07-15T08:20&aggregate=mean"
    )
    assert [(row["time"], row["value"]) for row in found["rows"]] == [("2026-07-15T08:00:00+08:00", 22.5)]
    assert (found["aggregate"], found["every_s"]) == ("mean", 1200.0)


async def test_states_carry_their_words(house: House) -> None:
    stored(house, {0: 1.0, 10: 0.0}, point="ac-401.on")
    raw = await told(house, "points/ac-401.on/history?start=2026-07-15T08:00")
    assert [row["state"] for row in raw["rows"]] == ["on", "off"]
    ran = await told(
        house,
        "points/ac-401.on/history?start=2026-07-15T08:00&end=2026-07-15T09:00&every=1h&aggregate=duration",
    )
    assert (ran["unit"], ran["rows"][0]["value"], ran["rows"][0]["state"]) == ("s", 600.0, None)


async def test_several_points_make_one_chart(house: House) -> None:
    stored(house, {0: 28.0})
    stored(house, {0: 26.0}, point="ac-401.setpoint")
    found = await told(
        house,
        "history?point=ac-401.room_temperature&point=ac-401.setpoint&start=2026-07-15T08:00&every=5m&aggregate=last",
    )
    assert [(item["id"], item["rows"][0]["value"]) for item in found] == [
        ("ac-401.room_temperature", 28.0), ("ac-401.setpoint", 26.0),
    ]  # fmt: skip


async def test_what_was_never_read_has_no_rows_or_empty_ones(house: House) -> None:
    path = "points/ac-402.setpoint/history?start=2026-07-15T08:00&end=2026-07-15T09:00"
    assert (await told(house, path))["rows"] == []
    assert [row["value"] for row in (await told(house, f"{path}&every=30m"))["rows"]] == [None, None]


async def test_history_as_csv_leaves_a_gap_empty(house: House) -> None:
    stored(house, {0: 28.0, 60: 0.0})
    async with house.client() as client:
        response = await client.get(
            "/api/v1/points/ac-401.room_temperature/history"
            "?start=2026-07-15T08:00&end=2026-07-15T09:15&every=15m&format=csv"
        )
    lines = response.content.decode("utf-8-sig").splitlines()
    values = [line.split(",")[1] for line in lines]
    assert values == ["value", "28.0", "", "", "", "0.0"]
