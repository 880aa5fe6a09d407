"""By how much many counters rose between two times, all at once, as far as that is plain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.series import Times, Values
from facility.store.embedded.days import day_of
from facility.store.embedded.shelf import Shelf
from facility.store.embedded.skeletons import QUARTER_US
from facility.store.embedded.summaries import FIRST, LAST, Summaries, is_plain, joins

Places = npt.NDArray[np.intp]

_BEYOND_DAYS: Final = 1
"""A reading is looked for so many days beyond the edges."""


def plain_increases(
    shelf: Shelf,
    points: Sequence[tuple[int, str]],
    edges_us: tuple[int, int],
    *,
    pause_us: int,
    rate_per_s: float | None,
) -> Values:
    """The increase of each point (number, name) between the edges, from what is sealed; NaN where it is not plain.

    It is plain when all days from the reading before the first edge to the one after the last are, and their joints.
    What a counter showed at an edge lies evenly between the readings next to it.
    """
    records, counts = _all_summaries(shelf, points, edges_us)
    increases = np.full(len(points), np.nan)
    sealed = np.flatnonzero(counts)
    if not len(sealed):
        return increases
    ends = np.cumsum(counts)[sealed]
    starts = ends - counts[sealed]
    odd = ~is_plain(records, pause_us, rate_per_s)
    odd[1:] |= ~joins(records, pause_us, rate_per_s) & ~np.isin(np.arange(1, len(records)), starts)
    odd_before = np.concatenate(([0], np.cumsum(odd)))
    low = _places(records, starts, edges_us[0])
    high = _places(records, starts, edges_us[1])
    after = high + (records["times_us"][np.minimum(high, len(records) - 1), LAST] < edges_us[1])
    known = (low >= starts) & (after < ends)
    known[known] &= odd_before[after[known] + 1] == odd_before[low[known] + 1]
    known[known] &= is_plain(records[low[known]], pause_us, rate_per_s)
    named = [points[place] for place in sealed[known].tolist()]
    risen = _shown(shelf, named, records, high[known], edges_us[1])
    increases[sealed[known]] = risen - _shown(shelf, named, records, low[known], edges_us[0])
    return increases


def _all_summaries(
    shelf: Shelf, points: Sequence[tuple[int, str]], edges_us: tuple[int, int]
) -> tuple[Summaries, Places]:
    """Summaries of all points, point after point, and how many each has."""
    first, last = day_of(edges_us[0]) - _BEYOND_DAYS, day_of(edges_us[1]) + _BEYOND_DAYS
    records, counts = shelf.summaries_of_many(points, first, last)
    inside = (records["day"] >= first) & (records["day"] <= last)
    owners = np.repeat(np.arange(len(points)), counts)[inside]
    return records[inside], np.bincount(owners, minlength=len(points)).astype(np.intp)


def _places(records: Summaries, starts: Places, edge_us: int) -> Places:
    """Of each point the last day that begins before the edge or at it; one before its first where none does."""
    begun = np.add.reduceat((records["times_us"][:, FIRST] <= edge_us).astype(np.intp), starts)
    places: Places = starts + begun - 1
    return places


def _shown(shelf: Shelf, points: Sequence[tuple[int, str]], records: Summaries, places: Places, edge_us: int) -> Values:
    """What the counters showed at the edge, which lies in the days at `places` or right after them."""
    before_us, before = records["times_us"][places, LAST], records["values"][places, LAST]
    following = np.minimum(places + 1, len(records) - 1)
    after_us, after = records["times_us"][following, FIRST], records["values"][following, FIRST]
    within = before_us >= edge_us
    lengths = np.where(within, 1, after_us - before_us)
    shown: Values = before + (after - before) * ((edge_us - before_us) / lengths)
    for index in np.flatnonzero(within).tolist():
        number, point = points[index]
        shown[index] = _shown_within(shelf, number, point, int(records["day"][places[index]]), edge_us)
    return shown


def _shown_within(shelf: Shelf, number: int, point: str, day: int, edge_us: int) -> float:
    skeleton = shelf.skeleton(number, point, day) if edge_us % QUARTER_US == 0 else None
    series = shelf.day(number, point, day) if skeleton is None else skeleton.series
    return _between(series.times_us, series.values, edge_us)


def _between(times_us: Times, values: Values, edge_us: int) -> float:
    at = int(np.searchsorted(times_us, edge_us))
    if times_us[at] == edge_us:
        return float(values[at])
    share = (edge_us - times_us[at - 1]) / (times_us[at] - times_us[at - 1])
    return float(values[at - 1] + (values[at] - values[at - 1]) * share)
