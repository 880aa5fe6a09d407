"""Readings on their way to a store that is away: safe, in order, at its own pace; the end is that of no outage."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.errors import StoreRefused, StoreUnavailable
from facility.model.keeping import SpoolEntry
from facility.readings import Batch, Status, failed
from facility.spool import Bounds, ClassRule, Keep, Spool
from facility.store import spool_drain
from facility.store.connection import AnsweredWithError
from facility.store.embedded import EmbeddedStore
from facility.store.retention import PointClass
from facility.store.spooled import GIVEN_UP_FIRST, ReadingsSpool, bounds_of, pack, unpack
from facility.store.worker import StoreWriter
from tests.facility.spool.flawed_disk import FailingDisk, HastyDisk

T0: Final = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
LIMITS: Final = Bounds(limit_bytes=1 << 22, classes=[ClassRule(name=name) for name in GIVEN_UP_FIRST])
CLASSES: Final = {"m.energy": PointClass.COUNTER, "u.on": PointClass.STATE}


@dataclass
class Plugged:
    """A store that keeps what it is given, with a plug that can be pulled; `asked` has every request, in order."""

    trouble: Exception | None = None
    asked: list[list[Batch]] = field(default_factory=list)
    kept: dict[tuple[str, int], float | None] = field(default_factory=dict)
    at_once: int = 0
    most_at_once: int = 0
    gate: threading.Event | None = None

    def append(self, batches: Sequence[Batch]) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.gate is not None:
                self.gate.wait(20)
            if self.trouble is not None:
                raise self.trouble
            if any("poison.x" in batch.points for batch in batches):
                raise StoreRefused("poison")
            self.asked.append(list(batches))
            for batch in batches:
                for reading in batch.readings():
                    self.kept[reading.point, batch.time_us] = reading.value
        finally:
            self.at_once -= 1

    def forget(self, count: int) -> None:
        """Loses what it was given last, as one does that says "taken" before it is safe."""
        for reading in list(self.kept)[-count:]:
            del self.kept[reading]

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class House:
    """A writer with a spool before a store, on a bus."""

    bus: InProcessBus
    store: Plugged
    spool: ReadingsSpool
    writer: StoreWriter
    told: list[int] = field(default_factory=list)

    def say(self, number: int, *points: str, values: Sequence[float | None] | None = None) -> None:
        names = points or ("u.temperature",)
        batch = Batch(time_us=number, points=names, values=values or [float(number)] * len(names))
        self.bus.publish(ReadingsTaken(batch=batch, on_durable=lambda: self.told.append(number)))

    @property
    def waiting(self) -> int:
        """Readings in the spool that the store has not acknowledged."""
        return self.spool.figures.items

    def stored(self, point: str = "u.temperature") -> list[int]:
        """Times of a point's readings, in the order of their last writing."""
        return [time_us for name, time_us in self.store.kept if name == point]


@asynccontextmanager
async def house(
    folder: Path, store: Plugged, *, bounds: Bounds = LIMITS, disk: HastyDisk | None = None, capacity: int = 10_000
) -> AsyncIterator[House]:
    clock = ManualClock(T0)
    spool = Spool(folder, bounds, now_us=lambda: 0, disk=disk or HastyDisk())
    bus = InProcessBus()
    readings = ReadingsSpool(spool, CLASSES, clock)
    writer = StoreWriter(bus, store, capacity=capacity, spool=readings)
    task = asyncio.create_task(writer.run())
    try:
        yield House(bus, store, readings, writer)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        spool.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facility.patience.PAUSES_WALL_S", (0.01,))
    monkeypatch.setattr("facility.store.worker.GROUP_WALL_S", 0.01)


async def until(condition: object, timeout_s: float = 10.0) -> None:
    assert callable(condition)
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.002)


@pytest.mark.asyncio
async def test_while_the_store_is_away_readings_are_durable_and_afterwards_they_arrive_in_order(tmp_path: Path) -> None:
    store = Plugged(trouble=StoreUnavailable("unplugged"))
    async with house(tmp_path, store) as here:
        for number in range(50):
            here.say(number)
        await until(lambda: len(here.told) == 50)
        await until(lambda: here.writer.away)
        assert (here.told, here.writer.waiting, here.stored()) == (list(range(50)), 0, [])
        figures = here.writer.spool
        assert figures is not None
        assert figures.waiting == {"measurement": 50, "state": 0, "counter": 0}
        store.trouble = None
        await until(lambda: len(here.stored()) == 50)
        assert here.stored() == list(range(50))
        await until(lambda: not here.writer.away)
        assert store.most_at_once == 1


@pytest.mark.asyncio
async def test_what_waited_when_the_process_ended_arrives_in_its_next_life(tmp_path: Path) -> None:
    async with house(tmp_path, Plugged(trouble=StoreUnavailable("unplugged"))) as here:
        here.say(1, "m.energy", "u.on", "u.temperature", values=[5.0, None, 0.0])
        here.say(2)
        await until(lambda: here.told == [1, 2])
    store = Plugged()
    async with house(tmp_path, store) as here:
        await until(lambda: len(store.kept) == 4)
    assert store.kept == {("m.energy", 1): 5.0, ("u.on", 1): None, ("u.temperature", 1): 0.0, ("u.temperature", 2): 2.0}


@pytest.mark.asyncio
async def test_what_the_store_acknowledged_before_it_died_goes_out_again_before_anything_new(tmp_path: Path) -> None:
    store = Plugged()
    async with house(tmp_path, store) as here:
        here.say(1)
        await until(lambda: here.stored() == [1])
        store.kept.clear()
        store.trouble = StoreUnavailable("does not answer")
        here.say(2)
        await until(lambda: here.writer.away)
        here.say(3)
        store.trouble = None
        await until(lambda: len(here.stored()) == 3)
        assert sorted(here.stored()) == [1, 2, 3]


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [429, 503])
async def test_a_store_that_is_only_busy_is_left_alone_and_given_nothing_twice(tmp_path: Path, status: int) -> None:
    store = Plugged()
    async with house(tmp_path, store) as here:
        here.say(1)
        await until(lambda: here.stored() == [1])
        store.trouble = AnsweredWithError("too many", status=status, retry_after_s=0.02)
        here.say(2)
        await until(lambda: here.writer.away)
        store.trouble = None
        await until(lambda: here.stored() == [1, 2])
        here.say(3)
        await until(lambda: here.stored() == [1, 2, 3])
    assert [batch.time_us for request in store.asked for batch in request] == [1, 2, 3]


@pytest.mark.asyncio
async def test_a_slow_store_gets_one_request_at_a_time_and_nobody_waits_for_it(tmp_path: Path) -> None:
    store = Plugged(gate=threading.Event())
    async with house(tmp_path, store) as here:
        for number in range(30):
            here.say(number)
            await asyncio.sleep(0)
        await until(lambda: len(here.told) == 30 and store.at_once == 1)
        assert here.stored() == []
        assert store.gate is not None
        store.gate.set()
        await until(lambda: len(here.stored()) == 30)
        assert store.most_at_once == 1


@pytest.mark.asyncio
async def test_the_end_does_not_wait_for_a_store_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_drain, "LAST_WALL_S", 0.05)
    store = Plugged(gate=threading.Event())
    async with house(tmp_path, store) as here:
        here.say(1)
        await until(lambda: store.at_once == 1)
    assert store.gate is not None
    store.gate.set()
    async with house(tmp_path, Plugged()) as here:
        await until(lambda: here.stored() == [1])


@pytest.mark.asyncio
async def test_poisoned_readings_are_lost_alone_and_the_queue_moves(tmp_path: Path) -> None:
    store = Plugged()
    async with house(tmp_path, store) as here:
        here.say(1)
        here.say(2, "u.a", "poison.x", "u.b")
        here.bus.publish(ReadingsTaken(batch=Batch(time_us=3, points=["u.a", "u.b"], values=[1.0])))
        here.say(4)
        await until(lambda: here.writer.lost == 3)
        await until(lambda: len(store.kept) == 4)
        assert here.told == [1, 2, 4], "one that has not a value for each point is not durable"


@pytest.mark.asyncio
async def test_without_room_what_is_refused_is_counted_and_its_sender_not_told(tmp_path: Path) -> None:
    rules = [ClassRule(name=name, keep=Keep.OLDEST) for name in GIVEN_UP_FIRST]
    bounds = Bounds(limit_bytes=1 << 20, classes=rules)
    async with house(tmp_path, Plugged(trouble=StoreUnavailable("away")), bounds=bounds) as here:
        count = await filled(here)
        figures = here.writer.spool
        assert figures is not None
        assert 0 < here.writer.refused == figures.dropped["measurement"] == 2000 * (count - len(here.told))
        assert here.told == list(range(len(here.told))), "the oldest stay"
        assert 80 < figures.percent <= 100


@pytest.mark.asyncio
async def test_without_room_measurements_give_way_and_counters_stay(tmp_path: Path) -> None:
    bounds = bounds_of(SpoolEntry(limit_mb=10))
    store = Plugged(trouble=StoreUnavailable("away"))
    small = Bounds(limit_bytes=1 << 20, classes=bounds.classes)
    async with house(tmp_path, store, bounds=small) as here:
        for number in range(1, 20):
            here.say(number, "m.energy", "u.on", values=[float(number), 0.0])
        await here.writer.flush()
        count = await filled(here)
        assert len(here.told) == 19 + count, "all were safe when they were told"
        figures = here.writer.spool
        assert figures is not None
        dropped = figures.dropped["measurement"]
        assert dropped > 0
        assert (figures.dropped["counter"], figures.dropped["state"], here.writer.refused) == (0, 0, 0)
        store.trouble = None
        await until(lambda: not here.waiting)
        assert len(here.stored("m.energy")) == len(here.stored("u.on")) == 19
        missing = 2000 * count - sum(name.startswith("u.t") for name, _ in store.kept)
        assert figures.dropped["measurement"] >= missing > 0


async def filled(here: House) -> int:
    """Says more than 1 MB holds; how many answers."""
    source = random.Random(1)
    points = tuple(f"u.t{index}" for index in range(2000))
    for number in range(80):
        here.say(number, *points, values=[source.random() for _ in points])
        await here.writer.flush()
    return 80


@pytest.mark.asyncio
async def test_while_the_disk_takes_nothing_readings_wait_in_memory_and_nobody_is_told(tmp_path: Path) -> None:
    disk = FailingDisk()
    async with house(tmp_path, Plugged(), disk=disk, capacity=3) as here:
        disk.failing = {"write"}
        for number in range(5):
            here.say(number)
        await until(lambda: here.writer.away)
        assert (here.told, here.writer.waiting, here.writer.refused) == ([], 3, 2)
        disk.failing = set()
        await until(lambda: here.told == [0, 1, 2])
        await until(lambda: here.stored() == [0, 1, 2])
        assert not here.writer.away


@pytest.mark.asyncio
async def test_after_an_error_that_nobody_expected_it_runs_again_and_has_lost_nothing(tmp_path: Path) -> None:
    store = Plugged(trouble=RuntimeError("nobody expected this"))
    spool = Spool(tmp_path, LIMITS, now_us=lambda: 0, disk=HastyDisk())
    bus = InProcessBus()
    writer = StoreWriter(bus, store, spool=ReadingsSpool(spool, {}, ManualClock(T0)))
    here = House(bus, store, ReadingsSpool(spool, {}, ManualClock(T0)), writer)
    here.say(1)
    with pytest.raises(RuntimeError, match="nobody expected"):
        await writer.run()
    store.trouble = None
    here.say(2)
    task = asyncio.create_task(writer.run())
    await until(lambda: here.stored() == [1, 2])
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    spool.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("outages", [3, 1])
async def test_a_day_with_outages_ends_as_a_day_without(
    tmp_path: Path, outages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """24 hours of 20 points every ten seconds, in answers of ten. The store dies three times and forgets what it took
    last, or is away for all of the day.
    """
    monkeypatch.setattr(spool_drain, "AGAIN_AFTER_S", 0.0)
    store = Plugged()
    async with house(tmp_path / "spool", store, capacity=10**6) as here:
        for number in range(8640):
            for device in range(2):
                here.say(number * 10_000_000, *(f"d{device}.p{index}" for index in range(10)))
            if number % (8640 // outages) == (1440 if outages == 3 else 0):
                store.trouble = StoreUnavailable("does not answer")
                await until(lambda: here.writer.away)
                store.forget(300)
            if outages == 3 and number % 2880 == 2600:
                store.trouble = None
            if number % 200 == 0:
                await here.writer.flush()
        store.trouble = None
        await here.writer.flush()
        await until(lambda: not here.waiting)
        assert len(here.told) == 2 * 8640
        assert (here.writer.lost, here.writer.refused, sum(here.spool.figures.dropped.values())) == (0, 0, 0)
    assert len(store.kept) == 20 * 8640
    assert all(value == float(time_us) for (_, time_us), value in store.kept.items())
    assert store.most_at_once == 1


VALUES = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0])
ANSWERS = st.lists(
    st.tuples(
        st.integers(-(2**50), 2**60),
        st.lists(st.tuples(st.sampled_from(["a.x", "b.y", "楼.温度", ""]), VALUES), max_size=6),
        st.booleans(),
    ),
    max_size=6,
)


@given(answers=ANSWERS)
def test_answers_come_back_as_they_were(answers: list[tuple[int, list[tuple[str, float | None]], bool]]) -> None:
    batches = [
        Batch(
            time_us=time_us,
            points=[point for point, _ in readings],
            values=[value for _, value in readings],
            statuses=[Status.TIMEOUT if value is None else Status.FROZEN for _, value in readings]
            if marked or any(value is None for _, value in readings)
            else None,
        )
        for time_us, readings, marked in answers
    ]
    assert [_plain(batch) for batch in unpack(pack(batches))] == [_plain(batch) for batch in batches]


def _plain(batch: Batch) -> tuple[int, list[str], list[str], list[Status]]:
    statuses = [Status.GOOD] * len(batch) if batch.statuses is None else list(batch.statuses)
    return batch.time_us, list(batch.points), [repr(value) for value in batch.values], statuses


def test_what_is_no_number_is_missing_afterwards_with_its_reason() -> None:
    (batch,) = unpack(pack([Batch(time_us=1, points=["a.x", "a.y"], values=[float("nan"), float("inf")])]))
    assert (list(batch.values), batch.statuses) == ([None, None], [Status.NOT_A_NUMBER] * 2)
    (silent,) = unpack(pack([failed(["a.x"], 1, Status.TIMEOUT)]))
    assert (list(silent.values), silent.statuses) == ([None], [Status.TIMEOUT])


def test_the_site_files_words_become_limits() -> None:
    bounds = bounds_of(SpoolEntry(limit_mb=50, days=2, counters="oldest"))
    assert (bounds.limit_bytes, bounds.oldest_s) == (50_000_000, 172_800.0)
    assert [(rule.name, rule.keep) for rule in bounds.classes] == [
        ("measurement", Keep.NEWEST),
        ("state", Keep.NEWEST),
        ("counter", Keep.OLDEST),
    ]


@pytest.mark.asyncio
async def test_through_the_spool_into_a_real_store_the_state_is_that_of_no_spool(tmp_path: Path) -> None:
    straight, behind = EmbeddedStore(tmp_path / "straight"), EmbeddedStore(tmp_path / "behind")
    source = random.Random(3)
    batches = [
        Batch(
            time_us=source.randrange(200),
            points=["m.energy", "u.on", "u.t"],
            values=[source.choice([None, 0.0, 1.5]) for _ in range(3)],
        )
        for _ in range(300)
    ]
    for batch in batches:
        straight.append([batch])
    bus = InProcessBus()
    spool = Spool(tmp_path / "spool", LIMITS, now_us=lambda: 0, disk=HastyDisk())
    writer = StoreWriter(bus, behind, spool=ReadingsSpool(spool, CLASSES, ManualClock(T0)))
    task = asyncio.create_task(writer.run())
    for batch in batches:
        bus.publish(ReadingsTaken(batch=batch))
    await writer.flush()
    await until(lambda: not spool.figures.items)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    spool.close()
    for point in ("m.energy", "u.on", "u.t"):
        one, other = straight.raw(point, 0, 1000), behind.raw(point, 0, 1000)
        assert one.times_us.tolist() == other.times_us.tolist()
        assert one.values.tobytes() == other.values.tobytes()
        assert one.statuses.tolist() == other.statuses.tolist()
    straight.close()
    behind.close()
