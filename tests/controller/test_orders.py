"""What people may order through page and API, and what they are told when they may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from facility.commands import Confirmed, Expired, Mode, Refused, Role, Wish
from tests.controller.building import Building, local


def at(clock: str, **inputs: Any) -> Building:
    """A hot day at a time of day."""
    building = Building(local("07:30"), **inputs)
    building.run_until(clock)
    return building


def ask(building: Building, wish: Wish, **who: Any) -> Any:
    """Orders, and goes on a minute."""
    building.order(wish, **who)
    building.run_to(building.clock.now() + timedelta(minutes=1))
    return building.outcome("order-1")


OFF = Wish(on=False)


@pytest.mark.parametrize(
    ("role", "office", "unit", "clause"),
    [
        (Role.ADMINISTRATOR, None, "ac-402", None),
        (Role.ADMIN_SECTION, None, "ac-402", None),
        (Role.DUTY_ROOM, None, "ac-402", None),
        (Role.SECTION_OPERATOR, "general", "ac-402", None),
        (Role.SECTION_OPERATOR, "finance", "ac-402", "AC-10"),
        (Role.SECTION_OPERATOR, None, "ac-402", "AC-10"),
        (Role.VIEWER, None, "ac-402", "AC-10"),
    ],
)
def test_who_may_switch_off(role: Role, office: str | None, unit: str, clause: str | None) -> None:
    building = at("10:00")
    outcome = ask(building, OFF, unit=unit, role=role, office=office)
    if clause is None:
        assert isinstance(outcome, Confirmed)
        assert not building.is_on(unit)
    else:
        assert isinstance(outcome, Refused)
        assert outcome.clause == clause
        assert building.is_on(unit)


def test_another_sections_operator_is_told_who_answers_for_a_public_room() -> None:
    building = at("10:00", classes={"r402": "public"})
    outcome = ask(building, OFF, unit="ac-402", role=Role.SECTION_OPERATOR, office="finance")
    assert (type(outcome), outcome.clause) == (Refused, "AC-14")


@pytest.mark.parametrize(
    ("when", "wish", "inputs", "clause"),
    [
        ("10:00", Wish(setpoint_c=26.0), {}, "AC-03"),
        ("10:00", Wish(on=True, mode=Mode.HEAT), {}, "AC-02"),
        ("19:00", Wish(on=True), {}, "AC-05"),
        ("10:00", Wish(on=True), {"forecast_c": 29.0}, "AC-01"),
        ("10:00", Wish(on=True), {"outdoor_c": 29.0}, "AC-06"),
        ("10:00", Wish(on=True, mode=Mode.COOL, setpoint_c=28.0), {"outdoor_c": 29.0}, "AC-06"),
    ],
)
def test_outside_the_envelope_it_is_refused_with_the_clause(
    when: str, wish: Wish, inputs: dict[str, Any], clause: str
) -> None:
    building = at(when, **inputs)
    outcome = ask(building, wish)
    assert isinstance(outcome, Refused)
    assert outcome.clause == clause
    assert "备案" in outcome.why.zh
    assert "exception" in outcome.why.en
    assert not [command for command in building.commands() if command.id == "order-1"]


def test_a_stricter_setpoint_is_set_and_kept_until_its_end() -> None:
    building = at("10:00")
    assert isinstance(ask(building, Wish(setpoint_c=29.5), minutes=30), Confirmed)
    assert building.units["ac-401"].setpoint_c == 29.5
    assert building.decision().slot == 8
    building.run_until("10:29")
    assert building.units["ac-401"].setpoint_c == 29.5
    building.run_until("10:35")
    assert building.units["ac-401"].setpoint_c == 28.0
    assert building.decision().slot == 12


def test_fan_only_needs_no_permit() -> None:
    building = at("10:00", forecast_c=25.0)
    assert isinstance(ask(building, Wish(on=True, mode=Mode.FAN)), Confirmed)
    building.run_until("10:30")
    assert building.is_on()


def test_nobody_cools_an_open_window() -> None:
    building = at("10:00")
    building.contacts["window-401.open"] = 1.0
    building.run_until("10:10")
    outcome = ask(building, Wish(on=True))
    assert (type(outcome), outcome.clause) == (Refused, "AC-08")


def test_a_site_may_put_people_before_interlocks() -> None:
    building = at("10:00", policy={"parameters": {"interlock_priority": "interlock"}})
    building.contacts["presence-401.present"] = 0.0
    building.run_until("10:30")
    assert not building.is_on()
    assert isinstance(ask(building, Wish(on=True, setpoint_c=28.0)), Confirmed)
    assert building.is_on()


def test_the_command_carries_the_orders_id_and_its_actor() -> None:
    building = at("10:00")
    ask(building, OFF)
    command = next(command for command in building.commands() if command.id == "order-1")
    assert (command.actor.name, command.actor.role) == ("行政科", Role.ADMINISTRATOR)
    assert "会议" in command.reason.zh


def test_an_order_for_what_is_already_so_is_confirmed_too() -> None:
    building = at("10:00")
    assert isinstance(ask(building, Wish(on=True)), Confirmed)


def test_a_start_waits_for_the_minimum_off_time() -> None:
    building = at("10:00")
    building.order(OFF, order="order-0")
    building.run_until("10:01")
    assert isinstance(building.outcome("order-0"), Confirmed)
    building.order(Wish(on=True), order="order-1")
    building.run_until("10:03")
    assert not building.is_on()
    assert building.controller_reasons()[0].rule == "min-off"
    building.run_until("10:08")
    assert building.is_on()


def test_a_person_who_switches_off_sees_it_go_off_however_short_it_ran() -> None:
    building = at("08:03")
    assert building.is_on()
    assert isinstance(ask(building, OFF), Confirmed)
    assert not building.is_on()


def test_what_nobody_asks_for_any_more_runs_its_minimum_time() -> None:
    building = at("10:00", forecast_c=25.0)
    assert isinstance(ask(building, Wish(on=True, mode=Mode.FAN), minutes=3), Confirmed)
    building.run_until("10:09")
    assert building.is_on()
    assert building.controller_reasons()[0].rule == "min-on"
    building.run_until("10:12")
    assert not building.is_on()


def test_a_start_in_the_mode_the_unit_has_is_no_change_of_mode() -> None:
    building = at("10:00")
    building.order(Wish(on=True, mode=Mode.FAN), order="order-0")
    building.run_until("10:01")
    building.order(OFF, order="order-0b")
    building.run_until("10:02")
    building.order(Wish(on=True, mode=Mode.FAN))
    building.run_until("10:08")
    assert building.is_on()


def test_an_order_whose_time_ends_while_it_waits_is_answered_expired() -> None:
    building = at("10:00")
    building.order(OFF, order="order-0")
    building.run_until("10:01")
    building.order(Wish(on=True), minutes=2)
    building.run_until("10:05")
    assert isinstance(building.outcome("order-1"), Expired)
    assert not [command for command in building.commands() if command.id == "order-1"]


def test_a_newer_order_answers_the_one_it_replaces() -> None:
    building = at("10:00")
    building.order(OFF, order="order-0")
    building.run_until("10:01")
    building.order(Wish(on=True), order="order-1")
    building.run_until("10:02")
    building.order(Wish(on=True, setpoint_c=29.0), order="order-2")
    building.run_until("10:08")
    assert isinstance(building.outcome("order-1"), Refused)
    assert isinstance(building.outcome("order-2"), Confirmed)
    assert building.units["ac-401"].setpoint_c == 29.0


def test_what_the_controller_does_not_run_is_refused() -> None:
    building = at("10:00")
    outcome = ask(building, OFF, unit="main-meter")
    assert isinstance(outcome, Refused)


def test_an_order_that_waited_is_answered_when_somebody_at_the_wall_was_quicker() -> None:
    building = at("10:00")
    building.order(OFF, order="order-0")
    building.run_until("10:01")
    building.order(Wish(on=True))
    building.run_to(building.clock.now() + timedelta(seconds=30))
    assert not building.is_on(), "it has to rest for five minutes first"
    building.set_unit("ac-401", Wish(on=True, setpoint_c=29.0))
    building.run_to(building.clock.now() + timedelta(minutes=30))
    outcome = building.outcome("order-1")
    assert isinstance(outcome, Refused)
    assert "newer" in outcome.why.en
    assert building.is_on()
