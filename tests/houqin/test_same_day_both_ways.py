"""One day made over real Modbus and MQTT is the same day as the one made in process."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facility.bus import DecisionMade, OutcomeReported
from facility.clock import ManualClock
from facility.commands import Confirmed
from houqin.past import DayOrder, MadeDay, PastDay
from simulators.world import World
from tests.real_wire import RealWire
from tests.servers import free_port, mosquitto
from tests.sites import small_site_on

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 10)
UNTIL = datetime(2026, 7, 10, 18, 0, tzinfo=ZONE)


def told(made: MadeDay) -> list[tuple[str, str, datetime]]:
    """Every decision's sentence, with its equipment and time."""
    decisions = [message.decision for message in made.messages if isinstance(message, DecisionMade)]
    return [(decision.equipment, decision.sentence.zh, decision.time) for decision in decisions]


def read(made: MadeDay) -> dict[tuple[str, int], float | None]:
    """Every value, by point and time."""
    return {
        (point, batch.time_us): value
        for batch in made.batches
        for point, value in zip(batch.points, batch.values, strict=True)
    }


@pytest.mark.asyncio
@pytest.mark.timeout(180)
async def test_a_day_over_the_wire_is_the_day_made_in_process(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        site = small_site_on(broker_port=broker.port, forecast_port=free_port())
        order = DayOrder(file=site.file, profiles=dict(site.profiles), day=DAY, until=UNTIL, seed=3)
        in_process = await PastDay(site, order).live_through()
        wire: RealWire | None = None

        def real(world: World, clock: ManualClock) -> RealWire:
            nonlocal wire
            wire = RealWire(site, world, clock)
            return wire

        day = PastDay(site, order, real)
        assert wire is not None
        async with wire.served(day):
            over_wire = await day.live_through()

    here, there = read(in_process), read(over_wire)
    assert here.keys() == there.keys()
    assert len(here) > 10_000
    assert [key for key in here if here[key] != there[key]] == []
    assert told(in_process) == told(over_wire)
    outcomes = [message.outcome for message in over_wire.messages if isinstance(message, OutcomeReported)]
    assert any(isinstance(outcome, Confirmed) for outcome in outcomes), "something was switched that day"
    assert over_wire.last_counters == in_process.last_counters
    assert over_wire.first_counters != over_wire.last_counters
    assert UNTIL - datetime(2026, 7, 10, tzinfo=ZONE) == timedelta(hours=18)
