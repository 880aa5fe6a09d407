"""A summer day of the annex: its plant of chilled water is started and stopped in order by the rules themselves."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import pytest

from facility.bus import AlarmChanged, CommandIssued, OutcomeReported
from facility.commands import Confirmed
from facility.model import Site
from facility.model.loader import load_site
from houqin.past import DayOrder, MadeDay, PastDay
from tests.houqin.rule_checker import Seen

ANNEX: Final = Path(__file__).parents[2] / "deploy" / "sites" / "chilled-water.yaml"
HOT_WITH_RAIN: Final = date(2026, 7, 9)
CADENCE: Final = timedelta(minutes=2)
PARTS: Final = ("main-valve", "chilled-pump", "chiller-1")


@pytest.fixture(scope="module")
def annex() -> Site:
    site = load_site(ANNEX).site
    assert site is not None
    return site


@pytest.fixture(scope="module")
def made(annex: Site) -> MadeDay:
    """The day until a quarter of an hour after the shower has stopped the cooling."""
    until = datetime.combine(HOT_WITH_RAIN, time(14, 55), tzinfo=annex.zone).astimezone(UTC)
    order = DayOrder(file=annex.file, profiles=dict(annex.profiles), day=HOT_WITH_RAIN, until=until, seed=1)
    return asyncio.run(PastDay(annex, order, cadence=CADENCE).live_through())


def test_valve_pump_and_host_are_told_in_order_and_in_the_other_order_when_rain_stops_the_cooling(
    made: MadeDay,
) -> None:
    told = [
        (message.command.equipment, message.command.wish.on, message.command.made)
        for message in made.messages
        if isinstance(message, CommandIssued) and message.command.equipment in PARTS
    ]
    assert [(part, on) for part, on, _ in told] == [
        ("main-valve", True), ("chilled-pump", True), ("chiller-1", True),
        ("chiller-1", False), ("chilled-pump", False), ("main-valve", False),
    ]  # fmt: skip
    started, stopped = told[2][2], told[3][2]
    assert started - told[1][2] >= timedelta(seconds=30), "the flow was proved first"
    assert told[4][2] - stopped >= timedelta(seconds=180), "the pump ran on"
    outcomes = [m.outcome for m in made.messages if isinstance(m, OutcomeReported) and m.outcome.equipment in PARTS]
    assert len(outcomes) == len(told)
    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)


def test_the_host_ran_only_while_water_was_seen_to_flow_and_rooms_were_cooled(annex: Site, made: MadeDay) -> None:
    seen = Seen(annex, made.batches)
    running = [at for at, value in seen.rows("chiller-1.running") if value > 0]
    assert len(running) > 60
    for point in ("chilled-pump.feedback", "main-valve.feedback"):
        proved = {at: value > 0 for at, value in seen.rows(point)}
        assert all(proved[max(when for when in proved if when <= at)] for at in running)
    assert not any(value > 0 for _, value in seen.rows("chiller-1.low_flow"))
    room = dict(seen.rows("ac-101.room_temperature"))
    warmest, coolest = max(room.values()), min(value for at, value in room.items() if at >= running[0])
    assert warmest - coolest > 2.0


def test_nothing_of_the_plant_is_an_alarm_on_such_a_day(made: MadeDay) -> None:
    raised = {message.key for message in made.messages if isinstance(message, AlarmChanged) and message.active}
    assert not [key for key in raised if any(part in key for part in PARTS)]
