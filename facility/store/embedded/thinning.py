"""Leaves out of a counter's readings what changes nothing, without opening the days it lies in.

A day that is plain is stood for by its first two and its last two readings; plain days whose joints are plain too are
stood for as one. A day cut by an edge at a quarter of an hour, or one with a few odd steps, is stood for by its
skeleton. Any other day is opened, and so is whatever lies within `pause_us` of a fall: `facility.accounting.glitches`
judges a reading by its neighbours' neighbours, and a dip by all there is until the counter comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from facility.series import Series, Thinned, Times, unthinned
from facility.store.embedded.days import DAY_US
from facility.store.embedded.skeletons import QUARTER_US, Flags, Skeleton
from facility.store.embedded.summaries import (
    FIRST,
    LAST,
    NEVER_US,
    ROUNDING,
    Summaries,
    is_calm,
    is_plain,
    joins,
    rises_on,
    within_day,
)

OpenDay = Callable[[int], Series]
OpenSkeleton = Callable[[int], Skeleton | None]


class Thinning:
    """Thins out the sealed days of one counter.

    Args:
        edges_us: where it will be cut, ascending, at least two.
        pause_us, rate_per_s: what is plain, see `facility.store.protocol.Store.thinned`.
        touched: days of which something is not sealed yet: those are opened.
        day: gives all that there is of a day, unsealed readings included.
        skeleton: gives a sealed day's skeleton.
    """

    def __init__(
        self,
        edges_us: Sequence[int],
        *,
        pause_us: int,
        rate_per_s: float | None,
        touched: set[int],
        day: OpenDay,
        skeleton: OpenSkeleton,
    ) -> None:
        self._edges = np.asarray(edges_us, np.int64)
        self._pause_us = pause_us
        self._rate_per_s = rate_per_s
        self._touched = touched
        self._day = day
        self._skeleton = skeleton

    def parts(self, summaries: Summaries, before: Series) -> list[Thinned]:
        """The days of `summaries` and those touched, in time order, each part within the outermost edges.

        Args:
            before: the last reading with a value before the first edge, or none.
        """
        near_fall = self._is_near_fall(summaries, before)
        whole = self._is_whole(summaries) & ~near_fall
        calm = is_calm(summaries, self._pause_us, self._rate_per_s) & ~near_fall
        days = summaries["day"].tolist()
        groups = [
            (days[run[0]], self._condensed(summaries[run[0] : run[1] + 1])) for run in self._runs(summaries, whole)
        ]
        groups += [
            (days[index], self._opened(summaries[index], calm=bool(calm[index])))
            for index in np.flatnonzero(~whole).tolist()
        ]
        groups += [(day, unthinned(self._day(day))) for day in self._touched.difference(days)]
        return [self._within(thinned) for _, thinned in sorted(groups, key=lambda group: group[0])]

    def _is_whole(self, summaries: Summaries) -> Flags:
        """Days that are plain and that no edge cuts."""
        before_first = np.searchsorted(self._edges, summaries["times_us"][:, FIRST], side="right")
        before_last = np.searchsorted(self._edges, summaries["times_us"][:, LAST], side="right")
        whole = is_plain(summaries, self._pause_us, self._rate_per_s)
        whole &= (before_first == before_last) & (before_first > 0) & (before_first < len(self._edges))
        if self._touched:
            whole &= ~np.isin(summaries["day"], list(self._touched))
        return whole

    def _is_near_fall(self, summaries: Summaries, before: Series) -> Flags:
        """Days in which the counter fell or may have, or that begin within `pause_us` of where it did."""
        if not len(summaries):
            return np.empty(0, np.bool_)
        near: Flags = summaries["fell_us"] != NEVER_US
        last_fell_us = np.maximum.accumulate(summaries["fell_us"])
        near[1:] |= last_fell_us[:-1] + self._pause_us >= summaries["times_us"][1:, FIRST]
        near[1:] |= ~rises_on(summaries)
        if len(before):
            first = summaries[0]
            fits = before.good[0] and first["statuses"][FIRST] < 64 and first["values"][FIRST] >= before.values[0]
            near[0] |= first["times_us"][FIRST] > before.times_us[0] and not fits
        if self._touched:
            near |= np.isin(summaries["day"], [day + later for day in self._touched for later in (0, 1)])
            near |= summaries["day"] > min(self._touched) if self._pause_us > DAY_US else False
        return near

    def _runs(self, summaries: Summaries, whole: Flags) -> list[tuple[int, int]]:
        """(first, last) of whole days that follow each other plainly, no edge between."""
        if not len(summaries):
            return []
        before_last = np.searchsorted(self._edges, summaries["times_us"][:, LAST], side="right")
        before_first = np.searchsorted(self._edges, summaries["times_us"][:, FIRST], side="right")
        one = joins(summaries, self._pause_us, self._rate_per_s) & whole[1:] & whole[:-1]
        one &= before_last[:-1] == before_first[1:]
        starts = np.flatnonzero(whole & ~np.append(False, one))
        ends = np.flatnonzero(whole & ~np.append(one, False))
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    def _condensed(self, run: Summaries) -> Thinned:
        """Plain days as one, unless the counter was too fast over all of them, each step within its minute or not."""
        thinned = condensed(run)
        if not self._is_too_fast(thinned):
            return thinned
        return joined("", [self._opened(summary, calm=True) for summary in run])

    def _is_too_fast(self, thinned: Thinned) -> bool:
        if self._rate_per_s is None:
            return False
        seconds = np.diff(thinned.series.times_us)[thinned.plain] / 1e6
        rises = np.diff(thinned.series.values)[thinned.plain]
        return bool(np.any(rises * ROUNDING > self._rate_per_s * np.maximum(seconds, 60.0)))

    def _opened(self, summary: np.void, *, calm: bool) -> Thinned:
        day = int(summary["day"])
        if day not in self._touched and (summary["dropped"] or (calm and self._is_cut_at_quarters(summary))):
            skeleton = self._skeleton(day)
            if skeleton is not None:
                plain = skeleton.left_out if calm else np.zeros_like(skeleton.left_out)
                thinned = Thinned(series=skeleton.series, plain=plain)
                if summary["dropped"] or not self._is_too_fast(thinned):
                    return thinned
        return unthinned(self._day(day))

    def _is_cut_at_quarters(self, summary: np.void) -> bool:
        low, high = np.searchsorted(self._edges, within_day(summary))
        return not np.any(self._edges[low:high] % QUARTER_US)

    def _within(self, thinned: Thinned) -> Thinned:
        low, high = np.searchsorted(thinned.series.times_us, (self._edges[0], self._edges[-1]))
        between = thinned.series.between(int(self._edges[0]), int(self._edges[-1]))
        return Thinned(series=between, plain=thinned.plain[low : max(high - 1, low)])


def condensed(run: Summaries) -> Thinned:
    """Plain days that follow each other plainly, by the ends of the first and the last of them."""
    first, last = run[0], run[-1]
    times_us = np.concatenate((first["times_us"][:2], last["times_us"][2:]))
    values = np.concatenate((first["values"][:2], last["values"][2:]))
    statuses = np.concatenate((first["statuses"][:2], last["statuses"][2:]))
    times_us, kept = np.unique(times_us, return_index=True)
    plain = np.zeros(len(kept) - 1, np.bool_)
    if len(kept) == 4:
        plain[1] = True
    elif len(run) > 1 or int(first["count"]) > len(kept):
        plain[:] = True
    return Thinned(
        series=Series(point="", times_us=times_us, values=values[kept], statuses=statuses[kept]), plain=plain
    )


def joined(point: str, parts: Sequence[Thinned]) -> Thinned:
    """Parts in time order as one; nothing was left out between them."""
    parts = [part for part in parts if len(part.series)]
    plain: list[Flags] = []
    for part in parts:
        plain += [part.plain, np.zeros(1, np.bool_)]
    series = Series(
        point=point,
        times_us=np.concatenate([np.empty(0, np.int64), *(part.series.times_us for part in parts)]),
        values=np.concatenate([np.empty(0, np.float64), *(part.series.values for part in parts)]),
        statuses=np.concatenate([np.empty(0, np.uint8), *(part.series.statuses for part in parts)]),
    )
    return Thinned(series=series, plain=np.concatenate([np.empty(0, np.bool_), *plain[:-1]]))


def days_touched(times_us: Times) -> set[int]:
    """The UTC days of some times."""
    return set(np.unique(times_us // DAY_US).tolist())
