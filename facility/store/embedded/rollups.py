"""Quarter hours of a day reckoned at sealing: means, durations, extremes, sums and counts without opening the day.

What a day's last reading holds is left out, because how long it holds is not known yet: who reads adds it. A reading
holds here for at most a quarter of an hour, so that a rollup says what the readings themselves say wherever that does
not bind: when no good reading of the day held longer, or when exactly that was asked for.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.series import Series, Times, Values
from facility.store.aggregation import Amounts, held_columns, held_lengths_us, spans_of
from facility.store.embedded.codec import RAW_VALUES, decimals_of
from facility.store.embedded.days import DAY_US
from facility.store.embedded.frames import Unreadable, check_version, packed, unpacked
from facility.store.embedded.skeletons import QUARTER_US
from facility.store.protocol import Aggregate

HOLD_US: Final = QUARTER_US
QUARTERS: Final = DAY_US // QUARTER_US

_VERSION: Final = 2
_HEAD: Final = struct.Struct("<BB")
_COLUMNS: Final = 8
_BODY_BYTES: Final = _HEAD.size + _COLUMNS * QUARTERS * 8
_LEVEL: Final = 5
_INTEGRAL, _COVERED, _IDLE, _GOOD, _LOW, _HIGH, _LAST, _TOTAL = range(_COLUMNS)
_NEEDED: Final = {
    Aggregate.MEAN: (_COVERED, _INTEGRAL),
    Aggregate.DURATION: (_COVERED, _IDLE),
    Aggregate.COUNT: (_COVERED, _GOOD),
    Aggregate.MIN: (_COVERED, _GOOD, _LOW),
    Aggregate.MAX: (_COVERED, _GOOD, _LOW, _HIGH),
    Aggregate.LAST: (_COVERED, _GOOD, _LOW, _LAST),
    Aggregate.SUM: (_COVERED, _GOOD, _LOW, _TOTAL),
}

_Wide = npt.NDArray[np.int64]


def pack_rollup(day: int, series: Series) -> bytes:
    """The quarter hours of one day's readings, as bytes."""
    columns = np.zeros((_COLUMNS, QUARTERS), np.int64)
    lengths = held_lengths_us(series, hold_us=HOLD_US)
    lengths[-1] = 0.0
    edges = day * DAY_US + np.arange(QUARTERS + 1) * QUARTER_US
    integrals, covered, durations = held_columns(spans_of(series, lengths), edges)
    columns[_INTEGRAL] = integrals.view(np.int64)
    columns[_COVERED] = covered
    columns[_IDLE] = covered - durations
    good = series.good
    decimals = _pack_values(columns, series.times_us[good], series.values[good], edges) if good.any() else 0
    differences = np.diff(columns, axis=1, prepend=0)
    return packed(_HEAD.pack(_VERSION, decimals) + _planes(_zigzag(differences)), _LEVEL)


def _pack_values(columns: _Wide, times_us: Times, values: Values, edges: Times) -> int:
    """Fills in what is said of the good readings themselves; returns their decimals."""
    firsts = np.searchsorted(times_us, edges)
    columns[_GOOD] = np.diff(firsts)
    filled = np.flatnonzero(columns[_GOOD])
    starts = firsts[filled]
    lasts = firsts[filled + 1] - 1
    decimals, whole = decimals_of(values)
    if decimals == RAW_VALUES:
        for row, column in (
            (_LOW, np.minimum.reduceat(values, starts)),
            (_HIGH, np.maximum.reduceat(values, starts)),
            (_LAST, values[lasts]),
            (_TOTAL, np.add.reduceat(values, starts)),
        ):
            columns[row] = _spread(filled, column.view(np.int64))
        return decimals
    low = np.minimum.reduceat(whole, starts)
    columns[_LOW] = _spread(filled, low)
    columns[_HIGH] = _spread(filled, np.maximum.reduceat(whole, starts) - low)
    columns[_LAST] = _spread(filled, whole[lasts] - low)
    columns[_TOTAL] = _spread(filled, np.add.reduceat(whole, starts) - low * columns[_GOOD][filled])
    return decimals


def _spread(filled: npt.NDArray[np.intp], column: _Wide) -> _Wide:
    """Values of the quarters that have some; the others repeat their neighbour."""
    at = np.searchsorted(filled, np.arange(QUARTERS), side="right") - 1
    return column[np.maximum(at, 0)]


def unpack_rollups(days: Sequence[int], rows: Sequence[bytes], how: Aggregate) -> Amounts:
    """The quarter hours of some days of one point, in order, those without any good reading too.

    Args:
        how: what is to be made of them; columns that it does not need are left 0.

    Raises:
        Unreadable: the bytes are not what was written.
    """
    bodies = [unpacked(data) for data in rows]
    for body in bodies:
        check_version(body, _VERSION)
        if len(body) != _BODY_BYTES:
            raise Unreadable("a rollup of another length")
    joined = np.frombuffer(b"".join(bodies), np.uint8).reshape(len(bodies), _BODY_BYTES)
    decimals, planes = joined[:, 1], joined[:, _HEAD.size :].reshape(len(bodies), _COLUMNS, 8, QUARTERS)
    columns = {column: _unpacked_column(planes[:, column]) for column in _NEEDED[how]}
    starts = np.asarray(days, np.int64)[:, None] * DAY_US + np.arange(QUARTERS) * QUARTER_US
    return _amounts(starts, columns, decimals)


def _unpacked_column(planes: npt.NDArray[np.uint8]) -> _Wide:
    """By day and quarter."""
    wide = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(np.uint64).reshape(len(planes), QUARTERS)
    return np.cumsum((wide >> 1).view(np.int64) ^ -(wide & 1).view(np.int64), axis=1)


def _amounts(starts: Times, columns: Mapping[int, _Wide], decimals: npt.NDArray[np.uint8]) -> Amounts:
    nothing = np.zeros(starts.size)
    covered = columns[_COVERED]

    def whole(column: int) -> Values:
        return columns[column].astype(np.float64).ravel() if column in columns else nothing

    def value(column: int, offset: _Wide | int = 0) -> Values:
        return _values(columns, column, offset, decimals).ravel() if column in columns else nothing

    return Amounts(
        starts_us=starts.ravel(),
        covered_us=whole(_COVERED),
        integrals=columns[_INTEGRAL].view(np.float64).ravel() if _INTEGRAL in columns else nothing,
        durations_us=(covered - columns[_IDLE]).astype(np.float64).ravel() if _IDLE in columns else nothing,
        good=whole(_GOOD),
        lows=value(_LOW),
        highs=value(_HIGH, columns.get(_LOW, 0)),
        lasts=value(_LAST, columns.get(_LOW, 0)),
        totals=value(_TOTAL, columns[_LOW] * columns[_GOOD] if _TOTAL in columns else 0),
    )


def _values(columns: Mapping[int, _Wide], column: int, offset: _Wide | int, decimals: npt.NDArray[np.uint8]) -> Values:
    raw = decimals == RAW_VALUES
    scale = np.power(10.0, np.where(raw, 0, decimals).astype(np.float64))[:, None]
    values: Values = (columns[column] + offset) / scale
    if raw.any():
        values[raw] = columns[column][raw].view(np.float64)
    return values


def _zigzag(column: _Wide) -> npt.NDArray[np.uint64]:
    return ((column << 1) ^ (column >> 63)).view(np.uint64)


def _planes(columns: npt.NDArray[np.uint64]) -> bytes:
    """Each column by significance, all its lowest bytes first."""
    return columns.view(np.uint8).reshape(_COLUMNS, QUARTERS, 8).transpose(0, 2, 1).tobytes()
