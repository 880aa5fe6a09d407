"""What becomes of an order: the ledger of outcomes, and what is written on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from facility.bus import CommandIssued, OutcomeReported
from facility.commands import (
    WATCHDOG,
    Confirmed,
    Expired,
    Fan,
    Mode,
    NotEffective,
    Refused,
    Unreachable,
    Wish,
)
from facility.envelope import OnLoss
from facility.errors import DeviceBusy, NoAnswer
from facility.profiles.schema import Table
from tests.gateway.scene import NOON, scene

pytestmark = pytest.mark.asyncio
COOL_28 = Wish(on=True, mode=Mode.COOL, setpoint_c=28.0)


async def test_a_start_writes_the_settings_first_and_reads_everything_back() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].set(1, 16, 5)
    outcome = await stage.order("ac-401", Wish(on=True, mode=Mode.COOL, setpoint_c=28.0, fan=Fan.LOW))
    assert isinstance(outcome, Confirmed)
    assert outcome.read == Wish(on=True, mode=Mode.COOL, setpoint_c=28.0, fan=Fan.LOW)
    assert stage.banks["plant"].written == [
        (1, 6, 16, (0,)), (1, 6, 18, (280,)), (1, 6, 17, (0,)), (1, 6, 19, (1,)),
    ]  # fmt: skip
    assert [reading.value for reading in stage.readings("ac-401.on")] == [0.0, 1.0]


async def test_what_already_reads_as_wanted_is_not_written_again_but_off_always_is() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].set(1, 16, 0, 3, 280, 1)
    assert isinstance(await stage.order("ac-401", COOL_28), Confirmed)
    assert stage.banks["plant"].written == []
    assert isinstance(await stage.order("ac-401", Wish(on=False, setpoint_c=29.0)), Confirmed)
    assert isinstance(await stage.order("ac-401", Wish(on=False)), Confirmed)
    assert stage.banks["plant"].written == [(1, 6, 19, (0,)), (1, 6, 18, (290,)), (1, 6, 19, (0,))]


async def test_a_unit_that_acknowledges_and_does_nothing_is_not_effective_after_three_tries() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].deaf.add(1)
    outcome = await stage.order("ac-401", COOL_28)
    assert isinstance(outcome, NotEffective)
    assert (outcome.wanted, outcome.read) == (COOL_28, Wish(on=False, mode=Mode.COOL, setpoint_c=26.0, fan=Fan.AUTO))
    assert stage.banks["plant"].written == [(1, 6, 18, (280,)), (1, 6, 19, (1,))] * 3


@pytest.mark.parametrize(
    ("wish", "clause"),
    [
        (Wish(on=True, mode=Mode.COOL, setpoint_c=26.0), "AC-03"),
        (Wish(on=True), "AC-03"),
        (Wish(on=True, mode=Mode.HEAT, setpoint_c=28.0), "AC-02"),
        (Wish(setpoint_c=27.5), "AC-03"),
        (Wish(setpoint_c=31.0), None),
        (Wish(setpoint_c=28.3), None),
        (Wish(), None),
    ],
)
async def test_what_the_rules_or_the_device_forbid_is_refused_and_never_written(wish: Wish, clause: str | None) -> None:
    stage = scene()
    stage.permit("ac-401")
    outcome = await stage.order("ac-401", wish)
    assert isinstance(outcome, Refused)
    assert outcome.clause == clause
    assert outcome.why.zh
    assert outcome.why.en
    assert stage.banks["plant"].written == []


async def test_without_an_envelope_a_start_is_refused_and_off_passes() -> None:
    stage = scene()
    assert isinstance(await stage.order("ac-401", COOL_28), Refused)
    stage.permit("ac-401")
    stage.clock.advance(301)
    assert isinstance(await stage.order("ac-401", COOL_28), Refused)
    stage.banks["plant"].set(1, 19, 1)
    assert isinstance(await stage.order("ac-401", Wish(on=False)), Confirmed)


async def test_a_setting_is_refused_while_the_unit_does_not_tell_its_mode() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].set(1, 16, 99)
    refused = await stage.order("ac-401", Wish(setpoint_c=29.0))
    assert isinstance(refused, Refused)
    assert "mode" in refused.why.en
    assert isinstance(await stage.order("ac-401", COOL_28), Confirmed)


async def test_a_start_is_refused_while_the_setpoint_cannot_be_read() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].set(1, 18, 0x7FFF)
    assert isinstance(await stage.order("ac-401", Wish(on=True)), Refused)
    assert isinstance(await stage.order("ac-401", COOL_28), Confirmed)


async def test_a_late_order_is_never_carried_out() -> None:
    stage = scene()
    stage.permit("ac-401")
    command = stage.issue("ac-401", COOL_28)
    stage.clock.advance(60)
    await stage.gateway.settle()
    assert [message.outcome for message in stage.heard(OutcomeReported)] == [
        Expired(command_id=command.id, equipment="ac-401", at=stage.clock.now())
    ]
    assert stage.banks["plant"].asked == []
    assert stage.banks["plant"].written == []


async def test_an_order_whose_deadline_passes_between_tries_is_not_written_again() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].deaf.add(1)
    stage.banks["plant"].on_write = lambda: stage.clock.advance(40)
    assert isinstance(await stage.order("ac-401", Wish(on=True, setpoint_c=28.0)), NotEffective)
    assert len(stage.banks["plant"].written) == 2


async def test_the_same_order_twice_is_carried_out_once() -> None:
    stage = scene()
    stage.permit("ac-401")
    command = stage.issue("ac-401", COOL_28, id="order-1")
    stage.issue("ac-401", COOL_28, id="order-1")
    await stage.gateway.settle()
    stage.banks["plant"].set(1, 19, 0)
    stage.bus.publish(CommandIssued(command=command))
    await stage.gateway.settle()
    assert len(stage.heard(OutcomeReported)) == 1
    assert stage.banks["plant"].written == [(1, 6, 18, (280,)), (1, 6, 19, (1,))]


async def test_a_silent_device_is_unreachable_after_three_tries() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].dead.add(1)
    outcome = await stage.order("ac-401", COOL_28)
    assert isinstance(outcome, Unreachable)
    assert "no answer" in outcome.error
    assert stage.banks["plant"].requests_of(1) == 3


async def test_a_fault_in_between_is_survived() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].faults += [NoAnswer("late"), DeviceBusy("busy", code=6)]
    assert isinstance(await stage.order("ac-401", COOL_28), Confirmed)


async def test_off_is_written_even_when_the_unit_cannot_be_read_first() -> None:
    stage = scene()
    stage.banks["plant"].set(1, 19, 1)
    stage.banks["plant"].faults.append(NoAnswer("late"))
    assert isinstance(await stage.order("ac-401", Wish(on=False)), Confirmed)
    assert stage.banks["plant"].written == [(1, 6, 19, (0,))]


@pytest.mark.parametrize("equipment", ["meter-401", "window-401", "vrf-1", "nothing"])
async def test_what_cannot_be_switched_is_refused(equipment: str) -> None:
    assert isinstance(await scene().order(equipment, Wish(on=False)), Refused)


async def test_a_register_that_the_device_refuses_does_not_stand_in_the_way_of_an_order() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].refused.add((1, Table.HOLDING, 17))
    outcome = await stage.order("ac-401", COOL_28)
    assert isinstance(outcome, Confirmed)
    assert outcome.read == Wish(on=True, mode=Mode.COOL, setpoint_c=28.0, fan=None)


async def test_a_device_that_refuses_all_its_registers_is_not_written_to() -> None:
    stage = scene()
    stage.permit("ac-401")
    stage.banks["plant"].refused.update((1, Table.HOLDING, address) for address in range(16, 32))
    outcome = await stage.order("ac-401", COOL_28)
    assert isinstance(outcome, Unreachable)
    assert stage.banks["plant"].written == []


async def test_units_are_switched_off_at_the_end_of_their_window_without_a_controller() -> None:
    stage = scene()
    for unit, slot, loss in (("ac-401", 0, OnLoss.STOP), ("ac-402", 1, OnLoss.STOP), ("ac-archive", 2, OnLoss.KEEP)):
        stage.permit(unit, on_loss=loss, may_run_until=NOON + timedelta(minutes=30))
        stage.banks["plant"].set(1, 19 + 16 * slot, 1)
    stage.banks["plant"].set(1, 35, 0)
    stage.clock.move_to(NOON + timedelta(minutes=30) - timedelta(seconds=1))
    await stage.gateway.poll_once()
    await stage.gateway.settle()
    assert stage.banks["plant"].written == []
    stage.clock.advance(1)
    await stage.gateway.settle()
    assert stage.banks["plant"].written == [(1, 6, 19, (0,))]
    ordered = [message.command for message in stage.heard(CommandIssued)]
    assert [(command.equipment, command.actor, command.wish) for command in ordered] == [
        ("ac-401", WATCHDOG, Wish(on=False))
    ]
    assert "AC-05" in ordered[0].reason.en
    assert isinstance(stage.heard(OutcomeReported)[0].outcome, Confirmed)
    stage.clock.advance(3600)
    await stage.gateway.settle()
    assert len(stage.heard(CommandIssued)) == 1


async def test_a_unit_that_had_to_be_off_when_the_controller_went_is_not_left_running() -> None:
    stage = scene()
    stage.permit("ac-401", modes={}, start_allowed=False, may_run_until=None, must_be_off=True)
    stage.banks["plant"].set(1, 19, 1)
    await stage.gateway.poll_once()
    stage.clock.advance(299)
    await stage.gateway.settle()
    assert stage.banks["plant"].written == []
    stage.clock.advance(1)
    await stage.gateway.poll_once()
    await stage.gateway.settle()
    assert stage.banks["plant"].written == [(1, 6, 19, (0,))]
    assert "controller is gone" in stage.heard(CommandIssued)[0].command.reason.en


async def test_a_unit_that_will_not_stop_is_told_again_with_growing_patience() -> None:
    stage = scene()
    stage.permit("ac-401", may_run_until=NOON)
    stage.banks["plant"].set(1, 19, 1)
    stage.banks["plant"].deaf.add(1)
    told = []
    for _ in range(120):
        await stage.gateway.settle()
        told.append(len(stage.heard(CommandIssued)))
        stage.clock.advance(10)
    assert told[0] == 1
    assert told[6] == 2
    assert 4 <= told[-1] <= 6


async def test_the_controllers_own_off_is_given_time_to_take_effect() -> None:
    stage = scene()
    stage.permit("ac-401", may_run_until=NOON)
    stage.banks["plant"].set(1, 19, 1)
    await stage.gateway.poll_once()
    await stage.order("ac-401", Wish(on=False))
    assert [message.command.actor.name for message in stage.heard(CommandIssued)] == ["controller"]


async def test_what_keeps_running_without_a_controller_raises_an_alarm_until_it_is_back() -> None:
    stage = scene()
    stage.permit("ac-archive", on_loss=OnLoss.KEEP, may_run_until=None)
    stage.permit("ac-401", may_run_until=None)
    for seconds in (299, 1, 60):
        stage.clock.advance(seconds)
        await stage.gateway.settle()
    stage.permit("ac-archive", on_loss=OnLoss.KEEP, may_run_until=None)
    await stage.gateway.settle()
    assert stage.alarms() == [("controller_lost:ac-archive", True), ("controller_lost:ac-archive", False)]
