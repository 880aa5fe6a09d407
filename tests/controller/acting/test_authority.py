"""A controller that is tried out, stands by, or does not know who acts: decides, and commands nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from facility.bus import DecisionMade, EnvelopeIssued
from facility.commands import Mode, Refused, Wish
from facility.journal import Journal
from tests.controller.building import Building, local


@dataclass
class Hand:
    """A lease that a test gives and takes."""

    acting: bool = True
    known: bool = True
    epoch: int | None = 3


def test_tried_out_it_decides_and_says_so_and_commands_nothing() -> None:
    building = Building(local("07:30"), control={"mode": "shadow"})
    building.run_until("09:00")
    assert not building.commands()
    decision = building.decision()
    assert decision.wanted.on
    assert decision.reasons[0].rule == "shadow"
    assert decision.sentence.zh.startswith("试运行：")
    building.order(Wish(on=False))
    building.run_until("09:01")
    outcome = building.outcome("order-1")
    assert isinstance(outcome, Refused)
    assert "试运行" in outcome.why.zh


def test_tried_out_it_does_not_stop_what_runs_at_the_windows_end() -> None:
    building = Building(local("16:30"), control={"mode": "shadow"})
    building.set_unit("ac-401", Wish(on=True, mode=Mode.COOL, setpoint_c=22.0))
    building.run_until("18:00")
    assert not building.commands()
    assert building.is_on()
    assert building.decision().wanted.on is False


def test_commands_carry_the_epoch() -> None:
    building = Building(local("07:30"), lease=Hand(epoch=7))
    building.run_until("09:00")
    assert {command.fence for command in building.commands()} == {7}


def test_a_standby_tells_nothing_and_answers_people_so() -> None:
    hand = Hand(acting=False)
    building = Building(local("07:30"), lease=hand)
    building.run_until("09:00")
    assert not building.commands()
    assert not list(building.of(DecisionMade))
    assert list(building.of(EnvelopeIssued)), "its gateway may have to hold the window's end"
    building.order(Wish(on=False))
    building.run_until("09:01")
    assert "备用" in building.outcome("order-1").why.zh
    hand.acting = True
    building.run_until("09:05")
    assert building.is_on()
    assert list(building.of(DecisionMade))


def test_where_nobody_is_known_to_act_envelopes_run_out() -> None:
    hand = Hand()
    building = Building(local("07:30"), lease=hand)
    building.run_until("10:00")
    hand.acting = hand.known = False
    told = len(list(building.of(EnvelopeIssued)))
    building.run_until("10:30")
    assert len(list(building.of(EnvelopeIssued))) == told
    assert all(envelope.valid_until < building.clock.now() for envelope in building.envelopes.values())
    building.set_unit("ac-401", Wish(setpoint_c=24.0))
    before = len(building.commands())
    building.order(Wish(on=False))
    building.run_until("10:40")
    assert len(building.commands()) == before
    assert "控制权" in building.outcome("order-1").why.zh
    hand.acting = True
    building.run_until("10:45")
    assert all(envelope.valid_until > building.clock.now() for envelope in building.envelopes.values())


def test_a_standby_enters_no_changes_at_the_wall() -> None:
    journal = Journal("sqlite:///:memory:")
    building = Building(local("09:30"), lease=Hand(acting=False), journal=journal, step_s=15.0, period_s=15.0)
    building.set_unit("ac-401", Wish(on=True, mode=Mode.COOL, setpoint_c=22.0))
    building.run_to(building.clock.now() + timedelta(minutes=5))
    building.set_unit("ac-401", Wish(on=False))
    building.run_to(building.clock.now() + timedelta(minutes=5))
    building.controller.save()
    assert not journal.events("wall_change")
    journal.close()
