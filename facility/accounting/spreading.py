"""Spans over intervals: each interval's share of what was counted, and how far that can be believed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from facility.accounting.account import Account
from facility.accounting.amounts import GRADES, Amounts, nothing
from facility.accounting.cutting import Cut, cut
from facility.accounting.plausibility import Flags
from facility.accounting.spans import BLOCK, BRIDGED, COVERED, HELD, REJECTED, RESET, SILENT, Spans
from facility.accounting.uncertainty import uncertainty
from facility.accounting.use import Gap, GapKind, Grade
from facility.series import Times, Values


def account(spans: Spans, edges_us: Times, corrected: Spans | None = None, base: Grade = Grade.MEASURED) -> Account:
    """What the intervals between `edges_us` (ascending, at least two) hold.

    Args:
        spans: as the readings gave them, for completeness.
        edges_us: ascending, at least two.
        corrected: the same with what people agreed on, for amounts; None where they agreed on nothing.
        base: how a figure came about that is not estimated.
    """
    final = spans if corrected is None else corrected
    amounts = nothing(edges_us) if not len(final) else _amounts(spans, final, edges_us)
    amounts.base[:] = GRADES.index(base)
    return Account(amounts=amounts, gaps=_gaps(spans, final, int(edges_us[0]), int(edges_us[-1])))


def _amounts(spans: Spans, final: Spans, edges_us: Times) -> Amounts:
    at = cut(final, edges_us)
    spread = final.spread
    values = _values(at, final, spread)
    known = at.of(final.lengths, spread) > 0
    estimated = at.of(final.amounts, spread & final.estimated)
    manual = at.of(final.amounts, spread & final.manual)
    blocks, intervals = _whole_blocks(final, edges_us)
    size = np.abs(final.amounts[blocks])
    np.add.at(values, intervals, final.amounts[blocks])
    np.add.at(estimated, intervals, size * final.estimated[blocks])
    np.add.at(manual, intervals, size * final.manual[blocks])
    known[intervals] = True
    return Amounts(
        edges_us=edges_us,
        values=np.where(known, values, np.nan),
        completeness=_completeness(spans, edges_us),
        estimated=estimated,
        allocated=np.zeros(len(values)),
        manual=manual,
        error=np.where(known, uncertainty(spans, final, edges_us), 0.0),
        base=np.zeros(len(values), np.uint8),
    )


def _values(at: Cut, final: Spans, spread: Flags) -> Values:
    counted = final.amounts if spread.all() else np.where(spread, final.amounts, 0.0)
    values = at.shares(counted)
    return np.maximum(values, 0.0) if counted.min() >= 0 else values


def _completeness(spans: Spans, edges_us: Times) -> Values:
    if not len(spans):
        return np.zeros(len(edges_us) - 1)
    covered_us = cut(spans, edges_us).of(spans.lengths, spans.kinds == COVERED)
    return np.minimum(covered_us / np.diff(edges_us), 1.0)


def _whole_blocks(spans: Spans, edges_us: Times) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Blocks of which an interval holds all, and the intervals."""
    blocks = np.flatnonzero(spans.kinds == BLOCK)
    intervals = np.searchsorted(edges_us, spans.bounds_us[blocks], side="right") - 1
    last = len(edges_us) - 1
    held = (intervals >= 0) & (intervals < last)
    held &= spans.bounds_us[blocks + 1] <= edges_us[np.minimum(intervals + 1, last)]
    return blocks[held], intervals[held]


def _gaps(spans: Spans, final: Spans, start_us: int, end_us: int) -> tuple[Gap, ...]:
    found = final.gaps((BRIDGED, BLOCK), start_us, end_us)
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
