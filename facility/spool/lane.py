"""The files of one class, oldest first, and how far they have been read."""

from __future__ import annotations

import errno
import logging
import os
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from facility.spool.disk import Disk
from facility.spool.frames import MAGIC, Frame, Gap
from facility.spool.segment import SUFFIX, Pen, Segment, found_segment

_SET_ASIDE: Final = 3
"""So many damaged files are kept, the newest."""

_LOST: Final = (errno.EIO, errno.ENOENT)

_log = logging.getLogger(__name__)


class Lane:
    """Records of one class on disk. One thread at a time.

    Args:
        folder: of the spool.
        name: of the class.
        damaged: told of every file in which something could not be read, by the name under which it is kept.
    """

    def __init__(self, folder: Path, name: str, disk: Disk, damaged: Callable[[Path], None]) -> None:
        """
        Raises:
            OSError: the folder cannot be read.
        """
        self.name = name
        self._folder = folder
        self._disk = disk
        self._damaged = damaged
        self.segments: deque[Segment] = deque()
        self.pen: Pen | None = None
        self._reading: Segment | None = None
        self._offset = len(MAGIC)
        self._after = 0
        self._ahead: deque[tuple[Segment, Frame]] = deque()
        for path in sorted(folder.glob(f"{name}-*{SUFFIX}")):
            self._find(path)

    def _find(self, path: Path) -> None:
        try:
            segment = found_segment(path)
        except OSError as error:
            _log.error("%s cannot be read: %s", path, error)
            segment = None
        if segment is None:
            self._set_aside(path)
            self._disk.remove(path)
            return
        self.segments.append(segment)
        self._look_at_gaps(segment)

    @property
    def last(self) -> int:
        """The highest number it has held, as far as its files tell; 0 when there is none."""
        return max((max(segment.last, segment.first - 1) for segment in self.segments), default=0)

    @property
    def bytes(self) -> int:
        """Size of all its files."""
        return sum(segment.size for segment in self.segments)

    @property
    def waiting(self) -> int:
        """Items that were not acknowledged."""
        return sum(segment.waiting for segment in self.segments)

    def writing(self, first: int, file_bytes: int) -> Pen:
        """Where the next records go: the open file, or another when it has its size.

        Raises:
            OSError: a new file cannot be made.
        """
        if self.pen is not None and self.pen.segment.size >= file_bytes:
            self.finish()
        if self.pen is None:
            self.pen = Pen(self._disk, self.name, self._folder / f"{self.name}-{first:016d}{SUFFIX}", first)
            self.segments.append(self.pen.segment)
        return self.pen

    def finish(self) -> None:
        """Closes the open file in order."""
        if self.pen is not None:
            self.pen.finish()
            self.pen = None
            self._forget_empty()

    def give_up(self) -> None:
        """Closes the open file after an error; what was safe in it stays."""
        if self.pen is not None:
            pen, self.pen = self.pen, None
            pen.give_up()
            self._forget_empty()

    def _forget_empty(self) -> None:
        if self.segments and not self.segments[-1].items:
            self._disk.remove(self.segments.pop().path)

    def peek(self) -> Frame | None:
        """The next record that was not taken; None when all were.

        Raises:
            OSError: a file cannot be read.
        """
        while not self._ahead:
            segment = self._next_to_read()
            if segment is None:
                return None
            frames = self._frames(segment)
            self._offset = segment.size
            self._look_at_gaps(segment)
            self._ahead.extend((segment, frame) for frame in frames if frame.number > self._after)
        return self._ahead[0][1]

    def _frames(self, segment: Segment) -> list[Frame]:
        """What was not read of a file; nothing of one that the disk does not give any more."""
        try:
            return segment.frames(self._offset)
        except OSError as error:
            if error.errno not in _LOST:
                raise
            _log.error("%s cannot be read: %s", segment.path, error)
            segment.gaps.append(Gap(start=self._offset, end=segment.size, torn=False))
            return []

    def _next_to_read(self) -> Segment | None:
        """The file to read on in; None when there is nothing new in any."""
        if self._reading is not None and self._offset < self._reading.size:
            return self._reading
        last = self._reading.first if self._reading is not None else 0
        segment = next((one for one in self.segments if one.first > last and one.size > len(MAGIC)), None)
        if segment is not None:
            self._reading, self._offset = segment, len(MAGIC)
        return segment

    def take(self) -> tuple[Segment, Frame]:
        """The record that `peek` showed."""
        segment, frame = self._ahead.popleft()
        self._after = frame.number
        return segment, frame

    def rewind(self, after: int) -> None:
        """Records behind number `after` will be read again."""
        self._ahead.clear()
        self._reading, self._offset, self._after = None, len(MAGIC), after
        for segment in self.segments:
            segment.done = segment.gone

    def drop_first(self) -> Segment:
        """Deletes the oldest file.

        Raises:
            OSError: it cannot be deleted.
        """
        segment = self.segments[0]
        if self.pen is not None and self.pen.segment is segment:
            self.finish()
        self._disk.remove(segment.path)
        self.segments.popleft()
        while self._ahead and self._ahead[0][0] is segment:
            self._ahead.popleft()
        return segment

    def _look_at_gaps(self, segment: Segment) -> None:
        for gap in segment.gaps:
            if gap.torn:
                _log.info("%s: the last write was not finished, %d bytes", segment.path, gap.end - gap.start)
            elif not segment.damaged:
                segment.damaged = True
                self._set_aside(segment.path)
        segment.gaps.clear()

    def _set_aside(self, path: Path) -> None:
        """Keeps a damaged file under another name, for whoever wants to look; its readable records go their way."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = path.with_name(f"{path.name}.corrupt.{stamp}")
        _log.error("%s is damaged: kept as %s; what can be read of it is used", path, aside.name)
        try:
            os.link(path, aside)
            for old in sorted(self._folder.glob(f"*{SUFFIX}.corrupt.*"), key=_stamp)[:-_SET_ASIDE]:
                self._disk.remove(old)
        except OSError as error:
            _log.warning("the damaged %s cannot be kept: %s", path, error)
        self._damaged(aside)


def _stamp(path: Path) -> str:
    return path.name.rpartition(".corrupt.")[2]
