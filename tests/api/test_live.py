"""Live values with their age and quality, the board, and the stream of what changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.services.live import Live, live_changes
from facility.bus import AlarmChanged, DecisionMade, SupplyStated
from facility.bus.messages import AlarmLevel, SupplyState
from facility.commands import Wish
from facility.decisions import Decision, Effect, Input, Reason
from facility.text import Text
from tests.api.house import NOW, House

pytestmark = pytest.mark.asyncio

REASON = Reason(
    rule="cooling-stop-measured",
    effect=Effect.FORBID,
    text=Text("室外 29.4 ℃", "29.4 C outdoors"),
    clause="AC-06",
    quote="室外温度达到30℃以上方可开启冷气",
    inputs=(Input(point="weather.temperature", value=29.4, source="sensor", time=NOW, age_s=120),),
)


def decision(equipment: str = "ac-401", hour: int = 0) -> Decision:
    return Decision(
        equipment=equipment,
        time=NOW - timedelta(hours=hour),
        wanted=Wish(on=False),
        effective=Wish(on=True),
        slot=12,
        reasons=(REASON,),
        sentence=Text("室外 29.4 ℃,停止供冷。", "29.4 C outdoors: no cooling."),
    )


def supply(outdoor: float | None = 29.4) -> SupplyStated:
    return SupplyStated(
        at=NOW,
        cooling=SupplyState(permitted=False, sentence=Text("不供冷", "no cooling"), reasons=(REASON,)),
        heating=SupplyState(permitted=False, sentence=Text("不供热", "no heating"), reasons=()),
        outdoor=None if outdoor is None else Input(point="weather.temperature", value=outdoor, source="sensor"),
    )


async def points(house: House, question: str = "") -> dict[str, dict[str, Any]]:
    async with house.client() as client:
        response = await client.get(f"/api/v1/live{question}")
    return {point["id"]: point for point in response.json()["points"]}


async def test_a_value_has_its_age_and_quality(house: House) -> None:
    house.tell(NOW - timedelta(seconds=2.1), {"ac-401.room_temperature": 28.4, "meter-401.power": 0.0})
    found = await points(house, "?equipment=ac-401")
    point = found["ac-401.room_temperature"]
    assert (point["value"], point["unit"], point["age_s"], point["quality"]) == (28.4, "Cel", 2.1, "good")
    assert (point["reason"], point["stale"], point["time"]) == (None, False, "2026-07-15T10:19:57.900000+08:00")
    assert (await points(house))["meter-401.power"]["value"] == 0.0


async def test_what_never_spoke_failed_or_is_old_says_so(house: House) -> None:
    house.tell(NOW - timedelta(hours=1), {"ac-401.on": 1.0})
    house.tell(NOW, {"ac-402.on": None})
    found = await points(house)
    assert (found["ac-401.on"]["state"], found["ac-401.on"]["stale"]) == ("on", True)
    assert (found["ac-402.on"]["value"], found["ac-402.on"]["reason"]) == (None, "timeout")
    assert (found["ac-archive.on"]["reason"], found["ac-archive.on"]["time"]) == ("never_read", None)


async def test_an_office_has_its_own_points_only(house: House) -> None:
    equipment = {point.rsplit(".", 1)[0] for point in await points(house, "?office=finance")}
    assert equipment == {"ac-401", "meter-401", "climate-401", "window-401", "presence-401"}
    assert await points(house, "?office=finance&equipment=ac-402") == {}


async def test_the_board_shows_supply_power_and_every_offices_units(house: House) -> None:
    house.bus.publish(supply())
    house.bus.publish(DecisionMade(decision=decision()))
    alarm = AlarmChanged(key="k", active=True, level=AlarmLevel.SERIOUS, at=NOW, text=Text("坏", "bad"))
    house.bus.publish(alarm)
    house.tell(NOW, {"ac-401.on": 1.0, "ac-401.mode": 0.0, "ac-401.setpoint": 28.0, "ac-401.room_temperature": 29.0})
    house.tell(NOW, {"climate-401.temperature": 28.2, "main-meter.power": 12.5, "meter-401.power": 0.0})
    async with house.client() as client:
        board = (await client.get("/api/v1/board")).json()
    assert (board["cooling"]["permitted"], board["cooling"]["clause"]) == (False, "AC-06")
    assert (board["outdoor"]["value"], board["power"]["value"], board["running"]) == (29.4, 12.5, 1)
    assert [alarm["level"] for alarm in board["alarms"]] == ["serious"]
    finance, general = board["offices"]
    assert (finance["id"], finance["power"]["value"], general["power"]["value"]) == ("finance", 0.0, None)
    unit = finance["units"][0]
    assert (unit["on"], unit["mode"], unit["setpoint_c"], unit["room_temperature_c"]) == (True, "cool", 28.0, 28.2)
    assert unit["sentence"]["zh"] == "室外 29.4 ℃,停止供冷。"
    assert [unit["id"] for unit in general["units"]] == ["ac-402", "ac-archive"]
    assert general["units"][0]["on"] is None
    assert general["units"][0]["reachable"] is False


async def test_an_alarm_that_returned_to_normal_is_off_the_board(house: House) -> None:
    for active in (True, True, False):
        house.bus.publish(
            AlarmChanged(key="k", active=active, level=AlarmLevel.INFO, at=house.clock.now(), text=Text("坏", "bad"))
        )
        house.clock.advance(60)
    assert house.context.latest.active_alarms() == []
    async with house.client() as client:
        await house.recorder.flush()
        found = (await client.get("/api/v1/alarms")).json()["rows"]
    assert [(row["since"], row["until"]) for row in found] == [
        ("2026-07-15T10:20:00+08:00", "2026-07-15T10:22:00+08:00")
    ]


async def test_decisions_are_told_with_their_reasons_and_survive_a_restart(house: House) -> None:
    for hour in (2, 1, 0):
        house.bus.publish(DecisionMade(decision=decision(hour=hour)))
    await house.recorder.flush()
    house.context.latest.decisions.clear()
    await house.context.seed()
    async with house.client() as client:
        latest = (await client.get("/api/v1/equipment/ac-401/decision")).json()
        past = (
            await client.get("/api/v1/decisions?equipment=ac-401&start=2026-07-15T08:30&end=2026-07-15T10:00")
        ).json()
    assert latest["time"] == "2026-07-15T10:20:00+08:00"
    assert latest["wanted"] == {"on": False, "mode": None, "setpoint_c": None, "fan": None}
    assert latest["reasons"][0]["clause"] == "AC-06"
    assert latest["reasons"][0]["inputs"][0]["value"] == 29.4
    assert [row["time"] for row in past["rows"]] == ["2026-07-15T09:20:00+08:00"]


async def test_the_stream_tells_all_once_and_then_only_what_changed(house: House) -> None:
    house.tell(NOW, {"ac-401.on": 0.0, "ac-401.setpoint": 28.0})
    stream = live_changes(house.context, equipment="ac-401", ping_s=5)
    first = await anext(stream)
    assert isinstance(first, Live)
    assert {point.id for point in first.points} == {"ac-401.on", "ac-401.setpoint"}
    house.tell(NOW, {"ac-402.on": 1.0})
    house.tell(NOW + timedelta(seconds=2), {"ac-401.on": 1.0, "ac-401.setpoint": 28.0})
    house.tell(NOW + timedelta(seconds=4), {"ac-401.on": 1.0, "ac-401.setpoint": None})
    second = await anext(stream)
    assert isinstance(second, Live)
    assert {point.id: point.value for point in second.points} == {"ac-401.on": 1.0, "ac-401.setpoint": None}
    await stream.aclose()


async def test_a_quiet_stream_gives_signs_of_life_and_ends_when_the_api_stops(house: House) -> None:
    stream = live_changes(house.context, ping_s=0.01)
    assert isinstance(await anext(stream), Live)
    assert await anext(stream) is None
    house.context.stop_streams()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_reader_that_does_not_read_costs_one_entry_a_point(house: House) -> None:
    stream = live_changes(house.context, equipment="ac-401", ping_s=5)
    await anext(stream)
    for second in range(5000):
        house.tell(NOW + timedelta(seconds=second), {"ac-401.setpoint": 20.0 + second % 10})
    change = await anext(stream)
    assert isinstance(change, Live)
    assert [point.value for point in change.points] == [29.0]
    await stream.aclose()


async def test_metrics_tell_values_qualities_and_the_clock(house: House) -> None:
    house.tell(NOW, {"meter-401.power": 0.0, "ac-401.on": 1.0, "ac-402.on": None})
    async with house.client() as client:
        text = (await client.get("/api/v1/metrics")).text
    assert 'houqin_point_value{point="meter-401.power",unit="kW"} 0.0' in text
    assert 'houqin_points{quality="bad"}' in text
    assert 'houqin_unit_on{equipment="ac-401"} 1.0' in text
    assert 'houqin_unit_on{equipment="ac-402"}' not in text
    clock = next(line for line in text.splitlines() if line.startswith("houqin_clock_seconds "))
    assert float(clock.split()[1]) == NOW.timestamp()


async def test_the_boards_outdoor_temperature_is_of_now_though_the_controller_spoke_earlier(house: House) -> None:
    spoken = supply()
    early = Input(point="weather.temperature", value=29.4, source="sensor", time=NOW, age_s=0.0)
    house.bus.publish(replace(spoken, outdoor=early))
    house.clock.advance(1200)
    async with house.client() as client:
        old = (await client.get("/api/v1/board")).json()["outdoor"]
        house.tell(NOW + timedelta(minutes=18), {"weather.temperature": 31.0})
        fresh = (await client.get("/api/v1/board")).json()["outdoor"]
    assert (old["value"], old["age_s"]) == (29.4, 1200.0)
    assert (fresh["value"], fresh["age_s"], fresh["time"]) == (31.0, 120.0, "2026-07-15T10:38:00+08:00")
