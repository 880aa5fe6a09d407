"""How one point's registers become a value in its canonical unit.

Scaling is exact: an integer register is multiplied and divided as integers and rounded once, at the end, so that 285
tenths are 28.5 and a 64-bit counter keeps every digit until it becomes a float64 in the canonical unit.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from facility.profiles.schema import BIT_TABLES, WIDTHS, ModbusPoint
from facility.quantities import CANONICAL, ENUMERATIONS, Quantity, factor_to_canonical
from facility.readings import Status
from gateway.raw import FLOATS, STRUCT_CODES, is_direct, number_of, pattern_of, signed, text_of

__all__ = ["BIT_TABLES", "Decoded", "Rule", "apply", "decode", "ratio_of", "rule_for"]

Decoded = tuple[float | None, Status]

_BIGGEST: Final = sys.float_info.max


class Rule(NamedTuple):
    """How one raw number becomes a value: (raw * `factor` + `term`) / `divisor`, believed within `low` and `high`
    (inclusive, canonical unit). `special` takes over where a bit field, a state code, decimal digits or a sentinel that
    could be taken for a value is involved; `states` is the short way where the whole number is a state code. `plain`:
    what scales to within the bounds is the value.
    """

    factor: int | float
    term: int | float
    divisor: int | float
    low: float
    high: float
    special: Callable[[int | float], Decoded] | None
    states: Mapping[int | float, float] | None
    plain: bool


def ratio_of(spec: ModbusPoint, ct_ratio: float, pt_ratio: float) -> float:
    """The transformer ratio that multiplies this point on a device with these ratios; 1.0 where none applies."""
    match spec.ratio:
        case "ct":
            return ct_ratio
        case "pt":
            return pt_ratio
        case "ct_pt":
            return float(Decimal(str(ct_ratio)) * Decimal(str(pt_ratio)))
        case None:
            return 1.0


def rule_for(
    spec: ModbusPoint, *, ratio: float = 1.0, low: float | None = None, high: float | None = None
) -> Rule:  # fmt: skip
    """The rule of a point.

    Args:
        spec: the profile's point, of any type but a string.
        ratio: transformer ratio of the device entry.
        low: smallest value believed, canonical unit; None takes the point's or its quantity's.
        high: largest value believed, likewise.
    """
    lowest, highest = bounds_of(spec, low, high)
    slope, term = line_of(spec, ratio)
    divisor = math.lcm(slope.denominator, term.denominator)
    number = float if spec.type in FLOATS else int
    rule = Rule(
        factor=number(slope * divisor),
        term=number(term * divisor),
        divisor=number(divisor),
        low=lowest,
        high=highest,
        special=None,
        states=None,
        plain=False,
    )
    states, part = states_of_codes(spec), bit_field(spec)
    direct = is_direct(spec.type)
    return rule._replace(
        special=_special(spec, rule),
        states=None if part is not None or spec.invalid or not direct else states,
        plain=states is None and part is None and direct and not _can_be_taken_for_a_value(spec, rule),
    )


def bounds_of(spec: ModbusPoint, low: float | None, high: float | None) -> tuple[float, float]:
    """What is believed: as given, else the point's own bounds, else its quantity's, else every number."""
    canonical = CANONICAL[spec.quantity]
    bounds = (low, spec.low, canonical.low), (high, spec.high, canonical.high)
    lowest, highest = (next((bound for bound in row if bound is not None), None) for row in bounds)
    return -_BIGGEST if lowest is None else lowest, _BIGGEST if highest is None else highest


def _can_be_taken_for_a_value(spec: ModbusPoint, rule: Rule) -> bool:
    """Whether one of the point's sentinels scales to something that would be believed."""
    return any(_scaled(rule, _as_raw(spec, number))[1] is Status.GOOD for number in spec.invalid)


def line_of(spec: ModbusPoint, ratio: float) -> tuple[Fraction, Fraction]:
    """Exact slope and term from the raw number to the canonical unit."""
    unit = Fraction(1) if spec.unit is None else factor_to_canonical(spec.quantity, spec.unit)
    outside = unit * Fraction(Decimal(str(ratio)))
    return Fraction(spec.scale) * outside, Fraction(spec.offset) * outside


def apply(rule: Rule, raw: int | float) -> Decoded:
    """The value of one raw number, or None and why not."""
    if rule.special is not None:
        return rule.special(raw)
    return _scaled(rule, raw)


def _scaled(rule: Rule, raw: int | float) -> Decoded:
    value = (raw * rule.factor + rule.term) / rule.divisor
    if rule.low <= value <= rule.high:
        return value, Status.GOOD
    if not math.isfinite(value):
        return None, Status.NOT_A_NUMBER
    return None, Status.OUT_OF_RANGE


def _special(spec: ModbusPoint, rule: Rule) -> Callable[[int | float], Decoded] | None:
    """The detour of a point whose raw number is not simply scaled, None for all others."""
    states = states_of_codes(spec)
    if not spec.invalid and states is None and bit_field(spec) is None and is_direct(spec.type):
        return None
    number_in = part_reader(spec)

    def decode_special(raw: int | float) -> Decoded:
        number, status = number_in(raw)
        if number is None:
            return None, status
        if states is None:
            return _scaled(rule, number)
        state = states.get(number)
        return (None, Status.UNKNOWN_CODE) if state is None else (state, Status.GOOD)

    return decode_special


def part_reader(spec: ModbusPoint) -> Callable[[int | float], tuple[int | float | None, Status]]:
    """Turns what was unpacked into the unscaled number of the point's own part, or None and why there is none."""
    invalid = frozenset(_as_raw(spec, number) for number in spec.invalid)
    field = bit_field(spec)
    shift, mask = field or (0, -1)

    def number_in(raw: int | float) -> tuple[int | float | None, Status]:
        if raw in invalid:
            return None, Status.NOT_AVAILABLE
        number = number_of(spec.type, raw)
        if number is None:
            return None, Status.NOT_A_NUMBER
        return (number if field is None else int(number) >> shift & mask), Status.GOOD

    return number_in


def _as_raw(spec: ModbusPoint, number: int) -> int | float:
    """A sentinel as unpacking gives it: 0x8000 of an int16 is -32768, a float's is its bit pattern, and so are decimal
    digits and the sign-less 24 and 48 bits.
    """
    if spec.type == "bit":
        return number
    bits = WIDTHS[spec.type]
    pattern = number % (1 << bits)
    if spec.type in FLOATS:
        raw: float = struct.unpack(">" + STRUCT_CODES[spec.type], pattern.to_bytes(bits // 8, "big"))[0]
        return raw
    return signed(pattern, bits) if spec.type in ("int8", "int16", "int32", "int64") else pattern


def states_of_codes(spec: ModbusPoint) -> Mapping[int | float, float] | None:
    """Device code -> state index of a state, None for a measured value. Without codes the code is the index."""
    if spec.quantity is not Quantity.STATE or spec.enumeration is None:
        return None
    names = ENUMERATIONS[spec.enumeration]
    if spec.codes is None:
        return {index: float(index) for index in range(len(names))}
    return {_code(code): float(names.index(name)) for code, name in spec.codes.items()}


def _code(code: int | str) -> int:
    return code if isinstance(code, int) else int(code, 0)


def bit_field(spec: ModbusPoint) -> tuple[int, int] | None:
    """(shift, mask) of the part of a number that the point takes, None for all of it."""
    if spec.field is None:
        return None
    low, high = spec.field
    return low, (1 << (high - low + 1)) - 1


def word_reader(spec: ModbusPoint) -> Callable[[bytes], Decoded]:
    """The state of a string point from its own bytes: the one whose word stands there."""
    names = ENUMERATIONS[spec.enumeration or ""]
    states = {str(word): float(names.index(name)) for word, name in (spec.codes or {}).items()}

    def read_word(own: bytes) -> Decoded:
        word = text_of(spec, own)
        state = None if word is None else states.get(word)
        return (None, Status.UNKNOWN_CODE) if state is None else (state, Status.GOOD)

    return read_word


def decode(point: ModbusPoint, raw: bytes, ratio: float = 1.0) -> Decoded:
    """The value of one point from its own bytes as received; not of one that other points scale or add to.

    Args:
        point: the profile's point.
        raw: its register bytes as on the wire, or for coils and discrete inputs one byte whose lowest bit counts.
        ratio: transformer ratio of the device entry.

    Returns:
        The value in the canonical unit and GOOD, or None and the reason.
    """
    if point.type == "string":
        return word_reader(point)(raw)
    return apply(rule_for(point, ratio=ratio), pattern_of(point, raw))
