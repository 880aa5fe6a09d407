"""What a register can say at all: an unsigned counter is never negative, and not every register can be wrong."""

from __future__ import annotations

from facility.profiles.schema import WIDTHS, ModbusPoint
from facility.quantities import CANONICAL, Quantity, factor_to_canonical

DIGITS_OF_BITS = {8: 2, 16: 4, 24: 6, 32: 8, 48: 12, 64: 16}


def reach(point: ModbusPoint) -> tuple[float, float]:
    """The smallest and the largest value that a point of whole numbers can say on its own, in the canonical unit."""
    width = WIDTHS[point.type] if point.field is None else point.field[1] - point.field[0] + 1
    low, high = 0, 2**width - 1
    if point.is_bcd:
        high = 10 ** DIGITS_OF_BITS[width] - 1
    elif point.type.startswith("int"):
        low, high = -(2 ** (width - 1)), 2 ** (width - 1) - 1
    unit = 1 if point.unit is None else factor_to_canonical(point.quantity, point.unit)
    ends = [float(number * point.scale + point.offset) * float(unit) for number in (low, high)]
    return min(ends), max(ends)


def bounds(point: ModbusPoint) -> tuple[float | None, float | None]:
    """What is believed of a point, None without bound."""
    canonical = CANONICAL[point.quantity]
    low = canonical.low if point.low is None else point.low
    return low, canonical.high if point.high is None else point.high


def can_be_negative(point: ModbusPoint) -> bool:
    """Whether a reading below zero can come from the register and is believed."""
    low, _ = bounds(point)
    if point.quantity is Quantity.STATE or (low is not None and low >= 0):
        return False
    return point.is_float or point.plus is not None or reach(point)[0] < 0


def can_be_bad(point: ModbusPoint) -> bool:
    """Whether the register can hold something that is not a value."""
    if point.type == "bit" and point.quantity is Quantity.STATE:
        return False
    if point.is_float or point.is_bcd or point.invalid or point.quantity is Quantity.STATE or point.scale_from:
        return True
    (low, high), (smallest, largest) = bounds(point), reach(point)
    return (low is not None and smallest < low) or (high is not None and largest > high)
