"""Weather that is not known permits nothing new and stops nothing that runs legally; sensors that cannot be right."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from controller.outdoor import SECOND_US, Outdoors
from controller.policy.schema import Parameters
from facility.almanac import Almanac, Closure, HalfDay
from facility.bus import AlarmChanged, AlmanacChanged, DecisionMade
from facility.decisions import Decision
from facility.readings import Status
from facility.text import Text
from tests.controller.building import Building, local

UNIT = "ac-401"


def decision(building: Building) -> Decision:
    made = (message.decision for message in reversed(building.heard) if isinstance(message, DecisionMade))
    return next(each for each in made if each.equipment == UNIT)


def runs(building: Building) -> bool:
    return building.units[UNIT].on is True


def alarmed(building: Building, key: str) -> bool:
    told = [message.active for message in building.heard if isinstance(message, AlarmChanged) and message.key == key]
    return bool(told) and told[-1]


def test_an_outdoor_temperature_that_falls_silent_stops_nothing_before_the_windows_end() -> None:
    building = Building(local("08:00"))
    building.run_to(local("09:00"))
    building.outdoor_c = None
    ledger = []
    for at in ("10:00", "16:59", "17:01"):
        building.run_to(local(at))
        ledger.append((at, runs(building)))
    assert ledger == [("10:00", True), ("16:59", True), ("17:01", False)]
    assert alarmed(building, "outdoor_unknown")


@pytest.mark.parametrize("said_c", [None, 85.0, -127.0, -9999.0, 60.1, -40.1])
def test_without_a_temperature_that_can_be_true_nothing_starts(said_c: float | None) -> None:
    building = Building(local("08:00"), outdoor_c=said_c)
    building.run_to(local("10:00"))
    assert not runs(building)
    building.outdoor_c = 33.0
    building.run_to(local("10:30"))
    assert runs(building)


def test_without_a_forecast_nothing_starts_and_a_named_person_may_enter_one() -> None:
    building = Building(local("07:50"), forecast_c=None)
    building.run_to(local("10:00"))
    assert not runs(building)
    assert alarmed(building, "forecast_missing")
    building.forecast(34.0, entered_by="行政科", valid_until=local("20:00"))
    building.run_to(local("10:20"))
    assert runs(building)
    seen = next(
        each for reason in decision(building).reasons for each in reason.inputs if each.point == "forecast.daily_max"
    )
    assert (seen.value, seen.source, seen.time) == (34.0, "person", local("10:00"))


@pytest.mark.parametrize(("hours_old", "starts"), [(11.9, True), (12.1, False)])
def test_an_issue_too_old_permits_nothing(hours_old: float, *, starts: bool) -> None:
    building = Building(local("07:50"), forecast_c=None)
    building.forecast(36.0, day=date(2026, 7, 15), issued=local("08:00") - timedelta(hours=hours_old))
    building.run_to(local("09:00"))
    assert runs(building) is starts


@pytest.mark.parametrize(
    ("code", "rain_mm", "source", "oldest_s"), [(61, None, "forecast", 7200.0), (3, 2.0, "sensor", 0.0)]
)
def test_rain_in_a_reason_says_whose_it_is_and_how_old(
    code: int, rain_mm: float | None, source: str, oldest_s: float
) -> None:
    building = Building(local("08:00"), forecast_c=None)
    building.rain_mm = rain_mm
    building.forecast(36.0, issued=local("06:30"), code=code)
    building.run_to(local("08:40"))
    seen = next(each for reason in decision(building).reasons for each in reason.inputs if each.point == "weather.rain")
    assert seen.age_s is not None
    assert (seen.source, oldest_s <= seen.age_s <= oldest_s + 600) == (source, True)


def entered(building: Building, almanac: Almanac) -> None:
    """As when the administration section enters something."""
    building.calendar.refresh(almanac)
    building.bus.publish(AlmanacChanged(at=building.clock.now()))


def test_a_half_day_ends_supply_at_noon_and_says_why() -> None:
    almanac = {"half_days": [{"day": "2026-07-15", "closes": "12:00", "notice": "行政科通知9号"}]}
    building = Building(local("08:00"), almanac=almanac)
    ledger = []
    for at in ("11:59", "12:01", "16:00"):
        building.run_to(local(at))
        ledger.append((at, runs(building)))
    assert ledger == [("11:59", True), ("12:01", False), ("16:00", False)]
    assert "12:00" in " ".join(reason.text.zh for reason in decision(building).reasons)


def test_a_noon_gap_stops_and_starts_again() -> None:
    summer = {"name": {"zh": "夏季"}, "first": "07-01", "last": "08-31", "sessions": ["08:00-12:00", "14:30-17:30"]}
    building = Building(local("08:00"), almanac={"timetables": [summer]})
    ledger = []
    for at in ("11:00", "12:01", "14:29", "14:45", "16:59", "17:01"):
        building.run_to(local(at))
        ledger.append((at, runs(building)))
    assert ledger == [
        ("11:00", True), ("12:01", False), ("14:29", False), ("14:45", True), ("16:59", True), ("17:01", False),
    ]  # fmt: skip


def test_a_closure_entered_while_everything_runs_ends_supply_and_its_revocation_brings_it_back() -> None:
    building = Building(local("08:00"))
    building.run_to(local("09:00"))
    assert runs(building)
    today = date(2026, 7, 15)
    entered(building, Almanac(closures=(Closure(first=today, last=today, reason="停电检修", notice="通知8号"),)))
    building.run_to(local("09:02"))
    assert not runs(building)
    assert "停电检修" in decision(building).sentence.zh
    entered(building, Almanac())
    building.run_to(local("09:30"))
    assert runs(building)


def test_a_half_day_entered_for_this_morning_moves_the_edge() -> None:
    building = Building(local("08:00"))
    building.run_to(local("09:00"))
    entered(
        building, Almanac(half_days=(HalfDay(day=date(2026, 7, 15), opens=None, closes=time(10), notice="通知9号"),))
    )
    building.run_to(local("10:01"))
    assert not runs(building)


P = Parameters()
START = datetime(2026, 7, 15, tzinfo=UTC)


def sensors(expected_c: float | None = None) -> Outdoors:
    names = {"a.temperature": Text("北墙", "north wall"), "b.temperature": Text("屋顶", "roof")}
    return Outdoors(names, P, stale_s=900.0, expected_c=lambda _: expected_c)


def test_of_sensors_that_differ_one_is_used_and_told_and_a_silent_one_differs_from_nobody() -> None:
    """One line a step: minute, what the first and second say, whether they disagree, which is believed."""
    ledger = [
        (0, 31.0, 31.5, False, "a.temperature"),
        (1, 31.0, 37.0, False, "a.temperature"),
        (2, 31.1, 36.0, True, "b.temperature"),
        (3, 31.2, None, True, "b.temperature"),
        (17, 31.3, None, True, "b.temperature"),
        (18, 31.4, None, False, "a.temperature"),
        (19, 31.5, 33.0, False, "a.temperature"),
        (20, 85.0, 33.1, False, "a.temperature"),
        (21, None, -127.0, False, "a.temperature"),
    ]
    outdoors = sensors(expected_c=36.0)
    for minute, first, second, disagree, point in ledger:
        now_us = minute * 60 * SECOND_US
        for sensor, value in zip(outdoors.sensors, (first, second), strict=True):
            outdoors.take(sensor, now_us, value, Status.GOOD)
        found = outdoors.signal(now_us)
        assert (outdoors.disagree, found.point) == (disagree, point), minute


@pytest.mark.parametrize(("expected_c", "used"), [(None, "北墙"), (30.0, "北墙"), (36.0, "屋顶"), (0.0, "北墙")])
def test_a_disagreement_says_what_each_says_and_which_is_used(expected_c: float | None, used: str) -> None:
    outdoors = sensors(expected_c)
    for sensor, value in zip(outdoors.sensors, (0.0 if expected_c == 0.0 else 30.0, 36.0), strict=True):
        outdoors.take(sensor, 0, value, Status.GOOD)
    assert outdoors.signal(0).value_c is not None
    assert outdoors.disagreement is not None
    assert outdoors.disagreement.zh.endswith(f"采用 {used}")
    assert "36.0" in outdoors.disagreement.en


def test_a_mean_goes_on_over_a_restart() -> None:
    before, after = sensors(), sensors()
    for minute in range(6):
        before.take(before.sensors[0], minute * 60 * SECOND_US, 30.0 + minute, Status.GOOD)
    after.restore(before.mean.samples())
    for outdoors in (before, after):
        outdoors.take(outdoors.sensors[0], 6 * 60 * SECOND_US, 36.0, Status.GOOD)
    now_us = 6 * 60 * SECOND_US
    assert after.signal(now_us).value_c == before.signal(now_us).value_c
    fresh = sensors()
    fresh.take(fresh.sensors[0], now_us, 36.0, Status.GOOD)
    assert fresh.signal(now_us).value_c == 36.0
