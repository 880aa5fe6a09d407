"""What VictoriaMetrics does not promise and the store makes good: crashes, second writes, times, exact numbers."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import math
import random
import struct
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.errors import StoreRefused, StoreUnavailable
from facility.readings import Batch, Status, failed, to_us
from facility.series import Series
from facility.store import Aggregate
from facility.store.victoria import VictoriaStore
from facility.store.victoria.encoding import Placed, Stored, line_of
from facility.store.victoria.health import health_of
from facility.store.worker import StoreWriter
from tests.facility.store.victoriametrics import address, victoriametrics
from tests.servers import Server, wait_for

pytestmark = pytest.mark.server

START_US = to_us(datetime(2026, 7, 15, 4, 0, tzinfo=UTC))
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with victoriametrics(tmp_path) as running:
        yield running


@contextlib.contextmanager
def opened(server: Server | str, database: str = "x") -> Iterator[VictoriaStore]:
    store = VictoriaStore(server if isinstance(server, str) else address(server), database, timeout_s=10)
    try:
        yield store
    finally:
        store.close()


def second(number: float, value: float | None = None, point: str = "m.energy") -> Batch:
    """A reading of the `number`th second; its value is its number where none is given."""
    return Batch(
        time_us=START_US + round(number * SECOND_US), points=[point], values=[float(number) if value is None else value]
    )


def rows(series: Series) -> list[tuple[float, float | None]]:
    return [
        ((time_us - START_US) / SECOND_US, None if math.isnan(value) else value)
        for time_us, value in zip(series.times_us.tolist(), series.values.tolist(), strict=True)
    ]


def raw(store: VictoriaStore, point: str = "m.energy") -> list[tuple[float, float | None]]:
    return rows(store.raw(point, START_US - DAY_US, START_US + DAY_US))


def asked(server: Server, path: str, body: bytes | None = None) -> bytes:
    """What another client of the server is told."""
    with urllib.request.urlopen(address(server) + path, data=body, timeout=10) as answer:
        told: bytes = answer.read()
        return told


@contextlib.contextmanager
def seen_by_another(server: Server) -> Iterator[VictoriaStore]:
    """Another process's view, a second later."""
    asked(server, "/internal/force_flush")
    with opened(server) as store:
        yield store


def exported(server: Server, match: str) -> list[dict[str, Any]]:
    asked(server, "/internal/force_flush")
    lines = asked(server, f"/api/v1/export?start=0&match[]={quote(match)}").splitlines()
    return [orjson.loads(line) for line in lines]


def test_what_was_acknowledged_survives_the_death_of_the_server_a_moment_later(server: Server) -> None:
    with opened(server) as store:
        for number in range(40):
            store.append([second(number)])
        server.kill()
        with pytest.raises(StoreUnavailable, match="does not answer"):
            store.append([second(40)])
        server.start()
        with seen_by_another(server) as other:
            assert raw(other) == [], "the server had nothing on disk yet: what follows is the store's doing"
        store.append([second(40)])
        with seen_by_another(server) as other:
            assert raw(other) == [(number, float(number)) for number in range(41)]
            (bucket,) = other.aggregate("m.energy", [START_US, START_US + DAY_US], Aggregate.SUM, hold_us=SECOND_US)
            assert bucket.value == sum(range(41))


@pytest.mark.asyncio
async def test_what_senders_were_told_is_durable_outlives_two_deaths_of_the_server(server: Server) -> None:
    bus, told = InProcessBus(), list[int]()
    store = VictoriaStore(address(server), "x", timeout_s=10)
    writer = StoreWriter(bus, store)
    task = asyncio.create_task(writer.run())
    for death in range(3):
        numbers = range(100 * death, 100 * death + 100)
        for number in numbers:
            bus.publish(ReadingsTaken(batch=second(number), on_durable=functools.partial(told.append, number)))
        if death < 2:
            while len(told) < 100 * death + 50:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
    async with asyncio.timeout(20):
        while len(told) < 300:
            await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await asyncio.to_thread(store.close)
    assert (told, writer.lost, writer.refused) == (list(range(300)), 0, 0)
    with opened(server) as other:
        assert raw(other) == [(number, float(number)) for number in range(300)]


def test_a_death_that_no_request_noticed_is_noticed_at_the_next_look(server: Server) -> None:
    with opened(server) as store:
        store.append([second(0), second(1)])
        server.kill()
        born = int(time.time())
        wait_for(lambda: int(time.time()) > born, "the next second: the server tells its start in whole seconds")
        server.start()
        store._server.look(now=True)
        with seen_by_another(server) as other:
            assert raw(other) == [(0, 0.0), (1, 1.0)]


def test_after_a_clean_end_everything_is_on_disk(server: Server) -> None:
    with opened(server) as store:
        store.append([second(number) for number in range(500)])
    server.kill()
    server.start()
    with opened(server) as store:
        assert len(raw(store)) == 500
        assert orjson.loads(asked(server, "/snapshot/list"))["snapshots"] == []


def test_while_the_server_is_away_what_it_had_not_yet_shown_is_not_forgotten(server: Server) -> None:
    with opened(server) as store:
        store.append([second(0)])
        server.kill()
        for number in (1, 2):
            with pytest.raises(StoreUnavailable):
                store.append([second(number)])
        server.start()
        assert raw(store) == [(0, 0.0)], "what was not acknowledged is not there, what was is"
        assert store.latest(["m.energy"])["m.energy"].value == 0.0
        store.append([second(1), second(2)])
        assert raw(store) == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_the_same_again_makes_no_second_sample_and_another_value_no_second_reading(server: Server) -> None:
    again = [second(number) for number in range(5)]
    with opened(server) as store:
        for _ in range(3):
            store.append(again)
        assert all("revision" not in series["metric"] for series in exported(server, '{db="x"}'))
    with opened(server) as store:
        store.append(again)
        assert [len(series["values"]) for series in exported(server, '{__name__="reading_value"}')] == [5]
        store.append([second(2, 7.0)])
        store.append([second(2, 7.0)])
        revised = exported(server, '{__name__="reading_value",revision="1"}')
        assert [series["values"] for series in revised] == [[7.0]]
        store.append([second(2, 2.0)])
        assert raw(store) == [(number, float(number)) for number in range(5)]


def test_a_server_that_drops_repeated_samples_changes_nothing(tmp_path: Path) -> None:
    with victoriametrics(tmp_path, "dedup.minScrapeInterval=1ms") as server:
        with opened(server) as store:
            for value in (1.0, 1 / 3, 0.0, -5e-324, 2.0):
                store.append([second(0, value), second(1, value)])
            store.append([failed(["m.energy"], START_US + SECOND_US, Status.TIMEOUT)])
        asked(server, "/internal/force_merge")
        with opened(server) as store:
            assert raw(store) == [(0, 2.0), (1, None)]


def test_readings_within_one_millisecond_are_kept_apart_up_to_a_number_and_then_refused(server: Server) -> None:
    times = [START_US + offset for offset in range(VictoriaStore.most_revisions)]
    batches = [Batch(time_us=time_us, points=["m.fast"], values=[float(time_us % 1000)]) for time_us in times]
    with opened(server) as store:
        store.append(batches)
    with opened(server) as store:
        assert store.raw("m.fast", START_US, START_US + 1000).times_us.tolist() == times
        one_more = Batch(time_us=START_US + 500, points=["m.fast"], values=[1.0])
        with pytest.raises(StoreRefused, match="100 different readings in the millisecond"):
            store.append([second(1), one_more])
        assert raw(store) == [], "all or nothing"


def test_numbers_come_back_to_the_last_bit_whatever_their_neighbours(server: Server) -> None:
    source = random.Random(7)
    numbers = [source.uniform(-1, 1) * 10.0 ** source.randint(-308, 308) for _ in range(2000)]
    numbers += [float(np.float32(source.uniform(0, 500))) for _ in range(2000)]
    numbers += [round(source.uniform(-1e7, 1e7), source.randint(0, 5)) for _ in range(2000)]
    numbers += [float(source.getrandbits(63)) for _ in range(500)]
    numbers += [0.0, -0.0, 5e-324, 1.7976931348623157e308, 99_999_999_999.0, 9_999_999.99996, 1e11]
    source.shuffle(numbers)
    with opened(server) as store:
        store.append([second(number, value) for number, value in enumerate(numbers)])
    asked(server, "/internal/force_merge")
    with opened(server) as store:
        found = store.raw("m.energy", START_US, START_US + DAY_US).values
        assert found.tobytes() == np.array(numbers).tobytes()
        shown = exported(server, '{__name__="reading_value"}')
    assert max(abs(value) for series in shown for value in series["values"]) <= 1e11, "dashboards see sane numbers"


@given(
    readings=some.dictionaries(
        some.integers(START_US, START_US + 10**9),
        some.tuples(some.none() | some.floats(allow_nan=False, allow_infinity=False), some.sampled_from(list(Status))),
        max_size=30,
    )
)
def test_a_line_holds_the_whole_reading(readings: dict[int, tuple[float | None, Status]]) -> None:
    samples: dict[int, dict[str, dict[int, float]]] = {}
    expected = []
    for time_us, (value, status) in sorted(readings.items()):
        number, mark = (math.nan, max(status, Status.TIMEOUT)) if value is None or status >= 128 else (value, status)
        expected.append((time_us, struct.pack("<d", number), mark))
        revision = time_us % 1000
        line = line_of("x", "p", Placed(time_us, number, mark, revision))
        _, fields, time_ms = line.split(" ")
        for field, text in (part.split("=") for part in fields.split(",")):
            samples.setdefault(revision, {}).setdefault(field, {})[int(time_ms)] = float(text)
    stored = {
        revision: {
            field: (np.array(list(column), np.int64), np.array(list(column.values())))
            for field, column in fields.items()
        }
        for revision, fields in samples.items()
    }
    series = Stored(point="p", revisions=stored).series() if stored else None
    found = [] if series is None else list(
        zip(series.times_us.tolist(), map(struct.Struct("<d").pack, series.values), series.statuses, strict=True)
    )  # fmt: skip
    assert found == expected


def test_half_a_reading_that_a_crash_left_is_none_and_is_written_over(server: Server) -> None:
    time_ms = START_US // 1000
    asked(server, "/write?precision=ms", f"reading,db=x,point=m.energy mark=0 {time_ms}".encode())
    asked(server, "/write?precision=ms", f"reading,db=x,point=m.energy value=3 {time_ms - 1000}".encode())
    asked(server, "/internal/force_flush")
    with opened(server) as store:
        assert raw(store) == []
        assert (store.points(), store.latest(["m.energy"]), store.extent("m.energy")) == ([], {}, None)
        store.append([second(0, 1.0), second(-1, 2.0)])
    with opened(server) as store:
        assert raw(store) == [(-1, 2.0), (0, 1.0)]
        assert store.extent("m.energy") == (START_US - SECOND_US, START_US)


def test_times_that_the_server_would_drop_without_a_word_are_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now_us = to_us(datetime.now(UTC))
    with victoriametrics(tmp_path, "retentionPeriod=1") as server, opened(server) as store:
        caplog.set_level(logging.WARNING)
        store.append([Batch(time_us=now_us, points=["m.energy"], values=[1.0])])
        assert "keeps readings for 31 days only" in caplog.text
        for days in (-32, 3):
            late = Batch(time_us=now_us + days * DAY_US, points=["m.energy"], values=[1.0])
            with pytest.raises(StoreRefused, match=r"m.energy has one of .* -retentionPeriod"):
                store.append([late])
        for days in (-30, 1):
            store.append([Batch(time_us=now_us + days * DAY_US, points=["m.energy"], values=[1.0])])
        assert len(store.raw("m.energy", now_us - 40 * DAY_US, now_us + 4 * DAY_US)) == 3
        store._server.look(now=True)
        assert store.rejected == 0


def test_a_server_that_keeps_one_reading_in_half_a_minute_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with victoriametrics(tmp_path, "dedup.minScrapeInterval=30s") as server, opened(server) as store:
        store.append([second(0)])
    assert "keeps one reading in 30 s and drops the others" in caplog.text


def test_late_and_repeated_readings_meet_what_another_life_of_the_store_wrote(server: Server) -> None:
    with opened(server) as store:
        store.append([second(number) for number in range(0, 100, 2)])
    with opened(server) as store:
        store.append([second(number) for number in range(99, -1, -1)])
        store.append([second(50, -1.0)])
    with opened(server) as store:
        expected = [(number, -1.0 if number == 50 else float(number)) for number in range(100)]
        assert raw(store) == expected
        assert len(exported(server, '{__name__="reading_value",revision!=""}')) == 1


def test_memory_for_what_may_be_lost_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facility.store.victoria.engine.HELD_READINGS", 1000)
    with opened(server) as store:
        for number in range(10):
            store.append([second(number + part / 1000) for part in range(300)])
            assert len(store._server.recent) <= 1000
        server.kill()
        with pytest.raises(StoreUnavailable):
            raw(store)
        server.start()
    with opened(server) as store:
        assert len(raw(store)) == 3000


def test_the_page_of_something_else_says_nothing() -> None:
    assert health_of('python_info 1\nvm_rows_inserted_total{type="influx"} 3\n') is None
    page = (
        'vm_app_start_timestamp 100\nvm_app_uptime_seconds 20\nvm_rows_inserted_total{type="influx"} 3\n'
        'vm_rows_inserted_total{type="csvimport"} 9\nvm_rows_ignored_total{reason="big_timestamp"} 1\n'
        'vm_rows_invalid_total{type="influx"} 2\nflag{name="retentionPeriod", value="3", is_set="true"} 1\n'
    )
    health = health_of(page)
    assert health is not None
    assert (health.now_s, health.inserted, health.rejected) == (120, 3, 3)
    assert (health.retention_s, health.dedup_s) == (93 * 86_400.0, None)
