"""Rounding that closes: parts rounded so that they still add up to the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal


def rounded(values: Sequence[float], total: float, step: float = 0.01) -> list[float]:
    """Parts of a total in whole steps that add up to the total, rounded to a step, exactly (largest remainder).

    Every part is cut down to a step; what then lacks goes, one step each, to those that lost most. Of equals the
    earlier gets it. A negative total is rounded like the positive one, so that a reversal takes off what was booked.

    Args:
        values: the parts; they add up to `total` but for half a step each.
        total: the whole; a half step is rounded away from zero.
        step: what all results are multiples of.

    Raises:
        ValueError: a part or the total is no number, or the parts do not make up the total.
    """
    if not all(map(math.isfinite, (*values, total))):
        raise ValueError("an amount that is not known cannot be rounded to close")
    sign = -1 if total < 0 else 1
    unit = Decimal(repr(step))
    exact = [sign * Decimal(repr(float(value))) / unit for value in values]
    whole = int((sign * Decimal(repr(float(total))) / unit).to_integral_value(ROUND_HALF_UP))
    steps = [int(value.to_integral_value(ROUND_FLOOR)) for value in exact]
    lacking = whole - sum(steps)
    if not -len(steps) <= lacking <= 2 * len(steps):
        raise ValueError(f"the parts add up to {math.fsum(values)}, which is not the total {total}")
    by_loss = sorted(range(len(steps)), key=lambda place: (steps[place] - exact[place], place))
    for turn in range(abs(lacking)):
        place = by_loss[turn % len(steps)] if lacking > 0 else by_loss[-1 - turn]
        steps[place] += 1 if lacking > 0 else -1
    return [float(unit * sign * count) for count in steps]
