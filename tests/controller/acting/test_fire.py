"""Fire inputs: what is in their scope is off at once, and on again only when a person says so."""

from __future__ import annotations

from typing import Any

import pytest

from facility.bus import AlarmActed
from facility.bus.messages import AlarmAct
from facility.commands import Actor, Confirmed, Mode, Refused, Role, Wish
from facility.journal import Journal
from tests.controller.building import Building, local

PANEL = {
    "devices": [{"id": "panel", "profile": "mqtt_window", "link": "sensors", "topic": "site/fire"}],
    "equipment": [{"id": "panel-1", "kind": "window_contact", "device": "panel"}],
}
CONTROL = {"fire": [{"point": "panel-1.open"}]}
RESET = "fire_reset:panel-1.open"


def house(*, quiet: float = 0.0, **facts: Any) -> Building:
    """A hot morning; a contact of the fire panel, which reads `quiet`."""
    entry = {"point": "panel-1.open", "name": {"zh": "四楼消防联动", "en": "fire panel, fourth floor"}}
    entry |= facts.pop("fire", {})
    building = Building(local("09:00"), step_s=15.0, period_s=15.0, extra=PANEL, control={"fire": [entry]}, **facts)
    building.others["panel-1.open"] = quiet
    building.run_until("09:30")
    assert building.is_on()
    return building


def acknowledge(building: Building, role: Role = Role.DUTY_ROOM) -> None:
    actor = Actor(name="值班员", role=role)
    building.bus.publish(
        AlarmActed(key=RESET, act=AlarmAct.ACKNOWLEDGE, actor=actor, at=building.clock.now())
    )  # fmt: skip


def test_a_signal_switches_off_at_once_whatever_the_timers_say_and_is_alarmed() -> None:
    building = house()
    building.others["panel-1.open"] = 1.0
    building.run_until("09:30:30")
    assert not any(building.is_on(unit) for unit in ("ac-401", "ac-402", "ac-archive"))
    assert "fire:panel-1.open" in building.standing_alarms()
    decision = building.decision()
    assert (decision.slot, decision.reasons[0].rule) == (2, "fire")
    assert decision.slots[0].slot == 2
    assert building.envelopes["ac-401"].must_be_off
    assert not building.envelopes["ac-401"].start_allowed


def test_nothing_starts_before_it_has_gone_and_a_person_lets_it() -> None:
    building = house()
    building.others["panel-1.open"] = 1.0
    building.run_until("09:31")
    acknowledge(building)
    building.run_until("09:45")
    assert not building.is_on(), "the signal stands"
    building.others["panel-1.open"] = 0.0
    building.run_until("10:30")
    assert not building.is_on(), "nobody said so"
    assert building.standing_alarms() >= {RESET}
    assert "fire:panel-1.open" not in building.standing_alarms()
    acknowledge(building, Role.VIEWER)
    building.run_until("10:31")
    assert not building.is_on(), "a viewer has no say"
    acknowledge(building)
    building.run_until("10:33")
    assert building.is_on()
    assert RESET not in building.standing_alarms()


def test_no_person_and_no_wall_starts_it_meanwhile() -> None:
    building = house()
    building.others["panel-1.open"] = 1.0
    building.run_until("09:31")
    building.order(Wish(on=True))
    building.run_until("09:32")
    assert isinstance(building.outcome("order-1"), Refused)
    building.set_unit("ac-401", Wish(on=True))
    building.run_until("09:34")
    assert not building.is_on()


def test_it_holds_over_a_restart() -> None:
    journal = Journal("sqlite:///:memory:")
    building = house(journal=journal)
    building.others["panel-1.open"] = 1.0
    building.run_until("09:31")
    building.controller.save()
    building.controller.close()
    building.start_controller()
    building.others["panel-1.open"] = 0.0
    building.run_until("10:00")
    assert not building.is_on()
    acknowledge(building)
    building.run_until("10:02")
    assert building.is_on()
    journal.close()


@pytest.mark.parametrize(
    ("value", "alarm_when", "stops"), [(0.0, "on", False), (1.0, "off", False), (0.0, "off", True)]
)
def test_what_counts_as_a_signal(value: float, alarm_when: str, stops: bool) -> None:
    building = house(fire={"alarm_when": "on"}) if alarm_when == "on" else None
    if building is None:
        entry = {"point": "panel-1.open", "alarm_when": "off"}
        building = Building(local("09:00"), step_s=15.0, period_s=15.0, extra=PANEL, control={"fire": [entry]})
        building.others["panel-1.open"] = 1.0
        building.run_until("09:30")
    building.others["panel-1.open"] = value
    building.run_until("09:31")
    assert building.is_on() is not stops


def test_a_panel_that_is_silent_stops_nothing() -> None:
    building = house()
    del building.others["panel-1.open"]
    building.run_until("10:00")
    assert building.is_on()


@pytest.mark.parametrize(
    ("scope", "off"),
    [
        (["r402"], {"ac-402"}),
        (["f4"], {"ac-401", "ac-402", "ac-archive"}),
        (["main"], {"ac-401", "ac-402", "ac-archive"}),
    ],
)
def test_a_scope_is_kept_to(scope: list[str], off: set[str]) -> None:
    building = house(fire={"scope": scope})
    building.others["panel-1.open"] = 1.0
    building.run_until("09:31")
    assert {unit for unit in building.site.indoor_units if not building.is_on(unit)} == off


def test_off_by_a_person_still_passes() -> None:
    building = house()
    building.others["panel-1.open"] = 1.0
    building.run_until("09:31")
    building.order(Wish(on=False, mode=Mode.COOL))
    building.run_until("09:32")
    assert isinstance(building.outcome("order-1"), Confirmed | Refused)


def test_it_and_a_persons_order_hold_over_a_clock_that_is_set_back() -> None:
    journal = Journal("sqlite:///:memory:")
    building = house(journal=journal)
    building.order(Wish(setpoint_c=29.5), unit="ac-402", minutes=600)
    building.run_until("09:32")
    building.set_unit("ac-archive", Wish(setpoint_c=20.0))
    building.run_until("09:33")
    building.others["panel-1.open"] = 1.0
    building.run_until("09:34")
    building.controller.save()
    earlier = Building(local("08:00"), step_s=15.0, period_s=15.0, extra=PANEL, control=CONTROL, journal=journal)
    earlier.others["panel-1.open"] = 0.0
    earlier.run_until("09:00")
    assert not earlier.is_on()
    assert [held.slot for held in earlier.decision("ac-402").slots if held.who == "行政科"] == [8]
    assert not [held for held in earlier.decision("ac-archive").slots if held.who == "wall"]
    journal.close()
