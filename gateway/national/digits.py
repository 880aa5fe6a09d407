"""Packed decimal digits as national meters send them, lowest byte first."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

SIGN: Final = 0x80
UNREADABLE: Final = 0xFF


class Doubt(Enum):
    """Why digits are no number."""

    NOT_AVAILABLE = "the meter fills what it does not have with F"
    NOT_DIGITS = "a digit beyond 9"


def number_of(raw: bytes, *, signed: bool) -> int | Doubt:
    """The number in BCD bytes, lowest first.

    Args:
        raw: the bytes of one value.
        signed: the highest bit of the highest byte is the sign and no digit.
    """
    if all(byte == UNREADABLE for byte in raw):
        return Doubt.NOT_AVAILABLE
    highest_first = bytearray(reversed(raw))
    negative = signed and bool(highest_first[0] & SIGN)
    if negative:
        highest_first[0] &= ~SIGN & 0xFF
    digits = highest_first.hex()
    if not digits.isdecimal():
        return Doubt.NOT_DIGITS
    return -int(digits) if negative else int(digits)


def wire_of(digits: str) -> bytes:
    """Digits as printed, an even number of them, as bytes with the lowest first."""
    return bytes.fromhex(digits)[::-1]


def printed(wire: Sequence[int] | bytes) -> str:
    """Bytes with the lowest first as digits as printed."""
    return bytes(wire)[::-1].hex().upper()


def checksum(data: bytes) -> int:
    """The sum of all bytes modulo 256, which both protocols send before the closing 16H."""
    return sum(data) & 0xFF
