"""The bytes of one value on the wire and the number, or the word, that stands in them."""

from __future__ import annotations

import struct
from typing import Final

from facility.profiles.schema import WIDTHS, Order, RegisterValue

STRUCT_CODES: Final = {
    "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
    "float16": "e", "float32": "f", "float64": "d",
    "int24": "I", "uint24": "I", "int48": "Q", "uint48": "Q",
    "bcd8": "B", "bcd16": "H", "bcd24": "I", "bcd32": "I", "bcd48": "Q", "bcd64": "Q",
}  # fmt: skip
"""Register type -> what unpacks it. Types of 24 and 48 bits are filled up in front and come out without a sign."""

FLOATS: Final = ("float16", "float32", "float64")
FILLED: Final = frozenset(kind for kind, bits in WIDTHS.items() if bits in (24, 48))
HALVES: Final = frozenset(kind for kind, bits in WIDTHS.items() if bits == 8)
PADDING: Final = "\0 \t"


def wire_order(order: Order, registers: int) -> tuple[int, ...]:
    """For each byte of a value, most significant first, its place on the wire; the same table goes both ways."""
    words = list(range(registers))
    if order in ("CDAB", "DCBA"):
        words.reverse()
    swap = order in ("BADC", "DCBA")
    return tuple(2 * word + (byte ^ swap) for word in words for byte in (0, 1))


def own_places(value: RegisterValue) -> tuple[int, ...]:
    """For each byte that counts, most significant first, its place among the value's own bytes."""
    if value.type in HALVES:
        return (1,) if value.byte == "low" else (0,)
    places = wire_order("BADC" if value.order in ("BADC", "DCBA") else "ABCD", value.registers)
    if value.type == "string":
        return places
    return wire_order(value.order, value.registers)[-WIDTHS[value.type] // 8 :]


def fill_of(value: RegisterValue) -> int:
    """Bytes of zero that go before the value's own so that it can be unpacked."""
    return struct.calcsize(STRUCT_CODES[value.type]) - WIDTHS[value.type] // 8


def pattern_of(value: RegisterValue, own: bytes) -> int | float:
    """What stands in a value's own bytes, unpacked: its number, but for the sign of 24 and 48 bits and for decimal
    digits, which `number_of` turns into one.
    """
    if value.type == "bit":
        return own[0] & 1
    filled = bytes(fill_of(value)) + bytes(own[place] for place in own_places(value))
    pattern: int | float = struct.unpack(">" + STRUCT_CODES[value.type], filled)[0]
    return pattern


def number_of(kind: str, pattern: int | float) -> int | float | None:
    """The number of an unpacked pattern of type `kind`; None where a half byte is no decimal digit."""
    if kind.startswith("bcd"):
        return digits(int(pattern))
    if kind in ("int24", "int48"):
        return signed(int(pattern), WIDTHS[kind])
    return pattern


def is_direct(kind: str) -> bool:
    """Whether the unpacked pattern is the number already."""
    return not kind.startswith("bcd") and kind not in ("int24", "int48")


def signed(pattern: int, bits: int) -> int:
    """A two's complement number of that many bits."""
    return pattern - (1 << bits) if pattern >> (bits - 1) & 1 else pattern


def digits(pattern: int) -> int | None:
    """The number that packed decimal digits spell, None where a half byte is no digit."""
    spelt = f"{pattern:x}"
    return int(spelt) if spelt.isdecimal() else None


def text_of(value: RegisterValue, own: bytes) -> str | None:
    """The text in a string's own bytes, without padding; None where they are no text of its charset.

    What comes after a zero byte is not looked at: devices leave old characters there.
    """
    data = bytes(own[place] for place in own_places(value)).lstrip(b"\0 ").split(b"\0", 1)[0]
    try:
        found = data.decode(value.charset)
    except UnicodeDecodeError:
        return None
    stripped = found.strip(PADDING)
    return stripped if stripped.isprintable() else None
