"""What was acknowledged is there afterwards: killed writers, full disks, torn pages."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from facility.errors import StoreUnavailable
from facility.readings import Batch
from facility.store.embedded import EmbeddedStore
from tests.facility.store.killed_writer import POINTS

ROOT = Path(__file__).parents[4]
FILE = "readings.sqlite"
KILLS = 50

WARM = """
import os, sys
import tests.facility.store.killed_writer as writer
from pathlib import Path
for line in sys.stdin:
    folder, first = line.rstrip("\\n").rsplit(" ", 1)
    child = os.fork()
    if child == 0:
        writer.main(Path(folder), int(first))
    print(f"child {child}", flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""
"""Forks a writer for each line, so that none waits for its imports."""


def killed(nursery: subprocess.Popen[str], folder: Path, first: int, wanted: int) -> int:
    """Runs a writer until it acknowledged `wanted` batches, kills it, and says how many it acknowledged in all."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{folder} {first}\n")
    nursery.stdin.flush()
    acknowledged, child, done = first, 0, False
    for line in nursery.stdout:
        if line.startswith("child"):
            child = int(line.split()[1])
        elif line == "dead\n":
            return acknowledged
        else:
            acknowledged = int(line) + 1
        if child and not done and acknowledged >= wanted:
            os.kill(child, signal.SIGKILL)
            done = True
    raise AssertionError("the nursery ended")


@pytest.fixture
def nursery() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WARM]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def assert_all_there(folder: Path, acknowledged: int) -> int:
    """Every acknowledged batch is kept whole, in order; how many there are."""
    store = EmbeddedStore(folder)
    try:
        assert store.set_aside is None
        kept: list[float] = store.raw(POINTS[0], -1, 10**18).values.tolist()
        assert kept == [float(number) for number in range(len(kept))]
        assert len(kept) in {acknowledged, acknowledged + 1}, "what was acknowledged, and perhaps one more batch"
        for point in POINTS[1:]:
            assert store.raw(point, -1, 10**18).values.tolist() == kept, "a batch is kept whole or not at all"
        assert store.latest(POINTS[:1])[POINTS[0]].value == kept[-1]
        return len(kept)
    finally:
        store.close()


@pytest.mark.timeout(300)
def test_fifty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, nursery: subprocess.Popen[str]) -> None:
    rng = random.Random(20260715)
    kept = 0
    for _ in range(KILLS):
        acknowledged = killed(nursery, tmp_path, kept, kept + rng.randint(1, 30))
        kept = assert_all_there(tmp_path, acknowledged)
    store = EmbeddedStore(tmp_path)
    assert store.damage() == []
    store.close()


def minute(number: int, count: int = 1) -> Batch:
    rng = random.Random(number)
    points = [f"a.p{index}" for index in range(count)]
    values = [float(number), *(rng.random() for _ in points[1:])]
    return Batch(time_us=number * 60_000_000, points=points, values=values)


def numbers(store: EmbeddedStore) -> list[float]:
    found: list[float] = store.raw("a.p0", -1, 10**18).values.tolist()
    return found


LIMITED = """
import resource, signal, sys
from pathlib import Path
from facility.errors import StoreUnavailable
from facility.store.embedded import EmbeddedStore
from tests.facility.store.embedded.test_durability import minute
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
store = EmbeddedStore(Path(sys.argv[1]), tail_limit=3_000)
for number in range(200):
    try:
        store.append([minute(number, 100)])
    except StoreUnavailable as error:
        print("refused", error, flush=True)
        break
    print(number, flush=True)
print("still read", len(store.raw("a.p0", -1, 10**18)), flush=True)
"""


def test_where_a_file_may_not_grow_nothing_is_acknowledged_that_is_not_kept(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    acknowledged = [int(line) for line in told if line.isdigit()]
    assert [line for line in told if line.startswith("refused")], "the limit was not reached"
    assert f"still read {len(acknowledged)}" in told
    store = EmbeddedStore(tmp_path)
    assert numbers(store) == [float(number) for number in acknowledged]
    store.append([minute(500, 100)])
    store.seal()
    assert numbers(store)[-1] == 500.0
    assert store.damage() == []
    store.close()


def append_for_ever(store: EmbeddedStore, acknowledged: list[float]) -> None:
    for number in range(10_000):
        store.append([minute(number, 100)])
        acknowledged.append(float(number))


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="mounting needs root")
def test_on_a_full_disk_writing_is_refused_reading_goes_on_and_room_heals_it(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let us mount")
    try:
        store = EmbeddedStore(tmp_path / "store", tail_limit=5_000)
        ballast = tmp_path / "ballast"
        ballast.write_bytes(b"x" * 600_000)
        acknowledged: list[float] = []
        with pytest.raises(StoreUnavailable, match="check free space"):
            append_for_ever(store, acknowledged)
        assert acknowledged
        assert numbers(store) == acknowledged
        ballast.unlink()
        store.append([minute(500, 100)])
        store.seal()
        assert numbers(store) == [*acknowledged, 500.0]
        store.close()
        store = EmbeddedStore(tmp_path / "store")
        assert numbers(store) == [*acknowledged, 500.0]
        assert store.damage() == []
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def as_left_by_a_power_cut(folder: Path, copy: Path) -> None:
    """The files as they lie on disk while the store is open: nobody had the time to close them."""
    copy.mkdir()
    for name in (FILE, f"{FILE}-wal"):
        if (folder / name).exists():
            shutil.copyfile(folder / name, copy / name)


def frames(wal: bytes) -> list[tuple[int, int]]:
    """(offset, pages in the file after commit; 0 within a transaction) of each frame of a write-ahead log."""
    (page_bytes,) = struct.unpack_from(">I", wal, 8)
    salt = wal[16:24]
    found = []
    for offset in range(32, len(wal) - page_bytes - 23, page_bytes + 24):
        if wal[offset + 8 : offset + 16] != salt:
            break
        found.append((offset, struct.unpack_from(">I", wal, offset + 4)[0]))
    return found


@pytest.mark.parametrize(
    "tear", ["cut in the last page", "last page scrambled", "header of the last page scrambled", "cut off"]
)
def test_a_torn_commit_is_gone_whole_and_all_before_it_stays(tmp_path: Path, tear: str) -> None:
    store = EmbeddedStore(tmp_path / "live")
    for number in range(8):
        store.append([minute(number, 300)])
    as_left_by_a_power_cut(tmp_path / "live", tmp_path / "before")
    acknowledged = numbers(store)
    store.append([minute(8, 300)])
    as_left_by_a_power_cut(tmp_path / "live", tmp_path / "torn")
    store.close()
    wal_path = tmp_path / "torn" / f"{FILE}-wal"
    wal = bytearray(wal_path.read_bytes())
    offset, pages = frames(bytes(wal))[-1]
    assert pages, "the last frame is a commit"
    match tear:
        case "cut in the last page":
            del wal[offset + 1000 :]
        case "last page scrambled":
            wal[offset + 24 + 512 : offset + 24 + 1024] = os.urandom(512)
        case "header of the last page scrambled":
            wal[offset : offset + 24] = os.urandom(24)
        case _:
            del wal[offset:]
    wal_path.write_bytes(wal)
    for folder in ("before", "torn"):
        opened = EmbeddedStore(tmp_path / folder)
        assert numbers(opened) == acknowledged
        assert (opened.set_aside, opened.damage()) == (None, [])
        opened.append([minute(9, 300)])
        assert numbers(opened) == [*acknowledged, 9.0]
        opened.close()


def test_a_commit_torn_while_sealing_takes_nothing_with_it(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "live")
    for number in range(0, 8000, 80):
        store.append([minute(number, 20)])
    acknowledged = numbers(store)
    sealing = store._begin_sealing(6000 * 60_000_000)
    slices = 0
    while store._step(sealing):
        slices += 1
        if slices % 3:
            continue
        folder = tmp_path / str(slices)
        as_left_by_a_power_cut(tmp_path / "live", folder)
        wal = (folder / f"{FILE}-wal").read_bytes()
        commits = [offset for offset, pages in frames(wal) if pages]
        (folder / f"{FILE}-wal").write_bytes(wal[: commits[-1] + 700])
        opened = EmbeddedStore(folder)
        assert numbers(opened) == acknowledged
        assert (opened.set_aside, opened.damage()) == (None, [])
        opened.seal()
        assert numbers(opened) == acknowledged
        opened.close()
    assert slices > 12
    assert numbers(store) == acknowledged
    store.close()


def test_an_acknowledged_row_that_rots_in_the_log_is_named_and_its_bytes_kept(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    for number in range(5):
        store.append([minute(number, 10)])
    store.close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        (data,) = connection.execute("SELECT data FROM log WHERE id = 3").fetchone()
        rotten = data[:30] + bytes([data[30] ^ 0x10]) + data[31:]
        connection.execute("UPDATE log SET data = ? WHERE id = 3", (rotten,))
    connection.close()
    reader = EmbeddedStore.reading(tmp_path)
    assert reader.damage() == ["log row 3: checksum differs"]
    reader.close()
    store = EmbeddedStore(tmp_path)
    assert numbers(store) == [0.0, 1.0, 3.0, 4.0]
    assert store.damage() == ["log row 3 (set aside)"]
    store.close()
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("SELECT data FROM set_aside").fetchall() == [(rotten,)]
    connection.close()
