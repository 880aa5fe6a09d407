"""Amounts that people agreed on in place of what a counter counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from facility.accounting.entries import Correction
from facility.accounting.spans import AGREED, BLOCK, Spans, followed, silent
from facility.series import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """An amount agreed on for [start_us, end_us), spread evenly."""

    start_us: int
    end_us: int
    amount: float


def agreed(corrections: Sequence[Correction]) -> list[Agreed]:
    """Corrections (in the order they were entered) as stretches that do not overlap, in time order.

    Where two overlap the later entered one stands; of the earlier one stays what its other time has of it.
    """
    times_us = sorted({time_us for entry in corrections for time_us in (entry.start_us, entry.end_us)})
    stretches = []
    for start_us, end_us in pairwise(times_us):
        last = next((entry for entry in reversed(corrections) if entry.start_us <= start_us < entry.end_us), None)
        if last is not None:
            share = (end_us - start_us) / (last.end_us - last.start_us)
            stretches.append(Agreed(start_us=start_us, end_us=end_us, amount=last.amount * share))
    return stretches


def corrected(spans: Spans, stretches: Sequence[Agreed]) -> Spans:
    """The spans with what was agreed on in place of what was counted.

    A span that an agreed stretch cuts keeps of its amount what the rest of its time has of it; a block that is cut
    stays a block over the rest, and that is estimated.
    """
    if not stretches:
        return spans
    whole = _reaching(spans, stretches[0].start_us, stretches[-1].end_us)
    bounds_us = _bounds(whole.bounds_us, stretches)
    parents = np.searchsorted(whole.bounds_us, bounds_us[:-1], side="right") - 1
    shares = np.diff(bounds_us) / np.diff(whole.bounds_us)[parents]
    kinds = whole.kinds[parents]
    result = Spans(
        bounds_us=bounds_us,
        amounts=whole.amounts[parents] * shares,
        kinds=kinds,
        estimated=whole.estimated[parents] | ((kinds == BLOCK) & (shares < 1)),
        manual=whole.manual[parents],
    )
    places = np.searchsorted(bounds_us, [each.start_us for each in stretches])
    result.amounts[places] = [each.amount for each in stretches]
    result.kinds[places] = AGREED
    result.estimated[places] = False
    result.manual[places] = True
    return result


def _reaching(spans: Spans, start_us: int, end_us: int) -> Spans:
    """With silent spans before and after, so that they reach from start to end."""
    if not len(spans.bounds_us):
        return silent(np.array([start_us, end_us], np.int64))
    parts = [spans]
    first_us, last_us = int(spans.bounds_us[0]), int(spans.bounds_us[-1])
    if start_us < first_us:
        parts.insert(0, silent(np.array([start_us, first_us], np.int64)))
    if end_us > last_us:
        parts.append(silent(np.array([last_us, end_us], np.int64)))
    return followed(parts)


def _bounds(bounds_us: Times, stretches: Sequence[Agreed]) -> Times:
    """The bounds without those inside a stretch, with the stretches' own."""
    starts_us = np.array([each.start_us for each in stretches], np.int64)
    ends_us = np.array([each.end_us for each in stretches], np.int64)
    stretch = np.searchsorted(starts_us, bounds_us) - 1
    inside = (stretch >= 0) & (bounds_us < ends_us[stretch])
    kept = bounds_us[~inside]
    own = np.union1d(starts_us, ends_us)
    places = np.searchsorted(kept, own)
    fresh = kept[np.minimum(places, len(kept) - 1)] != own
    return np.insert(kept, places[fresh], own[fresh])
