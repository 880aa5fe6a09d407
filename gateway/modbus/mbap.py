"""Modbus/TCP (Modbus Messaging on TCP/IP Implementation Guide V1.0b, section 3): every answer names its question."""

from __future__ import annotations

import struct
from collections.abc import Awaitable
from time import time_ns
from typing import Final

from facility.errors import BadAnswer, HouqinError, NoAnswer
from facility.wire_log import Direction
from gateway.modbus import notes
from gateway.modbus.frames import Request, opened
from gateway.modbus.transactions import Pending, Transactions
from gateway.modbus.wire import Wire

_HEADER: Final = struct.Struct(">HHHB")
_RECEIVED: Final = Direction.RECEIVED
_HEADER_BYTES: Final = 7
_LENGTH_AFTER: Final = 6
_SHORTEST: Final = 2
_LONGEST: Final = 254
SHIFTED_BEFORE_REOPENING: Final = 2
"""So many questions in a row to which only answers to other questions came, and the stream is taken for shifted."""


class MbapTransport(Transactions[Request]):
    """One connection for all units behind an address. An answer with another transaction id is a late one and dropped;
    a stream that is not Modbus, or stays behind its questions, is cut off and opened anew.
    """

    _transaction = 0
    _awaited = b""
    _awaited_bytes = 0
    _answered = -1
    _shifted = 0

    def _ask(self, request: Request, timeout_s: float) -> Awaitable[bytes]:
        wire = self._wire
        if wire is None or not wire.usable:
            return self._transact(request, timeout_s)
        return self._send(wire, request, timeout_s)

    def _frame(self, question: Request) -> bytes:
        self._transaction = number = (self._transaction + 1) & 0xFFFF
        mark = number.to_bytes(2, "big")
        self._awaited = awaited = mark + question.tcp_answer
        self._awaited_bytes = len(awaited) + question.payload
        return mark + question.tcp

    def took(self, data: bytes) -> bool:
        """See `Receiver.took`. A good answer in one piece."""
        pending, awaited = self._pending, self._awaited
        if len(data) != self._awaited_bytes or not data.startswith(awaited):
            return False
        if pending is None or pending.answer.done():
            return False
        self._answered, self._shifted = self._transaction, 0
        pending.answer.set_result(data[len(awaited) :])
        self._record(time_ns() // 1000, _RECEIVED, data)
        return True

    def received(self, wire: Wire) -> None:
        """See `Receiver.received`."""
        start = 0
        while wire.end - start > _HEADER_BYTES:
            transaction, protocol, length, unit = _HEADER.unpack_from(wire.buffer, start)
            if protocol != 0 or not _SHORTEST <= length <= _LONGEST:
                self._not_modbus(wire)
                return
            end = start + _LENGTH_AFTER + length
            if end > wire.end:
                break
            self._take(transaction, unit, bytes(wire.buffer[start:end]))
            start = end
        wire.consume(start)

    def _take(self, transaction: int, unit: int, frame: bytes) -> None:
        pending = self._pending
        if pending is None or transaction != self._transaction or pending.answer.done():
            self._take_other(transaction, frame)
            return
        self._answered, self._shifted = transaction, 0
        try:
            carried = opened(pending.question, unit, frame[_HEADER_BYTES:], self.where)
        except HouqinError as error:
            pending.answer.set_exception(error)
            self._keep(frame, notes.MISFIT if isinstance(error, BadAnswer) else None)
            return
        pending.answer.set_result(carried)
        self._record(time_ns() // 1000, _RECEIVED, frame)

    def _take_other(self, transaction: int, frame: bytes) -> None:
        """An answer that nobody waits for: late, or the one that was taken sent once more."""
        self.dropped_answers += 1
        self._keep(frame, notes.REPEATED if transaction == self._answered else notes.LATE)
        if self._pending is not None:
            self._pending.stray = frame[_HEADER_BYTES:]

    def _not_modbus(self, wire: Wire) -> None:
        raw = wire.received_bytes()
        self._keep(raw, notes.FOREIGN)
        if (pending := self._pending) is not None:
            what = pending.question.what
            self._fail(BadAnswer(f"{what}: what came is not Modbus/TCP", where=self._asked(pending), raw=raw))
        self._drop()

    def _silence(self, pending: Pending[Request], wire: Wire | None) -> HouqinError:
        what, where = pending.question.what, self._asked(pending)
        if wire is not None and wire.end:
            raw = wire.received_bytes()
            self._keep(raw, notes.BROKEN)
            self._drop()
            return BadAnswer(f"{what}: the answer broke off after {len(raw)} bytes", where=where, raw=raw)
        if pending.stray:
            self._shifted += 1
            if self._shifted >= SHIFTED_BEFORE_REOPENING:
                self._shifted = 0
                self._drop()
            return BadAnswer(f"{what}: only answers to other questions came", where=where, raw=pending.stray)
        return NoAnswer(f"{what}: no answer in time", where=where)
