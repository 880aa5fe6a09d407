"""What both Modbus transports over a byte stream share: the connection, one transaction at a time, its time limit."""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from facility.errors import HouqinError, LinkDown, Where
from facility.profiles.schema import Table
from gateway.modbus.frames import Request, read_request, write_request
from gateway.modbus.transport import RawRequest
from gateway.turn import Turn

CONNECT_TIMEOUT_S: Final = 5.0
BUFFER_BYTES: Final = 2048
SILENCES_BEFORE_REOPENING: Final = 3
"""So many unanswered questions in a row, to whatever units, and the connection itself is no longer trusted."""


class Wire(asyncio.BufferedProtocol):
    """One open connection. Received bytes stand in `buffer` up to `end` until the owner consumes them."""

    def __init__(self, owner: StreamTransport) -> None:
        self._owner = owner
        self.buffer = bytearray(BUFFER_BYTES)
        self.view = memoryview(self.buffer)
        self.end = 0
        self.transport: asyncio.Transport | None = None
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's transports do not inherit from asyncio's
        connected: socket.socket | None = transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio names it
        return self.view[self.end :]

    def buffer_updated(self, nbytes: int) -> None:
        self.end += nbytes
        self._owner.received(self)
        if self.end == BUFFER_BYTES:
            self._owner.overflowed(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        self._owner.lost(self, exc)

    def consume(self, count: int) -> None:
        """Forgets the first `count` bytes."""
        left = self.end - count
        if left and count:
            self.buffer[:left] = self.buffer[count : self.end]
        self.end = left

    def received_bytes(self) -> bytes:
        """A copy of what stands in the buffer."""
        return bytes(self.view[: self.end])

    def send(self, frame: bytes) -> None:
        assert self.transport is not None
        self.transport.write(frame)

    def abort(self) -> None:
        """Drops the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    @property
    def usable(self) -> bool:
        """Open, and not about to close."""
        return self.transport is not None and not self.transport.is_closing()


@dataclass(slots=True)
class Pending:
    """The question that is out. `stray` keeps the last bytes that came and did not answer it."""

    request: Request
    deadline_s: float
    answer: asyncio.Future[bytes]
    stray: bytes = b""


class StreamTransport(ABC):
    """A Modbus line over a TCP stream; subclasses know the framing.

    One timer serves all requests: it is set once and moved on when it fires, because a timer per request costs more
    than the request.

    Args:
        link: the line's id in the site file.
        host: name or address.
        port: TCP port.
    """

    def __init__(self, link: str, host: str, port: int) -> None:
        self.where = Where(link=link, address=f"{host}:{port}")
        self._host, self._port = host, port
        self._turn = Turn()
        self._wire: Wire | None = None
        self._pending: Pending | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._silences = 0
        self.dropped_answers = 0

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:
        """See `Transport.read`."""
        if not self._turn.try_take():
            await self._turn.take()
        try:
            return await self._exchange(read_request(unit, table, address, count), timeout_s)
        finally:
            self._turn.pass_on()

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:
        """See `Transport.write`."""
        if not self._turn.try_take():
            await self._turn.take()
        try:
            await self._exchange(write_request(unit, function, address, values), timeout_s)
        finally:
            self._turn.pass_on()

    async def exchange(self, request: RawRequest, timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        del timeout_s
        raise ValueError(f"{request.what}: line {self.where.link} carries Modbus alone")

    async def reset(self) -> None:
        """See `Transport.reset`."""
        self._drop()

    async def close(self) -> None:
        """See `Transport.close`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.abort()
            await wire.gone.wait()

    @abstractmethod
    def _frame(self, request: Request) -> bytes:
        """The bytes to send."""

    @abstractmethod
    def received(self, wire: Wire) -> None:
        """New bytes stand in the buffer."""

    @abstractmethod
    def _silence(self, pending: Pending, wire: Wire | None) -> HouqinError:
        """The error for a question that was not answered in time."""

    async def _exchange(self, request: Request, timeout_s: float) -> bytes:
        """One question, one answer; returns what the answer carries."""
        wire = self._wire
        if wire is None or not wire.usable:
            wire = await self._open()
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + timeout_s
        pending = self._pending = Pending(request, deadline_s, loop.create_future())
        wire.send(self._frame(request))
        if self._timer is None or self._timer.when() > deadline_s:
            self._set_timer(loop, deadline_s)
        try:
            answer = await pending.answer
        finally:
            self._pending = None
        self._silences = 0
        return answer

    async def _open(self) -> Wire:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, wire = await loop.create_connection(lambda: Wire(self), self._host, self._port)
        except TimeoutError as error:
            raise LinkDown(f"no connection within {CONNECT_TIMEOUT_S:g} s", where=self.where) from error
        except OSError as error:
            raise LinkDown(f"cannot connect: {error.strerror or error}", where=self.where) from error
        self._wire = wire
        self._silences = 0
        return wire

    def _set_timer(self, loop: asyncio.AbstractEventLoop, deadline_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(deadline_s, self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer = None
        pending = self._pending
        if pending is None or pending.answer.done():
            return
        loop = asyncio.get_running_loop()
        if loop.time() < pending.deadline_s:
            self._set_timer(loop, pending.deadline_s)
            return
        pending.answer.set_exception(self._silence(pending, self._wire))
        self._silences += 1
        if self._silences >= SILENCES_BEFORE_REOPENING:
            self._drop()

    def _drop(self) -> None:
        """Gives the connection up; the next question opens another."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.abort()

    def _fail(self, error: HouqinError) -> None:
        """Ends the question that is out with `error`."""
        if self._pending is not None and not self._pending.answer.done():
            self._pending.answer.set_exception(error)

    def _asked(self, pending: Pending) -> Where:
        return replace(self.where, unit=pending.request.unit)

    def overflowed(self, wire: Wire) -> None:
        """More bytes came than any answer has: they are thrown away."""
        if self._pending is not None:
            self._pending.stray = wire.received_bytes()
        wire.consume(wire.end)

    def lost(self, wire: Wire, error: Exception | None) -> None:
        """The connection is gone."""
        if wire is not self._wire:
            return
        self._wire = None
        why = f"connection lost: {error}" if error is not None else "the other side closed the connection"
        self._fail(LinkDown(why, where=self.where, raw=wire.received_bytes() or None))
