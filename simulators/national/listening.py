"""Where a frame for national meters ends in what came over a line that carries Modbus too."""

from __future__ import annotations

from typing import Final

from simulators.national import cjt188, dlt645

LONGEST_FRAME: Final = 4 + 13 + 255
WAKE: Final = 0xFE
START: Final = 0x68


def frame_bytes(data: bytes) -> int | None:
    """How many bytes of `data`, from its first, are one frame for a national meter; 0 while it may become one, None
    when it does not begin like one. A frame begins with 68H, or with FEH bytes before it.
    """
    wake = len(data) - len(data.lstrip(bytes((WAKE,))))
    rest = data[wake:]
    if not rest:
        return 0 if wake else None
    if rest[0] != START:
        return None
    ends = [place for place in _possible_ends(rest) if place <= len(rest)]
    for end in ends:
        frame = rest[:end]
        if dlt645.question_in(frame) is not None or cjt188.question_in(frame) is not None:
            return wake + end
    return 0 if len(ends) < 2 and len(data) < LONGEST_FRAME else None


def _possible_ends(frame: bytes) -> tuple[int, int]:
    """Where it ends as a frame of either protocol; beyond what came while its length has not come."""
    beyond = len(frame) + 1
    electric = 12 + frame[9] if len(frame) > 9 and frame[7] == START else (0 if len(frame) > 7 else beyond)
    pipe = 13 + frame[10] if len(frame) > 10 else beyond
    return electric, pipe
