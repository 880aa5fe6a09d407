"""Blocks as format 1 of the embedded store's file had them: times, values and statuses of a day in one frame."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facility.series import Series, Values
from facility.store.embedded.frames import check_version, unpacked
from facility.store.embedded.whole import from_significance

_BLOCK: Final = struct.Struct("<BIqBBB")
_VERSION: Final = 1
_RAW_VALUES: Final = 255
_WIDTHS: Final[tuple[Any, ...]] = (np.int8, np.int16, np.int32, np.int64)
_DAY_BITS: Final = 20


def block_place(key: int) -> tuple[int, int]:
    """(day, point number) of a block's key."""
    return (key & ((1 << _DAY_BITS) - 1)) - (1 << (_DAY_BITS - 1)), key >> _DAY_BITS


def unpack_block(point: str, data: bytes) -> Series:
    """The readings of a block.

    Raises:
        Unreadable: the bytes are not what was written.
    """
    body = unpacked(data)
    check_version(body, _VERSION)
    _, count, first_us, width, kind, value_width = _BLOCK.unpack_from(body)
    at = _BLOCK.size
    steps_end = at + (count - 1) * np.dtype(_WIDTHS[width]).itemsize
    times_us = _restored(first_us, width, count, body[at:steps_end])
    values, values_end = _unpack_values(body, steps_end, count, kind, value_width)
    statuses = np.frombuffer(body, np.uint8, count, values_end) if values_end < len(body) else np.zeros(count, np.uint8)
    return Series(point=point, times_us=times_us, values=values, statuses=statuses)


def _restored(first: int, width: int, count: int, data: bytes) -> npt.NDArray[np.int64]:
    whole = np.empty(count, np.int64)
    whole[0] = first
    whole[1:] = from_significance(data, _WIDTHS[width], count - 1)
    return np.cumsum(whole, out=whole)


def _unpack_values(body: bytes, at: int, count: int, kind: int, width: int) -> tuple[Values, int]:
    mask_size = (count + 7) // 8 if body[at] else 0
    mask, at = body[at + 1 : at + 1 + mask_size], at + 1 + mask_size
    if kind == _RAW_VALUES:
        end = at + 8 * count
        values = from_significance(body[at:end], np.float64, count).copy()
    else:
        end = at + 8 + (count - 1) * np.dtype(_WIDTHS[width]).itemsize
        first = struct.unpack_from("<q", body, at)[0]
        values = _restored(first, width, count, body[at + 8 : end]) / 10.0**kind
    if mask:
        values[np.unpackbits(np.frombuffer(mask, np.uint8), count=count).astype(bool)] = np.nan
    return values, end
