"""Counters that stand still although their circuit carries load: a dead register, a stuck gateway, a lost lead."""

from __future__ import annotations

from typing import Final

import numpy as np

from facility.accounting.use import Gap, GapKind
from facility.series import Series, Times, Values

DUE: Final = 1.0
"""A load must have amounted to this much (kWh) before a counter must have moved: registers are as coarse as that."""

USUAL: Final = 0.1
"""A counter that stood still for more than this share of the other time does so by habit."""

_HELD_US: Final = 3600 * 1_000_000
_HOUR_US: Final = 3600 * 1_000_000
_KNOWN: Final = 0.5

Span = tuple[int, int]


def frozen_spans(
    counter: Series, load: Series | None, *, after_us: int, due: float = DUE, usual: float = USUAL
) -> list[Gap]:
    """Stretches of at least `after_us` in which a counter showed the same bits although it should have moved.

    It should have moved when the load over that stretch amounts to `due` or more. Where the load is known for less than
    half of the stretch and what is known amounts to less, the counter's own habit decides, as it does without a load:
    it should have moved when, of the rest of the time given (at least twice `after_us`), it stood still for `after_us`
    or longer during no more than the share `usual`. A circuit at rest, its load 0.0, is never found.

    Args:
        counter: its readings; only good ones with a value count.
        load: what its circuit carries, in the counter's unit per hour (kW for kWh); a value holds until the next
            reading, at most an hour; what flows back moves no counter. None: nobody measures it.
        after_us: shorter standstills are not looked at.
        due: in the counter's unit.
        usual: 0..1.
    """
    times_us = counter.times_us[counter.good]
    stands = _standstills(times_us, counter.values[counter.good], after_us)
    if not stands:
        return []
    all_us = int(times_us[-1] - times_us[0])
    still_us = sum(end - start for start, end in stands)
    found = []
    for span in stands:
        carried, known = (0.0, 0.0) if load is None else _carried(load, span)
        other_us, length_us = all_us - (span[1] - span[0]), span[1] - span[0]
        by_habit = other_us < 2 * after_us or still_us - length_us > usual * other_us
        if carried >= due or (known < _KNOWN and not by_habit):
            found.append(Gap(kind=GapKind.FROZEN, start_us=span[0], end_us=span[1], amount=None))
    return found


def _standstills(times_us: Times, values: Values, after_us: int) -> list[Span]:
    """From the first to the last reading of each run of equal values that is long enough."""
    if len(values) < 2:
        return []
    moves = np.flatnonzero(values[1:] != values[:-1])
    first, last = np.append(0, moves + 1), np.append(moves, len(values) - 1)
    starts_us, ends_us = times_us[first], times_us[last]
    long = (ends_us - starts_us >= after_us) & (last > first)
    return list(zip(starts_us[long].tolist(), ends_us[long].tolist(), strict=True))


def _carried(load: Series, span: Span) -> tuple[float, float]:
    """What a load amounts to in a stretch, and for which share of it (0..1) it is known."""
    times_us, values = load.times_us, load.values
    if not len(times_us):
        return 0.0, 0.0
    until_us = np.minimum(np.append(times_us[1:], times_us[-1] + _HELD_US), times_us + _HELD_US)
    lengths = np.clip(np.minimum(until_us, span[1]) - np.maximum(times_us, span[0]), 0, None)
    lengths = np.where(load.good, lengths, 0)
    amounts = np.where(lengths > 0, np.maximum(values, 0.0), 0.0) * lengths
    return float(amounts.sum()) / _HOUR_US, float(lengths.sum()) / (span[1] - span[0])
