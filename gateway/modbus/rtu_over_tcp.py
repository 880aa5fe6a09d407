"""RTU frames over a TCP stream: serial servers and transparent DTUs (Modbus over Serial Line V1.02, section 2.5).

RTU has no transaction id: an answer that comes late looks like the answer to the next question. So after every
question without a good answer the line is kept quiet and drained, and the next question that an old answer could
satisfy is asked twice, of which only the second answer counts.
"""

from __future__ import annotations

import asyncio
from typing import Final

from facility.errors import BadAnswer, HouqinError, LinkDown, NoAnswer
from gateway.modbus.frames import EXCEPTION_BIT, Request, checksum_holds, opened
from gateway.modbus.stream import Pending, StreamTransport, Wire

CHECKSUM_BYTES: Final = 2
CHARACTER_BITS: Final = 11
QUIET_CHARACTERS: Final = 3.5
SHORTEST_QUIET_S: Final = 0.00175
"""The silent interval above 19,200 baud, Modbus over Serial Line V1.02, section 2.5.1.1."""
SECOND_LOOK_S: Final = 0.5
_SLICE_S: Final = 0.02

Shape = tuple[int, bytes]
"""Unit id and the head that a good answer has: two questions of one shape can be satisfied by the same answer."""


class RtuOverTcpTransport(StreamTransport):
    """A serial line behind a TCP port, one transaction at a time.

    Args:
        link: the line's id in the site file.
        host: name or address of the serial server.
        port: its TCP port.
        baudrate: speed of the serial line behind it; sets the silent interval and the time a frame needs.
    """

    def __init__(self, link: str, host: str, port: int, *, baudrate: int) -> None:
        super().__init__(link, host, port)
        self._character_s = CHARACTER_BITS / baudrate
        self._gap_s = max(SHORTEST_QUIET_S, QUIET_CHARACTERS * self._character_s)
        self._quiet_until_s = 0.0
        self._owed: Request | None = None
        self._doubtful: set[Shape] = set()

    async def _exchange(self, request: Request, timeout_s: float) -> bytes:
        shape = request.unit, request.head
        answer = await self._transact(request, timeout_s)
        if shape in self._doubtful:
            self._keep_quiet(min(timeout_s, SECOND_LOOK_S))
            answer = await self._transact(request, timeout_s)
            self._doubtful.discard(shape)
        return answer

    async def _transact(self, request: Request, timeout_s: float) -> bytes:
        await self._quiet()
        if self._wire is not None:
            self._wire.consume(self._wire.end)
        frame_characters = len(request.rtu) + 1 + request.answer_bytes + CHECKSUM_BYTES
        allowed_s = timeout_s + frame_characters * self._character_s
        try:
            answer = await super()._exchange(request, allowed_s)
        except (NoAnswer, BadAnswer, LinkDown, asyncio.CancelledError):
            self._leave_doubt(request, allowed_s)
            raise
        except HouqinError:
            self._keep_quiet(self._gap_s)
            raise
        self._keep_quiet(self._gap_s)
        return answer

    def _leave_doubt(self, request: Request, drain_s: float) -> None:
        self._doubtful.add((request.unit, request.head))
        self._owed = request
        self._keep_quiet(drain_s)

    def _keep_quiet(self, duration_s: float) -> None:
        self._quiet_until_s = asyncio.get_running_loop().time() + duration_s

    async def _quiet(self) -> None:
        """Waits out the silence the line needs; ends early when the answer that was owed comes after all."""
        loop = asyncio.get_running_loop()
        while (left_s := self._quiet_until_s - loop.time()) > 0:
            await asyncio.sleep(min(left_s, _SLICE_S))
        self._owed = None

    def _frame(self, request: Request) -> bytes:
        return request.rtu

    def received(self, wire: Wire) -> None:
        pending = self._pending
        if pending is None or pending.answer.done():
            self._take_late(wire)
            return
        data = wire.received_bytes()
        frame = _found(data, pending.request)
        if frame is None:
            return
        wire.consume(wire.end)
        try:
            pending.answer.set_result(opened(pending.request, frame[0], frame[1:-CHECKSUM_BYTES], self.where))
        except HouqinError as error:
            self._silences = 0
            pending.answer.set_exception(error)

    def _take_late(self, wire: Wire) -> None:
        """Bytes that nobody waits for. When they are the answer that was owed, the line is clean again."""
        if self._owed is not None and _found(wire.received_bytes(), self._owed) is not None:
            self._doubtful.discard((self._owed.unit, self._owed.head))
            self._owed = None
            self._keep_quiet(self._gap_s)
            wire.consume(wire.end)

    def _silence(self, pending: Pending, wire: Wire | None) -> HouqinError:
        raw = pending.stray + (b"" if wire is None else wire.received_bytes())
        what, where = pending.request.what, self._asked(pending)
        if not raw:
            return NoAnswer(f"{what}: no answer in time", where=where)
        if len(raw) > 1 + CHECKSUM_BYTES and checksum_holds(raw):
            try:
                opened(pending.request, raw[0], raw[1:-CHECKSUM_BYTES], self.where)
            except HouqinError as error:
                return error if isinstance(error, BadAnswer) else BadAnswer(error.message, where=where, raw=raw)
        return BadAnswer(f"{what}: {len(raw)} bytes came that are no whole answer", where=where, raw=raw)


def _found(data: bytes, request: Request) -> bytes | None:
    """The frame in `data` that answers `request`, with a checksum that holds; None while there is none.

    Noise before and after it is passed over, and so is an answer of another unit, function or length.
    """
    unit = bytes((request.unit,))
    good = 1 + request.answer_bytes + CHECKSUM_BYTES
    exception = unit + bytes((request.function | EXCEPTION_BIT,))
    return _framed(data, unit + request.head, good) or _framed(data, exception, len(exception) + 1 + CHECKSUM_BYTES)


def _framed(data: bytes, start: bytes, length: int) -> bytes | None:
    place = data.find(start)
    while 0 <= place <= len(data) - length:
        frame = data[place : place + length]
        if checksum_holds(frame):
            return frame
        place = data.find(start, place + 1)
    return None
