"""What a simulated national meter has in its registers: values of the world as packed decimal digits."""

from __future__ import annotations

import math
from typing import Final

from facility.model import Device
from facility.profiles import Cjt188Point, Dlt645Point
from facility.quantities import ENUMERATIONS, Quantity, factor_to_canonical

UNIT_BYTE: Final[dict[str, int]] = {
    "Wh": 0x02, "kWh": 0x05, "MWh": 0x08, "MJ": 0x0E, "GJ": 0x11, "W": 0x14, "kW": 0x17, "MW": 0x1A,
    "L": 0x29, "m3": 0x2C, "L/h": 0x32, "m3/h": 0x35,
}  # fmt: skip
"""Unit -> what CJ/T 188 meters send for it."""

NOT_AVAILABLE: Final = 0xFF
_ALMOST: Final = 1e-6
"""A counter that stands this close below its next step shows it: floats are not exact."""


def digits(spec: Dlt645Point | Cjt188Point, value: float, ratio: float = 1.0) -> bytes:
    """BCD bytes, lowest first, that show `value`.

    Counters show what is full and start again at zero behind their last digit; everything else is rounded, and stays at
    its last digit when there is more. Not a number is shown as F in all places.

    Args:
        spec: the point.
        value: in its canonical unit, NaN for not available.
        ratio: transformer ratio between the meter and the value.
    """
    if math.isnan(value):
        return bytes((NOT_AVAILABLE,)) * spec.digits_bytes
    step = float(factor_to_canonical(spec.quantity, spec.unit or "1")) * float(spec.scale) * ratio
    places = 10 ** (2 * spec.digits_bytes)
    counts = spec.counter or spec.counter_max is not None
    shown = math.floor(value / step + _ALMOST) % places if counts else round(abs(value) / step)
    top = 8 * places // 10 - 1 if spec.signed else places - 1
    text = str(min(shown, top)).zfill(2 * spec.digits_bytes)
    pairs = [int(text[at : at + 2], 16) for at in range(0, len(text), 2)]
    if spec.signed and value < 0 and shown:
        pairs[0] += 0x80
    return bytes(reversed(pairs))


def ratio_of(spec: Dlt645Point, device: Device) -> float:
    """Transformer ratio between what the meter shows and the value."""
    ratio = 1.0
    if spec.ratio in ("ct", "ct_pt"):
        ratio *= device.ct_ratio
    if spec.ratio in ("pt", "ct_pt"):
        ratio *= device.pt_ratio
    return ratio


def fill(spec: Cjt188Point, value: float, answer: bytearray) -> None:
    """Puts a value with its unit, or a state in its bits, into the data of a CJ/T 188 answer."""
    if spec.quantity is Quantity.STATE and spec.bits is not None:
        answer[spec.offset] |= _code(spec, value) << spec.bits[0]
        return
    answer[spec.offset : spec.offset + spec.digits_bytes] = digits(spec, value)
    if spec.unit_at is not None:
        answer[spec.unit_at] = UNIT_BYTE[spec.unit or ""]


def _code(spec: Cjt188Point, value: float) -> int:
    """The first device code of a state; 0 for one that the device does not know."""
    if math.isnan(value):
        return 0
    if spec.codes is None:
        return int(value)
    name = ENUMERATIONS[spec.enumeration or ""][int(value)]
    return next((int(str(code), 0) for code, state in spec.codes.items() if state == name), 0)
