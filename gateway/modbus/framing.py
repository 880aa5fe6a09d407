"""How Modbus stands on a serial line: RTU and ASCII (Modbus over Serial Line V1.02, sections 2.5.1 and 2.5.2).

Both find the answer to a question in whatever came: noise before and after it is passed over, and so is a frame of
another unit, function or length.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from binascii import Error as NotHex
from binascii import unhexlify
from collections import deque
from collections.abc import Iterator
from typing import Final

from gateway.modbus.frames import EXCEPTION_BIT, Request, checksum_holds, redundancy_holds

CRC_BYTES: Final = 2
LRC_BYTES: Final = 1
ASCII_START: Final = b":"
ASCII_END: Final = b"\r\n"
SHORTEST: Final = 2
"""Unit id and function code."""
MOST_TRIED: Final = 8
"""So many beginnings in what came are tried, the latest: checksums take long, and thousands of beginnings are noise or
malice, which must not hold up other lines."""


class Framing(ABC):
    """One of the two ways. All bytes are those on the line."""

    @abstractmethod
    def frame(self, request: Request) -> bytes:
        """The question."""

    @abstractmethod
    def answer_bytes(self, request: Request) -> int:
        """Length of a good answer."""

    @abstractmethod
    def found(self, data: bytes, request: Request) -> bytes | None:
        """The answer to `request` in `data`, good or an exception, as it is on the line; None while there is none."""

    @abstractmethod
    def content(self, frame: bytes) -> bytes:
        """Unit id, function code and data of a sound frame."""

    @abstractmethod
    def sound(self, data: bytes) -> bytes | None:
        """The sound frame that `data` is or ends with, whatever it says; None when it does not."""


class Rtu(Framing):
    """Eight-bit bytes and a CRC; no marks, so a message is told by what its answer must look like."""

    def frame(self, request: Request) -> bytes:
        """See `Framing.frame`."""
        return request.rtu

    def answer_bytes(self, request: Request) -> int:
        """See `Framing.answer_bytes`."""
        return 1 + request.answer_bytes + CRC_BYTES

    def found(self, data: bytes, request: Request) -> bytes | None:
        """See `Framing.found`."""
        unit = bytes((request.unit,))
        exception = unit + bytes((request.function | EXCEPTION_BIT,))
        good = _checked(data, unit + request.head, self.answer_bytes(request))
        return good or _checked(data, exception, len(exception) + 1 + CRC_BYTES)

    def content(self, frame: bytes) -> bytes:
        """See `Framing.content`."""
        return frame[:-CRC_BYTES]

    def sound(self, data: bytes) -> bytes | None:
        """See `Framing.sound`."""
        return data if len(data) >= SHORTEST + CRC_BYTES and checksum_holds(data) else None


class Ascii(Framing):
    """Two hexadecimal digits a byte between a colon and a line end, and an LRC. A colon always begins anew."""

    def frame(self, request: Request) -> bytes:
        """See `Framing.frame`."""
        return request.ascii

    def answer_bytes(self, request: Request) -> int:
        """See `Framing.answer_bytes`."""
        return len(ASCII_START) + 2 * (1 + request.answer_bytes + LRC_BYTES) + len(ASCII_END)

    def found(self, data: bytes, request: Request) -> bytes | None:
        """See `Framing.found`."""
        unit = bytes((request.unit,))
        exception = unit + bytes((request.function | EXCEPTION_BIT,))
        for frame in _frames(data):
            message = self.content(frame)
            if message.startswith(unit + request.head) and len(message) == 1 + request.answer_bytes:
                return frame
            if message.startswith(exception) and len(message) == len(exception) + 1:
                return frame
        return None

    def content(self, frame: bytes) -> bytes:
        """See `Framing.content`."""
        return unhexlify(frame[len(ASCII_START) : -len(ASCII_END)])[:-LRC_BYTES]

    def sound(self, data: bytes) -> bytes | None:
        """See `Framing.sound`."""
        last = None
        for frame in _frames(data):
            last = frame
        return last


RTU: Final[Framing] = Rtu()
ASCII: Final[Framing] = Ascii()


def _checked(data: bytes, start: bytes, length: int) -> bytes | None:
    places = deque(_places(data, start, len(data) - length), maxlen=MOST_TRIED)
    frames = (data[place : place + length] for place in places)
    return next((frame for frame in frames if checksum_holds(frame)), None)


def _places(data: bytes, start: bytes, last: int) -> Iterator[int]:
    place = data.find(start)
    while 0 <= place <= last:
        yield place
        place = data.find(start, place + 1)


def _frames(data: bytes) -> Iterator[bytes]:
    """The sound ones, in order."""
    begin, end = 0, data.find(ASCII_END)
    while end >= 0:
        start = data.rfind(ASCII_START, begin, end)
        if start >= 0 and _is_sound(data[start + 1 : end]):
            yield data[start : end + len(ASCII_END)]
        begin = end + len(ASCII_END)
        end = data.find(ASCII_END, begin)


def _is_sound(digits: bytes) -> bool:
    try:
        message = unhexlify(digits)
    except NotHex:
        return False
    return len(message) >= SHORTEST + LRC_BYTES and redundancy_holds(message)
