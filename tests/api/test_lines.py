"""/lines: how the wires do, and the raw frames on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from facility.broker_health import BrokerHealth
from facility.bus import AlarmChanged, LinesMeasured, LinkStatus
from facility.bus.messages import AlarmLevel
from facility.line_health import LineHealth, UnitHealth
from facility.publish_health import PublishHealth
from facility.readings import to_us
from facility.site_file_events import ALARM, APPLIED, REFUSED
from facility.spool import Figures
from facility.strangers import Stranger
from facility.text import Text
from facility.wire_log import Direction
from tests.api.house import House, house_of

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


async def test_on_a_line_that_is_down_no_device_can_be_reached(house: House) -> None:
    house.bus.publish(LinesMeasured(lines=(measured(),)))
    found = []
    async with house.client() as viewer:
        for up in (False, True):
            house.bus.publish(LinkStatus(link="meters", device=None, up=up, at=NOW, detail="told"))
            line = (await viewer.get("/api/v1/lines")).json()["lines"][1]
            found.append([(unit["up"], unit["since"]) for unit in line["units"]])
    fallen = (False, "2026-07-15T12:00:00+08:00")
    assert found == [[fallen, fallen, (False, None)], [(None, None), (True, None), (False, None)]]


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
        broker = (await duty.get("/api/v1/lines/sensors/frames")).json()
    assert [(f["number"], f["direction"], f["data"], f["note"]) for f in answer["frames"]] == [
        (1, "sent", REQUEST.hex(), None),
        (2, "received", ANSWER.hex(), "bad checksum"),
    ]
    assert answer["frames"][0]["time"].startswith("2026-07-15T12:00:00")
    assert [frame["number"] for frame in later["frames"]] == [2]
    assert [frame["number"] for frame in newest["frames"]] == [2]
    assert (missing.status_code, wrong.status_code) == (404, 422)
    assert (silent["kept"], silent["frames"]) == (0, [])
    assert (broker["type"], broker["frames"], answer["type"]) == ("mqtt", [], "modbus_rtu_over_tcp")


async def test_frames_are_a_text_to_keep_that_tells_what_is_gone(house: House) -> None:
    ring = house.context.wire_log.ring("meters", 2)
    async with house.client("duty_room") as duty:
        empty = await duty.get("/api/v1/lines/meters/frames", params={"format": "text"})
        ring.record(to_us(NOW), Direction.SENT, REQUEST)
        ring.record(to_us(NOW) + 12_000, Direction.RECEIVED, ANSWER, "bad checksum")
        text = await duty.get("/api/v1/lines/meters/frames", params={"format": "text"})
        odd = await duty.get("/api/v1/lines/meters/frames", params={"format": "xml"})
    assert (empty.text, odd.status_code) == ("", 422)
    assert text.headers["content-disposition"] == 'attachment; filename="frames-meters.txt"'
    assert text.text.splitlines() == [
        "      1 2026-07-15T12:00:00.000000 → 0b 03 04 00 00 02 c5 91",
        "      2 2026-07-15T12:00:00.012000 ← 0b 03 04 00 00 00 00 01 03  ! bad checksum",
    ]


async def test_the_reckoned_budget_stands_beside_the_load_and_brokers_have_none(house: House) -> None:
    async with house.client() as viewer:
        lines = (await viewer.get("/api/v1/lines")).json()["lines"]
    budgets = {line["id"]: line["budget"] for line in lines}
    assert budgets["sensors"] is None
    meters = budgets["meters"]
    assert meters["points"] == sum(len(house.site.points_of_device(name)) for name in ("m-main", "m-401", "m-402"))
    assert meters["share"] == pytest.approx(sum(each["share"] for each in meters["periods"]) + meters["probe_share"])
    assert (meters["thinking_ms"], meters["limit"], meters["proposals"]) == (50.0, 0.8, [])
    assert [period["period_s"] for period in meters["periods"]] == sorted(
        period["period_s"] for period in meters["periods"]
    )


async def test_a_line_that_is_too_full_comes_with_proposals(tmp_path: Path) -> None:
    polls = {"fast_s": 0.2, "normal_s": 0.5, "slow_s": 60}
    async with house_of(tmp_path, polls=polls) as house, house.client() as viewer:
        lines = (await viewer.get("/api/v1/lines")).json()["lines"]
    budget = lines[1]["budget"]
    assert budget["share"] > budget["limit"]
    assert budget["proposals"]
    assert all(proposal["share"] <= budget["limit"] for proposal in budget["proposals"])
    assert all(proposal["text"]["zh"] and proposal["text"]["en"] for proposal in budget["proposals"])


async def test_a_broker_tells_what_came_and_who_is_unknown_but_raw_messages_to_the_duty_room_only(house: House) -> None:
    stranger = Stranger(
        link="sensors", id="th-499", topic="site/r499/climate", first=NOW, last=NOW, messages=1, sample='{"t": 0}'
    )
    broker = BrokerHealth(
        link="sensors", up=True, at=NOW, connections=1, messages=0, readings=0, refused={"retained": 2}, dropped={},
        unacknowledged=0, strangers=(stranger,),
    )  # fmt: skip
    house.bus.publish(LinesMeasured(lines=(), brokers=(broker,)))
    async with house.client() as viewer, house.client("duty_room") as duty:
        told = (await viewer.get("/api/v1/lines")).json()
        raw = (await duty.get("/api/v1/lines")).json()["lines"][2]["broker"]["strangers"][0]
    assert told["measured"] == "2026-07-15T12:00:00+08:00"
    sensors = told["lines"][2]
    assert (sensors["up"], sensors["load"], told["lines"][1]["broker"]) == (True, None, None)
    seen = sensors["broker"]["strangers"][0]
    assert (sensors["broker"]["messages"], sensors["broker"]["refused"]) == (0, {"retained": 2})
    assert (seen["id"], seen["sample"], raw["sample"]) == ("th-499", None, '{"t": 0}')
    assert 'topic: "site/r499/climate"' in seen["entry"]


@dataclass
class Writer:
    """A writer as it may stand."""

    away: bool = True
    waiting: int = 0
    capacity: int = 100
    refused: int = 0
    lost: int = 0
    spool: Figures | None = None


async def test_the_spool_is_told_with_its_classes_and_none_is_not_an_empty_one(house: House) -> None:
    spool = Figures(
        bytes=0, limit_bytes=100, waiting={"counter": 0}, dropped={"state": 3}, damaged=(Path("/x/counter-1.spool"),)
    )
    found: list[Any] = []
    async with house.client() as viewer:
        for writer in (None, Writer(), Writer(spool=spool)):
            house.context.store_writer = writer  # type: ignore[assignment]
            found.append((await viewer.get("/api/v1/lines")).json()["store"])
    assert found[0] is None
    assert (found[1]["away"], found[1]["waiting"], found[1]["spool"]) == (True, 0, None)
    assert found[2]["spool"] == {
        "bytes": 0, "limit_bytes": 100, "percent": 0.0, "oldest": None, "waiting": {"counter": 0},
        "dropped": {"state": 3}, "damaged": ["counter-1.spool"],
    }  # fmt: skip


async def test_what_is_published_is_told_only_where_something_is(house: House) -> None:
    spool = Figures(bytes=0, limit_bytes=100, waiting={})
    health = PublishHealth(
        link="sensors", up=None, at=NOW, published=0, refused=1, topics=0, spool=spool, lost=0,
        commands={"proposed": 2},
    )  # fmt: skip
    async with house.client() as viewer:
        before = (await viewer.get("/api/v1/lines")).json()["published"]
        house.bus.publish(LinesMeasured(lines=(), published=health))
        after = (await viewer.get("/api/v1/lines")).json()["published"]
    assert before is None
    assert (after["up"], after["published"], after["refused"], after["commands"]) == (None, 0, 1, {"proposed": 2})
    assert (after["spool"]["percent"], after["spool"]["oldest"]) == (0.0, None)


async def test_the_site_file_is_told_as_it_was_last_taken_over_or_not(house: House) -> None:
    problem = {"zh": "错误", "en": "a mistake"}
    async with house.client() as viewer:
        before = (await viewer.get("/api/v1/lines")).json()["site_file"]
        house.journal.record_event(APPLIED, None, NOW, {"lines": ["meters"]})
        house.journal.record_event(REFUSED, None, NOW, {"errors": 1, "problems": [problem]})
        text = Text("站点文件有错误", "the site file has mistakes")
        house.bus.publish(AlarmChanged(key=ALARM, active=True, level=AlarmLevel.WARNING, at=NOW, text=text))
        after = (await viewer.get("/api/v1/lines")).json()["site_file"]
    assert before == {"has_mistakes": False, "applied": None, "refused": None}
    at = "2026-07-15T12:00:00+08:00"
    assert after == {
        "has_mistakes": True,
        "applied": {"at": at, "lines": ["meters"]},
        "refused": {"at": at, "errors": 1, "problems": [problem]},
    }


async def test_prometheus_sees_every_line_and_nothing_that_is_not_known(house: House) -> None:
    async with house.client() as viewer:
        before = (await viewer.get("/api/v1/metrics")).text
        fresh = replace(measured(), link="plant", load=None, latency_p50_ms=None, latency_p95_ms=0.0, units=())
        house.bus.publish(LinesMeasured(lines=(measured(), fresh)))
        after = (await viewer.get("/api/v1/metrics")).text
    assert 'houqin_line_budget{line="meters"}' in before
    assert 'houqin_line_load{line="meters"}' not in before
    expected = {
        'houqin_line_load{line="meters"} 0.0', 'houqin_line_requests_total{line="meters"} 9.0',
        'houqin_line_errors_total{kind="NoAnswer",line="meters"} 9.0',
        'houqin_line_missed_cycles_total{line="meters"} 0.0', 'houqin_line_dropped_answers_total{line="meters"} 2.0',
        'houqin_line_latency_seconds{line="meters",quantile="0.95"} 0.0415',
        'houqin_line_unit_up{device="m-401",line="meters"} 1.0',
        'houqin_line_unit_up{device="m-402",line="meters"} 0.0',
    }  # fmt: skip
    assert expected <= set(after.splitlines())
    assert 'houqin_line_latency_seconds{line="plant",quantile="0.95"} 0.0' in after
    for unknown in ('device="m-main",line', 'load{line="plant"', 'line="plant",quantile="0.5"'):
        assert unknown not in after
