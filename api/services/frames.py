"""The raw frames of a line, as an answer and as text to keep."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from api.context import ApiContext
from api.problems import unknown
from api.shapes import Shape
from facility.readings import from_us
from facility.text import Text
from facility.wire_log import Direction

LINE: Final = Text("线路", "line")
MOST_FRAMES: Final = 1000
ARROWS: Final = {Direction.SENT.value: "→", Direction.RECEIVED.value: "←"}


class FrameView(Shape):
    """One frame as it was on the wire: `data` in hexadecimal, `note` what was wrong with it."""

    number: int
    time: datetime
    direction: str
    data: str
    note: str | None


class Frames(Shape):
    """The frames of a line that came after the one asked for, oldest first. `kept` is how many are remembered. `type`
    is the line's: one of type `mqtt` has messages and never a frame.
    """

    line: str
    type: str
    kept: int
    frames: list[FrameView]


def frames(context: ApiContext, line: str, *, after: int, limit: int) -> Frames:
    """The newest `limit` frames of a line that came after number `after`.

    Raises:
        RequestProblem: there is no such line.
    """
    if line not in context.site.links:
        raise unknown(LINE, line)
    ring = context.wire_log.of(line)
    kept = () if ring is None else ring.after()
    return Frames(
        line=line,
        type=context.site.links[line].type,
        kept=len(kept),
        frames=[
            FrameView(
                number=frame.number,
                time=context.local(from_us(frame.time_us)),
                direction=frame.direction.value,
                data=frame.data.hex(),
                note=frame.note,
            )
            for frame in [frame for frame in kept if frame.number > after][-limit:]
        ],
    )


def hex_of(frame: FrameView) -> str:
    """Its bytes two digits each, apart."""
    return bytes.fromhex(frame.data).hex(" ")


def as_text(found: Iterable[FrameView]) -> str:
    """One line a frame, as `houqin frames` prints them; numbers that are gone are told by how many they are."""
    lines: list[str] = []
    last = 0
    for frame in found:
        if last and frame.number > last + 1:
            lines.append(f"... {frame.number - last - 1}")
        last = frame.number
        note = f"  ! {frame.note}" if frame.note else ""
        time = frame.time.isoformat(timespec="microseconds")
        lines.append(f"{frame.number:>7} {time[:26]} {ARROWS[frame.direction]} {hex_of(frame)}{note}")
    return "".join(f"{line}\n" for line in lines)
