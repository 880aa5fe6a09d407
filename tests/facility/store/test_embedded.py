"""What the embedded store promises beyond the contract: durability, bounds, damage that is named."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from facility.errors import StoreDamaged, StoreUnavailable
from facility.readings import Batch, Status
from facility.series import Series, made_honest
from facility.store.embedded import EmbeddedStore
from facility.store.embedded.codec import (
    LogRow,
    pack_log,
    pack_times,
    pack_values,
    unpack_log,
    unpack_times,
    unpack_values,
)
from facility.store.embedded.days import block_key
from facility.store.embedded.packing import PackedTimes, packed_day
from facility.store.embedded.whole import pack_whole, unpack_whole

DAY_US = 86_400_000_000
ROOT = Path(__file__).parents[3]


def minute(number: int, *points: str) -> Batch:
    """A batch of minute `number` whose values are that number."""
    return Batch(time_us=number * 60_000_000, points=points, values=[float(number)] * len(points))


def stored(store: EmbeddedStore, point: str) -> list[float]:
    values: list[float] = store.raw(point, -(10**18), 10**18).values.tolist()
    return values


def test_a_second_process_is_refused_by_name_and_let_in_afterwards(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    code = (
        "import sys, pathlib\nfrom facility.errors import StoreUnavailable\n"
        "from facility.store.embedded import EmbeddedStore\n"
        "try:\n    EmbeddedStore(pathlib.Path(sys.argv[1])).close()\n"
        "except StoreUnavailable as error:\n    sys.exit(str(error))\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert f"{tmp_path} is open for writing in process" in refused.stderr
    with pytest.raises(StoreUnavailable, match="open for writing"):
        EmbeddedStore(tmp_path)
    store.close()
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def test_a_damaged_block_is_named_and_the_rest_stays_readable(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.append([minute(number, "a.power", "b.power") for number in range(0, 4320, 60)])
    store.seal()
    store.close()
    _spoil(tmp_path, "UPDATE blocks SET data = ? WHERE key = ?")
    store = EmbeddedStore(tmp_path)
    with pytest.raises(StoreDamaged, match=r"readings of a\.power on 1970-01-02"):
        store.raw("a.power", 0, 3 * DAY_US)
    assert len(store.raw("a.power", 0, DAY_US)) == 24
    assert len(store.raw("a.power", 2 * DAY_US, 3 * DAY_US)) == 24
    assert len(stored(store, "b.power")) == 72
    assert [text for text in store.damage() if "a.power on 1970-01-02" in text]
    store.append([minute(1500, "a.power")])
    store.seal()
    assert [text for text in store.damage() if "set aside" in text]
    kept = store.raw("a.power", DAY_US, 2 * DAY_US).values.tolist()
    assert kept == [float(number) for number in range(1440, 2880, 60)], "hourly readings are all in the skeleton"
    store.close()


def test_a_damaged_log_row_is_set_aside_and_the_rest_opens(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    for number in range(3):
        store.append([minute(number, "a.power")])
    store.close()
    _spoil(tmp_path, "UPDATE log SET data = ? WHERE id = 2")
    store = EmbeddedStore(tmp_path)
    assert stored(store, "a.power") == [0.0, 2.0]
    assert store.damage() == ["log row 2 (set aside)"]
    store.close()


def _spoil(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "readings.sqlite") as connection:
        if "key" in statement:
            key = block_key(1, 1)
            (data,) = connection.execute("SELECT data FROM blocks WHERE key = ?", (key,)).fetchone()
            connection.execute(statement, (data[:20] + bytes([data[20] ^ 1]) + data[21:], key))
        else:
            connection.execute(statement, (b"nothing",))
    connection.close()


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    EmbeddedStore(tmp_path).close()
    with sqlite3.connect(tmp_path / "readings.sqlite") as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreDamaged, match="newer version"):
        EmbeddedStore(tmp_path)


def test_when_the_disk_is_full_nothing_is_acknowledged_and_reading_goes_on(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.append([minute(0, "a.power")])
    pages = store._container.writing.execute("PRAGMA page_count").fetchone()[0]
    store._container.writing.execute(f"PRAGMA max_page_count={pages}")
    rng = random.Random(1)
    big = Batch(time_us=60, points=[f"b.p{n}" for n in range(5000)], values=[rng.random() for _ in range(5000)])
    with pytest.raises(StoreUnavailable, match="full"):
        store.append([big])
    assert store.points() == ["a.power"]
    assert stored(store, "a.power") == [0.0]
    store._container.writing.execute("PRAGMA max_page_count=1000000")
    store.append([big])
    assert len(store.points()) == 5001
    store.close()


def test_sealing_complete_days_leaves_today_in_the_log(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.append([minute(number, "a.power") for number in range(0, 4000, 10)])
    store.seal(2 * DAY_US)
    assert store._tail.count == 112
    store.close()
    store = EmbeddedStore(tmp_path)
    assert store._tail.count == 112
    assert stored(store, "a.power") == [float(number) for number in range(0, 4000, 10)]
    store.close()


def test_what_is_unsealed_stays_within_its_bound(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path, tail_limit=1000)
    for day in reversed(range(20)):
        for number in range(0, 1440, 10):
            store.append([minute(day * 1440 + number, "a.power", "b.power", "c.power")])
            assert store._tail.count < 1500
    assert stored(store, "b.power") == [float(number) for number in range(0, 20 * 1440, 10)]
    store.close()


def test_readers_see_whole_batches_while_one_thread_appends(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path, tail_limit=300)
    done = threading.Event()
    failures: list[str] = []

    def read() -> None:
        known = 0
        while not done.is_set():
            values = stored(store, "a.power")
            latest = store.latest(["a.power"])
            if values != [float(number) for number in range(len(values))]:
                failures.append(f"a hole: {len(values)} readings, last {values[-3:]}")
            if len(values) < known or (values and (latest["a.power"].value or 0.0) < values[-1]):
                failures.append("went back")
            known = len(values)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(600):
        store.append([minute(number, "a.power", "b.power")])
    done.set()
    for reader in readers:
        reader.join()
    store.close()
    assert failures == []


def test_a_closed_store_says_that_it_is_closed(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.append([minute(0, "a.power")])
    store.close()
    for call in (lambda: store.append([minute(1, "a.power")]), lambda: store.raw("a.power", 0, 1)):
        with pytest.raises(StoreUnavailable, match="is closed"):
            call()


TIMES = st.lists(st.integers(-(2**60), 2**60), min_size=1, max_size=200, unique=True).map(sorted)
VALUES = st.one_of(
    st.floats(width=64),
    st.integers(-(10**7), 10**7).map(lambda whole: whole / 10),
    st.sampled_from([0.0, -0.0, 28.5, 1e300, 5e-324]),
)


@given(data=st.data(), times=TIMES)
def test_blocks_and_log_rows_come_back_bit_for_bit(data: st.DataObject, times: list[int]) -> None:
    count = len(times)
    values = np.array(data.draw(st.lists(VALUES, min_size=count, max_size=count)), np.float64)
    statuses = data.draw(arrays.arrays(np.uint8, count, elements=st.sampled_from([int(status) for status in Status])))
    made_honest(values, statuses)
    times_us = np.array(times, np.int64)
    row = LogRow(numbers=np.arange(count, dtype=np.int32), times_us=times_us[::-1], values=values, statuses=statuses)
    log = unpack_log(pack_log(row))
    block_values, block_statuses, extra = unpack_values(pack_values(values, statuses, b"along"), count)
    assert (unpack_times(pack_times(times_us)).tolist(), extra) == (times, b"along")
    assert log.times_us.tolist() == times[::-1]
    assert log.numbers.tolist() == list(range(count))
    for found, marks in ((block_values, block_statuses), (log.values, log.statuses)):
        assert found.view(np.int64)[~np.isnan(values)].tolist() == values.view(np.int64)[~np.isnan(values)].tolist()
        assert np.isnan(found).tolist() == np.isnan(values).tolist()
        assert marks.tolist() == statuses.tolist()


@given(st.lists(st.integers(-(2**61), 2**61 - 1), min_size=1, max_size=300))
def test_whole_numbers_come_back(column: list[int]) -> None:
    body = b"before" + pack_whole(np.array(column, np.int64)) + b"after"
    found, end = unpack_whole(body, 6, len(column))
    assert (found.tolist(), body[end:]) == (column, b"after")


def test_a_day_of_a_meter_takes_little_room() -> None:
    times_us = np.arange(0, DAY_US, 10_000_000, dtype=np.int64)
    counter = (1_234_567 + np.cumsum(np.random.default_rng(1).integers(0, 3, len(times_us)))) / 100.0
    series = Series(point="a", times_us=times_us, values=counter, statuses=np.zeros(len(times_us), np.uint8))
    packed = packed_day(1, 0, series, PackedTimes())
    parts = (packed.times, packed.block, packed.skeleton_times, packed.skeleton, packed.rollup)
    assert sum(map(len, parts)) / len(times_us) < 0.5
