"""Every leaf: when it holds, when it does not, and that unknown is neither; 0.0 is a value and None is not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from controller.policy.facts import ForecastIssue, Permit, Signal, Sky, SupplyMemory, Weather
from controller.policy.rules.conditions import When
from controller.policy.rules.logic import ALWAYS, All, Leaf, Not, normal_form, truth_of
from controller.policy.rules.logic import Any as AnyOf
from controller.policy.rules.moments import changes_at, holds
from controller.policy.rules.places import Places
from controller.policy.rules.probes import compared, probe_of
from controller.policy.rules.weather import weather_truth
from controller.policy.schema import Hours, Parameters, TimeSpan
from controller.policy.timetable import DayPlan, plan_day
from facility.calendar import Calendar
from facility.model.entries import ZoneClass
from tests.controller.building import local
from tests.controller.rules.house import PLACE, ZONE, house

P = Parameters()
HOURS: Hours = TypeAdapter(TimeSpan).validate_python("08:00-17:00")
CALENDAR = Calendar()


def plan(day: date) -> DayPlan:
    """A day of the default window."""
    return plan_day(CALENDAR, day, ZONE, HOURS, permit_at=P.permit_at, place=PLACE)


CLOCK: list[tuple[dict[str, Any], str, str, bool]] = [
    ({"day": "workday"}, "2026-07-15", "12:00", True),
    ({"day": "workday"}, "2026-07-18", "12:00", False),
    ({"day": "rest"}, "2026-10-01", "12:00", True),
    ({"holiday": "国庆节"}, "2026-10-01", "12:00", True),
    ({"holiday": ["Spring Festival"]}, "2026-10-01", "12:00", False),
    ({"holiday": "any"}, "2026-07-18", "12:00", False),  # a weekend is no festival
    ({"holiday": "National Day"}, "2026-10-10", "12:00", False),  # a make-up workday
    ({"rest_ahead": 3}, "2026-09-30", "12:00", True),
    ({"rest_ahead": 3}, "2026-07-17", "12:00", False),  # two days of weekend
    ({"rest_ahead": 1}, "2026-07-18", "12:00", False),  # itself a day of rest
    ({"dates": "2026-07-15"}, "2026-07-15", "00:00", True),
    ({"dates": ["2026-07-01..2026-07-14", "2026-08-01"]}, "2026-07-15", "12:00", False),
    ({"dates": []}, "2026-07-15", "12:00", False),
    ({"season": "06-01..09-30"}, "2026-09-30", "23:59", True),
    ({"season": "11-15..03-15"}, "2026-01-01", "12:00", True),  # over the end of the year
    ({"season": "11-15..03-15"}, "2026-03-16", "12:00", False),
    ({"week": {"nth": 1, "months": [6, 9]}}, "2026-06-01", "12:00", True),
    ({"week": {"nth": 1, "months": [6, 9]}}, "2026-06-07", "12:00", True),  # Sunday
    ({"week": {"nth": 1, "months": [6, 9]}}, "2026-06-08", "12:00", False),
    ({"week": {"nth": 1, "months": [9]}}, "2026-09-01", "12:00", False),  # that week began in August
    ({"week": {"nth": 1, "months": [9]}}, "2026-09-07", "12:00", True),
    ({"week": {"nth": -1, "months": [8]}}, "2026-09-01", "12:00", True),
    ({"weekday": ["fri"]}, "2026-07-17", "12:00", True),
    ({"weekday": "fri"}, "2026-07-15", "12:00", False),
    ({"time": {"from": "08:00", "until": "09:00"}}, "2026-07-15", "08:00", True),
    ({"time": {"from": "08:00", "until": "09:00"}}, "2026-07-15", "09:00", False),  # half-open
    ({"time": {"from": "22:00", "until": "06:00"}}, "2026-07-15", "23:00", True),  # over midnight
    ({"time": {"from": "22:00", "until": "06:00"}}, "2026-07-15", "05:59", True),
    ({"time": {"from": "22:00", "until": "06:00"}}, "2026-07-15", "12:00", False),
    ({"time": {"from": "closes", "until": "24:00"}}, "2026-07-15", "17:00", True),
    ({"time": {"from": "opens", "until": "opens+01:00"}}, "2026-07-15", "08:59", True),
    ({"time": {"from": "closes-01:00", "until": "closes"}}, "2026-07-15", "15:59", False),
    ({"time": {"from": "sunrise", "until": "sunset"}}, "2026-07-15", "12:00", True),
    ({"time": {"from": "sunset-00:30", "until": "sunrise"}}, "2026-07-15", "18:00", False),
    ({"time": {"from": "sunset-00:30", "until": "sunrise"}}, "2026-12-15", "17:30", True),
    ({"supply_hours": True}, "2026-07-15", "08:00", True),
    ({"supply_hours": False}, "2026-07-15", "17:00", True),
]


def test_calendar_and_clock() -> None:
    for leaf, day, clock, expected in CLOCK:
        when = date.fromisoformat(day)
        assert holds(When.model_validate(leaf), plan(when), local(clock, when), ZONE) is expected, (leaf, day, clock)


def test_a_clock_leaf_does_not_change_before_it_says_so() -> None:
    today = plan(date(2026, 7, 15))
    for leaf, *_ in CLOCK:
        when, now = When.model_validate(leaf), today.midnight
        while now < today.next_midnight:
            was, until = holds(when, today, now, ZONE), changes_at(when, today, now, ZONE)
            assert until > now, leaf
            probe = now
            while probe < min(until, today.next_midnight):
                assert holds(when, today, probe, ZONE) is was, (leaf, probe)
                probe += timedelta(minutes=37)
            now = until


COLD = SupplyMemory(permit=Permit(day=date(2026, 7, 15), taken=True, cooling=False, heating=True))
UNTAKEN = SupplyMemory(permit=Permit(day=date(2026, 7, 15)))
NOON = local("12:00")


def issue(max_c: float) -> tuple[ForecastIssue, ...]:
    """Today's forecast."""
    return (ForecastIssue(provider="p", issued=NOON, fetched=NOON, daily_max_c={date(2026, 7, 15): max_c}),)


WEATHER: list[tuple[dict[str, Any], Weather, bool | None]] = [
    ({"outdoor": {"below": 1}}, Weather(outdoor=Signal(value_c=0.0)), True),
    ({"outdoor": {"below": 1}}, Weather(outdoor=Signal(value_c=None)), None),
    ({"outdoor": {"at_least": 30}}, Weather(outdoor=Signal(value_c=30.0)), True),
    ({"outdoor": {"above": 30, "unit": "C"}}, Weather(outdoor=Signal(value_c=30.0)), False),
    ({"cloud": {"at_most": 0}}, Weather(sky=Sky(cloud_percent=0.0)), True),
    ({"cloud": {"at_most": 0}}, Weather(sky=Sky(cloud_percent=None)), None),
    ({"rain": True}, Weather(sky=Sky(rain=False)), False),
    ({"rain": False}, Weather(sky=Sky(rain=False)), True),
    ({"rain": False}, Weather(), None),
    ({"sunshine": True}, Weather(sky=Sky(cloud_percent=0.0)), True),
    ({"sunshine": True}, Weather(), None),
    ({"forecast_max": {"at_most": 0}}, Weather(forecasts=issue(0.0)), True),
    ({"forecast_max": {"at_most": 0}}, Weather(), None),
    ({"rain_ahead_h": 6}, Weather(rain_ahead=()), False),
    ({"rain_ahead_h": 6}, Weather(rain_ahead=(NOON + timedelta(hours=5),)), True),
    ({"rain_ahead_h": 6}, Weather(rain_ahead=(NOON + timedelta(hours=6),)), False),
    ({"rain_ahead_h": 6}, Weather(rain_ahead=(NOON - timedelta(hours=1),)), False),  # over
    ({"rain_ahead_h": 6}, Weather(), None),
]


def test_weather() -> None:
    places, today = Places(house()), plan(date(2026, 7, 15))
    for leaf, weather, expected in WEATHER:
        probe = probe_of(When.model_validate(leaf), places.subject_of("ac-401"), places)
        found = weather_truth(probe, None, NOON, weather=weather, supply={}, plan=today, p=P)
        assert found is expected, (leaf, weather)


PERMITS: list[tuple[str, dict[ZoneClass, SupplyMemory], bool | None]] = [
    ("cooling", {ZoneClass.OFFICE: COLD}, False),
    ("heating", {ZoneClass.OFFICE: COLD}, True),
    ("heating", {ZoneClass.OFFICE: UNTAKEN}, None),
    ("heating", {}, None),
]


def test_todays_permit() -> None:
    places, today = Places(house()), plan(date(2026, 7, 15))
    for season, supply, expected in PERMITS:
        probe = probe_of(When.model_validate({"permitted": season}), places.subject_of("ac-401"), places)
        found = weather_truth(probe, None, NOON, weather=Weather(), supply=supply, plan=today, p=P)
        assert found is expected, (season, supply)


COMPARED: list[tuple[dict[str, float], list[tuple[float, bool]]]] = [
    ({"above": 0.0}, [(0.0, False), (0.1, True), (0.0, False)]),
    ({"at_least": 0.0}, [(-0.1, False), (0.0, True), (-0.1, False)]),
    ({"below": 0.0}, [(0.0, False), (-0.1, True), (0.0, False)]),
    ({"at_most": 0.0}, [(0.1, False), (0.0, True), (0.1, False)]),
    (
        {"above": 300, "until_below": 250},
        [(300, False), (301, True), (260, True), (250, True), (249, False), (299, False)],
    ),
    ({"below": 26, "until_above": 28}, [(26, False), (25.9, True), (27, True), (28, True), (28.1, False), (26, False)]),
]


def test_hysteresis() -> None:
    for test, ledger in COMPARED:
        compare = When.model_validate({"outdoor": test}).outdoor
        assert compare is not None
        was: bool | None = None
        for value, expected in ledger:
            was = compared(compare, value, was)
            assert was is expected, (test, value)


WRONG: list[dict[str, Any]] = [
    {},
    {"day": "workday", "rain": True},
    {"day": "holiday"},
    {"all": []},
    {"not": {}},
    {"time": {"from": "25:00", "until": "26:00"}},
    {"time": {"from": "noon", "until": "closes"}},
    {"time": {"from": "08:00"}},
    {"dates": "2026-13-01"},
    {"dates": "2026-07-02..2026-07-01"},
    {"season": "02-30..03-01"},
    {"season": "summer"},
    {"week": {"nth": 6, "months": [6]}},
    {"week": {"nth": 1, "months": [13]}},
    {"weekday": "someday"},
    {"outdoor": {"above": 30, "below": 10}},
    {"outdoor": {}},
    {"outdoor": {"above": 30, "until_below": 31}},
    {"outdoor": {"above": 30, "until_above": 31}},
    {"outdoor": {"above": "30"}},
    {"rain": "yes"},
    {"occupied": "no"},
    {"mode": "turbo"},
    {"point": {"id": "x.y"}},
    {"point": {"id": "weather", "is": True}},
    {"rain_ahead_h": 0},
    {"running": {"of": {"kind": "lift", "in": "street"}}},
]


def test_what_is_no_condition_is_refused() -> None:
    for raw in WRONG:
        with pytest.raises(ValidationError):
            print(raw, When.model_validate(raw))


KLEENE: list[tuple[Any, list[bool | None], bool | None]] = [
    (ALWAYS, [], True),
    (All((Leaf(0), Leaf(1))), [True, None], None),
    (All((Leaf(0), Leaf(1))), [False, None], False),
    (AnyOf((Leaf(0), Leaf(1))), [True, None], True),
    (AnyOf((Leaf(0), Leaf(1))), [False, None], None),
    (Not(Leaf(0)), [None], None),
    (Not(All((Leaf(0), Leaf(1)))), [False, None], True),
]


def test_unknown_is_neither_true_nor_false() -> None:
    for term, truths, expected in KLEENE:
        assert truth_of(term, truths) is expected, (term, truths)


def test_the_normal_form_says_the_same() -> None:
    term = Not(All((Leaf(0), AnyOf((Not(Leaf(1)), Leaf(2))))))
    ways = normal_form(term)
    assert ways is not None
    for number in range(8):
        truths = [bool(number & 1), bool(number & 2), bool(number & 4)]
        by_form = any(all(truths[leaf] is wanted for leaf, wanted in way) for way in ways)
        assert by_form is truth_of(term, truths)
