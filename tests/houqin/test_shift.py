"""Work that is handed over to a successor."""

from __future__ import annotations

import asyncio

import pytest

from facility.bus import AlarmChanged, ForecastWanted
from facility.bus.in_process import InProcessBus
from facility.bus.scoped import ScopedBus
from houqin.shift import Shift

pytestmark = pytest.mark.asyncio


class Work:
    """Runs until it is told to end; says what became of it."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.end = asyncio.Event()

    async def run(self) -> None:
        self.told.append("begun")
        try:
            await self.end.wait()
            self.told.append("done")
        finally:
            self.told.append("ended")


async def passing() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_successor_begins_after_its_predecessor_has_ended() -> None:
    first, second = Work(), Work()
    shift = Shift(first.run)
    running = asyncio.create_task(shift.run())
    await passing()
    await shift.stop()
    assert (first.told, second.told) == (["begun", "ended"], [])
    await passing()
    shift.go_on(second.run)
    await passing()
    assert second.told == ["begun"]
    second.end.set()
    await running
    assert second.told == ["begun", "done", "ended"]


async def test_a_shift_that_is_cancelled_ends_its_work() -> None:
    work = Work()
    running = asyncio.create_task(Shift(work.run).run())
    await passing()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert work.told == ["begun", "ended"]


async def test_a_shift_without_work_waits_and_can_be_cancelled() -> None:
    work = Work()
    shift = Shift(work.run)
    await shift.stop()
    running = asyncio.create_task(shift.run())
    await passing()
    assert (work.told, running.done()) == ([], False)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_work_that_fails_fails_the_shift_and_may_be_stopped_before_it_is_begun_again() -> None:
    async def fails() -> None:
        raise ValueError("broken")

    after = Work()
    shift = Shift(fails)
    with pytest.raises(ValueError, match="broken"):
        await shift.run()
    await shift.stop()
    shift.go_on(after.run)
    running = asyncio.create_task(shift.run())
    await passing()
    assert after.told == ["begun"]
    after.end.set()
    await running


async def test_whoever_listened_on_a_bus_for_a_while_leaves_it_at_once() -> None:
    bus = InProcessBus()
    scope, heard = ScopedBus(bus), list[ForecastWanted]()
    stays: list[ForecastWanted] = []
    bus.listen(ForecastWanted, stays.append)
    scope.listen(ForecastWanted, heard.append)
    queue = scope.subscribe(AlarmChanged, capacity=2)
    left_by_itself = scope.listen(ForecastWanted, heard.append)
    left_by_itself()
    scope.publish(ForecastWanted())
    scope.close()
    bus.publish(ForecastWanted())
    assert (len(heard), len(stays)) == (1, 2)
    assert [message async for message in queue] == []
