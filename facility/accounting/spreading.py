"""Spans over intervals: each interval's share of what was counted, and how far that can be believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from facility.accounting.account import Account
from facility.accounting.amounts import GRADES, Amounts, nothing
from facility.accounting.plausibility import Flags
from facility.accounting.spans import BLOCK, BRIDGED, COVERED, HELD, REJECTED, RESET, SILENT, Spans
from facility.accounting.use import Gap, GapKind, Grade
from facility.series import Times, Values


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """Where edges lie among spans: in which one, and how far into it (0..1)."""

    places: npt.NDArray[np.intp]
    into: Values

    def shares(self, amounts: Values) -> Values:
        """Each interval's share of amounts that are spread evenly over their spans."""
        sums = np.empty(len(amounts) + 1)
        sums[0] = 0.0
        np.cumsum(amounts, out=sums[1:])
        return np.diff(sums[self.places] + self.into * amounts[self.places])

    def of(self, column: Values, mask: Flags) -> Values:
        """As `shares`, of those spans only; never below 0."""
        if not mask.any():
            return np.zeros(len(self.places) - 1)
        return np.maximum(self.shares(np.where(mask, np.abs(column), 0.0)), 0.0)


def cut(spans: Spans, edges_us: Times) -> Cut:
    """Where the edges lie; those outside lie at the first or last bound."""
    bounds = spans.bounds_us
    places = np.clip(np.searchsorted(bounds, edges_us, side="right") - 1, 0, len(spans) - 1)
    lengths = bounds[places + 1] - bounds[places]
    return Cut(places=places, into=np.clip(edges_us - bounds[places], 0, lengths) / lengths)


def account(spans: Spans, agreed: Spans, edges_us: Times, base: Grade = Grade.MEASURED) -> Account:
    """What the intervals between `edges_us` hold.

    Args:
        spans: as the readings gave them, for completeness.
        agreed: the same with corrections, for amounts; `spans` itself where there are none.
        edges_us: ascending, at least two.
        base: how a figure came about that is not estimated.
    """
    amounts = nothing(edges_us) if not len(agreed) else _amounts(spans, agreed, edges_us)
    amounts.base[:] = GRADES.index(base)
    return Account(amounts=amounts, gaps=_gaps(spans, agreed, int(edges_us[0]), int(edges_us[-1])))


def _amounts(spans: Spans, agreed: Spans, edges_us: Times) -> Amounts:
    at = cut(agreed, edges_us)
    spread = agreed.spread
    counted = agreed.amounts if spread.all() else np.where(spread, agreed.amounts, 0.0)
    values = at.shares(counted)
    if counted.min() >= 0:
        np.maximum(values, 0.0, out=values)
    known = at.of(agreed.lengths, spread) > 0
    estimated = at.of(agreed.amounts, spread & agreed.estimated)
    manual = at.of(agreed.amounts, spread & agreed.manual)
    blocks, intervals = _whole_blocks(agreed, edges_us)
    size = np.abs(agreed.amounts[blocks])
    np.add.at(values, intervals, agreed.amounts[blocks])
    np.add.at(estimated, intervals, size * agreed.estimated[blocks])
    np.add.at(manual, intervals, size * agreed.manual[blocks])
    known[intervals] = True
    return Amounts(
        edges_us=edges_us,
        values=np.where(known, values, np.nan),
        completeness=_completeness(spans, edges_us),
        estimated=estimated,
        allocated=np.zeros(len(values)),
        manual=manual,
        error=np.where(known, _errors(at, agreed, spread), 0.0),
        base=np.zeros(len(values), np.uint8),
    )


def _completeness(spans: Spans, edges_us: Times) -> Values:
    if not len(spans):
        return np.zeros(len(edges_us) - 1)
    covered_us = cut(spans, edges_us).of(spans.lengths, spans.kinds == COVERED)
    return np.minimum(covered_us / np.diff(edges_us), 1.0)


def _errors(at: Cut, spans: Spans, spread: Flags) -> Values:
    """How far the shares may be off: the counter at an edge inside a span lies anywhere between its two readings.

    Two edges in one span are one question, not two: what lies between them is anything up to what the span counted.
    """
    size = np.abs(spans.amounts[at.places])
    inside = (at.into > 0) & (at.into < 1) & spread[at.places]
    at_edges = np.where(inside, np.maximum(at.into, 1 - at.into) * size, 0.0)
    share = np.diff(at.into)
    within = inside[:-1] & inside[1:] & (at.places[:-1] == at.places[1:])
    return np.where(within, np.maximum(share, 1 - share) * size[:-1], at_edges[:-1] + at_edges[1:])


def _whole_blocks(spans: Spans, edges_us: Times) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Blocks of which an interval holds all, and the intervals."""
    blocks = np.flatnonzero(spans.kinds == BLOCK)
    intervals = np.searchsorted(edges_us, spans.bounds_us[blocks], side="right") - 1
    last = len(edges_us) - 1
    held = (intervals >= 0) & (intervals < last)
    held &= spans.bounds_us[blocks + 1] <= edges_us[np.minimum(intervals + 1, last)]
    return blocks[held], intervals[held]


def _gaps(spans: Spans, agreed: Spans, start_us: int, end_us: int) -> tuple[Gap, ...]:
    found = agreed.gaps((BRIDGED, BLOCK), start_us, end_us)
    found += spans.gaps((RESET, HELD, REJECTED, SILENT), start_us, end_us)
    found += _outside(spans, start_us, end_us)
    return tuple(sorted(found, key=lambda gap: gap.start_us))


def _outside(spans: Spans, start_us: int, end_us: int) -> list[Gap]:
    """The silence before the first reading and after the last."""
    stretches = [(start_us, end_us)]
    if len(spans.bounds_us):
        first_us, last_us = int(spans.bounds_us[0]), int(spans.bounds_us[-1])
        stretches = [(start_us, min(first_us, end_us)), (max(last_us, start_us), end_us)]
    return [
        Gap(kind=GapKind.SILENT, start_us=start, end_us=end, amount=None) for start, end in stretches if start < end
    ]
