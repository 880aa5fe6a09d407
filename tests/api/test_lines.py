"""/lines: how the wires do, and the raw frames on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from facility.bus import LinesMeasured, LinkStatus
from facility.line_health import LineHealth, UnitHealth
from facility.readings import to_us
from facility.wire_log import Direction
from tests.api.house import House

pytestmark = pytest.mark.asyncio

NOW = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
REQUEST, ANSWER = bytes.fromhex("0b0304000002c591"), bytes.fromhex("0b0304000000000103")


def measured(**particulars: object) -> LineHealth:
    """How the meters' line does: one unit that answers, one that is dead, one nobody asked yet."""
    dead = UnitHealth(
        device="m-402", up=False, requests=9, errors={"NoAnswer": 9}, latency_p50_ms=None, latency_p95_ms=None,
        dead_since=NOW - timedelta(minutes=5), probe_at=NOW + timedelta(seconds=30),
    )  # fmt: skip
    well = UnitHealth(
        device="m-401", up=True, requests=0, errors={}, latency_p50_ms=0.0, latency_p95_ms=41.5, dead_since=None,
        probe_at=None,
    )  # fmt: skip
    return LineHealth(
        link="meters", up=True, at=NOW, requests=9, errors={"NoAnswer": 9}, missed=0, dropped_answers=2, load=0.0,
        latency_p50_ms=12.0, latency_p95_ms=41.5, units=(well, dead),
    )  # fmt: skip


async def test_before_the_gateway_told_nothing_is_measured_and_nothing_is_zero(house: House) -> None:
    async with house.client() as viewer:
        answer = (await viewer.get("/api/v1/lines")).json()
    assert answer["measured"] is None
    assert [line["id"] for line in answer["lines"]] == ["plant", "meters", "sensors"]
    meters = answer["lines"][1]
    assert (meters["endpoint"], meters["type"]) == ("127.0.0.1:1503", "modbus_rtu_over_tcp")
    assert {meters[key] for key in ("up", "load", "requests", "missed", "latency_p50_ms")} == {None}
    assert [(unit["device"], unit["place"], unit["up"]) for unit in meters["units"]] == [
        ("m-main", "1", None),
        ("m-401", "11", None),
        ("m-402", "12", None),
    ]
    assert answer["lines"][2]["units"][0]["place"] == "site/weather"


async def test_a_line_tells_its_load_its_errors_and_who_is_dead(house: House) -> None:
    house.bus.publish(LinkStatus(link="meters", device=None, up=True, at=NOW, detail="connected"))
    house.bus.publish(LinesMeasured(lines=(measured(),)))
    async with house.client() as viewer:
        answer = (await viewer.get("/api/v1/lines")).json()
    assert answer["measured"] == "2026-07-15T12:00:00+08:00"
    meters = answer["lines"][1]
    assert (meters["up"], meters["load"], meters["dropped_answers"]) == (True, 0.0, 2)
    units = {unit["device"]: unit for unit in meters["units"]}
    assert (units["m-401"]["up"], units["m-401"]["latency_p50_ms"], units["m-401"]["requests"]) == (True, 0.0, 0)
    assert units["m-402"]["errors"] == {"NoAnswer": 9}
    assert units["m-402"]["dead_since"] == "2026-07-15T11:55:00+08:00"
    assert units["m-main"]["requests"] is None


async def test_frames_are_for_the_duty_room_and_those_above_it(house: House) -> None:
    ring = house.context.wire_log.ring("meters", 10)
    ring.record(to_us(NOW), Direction.SENT, REQUEST)
    ring.record(to_us(NOW) + 12_000, Direction.RECEIVED, ANSWER, "bad checksum")
    async with house.client("viewer") as viewer, house.client("duty_room") as duty:
        assert (await viewer.get("/api/v1/lines/meters/frames")).status_code == 403
        answer = (await duty.get("/api/v1/lines/meters/frames")).json()
        later = (await duty.get("/api/v1/lines/meters/frames", params={"after": 1})).json()
        newest = (await duty.get("/api/v1/lines/meters/frames", params={"limit": 1})).json()
        missing = await duty.get("/api/v1/lines/nowhere/frames")
        wrong = await duty.get("/api/v1/lines/meters/frames", params={"limit": 0})
        silent = (await duty.get("/api/v1/lines/plant/frames")).json()
    assert [(f["number"], f["direction"], f["data"], f["note"]) for f in answer["frames"]] == [
        (1, "sent", REQUEST.hex(), None),
        (2, "received", ANSWER.hex(), "bad checksum"),
    ]
    assert answer["frames"][0]["time"].startswith("2026-07-15T12:00:00")
    assert [frame["number"] for frame in later["frames"]] == [2]
    assert [frame["number"] for frame in newest["frames"]] == [2]
    assert (missing.status_code, wrong.status_code) == (404, 422)
    assert (silent["kept"], silent["frames"]) == (0, [])
