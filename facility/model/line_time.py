"""How long a serial line needs to read its points once: bytes on the wire at its baud rate.

Modbus over serial line V1.02, 2.5.1: a frame is address, PDU and two bytes of checksum, with 3.5 characters of silence
before it (1.75 ms above 19,200 baud). What a device takes to think is not counted, so a line that is too slow here is
too slow for certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from facility.model.entries import SerialSettings
from facility.model.site import BIT_TABLES, Point
from facility.profiles.schema import Limits, ModbusPoint, Table

REQUEST_BYTES: Final = 8
ANSWER_BYTES: Final = 5
SILENCE_CHARACTERS: Final = 3.5
FASTEST_SILENCE_S: Final = 0.00175

Span = tuple[int, int]
"""First address and one past the last."""


def read_time_s(points: Iterable[Point], limits: Limits, link: SerialSettings) -> float:
    """Seconds to read `points` of one device once, joined as far as its limits allow."""
    total_s = 0.0
    for table, spans in _requests(points, limits):
        for first, end in spans:
            total_s += _request_s(table, end - first, link) + limits.pause_ms / 1000
    return total_s


def _request_s(table: Table, count: int, link: SerialSettings) -> float:
    character_s = (9 + (link.parity != "N") + link.stop_bits) / link.baudrate
    answer = ANSWER_BYTES + ((count + 7) // 8 if table in BIT_TABLES else 2 * count)
    silence_s = SILENCE_CHARACTERS * character_s if link.baudrate <= 19_200 else FASTEST_SILENCE_S
    return (REQUEST_BYTES + answer) * character_s + 2 * silence_s


def _requests(points: Iterable[Point], limits: Limits) -> Iterator[tuple[Table, list[Span]]]:
    spans = sorted(
        (point.spec.table, point.address, point.address + point.spec.registers)
        for point in points
        if isinstance(point.spec, ModbusPoint) and point.address is not None
    )
    for table, group in groupby(spans, key=lambda span: span[0]):
        longest = limits.max_bits if table in BIT_TABLES else limits.max_registers
        yield table, _joined(((first, end) for _, first, end in group), table, longest, limits)


def _joined(spans: Iterable[Span], table: Table, longest: int, limits: Limits) -> list[Span]:
    joined: list[Span] = []
    for first, end in spans:
        start, stop = joined[-1] if joined else (0, 0)
        fits = joined and first - stop <= limits.max_gap and max(end, stop) - start <= longest
        if fits and not _is_forbidden(table, stop, first, limits):
            joined[-1] = (start, max(end, stop))
        else:
            joined.append((first, end))
    return joined


def _is_forbidden(table: Table, first: int, end: int, limits: Limits) -> bool:
    return any(table == where and low < end and high >= first for where, low, high in limits.unreadable)
