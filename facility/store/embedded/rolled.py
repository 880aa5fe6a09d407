"""Aggregates of one point from what was reckoned at sealing, wherever that says what the readings say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Final

import numpy as np

from facility.series import Series, Times, empty_series
from facility.store.aggregation import Amounts, Spans, amounts_of, held_lengths_us, spans_of
from facility.store.embedded.days import DAY_US, day_of
from facility.store.embedded.rollups import HOLD_US
from facility.store.embedded.skeletons import QUARTER_US, Flags
from facility.store.embedded.summaries import FIRST, LAST, Summaries

OpenDay = Callable[[int], Series]
OpenRollups = Callable[[list[int]], tuple[Amounts | None, list[int]]]

_COLUMNS: Final = tuple(field.name for field in fields(Amounts))


class RolledParts:
    """Parts of an aggregate between `edges`, day by day: rolled up, or opened.

    A day is opened when an edge cuts it elsewhere than at a quarter of an hour, when something of it is not sealed yet,
    or when one of its good readings held so long that the answer depends on `hold_us`; a day whose readings were
    dropped never is.

    Args:
        day: gives all that there is of a day, unsealed readings included.
        rollups: gives quarter hours of the days asked for, and the days whose rollup cannot be read.
    """

    def __init__(
        self,
        edges: Times,
        *,
        hold_us: int,
        touched: set[int],
        day: OpenDay,
        rollups: OpenRollups,
    ) -> None:
        self._edges = edges
        self._hold_us = hold_us
        self._touched = touched
        self._day = day
        self._rollups = rollups

    def parts(self, summaries: Summaries) -> tuple[Spans, Amounts]:
        """What the readings in `summaries`' days and the touched ones hold, and what was reckoned of them."""
        rolled = self._is_rolled(summaries)
        amounts, unreadable = self._reckoned(summaries["day"][rolled])
        if unreadable:
            rolled &= ~np.isin(summaries["day"], unreadable)
        opened = self._touched.union(summaries["day"][~rolled].tolist())
        series = {day: self._day(day) for day in sorted(opened)}
        firsts_us = np.sort(
            np.concatenate(
                (
                    summaries["times_us"][rolled, FIRST],
                    np.array([int(part.times_us[0]) for part in series.values() if len(part)], np.int64),
                )
            )
        )
        spans = [self._last_spans(summaries[rolled], firsts_us)]
        spans += [self._spans(part, firsts_us) for part in series.values() if len(part)]
        return _in_order(spans), _amounts_in_order([*amounts, *(amounts_of(part) for part in series.values())])

    def _is_rolled(self, summaries: Summaries) -> Flags:
        rolled = (summaries["held_us"] <= min(self._hold_us, HOLD_US)) | (self._hold_us == HOLD_US)
        odd = self._edges[self._edges % QUARTER_US != 0]
        if len(odd):
            rolled &= ~np.isin(summaries["day"], odd // DAY_US)
        rolled |= summaries["dropped"] == 1
        if self._touched:
            rolled &= ~np.isin(summaries["day"], list(self._touched))
        return rolled

    def _reckoned(self, days: Times) -> tuple[list[Amounts], list[int]]:
        """Quarter hours of days that reach into the outermost edges."""
        first, last = day_of(int(self._edges[0])), day_of(int(self._edges[-1]) - 1)
        amounts, unreadable = self._rollups(days[(days >= first) & (days <= last)].tolist())
        return ([] if amounts is None else [amounts]), unreadable

    def _last_spans(self, summaries: Summaries, firsts_us: Times) -> Spans:
        """What the last readings of rolled days hold: until the day that follows speaks."""
        times_us = summaries["times_us"][:, LAST]
        until_us = np.append(firsts_us, _NEVER_US)[np.searchsorted(firsts_us, times_us, side="right")]
        values, good = summaries["values"][:, LAST], summaries["statuses"][:, LAST] < 64
        return Spans(
            starts_us=times_us,
            lengths_us=np.where(good, np.minimum(until_us - times_us, self._hold_us), 0).astype(np.float64),
            values=np.where(good, values, 0.0),
        )

    def _spans(self, series: Series, firsts_us: Times) -> Spans:
        at = int(np.searchsorted(firsts_us, series.times_us[-1], side="right"))
        until_us = int(firsts_us[at]) if at < len(firsts_us) else None
        return spans_of(series, held_lengths_us(series, hold_us=self._hold_us, until_us=until_us))


_NEVER_US: Final = 2**62


def _in_order(parts: list[Spans]) -> Spans:
    starts_us = np.concatenate([part.starts_us for part in parts])
    order = np.argsort(starts_us, kind="stable")
    return Spans(
        starts_us=starts_us[order],
        lengths_us=np.concatenate([part.lengths_us for part in parts])[order],
        values=np.concatenate([part.values for part in parts])[order],
    )


def _amounts_in_order(parts: list[Amounts]) -> Amounts:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return amounts_of(empty_series(""))
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
    order = np.argsort(columns["starts_us"], kind="stable")
    return Amounts(**{name: column[order] for name, column in columns.items()})
