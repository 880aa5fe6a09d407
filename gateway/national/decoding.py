"""What the data of an answer mean: BCD digits, unit bytes and state bits as values in canonical units.

Scaling is exact: the digits are multiplied and divided as whole numbers and rounded once, at the end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from facility.profiles.national import Cjt188Point, Dlt645Point, NationalPoint
from facility.quantities import CANONICAL, ENUMERATIONS, factor_to_canonical
from facility.readings import Status
from gateway.block import Columns
from gateway.national.digits import Doubt, number_of

Decoded = tuple[float | None, Status]

_DOUBTS: Final[Mapping[Doubt, Status]] = {
    Doubt.NOT_AVAILABLE: Status.NOT_AVAILABLE,
    Doubt.NOT_DIGITS: Status.NOT_A_NUMBER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedValue:
    """One point of a national meter as the decoder sees it. `low` and `high` bound what is believed, in the canonical
    unit, None for the quantity's own; `ratio` is the transformer ratio that multiplies it.
    """

    point: str
    spec: NationalPoint
    low: float | None
    high: float | None
    ratio: float = 1.0


class DataDecoder:
    """Decodes the data behind the identifier of an answer.

    Args:
        wanted: the points in the answer, in the order their values are wanted.
    """

    def __init__(self, wanted: Sequence[WantedValue]) -> None:
        self._wanted = tuple(wanted)

    def decode(self, raw: bytes) -> Columns:
        """Values in the order of the points, and their statuses; None for the statuses when all are good. What the
        meter did not send is not available.
        """
        decoded = [decode_value(item, raw) for item in self._wanted]
        statuses = [status for _, status in decoded]
        flawed = any(status is not Status.GOOD for status in statuses)
        return [value for value, _ in decoded], statuses if flawed else None


def decode_value(wanted: WantedValue, raw: bytes) -> Decoded:
    """The value of one point in the data of an answer, or None and why not."""
    spec = wanted.spec
    start = spec.index * spec.digits_bytes if isinstance(spec, Dlt645Point) else spec.offset
    digits = raw[start : start + spec.digits_bytes]
    if len(digits) < spec.digits_bytes:
        return None, Status.NOT_AVAILABLE
    if isinstance(spec, Cjt188Point) and spec.bits is not None:
        return _state(spec, spec.bits, digits[0])
    number = number_of(digits, signed=spec.signed)
    if isinstance(number, Doubt):
        return None, _DOUBTS[number]
    factor = _factor(spec, raw)
    if factor is None:
        return None, Status.UNKNOWN_CODE
    return _believed(wanted, number * factor * Fraction(spec.scale) * Fraction(Decimal(str(wanted.ratio))))


def _factor(spec: NationalPoint, raw: bytes) -> Fraction | None:
    """Exact factor to the canonical unit; None when the meter names a unit that does not measure this quantity."""
    if isinstance(spec, Cjt188Point) and spec.unit_at is not None:
        return None if spec.unit_at >= len(raw) else spec.factors.get(raw[spec.unit_at])
    return Fraction(1) if spec.unit is None else factor_to_canonical(spec.quantity, spec.unit)


def _believed(wanted: WantedValue, exact: Fraction) -> Decoded:
    value = float(exact)
    canonical = CANONICAL[wanted.spec.quantity]
    low = _first(wanted.low, wanted.spec.low, canonical.low, -math.inf)
    high = _first(wanted.high, wanted.spec.high, canonical.high, math.inf)
    return (value, Status.GOOD) if low <= value <= high else (None, Status.OUT_OF_RANGE)


def _first(*bounds: float | None) -> float:
    return next(bound for bound in bounds if bound is not None)


def _state(spec: Cjt188Point, bits: tuple[int, int], byte: int) -> Decoded:
    low, high = bits
    code = byte >> low & (1 << (high - low + 1)) - 1
    names = ENUMERATIONS[spec.enumeration or ""]
    if spec.codes is None:
        return (float(code), Status.GOOD) if code < len(names) else (None, Status.UNKNOWN_CODE)
    name = next((name for known, name in spec.codes.items() if int(str(known), 0) == code), None)
    return (None, Status.UNKNOWN_CODE) if name is None else (float(names.index(name)), Status.GOOD)
