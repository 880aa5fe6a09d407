"""Records as bytes in a file, each with its checksum; what cannot be read is stepped over, never taken for a record.

A file begins with MAGIC. Each frame: mark, CRC-32 of the rest, length of the body, number, time, items, body. A file
that was closed in order ends with an end mark that says what is in it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAGIC: Final = b"HQSPOOL\x01"
LONGEST_BODY_BYTES: Final = 1 << 26

_MARK: Final = b"\xf5HqR"
_END_MARK: Final = b"\xf5HqE"
_HEAD: Final = struct.Struct("<4sIIQqI")
_END: Final = struct.Struct("<4sIQQqq")
_SIGNED_FROM: Final = 8

END_BYTES: Final = _END.size
FRAME_BYTES: Final = _HEAD.size
"""What a record takes beside its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A record that was read; `end` is the offset behind it."""

    number: int
    time_us: int
    items: int
    body: bytes
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Bytes that are no record. `torn`: as a write leaves them that was never finished, and so never acknowledged."""

    start: int
    end: int
    torn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a closed file says of itself: its last number, items, and the times of its first and last record."""

    last: int
    items: int
    first_us: int
    last_us: int


def framed(number: int, time_us: int, items: int, body: bytes) -> bytes:
    """A record as bytes.

    Raises:
        ValueError: the body is longer than LONGEST_BODY_BYTES.
    """
    if len(body) > LONGEST_BODY_BYTES:
        raise ValueError(f"a record of {len(body)} bytes; {LONGEST_BODY_BYTES} at most: hand in smaller ones")
    head = _HEAD.pack(_MARK, 0, len(body), number, time_us, items)
    checksum = zlib.crc32(body, zlib.crc32(head[_SIGNED_FROM:]))
    return b"".join((head[:4], checksum.to_bytes(4, "little"), head[_SIGNED_FROM:], body))


def ended(ending: Ending) -> bytes:
    """The end mark as bytes."""
    whole = _END.pack(_END_MARK, 0, ending.last, ending.items, ending.first_us, ending.last_us)
    return whole[:4] + zlib.crc32(whole[_SIGNED_FROM:]).to_bytes(4, "little") + whole[_SIGNED_FROM:]


def ending_of(tail: bytes) -> Ending | None:
    """What the last END_BYTES of a file say; None where they are no end mark."""
    if len(tail) != END_BYTES or not tail.startswith(_END_MARK):
        return None
    _, checksum, last, items, first_us, last_us = _END.unpack(tail)
    if checksum != zlib.crc32(tail[_SIGNED_FROM:]):
        return None
    return Ending(last=last, items=items, first_us=first_us, last_us=last_us)


def read(data: bytes, at: int = 0) -> Iterator[Frame | Gap]:
    """All records from offset `at` on, and the gaps between them; an end mark ends it."""
    while at < len(data):
        frame = _frame_at(data, at)
        if frame is not None:
            yield frame
            at = frame.end
        elif ending_of(data[at : at + END_BYTES]) is not None:
            return
        else:
            end = _next(data, at + 1)
            yield Gap(start=at, end=end, torn=end == len(data) and _is_torn(data[at:]))
            at = end


def _frame_at(data: bytes, at: int) -> Frame | None:
    if not data.startswith(_MARK, at) or at + _HEAD.size > len(data):
        return None
    _, checksum, length, number, time_us, items = _HEAD.unpack_from(data, at)
    end = at + _HEAD.size + length
    if length > LONGEST_BODY_BYTES or end > len(data):
        return None
    if zlib.crc32(memoryview(data)[at + _SIGNED_FROM : end]) != checksum:
        return None
    return Frame(number=number, time_us=time_us, items=items, body=data[at + _HEAD.size : end], end=end)


def _next(data: bytes, at: int) -> int:
    """Offset of the next record or end mark, the file's end where there is none."""
    while (at := data.find(b"\xf5Hq", at)) >= 0:
        if _frame_at(data, at) is not None or ending_of(data[at : at + END_BYTES]) is not None:
            return at
        at += 1
    return len(data)


def _is_torn(rest: bytes) -> bool:
    """Whether bytes are the beginning of a frame whose end is missing, or zeros, as in a file that grew before its
    content was written.
    """
    written = rest.rstrip(b"\0")
    if len(written) < _HEAD.size:
        return written.startswith((_MARK[: len(written)], _END_MARK))
    length = _HEAD.unpack_from(rest)[2]
    return rest.startswith(_MARK) and _HEAD.size + length > len(written)
