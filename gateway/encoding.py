"""How a wanted value becomes registers."""

from __future__ import annotations

import math
import struct
from fractions import Fraction

from facility.errors import NotRepresentable
from facility.profiles.schema import BIT_TABLES, WIDTHS, ModbusPoint, Table
from facility.quantities import ENUMERATIONS, Quantity
from facility.text import Text
from gateway.codec import bit_field, line_of, states_of_codes
from gateway.raw import FLOATS, HALVES, own_places, pattern_of


def write_table(point: ModbusPoint) -> Table:
    """The table that the point is written to."""
    spec = point.write
    if spec is not None and spec.table is not None:
        return Table(spec.table)
    return Table.HOLDING if spec is not None and spec.group is not None else point.table


def as_written(point: ModbusPoint) -> ModbusPoint:
    """The point as it is laid out in the registers that are written."""
    spec = point.write
    table = write_table(point)
    if table in BIT_TABLES:
        return point.model_copy(update={"table": table, "type": "bit", "bit": None, "bits": None, "invalid": ()})
    if spec is None:
        return point
    changes = {
        name: value
        for name in ("type", "order", "codes", "scale", "offset")
        if (value := getattr(spec, name)) is not None
    }
    if spec.bit is not None or spec.bits is not None or spec.type is not None:
        changes |= {"bit": spec.bit, "bits": spec.bits}
    return point.model_copy(update={**changes, "table": table, "invalid": ()})


def shares_its_registers(point: ModbusPoint) -> bool:
    """Whether others live in the registers that are written, which must be read before."""
    layout = as_written(point)
    return layout.field is not None or layout.type in HALVES


def encode(point: ModbusPoint, value: float, *, ratio: float = 1.0, current: bytes = b"") -> list[int]:
    """The registers (16-bit numbers, in the order they are sent) or the bit that write `value` to a point.

    Args:
        point: the profile's point.
        value: in the canonical unit; for a state its index.
        ratio: transformer ratio of the device entry.
        current: what the registers hold now; what the point does not take of them is left. Empty: zeros.

    Raises:
        NotRepresentable: outside the point's write bounds, between its steps, or no such code.
    """
    layout = as_written(point)
    word, number = "", Fraction(0)
    if layout.quantity is Quantity.STATE:
        word, number = _code_of_state(layout, value)
    else:
        _check_bounds(point, value)
        number = _unscaled(layout, value, ratio)
    if layout.type == "bit":
        return [int(number != 0)]
    own = bytearray(current or bytes(2 * layout.registers))
    data = _text(layout, word) if layout.type == "string" else _packed(layout, number, value, bytes(own))
    for place, byte in zip(own_places(layout), data, strict=True):
        own[place] = byte
    return list(struct.unpack(f">{layout.registers}H", own))


def _code_of_state(layout: ModbusPoint, value: float) -> tuple[str, Fraction]:
    """The word (of a string) or the code that stands for a state."""
    names = ENUMERATIONS.get(layout.enumeration or "", ())
    if layout.type == "string":
        for word, name in (layout.codes or {}).items():
            if names.index(name) == value:
                return str(word), Fraction(0)
    else:
        for code, state in (states_of_codes(layout) or {}).items():
            if state == value:
                return "", Fraction(code)
    wanted = names[int(value)] if 0 <= value < len(names) else f"{value:g}"
    raise NotRepresentable(Text(f"该设备没有“{wanted}”状态", f"the device has no state {wanted!r} for {layout.id}"))


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


def _unscaled(layout: ModbusPoint, value: float, ratio: float) -> Fraction:
    slope, term = line_of(layout, ratio)
    number = (Fraction(str(value)) - term) / slope
    if layout.type in FLOATS:
        return number
    half = None if layout.write is None else layout.write.half
    if half is not None and not _whole(number) and _whole(2 * number):
        return Fraction(math.floor(number) + half)
    if not _whole(number):
        raise NotRepresentable(
            Text(
                f"设备的分辨率为 {float(abs(slope)):g}，不能设为 {value:g}",
                f"{layout.id}: the register counts in {float(abs(slope)):g} and cannot hold {value:g}",
            )
        )
    return Fraction(round(number))


def _whole(number: Fraction) -> bool:
    """Whether it is a whole number, give or take what float arithmetic did to it on its way here."""
    return abs(number - round(number)) <= Fraction(1, 1_000_000)


def _packed(layout: ModbusPoint, number: Fraction, value: float, own: bytes) -> bytes:
    """The bytes of a number, most significant first, among the others of a bit field."""
    try:
        if layout.type in FLOATS:
            return struct.pack({"float16": ">e", "float32": ">f", "float64": ">d"}[layout.type], float(number))
        whole = int(number)
        if (field := bit_field(layout)) is not None:
            shift, mask = field
            if not 0 <= whole <= mask:
                raise OverflowError
            whole = int(pattern_of(layout, own)) & ~(mask << shift) | whole << shift
        if layout.is_bcd:
            whole = int(str(whole), 16)
        signed = layout.type.startswith("int")
        return whole.to_bytes(WIDTHS[layout.type] // 8, "big", signed=signed)
    except (struct.error, OverflowError, ValueError) as error:
        raise NotRepresentable(
            Text(f"数值 {value:g} 超出寄存器范围", f"{layout.id}: {value:g} does not fit into {layout.type}")
        ) from error


def _text(layout: ModbusPoint, word: str) -> bytes:
    """A word in its registers, filled up with zero bytes."""
    data = word.encode(layout.charset)
    room = 2 * layout.registers
    if len(data) > room:
        raise NotRepresentable(
            Text(f"“{word}”放不进 {room} 个字节", f"{layout.id}: {word!r} does not fit into {room} bytes")
        )
    return data.ljust(room, b"\0")
