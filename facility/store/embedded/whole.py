"""Columns of whole numbers as bytes: as offsets, differences or differences of differences, whichever says least.

What is left is counted from its smallest, kept in the narrowest type that holds it, and laid out by significance, all
lowest bytes first, so that equal bytes meet and the compressor finds them.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]

_HEAD: Final = struct.Struct("<BBqqq")
_WIDTHS: Final[tuple[Any, ...]] = (np.uint8, np.uint16, np.uint32, np.uint64)
_WIDEST: Final = 3


def pack_whole(column: Whole) -> bytes:
    """At least one whole number; differences must fit int64."""
    candidates = [column]
    while len(candidates) < 3 and len(candidates[-1]) > 1:
        candidates.append(np.diff(candidates[-1]))
    narrowed = [_narrowed(candidate) for candidate in candidates]
    order = min(range(len(narrowed)), key=lambda index: _said_bytes(narrowed[index][2]))
    width, base, offsets = narrowed[order]
    firsts = [int(candidate[0]) for candidate in candidates[:order]] + [0, 0]
    return _HEAD.pack(order, width, base, *firsts[:2]) + by_significance(offsets)


def unpack_whole(body: bytes, at: int, count: int) -> tuple[Whole, int]:
    """The column of `count` numbers that starts at byte `at`, and where it ends."""
    order, width, base, *firsts = _HEAD.unpack_from(body, at)
    at += _HEAD.size
    end = at + (count - order) * np.dtype(_WIDTHS[width]).itemsize
    offsets = from_significance(body[at:end], _WIDTHS[width], count - order)
    column = np.empty(count, np.int64)
    np.add(offsets.view(np.int64) if width == _WIDEST else offsets, np.int64(base), out=column[order:])
    for depth in reversed(range(order)):
        column[depth] = firsts[depth]
        np.cumsum(column[depth:], out=column[depth:])
    return column, end


def by_significance(column: npt.NDArray[Any]) -> bytes:
    """Bytes of a column, the lowest of all numbers first."""
    return column.view(np.uint8).reshape(len(column), column.itemsize).T.tobytes()


def from_significance(data: bytes, width: Any, count: int) -> npt.NDArray[Any]:
    """The column again."""
    size = np.dtype(width).itemsize
    if size == 1:
        return np.frombuffer(data, width, count)
    planes = np.frombuffer(data, np.uint8, count * size).reshape(size, count)
    restored: npt.NDArray[Any] = np.ascontiguousarray(planes.T).view(width).reshape(count)
    return restored


def _narrowed(column: Whole) -> tuple[int, int, npt.NDArray[Any]]:
    """(index into _WIDTHS, smallest, what each is above it)."""
    base = int(column.min())
    room = int(column.max()) - base
    for index, width in enumerate(_WIDTHS):
        if room <= np.iinfo(width).max:
            return index, base, (column.view(np.uint64) - np.uint64(base % 2**64)).astype(width)
    raise AssertionError("uint64 holds every difference")


def _said_bytes(column: npt.NDArray[Any]) -> float:
    """Entropy of the column's bytes, plane by plane: about what a compressor makes of it."""
    planes = column.view(np.uint8).reshape(len(column), column.itemsize)
    return sum(_entropy_bits(planes[:, plane]) for plane in range(column.itemsize)) / 8.0


def _entropy_bits(plane: npt.NDArray[np.uint8]) -> float:
    counts = np.bincount(plane, minlength=1)
    counts = counts[counts > 0]
    return float(-(counts * np.log2(counts / len(plane))).sum())
