"""Files cut and flipped at every place, power cuts at any moment, writers killed: what was safe is there, and nothing
comes out that was not put in.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility.spool import Bounds, ClassRule, Record, Spool
from facility.spool.frames import END_BYTES, FRAME_BYTES, MAGIC, Ending, Frame, ended, ending_of, framed, read
from facility.spool.mark import NAME
from tests.facility.spool.flawed_disk import HastyDisk, PoweredDisk
from tests.facility.spool.killed_writer import BOUNDS, number_of

ROOT = Path(__file__).parents[3]
KILLS = 25
ONE_CLASS = Bounds(limit_bytes=1 << 20, classes=[ClassRule(name="all")])
BODIES = (b"first", b"", b"a body with a \xf5HqR mark in it", b"\0" * 40, b"last")


def made(count: int = len(BODIES)) -> tuple[bytes, list[tuple[int, int]]]:
    """Records one after the other as in a file, and from where to where each lies."""
    data, spans = b"", []
    for number, body in enumerate(BODIES[:count], start=1):
        frame = framed(number, 1000 + number, number, body)
        spans.append((len(data), len(data) + len(frame)))
        data += frame
    return data, spans


def found(data: bytes) -> dict[int, bytes]:
    return {one.number: one.body for one in read(data) if isinstance(one, Frame)}


def test_of_a_file_cut_anywhere_all_whole_records_are_read() -> None:
    data, spans = made()
    for cut in range(len(data) + 1):
        whole = {number: BODIES[number - 1] for number, (_, end) in enumerate(spans, start=1) if end <= cut}
        assert found(data[:cut]) == whole


def test_of_a_file_with_any_one_bit_flipped_only_the_record_hit_is_missing() -> None:
    data, spans = made()
    for at in range(len(data)):
        for bit in range(8):
            flipped = data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]
            whole = {
                number: BODIES[number - 1] for number, (start, end) in enumerate(spans, start=1)
                if not start <= at < end
            }  # fmt: skip
            assert found(flipped) == whole


@given(
    junk=st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=40)), max_size=4),
    cut=st.integers(0, 400),
)
def test_whatever_is_written_over_a_file_nothing_comes_out_that_was_not_put_in(
    junk: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(made()[0])
    for at, piece in junk:
        data[at : at + len(piece)] = piece
    for number, body in found(bytes(data[: len(data) - cut])).items():
        assert body == BODIES[number - 1]


@pytest.mark.parametrize("cut", [1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 2])
def test_a_write_that_was_not_finished_is_told_from_damage(cut: int) -> None:
    data = framed(1, 0, 1, b"whole")
    (torn,) = [one for one in read(data + framed(2, 0, 1, b"half of it")[:cut]) if not isinstance(one, Frame)]
    assert torn.torn
    (zeros,) = [one for one in read(data + bytes(100)) if not isinstance(one, Frame)]
    assert zeros.torn
    rotten = bytearray(data + framed(2, 0, 1, b"half of it"))
    rotten[len(data) + FRAME_BYTES] ^= 1
    (rot,) = [one for one in read(bytes(rotten)) if not isinstance(one, Frame)]
    assert not rot.torn


def test_an_end_mark_says_what_is_in_the_file_and_is_not_believed_when_it_is_damaged() -> None:
    ending = Ending(last=7, items=0, first_us=-1, last_us=2**62)
    mark = ended(ending)
    assert (len(mark), ending_of(mark)) == (END_BYTES, ending)
    for at in range(END_BYTES):
        assert ending_of(mark[:at] + bytes([mark[at] ^ 4]) + mark[at + 1 :]) is None
    assert ending_of(b"") is None


def filled(folder: Path, count: int = 6) -> Path:
    """A spool of that many records in one file, closed; the file."""
    spool = Spool(folder, ONE_CLASS, now_us=lambda: 0, disk=HastyDisk())
    for number in range(count):
        spool.append([Record(name="all", body=b"%d:" % number + b"z" * 100, time_us=number)])
    spool.close()
    (file,) = folder.glob("*.spool")
    return file


def emptied(folder: Path) -> tuple[list[int], Spool]:
    spool = Spool(folder, ONE_CLASS, now_us=lambda: 0, disk=HastyDisk())
    group = spool.take(10**9)
    return [] if group is None else [int(record.body.split(b":")[0]) for record in group.records], spool


@pytest.mark.parametrize("sealed", [True, False])
def test_a_file_damaged_in_the_middle_is_kept_aside_and_the_rest_of_it_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, sealed: bool
) -> None:
    file = filled(tmp_path / "spool")
    data = bytearray(file.read_bytes())
    data[len(MAGIC) + 2 * (FRAME_BYTES + 102) + 50] ^= 0x10
    file.write_bytes(data if sealed else data[:-END_BYTES])
    numbers, spool = emptied(tmp_path / "spool")
    assert numbers == [0, 1, 3, 4, 5]
    (aside,) = spool.figures.damaged
    assert aside.name.startswith(f"{file.name}.corrupt.")
    assert aside.read_bytes() == file.read_bytes()
    assert "is damaged" in caplog.text
    spool.close()


@pytest.mark.parametrize("content", [b"not ours at all, and longer than its beginning", b"XQSPOOL\x01"])
def test_a_file_that_is_none_of_ours_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    file = filled(tmp_path / "spool")
    file.write_bytes(content)
    numbers, spool = emptied(tmp_path / "spool")
    (aside,) = spool.figures.damaged
    assert (numbers, aside.read_bytes(), file.exists()) == ([], content, False)
    spool.append([Record(name="all", body=b"9:", time_us=0)])
    assert spool.take(1) is not None, "a new one begins"
    spool.close()


@pytest.mark.parametrize("content", [b"", MAGIC[:3], MAGIC])
def test_a_file_that_was_only_just_begun_is_no_damage(tmp_path: Path, content: bytes) -> None:
    file = filled(tmp_path / "spool")
    file.write_bytes(content)
    numbers, spool = emptied(tmp_path / "spool")
    assert (numbers, spool.figures.damaged) == ([], ())
    spool.close()


def test_of_damaged_files_the_newest_three_are_kept(tmp_path: Path) -> None:
    for _ in range(5):
        file = filled(tmp_path / "spool")
        file.write_bytes(b"rubbish, and enough of it")
        emptied(tmp_path / "spool")[1].close()
    assert len(list((tmp_path / "spool").glob("*.corrupt.*"))) == 3


@pytest.mark.parametrize("content", [b"", b"[]", b"[5, 5]", b'"x"', b"\xff", b"[" * 10_000, b"[3, "])
def test_a_damaged_note_of_what_was_let_go_sends_more_again_and_loses_nothing(tmp_path: Path, content: bytes) -> None:
    filled(tmp_path / "spool")
    (tmp_path / "spool" / NAME).write_bytes(content)
    numbers, spool = emptied(tmp_path / "spool")
    assert numbers == list(range(6))
    spool.close()


def test_after_somebody_deleted_its_files_new_records_are_not_taken_for_ones_that_were_let_go(tmp_path: Path) -> None:
    clock = iter(range(0, 10_000, 100))
    spool = Spool(tmp_path, ONE_CLASS, now_us=lambda: 0, steady_s=lambda: next(clock), disk=HastyDisk())
    for number in range(5):
        spool.append([Record(name="all", body=b"%d:" % number, time_us=0)])
        group = spool.take(1)
        assert group is not None
        spool.acknowledge(group)
    spool.close()
    for file in tmp_path.glob("*.spool"):
        file.unlink()
    spool = Spool(tmp_path, ONE_CLASS, now_us=lambda: 0, disk=HastyDisk())
    spool.append([Record(name="all", body=b"7:", time_us=0)])
    spool.close()
    numbers, spool = emptied(tmp_path)
    assert numbers == [7]
    spool.close()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_power_cut_at_any_moment_takes_nothing_that_was_safe(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    home = tmp_path_factory.mktemp("power")
    disk, now_s = PoweredDisk(), [0.0]
    bounds = Bounds(limit_bytes=1 << 20, classes=[ClassRule(name="low"), ClassRule(name="high")])
    spool = Spool(home / "before", bounds, now_us=lambda: 0, steady_s=lambda: now_s[0], disk=disk)
    safe: list[int] = []
    let_go = 0
    for step in data.draw(st.lists(st.sampled_from(["put", "put", "big", "take"]), min_size=1, max_size=25)):
        now_s[0] += 9.0
        if step == "take":
            group = spool.take(3)
            if group is not None:
                spool.acknowledge(group)
                let_go = max(let_go, spool._mark)
            continue
        number = len(safe) + 1
        tail = bytes(20_000 if step == "big" else 10)
        name = "high" if number % 2 else "low"
        spool.append([Record(name=name, body=b"%d:" % number + tail, time_us=number)])
        safe.append(number)
    if data.draw(st.booleans()):  # in the midst of one more write
        for lane in spool._lanes.values():
            if lane.pen is not None:
                lane.pen.write(10_000, 0, 1, b"10000:never acknowledged" + b"q" * 700)
    disk.after_power_cut(home / "after", lambda most: data.draw(st.integers(0, most)))
    spool.close()
    reopened = Spool(home / "after", bounds, now_us=lambda: 0, disk=HastyDisk())
    group = reopened.take(10**9)
    numbers = [] if group is None else [int(record.body.split(b":")[0]) for record in group.records]
    assert [number for number in safe if number > let_go] == [number for number in numbers if let_go < number < 10_000]
    assert set(numbers) <= {*safe, 10_000}
    reopened.close()


WARM = """
import os, sys
import tests.facility.spool.killed_writer as writer
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


@pytest.fixture
def nursery() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WARM]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def killed(nursery: subprocess.Popen[str], folder: Path, first: int, more: int) -> tuple[int, set[int]]:
    """Runs a writer until so many more records were safe, kills it; the last number it called safe, and what went
    out.
    """
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{folder} {first}\n")
    nursery.stdin.flush()
    safe, child, out, is_killed = first - 1, 0, set[int](), False
    for line in nursery.stdout:
        word, _, number = line.strip().partition(" ")
        if word == "dead":
            return safe, out
        if word == "child":
            child = int(number)
        elif word == "safe":
            safe = int(number)
        else:
            out.add(int(number))
        if not is_killed and safe >= first + more:
            os.kill(child, signal.SIGKILL)
            is_killed = True
    raise AssertionError("the nursery ended")


@pytest.mark.timeout(120)
def test_twenty_five_kills_lose_nothing_that_was_safe(tmp_path: Path, nursery: subprocess.Popen[str]) -> None:
    rng = random.Random(20260715)
    out: set[int] = set()
    first = 1
    for _ in range(KILLS):
        safe, went_out = killed(nursery, tmp_path / "spool", first, rng.randint(1, 25))
        out |= went_out
        began_s = time.monotonic()
        spool = Spool(tmp_path / "spool", BOUNDS, now_us=lambda: 0, disk=HastyDisk())
        assert time.monotonic() - began_s < 5.0
        group = spool.take(10**9)
        held = [] if group is None else [number_of(record.body) for record in group.records]
        assert held == sorted(held)
        assert spool.figures.damaged == ()
        spool.close()
        assert set(range(1, safe + 1)) <= out | set(held)
        first = max(safe, *held, 0) + 1
    assert first > 200


def test_a_spool_of_many_files_opens_by_their_end_marks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    spool = Spool(tmp_path, ONE_CLASS, now_us=lambda: 0, disk=HastyDisk())
    for number in range(40):
        spool.append([Record(name="all", body=b"%d:" % number + bytes(20_000), time_us=number, items=3)])
    spool.close()
    files = sorted(tmp_path.glob("*.spool"))
    assert len(files) > 20
    with files[5].open("r+b") as file:  # damage in a closed file is met when it is read, not before
        file.seek(1000)
        file.write(b"rot")
    spool = Spool(tmp_path, ONE_CLASS, now_us=lambda: 0, disk=HastyDisk())
    assert (spool.figures.items, spool.figures.damaged) == (120, ())
    group = spool.take(10**9)
    assert group is not None
    assert len(group) == 39
    assert len(spool.figures.damaged) == 1
    spool.close()
