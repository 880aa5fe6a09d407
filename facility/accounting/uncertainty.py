"""How far an interval's amount may be off for lack of a reading at its very ends.

The counter at an edge inside a span lies anywhere between the span's two readings: of the amount a and at the fraction
f of the time, the straight line may be off by max(f, 1 - f) * a. Of an interval with both edges in one span the amount
is anything from 0 to a: with the share d of the time, it may be off by max(d, 1 - d) * a. So it is for a counter that
only rises.
"""

from __future__ import annotations

import numpy as np

from facility.accounting.cutting import Cut, cut
from facility.accounting.plausibility import Flags
from facility.accounting.spans import AGREED, Spans
from facility.series import Times, Values


def uncertainty(spans: Spans, final: Spans, edges_us: Times) -> Values:
    """How far each interval's amount may be off either way.

    Args:
        spans: as the readings gave them.
        final: the same with what people agreed on; `spans` itself where they agreed on nothing.
        edges_us: ascending, at least two.
    """
    at = cut(final, edges_us)
    if final is spans:
        return _within(at, spans, _at_edges(at, spans))
    is_agreed = _touches_agreed(at, final)
    at_edges = np.where(is_agreed, _at_edges(at, final), 0.0)
    if not len(spans):
        return _within(at, final, at_edges)
    at_read = cut(spans, edges_us)
    at_edges = np.where(is_agreed, at_edges, _at_edges(at_read, spans))
    result = np.where(is_agreed[:-1], _within(at, final, at_edges), _within(at_read, spans, at_edges))
    return result + _at_cuts(spans, final, edges_us)


def _touches_agreed(at: Cut, final: Spans) -> Flags:
    """Edges in an agreed stretch or at one of its ends: the rest of a span it cuts is looked at on its own."""
    is_agreed = final.kinds == AGREED
    after = (at.into == 0) & (at.places > 0) & is_agreed[at.places - 1]
    touches: Flags = is_agreed[at.places] | after
    return touches


def _off(shares: Values, amounts: Values) -> Values:
    return np.maximum(shares, 1 - shares) * np.abs(amounts)


def _inside(at: Cut, spans: Spans) -> Flags:
    inside: Flags = (at.into > 0) & (at.into < 1) & spans.spread[at.places]
    return inside


def _at_edges(at: Cut, spans: Spans) -> Values:
    return np.where(_inside(at, spans), _off(at.into, spans.amounts[at.places]), 0.0)


def _within(at: Cut, spans: Spans, at_edges: Values) -> Values:
    """What both edges of an interval contribute, or one span that they both lie in."""
    inside = _inside(at, spans)
    one = inside[:-1] & inside[1:] & (at.places[:-1] == at.places[1:])
    return np.where(one, _off(np.diff(at.into), spans.amounts[at.places[:-1]]), at_edges[:-1] + at_edges[1:])


def _at_cuts(spans: Spans, final: Spans, edges_us: Times) -> Values:
    """What the intervals next to agreed stretches contribute, where such a stretch cuts a span."""
    is_agreed = np.concatenate(([False], final.kinds == AGREED, [False]))
    starts_us = final.bounds_us[is_agreed[1:] & ~is_agreed[:-1]]
    ends_us = final.bounds_us[is_agreed[:-1] & ~is_agreed[1:]]
    before = np.searchsorted(edges_us, starts_us) - 1
    after = np.searchsorted(edges_us, ends_us, side="right") - 1
    result = np.zeros(len(edges_us) - 1)
    for times_us, intervals in ((starts_us, before), (ends_us, after)):
        off = _at_edges(at := cut(spans, times_us), spans)
        within = (intervals >= 0) & (intervals < len(result)) & (at.into > 0)
        np.add.at(result, intervals[within], off[within])
    return result
