"""A summary of each sealed day of a point: its ends, and how well-behaved it was. Many questions need no more.

The summaries of one point and 32 days are one row, records one after the other, so that a month of many points is read
at one go.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facility.series import Series
from facility.store.embedded.days import DAY_US
from facility.store.embedded.frames import Unreadable, signed, unsigned
from facility.store.embedded.skeletons import ODD_LIMIT, Steps

SUMMARY: Final = np.dtype(
    [
        ("day", "<i4"),
        ("count", "<u4"),
        ("valued", "<u4"),
        ("good", "<u4"),
        ("odd", "<u4"),
        ("times_us", "<i8", 4),
        ("values", "<f8", 4),
        ("statuses", "u1", 4),
        ("dropped", "u1"),
        ("fell_us", "<i8"),
        ("pause_us", "<i8"),
        ("held_us", "<i8"),
        ("steepest", "<f8"),
    ]
)
"""`times_us`, `values` and `statuses` are those of the first, second, last but one and last reading (with one reading
four times the same; a missing value is NaN). `odd` counts the steps that are odd, see `skeletons`; `pause_us` and
`steepest` (unit per second, over at least a minute) are the longest and the fastest of the others. `held_us` is the
longest time for which a good reading held until the next one of the day, `fell_us` the time of the last good reading
that the next good one is lower than (NEVER_US: none). `dropped`: the readings are gone, but for the
skeleton.
"""

FIRST: Final = 0
SECOND: Final = 1
LAST_BUT_ONE: Final = 2
LAST: Final = 3

NEVER_US: Final = -(2**62)

Summaries = npt.NDArray[np.void]
"""Records of SUMMARY, by day."""


def summary_of(day: int, series: Series, steps: Steps) -> Summaries:
    """The summary of one day's readings, at least one, as one record."""
    count = len(series)
    ends = [0, min(1, count - 1), max(count - 2, 0), count - 1]
    even = ~steps.odd
    record = np.zeros(1, SUMMARY)
    record["day"], record["count"], record["odd"] = day, count, int(steps.odd.sum())
    record["valued"], record["good"] = count - int(np.isnan(series.values).sum()), int(series.good.sum())
    record["times_us"], record["values"] = series.times_us[ends], series.values[ends]
    record["statuses"] = series.statuses[ends]
    record["pause_us"] = steps.lengths_us[even].max(initial=0)
    record["fell_us"] = _fell_us(series)
    record["held_us"] = steps.lengths_us[series.good[:-1]].max(initial=0)
    record["steepest"] = steps.rates.max(initial=0.0)
    return record


def _fell_us(series: Series) -> int:
    good = series.good
    falls = np.flatnonzero(np.diff(series.values[good]) < 0)
    return int(series.times_us[good][falls[-1]]) if len(falls) else NEVER_US


def with_summary(held: Summaries, record: Summaries) -> Summaries:
    """`held` with a record put in, or put in the place of its day's."""
    others = held[held["day"] != record["day"][0]]
    at = int(np.searchsorted(others["day"], record["day"][0]))
    return joined_summaries((others[:at].tobytes(), record.tobytes(), others[at:].tobytes()))


def pack_summaries(summaries: Summaries) -> bytes:
    """Records as bytes."""
    return signed(summaries.tobytes())


def checked_summaries(data: bytes) -> memoryview:
    """The records' bytes.

    Raises:
        Unreadable: the bytes are not what was written.
    """
    body = unsigned(data)
    if len(body) % SUMMARY.itemsize:
        raise Unreadable("summaries of another length")
    return body


def joined_summaries(parts: Iterable[bytes | memoryview]) -> Summaries:
    """Records one after the other; much faster than numpy joins records."""
    return np.frombuffer(b"".join(parts), SUMMARY)


def is_calm(summaries: Summaries, pause_us: int, rate_per_s: float | None) -> npt.NDArray[np.bool_]:
    """Days whose steps that are not odd take no longer than `pause_us` and rise no faster than `rate_per_s`."""
    fastest = math.inf if rate_per_s is None else rate_per_s
    calm: npt.NDArray[np.bool_] = (summaries["pause_us"] <= pause_us) & (summaries["steepest"] * ROUNDING <= fastest)
    calm &= summaries["odd"] <= ODD_LIMIT
    return calm


def is_plain(summaries: Summaries, pause_us: int, rate_per_s: float | None) -> npt.NDArray[np.bool_]:
    """Days all of whose readings are good, none falling, pausing longer or rising faster than that."""
    whole = (summaries["odd"] == 0) & (summaries["good"] == summaries["count"])
    plain: npt.NDArray[np.bool_] = is_calm(summaries, pause_us, rate_per_s) & whole
    return plain


def joins(summaries: Summaries, pause_us: int, rate_per_s: float | None) -> npt.NDArray[np.bool_]:
    """Whether the step from each day's last reading to the next record's first is as plain as that."""
    before, after = summaries[:-1], summaries[1:]
    return steps_plainly(
        Ends(before["times_us"][:, LAST], before["values"][:, LAST], before["statuses"][:, LAST]),
        Ends(after["times_us"][:, FIRST], after["values"][:, FIRST], after["statuses"][:, FIRST]),
        pause_us,
        rate_per_s,
    )


class Ends:
    """Readings at one end of something, as columns (or as single numbers)."""

    __slots__ = ("statuses", "times_us", "values")

    def __init__(self, times_us: Any, values: Any, statuses: Any) -> None:
        self.times_us = times_us
        self.values = values
        self.statuses = statuses


def rises_on(summaries: Summaries) -> npt.NDArray[np.bool_]:
    """Whether each day's last reading and the next record's first are good, and the counter did not fall between."""
    before, after = summaries[:-1], summaries[1:]
    good = (before["statuses"][:, LAST] < 64) & (after["statuses"][:, FIRST] < 64)
    rises: npt.NDArray[np.bool_] = good & (after["values"][:, FIRST] >= before["values"][:, LAST])
    return rises


def steps_plainly(before: Ends, after: Ends, pause_us: int, rate_per_s: float | None) -> npt.NDArray[np.bool_]:
    """Steps between good readings that neither fall, nor take longer than `pause_us`, nor rise too fast."""
    lengths = after.times_us - before.times_us
    rises = after.values - before.values
    good = (before.statuses < 64) & (after.statuses < 64)
    plain: npt.NDArray[np.bool_] = good & (rises >= 0) & (lengths <= pause_us)
    if rate_per_s is not None:
        plain = plain & (rises * ROUNDING <= rate_per_s * np.maximum(lengths / 1e6, 60.0))
    return plain


def within_day(summary: Any) -> tuple[int, int]:
    """[start, end) of a record's day."""
    start_us = int(summary["day"]) * DAY_US
    return start_us, start_us + DAY_US


ROUNDING: Final = 1.0 + 1e-12
"""A rate that is the limit but for rounding is looked at closely."""
