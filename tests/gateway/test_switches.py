"""Orders to relays: written, read back, refused; and lifts that nobody may touch."""

from __future__ import annotations

from typing import Any

import pytest

from facility.commands import WATCHDOG, Actor, Confirmed, Mode, NotEffective, Refused, Role, Unreachable, Wish
from facility.profiles.schema import Table
from tests.gateway.scene import Scene, only_modbus, scene, site_with

pytestmark = pytest.mark.asyncio

RELAY, LIFTS, CHILLER = 21, 22, 23
FIRE, INSPECTION = 2, 3
"""Inputs of the second lift on its module."""


def switched(data: dict[str, Any]) -> None:
    """Lights, a pump and a valve on one relay, the second of two lifts on another, a chiller with its own board."""
    only_modbus(data)
    data["devices"] += [
        {"id": "relay", "profile": "waveshare_relay_d", "link": "plant", "unit": RELAY},
        {"id": "lifts", "profile": "waveshare_relay_lift", "link": "plant", "unit": LIFTS},
        {"id": "chiller", "profile": "thermal_care_accuchiller", "link": "plant", "unit": CHILLER},
    ]
    data["equipment"] += [
        {"id": "lights", "kind": "lighting", "device": "relay", "slot": 0},
        {"id": "hold", "kind": "socket_circuit", "device": "relay", "slot": 5, "inverted": True},
        {"id": "lift", "kind": "lift", "device": "lifts", "slot": 1, "inverted": True,
         "operation": ["lift.fire", "lift.inspection"]},
        {"id": "chiller", "kind": "chiller", "device": "chiller"},
    ]  # fmt: skip


def stage_of(*permitted: str) -> Scene:
    stage = scene(site_with(switched))
    for equipment in permitted:
        stage.permit(equipment, modes={})
    return stage


def set_input(stage: Scene, address: int, value: int) -> None:
    stage.banks["plant"].set(LIFTS, address, value, table=Table.DISCRETE)


@pytest.mark.parametrize(
    ("equipment", "unit", "coil", "energised"),
    [("lights", RELAY, 0, 1), ("hold", RELAY, 5, 0), ("lift", LIFTS, 2, 0), ("chiller", CHILLER, 0, 1)],
)
async def test_a_switch_is_written_and_read_back_whatever_energises_it(
    equipment: str, unit: int, coil: int, energised: int
) -> None:
    stage = stage_of(equipment)
    stage.banks["plant"].set(unit, coil, 1 - energised, table=Table.COIL)
    outcome = await stage.order(equipment, Wish(on=True))
    assert isinstance(outcome, Confirmed)
    assert outcome.read == Wish(on=True)
    assert isinstance(await stage.order(equipment, Wish(on=False)), Confirmed)
    assert stage.banks["plant"].written == [(unit, 5, coil, (energised,)), (unit, 5, coil, (1 - energised,))]
    assert [reading.value for reading in stage.readings(f"{equipment}.on")] == [0.0, 1.0, 1.0, 0.0]


async def test_a_relay_that_acknowledges_and_does_nothing_is_not_effective() -> None:
    stage = stage_of("lights")
    stage.banks["plant"].deaf.add(RELAY)
    outcome = await stage.order("lights", Wish(on=True))
    assert isinstance(outcome, NotEffective)
    assert outcome.read == Wish(on=False)


async def test_a_switch_starts_only_inside_its_envelope_and_always_stops() -> None:
    stage = stage_of()
    assert isinstance(await stage.order("lights", Wish(on=True)), Refused)
    assert isinstance(await stage.order("lights", Wish(on=False)), Confirmed)


async def test_a_relay_takes_no_mode_and_no_setpoint() -> None:
    stage = stage_of("lights")
    for wish in (Wish(on=True, mode=Mode.COOL), Wish(setpoint_c=0.0)):
        assert isinstance(await stage.order("lights", wish), Refused)
    assert stage.banks["plant"].written == []


@pytest.mark.parametrize("wish", [Wish(on=True), Wish(on=False)])
@pytest.mark.parametrize(
    ("inputs", "words"),
    [({FIRE: 1}, "fire"), ({INSPECTION: 1}, "inspection"), ({FIRE: 1, INSPECTION: 1}, "fire")],
)
@pytest.mark.parametrize("actor", [WATCHDOG, Actor(name="值班员", role=Role.DUTY_ROOM)])
async def test_a_lift_in_fire_mode_or_in_inspection_is_never_written_whoever_asks(
    wish: Wish, inputs: dict[int, int], words: str, actor: Actor
) -> None:
    stage = stage_of("lift")
    stage.banks["plant"].set(LIFTS, 2, int(wish.on is True), table=Table.COIL)
    for address, value in inputs.items():
        set_input(stage, address, value)
    outcome = await stage.order("lift", wish, actor=actor)
    assert isinstance(outcome, Refused)
    assert words in outcome.why.en
    assert outcome.why.zh
    assert stage.banks["plant"].written == []


async def test_another_lift_in_fire_mode_does_not_hold_this_one() -> None:
    stage = stage_of("lift")
    set_input(stage, 0, 1)
    assert isinstance(await stage.order("lift", Wish(on=False)), Confirmed)


async def test_a_lift_that_comes_into_fire_mode_between_two_tries_is_left_alone() -> None:
    stage = stage_of("lift")
    bank = stage.banks["plant"]
    bank.deaf.add(LIFTS)
    bank.on_write = lambda: set_input(stage, FIRE, 1)
    outcome = await stage.order("lift", Wish(on=False))
    assert isinstance(outcome, Refused)
    assert len(bank.written) == 1


async def test_a_lift_whose_contacts_cannot_be_read_is_not_written() -> None:
    stage = stage_of("lift")
    bank = stage.banks["plant"]
    bank.refused.update({(LIFTS, Table.DISCRETE, FIRE), (LIFTS, Table.DISCRETE, INSPECTION)})
    outcome = await stage.order("lift", Wish(on=False))
    assert isinstance(outcome, Unreachable)
    assert bank.written == []


async def test_a_lift_without_contacts_is_not_written() -> None:
    def change(data: dict[str, Any]) -> None:
        switched(data)
        next(item for item in data["equipment"] if item["id"] == "lift").pop("operation")

    stage = scene(site_with(change))
    outcome = await stage.order("lift", Wish(on=False))
    assert isinstance(outcome, Refused)
    assert "not known" in outcome.why.en
    assert stage.banks["plant"].written == []


async def test_the_contacts_of_a_lift_may_be_on_another_line() -> None:
    def change(data: dict[str, Any]) -> None:
        switched(data)
        panel = {"id": "panel", "profile": "waveshare_relay_lift", "link": "meters", "unit": 9}
        data["devices"].append(panel)
        data["equipment"].append({"id": "spare", "kind": "lift", "device": "panel", "slot": 0})
        lift = next(item for item in data["equipment"] if item["id"] == "lift")
        lift["operation"] = ["spare.fire", "lift.inspection"]

    stage = scene(site_with(change))
    assert isinstance(await stage.order("lift", Wish(on=False)), Confirmed)
    stage.banks["meters"].set(9, 0, 1, table=Table.DISCRETE)
    assert isinstance(await stage.order("lift", Wish(on=False)), Refused)
    assert len(stage.banks["plant"].written) == 1
