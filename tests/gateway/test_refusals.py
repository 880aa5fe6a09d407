"""What the gateway does about devices that do not take a question: split, put off, tried again, never dropped."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from facility.errors import DeviceBusy, DeviceRefused, HouqinError, NoAnswer
from facility.profiles.planner import Span
from facility.profiles.schema import Limits, Table
from facility.readings import Status
from gateway.questions import questions_of
from gateway.register_question import RegisterQuestion
from tests.gateway.scene import Scene, only_modbus, scene, site_with

pytestmark = pytest.mark.asyncio

HOLE = (1, Table.HOLDING, 27)
"""Between two units of the gateway; nobody wants it, but it is read to join them."""
WHOLE = (1, Table.HOLDING, 16, 41)


async def holding_requests(stage: Scene) -> list[tuple[int, int]]:
    """(address, count) of the requests to holding registers of the AC gateway in one round."""
    before = len(stage.banks["plant"].asked)
    await stage.gateway.poll_once()
    asked = stage.banks["plant"].asked[before:]
    return [(address, count) for unit, table, address, count in asked if (unit, table) == (1, Table.HOLDING)]


def statuses(stage: Scene) -> set[Status]:
    """Of the newest reading of every point of the AC gateway."""
    return {stage.readings(point.id)[-1].status for point in stage.site.points_of_device("vrf-gw")}


async def test_a_hole_that_is_refused_is_left_out_and_remembered_and_nothing_is_lost() -> None:
    stage = scene()
    stage.banks["plant"].refused.add(HOLE)
    first = await holding_requests(stage)
    assert first[0] == WHOLE[2:]
    assert statuses(stage) == {Status.GOOD}
    second = await holding_requests(stage)
    assert 2 <= len(second) <= 3
    assert not any(address <= 27 < address + count for address, count in second)
    assert statuses(stage) == {Status.GOOD}


async def test_what_was_split_is_tried_as_a_whole_again_after_growing_pauses() -> None:
    stage = scene()
    stage.banks["plant"].refused.add(HOLE)
    await holding_requests(stage)
    tried = []
    for minute in range(1, 90):
        stage.clock.advance(60)
        if WHOLE[2:] in await holding_requests(stage):
            tried.append(minute)
    assert tried == [10, 30, 70]
    assert statuses(stage) == {Status.GOOD}


async def test_what_is_taken_as_a_whole_again_is_asked_as_a_whole_from_then_on() -> None:
    stage = scene()
    stage.banks["plant"].refused.add(HOLE)
    await holding_requests(stage)
    stage.banks["plant"].refused.clear()
    stage.clock.advance(600)
    assert await holding_requests(stage) == [WHOLE[2:]]
    assert await holding_requests(stage) == [WHOLE[2:]]
    assert statuses(stage) == {Status.GOOD}


async def test_a_device_that_refuses_everything_is_there_and_costs_little(caplog: pytest.LogCaptureFixture) -> None:
    """As a wrong unit id does behind some gateways: exception 2 whatever is asked."""
    stage = scene()
    plant = stage.banks["plant"]
    for table in Table:
        plant.refused |= {(1, table, address) for address in range(100)}
    await stage.gateway.poll_once()
    points = stage.site.points_of_device("vrf-gw")
    assert statuses(stage) == {Status.EXCEPTION}
    assert ("vrf-gw", True) in stage.links()
    asked = len(plant.asked)
    for _ in range(60):
        stage.clock.advance(60)
        await stage.gateway.poll_once()
    per_round = (len(plant.asked) - asked) / 60
    assert per_round < len(points)
    assert all(len(stage.readings(point.id)) == 1 for point in points)
    assert len([r for r in caplog.records if "ac-401.fault" in r.getMessage()]) == 1


@pytest.mark.parametrize("code", [1, 2, 3])
async def test_refusals_are_not_repeated_at_once_and_neighbours_live(code: int) -> None:
    stage = scene()
    plant = stage.banks["plant"]
    plant.answers[1, Table.HOLDING, 22] = DeviceRefused("refused", code=code)
    asked: list[tuple[int, int]] = []
    for _ in range(3):
        asked += await holding_requests(stage)
    assert asked.count((22, 1)) == 1
    assert all(one != other for one, other in pairwise(asked))
    assert stage.readings("ac-401.room_temperature")[-1].status is Status.EXCEPTION
    assert stage.readings("ac-401.setpoint")[-1].status is Status.GOOD
    assert stage.readings("ac-402.room_temperature")[-1].status is Status.GOOD


@pytest.mark.parametrize("code", [5, 6, 0x99])
async def test_a_busy_question_is_asked_after_growing_pauses_up_to_a_minute_and_the_others_go_on(code: int) -> None:
    stage = scene(site_with(only_modbus))
    meters = stage.banks["meters"]
    busy = (11, Table.HOLDING, 4126)
    meters.answers[busy] = DeviceBusy("busy", code=code)
    asked_at = []
    for second in range(400):
        before = len(meters.asked)
        await stage.gateway.poll_once()
        if any((unit, address) == (11, 4126) for unit, _, address, _ in meters.asked[before:]):
            asked_at.append(second)
        stage.clock.advance(1)
    pauses = [later - earlier for earlier, later in pairwise(asked_at)]
    assert pauses[:3] == [1, 2, 4]
    assert max(pauses) <= 60
    assert len(asked_at) < 20
    assert [r.status for r in stage.readings("meter-401.energy_import")] == [Status.EXCEPTION]
    assert len(stage.readings("meter-401.power")) == 400
    assert stage.alarms() == []
    meters.answers.clear()
    stage.clock.advance(61)
    await stage.gateway.poll_once()
    assert stage.readings("meter-401.energy_import")[-1].status is Status.GOOD


@pytest.mark.parametrize("error", [DeviceBusy("failed", code=4), NoAnswer("silent")])
async def test_a_question_that_keeps_failing_among_others_is_asked_in_parts(error: HouqinError) -> None:
    """Some devices fall silent, or fail, over a register that they do not have, instead of refusing it."""
    stage = scene()
    plant = stage.banks["plant"]
    plant.answers[1, Table.HOLDING, 22] = error
    for _ in range(40):
        await stage.gateway.poll_once()
        stage.clock.advance(5)
    assert stage.readings("ac-401.room_temperature")[-1].value is None
    assert stage.readings("ac-402.room_temperature")[-1].value == 29.1
    assert stage.readings("ac-401.setpoint")[-1].status is Status.GOOD
    assert stage.alarms() == []


@pytest.mark.parametrize("code", [10, 11])
async def test_a_gateway_that_cannot_reach_its_device_makes_that_device_dead(code: int) -> None:
    stage = scene()
    stage.banks["meters"].answers |= {
        (11, Table.HOLDING, address): DeviceBusy("nobody there", code=code) for address in (6, 4126, 8192)
    }
    await stage.gateway.poll_once()
    assert stage.alarms() == [("device_down:m-401", True)]
    assert {r.status for r in stage.readings("meter-401.power")} == {Status.EXCEPTION}
    stage.banks["meters"].answers.clear()
    await stage.gateway.poll_once()
    assert stage.alarms() == [("device_down:m-401", True), ("device_down:m-401", False)]


async def test_a_silent_device_is_bad_once_and_its_last_value_is_never_said_again() -> None:
    stage = scene()
    await stage.gateway.poll_once()
    stage.banks["meters"].dead.add(11)
    for _ in range(30):
        stage.clock.advance(60)
        await stage.gateway.poll_once()
    readings = stage.readings("meter-401.power")
    assert [reading.status for reading in readings] == [Status.GOOD, Status.TIMEOUT]
    assert readings[-1].value is None
    assert len(stage.readings("main-meter.power")) == 31


async def test_a_device_that_falls_silent_in_the_middle_of_a_round_is_not_asked_everything() -> None:
    stage = scene(site_with(six_questions))
    meters = stage.banks["meters"]
    await stage.gateway.poll_once()
    first, *others = [(table, address) for unit, table, address, _ in meters.asked if unit == 11]
    assert len(others) == 5
    meters.answers |= {(11, table, address): NoAnswer("silent") for table, address in others}
    before = len(meters.asked)
    await stage.gateway.poll_once()
    asked = [(table, address) for unit, table, address, _ in meters.asked[before:] if unit == 11]
    assert asked == [first, others[0], others[0], others[1], others[1]]
    assert stage.alarms() == []


def six_questions(data: dict[str, Any]) -> None:
    """One meter is of a sort that takes six requests."""
    for device in data["devices"]:
        if device["id"] == "m-401":
            device["profile"] = "lovato_dmg610"


async def test_a_register_that_is_not_there_and_reads_zero_is_no_frequency() -> None:
    stage = scene()
    await stage.gateway.poll_once()
    (frequency,) = stage.readings("meter-401.frequency")
    assert (frequency.value, frequency.status) == (None, Status.OUT_OF_RANGE)
    (voltage,) = stage.readings("meter-401.voltage_a")
    assert (voltage.value, voltage.status) == (0.0, Status.GOOD)


def leaves(question: RegisterQuestion) -> list[RegisterQuestion]:
    """All questions that a question becomes when everything is refused."""
    parts = question.parts(Limits())
    return [leaf for part in parts for leaf in leaves(part)] if parts else [question]


async def test_parts_hold_every_point_once_and_are_never_larger_than_the_whole() -> None:
    site = site_with()
    for question in questions_of(site, "vrf-gw", site.points_of_device("vrf-gw")):
        assert isinstance(question, RegisterQuestion)
        parts = leaves(question)
        assert sorted(point for part in parts for point in part.points) == sorted(question.points)
        whole = Span(question.address, question.count)
        assert all(whole.holds(Span(part.address, part.count)) for part in parts)
        assert all(part.count == part.wanted[0].span.size for part in parts)
