"""A bounded queue of records on disk: what was taken in is safe, and goes out in order, at least once."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facility.errors import StoreUnavailable
from facility.spool.disk import Disk
from facility.spool.figures import Figures
from facility.spool.frames import END_BYTES, FRAME_BYTES, MAGIC, Frame
from facility.spool.lane import Lane
from facility.spool.mark import read_mark, write_mark
from facility.spool.records import Group, Kept, Record
from facility.spool.rules import Bounds, ClassRule, Keep
from facility.spool.segment import SUFFIX, Segment
from facility.store.embedded.folder import Hold

KEPT_S: Final = 30.0
"""So long a record stays after its acknowledgement: the other side may say 'taken' before it is (VictoriaMetrics is
known to lose some 10 s, a broker what it did not save)."""

_MARK_EVERY_S: Final = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Acknowledged:
    at_s: float
    last: int
    tally: Mapping[Segment, int]


class Spool:
    """Records on disk, oldest first. Any thread may call; calls block for as long as the disk takes.

    A record is safe when `append` returns. It goes out by `take` and stays until it was acknowledged and `kept_s` have
    passed; after a restart, and after `rewind`, what is still there goes out again: the other side must not mind.

    When `bounds.limit_bytes` are used, room is made file by file: first of what was acknowledged, then of the oldest
    of the class named first, up to the class of the new record; a class that keeps its oldest gives nothing up. Where
    that is not enough the new record is refused. What is lost so is counted by class, and told once in the log.

    A file that cannot be read in places is kept as `<name>.corrupt.<time>`, what can be read of it is used.

    Args:
        folder: made if it is not there; held for this process alone.
        bounds: its limits.
        now_us: the time that ages are reckoned on, microseconds since 1970 UTC.
        steady_s: seconds that only go on.
        kept_s: how long what was acknowledged is kept.
        disk: the calls that change files.

    Raises:
        StoreUnavailable: the folder is held by another process, or cannot be read.
    """

    def __init__(
        self,
        folder: Path,
        bounds: Bounds,
        *,
        now_us: Callable[[], int],
        steady_s: Callable[[], float] = time.monotonic,
        kept_s: float = KEPT_S,
        disk: Disk | None = None,
    ) -> None:
        self._folder = folder
        self._bounds = bounds
        self._now_us = now_us
        self._steady_s = steady_s
        self._kept_s = kept_s
        self._disk = disk or Disk()
        self._lock = threading.Lock()
        self._hold = Hold(folder)
        self._closed = False
        self._damaged: list[Path] = []
        self._out: deque[Group] = deque()
        self._acknowledged: deque[_Acknowledged] = deque()
        try:
            with self._named_errors():
                self._open()
        except StoreUnavailable:
            self._hold.release()
            raise

    def _open(self) -> None:
        self._mark = self._marked = read_mark(self._folder)
        self._marked_s = self._steady_s()
        rules = [*self._strangers(), *self._bounds.classes]
        self._rules = {rule.name: rule for rule in rules}
        self._lanes = {
            rule.name: Lane(self._folder, rule.name, self._disk, self._damaged.append) for rule in rules
        }  # fmt: skip
        self._dropped = dict.fromkeys(self._lanes, 0)
        self._number = max([self._mark, *(lane.last for lane in self._lanes.values())]) + 1
        for lane in self._lanes.values():
            _release(lane, self._mark)
            for segment in lane.segments:
                if segment.first <= self._mark:
                    let_go = (frame.items for frame in segment.frames(len(MAGIC)) if frame.number <= self._mark)
                    segment.gone = sum(let_go)
            lane.rewind(self._mark)
        self._tell()

    def _strangers(self) -> list[ClassRule]:
        """Classes that an earlier version or site file had: they go out like the others and give way first."""
        known = {rule.name for rule in self._bounds.classes}
        names = {path.name.rpartition("-")[0] for path in self._folder.glob(f"*-*{SUFFIX}")}
        return [ClassRule(name=name) for name in sorted(names - known)]

    @property
    def figures(self) -> Figures:
        """How it stood after the last call; never waits."""
        return self._figures

    def append(self, records: Sequence[Record]) -> list[bool]:
        """Takes records in, in this order; those it took are safe on return. False: there was no room for that one.

        Raises:
            StoreUnavailable: the disk is full or fails; nothing was taken.
        """
        with self._working():
            self._drop_old()
            taken = [self._has_room(record, FRAME_BYTES + len(record.body)) for record in records]
            wanted = [record for record, is_taken in zip(records, taken, strict=True) if is_taken]
            try:
                self._write(wanted)
            except OSError:
                for name in {record.name for record in wanted}:
                    with contextlib.suppress(OSError):  # no lane writes on behind what may not be there
                        self._lanes[name].give_up()
                raise
            for record, is_taken in zip(records, taken, strict=True):
                if not is_taken:
                    self._count(record.name, record.items, "refused")
            return taken

    def _write(self, records: Sequence[Record]) -> None:
        written = []
        for record in records:
            number, self._number = self._number, self._number + 1
            pen = self._lanes[record.name].writing(number, self._bounds.file_bytes)
            pen.write(number, record.time_us, record.items, record.body)
            written.append((pen, number, record))
        for pen in {id(pen): pen for pen, _, _ in written}.values():
            pen.sync()
        for pen, number, record in written:
            pen.note(number, record.time_us, record.items, FRAME_BYTES + len(record.body))

    def _has_room(self, record: Record, need: int) -> bool:
        """Whether so many bytes more fit, after giving up what may be given up for this record."""
        need += len(MAGIC) + END_BYTES
        names = list(self._lanes)
        yielding = [self._lanes[name] for name in names[: names.index(record.name) + 1] if self._yields(name)]
        while self._bytes() + need > self._bounds.limit_bytes:
            lane = next((lane for lane in self._lanes.values() if lane.segments and not lane.segments[0].waiting), None)
            if lane is None:
                lane = next((lane for lane in yielding if lane.segments), None)
            if lane is None:
                return False
            self._drop_first(lane, "let go to make room")
        return True

    def _yields(self, name: str) -> bool:
        return self._rules[name].keep is Keep.NEWEST

    def _bytes(self) -> int:
        return sum(lane.bytes for lane in self._lanes.values())

    def _drop_old(self) -> None:
        if self._bounds.oldest_s is None:
            return
        until_us = self._now_us() - round(self._bounds.oldest_s * 1e6)
        for lane in self._lanes.values():
            while lane.segments and lane.segments[0].items and lane.segments[0].last_us < until_us:
                self._drop_first(lane, "let go for their age")

    def _drop_first(self, lane: Lane, why: str) -> None:
        segment = lane.drop_first()
        segment.dropped = True
        self._count(lane.name, segment.waiting, why)

    def _count(self, name: str, items: int, why: str) -> None:
        if items and not self._dropped[name]:
            _log.error("%s is full or too old: %s are %s", self._folder, name, why)
        self._dropped[name] += items

    def take(self, most_items: int) -> Group | None:
        """The next records, up to some `most_items` of them but at least one; None when all were taken.

        Raises:
            StoreUnavailable: they cannot be read now.
        """
        with self._working():
            records: list[Kept] = []
            tally: dict[Segment, int] = {}
            items = 0
            while items < most_items and (lane := self._next_lane()) is not None:
                segment, frame = lane.take()
                records.append(_kept(lane.name, frame))
                tally[segment] = tally.get(segment, 0) + frame.items
                items += frame.items
            if not records:
                return None
            self._out.append(Group(records=records, tally=tally))
            return self._out[-1]

    def _next_lane(self) -> Lane | None:
        """The lane with the lowest number that was not taken."""
        ahead = [(frame.number, lane) for lane in self._lanes.values() if (frame := lane.peek()) is not None]
        return min(ahead, key=_number)[1] if ahead else None

    def acknowledge(self, group: Group) -> None:
        """The other side has these records. Groups are acknowledged in the order they were taken; one taken before a
        `rewind` is passed over.
        """
        with self._working():
            if not self._out or self._out[0] is not group:
                return
            self._out.popleft()
            for segment, items in group.tally.items():
                if segment.dropped:
                    self._dropped[segment.name] -= items
                else:
                    segment.done += items
            now_s = self._steady_s()
            self._acknowledged.append(_Acknowledged(at_s=now_s, last=group.last, tally=group.tally))
            self._let_go(now_s)

    def _let_go(self, now_s: float) -> None:
        while self._acknowledged and self._acknowledged[0].at_s <= now_s - self._kept_s:
            one = self._acknowledged.popleft()
            self._mark = one.last
            for segment, items in one.tally.items():
                segment.gone += items
        for lane in self._lanes.values():
            _release(lane, self._mark)
        if now_s - self._marked_s >= _MARK_EVERY_S:
            self._save_mark()
            self._marked_s = now_s

    def _save_mark(self) -> None:
        if self._mark == self._marked:
            return
        try:
            write_mark(self._folder, self._mark, self._disk)
            self._marked = self._mark
        except OSError as error:
            _log.warning("%s: what was let go cannot be noted, more is sent again after a restart: %s",
                         self._folder, error)  # fmt: skip

    def rewind(self) -> int:
        """All that is still there goes out again, oldest first; how many items of it were acknowledged already."""
        with self._working():
            before = sum(lane.waiting for lane in self._lanes.values())
            self._out.clear()
            self._acknowledged.clear()
            for lane in self._lanes.values():
                lane.rewind(self._mark)
            return sum(lane.waiting for lane in self._lanes.values()) - before

    def close(self) -> None:
        """Closes its files; what waits is there at the next opening. Safe to call twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for lane in self._lanes.values():
                lane.finish()
            self._save_mark()
            self._hold.release()

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise StoreUnavailable(f"the spool {self._folder} is closed")
            try:
                with self._named_errors():
                    yield
            finally:
                self._tell()

    @contextlib.contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailable(f"the spool {self._folder}: {error}; check free space and the disk") from error

    def _tell(self) -> None:
        self._figures = Figures(
            bytes=self._bytes(),
            limit_bytes=self._bounds.limit_bytes,
            waiting={name: lane.waiting for name, lane in self._lanes.items()},
            dropped=dict(self._dropped),
            oldest_us=self._oldest_us(),
            damaged=tuple(self._damaged),
        )

    def _oldest_us(self) -> int | None:
        if self._out:
            return self._out[0].records[0].time_us
        waiting = (segment for lane in self._lanes.values() for segment in lane.segments if segment.waiting)
        return min((segment.first_us for segment in waiting), default=None)


def _release(lane: Lane, mark: int) -> None:
    """Deletes the files of which everything was let go."""
    while lane.segments and lane.segments[0].last <= mark:
        if lane.pen is not None and lane.pen.segment is lane.segments[0]:
            return
        lane.drop_first()


def _kept(name: str, frame: Frame) -> Kept:
    return Kept(number=frame.number, name=name, body=frame.body, time_us=frame.time_us, items=frame.items)


def _number(one: tuple[int, Lane]) -> int:
    return one[0]
