"""Numbers and words as bytes on the wire, for every register type and byte order, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facility.profiles.schema import WIDTHS, RegisterValue

FLOATS: Final = {"float16": ">f2", "float32": ">f4", "float64": ">f8"}
PLAIN: Final = {
    "int16": ">i2", "uint16": ">u2", "int32": ">i4", "uint32": ">u4", "int64": ">i8", "uint64": ">u8",
}  # fmt: skip
"""Whole numbers that numpy packs itself; the others are cut out of eight bytes."""


def byte_places(order: str, size: int) -> list[int]:
    """For each byte on the wire, which byte of the big-endian value stands there."""
    places = list(range(size))
    if order in ("CDAB", "DCBA"):
        places = [place for word in range(size - 2, -1, -2) for place in (word, word + 1)]
    if order in ("BADC", "DCBA"):
        places = [places[index ^ 1] for index in range(size)]
    return places


def bytes_on_wire(spec: RegisterValue) -> list[int]:
    """For each byte that the value has in its registers, in the order of the image, which byte of it that is, the most
    significant first; -1 where none of it stands there.
    """
    if spec.type == "string":
        return byte_places("BADC" if spec.order in ("BADC", "DCBA") else "ABCD", 2 * spec.registers)
    size = WIDTHS[spec.type] // 8
    if size == 1:
        return [-1, 0] if spec.byte == "low" else [0, -1]
    filler = 2 * spec.registers - size
    return [place - filler if place >= filler else -1 for place in byte_places(spec.order, size + filler)]


def packed(kind: str, raw: NDArray[np.float64]) -> NDArray[np.uint8]:
    """One row of big-endian bytes for each number, held at the ends of what the type can say."""
    if kind in FLOATS:
        with np.errstate(over="ignore"):
            return raw.astype(FLOATS[kind]).view(np.uint8).reshape(len(raw), -1)
    low, high = span_of(kind)
    held = np.clip(raw, float(low), np.nextafter(float(high), 0) if high >= 1 << 53 else float(high))
    if kind in PLAIN:
        return held.astype(PLAIN[kind]).view(np.uint8).reshape(len(raw), -1)
    whole = _decimal_digits(held) if kind.startswith("bcd") else held.astype(np.int64)
    return whole.astype(">i8").view(np.uint8).reshape(len(raw), 8)[:, 8 - WIDTHS[kind] // 8 :]


def span_of(kind: str) -> tuple[int, int]:
    """The smallest and the largest whole number of a type."""
    bits = WIDTHS[kind]
    if kind.startswith("bcd"):
        return 0, 10 ** (bits // 4) - 1
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if kind.startswith("int") else (0, (1 << bits) - 1)


def _decimal_digits(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Every digit in a half byte of its own."""
    rest = numbers.astype(np.uint64)
    spelt = np.zeros(len(numbers), dtype=np.uint64)
    for place in range(16):
        spelt |= (rest % np.uint64(10)) << np.uint64(4 * place)
        rest = rest // np.uint64(10)
    return spelt.view(np.int64)


def number_on(spec: RegisterValue, wire: bytes) -> Any:
    """The number in a value's registers; None where a half byte is no decimal digit."""
    own = own_bytes(spec, wire)
    if spec.type in FLOATS:
        return float(np.frombuffer(own, dtype=FLOATS[spec.type])[0])
    if spec.type.startswith("bcd"):
        halves = [half for byte in own for half in (byte >> 4, byte & 15)]
        return None if max(halves) > 9 else sum(half * 10**place for place, half in enumerate(reversed(halves)))
    return int.from_bytes(own, "big", signed=spec.type.startswith("int"))


def own_bytes(spec: RegisterValue, wire: bytes) -> bytes:
    """The value's bytes, the most significant (or the first character) first."""
    places = bytes_on_wire(spec)
    own = bytearray(sum(place >= 0 for place in places))
    for byte, place in zip(wire, places, strict=True):
        if place >= 0:
            own[place] = byte
    return bytes(own)


def words_on_wire(spec: RegisterValue, words: Sequence[str]) -> NDArray[np.uint8]:
    """One row of bytes in the order of the image for each word, filled up with blanks."""
    size = 2 * spec.registers
    rows = [word.encode(spec.charset)[:size].ljust(size) for word in words]
    return np.array([[row[place] for place in bytes_on_wire(spec)] for row in rows], dtype=np.uint8)


def word_on(spec: RegisterValue, wire: bytes) -> str:
    """The word in a string's registers, without what fills it up."""
    return own_bytes(spec, wire).decode(spec.charset, "replace").strip("\0 ")
