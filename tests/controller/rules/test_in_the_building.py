"""Rules as data in the running controller: units obey them, decisions cite them, people and filings meet them."""

from __future__ import annotations

from typing import Any

from facility.bus import ReminderGiven
from facility.commands import Mode, Wish
from facility.decisions import Effect
from facility.envelope import Bound
from tests.controller.building import Building, local
from tests.controller.rules.house import rule

HEATER = rule(
    id="heater", clause="AC-15", quote=None, when={"power": {"of": "office", "above": 1.2}}, for_s=120, release_s=300,
    scope={"kinds": ["indoor_unit"]},
)  # fmt: skip


def building(*rules: dict[str, Any], start: str = "09:00") -> Building:
    """The small site with own rules, running and warm."""
    found = Building(local(start), policy={"rules": list(rules)})
    found.run_until("09:40")
    assert found.is_on("ac-401")
    return found


def test_a_forbidden_unit_is_switched_off_and_comes_back_and_the_decision_cites_the_clause() -> None:
    house = building(HEATER)
    house.others["meter-401.power"] = 1.8
    house.run_until("09:45")
    assert not house.is_on("ac-401")
    assert house.is_on("ac-402")
    reason = house.decision().reasons[0]
    assert (reason.rule, reason.effect, reason.clause) == ("heater", Effect.FORBID, "AC-15")
    assert reason.quote is not None
    assert "严禁敞门开空调" in reason.quote
    assert "功率 1.8 kW" in house.decision().sentence.zh
    envelope = house.envelopes["ac-401"]
    assert (envelope.must_be_off, envelope.start_allowed, envelope.clauses[Bound.START]) == (True, False, "AC-15")
    house.others["meter-401.power"] = 0.0
    house.run_until("10:00")
    assert house.is_on("ac-401")


def test_a_person_cannot_start_what_a_rule_forbids() -> None:
    house = building(HEATER)
    house.others["meter-401.power"] = 1.8
    house.run_until("09:50")
    house.order(Wish(on=True))
    house.run_until("09:52")
    assert house.outcome("order-1").clause == "AC-15"
    assert not house.is_on("ac-401")


def test_a_limit_is_kept_and_put_back_where_it_is_found_otherwise() -> None:
    warm = rule(effect="limit", limit={"cool_low_c": 29.0}, scope={"equipment": ["ac-401"]})
    house = building(warm)
    assert house.units["ac-401"].setpoint_c == 29.0
    assert house.units["ac-402"].setpoint_c == 28.0
    assert house.envelopes["ac-401"].clauses[Bound.SETPOINT_LOW] == "OWN-01"
    assert house.envelopes["ac-402"].clauses[Bound.SETPOINT_LOW] == "AC-03"
    house.set_unit("ac-401", Wish(setpoint_c=28.0))
    house.run_until("09:50")
    assert house.units["ac-401"].setpoint_c == 29.0


def test_a_wanted_setpoint_is_taken_within_the_envelope() -> None:
    warmer = rule(
        effect="want", want={"setpoint_c": 30.0}, scope={"equipment": ["ac-401"]}, when={"outdoor": {"above": 32}}
    )
    house = building(warmer)
    assert (house.units["ac-401"].on, house.units["ac-401"].mode, house.units["ac-401"].setpoint_c) == (
        True,
        Mode.COOL,
        30.0,
    )
    colder = building(rule(effect="want", want={"setpoint_c": 20.0}, scope={"equipment": ["ac-401"]}))
    assert colder.units["ac-401"].setpoint_c == 28.0


def test_a_rule_that_wants_a_unit_on_does_not_start_it_out_of_hours() -> None:
    house = building(rule(effect="want", want={"on": True, "slot": 11}, scope={"kinds": ["indoor_unit"]}))
    house.run_until("17:30")
    assert not house.is_on("ac-401")
    assert house.decision().reasons[0].clause == "AC-05"


def test_the_archive_obeys_a_rule_that_names_it_and_no_other() -> None:
    stop = rule(scope={"equipment": ["ac-archive"]}, when={"time": {"from": "10:00", "until": "10:30"}})
    house = building(stop)
    assert house.is_on("ac-archive")
    house.run_until("10:05")
    assert not house.is_on("ac-archive")
    house.run_until("10:45")
    assert house.is_on("ac-archive")


def test_reminders_are_given_on_the_bus() -> None:
    given: list[ReminderGiven] = []
    reminder = {"zh": "请巡查", "en": "Patrol"}
    house = Building(
        local("09:00"),
        policy={"rules": [rule(effect="remind", remind=reminder, when={"time": {"from": "10:00", "until": "11:00"}})]},
    )
    house.bus.listen(ReminderGiven, given.append)
    house.run_until("10:10")
    own = [reminder for reminder in given if reminder.key.startswith("own:")]
    assert [(one.at, one.text.en, one.clause) for one in own] == [(local("10:00"), "Patrol", "OWN-01")]
