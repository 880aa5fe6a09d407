"""The clock is set back while a line is polled: nothing waits for a time that was, and nothing old passes for new."""

from __future__ import annotations

import contextlib
from asyncio import CancelledError, create_task
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.model.entries import ModbusTcpLink
from facility.profiles.schema import Table
from facility.readings import Batch, Status
from gateway.device_readings import DeviceReadings
from gateway.line import Line
from gateway.quarantine import Quarantine
from gateway.questions import questions_of
from gateway.splitting import Splits
from tests.gateway.bank import Bank
from tests.gateway.scene import NOON, site_with, turns

ROOM = "ac-402.room_temperature"
HOUR_US = 3_600_000_000


class SettableClock(ManualClock):
    """A clock that somebody may set."""

    def set_back(self, hours: float) -> None:
        """Shows less than before."""
        self._now -= timedelta(hours=hours)


@contextlib.asynccontextmanager
async def at_work(line: Line) -> AsyncIterator[None]:
    """The line is polled. A line that sleeps by a clock that is moved by hand looks at it only when it wakes."""
    work = create_task(line.run())
    await turns()
    try:
        yield
    finally:
        work.cancel()
        with contextlib.suppress(CancelledError):
            await work


@pytest.mark.asyncio
@pytest.mark.parametrize("hours", [1.0, 72.0])
async def test_a_value_that_was_put_off_is_asked_again_when_the_clock_was_set_back(
    hours: float,
) -> None:
    site = site_with()
    clock, bus, bank = SettableClock(NOON), InProcessBus(), Bank()
    said: list[Batch] = []
    bus.listen(ReadingsTaken, lambda message: said.append(message.batch))
    bank.set(1, 16, *[0, 3, 260, 0, 0, 0, 291] * 7)
    address = site.points[ROOM].address
    assert address is not None
    bank.refused.add((1, Table.HOLDING, address))
    line = Line(site, "plant", bank, bus, clock)
    async with at_work(line):
        clock.advance(20)
        await turns()
    bank.refused.clear()
    before = len(bank.asked)
    clock.set_back(hours)
    async with at_work(line):
        clock.advance(20)
        await turns()
    told = [r.status for batch in said for r in batch.readings() if r.point == ROOM]
    assert told[0] is Status.EXCEPTION
    assert told[-1] is Status.GOOD
    assert (1, Table.HOLDING, address, 1) not in bank.asked[before:], "it is asked with its neighbours again"


@pytest.mark.parametrize("later_us", [-72 * HOUR_US, -1, 0, 1])
@pytest.mark.parametrize("value", [0, 1])
def test_the_newest_answer_counts_whatever_the_clock_showed(later_us: int, value: int) -> None:
    """A point that is read by two questions: one as part of a round, one with an order."""
    site = site_with()
    readings = DeviceReadings(InProcessBus(), Splits(site.profile_of("vrf-gw").limits))
    points = [point for point in site.points_of_device("vrf-gw") if point.id == "ac-401.on"]
    rounds, order = (questions_of(site, "vrf-gw", points) for _ in range(2))
    for questions in (rounds, order):
        readings.adopt(questions)
    assert readings.value_of("ac-401.on") is None
    before, after = bytes((0, 1 - value)), bytes((0, value))
    readings.answered(rounds[0], before, 10 * HOUR_US)
    readings.answered(order[0], after, 10 * HOUR_US + later_us)
    assert readings.value_of("ac-401.on") == float(value)
    readings.answered(rounds[0], before, 10 * HOUR_US + 2 * later_us)
    assert readings.value_of("ac-401.on") == float(1 - value)


def test_a_unit_that_fails_while_the_clock_is_set_back_dies_when_it_has_failed_for_long_enough() -> None:
    link = ModbusTcpLink(type="modbus_tcp", host="192.0.2.1", dead_after_failures=2, dead_after_s=30)
    unit = Quarantine(link, lambda wall_s: int(wall_s * 1e6))
    assert not unit.failed(10 * HOUR_US)
    unit.hurry(8 * HOUR_US)
    assert not unit.failed(8 * HOUR_US + 29_000_000)
    assert unit.failed(8 * HOUR_US + 31_000_000)
    assert unit.is_dead
