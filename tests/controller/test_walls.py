"""Changes at the wall: respected inside the envelope, put back outside it, and not for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from facility.commands import Fan, Mode, Wish
from facility.journal import Journal
from tests.controller.building import WEDNESDAY, Building, local

THURSDAY = WEDNESDAY + timedelta(days=1)


def running(**inputs: object) -> Building:
    """A hot day at ten; the unit runs at 28."""
    building = Building(local("09:30"), step_s=60.0, period_s=15.0, **inputs)  # type: ignore[arg-type]
    building.run_until("09:58")
    building.step_s = 15.0
    building.run_until("10:00")
    return building


@pytest.mark.parametrize(
    "wish", [Wish(setpoint_c=29.5), Wish(mode=Mode.FAN), Wish(mode=Mode.DRY, setpoint_c=28.0), Wish(fan=Fan.LOW)]
)
def test_a_change_inside_the_envelope_is_respected(wish: Wish) -> None:
    building = running()
    building.set_unit("ac-401", wish)
    changed = building.units["ac-401"]
    building.run_until("12:00")
    assert building.units["ac-401"] == changed
    if wish.fan is None:
        assert building.controller_reasons()[0].rule == "wall"


def test_switched_off_at_the_wall_it_stays_off_until_the_next_edge_and_starts_next_morning() -> None:
    building = running()
    building.set_unit("ac-401", Wish(on=False))
    building.step_s = 300.0
    building.run_until("16:30")
    assert not building.is_on()
    assert building.decision().sentence.zh.endswith("现场面板设为关机，在许可范围内，至 17:00 保持")
    building.run_until("23:00")
    building.outdoor_c = 32.0
    building.run_until("07:50", THURSDAY)
    building.forecast(36.0)
    building.run_until("08:05", THURSDAY)
    assert building.is_on()


def test_twenty_six_is_put_back_to_twenty_eight_after_a_minute() -> None:
    building = running()
    building.set_unit("ac-401", Wish(setpoint_c=26.0))
    building.run_until("10:00:55")
    assert building.units["ac-401"].setpoint_c == 26.0
    assert building.controller_reasons()[0].rule == "put-back"
    assert building.controller_reasons()[0].clause == "AC-10"
    building.run_until("10:01:30")
    assert building.units["ac-401"].setpoint_c == 28.0


def test_undone_within_the_minute_nothing_is_written() -> None:
    building = running()
    before = len(building.commands("ac-401"))
    building.set_unit("ac-401", Wish(setpoint_c=26.0))
    building.run_until("10:00:45")
    building.set_unit("ac-401", Wish(setpoint_c=28.0))
    building.run_until("10:10")
    assert len(building.commands("ac-401")) == before


def test_put_back_three_times_an_hour_then_alarmed_and_left() -> None:
    building = running()
    for minute in (1, 11, 21):
        building.set_unit("ac-401", Wish(setpoint_c=26.0))
        building.run_until(f"10:{minute + 5:02}")
        assert building.units["ac-401"].setpoint_c == 28.0
    building.set_unit("ac-401", Wish(setpoint_c=26.0))
    building.run_until("10:50")
    assert building.units["ac-401"].setpoint_c == 26.0
    assert "wall_change:ac-401" in building.standing_alarms()
    assert building.controller_reasons()[0].rule == "put-back-limit"
    building.run_until("11:05")
    assert building.units["ac-401"].setpoint_c == 28.0
    assert "wall_change:ac-401" not in building.standing_alarms()


def test_switched_on_in_the_evening_it_is_switched_off_again() -> None:
    building = running()
    building.step_s = 300.0
    building.run_until("19:00")
    building.step_s = 15.0
    building.set_unit("ac-401", Wish(on=True))
    building.run_until("19:00:45")
    assert building.is_on()
    building.run_until("19:01:30")
    assert not building.is_on()
    assert building.controller_reasons()[0].clause == "AC-05"


def test_who_switches_off_and_on_again_at_the_wall_is_respected_each_time() -> None:
    building = Building(local("09:30"), step_s=15.0, period_s=15.0)
    building.run_until("09:42")
    assert building.is_on(), "our own start was a moment ago"
    for clock, on, later in (("09:45", False, "09:46:30"), ("09:47", True, "09:48:30"), ("09:49", False, "10:05")):
        building.run_until(clock)
        building.set_unit("ac-401", Wish(on=on))
        building.run_until(later)
        assert building.is_on() is on
        assert building.controller_reasons()[0].rule == "wall"


def test_the_wrong_mode_is_put_back_after_a_minute() -> None:
    building = running()
    building.set_unit("ac-401", Wish(mode=Mode.HEAT, setpoint_c=24.0))
    building.run_until("10:00:55")
    assert building.units["ac-401"].mode is Mode.HEAT
    building.run_until("10:01:30")
    unit = building.units["ac-401"]
    assert (unit.on, unit.mode, unit.setpoint_c) == (True, Mode.COOL, 28.0)


def test_at_the_end_of_the_window_a_change_a_moment_before_gets_no_grace() -> None:
    building = running()
    building.step_s = 300.0
    building.run_until("16:59")
    building.step_s = 15.0
    building.set_unit("ac-401", Wish(setpoint_c=25.0))
    building.run_until("17:00:15")
    assert not building.is_on()


def test_how_long_a_change_stood_is_journalled() -> None:
    journal = Journal("sqlite://")
    building = running(journal=journal)
    building.set_unit("ac-401", Wish(setpoint_c=26.0))
    building.run_until("10:05")
    building.controller.save()
    events = journal.events("wall_change")
    journal.close()
    assert len(events) == 1
    assert events[0].equipment == "ac-401"
    assert events[0].data["put_back"] is True
    assert 60.0 <= events[0].data["duration_s"] <= 90.0


def test_a_change_is_entered_with_its_office_its_clause_and_how_long_it_lasted() -> None:
    journal = Journal("sqlite:///:memory:")
    building = running(journal=journal)
    building.set_unit("ac-401", Wish(setpoint_c=26.0))
    building.run_until("10:05")
    building.set_unit("ac-401", Wish(setpoint_c=29.0))
    building.run_until("10:10")
    building.controller.save()
    inside, outside = (event.data for event in journal.events("wall_change"))
    journal.close()
    assert (outside["office"], outside["clause"], outside["put_back"], outside["inside"]) == (
        "finance", "AC-03", True, False,
    )  # fmt: skip
    assert 45 <= outside["duration_s"] <= 120
    assert (inside["office"], inside["inside"], inside["to"]["setpoint_c"]) == ("finance", True, 29.0)


def test_where_the_site_only_wants_it_reported_nothing_is_put_back() -> None:
    journal = Journal("sqlite:///:memory:")
    building = running(journal=journal, control={"drift": "report"})
    before = len(building.commands("ac-401"))
    building.set_unit("ac-401", Wish(setpoint_c=26.0))
    building.run_until("11:00")
    assert len(building.commands("ac-401")) == before
    assert building.controller_reasons()[0].rule == "drift-reported"
    building.set_unit("ac-401", Wish(setpoint_c=28.0))
    building.run_until("11:05")
    building.controller.save()
    (event,) = journal.events("wall_change")
    journal.close()
    assert (event.data["put_back"], event.data["clause"]) == (False, "AC-03")
    assert 3500 <= event.data["duration_s"] <= 3700
