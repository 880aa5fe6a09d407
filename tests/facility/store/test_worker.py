"""The threads between bus and store: nothing told as durable that is not, nothing lost that could be kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.errors import StoreRefused, StoreUnavailable
from facility.readings import Batch, Status
from facility.store.embedded import EmbeddedStore
from facility.store.worker import StoreReader, StoreWriter


class FaultyStore(EmbeddedStore):
    """The embedded store with a plug that can be pulled: down, or poisoned by one point."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.is_down = False
        self.is_broken = False
        self.threads: set[str] = set()

    def append(self, batches: Sequence[Batch]) -> None:
        self.threads.add(threading.current_thread().name)
        if self.is_down:
            raise StoreUnavailable("pulled out")
        if self.is_broken:
            raise RuntimeError("nobody expected this")
        if any("poison.x" in batch.points for batch in batches):
            raise StoreRefused("poison")
        super().append(batches)


@pytest.fixture
def store(tmp_path: Path) -> FaultyStore:
    return FaultyStore(tmp_path / "store")


def say(bus: InProcessBus, told: list[int], number: int, point: str = "m.power") -> None:
    batch = Batch(time_us=number, points=[point], values=[float(number)])
    bus.publish(ReadingsTaken(batch=batch, on_durable=lambda: told.append(number)))


async def until(condition: object, timeout_s: float = 5.0) -> None:
    assert callable(condition)
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def kept(store: FaultyStore) -> list[int]:
    values = store.raw("m.power", 0, 10**6).values.tolist()
    return [int(value) for value in values]


@pytest.mark.asyncio
async def test_senders_are_told_in_order_and_only_when_it_is_durable(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store)
    for number in range(5):
        say(bus, told, number)
    assert told == []
    task = asyncio.create_task(writer.run())
    await until(lambda: told == [0, 1, 2, 3, 4])
    assert kept(store) == told
    assert all(name.startswith("store-writer") for name in store.threads)
    await end(task)
    store.close()


@pytest.mark.asyncio
async def test_a_large_group_does_not_wait_for_its_time(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store)
    task = asyncio.create_task(writer.run())
    await asyncio.sleep(0)
    for number in range(600):
        say(bus, told, number)
    await until(lambda: len(told) == 600)
    await end(task)
    store.close()


@pytest.mark.asyncio
async def test_flush_makes_everything_durable_at_once(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store)
    task = asyncio.create_task(writer.run())
    say(bus, told, 1)
    await writer.flush()
    assert (told, writer.waiting) == ([1], 0)
    await end(task)
    store.close()


@pytest.mark.asyncio
async def test_while_the_store_is_down_readings_wait_and_then_all_arrive(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store)
    store.is_down = True
    task = asyncio.create_task(writer.run())
    for number in range(3):
        say(bus, told, number)
    await until(lambda: store.threads)
    say(bus, told, 3)
    assert told == []
    with pytest.raises(StoreUnavailable):
        await writer.flush()
    assert writer.waiting == 4
    store.is_down = False
    await until(lambda: told == [0, 1, 2, 3])
    assert kept(store) == told
    await end(task)
    store.close()


@pytest.mark.asyncio
async def test_when_there_is_no_room_the_oldest_stay_and_the_rest_is_counted(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store, capacity=3)
    for number in range(5):
        say(bus, told, number)
    assert (writer.waiting, writer.refused) == (3, 2)
    task = asyncio.create_task(writer.run())
    await until(lambda: told == [0, 1, 2])
    say(bus, told, 5)
    await until(lambda: told == [0, 1, 2, 5])
    await end(task)
    store.close()


@pytest.mark.asyncio
async def test_a_poisoned_reading_is_dropped_alone(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store)
    say(bus, told, 1)
    say(bus, told, 2, point="poison.x")
    bus.publish(ReadingsTaken(batch=Batch(time_us=9, points=["m.power", "m.x"], values=[1.0])))
    say(bus, told, 3)
    task = asyncio.create_task(writer.run())
    await until(lambda: told == [1, 3])
    assert writer.lost == 3
    await end(task)
    store.close()


@pytest.mark.asyncio
async def test_a_poisoned_reading_does_not_take_its_neighbours_in_the_same_answer_with_it(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store)
    points = [f"m.p{number}" for number in range(9)]
    points[4] = "poison.x"
    answer = Batch(time_us=5, points=points, values=[0.0, None, *map(float, range(7))], statuses=[Status.GOOD] * 9)
    bus.publish(ReadingsTaken(batch=answer, on_durable=lambda: told.append(5)))
    task = asyncio.create_task(writer.run())
    await until(lambda: told == [5])
    assert writer.lost == 1
    assert store.points() == sorted({*points} - {"poison.x"})
    latest = store.latest(points)
    assert (latest["m.p0"].value, latest["m.p1"].value, latest["m.p8"].value) == (0.0, None, 6.0)
    await end(task)
    store.close()


@pytest.mark.asyncio
async def test_what_waits_at_the_end_is_written(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store)
    task = asyncio.create_task(writer.run())
    await asyncio.sleep(0)
    say(bus, told, 1)
    await end(task)
    assert (told, kept(store)) == ([1], [1])
    say(bus, told, 2)
    assert writer.waiting == 0, "after its end it no longer listens"
    store.close()


@pytest.mark.asyncio
async def test_after_an_error_that_nobody_expected_it_runs_again_and_has_lost_nothing(store: FaultyStore) -> None:
    bus, told = InProcessBus(), list[int]()
    writer = StoreWriter(bus, store)
    store.is_broken = True
    say(bus, told, 1)
    with pytest.raises(RuntimeError, match="nobody expected"):
        await writer.run()
    say(bus, told, 2)
    store.is_broken = False
    task = asyncio.create_task(writer.run())
    await until(lambda: told == [1, 2])
    await end(task)
    assert kept(store) == [1, 2]
    store.close()


@pytest.mark.asyncio
async def test_the_reader_works_off_the_loop_and_hands_errors_back(store: FaultyStore) -> None:
    reader = StoreReader(store)
    store.append([Batch(time_us=1, points=["m.power"], values=[7.0])])
    latest = await reader.call(store.latest, ["m.power"])
    assert latest["m.power"].value == 7.0
    assert (await reader.call(threading.current_thread)).name.startswith("store-reader")
    store.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        await reader.call(store.raw, "m.power", 0, 1)
    reader.close()
