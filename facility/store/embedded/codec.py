"""How log rows and the columns of a sealed day become bytes, and back, bit for bit.

Times are kept apart from values: a device answers all its points at one time, so they share one column of times.
Values are whole numbers where all of them are decimals of up to four places (as meters and sensors give them),
otherwise the float's own bytes, sorted by significance so that equal bytes meet.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.series import Statuses, Times, Values
from facility.store.embedded.frames import Unreadable, check_version, packed, unpacked
from facility.store.embedded.whole import Whole, by_significance, from_significance, pack_whole, unpack_whole

RAW_VALUES: Final = 255
"""In place of a number of decimals: the values are no short decimals."""

_LOG_VERSION: Final = 1
_VERSION: Final = 2
_LOG: Final = struct.Struct("<BI")
_TIMES: Final = struct.Struct("<BI")
_VALUES: Final = struct.Struct("<BIBB")
_LEVEL: Final = 5
_DECIMALS: Final = (0, 1, 2, 3, 4)
_EXACT: Final = float(2**53) / 10**4
_MISSING: Final = 1
_MARKED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogRow:
    """One call of `append`: readings in the order they came; `numbers` int32 are point numbers."""

    numbers: npt.NDArray[np.int32]
    times_us: Times
    values: Values
    statuses: Statuses

    def __len__(self) -> int:
        return len(self.numbers)


def pack_log(row: LogRow) -> bytes:
    """A log row as bytes."""
    parts = (
        _LOG.pack(_LOG_VERSION, len(row)),
        row.numbers.astype(np.int32).tobytes(),
        np.diff(row.times_us, prepend=0).tobytes(),
        row.values.tobytes(),
        row.statuses.tobytes(),
    )
    return packed(b"".join(parts), 1)


def unpack_log(data: bytes) -> LogRow:
    """The log row again.

    Raises:
        Unreadable: the bytes are not what was written.
    """
    body = unpacked(data)
    check_version(body, _LOG_VERSION)
    _, count = _LOG.unpack_from(body)
    at = _LOG.size
    return LogRow(
        numbers=np.frombuffer(body, np.int32, count, at),
        times_us=np.cumsum(np.frombuffer(body, np.int64, count, at + 4 * count)),
        values=np.frombuffer(body, np.float64, count, at + 12 * count),
        statuses=np.frombuffer(body, np.uint8, count, at + 20 * count),
    )


def pack_times(times_us: Times) -> bytes:
    """Times of one day in order, at least one, as bytes: equal times give equal bytes."""
    return packed(_TIMES.pack(_VERSION, len(times_us)) + pack_whole(times_us), _LEVEL)


def unpack_times(data: bytes) -> Times:
    """The times again.

    Raises:
        Unreadable: the bytes are not what was written.
    """
    body = unpacked(data)
    check_version(body, _VERSION)
    return unpack_whole(body, _TIMES.size, _TIMES.unpack_from(body)[1])[0]


def pack_values(values: Values, statuses: Statuses, extra: bytes = b"") -> bytes:
    """Values and statuses of one point, at least one, as bytes; `extra` goes along."""
    missing = np.isnan(values)
    filled = _filled(values, missing) if missing.any() else values
    decimals, whole = decimals_of(filled)
    flags = _MISSING * bool(missing.any()) | _MARKED * bool(statuses.any())
    parts = (
        _VALUES.pack(_VERSION, len(values), decimals, flags),
        np.packbits(missing).tobytes() if flags & _MISSING else b"",
        statuses.tobytes() if flags & _MARKED else b"",
        by_significance(filled) if decimals == RAW_VALUES else pack_whole(whole),
        extra,
    )
    return packed(b"".join(parts), _LEVEL)


def unpack_values(data: bytes, count: int) -> tuple[Values, Statuses, bytes]:
    """Values, statuses and what went along.

    Args:
        count: readings there must be: as many as times.

    Raises:
        Unreadable: the bytes are not what was written.
    """
    body = unpacked(data)
    check_version(body, _VERSION)
    _, held, decimals, flags = _VALUES.unpack_from(body)
    if held != count:
        raise Unreadable(f"{held} values for {count} times")
    at = _VALUES.size
    mask_end = at + ((count + 7) // 8 if flags & _MISSING else 0)
    end = mask_end + (count if flags & _MARKED else 0)
    statuses = np.frombuffer(body, np.uint8, count, mask_end) if flags & _MARKED else np.zeros(count, np.uint8)
    values, values_end = _unpacked_values(body, end, count, decimals)
    if flags & _MISSING:
        values = values.copy()
        values[np.unpackbits(np.frombuffer(body, np.uint8, mask_end - at, at), count=count).astype(bool)] = np.nan
    return values, statuses, body[values_end:]


def _unpacked_values(body: bytes, at: int, count: int, decimals: int) -> tuple[Values, int]:
    if decimals == RAW_VALUES:
        end = at + 8 * count
        return from_significance(body[at:end], np.float64, count), end
    whole, end = unpack_whole(body, at, count)
    return whole / 10.0**decimals, end


def decimals_of(values: Values) -> tuple[int, Whole]:
    """(decimals, whole numbers) that give back exactly these values, (RAW_VALUES, nothing) when there are none."""
    if float(np.abs(values).max()) < _EXACT:
        for decimals in _DECIMALS:
            scale = 10.0**decimals
            whole = np.rint(values * scale).astype(np.int64)
            if np.array_equal((whole / scale).view(np.int64), values.view(np.int64)):
                return decimals, whole
    return RAW_VALUES, np.empty(0, np.int64)


def _filled(values: Values, missing: npt.NDArray[np.bool_]) -> Values:
    """Missing values repeat their neighbour before."""
    known = np.where(missing, 0, np.arange(len(values)))
    filled = values[np.maximum.accumulate(known)]
    return np.where(np.isnan(filled), 0.0, filled)
