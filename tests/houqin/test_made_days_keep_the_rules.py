"""Days of the example site, made as the demonstration makes them, judged by what the units themselves said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

import pytest

from facility.bus import CommandIssued, DecisionMade, ForecastReceived, OutcomeReported
from facility.calendar import Calendar
from facility.commands import Confirmed
from facility.decisions import Decision, Effect
from facility.model import Site
from facility.model.loader import load_site
from houqin.past import DayOrder, MadeDay, make_day
from tests.houqin.rule_checker import Case, Seen, breaches, by_hour, ruled_units, starts
from tests.houqin.unit_checker import all_breaches
from tests.year.lived import done_by_hand

EXAMPLE = Path(__file__).parents[2] / "deploy" / "sites" / "office.yaml"
CADENCE = timedelta(minutes=5)
TOLERANCE = 2 * CADENCE
"""Seen wrong in one reading, put right, seen right in the next."""

HOT_WITH_RAIN = date(2026, 7, 9)
REFUSED = date(2026, 7, 6)
SUNDAY = date(2026, 7, 5)
HOLIDAY = date(2026, 6, 19)


@lru_cache(maxsize=1)
def office() -> Site:
    site = load_site(EXAMPLE).site
    assert site is not None
    return site


@lru_cache(maxsize=4)
def made(day: date) -> MadeDay:
    site = office()
    until = datetime.combine(day + timedelta(days=1), time(0), tzinfo=site.zone).astimezone(UTC)
    return make_day(DayOrder(file=site.file, profiles=dict(site.profiles), day=day, until=until, seed=1))


def seen(day: date) -> Seen:
    return Seen(office(), made(day).batches)


def decisions(day: date, equipment: str) -> Iterator[Decision]:
    for message in made(day).messages:
        if isinstance(message, DecisionMade) and message.decision.equipment == equipment:
            yield message.decision


@pytest.mark.parametrize("day", [HOT_WITH_RAIN, REFUSED, SUNDAY, HOLIDAY])
def test_no_unit_is_seen_breaking_an_enforced_clause(day: date) -> None:
    watched = seen(day)
    units = ruled_units(office())
    assert len(units) >= 24
    assert all(len(watched.rows(f"{unit}.on")) > 280 for unit in units), "every unit was read all day"
    assert breaches(watched, Calendar(), tolerance=TOLERANCE) == []
    forecasts = [message for message in made(day).messages if isinstance(message, ForecastReceived)]
    around = iter([day - timedelta(days=1), day])
    case = Case(
        seen=watched, calendar=Calendar(), forecasts=forecasts, cadence=CADENCE,
        by_hand=done_by_hand(office(), 1, around),
    )  # fmt: skip
    assert all_breaches(case, [day]) == []


def test_on_a_hot_workday_units_start_only_when_it_has_been_thirty_degrees_for_ten_minutes() -> None:
    watched = seen(HOT_WITH_RAIN)
    began = starts(watched, ruled_units(office()))
    assert len({unit for _, unit in began}) >= 15, "a building full of people was cooled"
    assert min(by_hour(began)) >= 8
    for at, unit in began:
        mean_c = watched.mean("weather.temperature", at, timedelta(minutes=10))
        assert mean_c is not None
        assert mean_c >= 30.0, f"{unit} started at {at:%H:%M} with {mean_c:.1f} C outdoors"


def test_rain_stops_supply_though_it_is_hotter_than_thirty() -> None:
    watched = seen(HOT_WITH_RAIN)
    wet = [at for at, rate in watched.rows("weather.rain") if rate > 0]
    hot = dict(watched.rows("weather.temperature"))[wet[0]]
    assert hot >= 32.5
    stopped_by = wet[0] + timedelta(minutes=32) + CADENCE
    for unit in ruled_units(office()):
        assert not [span for span in watched.running(unit) if span[0] <= stopped_by < span[1]], unit
    stops = [decision for decision in decisions(HOT_WITH_RAIN, "ac-401") if "下雨" in decision.sentence.zh]
    assert stops
    assert stops[0].reasons[0].clause == "AC-06"


def test_on_a_workday_forecast_below_thirty_nothing_starts_and_every_unit_says_why() -> None:
    assert Calendar().is_workday(REFUSED)
    assert starts(seen(REFUSED), ruled_units(office())) == []
    for unit in ruled_units(office()):
        noon = [decision for decision in decisions(REFUSED, unit) if decision.time.astimezone(office().zone).hour < 13]
        forbidding = {reason.clause for reason in noon[-1].reasons if reason.effect is Effect.FORBID}
        assert "AC-01" in forbidding, unit
        assert noon[-1].sentence.zh
        assert noon[-1].sentence.en


@pytest.mark.parametrize("day", [SUNDAY, HOLIDAY])
def test_on_a_day_of_rest_nothing_is_switched_on_by_rule_however_hot_it_is(day: date) -> None:
    site = office()
    offices = set(ruled_units(site))
    switched_on = [
        message.command.equipment
        for message in made(day).messages
        if isinstance(message, CommandIssued) and message.command.wish.on and message.command.equipment in offices
    ]
    assert switched_on == []
    assert any(decision.reasons[0].clause == "AC-04" for decision in decisions(day, "ac-401"))


def test_every_order_of_the_day_was_confirmed_and_says_why_in_both_languages() -> None:
    commands = [message.command for message in made(HOT_WITH_RAIN).messages if isinstance(message, CommandIssued)]
    outcomes = [message.outcome for message in made(HOT_WITH_RAIN).messages if isinstance(message, OutcomeReported)]
    assert len(commands) > 50
    assert {outcome.command_id for outcome in outcomes} == {command.id for command in commands}
    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert all(command.reason.zh and command.reason.en for command in commands)


def test_at_the_windows_end_every_off_is_sent_within_30_s_and_confirmed_within_2_min() -> None:
    five = datetime.combine(HOT_WITH_RAIN, time(17), tzinfo=office().zone)
    running = {
        unit
        for unit in ruled_units(office())
        if next(on for at, on in seen(HOT_WITH_RAIN).rows(f"{unit}.on") if at >= five)
    }
    offs = {
        message.command.id: message.command
        for message in made(HOT_WITH_RAIN).messages
        if isinstance(message, CommandIssued)
        and message.command.wish.on is False
        and five <= message.command.made <= five + timedelta(seconds=30)
    }
    confirmed = {
        message.outcome.command_id
        for message in made(HOT_WITH_RAIN).messages
        if isinstance(message, OutcomeReported)
        and isinstance(message.outcome, Confirmed)
        and message.outcome.at <= five + timedelta(minutes=2)
    }
    assert len(running) >= 10
    assert {command.equipment for command in offs.values()} >= running
    assert offs.keys() <= confirmed


def test_the_archive_room_is_kept_round_the_clock() -> None:
    spans = seen(SUNDAY).running("ac-archive-room")
    assert sum((ended - began for began, ended in spans), timedelta()) > timedelta(hours=2)
