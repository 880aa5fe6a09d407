"""Where two rules meet: what is filed and the sky, a notice and the envelope, a wall and the end of the hours."""

from __future__ import annotations

from datetime import datetime

import pytest

from facility.bus import FilingChanged
from facility.commands import Mode, Refused, Wish
from facility.filings import Filing, FilingKind, Relaxation
from tests.controller.acting.test_fire import house
from tests.controller.building import Building, local
from tests.controller.test_filings_act import building_with, filed

COOLER = Relaxation(cooling_outdoor_c=26.0)


def starts_after(building: Building, when: datetime) -> list[str]:
    """The rooms with office hours that started after `when`."""
    return [unit for at, unit, on in building.switched if on and at > when and unit != "ac-archive"]


def raining_since_nine(*filings: Filing) -> Building:
    """A hot day on which it rains from nine on; eleven o'clock."""
    building = building_with(*filings, start="08:30")
    building.run_until("09:00")
    building.rain_mm = 2.0
    building.run_until("11:00")
    assert not building.is_on()
    return building


def test_a_lower_threshold_given_in_the_rain_starts_nothing_in_the_rain() -> None:
    building = raining_since_nine()
    building.bus.publish(FilingChanged(filing=filed("11:00", "15:00", relaxes=COOLER)))
    building.run_until("12:00")
    assert starts_after(building, local("11:00")) == []


def test_a_lower_threshold_beside_other_filings_starts_nothing_in_the_rain() -> None:
    building = raining_since_nine(
        filed("10:00", "15:00"), filed("11:00", "15:00", number=2, relaxes=COOLER)
    )  # fmt: skip
    building.run_until("12:00")
    assert starts_after(building, local("11:00")) == []


@pytest.mark.parametrize("asked_c", [26.0, 30.0, 35.0])
def test_a_threshold_given_at_once_holds_back_nothing_that_the_rules_allow(asked_c: float) -> None:
    building = building_with(start="08:30")
    building.contacts["presence-401.present"] = 0.0
    building.run_until("10:00")
    assert not building.is_on()
    building.bus.publish(FilingChanged(filing=filed("10:00", "15:00", relaxes=Relaxation(cooling_outdoor_c=asked_c))))
    building.contacts["presence-401.present"] = 1.0
    building.report()
    building.run_until("10:02")
    assert building.is_on()


def test_the_hold_of_a_threshold_goes_on_when_another_filing_begins_beside_it() -> None:
    building = building_with(
        filed("09:00", "15:00", relaxes=COOLER), filed("11:00", "15:00", number=2), outdoor_c=28.0, forecast_c=29.0
    )
    building.run_until("10:30")
    assert building.is_on("ac-402")
    building.order(Wish(on=False), unit="ac-402", minutes=29)
    building.run_until("11:02")
    assert building.is_on("ac-402")


def test_an_envelope_ends_where_a_notice_stops_supply() -> None:
    building = building_with(
        filed("15:00", "16:00", relaxes=Relaxation(), kind=FilingKind.NOTICE, stops=True), start="13:30"
    )
    building.run_until("14:00")
    assert building.envelopes["ac-401"].may_run_until == local("15:00")
    building.run_until("16:30")
    assert building.envelopes["ac-401"].may_run_until == local("17:00")


@pytest.mark.parametrize("drift", ["put_back", "report"])
def test_what_is_left_running_at_the_wall_is_off_at_the_end_of_the_hours(drift: str) -> None:
    building = building_with(start="15:00", control={"drift": drift})
    building.rain_mm = 2.0
    for minute in ("16:10", "16:20", "16:30", "16:40"):
        building.run_until(minute)
        building.set_unit("ac-402", Wish(on=True))
        building.report()
    building.run_until("16:58")
    assert building.is_on("ac-402")
    building.run_until("17:02")
    assert not building.is_on("ac-402")


def test_a_fire_signal_does_not_wait_for_what_was_changed_at_the_wall() -> None:
    building = house()
    building.rain_mm = 2.0
    building.run_until("10:10")
    for minute in ("10:15", "10:20", "10:25", "10:30"):
        building.run_until(minute)
        building.set_unit("ac-402", Wish(on=True))
        building.report()
    building.run_until("10:34")
    assert building.is_on("ac-402")
    building.others["panel-1.open"] = 1.0
    building.run_until("10:34:30")
    assert not building.is_on("ac-402")


def test_a_fan_whose_start_had_to_wait_is_not_started_in_the_last_fifteen_minutes() -> None:
    building = building_with(start="15:00")
    building.rain_mm = 2.0
    building.run_until("16:42")
    building.set_unit("ac-402", Wish(on=True))
    building.report()
    building.run_until("16:43")
    building.set_unit("ac-402", Wish(on=False))
    building.report()
    building.run_until("16:44")
    building.order(Wish(on=True, mode=Mode.FAN), unit="ac-402")
    building.run_until("16:58")
    assert not building.is_on("ac-402")
    answer = building.outcome("order-1")
    assert isinstance(answer, Refused)
    assert answer.clause == "AC-05"
    late = [command for command in building.commands("ac-402") if command.made > local("16:40")]
    assert not [command for command in late if command.wish.on]
