"""Canonical values to register bytes and back, for many points at once.

Points of one register type and byte order are encoded together: three numpy operations for a group, whatever its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facility.model import Device
from facility.profiles import ModbusPoint
from facility.quantities import ENUMERATIONS, Quantity, factor_to_canonical

WIRE_TYPE: Final[dict[str, str]] = {
    "int16": ">i2", "uint16": ">u2", "int32": ">i4", "uint32": ">u4", "int64": ">i8", "uint64": ">u8",
    "float32": ">f4", "float64": ">f8",
}  # fmt: skip


def byte_places(order: str, size: int) -> list[int]:
    """For each byte on the wire, which byte of the big-endian value stands there."""
    places = list(range(size))
    if order in ("CDAB", "DCBA"):
        places = [place for word in range(size - 2, -1, -2) for place in (word, word + 1)]
    if order in ("BADC", "DCBA"):
        places = [places[index ^ 1] for index in range(size)]
    return places


def ratio_of(device: Device, spec: ModbusPoint) -> float:
    """The transformer ratio between the register (secondary) and the value (primary)."""
    match spec.ratio:
        case "ct":
            return device.ct_ratio
        case "pt":
            return device.pt_ratio
        case "ct_pt":
            return device.ct_ratio * device.pt_ratio
        case _:
            return 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """raw = value * gain + bias. `counter_max` folds a counter as its register does, behind the transformers; None: it
    does not fold.
    """

    gain: float
    bias: float
    counter: bool
    counter_max: float | None
    missing: float

    def value(self, raw: float) -> float:
        """The canonical value of a raw number."""
        return (raw - self.bias) / self.gain


def scaling_of(device: Device, spec: ModbusPoint) -> Scaling:
    """How `spec` is scaled on `device`; exact as long as it can be."""
    if spec.quantity is Quantity.STATE:
        return Scaling(gain=1.0, bias=0.0, counter=False, counter_max=None, missing=_missing(spec))
    unit = Fraction(1) if spec.unit is None else factor_to_canonical(spec.quantity, spec.unit)
    step = unit * Fraction(spec.scale) * Fraction(ratio_of(device, spec))
    return Scaling(
        gain=float(1 / step),
        bias=float(-Fraction(spec.offset) / Fraction(spec.scale)),
        counter=spec.counter or spec.counter_max is not None,
        counter_max=None if spec.counter_max is None else spec.counter_max * ratio_of(device, spec),
        missing=_missing(spec),
    )


def _missing(spec: ModbusPoint) -> float:
    if spec.type in ("float32", "float64"):
        return float("nan")
    return float(spec.invalid[0]) if spec.invalid else 0.0


def state_codes(spec: ModbusPoint) -> list[float]:
    """Device code of each state of the point's enumeration; a state the device does not know shows its first code."""
    states = ENUMERATIONS[spec.enumeration or "off_on"]
    if not spec.codes:
        return [float(index) for index in range(len(states))]
    known: dict[str, float] = {}
    for code, name in spec.codes.items():
        known.setdefault(name, float(int(code)))
    first = next(iter(known.values()))
    return [known.get(state, first) for state in states]


def state_of(spec: ModbusPoint, code: int) -> float | None:
    """The state a written code means, None when the device does not know it."""
    states = ENUMERATIONS[spec.enumeration or "off_on"]
    if not spec.codes:
        return float(code) if 0 <= code < len(states) else None
    for known, name in spec.codes.items():
        if int(known) == code:
            return float(states.index(name))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One point's place: `index` in the value vector, `byte` (or bit) of the image where it begins."""

    index: int
    place: int
    spec: ModbusPoint
    device: Device


class Numbers:
    """Encodes all numbers of one register type and byte order into the image."""

    def __init__(self, slots: Sequence[Slot], wire_type: str, order: str) -> None:
        size = np.dtype(WIRE_TYPE[wire_type]).itemsize
        scalings = [scaling_of(slot.device, slot.spec) for slot in slots]
        self._type = WIRE_TYPE[wire_type]
        self._size = size
        self._from = np.array([slot.index for slot in slots])
        self._to = np.array([slot.place for slot in slots])[:, None] + np.arange(size)
        self._order = np.array(byte_places(order, size))
        self._gain = np.array([scaling.gain for scaling in scalings])
        self._bias = np.array([scaling.bias for scaling in scalings])
        self._missing = np.array([scaling.missing for scaling in scalings])
        self._fold = np.array([scaling.counter_max or np.inf for scaling in scalings])
        self._folds = bool(np.isfinite(self._fold).any())
        self._down = np.array([scaling.counter for scaling in scalings])
        self._is_float = wire_type.startswith("float")
        self._codes = _code_table(slots)

    def encode(self, values: NDArray[np.float64], image: NDArray[np.uint8]) -> None:
        """Writes the group's bytes."""
        mine = values[self._from]
        if self._folds:
            mine = np.where(np.isfinite(self._fold), np.mod(mine, self._fold), mine)
        raw = mine * self._gain + self._bias
        if self._codes is not None:
            rows, table = self._codes
            raw[rows] = table[np.arange(len(rows)), np.nan_to_num(mine[rows]).astype(np.int64)]
        if not self._is_float:
            raw = np.where(self._down, np.floor(raw + 1e-6), np.rint(raw))
        raw = np.where(np.isnan(mine), self._missing, raw)
        image[self._to] = self._bytes(raw)[:, self._order]

    def _bytes(self, raw: NDArray[np.float64]) -> NDArray[np.uint8]:
        if not self._is_float:
            bounds = np.iinfo(np.dtype(self._type))
            raw = np.clip(raw, float(bounds.min), float(bounds.max))
        return raw.astype(self._type).view(np.uint8).reshape(len(raw), self._size)


class Parts:
    """Encodes bits and bit fields of 16-bit registers; several points may share one register."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        fields = [_field(slot.spec) for slot in slots]
        places = [slot.place for slot in slots]
        self._from = np.array([slot.index for slot in slots])
        self._registers, inverse = np.unique(np.array(places), return_inverse=True)
        self._into = inverse
        self._shift = np.array([low for low, _ in fields], dtype=np.int64)
        self._mask = np.array([(1 << (high - low + 1)) - 1 for low, high in fields], dtype=np.int64)
        scalings = [scaling_of(slot.device, slot.spec) for slot in slots]
        self._gain = np.array([scaling.gain for scaling in scalings])
        self._bias = np.array([scaling.bias for scaling in scalings])
        self._codes = _code_table(slots)

    def encode(self, values: NDArray[np.float64], image: NDArray[np.uint8]) -> None:
        """Writes the registers that hold the parts."""
        mine = np.nan_to_num(values[self._from])
        raw = np.rint(mine * self._gain + self._bias)
        if self._codes is not None:
            rows, table = self._codes
            raw[rows] = table[np.arange(len(rows)), mine[rows].astype(np.int64)]
        words = np.zeros(len(self._registers), dtype=np.int64)
        np.bitwise_or.at(words, self._into, (raw.astype(np.int64) & self._mask) << self._shift)
        image[self._registers] = words >> 8
        image[self._registers + 1] = words & 0xFF


class Bits:
    """Encodes coils and discrete inputs, one byte of the bit image each."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._from = np.array([slot.index for slot in slots])
        self._to = np.array([slot.place for slot in slots])
        self._codes = _code_table(slots)

    def encode(self, values: NDArray[np.float64], image: NDArray[np.uint8]) -> None:
        """Writes the bits."""
        mine = np.nan_to_num(values[self._from])
        raw = np.array(mine)
        if self._codes is not None:
            rows, table = self._codes
            raw[rows] = table[np.arange(len(rows)), mine[rows].astype(np.int64)]
        image[self._to] = raw != 0


def _field(spec: ModbusPoint) -> tuple[int, int]:
    if spec.bits is not None:
        return spec.bits
    bit = 0 if spec.bit is None else spec.bit
    return bit, bit


def _code_table(slots: Sequence[Slot]) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Rows of the group that are states, and the device code of each of their states."""
    rows = [row for row, slot in enumerate(slots) if slot.spec.quantity is Quantity.STATE]
    if not rows:
        return None
    codes = [state_codes(slots[row].spec) for row in rows]
    table = np.zeros((len(rows), max(map(len, codes))))
    for row, known in enumerate(codes):
        table[row, : len(known)] = known
    return np.array(rows), table


def decode(spec: ModbusPoint, device: Device, wire: bytes) -> float | None:
    """What written registers mean for a point, in its canonical unit; None when no such state exists.

    Args:
        spec: the point.
        device: whose transformer ratios hold.
        wire: the bytes of its registers, as they now stand.
    """
    places = byte_places(spec.order, len(wire))
    big_endian = bytearray(len(wire))
    for index, place in enumerate(places):
        big_endian[place] = wire[index]
    number: Any = np.frombuffer(bytes(big_endian), dtype=WIRE_TYPE[spec.type])[0]
    if spec.bit is not None or spec.bits is not None:
        low, high = _field(spec)
        number = (int(number) >> low) & ((1 << (high - low + 1)) - 1)
    if spec.quantity is Quantity.STATE:
        return state_of(spec, int(number))
    return scaling_of(device, spec).value(float(number))
