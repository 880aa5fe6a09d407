"""How a reading becomes samples of VictoriaMetrics, and back, bit for bit.

VictoriaMetrics keeps milliseconds, drops NaN and keeps about twelve significant digits of a number; of whole numbers it
keeps 53 bits. So a reading is one line at its millisecond with up to four fields (metrics `reading_<field>`):

    value   the number, rounded to what survives: at most four decimals and eleven digits; what dashboards show.
            Absent without a value, and from 1e11 on.
    mark    status + 256 * form + 1024 * microseconds within the millisecond; `mark % 256` is the status.
    high    form 1 and 2: the upper 35 bits of the float64, where `value` is not the number to the last bit.
    low     form 2: the lower 29 bits. Form 1 (they are 0) holds every number that was a float32.

Labels: `db`, `point` and, for what was written over an earlier reading of the same millisecond, `revision`. No series
ever gets two different samples of one time, so a server that drops repeated samples changes nothing.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from facility.series import FIRST_BAD, Series, Statuses, Times, Values, empty_series, ordered

FIELDS: Final = ("value", "mark", "high", "low")

_LOW_BITS: Final = 29
_LOW_MASK: Final = (1 << _LOW_BITS) - 1
_DECIMALS: Final = ((1e7, 4), (1e8, 3), (1e9, 2), (1e10, 1), (1e11, 0))

Samples = tuple[Times, Values]
"""Times in milliseconds, ascending, and values of one field."""


class Placed(NamedTuple):
    """A reading with its place: `value` NaN where there is none, `revision` 0 for the first of its millisecond."""

    time_us: int
    value: float
    status: int
    revision: int

    @property
    def time_ms(self) -> int:
        """The millisecond it lies in."""
        return self.time_us // 1000

    def says(self, time_us: int, value: float, status: int) -> bool:
        """Whether it is this very reading, to the last bit."""
        return self.time_us == time_us and self.status == status and _bits(self.value) == _bits(value)


def line_of(database: str, tag: str, placed: Placed) -> str:
    """The reading in line protocol, time in milliseconds. `database` and `tag` are tag values."""
    revision = f",revision={placed.revision}" if placed.revision else ""
    return f"reading,db={database},point={tag}{revision} {_fields(placed)} {placed.time_ms}"


def _fields(placed: Placed) -> str:
    mark = placed.status + 1024 * (placed.time_us % 1000)
    value = placed.value
    if math.isnan(value):
        return f"mark={mark}"
    shown = _shown(value)
    if shown is not None and shown == value and (value != 0.0 or math.copysign(1.0, value) > 0):
        return f"value={value!r},mark={mark}"
    bits = _bits(value)
    start = "" if shown is None else f"value={shown!r},"
    if bits & _LOW_MASK == 0:
        return f"{start}mark={mark + 256},high={bits >> _LOW_BITS}"
    return f"{start}mark={mark + 512},high={bits >> _LOW_BITS},low={bits & _LOW_MASK}"


def _shown(value: float) -> float | None:
    size = abs(value)
    for limit, decimals in _DECIMALS:
        if size < limit:
            return round(value, decimals)
    return None


def _bits(value: float) -> int:
    bits: int = struct.unpack("<Q", struct.pack("<d", value))[0]
    return bits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stored:
    """Samples of one point, by revision and field."""

    point: str
    revisions: Mapping[int, Mapping[str, Samples]]

    def series(self) -> Series:
        """The readings in time order; of two at one time that of the later revision."""
        parts = [_decoded(self.point, self.revisions[revision]) for revision in sorted(self.revisions)]
        return parts[0] if len(parts) == 1 else joined(self.point, parts)

    def occupied(self) -> dict[int, list[Placed]]:
        """What lies in each millisecond, earlier revisions first. Samples that are no whole reading (what a crash of
        the server may leave) count, as a reading that says nothing.
        """
        found: dict[int, list[Placed]] = {}
        for revision in sorted(self.revisions):
            samples = self.revisions[revision]
            whole = {placed.time_ms: placed for placed in placed_of(_decoded(self.point, samples), revision)}
            for time_ms in np.unique(np.concatenate([times_ms for times_ms, _ in samples.values()])).tolist():
                placed = whole.get(time_ms, Placed(time_ms * 1000, math.nan, 0, revision))
                found.setdefault(time_ms, []).append(placed)
        return found


def placed_of(series: Series, revision: int) -> Iterable[Placed]:
    """The readings of a series as objects."""
    columns = (series.times_us.tolist(), series.values.tolist(), series.statuses.tolist())
    return (Placed(time_us, value, status, revision) for time_us, value, status in zip(*columns, strict=True))


def series_of(point: str, placed: Sequence[Placed]) -> Series:
    """Readings in the order they were written, put in time order; the later write stays."""
    if not placed:
        return empty_series(point)
    times_us, values, statuses, _ = zip(*placed, strict=True)
    return ordered(
        Series(
            point=point,
            times_us=np.array(times_us, np.int64),
            values=np.array(values, np.float64),
            statuses=np.array(statuses, np.uint8),
        )
    )


def joined(point: str, parts: Sequence[Series]) -> Series:
    """All readings of the parts in time order; where several have one time, that of the later part stays."""
    if not parts:
        return empty_series(point)
    return ordered(
        Series(
            point=point,
            times_us=np.concatenate([part.times_us for part in parts]),
            values=np.concatenate([part.values for part in parts]),
            statuses=np.concatenate([part.statuses for part in parts]),
        )
    )


def _decoded(point: str, samples: Mapping[str, Samples]) -> Series:
    """The whole readings of one revision. A mark whose number is not there is none (yet)."""
    times_ms, marks = samples.get("mark", (np.empty(0, np.int64), np.empty(0)))
    whole_marks = marks.astype(np.int64)
    statuses: Statuses = (whole_marks & 255).astype(np.uint8)
    form = (whole_marks >> 8) & 3
    shown, has_shown = _at(samples.get("value"), times_ms)
    high, has_high = _at(samples.get("high"), times_ms)
    low, has_low = _at(samples.get("low"), times_ms)
    exact = (high.astype(np.uint64) << np.uint64(_LOW_BITS)) | low.astype(np.uint64)
    values = np.where(form == 0, shown, exact.view(np.float64))
    bad = statuses >= FIRST_BAD
    kept = bad | np.select([form == 0, form == 1], [has_shown, has_high], has_high & has_low)
    return Series(
        point=point,
        times_us=(times_ms * 1000 + (whole_marks >> 10))[kept],
        values=np.where(bad, np.nan, values)[kept],
        statuses=statuses[kept],
    )


def _at(samples: Samples | None, times_ms: Times) -> tuple[Values, npt.NDArray[np.bool_]]:
    """Values at these times, 0 where there is none, and whether there is one."""
    if samples is None or not len(samples[0]):
        return np.zeros(len(times_ms)), np.zeros(len(times_ms), np.bool_)
    index = np.minimum(np.searchsorted(samples[0], times_ms), len(samples[0]) - 1)
    found = samples[0][index] == times_ms
    return np.where(found, samples[1][index], 0.0), found
