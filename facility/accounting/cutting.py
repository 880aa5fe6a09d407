"""Edges among spans: how much of what is spread evenly over the spans lies between neighbouring edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from facility.accounting.plausibility import Flags
from facility.accounting.spans import Spans
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
