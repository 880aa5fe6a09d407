"""Full disks, and files that may not grow: nothing is called safe that is not, and it goes on by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from facility.errors import StoreUnavailable
from facility.spool import Bounds, ClassRule, Record, Spool
from tests.facility.spool.killed_writer import BOUNDS, number_of

ROOT = Path(__file__).parents[3]

LIMITED = """
import resource, signal, sys
from pathlib import Path
from facility.errors import StoreUnavailable
from facility.spool import Record, Spool
from tests.facility.spool.killed_writer import BODY, BOUNDS
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
spool = Spool(Path(sys.argv[1]), BOUNDS, now_us=lambda: 0)
for number in range(1, 30):
    if number == 10:
        resource.setrlimit(resource.RLIMIT_FSIZE, (21_000, hard))
    if number == 20:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    try:
        spool.append([Record(name="high", body=number.to_bytes(8, "big") + BODY * 3, time_us=number)])
        print("safe", number, flush=True)
    except StoreUnavailable as error:
        print("refused", error, flush=True)
"""
"""The limit is reached in the midst of a record, and lifted later."""


def numbers(spool: Spool) -> list[int]:
    group = spool.take(10**9)
    return [] if group is None else [int.from_bytes(record.body[:8], "big") for record in group.records]


def test_where_a_file_may_not_grow_what_is_called_safe_is_there_and_later_records_are_taken_again(
    tmp_path: Path,
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    safe = [int(line.split()[1]) for line in told if line.startswith("safe")]
    assert any("File too large" in line for line in told), "the limit was not reached"
    assert {1, 9, 20, 29} <= set(safe)
    spool = Spool(tmp_path, BOUNDS, now_us=lambda: 0)
    assert numbers(spool) == safe
    assert spool.figures.damaged == ()
    spool.close()


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="mounting needs root")
def test_on_a_full_disk_nothing_is_called_safe_what_is_there_goes_out_and_room_heals_it(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let us mount")
    try:
        ballast = tmp_path / "ballast"
        ballast.write_bytes(b"x" * 500_000)
        larger = Bounds(limit_bytes=1 << 24, classes=[ClassRule(name="all")])
        spool = Spool(tmp_path / "spool", larger, now_us=lambda: 0, kept_s=0.0)
        safe = _filled(spool)
        assert len(safe) > 3
        group = spool.take(3)
        assert group is not None
        spool.acknowledge(group)
        with pytest.raises(StoreUnavailable, match="No space left"):
            spool.append([_record(100)])
        ballast.unlink()
        spool.append([_record(101)])
        assert numbers(spool) == [*safe[3:], 101]
        spool.close()
        spool = Spool(tmp_path / "spool", larger, now_us=lambda: 0)
        assert set(numbers(spool)) >= {*safe[3:], 101}
        assert spool.figures.damaged == ()
        spool.close()
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def _record(number: int) -> Record:
    return Record(name="all", body=number.to_bytes(8, "big") + bytes(30_000), time_us=number)


def _filled(spool: Spool) -> list[int]:
    for number in range(100):
        try:
            spool.append([_record(number)])
        except StoreUnavailable:
            return list(range(number))
    raise AssertionError("the disk is not full")


def test_the_killed_writers_bodies_are_checked() -> None:
    with pytest.raises(AssertionError, match="another body"):
        number_of(bytes(8) + b"rot")
