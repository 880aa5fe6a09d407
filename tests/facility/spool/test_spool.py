"""What a spool promises: in order, at least once, bounded, by stated rules, and nothing lost without being counted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from facility.errors import StoreUnavailable
from facility.spool import Bounds, ClassRule, Group, Keep, Record, Spool
from facility.spool.disk import Disk
from facility.spool.rules import SMALLEST_BYTES
from tests.facility.spool.flawed_disk import FailingDisk, HastyDisk

MEGABYTE = SMALLEST_BYTES
CLASSES = (ClassRule(name="low"), ClassRule(name="middle"), ClassRule(name="high"))
BIG = b"x" * 20_000


@dataclass
class Bench:
    """A spool in a folder, opened again and again, with clocks that are moved by hand."""

    folder: Path
    bounds: Bounds = field(default_factory=lambda: Bounds(limit_bytes=MEGABYTE, classes=CLASSES))
    disk: Disk = field(default_factory=HastyDisk)
    now_us: int = 0
    steady_s: float = 1000.0
    held: Spool | None = None

    @property
    def spool(self) -> Spool:
        if self.held is None:
            self.held = Spool(
                self.folder, self.bounds, now_us=lambda: self.now_us, steady_s=lambda: self.steady_s, disk=self.disk
            )
        return self.held

    def again(self) -> None:
        self.close()
        assert self.spool

    def close(self) -> None:
        if self.held is not None:
            self.held.close()
            self.held = None

    def put(self, *numbers: int, name: str = "low", tail: bytes = b"") -> list[bool]:
        return self.spool.append(
            [Record(name=name, body=f"{number}:".encode() + tail, time_us=number) for number in numbers]
        )

    def taken(self, most: int = 10**9) -> list[int]:
        group = self.spool.take(most)
        return numbers(group)

    def rest(self) -> list[int]:
        """All that goes out, acknowledged."""
        found: list[int] = []
        while (group := self.spool.take(3)) is not None:
            found += numbers(group)
            self.spool.acknowledge(group)
        return found


def numbers(group: Group | None) -> list[int]:
    return [] if group is None else [int(record.body.split(b":")[0]) for record in group.records]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "spool")
    yield made
    made.close()


def bounded(*rules: ClassRule, oldest_s: float | None = None) -> Bounds:
    return Bounds(limit_bytes=MEGABYTE, classes=rules, oldest_s=oldest_s)


def test_records_of_all_classes_go_out_in_the_order_they_came(bench: Bench) -> None:
    for number, name in enumerate(["high", "low", "low", "middle", "high", "low"]):
        assert bench.put(number, name=name) == [True]
    assert bench.spool.figures.waiting == {"low": 3, "middle": 1, "high": 2}
    assert bench.taken(2) == [0, 1]
    assert bench.taken(3) == [2, 3, 4]
    assert (bench.taken(), bench.taken()) == ([5], [])
    bench.put(6, name="middle")
    assert bench.taken() == [6], "what comes later goes out too"


def test_a_record_comes_back_with_its_time_its_class_and_its_count(bench: Bench) -> None:
    bench.spool.append([Record(name="high", body=b"\x00\xff", time_us=-5, items=7)])
    bench.again()
    group = bench.spool.take(1)
    assert group is not None
    (record,) = group.records
    assert (record.name, record.body, record.time_us, record.items) == ("high", b"\x00\xff", -5, 7)
    assert (group.items, bench.spool.figures.items, bench.spool.figures.oldest_us) == (7, 7, -5)


def test_what_was_not_acknowledged_goes_out_again_after_a_restart(bench: Bench) -> None:
    bench.put(*range(5))
    assert bench.taken(3) == [0, 1, 2]
    bench.again()
    assert bench.rest() == [0, 1, 2, 3, 4]


def test_what_was_acknowledged_lately_goes_out_again_after_a_restart_and_what_was_long_ago_does_not(
    bench: Bench,
) -> None:
    for number in range(6):
        bench.put(number)
        assert bench.rest() == [number]
        bench.steady_s += 10.0
    bench.again()
    assert bench.spool.figures.items == 3
    assert bench.rest() == [3, 4, 5], "the others were acknowledged 30 s and more before the last acknowledgement"


def test_after_an_outage_what_was_acknowledged_lately_goes_out_again_when_it_is_asked_for(bench: Bench) -> None:
    for number in range(6):
        bench.put(number)
        assert bench.rest() == [number]
        bench.steady_s += 10.0
    bench.put(6)
    assert bench.spool.rewind() == 3
    assert bench.rest() == [3, 4, 5, 6]
    assert bench.spool.figures.items == 0


def test_an_acknowledgement_of_what_was_taken_before_a_rewind_is_passed_over(bench: Bench) -> None:
    bench.put(0, 1)
    early = bench.spool.take(1)
    assert early is not None
    bench.spool.rewind()
    bench.spool.acknowledge(early)
    assert bench.rest() == [0, 1]


def test_what_was_let_go_leaves_the_disk(bench: Bench) -> None:
    for number in range(200):
        bench.put(number, tail=BIG)
        assert bench.rest() == [number]
        bench.steady_s += 5.0
    figures = bench.spool.figures
    assert figures.bytes < 10 * len(BIG)
    assert sum(path.stat().st_size for path in bench.folder.glob("*.spool")) < 10 * len(BIG)
    assert not any(figures.dropped.values())


def test_when_it_is_full_the_oldest_go_and_are_counted(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(100):
        assert bench.put(number, tail=BIG) == [True]
    figures = bench.spool.figures
    assert figures.bytes <= MEGABYTE
    assert figures.percent > 95
    left = bench.rest()
    assert left == list(range(100 - len(left), 100))
    assert figures.dropped == {"low": 100 - len(left), "middle": 0, "high": 0}
    assert [record.levelno for record in caplog.records] == [logging.ERROR], "told once, not once a record"


def test_when_it_is_full_the_class_named_first_gives_way_first(bench: Bench) -> None:
    for number in range(30):
        bench.put(number, name=("low", "middle", "high")[number % 3], tail=BIG)
    for number in range(30, 70):
        bench.put(number, name="high", tail=BIG)
    dropped = bench.spool.figures.dropped
    assert (dropped["low"], dropped["high"]) == (10, 0)
    assert 0 < dropped["middle"] < 10
    assert bench.put(70, name="low", tail=BIG) == [False], "it does not displace what matters more"
    assert bench.spool.figures.dropped["low"] == 11
    left = bench.rest()
    assert [number for number in left if number >= 30] == list(range(30, 70))


def test_a_class_that_keeps_its_oldest_refuses_what_is_new(bench: Bench) -> None:
    bench.bounds = bounded(ClassRule(name="low", keep=Keep.OLDEST), ClassRule(name="high"))
    taken = [bench.put(number, tail=BIG) for number in range(60)]
    kept = taken.count([True])
    assert taken == [[True]] * kept + [[False]] * (60 - kept)
    assert bench.spool.figures.dropped == {"low": 60 - kept, "high": 0}
    assert bench.put(60, name="high", tail=BIG) == [False], "nothing may give way for it"
    assert bench.rest() == list(range(kept))


def test_what_was_acknowledged_gives_way_before_anything_that_waits(bench: Bench) -> None:
    for number in range(20):
        bench.put(number, name="high", tail=BIG)
    assert bench.rest() == list(range(20))
    for number in range(20, 60):
        bench.put(number, tail=BIG)
    assert bench.spool.figures.dropped["low"] == 0
    bench.spool.rewind()
    assert [number for number in bench.rest() if number >= 20] == list(range(20, 60))


def test_what_is_too_old_goes_and_is_counted(bench: Bench) -> None:
    bench.bounds = bounded(*CLASSES, oldest_s=60.0)
    bench.put(0, 1, name="high")
    bench.now_us = 60_000_002
    bench.put(bench.now_us)
    assert bench.spool.figures.dropped == {"low": 0, "middle": 0, "high": 2}
    assert bench.rest() == [60_000_002]


def test_records_that_were_dropped_while_they_were_under_way_and_came_over_are_not_lost(bench: Bench) -> None:
    bench.put(*range(3), tail=BIG)
    group = bench.spool.take(1)
    assert group is not None
    for number in range(3, 60):
        bench.put(number, tail=BIG)
    before = bench.spool.figures.dropped["low"]
    bench.spool.acknowledge(group)
    assert bench.spool.figures.dropped["low"] == before - 1
    assert bench.rest()[-1] == 59


def test_classes_of_an_earlier_site_file_go_out_too(bench: Bench) -> None:
    bench.put(0, name="middle")
    bench.close()
    bench.bounds = bounded(ClassRule(name="high"))
    bench.put(1, name="high")
    assert bench.rest() == [0, 1]


@pytest.mark.parametrize("call", ["begin", "write", "sync"])
def test_what_the_disk_did_not_take_was_not_taken_and_is_taken_later(tmp_path: Path, call: str) -> None:
    disk = FailingDisk()
    bench = Bench(tmp_path / "spool", disk=disk)
    bench.put(0, name="high")
    bench.close()
    bench.put(1, name="high")
    for failing in ({call}, {call, "cut"}, {call, "cut", "remove"}):
        disk.failing = failing
        with pytest.raises(StoreUnavailable, match="check free space and the disk"):
            bench.put(2, name="high" if call != "begin" else "low")
        disk.failing = set()
    assert bench.put(2) == [True]
    assert bench.taken() == [0, 1, 2]
    bench.again()
    assert sorted(set(bench.rest())) == [0, 1, 2]
    bench.close()


def test_of_several_records_all_are_taken_or_none(tmp_path: Path) -> None:
    disk = FailingDisk()
    bench = Bench(tmp_path / "spool", disk=disk)
    bench.put(0)
    disk.room = 150
    records = [Record(name=name, body=b"1:" + b"y" * 60, time_us=1) for name in ("low", "middle", "high")]
    with pytest.raises(StoreUnavailable):
        bench.spool.append(records)
    disk.room = None
    bench.again()
    assert bench.rest() == [0]
    bench.close()


def test_while_the_disk_takes_nothing_what_is_there_goes_out_and_room_comes_back(tmp_path: Path) -> None:
    disk = FailingDisk()
    bench = Bench(tmp_path / "spool", disk=disk)
    for number in range(20):
        bench.put(number, tail=BIG)
    disk.room = 0
    with pytest.raises(StoreUnavailable):
        bench.put(99)
    before = bench.spool.figures.bytes
    assert bench.rest() == list(range(20))
    bench.steady_s += 31
    with pytest.raises(StoreUnavailable):
        bench.put(99)
    disk.room = None
    bench.put(20)
    assert bench.rest() == [20]
    assert bench.spool.figures.bytes < before / 4
    bench.close()


def test_one_process_at_a_time(bench: Bench) -> None:
    assert bench.spool
    with pytest.raises(StoreUnavailable, match="is open for writing in process"):
        Spool(bench.folder, bench.bounds, now_us=lambda: 0)


def test_a_closed_spool_says_so(bench: Bench) -> None:
    spool = bench.spool
    spool.close()
    with pytest.raises(StoreUnavailable, match="is closed"):
        spool.take(1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Bounds(limit_bytes=MEGABYTE, classes=[]),
        lambda: Bounds(limit_bytes=MEGABYTE, classes=[ClassRule(name="a"), ClassRule(name="a")]),
        lambda: Bounds(limit_bytes=MEGABYTE, classes=[ClassRule(name="a/b")]),
        lambda: Bounds(limit_bytes=MEGABYTE - 1, classes=CLASSES),
        lambda: Record(name="low", body=b"", time_us=0, items=0),
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"spool|record"):
        wrong()


def test_an_empty_spool_has_nothing(bench: Bench) -> None:
    figures = bench.spool.figures
    assert (figures.items, figures.oldest_us, figures.bytes, figures.percent) == (0, None, 0, 0.0)
    assert bench.taken() == []
    bench.again()
    assert sorted(_names(bench.folder)) == ["lock"]


def _names(folder: Path) -> Sequence[str]:
    return [path.name for path in folder.iterdir()]
