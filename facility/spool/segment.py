"""One file of a spool: records of one class, numbers rising."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from facility.spool.disk import Disk
from facility.spool.frames import END_BYTES, MAGIC, Ending, Frame, Gap, ended, ending_of, framed, read

SUFFIX: Final = ".spool"

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Segment:
    """A file and what is known of it. `done` items were acknowledged, `gone` items let go of for good; `size` is how
    much of it holds whole records. `damaged`: bytes of it could not be read; `dropped`: it was deleted to make room.
    """

    name: str
    path: Path
    first: int
    last: int
    size: int = len(MAGIC)
    items: int = 0
    first_us: int = 0
    last_us: int = 0
    done: int = 0
    gone: int = 0
    damaged: bool = False
    dropped: bool = False
    gaps: list[Gap] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """Items that were not acknowledged."""
        return self.items - self.done

    def frames(self, start: int) -> list[Frame]:
        """The records from offset `start` on. What cannot be read is noted in `gaps`.

        Raises:
            OSError: the file cannot be read.
        """
        with self.path.open("rb") as file:
            file.seek(start)
            data = file.read(self.size - start)
        found: list[Frame] = []
        for one in read(data):
            if isinstance(one, Frame):
                found.append(one)
            else:
                self.gaps.append(Gap(start=start + one.start, end=start + one.end, torn=one.torn))
        return found


def found_segment(path: Path) -> Segment | None:
    """What a file holds, by its end mark or by reading it through; None when it begins like none of ours.

    Raises:
        OSError: it cannot be read.
    """
    name, _, digits = path.name.removesuffix(SUFFIX).rpartition("-")
    first = int(digits)
    size = path.stat().st_size
    with path.open("rb") as file:
        magic = file.read(len(MAGIC))
        file.seek(max(size - END_BYTES, 0))
        ending = ending_of(file.read(END_BYTES))
    if magic != MAGIC:
        return (
            Segment(name=name, path=path, first=first, last=first - 1, size=size) if MAGIC.startswith(magic) else None
        )
    segment = Segment(name=name, path=path, first=first, last=first - 1, size=size)
    if ending is None:
        _read_through(segment)
    else:
        segment.last, segment.items = ending.last, ending.items
        segment.first_us, segment.last_us = ending.first_us, ending.last_us
    return segment


def _read_through(segment: Segment) -> None:
    frames = segment.frames(len(MAGIC))
    if frames:
        segment.last, segment.items = frames[-1].number, sum(frame.items for frame in frames)
        segment.first_us, segment.last_us = frames[0].time_us, frames[-1].time_us


class Pen:
    """Appends to a new file of one lane."""

    def __init__(self, disk: Disk, name: str, path: Path, first: int) -> None:
        """
        Raises:
            OSError: the file cannot be made.
        """
        self._disk = disk
        self._handle = disk.begin(path)
        self.segment = Segment(name=name, path=path, first=first, last=first - 1)
        try:
            disk.write(self._handle, MAGIC)
        except OSError:
            self.give_up()
            raise

    def write(self, number: int, time_us: int, items: int, body: bytes) -> None:
        """Appends a record; it counts once it is synced and `noted`.

        Raises:
            OSError: it could not be written whole.
        """
        self._disk.write(self._handle, framed(number, time_us, items, body))

    def sync(self) -> None:
        """What was written is safe on return.

        Raises:
            OSError: it may be safe or not; the file must not be written any more.
        """
        self._disk.sync(self._handle)

    def note(self, number: int, time_us: int, items: int, size: int) -> None:
        """A record of `size` bytes is safe."""
        segment = self.segment
        if segment.last < segment.first:
            segment.first_us = time_us
        segment.last, segment.last_us = number, time_us
        segment.items += items
        segment.size += size

    def give_up(self) -> None:
        """After an error: takes back what is not known to be safe, and closes the file. What was synced stays."""
        with contextlib.suppress(OSError):
            self._disk.cut(self._handle, self.segment.size)
        with contextlib.suppress(OSError):
            self._disk.close(self._handle)
        if not self.segment.items:
            with contextlib.suppress(OSError):
                self._disk.remove(self.segment.path)

    def finish(self) -> None:
        """Closes the file in order, with its end mark where the disk takes it: without one it is read through."""
        segment = self.segment
        mark = Ending(
            last=segment.last, items=segment.items, first_us=segment.first_us, last_us=segment.last_us
        )  # fmt: skip
        try:
            self._disk.write(self._handle, ended(mark))
            self._disk.sync(self._handle)
        except OSError as error:
            _log.warning("%s was closed without its end mark: %s", segment.path, error)
            self.give_up()
        else:
            self._disk.close(self._handle)
