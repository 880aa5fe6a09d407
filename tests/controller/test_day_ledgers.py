"""Days as ledgers: what changes, when it is looked at, whether the unit runs, and which clause decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from facility.commands import Mode, Wish
from facility.decisions import Effect
from tests.controller.building import WEDNESDAY, Building, local


@dataclass(frozen=True, kw_only=True)
class Line:
    """At `at` the unit is (not) on, decided by `rule` resting on `clause`; `then` is set afterwards."""

    at: str
    on: bool
    rule: str
    clause: str | None = None
    then: dict[str, Any] = field(default_factory=dict)


def line(at: str, on: bool, rule: str, clause: str | None = None, **then: Any) -> Line:
    """One line of a ledger."""
    return Line(at=at, on=on, rule=rule, clause=clause, then=then)


def check(building: Building, ledger: Sequence[Line], day: date = WEDNESDAY) -> None:
    """Goes through the ledger."""
    for entry in ledger:
        building.run_until(entry.at, day)
        reason = building.decision().reasons[0]
        shown = (entry.at, building.is_on(), reason.rule, reason.clause)
        assert shown == (entry.at, entry.on, entry.rule, entry.clause)
        for name, value in entry.then.items():
            _set(building, name, value)


def _set(building: Building, name: str, value: Any) -> None:
    if name == "room_c":
        building.rooms["ac-401"] = value
    elif name == "window":
        building.contacts["window-401.open"] = value
    elif name == "present":
        building.contacts["presence-401.present"] = value
    elif name == "forecast":
        building.forecast(**value)
    else:
        setattr(building, name, value)


HOT_DAY = [
    line("07:59", False, "before-window", "AC-05"),
    line("08:01", True, "supply-on"),
    line("12:00", True, "supply-on"),
    line("16:59", True, "supply-on"),
    line("17:01", False, "after-window", "AC-05"),
    line("20:00", False, "after-window", "AC-05"),
]
FORECAST_TOO_LOW = [
    line("08:30", False, "cooling-permit-refused", "AC-01"),
    line("10:30", False, "cooling-permit-refused", "AC-01", forecast={"max_c": 30.0}),
    line("10:32", True, "supply-on", None, forecast={"max_c": 25.0}),
    line("12:00", True, "supply-on"),
]
MEASURED_TOO_LOW = [
    line("08:30", False, "cooling-stop-measured", "AC-06", outdoor_c=30.0),
    line("08:35", False, "cooling-stop-measured", "AC-06"),
    line("08:45", False, "cooling-not-yet", "AC-06"),
    line("08:51", True, "supply-on"),
]
MEASURED_STOP = [
    line("14:00", True, "supply-on", None, outdoor_c=29.4),
    line("14:15", True, "supply-on"),
    line("14:25", False, "cooling-stop-measured", "AC-06", outdoor_c=33.0),
    line("14:45", False, "cooling-locked", "AC-06"),
    line("14:55", True, "supply-on"),
]
RAIN_AT_33 = [
    line("10:00", True, "supply-on", None, rain_mm=2.5),
    line("10:29", True, "supply-on"),
    line("10:32", False, "rain", "AC-06", rain_mm=0.0),
    line("11:00", False, "rain", "AC-06"),
    line("11:05", True, "supply-on"),
]
ROOM_TOO_COLD = [
    line("09:00", True, "supply-on", None, room_c=27.6),
    line("09:30", True, "supply-on", None, room_c=27.4),
    line("09:45", False, "room-too-cold", "AC-03", room_c=27.9),
    line("10:15", False, "room-too-cold", "AC-03", room_c=28.0),
    line("10:30", True, "supply-on"),
]
WINDOW_OPEN = [
    line("09:00", True, "supply-on", None, window=1.0),
    line("09:02", True, "supply-on"),
    line("09:04", False, "window-open", "AC-08", window=0.0),
    line("09:06", False, "window-open", "AC-08"),
    line("09:10", True, "supply-on"),
]
NOBODY_IN = [
    line("09:00", True, "supply-on", None, present=0.0),
    line("09:20", True, "supply-on"),
    line("09:22", False, "vacant", "AC-09", present=1.0),
    line("09:28", True, "supply-on"),
]
NO_FORECAST = [
    line("08:30", False, "forecast-missing", "AC-01", forecast={"max_c": 35.0, "entered_by": "行政科"}),
    line("08:32", True, "supply-on"),
]
SENSOR_SILENT = [
    line("10:00", True, "supply-on", None, outdoor_c=None),
    line("16:00", True, "supply-on"),
    line("17:01", False, "after-window", "AC-05"),
]


@pytest.mark.parametrize(
    ("inputs", "ledger"),
    [
        pytest.param({}, HOT_DAY, id="a hot day: on from 08:00 to 17:00"),
        pytest.param(
            {"forecast_c": 29.9}, FORECAST_TOO_LOW, id="a forecast of 29.9 permits nothing, a later one grants"
        ),
        pytest.param({"outdoor_c": 29.5}, MEASURED_TOO_LOW, id="forecast 36 but measured 29.5: off until 30 holds"),
        pytest.param({}, MEASURED_STOP, id="29.4 outdoors stops cooling, no restart within half an hour"),
        pytest.param({}, RAIN_AT_33, id="half an hour of rain at 33 stops cooling"),
        pytest.param({}, ROOM_TOO_COLD, id="below 27.5 off, again from 28.0"),
        pytest.param({}, WINDOW_OPEN, id="a window open for two minutes"),
        pytest.param({}, NOBODY_IN, id="nobody in for twenty minutes"),
        pytest.param({"forecast_c": None}, NO_FORECAST, id="no forecast: nothing, until a person enters one"),
        pytest.param({}, SENSOR_SILENT, id="outdoor sensor silent: what runs goes on to the end of the window"),
    ],
)
def test_a_summer_day(inputs: dict[str, Any], ledger: list[Line]) -> None:
    check(Building(local("07:30"), **inputs), ledger)


@pytest.mark.parametrize("period_s", [5.0, 300.0])
def test_the_same_day_at_another_cadence(period_s: float) -> None:
    building = Building(local("12:45"), step_s=max(30.0, period_s), period_s=period_s)
    building.run_until("14:00")
    building.outdoor_c = 29.0
    building.run_until("14:40")
    on = [(f"{when.astimezone(building.site.zone):%H:%M:%S}", state) for when, unit, state in building.switched
          if unit == "ac-401"]  # fmt: skip
    assert [entry[1] for entry in on] == [True, False]
    assert on[0][0] == "12:55:00"
    assert "14:17:00" <= on[1][0] <= "14:26:00"


def test_at_the_windows_end_every_off_is_sent_at_once_and_starts_are_staggered() -> None:
    building = Building(local("07:30"), period_s=300.0, step_s=300.0)
    building.run_until("17:10")
    starts = [when for when, unit, on in building.switched if on and unit != "ac-archive"]
    stops = [when for when, _, on in building.switched if not on]
    assert starts == [local("08:00"), local("08:00:15")]
    assert stops == [local("17:00")] * 2


def test_outdoor_units_on_one_line_do_not_start_together() -> None:
    second = {"id": "vrf-2", "kind": "outdoor_unit", "plant": "vrf", "meter": "m-vrf-2"}
    lines = [
        {"id": name, "kind": "electricity_meter", "device": f"d-{name}", "parent": parent,
         "feeds": {"equipment": "vrf-1"} if name == "m-vrf-1" else {}}
        for name, parent in (("line", "main-meter"), ("m-vrf-1", "line"), ("m-vrf-2", "line"))
    ]  # fmt: skip
    devices = [
        {"id": f"d-{name}", "profile": "chint_dtsu666", "link": "meters", "unit": 50 + n}
        for n, name in enumerate(("line", "m-vrf-1", "m-vrf-2"))
    ]
    unit = {
        "id": "ac-403", "kind": "indoor_unit", "device": "vrf-gw", "slot": 5, "outdoor_unit": "vrf-2",
        "capacity_kw": 5.6, "serves": ["r402"],
    }  # fmt: skip
    building = Building(local("07:30"), extra={"devices": devices, "equipment": [second, *lines, unit]})
    building.run_until("08:05")
    starts = [when for when, name, on in building.switched if on and name != "ac-archive"]
    assert starts == [local("08:00"), local("08:00:15"), local("08:00:30")]


REST_DAYS = [
    (date(2026, 7, 18), "a Saturday"),
    (date(2026, 10, 1), "National Day, a Thursday"),
    (date(2026, 10, 7), "a day in lieu"),
]


@pytest.mark.parametrize(("day", "what"), REST_DAYS)
def test_nothing_starts_on(day: date, what: str) -> None:
    building = Building(local("07:30", day))
    check(building, [line("10:00", False, "rest-day", "AC-04"), line("18:00", False, "rest-day", "AC-04")], day)
    assert not building.commands("ac-401")


def test_a_make_up_workday_is_a_workday() -> None:
    day = date(2026, 9, 20)
    assert day.weekday() == 6
    check(Building(local("07:30", day)), [line("08:01", True, "supply-on")], day)


def test_no_start_in_the_last_quarter_of_an_hour() -> None:
    building = Building(local("07:30"))
    building.contacts["presence-401.present"] = 0.0
    building.run_until("16:44")
    assert not building.is_on()
    building.run_until("16:46")
    building.contacts["presence-401.present"] = 1.0
    check(building, [line("16:50", False, "late", "AC-05"), line("17:30", False, "after-window", "AC-05")])


WINTER = date(2026, 1, 14)


def winter(**inputs: Any) -> Building:
    """A workday in January with heating permitted."""
    given: dict[str, Any] = {"forecast_c": 9.0, "outdoor_c": 5.0, **inputs}
    building = Building(local("07:30", WINTER), **given)
    building.rooms = dict.fromkeys(building.rooms, 18.0)
    building.report()
    return building


def test_a_winter_day_is_mirrored() -> None:
    building = winter()
    check(building, [line("08:01", True, "supply-on", None, outdoor_c=15.4)], WINTER)
    assert building.units["ac-401"].mode is Mode.HEAT
    assert building.units["ac-401"].setpoint_c == 24.0
    check(
        building,
        [
            line("08:35", False, "heating-stop-measured", "AC-07", outdoor_c=15.0),
            line("09:20", True, "supply-on", None, room_c=24.6),
            line("09:40", False, "room-too-warm", "AC-03", room_c=24.0),
            line("10:00", True, "supply-on"),
            line("17:01", False, "after-window", "AC-05"),
        ],
        WINTER,
    )


def test_zero_degrees_is_cold_and_not_missing() -> None:
    building = winter(outdoor_c=0.0, forecast_c=0.0)
    check(building, [line("08:01", True, "supply-on")], WINTER)
    supply = building.controller.zones.supply
    assert {memory.permit.max_c for memory in supply.values()} == {0.0}


def test_sunshine_only_advises_against_heating() -> None:
    building = winter()
    building.forecast(9.0, day=WINTER, cloud=5.0)
    check(building, [line("12:00", True, "supply-on")], WINTER)
    building.forecast(9.0, day=WINTER, cloud=5.0)
    building.run_until("13:30", WINTER)
    advice = [reason for reason in building.controller_reasons() if reason.rule == "sunshine"]
    assert [reason.effect for reason in advice] == [Effect.ADVISE]
    enforced = winter(policy={"parameters": {"sunshine_stop": "enforce"}})
    enforced.run_until("11:00", WINTER)
    enforced.forecast(9.0, day=WINTER, cloud=5.0)
    check(enforced, [line("11:45", False, "sunshine", "AC-07")], WINTER)


OVERCAST_RAIN: list[tuple[str, Callable[[Building], None], str]] = [
    ("overcast", lambda building: building.forecast(36.0, cloud=95.0), "overcast"),
    ("rain by code", lambda building: building.forecast(36.0, code=61), "rain"),
]


@pytest.mark.parametrize(("what", "change", "rule"), OVERCAST_RAIN)
def test_the_forecasts_sky_stops_cooling(what: str, change: Callable[[Building], None], rule: str) -> None:
    building = Building(local("07:30"))
    building.run_until("10:05")
    change(building)
    check(building, [line("10:30", True, "supply-on"), line("10:40", False, rule, "AC-06")])


def test_a_sky_that_is_not_known_stops_nothing() -> None:
    building = Building(local("07:30"), forecast_c=None)
    building.rain_mm = None
    building.forecast(36.0, cloud=None)
    check(building, [line("08:01", True, "supply-on"), line("16:00", True, "supply-on")])


def test_a_forecast_older_than_twelve_hours_permits_nothing() -> None:
    building = Building(local("07:30"), forecast_c=None)
    building.forecast(36.0, issued=local("19:59") - timedelta(days=1))
    check(building, [line("08:30", False, "forecast-missing", "AC-01")])
    assert "forecast_missing" in building.standing_alarms()
    building.forecast(36.0, issued=local("20:31") - timedelta(days=1))
    building.run_until("08:35")
    assert building.is_on()
    assert "forecast_missing" not in building.standing_alarms()


def test_the_newest_issue_at_eight_decides_not_the_last_received() -> None:
    building = Building(local("07:30"), forecast_c=None)
    building.forecast(29.0, issued=local("07:00"))
    building.forecast(35.0, issued=local("05:00"))
    check(building, [line("08:30", False, "cooling-permit-refused", "AC-01")])


def test_where_people_start_units_themselves_the_envelope_still_holds() -> None:
    building = Building(local("07:30"), policy={"zone_classes": {"office": {"start": "permit_only"}}})
    check(building, [line("08:30", False, "people-start")])
    building.set_unit("ac-401", Wish(on=True, mode=Mode.COOL, setpoint_c=28.5))
    check(building, [line("09:00", True, "wall", None, window=1.0), line("09:10", False, "window-open", "AC-08")])
    building.contacts["window-401.open"] = 0.0
    building.set_unit("ac-402", Wish(on=True, mode=Mode.COOL, setpoint_c=24.0))
    building.run_until("09:20")
    assert building.units["ac-402"].setpoint_c == 28.0
    check(building, [line("17:01", False, "after-window", "AC-05")])
    assert not building.is_on("ac-402")


def test_at_night_an_empty_room_is_not_the_reason() -> None:
    building = Building(local("18:00"))
    building.contacts["presence-401.present"] = 0.0
    check(building, [line("20:00", False, "after-window", "AC-05")])


def test_a_room_sensor_that_jumps_or_stands_still_gives_way_to_the_return_air() -> None:
    building = Building(local("08:30"))
    building.others["climate-401.temperature"] = 29.0
    building.run_until("09:30")
    building.others["climate-401.temperature"] = 21.0
    building.run_until("09:31")
    assert building.is_on(), "eight kelvin in a minute are not believed"
    building.others["climate-401.temperature"] = 29.0
    frozen = Building(local("19:00", WEDNESDAY - timedelta(days=1)), step_s=300.0, period_s=60.0)
    frozen.others["climate-401.temperature"] = 26.0
    frozen.run_until("06:00")
    frozen.outdoor_c = 33.5
    frozen.forecast(36.0)
    frozen.run_until("08:30")
    assert frozen.is_on()
