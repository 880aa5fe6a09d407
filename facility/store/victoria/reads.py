"""Reading from VictoriaMetrics: what it has stored, and over it what it acknowledged and does not show yet."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import numpy as np

from facility.series import Series, Thinned, merged, unthinned
from facility.store.aggregation import aggregated
from facility.store.protocol import Aggregate, Bucket
from facility.store.victoria.encoding import Stored, joined, series_of
from facility.store.victoria.queries import Queries
from facility.store.victoria.recent import Recent

_VALUED: Final = ("value", "high")
_NEAR_US: Final = 3_600_000_000


class Reads:
    """The part of the store that answers from raw samples. Any thread may call."""

    def __init__(self, queries: Queries, recent: Recent) -> None:
        self._queries = queries
        self._recent = recent

    def raw(self, point: str, start_us: int, end_us: int) -> Series:
        """Every reading of `point` in [start, end), in time order; an unknown point gives an empty series."""
        before = self._recent.of(point)
        stored = self._stored(point, start_us, end_us)
        unseen = series_of(point, before + self._recent.of(point))
        return joined(point, [stored.between(start_us, end_us), unseen.between(start_us, end_us)])

    def _stored(self, point: str, start_us: int, end_us: int) -> Series:
        found = self._queries.samples([point], start_us // 1000, (end_us - 1) // 1000)
        return found.get(point, Stored(point=point, revisions={})).series()

    def around(self, point: str, start_us: int, end_us: int) -> Series:
        """As `raw`, with the last reading with a value before and the first one at or after the end."""
        before, after = self._before(point, start_us, _VALUED), self._after(point, end_us, _VALUED)
        return merged(merged(before, self.raw(point, start_us, end_us)), after)

    def _before(self, point: str, bound_us: int, fields: Sequence[str]) -> Series:
        """The last reading before `bound_us`, with a value where `fields` are those of values; one reading, or none."""
        while True:
            stored_ms = self._queries.last_ms(point, fields, (bound_us - 1) // 1000)
            unseen = [one.time_us for one in self._recent.of(point) if one.time_us < bound_us]
            candidates_us = [*unseen, *([] if stored_ms is None else [stored_ms * 1000])]
            if not candidates_us:
                return series_of(point, [])
            start_us = max(candidates_us) - _NEAR_US
            found = _wanted(self.raw(point, start_us, bound_us), fields)
            if len(found):
                return found.between(int(found.times_us[-1]), bound_us)
            bound_us = start_us  # all of these were taken back by a later write

    def _after(self, point: str, bound_us: int, fields: Sequence[str]) -> Series:
        """The first reading at or after `bound_us`, as `_before`."""
        while True:
            stored_ms = self._queries.first_ms(point, fields, bound_us // 1000, self._last_ms())
            unseen = [one.time_us for one in self._recent.of(point) if one.time_us >= bound_us]
            candidates_us = [*unseen, *([] if stored_ms is None else [stored_ms * 1000])]
            if not candidates_us:
                return series_of(point, [])
            end_us = max(bound_us, min(candidates_us)) + _NEAR_US
            found = _wanted(self.raw(point, bound_us, end_us), fields)
            if len(found):
                return found.between(bound_us, int(found.times_us[0]) + 1)
            bound_us = end_us

    def thinned(
        self,
        point: str,
        edges_us: Sequence[int],
        *,
        pause_us: int,  # noqa: ARG002
        rate_per_s: float | None,  # noqa: ARG002
    ) -> Thinned:
        """All readings: the server keeps no summaries."""
        return unthinned(self.around(point, edges_us[0], edges_us[-1]))

    def aggregate(self, point: str, edges_us: Sequence[int], how: Aggregate, *, hold_us: int) -> list[Bucket]:
        """One bucket for each pair of neighbouring `edges_us`."""
        return aggregated(self.raw(point, edges_us[0] - hold_us, edges_us[-1]), edges_us, how, hold_us=hold_us)

    def _last_ms(self) -> int:
        """No sample of the server is later."""
        return round((time.time() + 4 * 86_400) * 1000)


def _wanted(series: Series, fields: Sequence[str]) -> Series:
    """Those with a value, or all when `fields` are not those of values."""
    if tuple(fields) != _VALUED:
        return series
    kept = ~np.isnan(series.values)
    return Series(
        point=series.point, times_us=series.times_us[kept], values=series.values[kept], statuses=series.statuses[kept]
    )
