"""Each rule's minutes: broken, filed for, not known, kept."""

from __future__ import annotations

from typing import Any

import pytest

from controller.observance.days import UnitDay
from controller.observance.judging import judge_unit
from controller.observance.minutes import YES
from facility.filings import FilingState, Relaxation
from facility.model import ZoneClass
from facility.observance import Observed, Rule, totals
from tests.controller.observance.days import (
    COOL,
    FAN,
    HEAT,
    SATURDAY,
    column,
    filing,
    local,
    truth,
    unit_day,
    whole,
)

DAY = whole()
WORKING = truth(DAY, (("09:00", "16:30"),))


def row(day: UnitDay, rule: Rule) -> Observed | None:
    return next((found for found in judge_unit(day) if found.rule is rule), None)


def broken(day: UnitDay, rule: Rule) -> tuple[int, int, int, int]:
    """Judged, broken, filed, unknown minutes."""
    found = row(day, rule)
    assert found is not None
    return found.judged_minutes, found.broken_minutes, found.filed_minutes, found.unknown_minutes


def test_a_day_that_was_kept_has_no_broken_minute_and_kept_ones() -> None:
    rows = judge_unit(unit_day(on=WORKING))
    assert {found.rule for found in rows} == {
        Rule.SETPOINT, Rule.ROOM_LIMIT, Rule.HOURS, Rule.OUTDOOR, Rule.WINDOW_OPEN, Rule.VACANT,
    }  # fmt: skip
    assert [found for found in rows if found.broken_minutes or found.unknown_minutes or found.times] == []
    hours = row(unit_day(on=WORKING), Rule.HOURS)
    assert hours is not None
    assert (hours.clause, hours.judged_minutes, hours.kept_minutes) == ("AC-05", 15 * 60, 15 * 60)


CASES: list[tuple[str, Rule, dict[str, Any], tuple[int, int, int, int]]] = [
    ("two minutes after five are allowed, the rest is not", Rule.HOURS,
     {"on": truth(DAY, (("09:00", "17:10"),))}, (900, 8, 0, 0)),
    ("off within two minutes", Rule.HOURS, {"on": truth(DAY, (("09:00", "17:02"),))}, (900, 0, 0, 0)),
    ("nobody knows whether it ran", Rule.HOURS, {"on": truth(DAY, (), (("18:00", "19:00"),))}, (900, 0, 0, 60)),
    ("set to 26 for ten minutes", Rule.SETPOINT,
     {"on": WORKING, "setpoint_c": column(DAY, 28.0, ("10:00", "10:10", 26.0))}, (450, 7, 0, 0)),
    ("a setpoint that is not known", Rule.SETPOINT,
     {"on": WORKING, "setpoint_c": column(DAY, 28.0, ("10:00", "10:10", None))}, (450, 0, 0, 10)),
    ("heating to 26", Rule.SETPOINT,
     {"on": WORKING, "mode": column(DAY, HEAT), "setpoint_c": column(DAY, 26.0), "outdoor_c": column(DAY, 0.0)},
     (450, 447, 0, 0)),
    ("heating to 24 at 0 degrees outdoors", Rule.SETPOINT,
     {"on": WORKING, "mode": column(DAY, HEAT), "setpoint_c": column(DAY, 24.0), "outdoor_c": column(DAY, 0.0)},
     (450, 0, 0, 0)),
    ("a room cooled to 27", Rule.ROOM_LIMIT,
     {"on": WORKING, "room_c": column(DAY, 29.0, ("10:00", "10:20", 27.0))}, (450, 18, 0, 0)),
    ("a room at 27.6 is inside the sensor's tolerance", Rule.ROOM_LIMIT,
     {"on": WORKING, "room_c": column(DAY, 27.6)}, (450, 0, 0, 0)),
    ("a room that nobody measures", Rule.ROOM_LIMIT, {"on": WORKING, "room_c": column(DAY, None)}, (450, 0, 0, 450)),
    ("29 outdoors, after the rules' ten minutes and two to go off", Rule.OUTDOOR,
     {"on": WORKING, "outdoor_c": column(DAY, 33.0, ("10:00", "10:30", 29.0))}, (450, 18, 0, 0)),
    ("outdoors not known", Rule.OUTDOOR,
     {"on": WORKING, "outdoor_c": column(DAY, 33.0, ("10:00", "10:30", None))}, (450, 0, 0, 30)),
    ("heating at 0 degrees is right", Rule.OUTDOOR,
     {"on": WORKING, "mode": column(DAY, HEAT), "outdoor_c": column(DAY, 0.0)}, (450, 0, 0, 0)),
    ("a window open for twenty minutes", Rule.WINDOW_OPEN,
     {"on": WORKING, "window_open": truth(DAY, (("10:00", "10:20"),))}, (450, 16, 0, 0)),
    ("a window of which nobody knows", Rule.WINDOW_OPEN,
     {"on": WORKING, "window_open": truth(DAY, (), (("10:00", "10:20"),))}, (450, 0, 0, 20)),
    ("nobody in for an hour", Rule.VACANT,
     {"on": WORKING, "occupied": truth(DAY, (("08:00", "10:00"), ("11:00", "18:00")))}, (450, 38, 0, 0)),
    ("a heater beside the air-conditioning", Rule.HEATER,
     {"on": WORKING, "heater_on": truth(DAY, (("10:00", "10:10"),))}, (450, 8, 0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "known", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_minutes(rule: Rule, known: dict[str, Any], expected: tuple[int, int, int, int]) -> None:
    assert broken(unit_day(**known), rule) == expected


def test_a_day_of_rest_is_judged_by_its_own_clause_and_not_by_the_hours_too() -> None:
    saturday = whole(SATURDAY)
    day = unit_day(day=SATURDAY, on=truth(saturday, (("10:00", "10:30"),)))
    assert broken(day, Rule.REST_DAY) == (1440, 28, 0, 0)
    assert row(day, Rule.HOURS) is None
    found = row(day, Rule.REST_DAY)
    assert found is not None
    assert (found.clause, found.times) == ("AC-04", 1)
    assert [(span.start, span.end) for span in found.spans] == [(local("10:02", SATURDAY), local("10:30", SATURDAY))]


def test_what_a_filing_allows_is_filed_and_the_rest_is_broken() -> None:
    overtime = filing(Relaxation(hours=True), "17:00", "19:00")
    day = unit_day(on=truth(DAY, (("09:00", "19:30"),)), filings=(overtime,))
    assert broken(day, Rule.HOURS) == (900, 30, 118, 0)
    cooler = filing(Relaxation(setpoint_min_cool_c=26.0), "10:00", "11:00")
    low = column(DAY, 26.0, ("10:30", "11:00", 25.0))
    day = unit_day(on=truth(DAY, (("10:00", "11:00"),)), setpoint_c=low, filings=(cooler,))
    assert broken(day, Rule.SETPOINT) == (60, 30, 27, 0)


def test_a_day_of_rest_out_of_hours_needs_both_filed() -> None:
    saturday = whole(SATURDAY)
    meant = filing(Relaxation(holiday=True), "08:00", "20:00", day=SATURDAY)
    day = unit_day(day=SATURDAY, on=truth(saturday, (("16:30", "17:30"),)), filings=(meant,))
    assert broken(day, Rule.REST_DAY) == (1440, 30, 28, 0)


def test_a_filing_excuses_only_while_it_was_in_force() -> None:
    ran = truth(DAY, (("17:00", "19:00"),))
    relaxed = Relaxation(hours=True)
    late = filing(relaxed, "17:00", "19:00", decided_at=local("18:00"))
    assert broken(unit_day(on=ran, filings=(late,)), Rule.HOURS) == (900, 58, 60, 0)
    revoked = filing(relaxed, "17:00", "19:00", state=FilingState.REVOKED, revoked_at=local("18:00"))
    assert broken(unit_day(on=ran, filings=(revoked,)), Rule.HOURS) == (900, 60, 58, 0)
    for state in (FilingState.SUBMITTED, FilingState.REJECTED):
        asked = filing(relaxed, "17:00", "19:00", state=state)
        assert broken(unit_day(on=ran, filings=(asked,)), Rule.HOURS) == (900, 118, 0, 0)


def test_what_is_off_breaks_nothing_whatever_is_not_known() -> None:
    nothing = column(DAY, None)
    day = unit_day(mode=nothing, setpoint_c=nothing, room_c=nothing, outdoor_c=nothing)
    assert {found.rule for found in judge_unit(day)} == {Rule.HOURS}
    assert broken(day, Rule.HOURS) == (900, 0, 0, 0)


def test_a_mode_that_is_not_known_leaves_the_rule_open_and_fan_only_is_bound_by_none() -> None:
    day = unit_day(on=WORKING, mode=column(DAY, None), setpoint_c=column(DAY, 20.0))
    assert broken(day, Rule.SETPOINT) == (450, 0, 0, 450)
    fan = unit_day(on=WORKING, mode=column(DAY, FAN), setpoint_c=column(DAY, 20.0), outdoor_c=column(DAY, 20.0))
    assert row(fan, Rule.SETPOINT) is None
    assert row(fan, Rule.OUTDOOR) is None


def test_without_a_sensor_nothing_is_judged() -> None:
    day = unit_day(on=WORKING, window_open=None, occupied=None, has_room=False)
    assert {found.rule for found in judge_unit(day)} == {Rule.HOURS, Rule.OUTDOOR, Rule.SETPOINT}


def test_the_duty_room_is_bound_by_neither_calendar_nor_hours_nor_presence() -> None:
    night = truth(DAY, otherwise=YES)
    day = unit_day(zone_class=ZoneClass.DUTY_ROOM, on=night, occupied=truth(DAY), setpoint_c=column(DAY, 26.0))
    assert {found.rule for found in judge_unit(day)} == {
        Rule.SETPOINT, Rule.ROOM_LIMIT, Rule.OUTDOOR, Rule.WINDOW_OPEN,
    }  # fmt: skip
    assert broken(day, Rule.SETPOINT) == (1440, 1437, 0, 0)


def test_cooling_and_heating_on_one_day_are_one_row_for_each_clause() -> None:
    mode = column(DAY, COOL, ("12:00", "16:30", HEAT))
    setpoint = column(DAY, 26.0)
    rows = [found for found in judge_unit(unit_day(on=WORKING, mode=mode, setpoint_c=setpoint))]
    assert len([found for found in rows if found.rule is Rule.SETPOINT]) == 1
    assert broken(unit_day(on=WORKING, mode=mode, setpoint_c=setpoint), Rule.SETPOINT) == (450, 444, 0, 0)
    assert {found.clause for found in rows if found.rule is Rule.OUTDOOR} == {"AC-06", "AC-07"}


def test_the_share_that_was_kept_is_of_what_is_known() -> None:
    assert totals([]).kept_share is None
    unknown = row(unit_day(on=WORKING, room_c=column(DAY, None)), Rule.ROOM_LIMIT)
    assert unknown is not None
    assert totals([unknown]).kept_share is None
    half = row(unit_day(on=truth(DAY, (("17:02", "19:02"),))), Rule.HOURS)
    assert half is not None
    assert totals([half, unknown]).kept_share == pytest.approx(1 - 118 / 900)
