"""Files that are damaged or old: nothing is lost that can be read, and what happened can be told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from facility.errors import StoreDamaged, StoreUnavailable
from facility.readings import Batch, Status
from facility.series import Series
from facility.store import Aggregate
from facility.store.embedded import EmbeddedReader, EmbeddedStore
from facility.store.embedded.codec import LogRow
from facility.store.embedded.container import FORMAT
from tests.facility.store.embedded.first_format_writer import write_first_format
from tests.facility.store.embedded.histories import DAY_US, FIRST_DAY_US, MINUTE_US, QUARTER_US

FILE = "readings.sqlite"


def minutes(*numbers: int) -> list[Batch]:
    return [Batch(time_us=number * MINUTE_US, points=["a.power"], values=[float(number)]) for number in numbers]


def values(store: EmbeddedStore) -> list[float]:
    found: list[float] = store.raw("a.power", -DAY_US, 10 * DAY_US).values.tolist()
    return found


def test_a_file_that_is_no_store_is_moved_aside_and_a_new_one_begun(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = b"not a database at all, whatever its name says" * 100
    (tmp_path / FILE).write_bytes(wrong)
    (tmp_path / f"{FILE}-wal").write_bytes(b"its log")
    store = EmbeddedStore(tmp_path)
    store.append(minutes(1))
    assert values(store) == [1.0]
    assert store.set_aside is not None
    assert store.set_aside.name.startswith(f"{FILE}.corrupt.2")
    assert store.set_aside.read_bytes() == wrong
    assert store.set_aside.with_name(store.set_aside.name + "-wal").read_bytes() == b"its log"
    assert "moved to" in caplog.text
    store.close()
    store = EmbeddedStore(tmp_path)
    assert (store.set_aside, values(store)) == (None, [1.0])
    store.close()


@pytest.mark.parametrize("page", [0, 1, 2])
def test_a_store_with_a_broken_page_opens_empty_beside_it_or_reads_what_it_can(tmp_path: Path, page: int) -> None:
    store = EmbeddedStore(tmp_path)
    store.append(minutes(*range(50)))
    store.close()
    content = bytearray((tmp_path / FILE).read_bytes())
    content[page * 2048 + 100 * (page == 0) : (page + 1) * 2048] = b"\xa5" * (2048 - 100 * (page == 0))
    (tmp_path / FILE).write_bytes(content)
    store = EmbeddedStore(tmp_path)
    store.append(minutes(60))
    assert 60.0 in values(store)
    if store.set_aside is not None:
        assert store.set_aside.read_bytes() == content
    else:
        assert values(store) == [float(number) for number in (*range(50), 60)]
    store.close()


def test_a_store_of_a_newer_version_is_neither_moved_nor_read(tmp_path: Path) -> None:
    EmbeddedStore(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    for opened in (EmbeddedStore, EmbeddedReader):
        with pytest.raises(StoreDamaged, match="newer version"):
            opened(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if "corrupt" in path.name] == []


def old_store(folder: Path) -> list[Series]:
    """A store of format 1: three days of two points and a log; what it holds of each."""
    points, sealed = ["a.energy", "b.power"], []
    rng = np.random.default_rng(5)
    times_us = FIRST_DAY_US + np.arange(3 * 288) * 5 * MINUTE_US
    energy = np.round(np.cumsum(rng.integers(0, 3, len(times_us))) / 10.0, 1)
    power = rng.normal(10.0, 1.0, len(times_us))
    statuses = np.zeros(len(times_us), np.uint8)
    statuses[400], power[400] = Status.TIMEOUT, np.nan
    whole = [
        Series(point="a.energy", times_us=times_us, values=energy, statuses=np.zeros(len(times_us), np.uint8)),
        Series(point="b.power", times_us=times_us, values=power, statuses=statuses),
    ]
    for series in whole:
        sealed += [series.between(FIRST_DAY_US + day * DAY_US, FIRST_DAY_US + (day + 1) * DAY_US) for day in range(3)]
    log = LogRow(
        numbers=np.array([1, 1], np.int32),
        times_us=np.array([times_us[10], times_us[-1] + 1]),
        values=np.array([77.5, 99.0]),
        statuses=np.zeros(2, np.uint8),
    )
    write_first_format(folder / FILE, sealed, [log], points)
    return whole


def test_a_store_of_the_first_format_is_brought_to_todays_without_loss(tmp_path: Path) -> None:
    energy, power = old_store(tmp_path)
    with pytest.raises(StoreUnavailable, match="start Houqin on it once"):
        EmbeddedStore.reading(tmp_path)
    store = EmbeddedStore(tmp_path)
    found = store.raw("b.power", 0, FIRST_DAY_US + 9 * DAY_US)
    assert found.times_us.tolist() == power.times_us.tolist()
    assert found.statuses.tolist() == power.statuses.tolist()
    assert np.array_equal(found.values, power.values, equal_nan=True)
    expected = [*energy.values.tolist(), 99.0]
    expected[10] = 77.5
    assert store.raw("a.energy", 0, FIRST_DAY_US + 9 * DAY_US).values.tolist() == expected
    assert store.latest(["a.energy"])["a.energy"].value == 99.0
    edges_us = [FIRST_DAY_US + DAY_US, FIRST_DAY_US + DAY_US + QUARTER_US]
    (bucket,) = store.aggregate("a.energy", edges_us, Aggregate.MAX, hold_us=QUARTER_US)
    assert bucket.value == energy.values[288 + 2]
    assert store.damage() == []
    assert store._container.writing.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    store.close()
    store = EmbeddedStore(tmp_path)
    assert store.raw("a.energy", 0, FIRST_DAY_US + 9 * DAY_US).values.tolist() == expected
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", FILE]


def test_a_damaged_block_of_the_first_format_is_set_aside_and_the_rest_brought_over(tmp_path: Path) -> None:
    _, power = old_store(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE blocks SET data = x'0011' WHERE key = (SELECT max(key) FROM blocks)")
    connection.close()
    store = EmbeddedStore(tmp_path)
    assert len(store.raw("b.power", 0, FIRST_DAY_US + 9 * DAY_US)) == len(power) - 288
    assert [text for text in store.damage() if "b.power" in text and "set aside" in text]
    store.close()


def test_an_upgrade_that_was_cut_short_begins_again(tmp_path: Path) -> None:
    energy, _ = old_store(tmp_path)
    (tmp_path / f"{FILE}.upgrade").write_bytes(b"half a file")
    (tmp_path / f"{FILE}.upgrade-wal").write_bytes(b"and its log")
    store = EmbeddedStore(tmp_path)
    assert len(store.raw("a.energy", 0, FIRST_DAY_US + 9 * DAY_US)) == len(energy) + 1
    store.close()


def test_an_upgrade_waits_while_another_program_reads_the_file(tmp_path: Path) -> None:
    energy, _ = old_store(tmp_path)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM blocks").fetchone()
    with pytest.raises(StoreUnavailable, match="cannot be upgraded"):
        EmbeddedStore(tmp_path)
    other.close()
    store = EmbeddedStore(tmp_path)
    assert len(store.raw("a.energy", 0, FIRST_DAY_US + 9 * DAY_US)) == len(energy) + 1
    store.close()
