"""Another process looks at the store while its owner writes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from facility.errors import StoreDamaged, StoreRefused, StoreUnavailable
from facility.readings import Batch
from facility.store import Aggregate
from facility.store.embedded import EmbeddedReader, EmbeddedStore
from tests.facility.store.embedded.histories import DAY_US, MINUTE_US, QUARTER_US

ROOT = Path(__file__).parents[4]


def minute(number: int, *points: str) -> Batch:
    return Batch(time_us=number * MINUTE_US, points=points, values=[float(number)] * len(points))


def values(store: EmbeddedStore | EmbeddedReader, point: str = "a.power") -> list[float]:
    found: list[float] = store.raw(point, -DAY_US, 10 * DAY_US).values.tolist()
    return found


@pytest.mark.parametrize("tail_limit", [1, 70, 1_000_000])
def test_a_reader_sees_all_that_was_acknowledged_whatever_is_sealed_meanwhile(tmp_path: Path, tail_limit: int) -> None:
    store = EmbeddedStore(tmp_path, tail_limit=tail_limit)
    store.append([minute(0, "a.power")])
    with_reader = EmbeddedStore.reading(tmp_path)
    for number in range(1, 120):
        store.append([minute(number, "a.power", "b.power")])
        if number % 20 == 0:
            assert values(with_reader) == [float(minute) for minute in range(number + 1)]
            assert with_reader.latest(["b.power"])["b.power"].value == float(number)
        if number == 75:
            store.seal(50 * MINUTE_US)
    store.append([Batch(time_us=0, points=["a.power"], values=[-1.0])])
    store.seal()
    assert values(with_reader)[:2] == [-1.0, 1.0], "what was corrected and sealed since is not read from memory"
    assert with_reader.points() == ["a.power", "b.power"]
    assert with_reader.extent("b.power") == (MINUTE_US, 119 * MINUTE_US)
    edges_us = [0, QUARTER_US, 2 * QUARTER_US]
    assert with_reader.aggregate("b.power", edges_us, Aggregate.MAX, hold_us=MINUTE_US) == store.aggregate(
        "b.power", edges_us, Aggregate.MAX, hold_us=MINUTE_US
    )
    assert with_reader.damage() == []
    with_reader.close()
    store.close()


def test_a_reader_in_another_process_sees_what_is_written_after_it_opened(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.append([minute(0, "a.power")])
    code = (
        "import sys, pathlib\nfrom facility.store.embedded import EmbeddedStore\n"
        "store = EmbeddedStore.reading(pathlib.Path(sys.argv[1]))\n"
        "for line in sys.stdin:\n"
        "    print(store.latest(['a.power'])['a.power'].value, len(store.raw('a.power', 0, 10**12)), flush=True)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for number in range(1, 4):
            store.append([minute(number, "a.power")])
            if number == 2:
                store.seal()
            other.stdin.write("\n")
            other.stdin.flush()
            assert other.stdout.readline() == f"{float(number)} {number + 1}\n"
        other.stdin.close()
    store.close()


def test_a_reader_writes_nothing_and_does_not_hold_the_folder(tmp_path: Path) -> None:
    EmbeddedStore(tmp_path).close()
    reader = EmbeddedStore.reading(tmp_path)
    with pytest.raises(StoreRefused, match="open for reading only"):
        reader.append([minute(0, "a.power")])
    store = EmbeddedStore(tmp_path)
    with pytest.raises(StoreUnavailable, match="open for writing"):
        EmbeddedStore(tmp_path)
    store.append([minute(0, "a.power")])
    assert values(reader) == [0.0]
    store.close()
    assert values(reader) == [0.0], "the owner may come and go"
    reader.close()
    reader.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        values(reader)


def test_a_folder_without_a_store_or_with_something_else_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="there is no store in"):
        EmbeddedStore.reading(tmp_path)
    (tmp_path / "readings.sqlite").write_bytes(b"not a database at all, whatever its name says" * 100)
    with pytest.raises(StoreDamaged, match="is damaged"):
        EmbeddedStore.reading(tmp_path)
