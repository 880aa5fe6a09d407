"""The last raw frames of every line, in memory: evidence for whoever looks into a fault."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FRAMES_KEPT: Final = 500


class Direction(StrEnum):
    """Which way a frame went, seen from the gateway."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes as they were on the wire. `number` counts the frames of a line from 1; `time_us` is microseconds since
    1970-01-01 UTC; `note` says what was wrong with them, None when nothing was.
    """

    number: int
    time_us: int
    direction: Direction
    data: bytes
    note: str | None = None


class FrameRing:
    """The last frames of one line; older ones make room for new ones.

    Args:
        kept: how many; 0 keeps none.
    """

    __slots__ = ("_frames", "_number")

    def __init__(self, kept: int = FRAMES_KEPT) -> None:
        self._frames: deque[tuple[int, Direction, bytes, str | None]] = deque(maxlen=kept)
        self._number = 0

    def __len__(self) -> int:
        """How many it keeps now."""
        return len(self._frames)

    def record(self, time_us: int, direction: Direction, data: bytes, note: str | None = None) -> None:
        """Keeps one frame."""
        self._number += 1
        self._frames.append((time_us, direction, data, note))

    def after(self, number: int = 0) -> Sequence[Frame]:
        """The frames kept that came after the one with this number, oldest first."""
        first = self._number - len(self._frames) + 1
        skipped = max(0, number - first + 1)
        return [Frame(first + place, *kept) for place, kept in enumerate(tuple(self._frames)) if place >= skipped]

    def resize(self, kept: int) -> None:
        """Keeps another number of frames from now on, the newest of those it has."""
        self._frames = deque(self._frames, maxlen=kept)


class WireLog:
    """The rings of all lines. Written by the gateway, read by the API; one thread."""

    def __init__(self) -> None:
        self._rings: dict[str, FrameRing] = {}

    def ring(self, link: str, kept: int = FRAMES_KEPT) -> FrameRing:
        """The ring of a line, made or resized."""
        ring = self._rings.get(link)
        if ring is None:
            ring = self._rings[link] = FrameRing(kept)
        else:
            ring.resize(kept)
        return ring

    def of(self, link: str) -> FrameRing | None:
        """The ring of a line, None where there is no such line."""
        return self._rings.get(link)

    def drop(self, link: str) -> None:
        """Forgets a line that is no more."""
        self._rings.pop(link, None)
