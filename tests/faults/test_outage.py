"""Real stores that go away: what was said to be durable is there afterwards, once, with its own times (FT-36 to 42)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.readings import Batch, to_us
from facility.spool import Bounds, ClassRule, Spool
from facility.store import Store
from facility.store.influx import InfluxStore
from facility.store.spooled import GIVEN_UP_FIRST, ReadingsSpool
from facility.store.victoria import VictoriaStore
from facility.store.worker import StoreWriter
from tests.facility.store.influxdb import influxdb_server
from tests.facility.store.scripted import Answer, scripted
from tests.facility.store.victoriametrics import address, victoriametrics
from tests.houqin.operating import Child, Visitor, office_data, write_site
from tests.servers import free_port, wait_for

pytestmark = pytest.mark.server

START_US = to_us(datetime(2026, 7, 15, 4, 0, tzinfo=UTC))
BOUNDS = Bounds(limit_bytes=1 << 26, classes=[ClassRule(name=name) for name in GIVEN_UP_FIRST])
DEVICES, POINTS, EVERY_S = 10, 10, 10
NAMES = tuple(tuple(f"d{device}.p{index}" for index in range(POINTS)) for device in range(DEVICES))


class Site:
    """Devices that answer, a writer with a spool, and the store behind them."""

    def __init__(self, folder: Path, store: Store, *, kept_s: float = 30.0) -> None:
        self.bus, self.store = InProcessBus(), store
        self.spool = Spool(folder, BOUNDS, now_us=lambda: 0, kept_s=kept_s)
        spooled = ReadingsSpool(self.spool, {}, ManualClock(datetime(2026, 7, 15, tzinfo=UTC)))
        self.writer = StoreWriter(self.bus, store, spool=spooled)
        self.told = 0

    def answer(self, cycle: int) -> None:
        """All devices answer once."""
        for points in NAMES:
            batch = Batch(time_us=START_US + cycle * EVERY_S * 1_000_000, points=points, values=[cycle / 10] * POINTS)
            self.bus.publish(ReadingsTaken(batch=batch, on_durable=self._count))

    def _count(self) -> None:
        self.told += 1

    @property
    def waiting(self) -> int:
        return self.spool.figures.items


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[Site]:
    task = asyncio.create_task(site.writer.run())
    try:
        yield site
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        site.spool.close()


async def until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


def assert_whole(store: Store, cycles: int) -> None:
    """Every point has every cycle once, in order, with its value."""
    for points in NAMES:
        series = store.raw(points[0], 0, 2 * START_US)
        assert series.times_us.tolist() == [START_US + cycle * EVERY_S * 1_000_000 for cycle in range(cycles)]
        assert series.values.tolist() == [cycle / 10 for cycle in range(cycles)]
    assert len(store.points()) == DEVICES * POINTS


@pytest.mark.asyncio
async def test_an_hour_without_influxdb_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facility.patience.PAUSES_WALL_S", (0.05,))
    with influxdb_server(tmp_path) as (url, server):
        store = InfluxStore(url, "hq", timeout_s=10)
        async with running(Site(tmp_path / "spool", store)) as site:
            site.answer(0)
            await until(lambda: site.told == DEVICES and not site.waiting)
            await asyncio.to_thread(server.kill)
            for cycle in range(1, 360):
                site.answer(cycle)
            await until(lambda: site.told == 360 * DEVICES)
            await until(lambda: site.writer.away)
            assert site.waiting == 359 * DEVICES * POINTS
            await asyncio.to_thread(server.start)
            await until(lambda: not site.waiting)
            assert (site.writer.lost, site.writer.refused) == (0, 0)
        assert_whole(store, 360)
        store.close()


@pytest.mark.asyncio
async def test_what_victoriametrics_lost_when_both_died_at_once_goes_out_again_at_the_next_start(
    tmp_path: Path,
) -> None:
    with victoriametrics(tmp_path) as server:
        before = VictoriaStore(address(server), "hq", timeout_s=10)
        site = Site(tmp_path / "spool", before)
        async with running(site):
            for cycle in range(20):
                site.answer(cycle)
            await until(lambda: site.told == 20 * DEVICES and not site.waiting)
            await asyncio.to_thread(server.kill)  # and with it the memory of what it had acknowledged
        before._server.recent.forget(float("inf"))
        before.close()
        await asyncio.to_thread(server.start)
        empty = VictoriaStore(address(server), "hq", timeout_s=10)
        assert empty.points() == [], "it had nothing on disk: what follows is the spool's doing"
        empty.close()
        after = VictoriaStore(address(server), "hq", timeout_s=10)
        async with running(Site(tmp_path / "spool", after)) as site:
            await until(lambda: not site.waiting)
            assert_whole(after, 20)
        after.close()


@pytest.mark.asyncio
async def test_to_send_again_what_influxdb_has_changes_no_sum(tmp_path: Path) -> None:
    with influxdb_server(tmp_path) as (url, _):
        store = InfluxStore(url, "hq", timeout_s=10)
        async with running(Site(tmp_path / "spool", store)) as site:
            for cycle in range(20):
                site.answer(cycle)
            await until(lambda: site.told == 20 * DEVICES and not site.waiting)
            assert site.spool.rewind() == 20 * DEVICES * POINTS
            site.answer(20)
            await until(lambda: site.told == 21 * DEVICES and not site.waiting)
        assert_whole(store, 21)
        store.close()


@pytest.mark.asyncio
async def test_a_server_that_is_overloaded_is_asked_when_it_says_and_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    def told(error: Exception, _: int) -> float:
        pauses.append(error.retry_after_s)  # type: ignore[attr-defined]
        return 0.01

    monkeypatch.setattr("facility.store.spool_drain.pause_s", told)
    with scripted() as server:
        server.answer = lambda _: Answer(429, headers={"Retry-After": "7"})
        store = InfluxStore(server.url, "hq", timeout_s=10)
        async with running(Site(tmp_path / "spool", store)) as site:
            site.answer(0)
            await until(lambda: len(pauses) >= 2)
            server.answer = lambda _: Answer(503, headers={"Retry-After": "8"})
            await until(lambda: pauses[-1] == 8.0)
            server.answer = lambda _: Answer(204)
            await until(lambda: not site.waiting)
            await sleep(0)
        store.close()
    assert set(pauses) == {7.0, 8.0}


@pytest.mark.timeout(90)
def test_with_a_store_that_hangs_the_site_starts_serves_and_ends_in_time(tmp_path: Path) -> None:
    entries = office_data()
    with hanging_server() as port:
        entries["store"] = {"engine": "victoriametrics", "url": f"http://127.0.0.1:{port}", "database": "hq"}
        site, own = write_site(tmp_path / "site.yaml", entries), free_port()
        with Child(tmp_path, "run", "run", site, "--data", tmp_path / "data", "--port", str(own)) as run:
            run.wait_said("Houqin is running")
            with Visitor(f"http://127.0.0.1:{own}") as visitor:
                wait_for(lambda: any((tmp_path / "data").glob("spool/store/*.spool")), "readings in the spool")
                health = visitor.get("/health")
                assert (health["status"], health["spool_percent"]) == ("ok", 0.0)
            assert run.interrupt() == 0, "within ten seconds"
        assert "Traceback" not in run.complained
        assert "they are not shown" not in run.complained
    spool = Spool(tmp_path / "data" / "spool" / "store", BOUNDS, now_us=lambda: 0)
    assert spool.figures.items > 0, "what was read waits for the next life"
    spool.close()


@contextmanager
def hanging_server() -> Iterator[int]:
    """A port where connections are taken and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]
