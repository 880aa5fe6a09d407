"""Gateways that want several registers in one request, and whose registers of orders do not tell what is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from facility.commands import Confirmed, Fan, Mode, NotEffective, Wish
from facility.errors import DeviceRefused
from facility.profiles import Profile, Table
from simulators.world import World
from tests.gateway.made_profiles import D3NET, TRIPLET, site_of
from tests.gateway.scene import NOON, Scene, scene

pytestmark = pytest.mark.asyncio
DAIKIN, MIDEA = Profile.model_validate(D3NET), Profile.model_validate(TRIPLET)
STATUS, ORDERS = 2000, 2000
COOL_28 = Wish(on=True, mode=Mode.COOL, setpoint_c=28.0)


def daikin(on: int = 0, mode: int = 2, setpoint: int = 260, fan: int = 3, slot: int = 0) -> Scene:
    """Unit 401 behind a gateway whose input registers follow its orders, as its units do."""
    stage = scene(site_of(DAIKIN))
    bank = stage.banks["plant"]
    at = STATUS + 6 * slot
    # forced off, heating and thermostat bits stand in the status only; louvre 2 (bits 8-10) is an order as well
    bank.set(1, at, on | 0x0200 | fan << 12 | 0x00A2, 0xF0 | mode, setpoint, 0, 265, 0, table=Table.INPUT)
    bank.on_write = lambda: _obey(stage)
    return stage


def _obey(stage: Scene) -> None:
    bank = stage.banks["plant"]
    _, _, address, values = bank.written[-1]
    at = STATUS + 2 * (address - ORDERS)
    if values[0] & 0x00F0 == 0x0060:
        bank.set(1, at, values[0] & 0x7701, values[1] & 0x000F, values[2], table=Table.INPUT)


async def test_all_three_registers_are_written_in_one_request_with_what_the_status_says() -> None:
    stage = daikin()
    stage.permit("ac-401")
    outcome = await stage.order("ac-401", COOL_28)
    assert isinstance(outcome, Confirmed)
    assert outcome.read == Wish(on=True, mode=Mode.COOL, setpoint_c=28.0, fan=Fan.MEDIUM)
    # one request: on, fan 3 and louvre 2 as they are, control 6; mode cool; 28.0
    assert stage.banks["plant"].written == [(1, 16, ORDERS, (0x3261, 0x0002, 280))]


async def test_orders_begin_with_what_is_and_not_with_what_was_ordered_last() -> None:
    stage = daikin(on=1, mode=1, setpoint=210)
    stage.banks["plant"].set(1, ORDERS, 0x5061, 7, 300)
    assert isinstance(await stage.order("ac-401", Wish(on=False)), Confirmed)
    assert stage.banks["plant"].written == [(1, 16, ORDERS, (0x3260, 0x0001, 210))]


async def test_the_second_unit_has_its_own_place_in_either_table() -> None:
    stage = daikin(on=1, slot=1)
    assert isinstance(await stage.order("ac-402", Wish(on=False)), Confirmed)
    assert stage.banks["plant"].written == [(1, 16, ORDERS + 3, (0x3260, 0x0002, 260))]
    assert (1, Table.INPUT, STATUS + 6, 3) in stage.banks["plant"].asked


async def test_a_fan_speed_is_an_order_of_its_own_bits() -> None:
    stage = daikin(on=1, setpoint=280)
    stage.permit("ac-401")
    assert isinstance(await stage.order("ac-401", Wish(fan=Fan.HIGH)), Confirmed)
    assert stage.banks["plant"].written == [(1, 16, ORDERS, (0x5261, 0x0002, 280))]


def midea(stage: Scene) -> None:
    """The unit in slot 0 does what it is told."""
    bank = stage.banks["plant"]
    _, _, _, (first, setpoint, fan) = bank.written[-1]
    if first in (0xDF, 0x9F):
        bank.set(1, 0, int(first == 0xDF), table=Table.DISCRETE)
    elif first != 0xFF:
        bank.set(1, 0, first, table=Table.INPUT)
    if setpoint != 0xFF:
        bank.set(1, 2, 10 * (setpoint & 0x7F) + 5 * (setpoint >> 7), table=Table.INPUT)
    if fan != 0xFF:
        bank.set(1, 1, fan, table=Table.INPUT)


@pytest.mark.parametrize(
    ("wish", "written"),
    [
        (Wish(setpoint_c=28.5), [(255, 0x9C, 255)]),
        (Wish(setpoint_c=29.0), [(255, 29, 255)]),
        (Wish(on=False), [(0x9F, 255, 255)]),
        (Wish(on=True, setpoint_c=28.0, fan=Fan.AUTO), [(0xDF, 28, 0x80)]),
        # a mode and the switch share a register: the settings first, then the start
        (Wish(on=True, mode=Mode.FAN, setpoint_c=28.0), [(1, 28, 255), (0xDF, 255, 255)]),
    ],
)
async def test_what_is_not_wanted_to_change_is_said_to_stay(
    wish: Wish, written: Sequence[tuple[int, int, int]]
) -> None:
    stage = scene(site_of(MIDEA))
    bank = stage.banks["plant"]
    bank.set(1, 0, 2, 2, 260, 0, 0, 270, table=Table.INPUT)
    bank.on_write = lambda: midea(stage)
    stage.permit("ac-401")
    assert isinstance(await stage.order("ac-401", wish), Confirmed)
    assert bank.written == [(1, 16, 1, values) for values in written]
    assert all(table is not Table.HOLDING for _, table, _, _ in bank.asked)


@pytest.mark.parametrize("profile", [DAIKIN, MIDEA], ids=lambda profile: profile.profile)
async def test_the_simulators_gateways_take_such_orders(profile: Profile) -> None:
    site = site_of(profile)
    world = World(site, seed=1, start=NOON)
    registers = [0xDF, 0x9C, 0x80] if profile is MIDEA else [0x1061, 2, 285]
    address = 1 if profile is MIDEA else ORDERS
    world.write("plant", 1, 16, address, registers)
    on, setpoint = world.value("ac-401.on"), world.value("ac-401.setpoint")
    assert (on, setpoint) == (1.0, 28.5)
    held = world.read("plant", 1, Table.HOLDING, address, 3)
    assert held == b"".join(word.to_bytes(2, "big") for word in registers)


async def test_the_simulators_gateways_want_all_registers_and_what_makes_them_count() -> None:
    world = World(site_of(DAIKIN), seed=1, start=NOON)
    with pytest.raises(DeviceRefused):
        world.write("plant", 1, 16, ORDERS, [0x1061, 2])
    world.write("plant", 1, 16, ORDERS, [0x1001, 2, 285])
    assert world.value("ac-401.on") == 0.0
    assert world.value("ac-401.setpoint") == 28.5
    midea_world = World(site_of(MIDEA), seed=1, start=NOON)
    midea_world.write("plant", 1, 16, 1, [255, 255, 255])
    assert midea_world.value("ac-401.on") == 0.0
    with pytest.raises(DeviceRefused):
        midea_world.write("plant", 1, 16, 1, [0x77, 255, 255])


@pytest.mark.parametrize(("settles_s", "effective"), [(30, True), (0, False)])
async def test_a_device_known_to_be_slow_is_read_once_more_and_not_written_again(
    settles_s: int, effective: bool
) -> None:
    """As a new fan speed of a D3net adapter, which it tells half a minute later: with the second reading after the last
    write here.
    """
    points = [{**item} for item in D3NET["modbus"]]
    fan = next(item for item in points if item["id"] == "fan")
    fan["write"] = {**fan["write"], "settles_s": settles_s}
    stage = scene(site_of(Profile.model_validate({**D3NET, "modbus": points})))
    bank = stage.banks["plant"]
    bank.set(1, STATUS, 0x1001, 2, 280, 0, 265, 0, table=Table.INPUT)
    read_since: list[int] = []

    def tell() -> None:
        if len(bank.written) == 3:
            read_since.append(len(bank.asked))
        if len(read_since) == 2:
            bank.set(1, STATUS, 0x5001, table=Table.INPUT)

    bank.on_read = tell
    stage.permit("ac-401")
    outcome = await stage.order("ac-401", Wish(fan=Fan.HIGH))
    assert isinstance(outcome, Confirmed if effective else NotEffective)
    assert len(bank.written) == 3
