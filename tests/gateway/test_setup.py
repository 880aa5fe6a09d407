"""Devices that want something set before what they say counts: when they are met, and when they return."""

from __future__ import annotations

from typing import Any

import pytest

from facility.errors import DeviceRefused
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.profiles.point import Names
from facility.profiles.schema import SetupWrite, Table
from facility.readings import Status
from tests.gateway.scene import Scene, only_modbus, scene
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

UNLOCK = SetupWrite(name=Names(zh="远程模式", en="Remote mode"), address=900, function=6, values=(1,))
COILS = SetupWrite(name=Names(zh="允许", en="Permits"), table=Table.COIL, address=7, function=15, values=(1, 0, 1))


def site(*setup: SetupWrite, **control: Any) -> Site:
    """The small site, whose meters want `setup`."""
    data = small_site_data()
    only_modbus(data)
    data["control"] = {**data.get("control", {}), **control}
    profiles = dict(ProfileLibrary())
    profiles["chint_dtsu666"] = profiles["chint_dtsu666"].model_copy(update={"setup": setup})
    return build_site(SiteFile.model_validate(data), profiles)


def polls_of(stage: Scene, unit: int) -> list[int]:
    """First addresses of what a unit was asked, in order."""
    return [address for asked, _, address, _ in stage.banks["meters"].asked if asked == unit]


async def test_a_device_is_set_up_before_anything_it_says_counts() -> None:
    stage = scene(site(UNLOCK))
    meters = stage.banks["meters"]
    meters.on_write = lambda: meters.set(11, 6, 40)
    await stage.gateway.poll_once()
    assert {written for written in meters.written if written[0] == 11} == {(11, 6, 900, (1,))}
    assert [reading.value for reading in stage.readings("meter-401.configured_ct_ratio")] == [40.0]
    assert polls_of(stage, 11)[:3] == [6, 900, 6]


async def test_what_stands_as_it_should_is_not_written() -> None:
    stage = scene(site(UNLOCK, COILS))
    meters = stage.banks["meters"]
    for unit in (1, 11, 12):
        meters.set(unit, 900, 1)
        meters.set(unit, 7, 1, 0, 1, table=Table.COIL)
    await stage.gateway.poll_once()
    assert meters.written == []


async def test_coils_are_set_up_too() -> None:
    stage = scene(site(COILS))
    meters = stage.banks["meters"]
    await stage.gateway.poll_once()
    assert (11, 15, 7, (1, 0, 1)) in meters.written


async def test_a_device_that_stays_is_set_up_once_and_one_that_returns_again() -> None:
    stage = scene(site(UNLOCK))
    meters = stage.banks["meters"]
    await stage.gateway.poll_once()
    await stage.gateway.poll_once()
    assert [unit for unit, *_ in meters.written].count(11) == 1
    meters.dead.add(11)
    await stage.gateway.poll_once()
    meters.dead.clear()
    meters.set(11, 900, 0)
    asked = len(polls_of(stage, 11))
    await stage.gateway.poll_once()
    assert [unit for unit, *_ in meters.written].count(11) == 2
    assert polls_of(stage, 11)[asked : asked + 3] == [6, 900, 6]


async def test_after_the_line_was_down_devices_are_looked_after_again() -> None:
    stage = scene(site(UNLOCK))
    meters = stage.banks["meters"]
    await stage.gateway.poll_once()
    meters.down = True
    await stage.gateway.poll_once()
    meters.down = False
    for unit in (1, 11, 12):
        meters.set(unit, 900, 0)
    await stage.gateway.poll_once()
    assert [unit for unit, *_ in meters.written].count(11) == 2


async def test_a_device_that_will_not_be_set_up_is_told_and_read_all_the_same() -> None:
    stage = scene(site(UNLOCK))
    meters = stage.banks["meters"]
    meters.answers[11, Table.HOLDING, 900] = DeviceRefused("no write", code=1)
    meters.write_answers[11, 900] = DeviceRefused("no write", code=1)
    await stage.gateway.poll_once()
    assert stage.readings("meter-401.power")[-1].status is Status.GOOD
    assert stage.alarms() == [("setup_failed:m-401", True)]
    meters.answers.clear()
    meters.write_answers.clear()
    meters.dead.add(11)
    await stage.gateway.poll_once()
    meters.dead.clear()
    await stage.gateway.poll_once()
    assert ("setup_failed:m-401", False) in stage.alarms()


async def test_a_register_that_can_only_be_written_is_written() -> None:
    stage = scene(site(UNLOCK))
    meters = stage.banks["meters"]
    meters.answers[11, Table.HOLDING, 900] = DeviceRefused("not readable", code=2)
    await stage.gateway.poll_once()
    assert (11, 6, 900, (1,)) in meters.written
    assert stage.alarms() == []


async def test_a_device_that_refuses_its_first_question_is_set_up_nevertheless() -> None:
    stage = scene(site(UNLOCK))
    meters = stage.banks["meters"]
    meters.refused.add((11, Table.HOLDING, 6))
    await stage.gateway.poll_once()
    assert (11, 6, 900, (1,)) in meters.written


async def test_a_site_that_only_watches_writes_nothing() -> None:
    stage = scene(site(UNLOCK, mode="shadow"))
    await stage.gateway.poll_once()
    assert stage.banks["meters"].written == []
    assert stage.readings("meter-401.power")[-1].status is Status.GOOD
