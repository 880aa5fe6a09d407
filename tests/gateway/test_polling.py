"""How devices are polled: what is asked when, and what is said about devices and lines that fail."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from facility.commands import Wish
from facility.errors import BadAnswer, DeviceBusy
from facility.profiles.schema import Table
from facility.readings import Quality, Status, to_us
from gateway.gateway import Gateway
from gateway.rota import Rota
from tests.gateway.scene import NOON, Scene, only_modbus, scene, site_with, turns

pytestmark = pytest.mark.asyncio


def ten_meters(data: dict[str, Any]) -> None:
    only_modbus(data)
    data["devices"] = [
        {"id": f"m-{unit}", "profile": "chint_dtsu666", "link": "meters", "unit": unit} for unit in range(1, 11)
    ]
    data["equipment"] = [
        {"id": f"meter-{unit}", "kind": "electricity_meter", "device": f"m-{unit}"} for unit in range(1, 11)
    ]
    del data["links"]["plant"]


def ten_meter_scene() -> Scene:
    """Ten meters on one line."""
    return scene(site_with(ten_meters))


@contextlib.asynccontextmanager
async def running(gateway: Gateway) -> AsyncIterator[None]:
    """The gateway at work."""
    task = asyncio.create_task(gateway.run())
    await turns()
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def pass_time(stage: Scene, seconds: float, step_s: float = 0.5) -> None:
    """Moves the clock on in steps."""
    for _ in range(round(seconds / step_s)):
        stage.clock.advance(step_s)
        await turns(30)


async def test_everything_is_read_once_with_the_time_of_the_answer() -> None:
    stage = scene()
    await stage.gateway.poll_once()
    modbus = {
        point.id for name in ("vrf-gw", "m-main", "m-401", "m-402") for point in stage.site.points_of_device(name)
    }
    room = stage.readings("ac-402.room_temperature")
    assert [(reading.value, reading.status, reading.time) for reading in room] == [(29.1, Status.GOOD, NOON)]
    assert all(len(stage.readings(point)) == 1 for point in modbus)
    assert len(stage.banks["plant"].asked) <= 4


async def test_classes_are_polled_at_their_own_pace_and_never_queued() -> None:
    stage = scene(site_with(only_modbus))
    async with running(stage.gateway):
        await pass_time(stage, 60)
        fast, normal, slow = (
            len(stage.readings(f"ac-401.{name}")) for name in ("setpoint", "room_temperature", "filter")
        )
        assert (fast, normal) == (31, 7)
        assert slow == 2
        before = len(stage.readings("ac-401.setpoint"))
        stage.clock.advance(3600)
        await turns()
        assert len(stage.readings("ac-401.setpoint")) == before + 1
        state = stage.gateway.status().lines[0]
        assert state.missed > 1700


async def test_a_dead_unit_among_ten_does_not_slow_the_others() -> None:
    stage = ten_meter_scene()
    meters = stage.banks["meters"]
    meters.dead.add(3)
    async with running(stage.gateway):
        await pass_time(stage, 600, step_s=1.0)
    living = {unit: meters.requests_of(unit) for unit in range(1, 11) if unit != 3}
    assert len(set(living.values())) <= 2
    assert min(living.values()) >= 60
    assert meters.requests_of(3) <= 16
    assert stage.gateway.status().lines[0].missed == 0
    power = stage.readings("meter-3.power")
    assert [(reading.value, reading.status) for reading in power] == [(None, Status.TIMEOUT)]
    assert [link for link in stage.links() if link[0] == "m-3"] == [("m-3", False)]
    assert stage.alarms() == [("device_down:m-3", True)]


async def test_a_dead_unit_comes_back_by_itself_and_everything_of_it_is_read_again() -> None:
    stage = ten_meter_scene()
    meters = stage.banks["meters"]
    meters.dead.add(3)
    async with running(stage.gateway):
        await pass_time(stage, 30)
        meters.dead.clear()
        await pass_time(stage, 70)
    for point in ("meter-3.power", "meter-3.energy_import"):
        qualities = [reading.status.quality for reading in stage.readings(point)]
        assert qualities[0] is Quality.BAD
        assert qualities.count(Quality.BAD) == 1
        assert Quality.GOOD in qualities
    assert [link for link in stage.links() if link[0] == "m-3"] == [("m-3", False), ("m-3", True)]
    assert stage.alarms() == [("device_down:m-3", True), ("device_down:m-3", False)]


async def test_a_line_that_breaks_says_so_once_and_returns_by_itself() -> None:
    stage = ten_meter_scene()
    meters = stage.banks["meters"]
    async with running(stage.gateway):
        await pass_time(stage, 10)
        meters.down = True
        await pass_time(stage, 120)
        tried = len(meters.asked)
        await pass_time(stage, 120)
        assert len(meters.asked) - tried <= 20
        meters.down = False
        await pass_time(stage, 60)
    assert [link for link in stage.links() if link[0] is None] == [(None, True), (None, False), (None, True)]
    down = [reading for reading in stage.readings("meter-7.power") if reading.status is Status.LINK_DOWN]
    assert len(down) == 1
    assert stage.readings("meter-7.power")[-1].status is Status.GOOD
    assert stage.alarms() == [("link_down:meters", True), ("link_down:meters", False)]
    assert meters.closed == 1


async def test_one_lost_answer_is_asked_again_and_nobody_hears_of_it() -> None:
    stage = ten_meter_scene()
    await stage.gateway.poll_once()
    stage.banks["meters"].faults.append(BadAnswer("noise", raw=b"\xff"))
    await stage.gateway.poll_once()
    assert all(reading.status.quality is Quality.GOOD for reading in stage.readings("meter-1.power"))
    assert stage.alarms() == []
    assert stage.gateway.status().lines[0].errors == {"BadAnswer": 1}


async def test_a_busy_device_is_left_for_the_next_round_and_not_called_dead() -> None:
    stage = ten_meter_scene()
    await stage.gateway.poll_once()
    stage.banks["meters"].faults.append(DeviceBusy("busy", code=6))
    await stage.gateway.poll_once()
    assert ("m-1", False) not in stage.links()
    assert {reading.status for reading in stage.readings("meter-1.power")} <= {Status.GOOD, Status.EXCEPTION}


async def test_one_refused_register_costs_only_itself_and_is_tried_again_with_growing_pauses() -> None:
    stage = scene()
    plant = stage.banks["plant"]
    address = stage.site.points["ac-402.room_temperature"].address
    assert address is not None
    plant.refused.add((1, Table.HOLDING, address))
    for _ in range(3):
        await stage.gateway.poll_once()
    refused = stage.readings("ac-402.room_temperature")
    assert [(reading.value, reading.status) for reading in refused] == [(None, Status.EXCEPTION)]
    for point in stage.site.points_of_device("vrf-gw"):
        if point.id != "ac-402.room_temperature":
            assert [reading.status for reading in stage.readings(point.id)] == [Status.GOOD] * 3, point.id
    alone = plant.asked.count((1, Table.HOLDING, address, 1))
    stage.clock.advance(61)
    await stage.gateway.poll_once()
    stage.clock.advance(61)
    await stage.gateway.poll_once()
    assert plant.asked.count((1, Table.HOLDING, address, 1)) == alone + 1
    plant.refused.clear()
    stage.clock.advance(121)
    await stage.gateway.poll_once()
    assert stage.readings("ac-402.room_temperature")[-1].value == 29.1


async def test_orders_go_before_the_polls_of_their_line() -> None:
    stage = scene(site_with(only_modbus))
    stage.permit("ac-401")
    async with running(stage.gateway):
        command = stage.issue("ac-401", Wish(on=True, setpoint_c=28.0))
        await turns(200)
    assert stage.banks["plant"].written == [(1, 6, 18, (280,)), (1, 6, 19, (1,))]
    assert command.id


async def test_status_tells_how_each_line_does() -> None:
    stage = scene()
    await stage.gateway.poll_once()
    plant, meters = stage.gateway.status().lines
    assert (plant.link, plant.up, meters.up) == ("plant", True, True)
    assert {device.device: device.up for device in meters.devices} == {"m-main": True, "m-401": True, "m-402": True}
    assert plant.requests == len(stage.banks["plant"].asked)
    assert plant.latency_p50_ms is not None
    assert plant.latency_p95_ms is not None
    assert stage.gateway.status().orders == 0


async def test_messages_that_did_not_come_through_a_broker_become_readings_too() -> None:
    stage = scene()
    stage.gateway.take_message("sensors", "site/r401/climate", b'{"temperature": 27.5, "humidity": 60}')
    assert [reading.value for reading in stage.readings("climate-401.temperature")] == [27.5]


async def test_a_rota_keeps_its_grid_and_counts_what_it_skips() -> None:
    rota: Rota[str] = Rota()
    rota.add("a", period_s=10, phase=0.0)
    rota.add("b", period_s=10, phase=0.5)
    start = to_us(NOON)
    served = []
    now = start
    for _ in range(6):
        now = max(now, rota.next_us(now))
        entry = rota.take(now)
        served.append((entry.item, (now - start) // 1_000_000))
        rota.put_back(entry, now)
    assert served == [("a", 0), ("b", 0), ("a", 10), ("b", 15), ("a", 20), ("b", 25)]
    entry = rota.take(start + 57_000_000)
    rota.put_back(entry, start + 57_000_000)
    assert rota.missed == 2
    rota.hurry(start + 58_000_000)
    assert rota.next_us(start + 58_000_000) == start + 58_000_000
    assert not rota.was_set_back(start + 59_000_000)
    assert rota.was_set_back(start + 58_000_000)


async def test_of_what_is_due_that_goes_first_whose_next_turn_is_nearest() -> None:
    rota: Rota[str] = Rota()
    rota.add("seldom", period_s=30, phase=0.0)
    rota.add("often", period_s=1, phase=0.0)
    for _ in range(2):
        entry = rota.take(0)
        rota.put_back(entry, 0)
    served = []
    for now_s in (0.5, 30.2, 30.9, 31.5, 59.0, 60.1, 61.5):
        now_us = int(now_s * 1e6)
        if rota.next_us(now_us) > now_us:
            served.append("nothing")
            continue
        entry = rota.take(now_us)
        served.append(entry.item)
        rota.put_back(entry, now_us)
    assert served == ["nothing", "often", "seldom", "often", "often", "often", "often"]
    entry = rota.take(61_500_000)
    assert entry.item == "seldom"
