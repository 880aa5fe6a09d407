"""What the controller does when commands do not take, devices are silent, or it was away."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from facility.bus import AlarmChanged, EnvelopeIssued, ForecastReceived
from facility.commands import Mode, Role, Wish
from facility.journal import Journal
from tests.controller.building import Building, local


@pytest.mark.parametrize(("trouble", "alarm"), [("obeys", "not_effective"), ("reachable", "unreachable")])
def test_a_command_that_does_not_take_is_retried_with_growing_pauses_and_alarmed(trouble: str, alarm: str) -> None:
    building = Building(local("07:30"))
    setattr(building, trouble, False)
    building.run_until("09:00")
    tries = [command.made for command in building.commands("ac-401")]
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(tries)]
    assert 4 <= len(tries) <= 8
    assert all(later > earlier for earlier, later in pairwise(pauses))
    assert f"{alarm}:ac-401" in building.standing_alarms()
    setattr(building, trouble, True)
    building.run_until("10:30")
    assert building.is_on()
    assert f"{alarm}:ac-401" not in building.standing_alarms()


def test_an_order_that_came_too_soon_is_given_again_when_it_may_and_nobody_is_alarmed() -> None:
    building = Building(local("07:30"))
    building.too_soon_until = local("08:20")
    building.run_until("09:00")
    tries = [command.made for command in building.commands("ac-401")]
    assert tries[1:] == [local("08:20")]
    assert building.is_on()
    assert not [message for message in building.of(AlarmChanged) if message.key == "refused:ac-401" and message.active]


def test_off_at_the_end_of_the_window_is_tried_until_it_works() -> None:
    building = Building(local("07:30"))
    building.run_until("16:58")
    building.obeys = False
    building.run_until("17:10")
    assert building.is_on()
    building.obeys = True
    building.run_until("17:20")
    assert not building.is_on()


def test_a_silent_unit_is_not_started_but_is_switched_off() -> None:
    building = Building(local("07:30"))
    building.run_until("07:45")
    building.silent.add("ac-401")
    building.run_until("08:30")
    assert not building.commands("ac-401")
    building.silent.clear()
    building.run_until("08:40")
    assert building.is_on()
    building.silent.add("ac-401")
    building.run_until("17:01")
    assert not building.is_on()


def test_envelopes_never_run_out_while_the_controller_lives() -> None:
    building = Building(local("07:30"), period_s=300.0, step_s=300.0)
    building.run_until("18:00")
    for unit in building.units:
        issued = [message.envelope for message in building.of(EnvelopeIssued) if message.envelope.equipment == unit]
        assert all(later.valid_until > earlier.valid_until for earlier, later in pairwise(issued))
        assert issued[-1].valid_until > building.clock.now()


def test_the_envelope_says_when_the_unit_must_be_off_and_by_which_clause() -> None:
    building = Building(local("07:30"))
    building.run_until("10:00")
    envelope = building.envelopes["ac-401"]
    assert envelope.may_run_until == local("17:00")
    assert envelope.modes[Mode.COOL].low_c == 28.0
    assert {str(bound): clause for bound, clause in envelope.clauses.items()} == {
        "setpoint_low": "AC-03", "setpoint_high": "AC-03", "run_until": "AC-05",
    }  # fmt: skip
    building.run_until("18:00")
    assert building.envelopes["ac-401"].must_be_off
    assert not building.envelopes["ac-401"].start_allowed


def restarted(building: Building, *, away_minutes: float = 1.0) -> Building:
    """The same building after its controller was stopped and started again."""
    building.controller.save()
    building.controller.close()
    building.clock.advance(away_minutes * 60)
    building.report()
    building.start_controller()
    return building


def with_journal(start: str = "07:30", **inputs: Any) -> Building:
    """A building whose controller remembers; forecasts are in the journal as the recorder puts them there."""
    journal = Journal("sqlite://")
    building = Building(local(start), journal=journal, **inputs)
    building.bus.listen(ForecastReceived, journal.record_forecast)
    building.forecast(36.0)
    return building


def test_after_a_restart_at_noon_the_verdicts_are_the_same_and_nothing_is_sent() -> None:
    building = with_journal()
    building.run_until("12:00")
    before = {unit: (building.decision(unit).wanted, building.decision(unit).slot) for unit in building.units}
    sent = len(building.commands())
    restarted(building)
    building.run_until("12:30")
    assert {unit: (building.decision(unit).wanted, building.decision(unit).slot) for unit in building.units} == before
    assert len(building.commands()) == sent
    assert building.journal is not None
    building.journal.close()


def test_a_lockout_and_a_persons_order_survive_a_restart() -> None:
    building = with_journal()
    building.run_until("12:00")
    building.order(Wish(setpoint_c=29.5), unit="ac-402", role=Role.DUTY_ROOM, minutes=240)
    building.outdoor_c = 29.0
    building.run_until("12:30")
    assert not building.is_on()
    building.outdoor_c = 33.0
    restarted(building)
    building.run_until("12:45")
    assert not building.is_on()
    building.run_until("13:05")
    assert building.is_on()
    assert building.units["ac-402"].setpoint_c == 29.5
    assert building.journal is not None
    building.journal.close()


def test_what_we_switched_off_just_before_a_crash_is_not_taken_for_a_hand_at_the_wall() -> None:
    building = with_journal()
    building.run_until("09:50")
    building.contacts["presence-401.present"] = 0.0
    building.run_until("10:10")
    building.controller.save()
    building.run_until("10:14")
    assert not building.is_on()
    building.controller.close()
    building.clock.advance(30)
    building.report()
    building.start_controller()
    building.run_until("10:30")
    assert building.controller_reasons()[0].rule == "vacant"
    building.contacts["presence-401.present"] = 1.0
    building.run_until("10:35")
    assert building.is_on()
    assert building.journal is not None
    building.journal.close()


def test_switched_off_at_the_wall_while_we_were_away_it_stays_off() -> None:
    building = with_journal()
    building.run_until("10:00")
    building.controller.save()
    building.controller.close()
    building.clock.advance(60)
    building.set_unit("ac-401", Wish(on=False))
    building.report()
    building.start_controller()
    building.run_until("11:00")
    assert not building.is_on()
    assert building.controller_reasons()[0].rule == "wall"
    assert building.journal is not None
    building.journal.close()


def test_a_missed_end_of_the_window_is_made_up_for() -> None:
    building = with_journal()
    building.run_until("16:30")
    restarted(building, away_minutes=60)
    building.run_until("17:32")
    assert not building.is_on()
    assert not building.is_on("ac-402")
    assert building.journal is not None
    building.journal.close()


def test_a_missed_start_is_made_up_for_one_after_the_other() -> None:
    building = with_journal()
    building.run_until("07:50")
    restarted(building, away_minutes=20)
    building.run_until("08:30")
    starts = [when for when, unit, on in building.switched if on and unit != "ac-archive"]
    assert starts[0] >= local("08:10")
    assert starts[1] - starts[0] >= timedelta(seconds=15)
    assert building.journal is not None
    building.journal.close()


def test_without_memory_what_runs_legally_at_noon_goes_on_as_it_is() -> None:
    building = Building(local("12:00"))
    building.controller.close()
    for unit, setpoint_c in (("ac-401", 28.0), ("ac-402", 29.0)):
        building.set_unit(unit, Wish(on=True, mode=Mode.COOL, setpoint_c=setpoint_c))
    building.report()
    building.start_controller()
    building.run_until("13:00")
    assert (building.is_on(), building.is_on("ac-402")) == (True, True)
    assert building.units["ac-402"].setpoint_c == 29.0
    assert not [command for command in building.commands() if command.equipment != "ac-archive"]


@pytest.mark.parametrize(
    ("start", "state", "on", "setpoint_c"),
    [
        ("12:00", Wish(on=True, mode=Mode.COOL, setpoint_c=24.0), True, 28.0),
        ("19:00", Wish(on=True, mode=Mode.COOL, setpoint_c=28.0), False, 28.0),
    ],
)
def test_without_memory_what_runs_illegally_is_corrected_at_once(
    start: str, state: Wish, on: bool, setpoint_c: float
) -> None:
    building = Building(local(start))
    building.controller.close()
    building.set_unit("ac-401", state)
    building.report()
    building.start_controller().cycle(building.clock.now())
    assert (building.is_on(), building.units["ac-401"].setpoint_c) == (on, setpoint_c)


def test_a_state_from_the_future_is_not_used() -> None:
    building = with_journal()
    building.run_until("12:00")
    building.controller.save()
    earlier = Building(local("07:30"), journal=building.journal)
    earlier.run_until("08:05")
    assert earlier.is_on()
    assert building.journal is not None
    building.journal.close()
