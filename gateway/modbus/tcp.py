"""Modbus/TCP (Modbus Messaging on TCP/IP Implementation Guide V1.0b, section 3): every answer names its question."""

from __future__ import annotations

import struct
from typing import Final

from facility.errors import BadAnswer, HouqinError, NoAnswer
from gateway.modbus.frames import Request, opened
from gateway.modbus.stream import Pending, StreamTransport, Wire

_HEADER: Final = struct.Struct(">HHHB")
_LENGTH_AFTER: Final = 6
_SHORTEST: Final = 2
_LONGEST: Final = 254


class ModbusTcpTransport(StreamTransport):
    """One connection for all units behind an address. An answer with another transaction id is a late one and dropped;
    a stream that is not Modbus is cut off and opened anew.
    """

    _transaction = 0

    def _frame(self, request: Request) -> bytes:
        self._transaction = (self._transaction + 1) & 0xFFFF
        return self._transaction.to_bytes(2, "big") + request.tcp

    def received(self, wire: Wire) -> None:
        start = 0
        while wire.end - start > _HEADER.size:
            transaction, protocol, length, unit = _HEADER.unpack_from(wire.buffer, start)
            if protocol != 0 or not _SHORTEST <= length <= _LONGEST:
                self._not_modbus(wire)
                return
            end = start + _LENGTH_AFTER + length
            if end > wire.end:
                break
            self._take(transaction, unit, bytes(wire.view[start + _HEADER.size : end]))
            start = end
        wire.consume(start)

    def _take(self, transaction: int, unit: int, pdu: bytes) -> None:
        pending = self._pending
        if pending is None or pending.answer.done():
            return
        if transaction != self._transaction:
            pending.stray = pdu
            return
        try:
            pending.answer.set_result(opened(pending.request, unit, pdu, self.where))
        except HouqinError as error:
            self._silences = 0
            pending.answer.set_exception(error)

    def _not_modbus(self, wire: Wire) -> None:
        raw = wire.received_bytes()
        if (pending := self._pending) is not None:
            what = pending.request.what
            self._fail(BadAnswer(f"{what}: what came is not Modbus/TCP", where=self._asked(pending), raw=raw))
        self._drop()

    def _silence(self, pending: Pending, wire: Wire | None) -> HouqinError:
        what, where = pending.request.what, self._asked(pending)
        if wire is not None and wire.end:
            raw = wire.received_bytes()
            self._drop()
            return BadAnswer(f"{what}: the answer broke off after {len(raw)} bytes", where=where, raw=raw)
        if pending.stray:
            return BadAnswer(f"{what}: only answers to other questions came", where=where, raw=pending.stray)
        return NoAnswer(f"{what}: no answer in time", where=where)
