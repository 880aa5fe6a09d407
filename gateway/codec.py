"""How one point's registers become a value in its canonical unit, and how a wanted value becomes registers.

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

from facility.errors import NotRepresentable
from facility.profiles.schema import ModbusPoint, Order, Table
from facility.quantities import CANONICAL, ENUMERATIONS, Quantity, factor_to_canonical
from facility.readings import Status
from facility.text import Text

Decoded = tuple[float | None, Status]

STRUCT_CODES: Final = {
    "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip
FLOATS: Final = ("float32", "float64")
BIT_TABLES: Final = (Table.COIL, Table.DISCRETE)
_BIGGEST: Final = sys.float_info.max


class Rule(NamedTuple):
    """How one raw number becomes a value: (raw * `factor` + `term`) / `divisor`, believed within `low` and `high`
    (inclusive, canonical unit). `special` takes over where a bit field, a state code or a sentinel that could be taken
    for a value is involved; `states` is the short way where the whole number is a state code. `plain`: what scales to
    within the bounds is the value.
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
        spec: the profile's point.
        ratio: transformer ratio of the device entry.
        low: smallest value believed, canonical unit; None takes the point's or its quantity's.
        high: largest value believed, likewise.
    """
    canonical = CANONICAL[spec.quantity]
    bounds = (low, spec.low, canonical.low), (high, spec.high, canonical.high)
    lowest, highest = (next((bound for bound in row if bound is not None), None) for row in bounds)
    slope, term = _line(spec, ratio)
    divisor = math.lcm(slope.denominator, term.denominator)
    number = float if spec.type in FLOATS else int
    rule = Rule(
        factor=number(slope * divisor),
        term=number(term * divisor),
        divisor=number(divisor),
        low=-_BIGGEST if lowest is None else lowest,
        high=_BIGGEST if highest is None else highest,
        special=None,
        states=None,
        plain=False,
    )
    states, part = _states_of_codes(spec), _bit_field(spec)
    return rule._replace(
        special=_special(spec, rule),
        states=None if part is not None or spec.invalid else states,
        plain=states is None and part is None and not _can_be_taken_for_a_value(spec, rule),
    )


def _can_be_taken_for_a_value(spec: ModbusPoint, rule: Rule) -> bool:
    """Whether one of the point's sentinels scales to something that would be believed."""
    return any(_scaled(rule, _as_raw(spec, number))[1] is Status.GOOD for number in spec.invalid)


def _line(spec: ModbusPoint, ratio: float) -> tuple[Fraction, Fraction]:
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
    invalid = frozenset(_as_raw(spec, number) for number in spec.invalid)
    states = _states_of_codes(spec)
    field = _bit_field(spec)
    if not invalid and states is None and field is None:
        return None
    shift, mask = field or (0, -1)

    def decode_special(raw: int | float) -> Decoded:
        if raw in invalid:
            return None, Status.NOT_AVAILABLE
        number = int(raw) >> shift & mask if field is not None else raw
        if states is None:
            return _scaled(rule, number)
        state = states.get(number)
        return (None, Status.UNKNOWN_CODE) if state is None else (state, Status.GOOD)

    return decode_special


def _as_raw(spec: ModbusPoint, number: int) -> int | float:
    """A sentinel as the number that unpacking gives: 0x8000 of an int16 is -32768, a float's is its bit pattern."""
    if spec.type == "bit":
        return number
    size = struct.calcsize(STRUCT_CODES[spec.type])
    pattern = (number % (1 << 8 * size)).to_bytes(size, "big")
    raw: int | float = struct.unpack(">" + STRUCT_CODES[spec.type], pattern)[0]
    return raw


def _states_of_codes(spec: ModbusPoint) -> Mapping[int | float, float] | None:
    """Device code -> state index of a state, None for a measured value. Without codes the code is the index."""
    if spec.quantity is not Quantity.STATE or spec.enumeration is None:
        return None
    names = ENUMERATIONS[spec.enumeration]
    if spec.codes is None:
        return {index: float(index) for index in range(len(names))}
    return {_code(code): float(names.index(name)) for code, name in spec.codes.items()}


def _code(code: int | str) -> int:
    return code if isinstance(code, int) else int(code, 0)


def _bit_field(spec: ModbusPoint) -> tuple[int, int] | None:
    """(shift, mask) of the part of a register that the point takes, None for all of it."""
    if spec.bit is not None:
        return spec.bit, 1
    if spec.bits is not None:
        low, high = spec.bits
        return low, (1 << (high - low + 1)) - 1
    return None


def wire_order(order: Order, registers: int) -> tuple[int, ...]:
    """For each byte of a value, most significant first, its place on the wire; the same table goes both ways."""
    words = list(range(registers))
    if order in ("CDAB", "DCBA"):
        words.reverse()
    swap = order in ("BADC", "DCBA")
    return tuple(2 * word + (byte ^ swap) for word in words for byte in (0, 1))


def decode(point: ModbusPoint, raw: bytes, ratio: float = 1.0) -> Decoded:
    """The value of one point from its own bytes as received.

    Args:
        point: the profile's point.
        raw: its register bytes as on the wire, or for coils and discrete inputs one byte whose lowest bit counts.
        ratio: transformer ratio of the device entry.

    Returns:
        The value in the canonical unit and GOOD, or None and the reason.
    """
    return apply(rule_for(point, ratio=ratio), raw_number(point, raw))


def raw_number(point: ModbusPoint, raw: bytes) -> int | float:
    """The unscaled number in a point's own bytes."""
    if point.type == "bit":
        return raw[0] & 1
    ordered = bytes(raw[place] for place in wire_order(point.order, point.registers))
    number: int | float = struct.unpack(">" + STRUCT_CODES[point.type], ordered)[0]
    return number


def encode(point: ModbusPoint, value: float, *, ratio: float = 1.0, current: int = 0) -> list[int]:
    """The registers (16-bit numbers, in the order they are sent) or the bit that write `value` to a point.

    Args:
        point: the profile's point.
        value: in the canonical unit; for a state its index.
        ratio: transformer ratio of the device entry.
        current: what the register holds now; the bits outside a bit field are taken from it.

    Raises:
        NotRepresentable: outside the point's write bounds, between its steps, or no such code.
    """
    if point.quantity is Quantity.STATE:
        number: int | Fraction = _code_of_state(point, value)
    else:
        _check_bounds(point, value)
        number = _unscaled(point, value, ratio)
    if point.type == "bit":
        return [int(number != 0)]
    if (field := _bit_field(point)) is not None:
        shift, mask = field
        number = current & ~(mask << shift) | (int(number) & mask) << shift
    return _registers(point, number, value)


def _code_of_state(point: ModbusPoint, value: float) -> int:
    for code, state in (_states_of_codes(point) or {}).items():
        if state == value:
            return int(code)
    names = ENUMERATIONS.get(point.enumeration or "", ())
    wanted = names[int(value)] if 0 <= value < len(names) else f"{value:g}"
    raise NotRepresentable(Text(f"该设备没有“{wanted}”状态", f"the device has no state {wanted!r} for {point.id}"))


def _check_bounds(point: ModbusPoint, value: float) -> None:
    spec = point.write
    if not math.isfinite(value):
        raise NotRepresentable(Text("不是有效数值", f"{point.id}: {value} is not a number that can be written"))
    if spec is None:
        return
    low, high = spec.minimum, spec.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        span = f"{'' if low is None else f'{low:g}'}..{'' if high is None else f'{high:g}'}"
        raise NotRepresentable(
            Text(
                f"设定值 {value:g} 超出设备范围 {span}",
                f"{point.id}: {value:g} is outside what the device takes, {span}",
            )
        )
    if spec.step is not None and not _whole(
        (Fraction(str(value)) - Fraction(str(low or 0))) / Fraction(str(spec.step))
    ):
        raise NotRepresentable(
            Text(
                f"设备只接受 {spec.step:g} 的步长，不能设为 {value:g}",
                f"{point.id}: the device takes steps of {spec.step:g}, not {value:g}",
            )
        )


def _unscaled(point: ModbusPoint, value: float, ratio: float) -> int | Fraction:
    slope, term = _line(point, ratio)
    number = (Fraction(str(value)) - term) / slope
    if point.type in FLOATS:
        return number
    if not _whole(number):
        raise NotRepresentable(
            Text(
                f"设备的分辨率为 {float(abs(slope)):g}，不能设为 {value:g}",
                f"{point.id}: the register counts in {float(abs(slope)):g} and cannot hold {value:g}",
            )
        )
    return round(number)


def _whole(number: Fraction) -> bool:
    """Whether it is a whole number, give or take what float arithmetic did to it on its way here."""
    return abs(number - round(number)) <= Fraction(1, 1_000_000)


def _registers(point: ModbusPoint, number: int | Fraction, value: float) -> list[int]:
    code = STRUCT_CODES[point.type]
    try:
        packed = struct.pack(">" + code, float(number) if point.type in FLOATS else int(number))
    except (struct.error, OverflowError) as error:
        raise NotRepresentable(
            Text(f"数值 {value:g} 超出寄存器范围", f"{point.id}: {value:g} does not fit into {point.type}")
        ) from error
    ordered = bytes(packed[place] for place in wire_order(point.order, point.registers))
    return list(struct.unpack(f">{len(ordered) // 2}H", ordered))
