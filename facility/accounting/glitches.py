"""Readings that the counter itself contradicts: single wrong ones, and dips from which it comes back."""

from __future__ import annotations

import numpy as np

from facility.accounting.plausibility import CounterRules, Flags
from facility.series import Times, Values


def kept(times_us: Times, values: Values, rules: CounterRules) -> Flags | None:
    """Which readings are left when those are left out that their neighbours contradict; None: all of them.

    Left out are a single reading without which its neighbours agree (of several in a row the first), unless it lies
    between them at the end of a gap; and then all readings of a dip: below a value from which the counter fell and to
    which it came back within `hold_us`. So a reading decides only about others within `hold_us` of its neighbours'
    neighbours.
    """
    if len(values) < 3:
        return None
    _, fits = rules.judged(values[:-1], values[1:], np.diff(times_us) / 1e6)
    if fits.all():
        return None
    keep = ~_single(times_us, values, fits, rules)
    if not rules.bidirectional:
        left = np.flatnonzero(keep)
        keep[left[_dips(times_us[left], values[left], rules)]] = False
    return keep


def _single(times_us: Times, values: Values, fits: Flags, rules: CounterRules) -> Flags:
    doubtful = np.flatnonzero(~(fits[:-1] & fits[1:]))
    before, own, after = values[doubtful], values[doubtful + 1], values[doubtful + 2]
    agreed = rules.believes(after - before, (times_us[doubtful + 2] - times_us[doubtful]) / 1e6)
    in_order = (np.minimum(before, after) <= own) & (own <= np.maximum(before, after))
    beside_gap = np.maximum(np.diff(times_us)[doubtful], np.diff(times_us)[doubtful + 1]) > rules.hold_us
    agreed &= ~(in_order & beside_gap)  # a gap's length would excuse any jump next to it
    wrong = np.zeros(len(values), np.bool_)
    wrong[doubtful[agreed] + 1] = True
    wrong[1:] &= ~wrong[:-1].copy()
    return wrong


def _dips(times_us: Times, values: Values, rules: CounterRules) -> Flags:
    _, fits = rules.judged(values[:-1], values[1:], np.diff(times_us) / 1e6)
    dipped = np.zeros(len(values), np.bool_)
    back = 0
    for before in np.flatnonzero(~fits & (values[1:] < values[:-1])).tolist():
        if before < back:
            continue
        end = int(np.searchsorted(times_us, times_us[before] + rules.hold_us, side="right"))
        higher = np.flatnonzero(values[before + 1 : end] >= values[before])
        if not len(higher):
            continue
        place = before + 1 + int(higher[0])
        ends = [before, place]
        if rules.believes(np.diff(values[ends]), np.diff(times_us[ends]) / 1e6)[0]:
            dipped[before + 1 : place] = True
            back = place
    return dipped
