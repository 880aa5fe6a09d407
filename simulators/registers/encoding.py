"""Canonical values to register bytes and back, for many points at once.

Points of one register type and byte order are encoded together: three numpy operations for a group, whatever its size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from facility.model import Device
from facility.profiles import ModbusPoint
from facility.profiles.schema import WIDTHS
from facility.quantities import ENUMERATIONS, Quantity, factor_to_canonical
from simulators.registers.wire import bytes_on_wire, number_on, packed, word_on, words_on_wire


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
    """The raw number that stands where there is no value."""
    if spec.is_float:
        return float("nan")
    if not spec.invalid:
        return 0.0
    pattern = (spec.invalid[0] % (1 << WIDTHS[spec.type])).to_bytes(WIDTHS[spec.type] // 8, "big")
    if spec.is_bcd:
        return float(int(pattern.hex()) if pattern.hex().isdecimal() else 0)
    return float(int.from_bytes(pattern, "big", signed=spec.type.startswith("int")))


def state_codes(spec: ModbusPoint) -> list[float]:
    """Device code of each state of the point's enumeration; a state the device does not know shows its first code."""
    states = ENUMERATIONS[spec.enumeration or "off_on"]
    if not spec.codes:
        return [float(index) for index in range(len(states))]
    known: dict[str, float] = {}
    for code, name in spec.codes.items():
        known.setdefault(name, float(_number(code)))
    first = next(iter(known.values()))
    return [known.get(state, first) for state in states]


def _number(code: int | str) -> int:
    return code if isinstance(code, int) else int(code, 0)


def state_of(spec: ModbusPoint, code: int) -> float | None:
    """The state a written code means, None when the device does not know it."""
    states = ENUMERATIONS[spec.enumeration or "off_on"]
    if not spec.codes:
        return float(code) if 0 <= code < len(states) else None
    for known, name in spec.codes.items():
        if _number(known) == code:
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
    """Encodes all numbers of one register type and byte order into the image; `layout` is any of them."""

    def __init__(self, slots: Sequence[Slot], layout: ModbusPoint) -> None:
        scalings = [scaling_of(slot.device, slot.spec) for slot in slots]
        places = bytes_on_wire(layout)
        taken = [offset for offset, place in enumerate(places) if place >= 0]
        self._type = layout.type
        self._from = np.array([slot.index for slot in slots])
        self._to = np.array([slot.place for slot in slots])[:, None] + np.array(taken)
        self._order = np.array([places[offset] for offset in taken])
        self._gain = np.array([scaling.gain for scaling in scalings])
        self._bias = np.array([scaling.bias for scaling in scalings])
        self._missing = np.array([scaling.missing for scaling in scalings])
        self._fold = np.array([scaling.counter_max or np.inf for scaling in scalings])
        self._folds = bool(np.isfinite(self._fold).any())
        self._down = np.array([scaling.counter for scaling in scalings])
        self._is_float = layout.is_float
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
        image[self._to] = packed(self._type, raw)[:, self._order]


class Words:
    """Encodes states that devices spell out."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._rows = [
            (slot.index, slot.place, words_on_wire(slot.spec, _words_of_states(slot.spec))) for slot in slots
        ]  # fmt: skip

    def encode(self, values: NDArray[np.float64], image: NDArray[np.uint8]) -> None:
        """Writes the registers of the words."""
        for index, place, words in self._rows:
            state = values[index]
            image[place : place + words.shape[1]] = words[0 if np.isnan(state) else int(state)]


class Parts:
    """Encodes bits and bit fields; several points may share a register."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        bits = [bit for row, slot in enumerate(slots) for bit in _bits_of(row, slot)]
        self._from = np.array([slot.index for slot in slots])
        self._rows = np.array([row for row, _, _, _ in bits])
        self._shift = np.array([shift for _, shift, _, _ in bits], dtype=np.int64)
        self._bytes, self._into = np.unique(np.array([byte for _, _, byte, _ in bits]), return_inverse=True)
        self._mask = np.array([mask for _, _, _, mask in bits], dtype=np.int64)
        scalings = [scaling_of(slot.device, slot.spec) for slot in slots]
        self._gain = np.array([scaling.gain for scaling in scalings])
        self._bias = np.array([scaling.bias for scaling in scalings])
        self._codes = _code_table(slots)

    def encode(self, values: NDArray[np.float64], image: NDArray[np.uint8]) -> None:
        """Writes the bytes that hold the parts."""
        mine = np.nan_to_num(values[self._from])
        raw = np.rint(mine * self._gain + self._bias)
        if self._codes is not None:
            rows, table = self._codes
            raw[rows] = table[np.arange(len(rows)), mine[rows].astype(np.int64)]
        set_bits = (raw.astype(np.int64)[self._rows] >> self._shift & 1) * self._mask
        whole = np.zeros(len(self._bytes), dtype=np.int64)
        np.bitwise_or.at(whole, self._into, set_bits)
        image[self._bytes] = whole


def _bits_of(row: int, slot: Slot) -> Iterator[tuple[int, int, int, int]]:
    """For each bit of a part: whose it is, which of the part's number, the byte of the image, and the mask in it."""
    places = bytes_on_wire(slot.spec)
    size = max(places) + 1
    low, high = _field(slot.spec)
    for bit in range(low, high + 1):
        byte = slot.place + places.index(size - 1 - bit // 8)
        yield row, bit - low, byte, 1 << bit % 8


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


def _words_of_states(spec: ModbusPoint) -> list[str]:
    """The word for each state; a state that has none shows the first one."""
    known: dict[str, str] = {}
    for word, name in (spec.codes or {}).items():
        known.setdefault(name, str(word))
    first = next(iter(known.values()))
    return [known.get(state, first) for state in ENUMERATIONS[spec.enumeration or "off_on"]]


def decode(spec: ModbusPoint, device: Device, wire: bytes) -> float | None:
    """What written registers mean for a point, in its canonical unit; None when no such state exists.

    Args:
        spec: the point, laid out as in the registers that are written.
        device: whose transformer ratios hold.
        wire: the bytes of its registers, as they now stand.
    """
    if spec.type == "string":
        state = (spec.codes or {}).get(word_on(spec, wire))
        return None if state is None else float(ENUMERATIONS[spec.enumeration or "off_on"].index(state))
    number = number_on(spec, wire)
    if number is None:
        return None
    if spec.field is not None:
        low, high = spec.field
        number = (int(number) >> low) & ((1 << (high - low + 1)) - 1)
    if spec.quantity is Quantity.STATE:
        return state_of(spec, int(number))
    half = None if spec.write is None else spec.write.half
    if half is not None and int(number) & half:
        number = number - half + 0.5
    return scaling_of(device, spec).value(float(number))
