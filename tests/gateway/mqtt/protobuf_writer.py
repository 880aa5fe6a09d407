"""Writes Sparkplug B payloads byte by byte: the decoder is checked by what it does not share code with."""

from __future__ import annotations

import struct

INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, BOOLEAN, STRING = range(1, 13)
BYTES = 17

Said = float | int | bool | str | bytes | None


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def whole(field: int, number: int) -> bytes:
    return varint(field << 3) + varint(number)


def piece(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content


def metric(
    name: str | None,
    value: Said,
    datatype: int | None = DOUBLE,
    *,
    alias: int | None = None,
    time_ms: int | None = None,
    historical: bool = False,
    transient: bool = False,
) -> bytes:
    """One metric; `value` None is null. Negative numbers are given as two's complement."""
    out = b"" if name is None else piece(1, name.encode())
    out += b"" if alias is None else whole(2, alias)
    out += b"" if time_ms is None else whole(3, time_ms)
    out += b"" if datatype is None else whole(4, datatype)
    out += whole(5, 1) if historical else b""
    out += whole(6, 1) if transient else b""
    return out + _value(value)


def _value(value: Said) -> bytes:
    match value:
        case None:
            return whole(7, 1)
        case bool():
            return whole(14, int(value))
        case int():
            return whole(10, value) if value < 1 << 32 else whole(11, value)
        case float():
            return varint(13 << 3 | 1) + struct.pack("<d", value)
        case str():
            return piece(15, value.encode())
        case bytes():
            return piece(16, value)


def payload(*metrics: bytes, seq: int | None = None, time_ms: int | None = None) -> bytes:
    """A payload of those metrics."""
    out = b"" if time_ms is None else whole(1, time_ms)
    out += b"".join(piece(2, each) for each in metrics)
    return out if seq is None else out + whole(3, seq)
