"""Quarter hours of a day reckoned at sealing: means, durations, extremes, sums and counts without opening the day.

What a day's last reading holds is left out, because how long it holds is not known yet: who reads adds it. A reading
holds here for at most a quarter of an hour, so that a rollup says what the readings themselves say wherever that does
not bind: when no good reading of the day held longer, or when exactly that was asked for.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.series import Series, Times, Values
from facility.store.aggregation import Amounts, held_columns, held_lengths_us, spans_of
from facility.store.embedded.codec import RAW_VALUES, decimals_of
from facility.store.embedded.days import DAY_US
from facility.store.embedded.frames import Unreadable, check_version, packed, unpacked
from facility.store.embedded.skeletons import QUARTER_US

HOLD_US: Final = QUARTER_US
QUARTERS: Final = DAY_US // QUARTER_US

_VERSION: Final = 2
_HEAD: Final = struct.Struct("<BB")
_COLUMNS: Final = 8
_BODY_BYTES: Final = _HEAD.size + _COLUMNS * QUARTERS * 8
_LEVEL: Final = 5
_INTEGRAL, _COVERED, _IDLE, _GOOD, _LOW, _HIGH, _LAST, _TOTAL = range(_COLUMNS)

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


def unpack_rollups(days: Sequence[int], rows: Sequence[bytes]) -> Amounts:
    """The quarter hours of some days of one point, in order, those without any good reading too.

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
    wide = np.ascontiguousarray(planes.transpose(1, 0, 3, 2)).view(np.uint64).reshape(_COLUMNS, len(bodies), QUARTERS)
    whole = np.cumsum((wide >> 1).view(np.int64) ^ -(wide & 1).view(np.int64), axis=2)
    lows, highs, lasts, totals = _unpacked_values(whole, decimals)
    starts = np.asarray(days, np.int64)[:, None] * DAY_US + np.arange(QUARTERS) * QUARTER_US
    return Amounts(
        starts_us=starts.ravel(),
        covered_us=whole[_COVERED].astype(np.float64).ravel(),
        integrals=whole[_INTEGRAL].view(np.float64).ravel(),
        durations_us=(whole[_COVERED] - whole[_IDLE]).astype(np.float64).ravel(),
        good=whole[_GOOD].astype(np.float64).ravel(),
        lows=lows.ravel(),
        highs=highs.ravel(),
        lasts=lasts.ravel(),
        totals=totals.ravel(),
    )


def _unpacked_values(whole: _Wide, decimals: npt.NDArray[np.uint8]) -> list[Values]:
    scale = np.power(10.0, np.where(decimals == RAW_VALUES, 0, decimals).astype(np.float64))[:, None]
    low, good = whole[_LOW], whole[_GOOD]
    decimal = [low, low + whole[_HIGH], low + whole[_LAST], low * good + whole[_TOTAL]]
    columns: list[Values] = [column / scale for column in decimal]
    raw = decimals == RAW_VALUES
    if raw.any():
        for column, row in zip(columns, (_LOW, _HIGH, _LAST, _TOTAL), strict=True):
            column[raw] = whole[row][raw].view(np.float64)
    return columns


def _zigzag(column: _Wide) -> npt.NDArray[np.uint64]:
    return ((column << 1) ^ (column >> 63)).view(np.uint64)


def _planes(columns: npt.NDArray[np.uint64]) -> bytes:
    """Each column by significance, all its lowest bytes first."""
    return columns.view(np.uint8).reshape(_COLUMNS, QUARTERS, 8).transpose(0, 2, 1).tobytes()
