"""Values that more than one place of a device makes up: scaled by another register, or split over two."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from facility.profiles.schema import ModbusPoint
from facility.readings import Status
from gateway.codec import Decoded, bounds_of, line_of, part_reader
from gateway.raw import pattern_of

Use = Literal["exponent", "factor", "divisor", "plus"]
Exact = tuple[Fraction | None, Status]
Read = Callable[[bytes], Exact]

LARGEST_EXPONENT: Final = 10
"""SunSpec's scale factors go from -10 to 10 (SunSpec Information Model Specification, type sunssf)."""


class Source(NamedTuple):
    """Another point that a value hangs on, and what for.

    `offset`: its registers in the same answer, from the answer's first one. None: it is read with another request, and
    `known` gives its newest value, None while there is none.
    """

    spec: ModbusPoint
    use: Use
    offset: int | None = None
    known: Callable[[], float | None] | None = None


def compound_reader(
    spec: ModbusPoint, offset: int, sources: Sequence[Source], *, ratio: float, low: float | None, high: float | None
) -> Callable[[bytes], Decoded]:  # fmt: skip
    """Decodes one such point from a whole answer.

    Args:
        spec: the point itself.
        offset: its registers in the answer, from the answer's first one.
        sources: what it hangs on.
        ratio: transformer ratio of the device entry.
        low: smallest value believed, canonical unit; None takes the point's or its quantity's.
        high: largest value believed, likewise.
    """
    own = _raw_at(spec, offset)
    scales = [_scale(source) for source in sources if source.use != "plus"]
    added = [_value_of(source, ratio) for source in sources if source.use == "plus"]
    slope, term = line_of(spec, ratio)
    lowest, highest = bounds_of(spec, low, high)

    def read(answer: bytes) -> Decoded:
        number, status = own(answer)
        for scale in scales:
            factor, why = scale(answer)
            number, status = _both(number, status, factor, why, product=True)
        if number is not None:
            number = number * slope + term
        for addend in added:
            more, why = addend(answer)
            number, status = _both(number, status, more, why, product=False)
        if number is None:
            return None, status
        value = number.numerator / number.denominator
        return (value, Status.GOOD) if lowest <= value <= highest else (None, Status.OUT_OF_RANGE)

    return read


def _both(
    first: Fraction | None, why_first: Status, second: Fraction | None, why_second: Status, *, product: bool
) -> Exact:  # fmt: skip
    if first is None or second is None:
        return None, why_first if first is None else why_second
    return (first * second if product else first + second), Status.GOOD


def _raw_at(spec: ModbusPoint, offset: int) -> Read:
    """The unscaled number of a point that lies in the answer."""
    number_in = part_reader(spec)
    begin, end = 2 * offset, 2 * (offset + spec.registers)

    def read(answer: bytes) -> Exact:
        number, status = number_in(pattern_of(spec, answer[begin:end]))
        if number is None:
            return None, status
        return (Fraction(number), Status.GOOD) if math.isfinite(number) else (None, Status.NOT_A_NUMBER)

    return read


def _value_of(source: Source, ratio: float = 1.0) -> Read:
    """The value of a source in its canonical unit."""
    if source.offset is None:
        return _known(source)
    read_raw = _raw_at(source.spec, source.offset)
    slope, term = line_of(source.spec, ratio)

    def read(answer: bytes) -> Exact:
        number, status = read_raw(answer)
        return (None, status) if number is None else (number * slope + term, Status.GOOD)

    return read


def _known(source: Source) -> Read:
    def read(_answer: bytes) -> Exact:
        value = None if source.known is None else source.known()
        return (None, Status.NOT_AVAILABLE) if value is None else (Fraction(str(value)), Status.GOOD)

    return read


def _scale(source: Source) -> Read:
    """What a source multiplies by. An exponent that is no small whole number, and a factor of zero, mean that the
    device has not been set up: nothing is known then.
    """
    value_of = _value_of(source)

    def read(answer: bytes) -> Exact:
        value, status = value_of(answer)
        if value is None:
            return None, status
        if source.use == "exponent":
            whole = value.denominator == 1 and abs(value) <= LARGEST_EXPONENT
            return (Fraction(10) ** int(value), Status.GOOD) if whole else (None, Status.OUT_OF_RANGE)
        if value == 0:
            return None, Status.OUT_OF_RANGE
        return (value if source.use == "factor" else 1 / value), Status.GOOD

    return read
