"""What is filed acts by itself: it begins, widens the rules for whom it is filed, and is released at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from facility.bus import FilingChanged
from facility.commands import Actor, Mode, Role, Wish
from facility.filings import Filing, FilingKind, FilingState, Relaxation, Scope
from tests.controller.building import WEDNESDAY, Building, local
from tests.controller.test_day_ledgers import check, line

SATURDAY = date(2026, 7, 18)
CLERK = Actor(name="行政科", role=Role.ADMIN_SECTION)
HOURS = Relaxation(hours=True)


def filed(
    start: str, end: str, *, relaxes: Relaxation = HOURS, day: date = WEDNESDAY, number: int = 1, **more: Any
) -> Filing:
    """An approved filing from `start` to `end` of `day`; `24:00` and later lie on the next day."""
    return Filing(
        **{
            "id": number, "kind": FilingKind.EXCEPTION, "state": FilingState.APPROVED, "applicant": CLERK,
            "filed_at": local("07:00", WEDNESDAY - timedelta(days=2)), "start": _at(start, day), "end": _at(end, day),
            "relaxes": relaxes, "reason": "汛期值守", **more,
        }
    )  # fmt: skip


def _at(clock: str, day: date) -> datetime:
    hours, minutes = (int(part) for part in clock.split(":"))
    return local("00:00", day) + timedelta(hours=hours, minutes=minutes)


def building_with(*filings: Filing, start: str = "07:30", day: date = WEDNESDAY, **how: Any) -> Building:
    building = Building(local(start, day), **how)
    for filing in filings:
        building.bus.publish(FilingChanged(filing=filing))
    return building


def test_use_in_the_evening_begins_and_ends_by_itself() -> None:
    building = building_with(filed("19:00", "21:00"))
    check(
        building,
        [
            line("16:59", True, "supply-on"),
            line("17:01", False, "after-window", "AC-05"),
            line("18:59", False, "after-window", "AC-05"),
            line("19:01", True, "supply-on"),
            line("20:59", True, "supply-on"),
            line("21:01", False, "after-window", "AC-05"),
        ],
    )
    envelope = building.envelopes["ac-401"]
    assert envelope.must_be_off


def test_the_sentence_names_the_filing_and_its_end() -> None:
    building = building_with(filed("17:00", "21:00", number=12))
    building.run_until("18:00")
    decision = building.decision()
    assert "第 12 号备案（汛期值守）" in decision.sentence.zh
    assert "至 21:00" in decision.sentence.zh
    assert "filing no. 12" in decision.sentence.en
    assert building.envelopes["ac-401"].may_run_until == local("21:00")


def test_what_carries_on_where_the_window_ends_does_not_stop_in_between() -> None:
    building = building_with(filed("17:00", "19:00"), filed("19:00", "20:00", number=2))
    building.run_until("16:30")
    assert building.envelopes["ac-401"].may_run_until == local("20:00")
    building.run_until("19:59")
    assert [on for _, unit, on in building.switched if unit == "ac-401"] == [True]
    building.run_until("20:02")
    assert not building.is_on()


def test_a_day_of_rest_is_used_within_the_hours_only() -> None:
    building = building_with(
        filed("06:00", "20:00", relaxes=Relaxation(holiday=True), day=SATURDAY), day=SATURDAY, start="05:00"
    )
    check(
        building,
        [
            line("07:59", False, "before-window", "AC-05"),
            line("08:01", True, "supply-on"),
            line("17:01", False, "after-window", "AC-05"),
        ],
        SATURDAY,
    )


def test_without_the_day_of_rest_relaxed_nothing_runs_on_it() -> None:
    building = building_with(filed("06:00", "20:00", day=SATURDAY), day=SATURDAY, start="05:00")
    check(building, [line("10:00", False, "rest-day", "AC-04")], SATURDAY)


def test_a_night_into_a_day_of_rest_ends_at_midnight_unless_that_is_relaxed() -> None:
    friday = SATURDAY - timedelta(days=1)
    building = building_with(filed("20:00", "26:00", day=friday), day=friday, start="15:00")
    building.run_until("21:00", friday)
    assert building.is_on()
    assert building.envelopes["ac-401"].may_run_until == local("00:00", SATURDAY)
    building.run_until("00:05", SATURDAY)
    assert not building.is_on()
    both = Relaxation(hours=True, holiday=True)
    building = building_with(filed("20:00", "26:00", day=friday, relaxes=both), day=friday, start="15:00")
    building.run_until("23:00", friday)
    building.forecast(34.0, day=SATURDAY)
    building.run_until("01:55", SATURDAY)
    assert building.is_on()
    building.run_until("02:03", SATURDAY)
    assert not building.is_on()


def test_only_those_for_whom_it_is_filed_run() -> None:
    scope = Scope(spaces=frozenset({"r402"}))
    building = building_with(filed("19:00", "21:00", scope=scope))
    served = {name: building.site.indoor_units[name].serves for name in building.site.indoor_units}
    building.run_until("20:00")
    running = {name for name in served if building.is_on(name)}
    offices = {name for name in served if building.site.spaces[served[name][0]].zone_class.value == "office"}
    assert running & offices == {name for name in offices if "r402" in served[name]}


def test_a_lower_outdoor_threshold_and_setpoint_hold_while_it_is_filed() -> None:
    relaxes = Relaxation(cooling_outdoor_c=26.0, setpoint_min_cool_c=26.0)
    building = building_with(filed("09:00", "12:00", relaxes=relaxes), outdoor_c=27.0, forecast_c=28.0)
    building.rooms["ac-401"] = 27.0
    check(
        building,
        [
            line("08:55", False, "room-too-cold", "AC-03"),
            line("09:02", True, "supply-on"),
        ],
    )
    assert building.units["ac-401"].setpoint_c == 26.0
    building.run_until("12:03")
    assert not building.is_on()


def test_a_setpoint_that_was_filed_is_corrected_when_it_is_over() -> None:
    building = building_with(filed("09:00", "12:00", relaxes=Relaxation(setpoint_min_cool_c=26.0)))
    building.run_until("11:00")
    assert building.units["ac-401"].setpoint_c == 26.0
    building.run_until("12:03")
    assert building.is_on()
    assert building.units["ac-401"].setpoint_c == 28.0


def test_asking_for_less_than_the_rules_allow_narrows_nothing() -> None:
    relaxes = Relaxation(cooling_outdoor_c=35.0, setpoint_min_cool_c=30.0, setpoint_max_heat_c=0.0)
    building = building_with(filed("08:00", "12:00", relaxes=relaxes))
    building.run_until("10:00")
    assert building.is_on()
    assert building.units["ac-401"].setpoint_c == 28.0


def test_an_unknown_outdoor_temperature_starts_nothing_even_when_filed() -> None:
    relaxes = Relaxation(hours=True, forecast=True, cooling_outdoor_c=26.0)
    building = building_with(filed("19:00", "21:00", relaxes=relaxes), outdoor_c=None, forecast_c=None)
    check(building, [line("20:00", False, "outdoor-unknown", "AC-06")])


def test_a_notice_stops_supply_and_releases_it() -> None:
    stop = filed("10:00", "11:00", relaxes=Relaxation(), kind=FilingKind.NOTICE, stops=True, reason="限电")
    building = building_with(stop)
    check(
        building,
        [
            line("09:59", True, "supply-on"),
            line("10:02", False, "notice-stop", "AC-05"),
            line("10:59", False, "notice-stop", "AC-05"),
            line("11:03", True, "supply-on"),
        ],
    )


def test_a_revoked_filing_ends_at_once() -> None:
    filing = filed("19:00", "21:00")
    building = building_with(filing)
    building.run_until("20:00")
    assert building.is_on()
    building.bus.publish(FilingChanged(filing=replace(filing, state=FilingState.REVOKED)))
    building.run_until("20:02")
    assert not building.is_on()


def test_what_nobody_approved_changes_nothing() -> None:
    for state in (FilingState.SUBMITTED, FilingState.REJECTED):
        building = building_with(filed("19:00", "21:00", state=state))
        check(building, [line("20:00", False, "after-window", "AC-05")])


def test_a_booked_room_is_made_ready_before_the_meeting() -> None:
    booking = filed(
        "18:30", "20:00", kind=FilingKind.BOOKING, lead=timedelta(minutes=15), relaxes=HOURS, reference="会议 7"
    )
    building = building_with(booking)
    check(building, [line("18:14", False, "after-window", "AC-05"), line("18:16", True, "supply-on")])


def test_archives_are_not_touched_by_filings() -> None:
    stop = filed("09:00", "12:00", relaxes=Relaxation(), kind=FilingKind.NOTICE, stops=True)
    building = building_with(stop, classes={"r401": "archive"})
    building.run_until("11:00")
    assert building.is_on()
    assert building.decision().reasons[0].clause == "ARC-01"


def test_a_person_may_start_a_unit_while_it_is_filed_and_not_after() -> None:
    building = building_with(filed("19:00", "21:00"), policy={"zone_classes": {"office": {"start": "permit_only"}}})
    building.run_until("19:05")
    building.order(Wish(on=True, mode=Mode.COOL, setpoint_c=28.0), minutes=600)
    building.run_until("19:08")
    assert building.is_on()
    building.run_until("21:02")
    assert not building.is_on()


def test_the_next_change_is_the_beginning_of_what_is_filed() -> None:
    building = building_with(filed("19:00", "21:00"))
    building.run_until("17:30")
    assert building.decision().next_change == local("19:00")


def test_a_filing_far_ahead_costs_no_regime() -> None:
    building = building_with(filed("19:00", "21:00", day=WEDNESDAY + timedelta(days=9)))
    building.run_until("09:00")
    assert all(record.regime is None for record in building.controller.records.values())


def test_an_early_start_does_not_wait_for_the_hour_at_which_the_permit_is_taken() -> None:
    building = building_with(filed("06:00", "08:00"), start="05:00")
    check(building, [line("06:02", True, "supply-on")])
    cool = building_with(filed("06:00", "08:00"), start="05:00", forecast_c=20.0)
    check(cool, [line("06:02", False, "cooling-permit-refused", "AC-01")])


def test_thresholds_are_relaxed_no_further_than_the_middle() -> None:
    relaxes = Relaxation(hours=True, forecast=True, cooling_outdoor_c=10.0)
    building = building_with(filed("09:00", "12:00", relaxes=relaxes), outdoor_c=22.0, forecast_c=24.0)
    check(building, [line("10:00", False, "cooling-stop-measured", "AC-06")])
    building = building_with(filed("09:00", "12:00", relaxes=relaxes), outdoor_c=23.5, forecast_c=24.0)
    check(building, [line("10:00", True, "supply-on")])
