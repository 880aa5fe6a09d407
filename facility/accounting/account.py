"""What one meter used in neighbouring intervals, and what is not simply measured of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facility.accounting.amounts import Amounts, scaled
from facility.accounting.use import Gap, GapKind
from facility.series import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one meter used.

    What its intervals hold and what `blocks` lie across its inner edges make up what one interval over all of them
    holds.

    Attributes:
        amounts: over the edges asked for.
        gaps: what reaches into them and is not simply measured, each with its true times (SILENT: within the edges),
            in time order.
    """

    amounts: Amounts
    gaps: tuple[Gap, ...]

    @property
    def blocks(self) -> tuple[Gap, ...]:
        """What was counted in a silence that lies across an edge: known as a whole, and in no interval."""
        edges_us = self.amounts.edges_us
        blocks = [gap for gap in self.gaps if gap.kind is GapKind.BLOCK]
        places = np.searchsorted(edges_us, [gap.start_us for gap in blocks], side="right").tolist()
        return tuple(
            gap for gap, place in zip(blocks, places, strict=True)
            if not 0 < place < len(edges_us) or gap.end_us > edges_us[place]
        )  # fmt: skip

    def scaled(self, factor: float) -> Account:
        """In another unit: `factor` of it to one of this (kWh to one pulse)."""
        gaps = (gap if gap.amount is None else replace(gap, amount=gap.amount * factor) for gap in self.gaps)
        return Account(amounts=scaled(self.amounts, factor), gaps=tuple(gaps))


def checked_edges(edges_us: Sequence[int] | Times) -> Times:
    """Edges as a column.

    Raises:
        ValueError: fewer than two, or not ascending.
    """
    edges = np.asarray(edges_us, np.int64)
    if len(edges) < 2 or bool(np.any(edges[1:] <= edges[:-1])):
        raise ValueError("consumption needs at least two edges, each later than the one before")
    return edges
