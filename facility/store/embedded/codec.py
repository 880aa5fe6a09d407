"""How columns become bytes in the embedded store's file, and back, bit for bit.

Both a log row and a sealed block are a CRC-32 (4 bytes, little endian) of what follows, and one zstd frame. In the
frame, times are differences; values are whole-number differences where all of them are decimals of up to four places
(as meters and sensors give them), otherwise the float's own bytes, sorted by significance so that equal bytes meet.
"""

from __future__ import annotations

import struct
import threading
import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import zstandard

from facility.series import Series, Statuses, Times, Values

_CRC: Final = struct.Struct("<I")
_LOG: Final = struct.Struct("<BI")
_BLOCK: Final = struct.Struct("<BIqBBB")
_VERSION: Final = 1
_RAW_VALUES: Final = 255
_DECIMALS: Final = (0, 1, 2, 3, 4)
_EXACT: Final = float(2**53) / 10**4
_WIDTHS: Final[tuple[Any, ...]] = (np.int8, np.int16, np.int32, np.int64)

_local = threading.local()


class Unreadable(Exception):
    """The bytes are not what was written."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogRow:
    """One call of `append`: readings in the order they came; `numbers` int32 are point numbers."""

    numbers: npt.NDArray[np.int32]
    times_us: Times
    values: Values
    statuses: Statuses

    def __len__(self) -> int:
        return len(self.numbers)


def _packed(body: bytes, level: int) -> bytes:
    compressors: dict[int, zstandard.ZstdCompressor] = _local.__dict__.setdefault("compressors", {})
    if level not in compressors:
        compressors[level] = zstandard.ZstdCompressor(level=level)
    frame = compressors[level].compress(body)
    return _CRC.pack(zlib.crc32(frame)) + frame


def _unpacked(data: bytes) -> bytes:
    frame = data[_CRC.size :]
    if len(data) < _CRC.size or _CRC.unpack_from(data)[0] != zlib.crc32(frame):
        raise Unreadable("checksum differs")
    if "decompressor" not in _local.__dict__:
        _local.decompressor = zstandard.ZstdDecompressor()
    body: bytes = _local.decompressor.decompress(frame)
    if not body or body[0] != _VERSION:
        raise Unreadable(f"format {body[:1].hex() or 'empty'} is not known to this version")
    return body


def _differences(whole: npt.NDArray[np.int64]) -> tuple[int, bytes]:
    """Differences in the narrowest type that holds them: (index into _WIDTHS, bytes)."""
    steps = np.diff(whole)
    low, high = (int(steps.min()), int(steps.max())) if len(steps) else (0, 0)
    for index, width in enumerate(_WIDTHS):
        if np.iinfo(width).min <= low and high <= np.iinfo(width).max:
            return index, _by_significance(steps.astype(width))
    raise AssertionError("int64 holds every difference")


def _restored(first: int, width: int, count: int, data: bytes) -> npt.NDArray[np.int64]:
    whole = np.empty(count, np.int64)
    whole[0] = first
    whole[1:] = _from_significance(data, _WIDTHS[width], count - 1)
    return np.cumsum(whole, out=whole)


def _by_significance(array: npt.NDArray[Any]) -> bytes:
    return array.view(np.uint8).reshape(len(array), array.itemsize).T.tobytes()


def _from_significance(data: bytes, width: Any, count: int) -> npt.NDArray[Any]:
    size = np.dtype(width).itemsize
    planes = np.frombuffer(data, np.uint8, count * size).reshape(size, count)
    restored: npt.NDArray[Any] = np.ascontiguousarray(planes.T).view(width).reshape(count)
    return restored


def pack_log(row: LogRow) -> bytes:
    """A log row as bytes."""
    parts = (
        _LOG.pack(_VERSION, len(row)),
        row.numbers.astype(np.int32).tobytes(),
        np.diff(row.times_us, prepend=0).tobytes(),
        row.values.tobytes(),
        row.statuses.tobytes(),
    )
    return _packed(b"".join(parts), 1)


def unpack_log(data: bytes) -> LogRow:
    """The log row again.

    Raises:
        Unreadable: the bytes are not what was written.
    """
    body = _unpacked(data)
    _, count = _LOG.unpack_from(body)
    at = _LOG.size
    return LogRow(
        numbers=np.frombuffer(body, np.int32, count, at),
        times_us=np.cumsum(np.frombuffer(body, np.int64, count, at + 4 * count)),
        values=np.frombuffer(body, np.float64, count, at + 12 * count),
        statuses=np.frombuffer(body, np.uint8, count, at + 20 * count),
    )


def pack_block(series: Series) -> bytes:
    """Readings of one point, in time order, at least one, as bytes."""
    width, steps = _differences(series.times_us)
    kind, value_width, values = _pack_values(series.values)
    statuses = series.statuses.tobytes() if series.statuses.any() else b""
    head = _BLOCK.pack(_VERSION, len(series), int(series.times_us[0]), width, kind, value_width)
    return _packed(b"".join((head, steps, values, statuses)), 3)


def unpack_block(point: str, data: bytes) -> Series:
    """The readings again.

    Raises:
        Unreadable: the bytes are not what was written.
    """
    body = _unpacked(data)
    _, count, first_us, width, kind, value_width = _BLOCK.unpack_from(body)
    at = _BLOCK.size
    steps_end = at + (count - 1) * np.dtype(_WIDTHS[width]).itemsize
    times_us = _restored(first_us, width, count, body[at:steps_end])
    values, values_end = _unpack_values(body, steps_end, count, kind, value_width)
    statuses = np.frombuffer(body, np.uint8, count, values_end) if values_end < len(body) else np.zeros(count, np.uint8)
    return Series(point=point, times_us=times_us, values=values, statuses=statuses)


def _pack_values(values: Values) -> tuple[int, int, bytes]:
    """(decimals or _RAW_VALUES, width of the differences, bytes); missing ones repeat their neighbour, marked."""
    missing = np.isnan(values)
    mask = np.packbits(missing).tobytes() if missing.any() else b""
    filled = _filled(values, missing) if mask else values
    marked = struct.pack("<B", bool(mask)) + mask
    for decimals in _DECIMALS if np.abs(filled).max() < _EXACT else ():
        scale = 10.0**decimals
        whole = np.rint(filled * scale).astype(np.int64)
        if np.array_equal((whole / scale).view(np.int64), filled.view(np.int64)):
            width, steps = _differences(whole)
            return decimals, width, marked + struct.pack("<q", int(whole[0])) + steps
    return _RAW_VALUES, 3, marked + _by_significance(filled)


def _filled(values: Values, missing: npt.NDArray[np.bool_]) -> Values:
    known = np.where(missing, 0, np.arange(len(values)))
    filled = values[np.maximum.accumulate(known)]
    return np.where(np.isnan(filled), 0.0, filled)


def _unpack_values(body: bytes, at: int, count: int, kind: int, width: int) -> tuple[Values, int]:
    mask_size = (count + 7) // 8 if body[at] else 0
    mask, at = body[at + 1 : at + 1 + mask_size], at + 1 + mask_size
    if kind == _RAW_VALUES:
        end = at + 8 * count
        values = _from_significance(body[at:end], np.float64, count)
    else:
        end = at + 8 + (count - 1) * np.dtype(_WIDTHS[width]).itemsize
        first = struct.unpack_from("<q", body, at)[0]
        values = _restored(first, width, count, body[at + 8 : end]) / 10.0**kind
    if mask:
        values[np.unpackbits(np.frombuffer(mask, np.uint8), count=count).astype(bool)] = np.nan
    return values, end
