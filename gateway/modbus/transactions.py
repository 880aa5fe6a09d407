"""What all lines share: the wire, one transaction at a time, its time limit, and the record of what went over it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from math import inf
from time import time_ns
from typing import Final, Generic, Protocol, TypeVar

from facility.errors import HouqinError, LinkDown, Where
from facility.profiles.schema import Table
from facility.wire_log import Direction, FrameRing
from gateway.modbus import notes
from gateway.modbus.frames import Request, read_request, write_request
from gateway.modbus.transport import RawRequest
from gateway.modbus.wire import Carrier, Wire
from gateway.turn import Turn


class Asked(Protocol):
    """What every question has, in whatever framing."""

    @property
    def what(self) -> str: ...

    @property
    def unit(self) -> int | None: ...


Q = TypeVar("Q", bound=Asked)
_SENT: Final = Direction.SENT


@dataclass(slots=True)
class Pending(Generic[Q]):
    """The question that is out. `stray` keeps the last bytes that came and did not answer it."""

    question: Q
    deadline_s: float
    answer: asyncio.Future[bytes]
    stray: bytes = b""


class Transactions(ABC, Generic[Q]):
    """One line over a carrier; subclasses know the framing.

    One timer serves all requests: it is set once and moved on when it fires, because a timer per request costs more
    than the request.

    Args:
        link: the line's id in the site file.
        carrier: opens the wire.
        ring: takes every frame.
    """

    def __init__(self, link: str, carrier: Carrier, ring: FrameRing) -> None:
        self.where = Where(link=link, address=carrier.address)
        self.dropped_answers = 0
        self._carrier = carrier
        self._record = ring.record
        self._turn = Turn()
        self._wire: Wire | None = None
        self._leaving: Wire | None = None
        self._pending: Pending[Q] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_s = inf

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:
        """See `Transport.read`."""
        if not self._turn.try_take():
            await self._turn.take()
        try:
            return await self._ask(read_request(unit, table, address, count), timeout_s)
        finally:
            self._pending = None
            self._turn.pass_on()

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:
        """See `Transport.write`."""
        if not self._turn.try_take():
            await self._turn.take()
        try:
            await self._ask(write_request(unit, function, address, values), timeout_s)
        finally:
            self._pending = None
            self._turn.pass_on()

    async def exchange(self, request: RawRequest, timeout_s: float) -> bytes:
        """See `Transport.exchange`. For lines that carry Modbus alone."""
        del timeout_s
        raise ValueError(f"{request.what}: line {self.where.link} carries Modbus alone")

    async def reset(self) -> None:
        """See `Transport.reset`. A question that is out ends as LinkDown."""
        self._drop()
        self._fail(LinkDown("the connection was given up", where=self.where))

    async def close(self) -> None:
        """See `Transport.close`. A question that is out ends as LinkDown."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._timer_s = None, inf
        self._drop()
        self._fail(LinkDown("the line was closed", where=self.where))
        await self._left()

    @abstractmethod
    def _ask(self, request: Request, timeout_s: float) -> Awaitable[bytes]:
        """A Modbus question and what its answer carries. Whoever calls holds the turn until that is there."""

    @abstractmethod
    def _frame(self, question: Q) -> bytes:
        """The bytes to send."""

    def took(self, data: bytes) -> bool:  # noqa: ARG002 - framings that can tell override it
        """See `Receiver.took`."""
        return False

    @abstractmethod
    def received(self, wire: Wire) -> None:
        """New bytes stand in the buffer."""

    @abstractmethod
    def _silence(self, pending: Pending[Q], wire: Wire | None) -> HouqinError:
        """The error for a question that was not answered in time."""

    async def _transact(self, question: Q, timeout_s: float) -> bytes:
        """One question, one answer; returns what the answer carries."""
        wire = self._wire
        if wire is None or not wire.usable:
            wire = await self._open()
        try:
            return await self._send(wire, question, timeout_s)
        finally:
            self._pending = None

    def _send(self, wire: Wire, question: Q, timeout_s: float) -> asyncio.Future[bytes]:
        """Sends a question over a usable wire; it is the one that is out until `_pending` is cleared."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + timeout_s
        answer: asyncio.Future[bytes] = loop.create_future()
        self._pending = Pending(question, deadline_s, answer)
        frame = self._frame(question)
        self._record(time_ns() // 1000, _SENT, frame)
        wire.send(frame)
        if self._timer_s > deadline_s:
            self._set_timer(loop, deadline_s)
        return answer

    async def _open(self) -> Wire:
        """A new wire, after the old one is closed for good: many devices serve one connection only."""
        self._drop()
        await self._left()
        wire = self._wire = await self._carrier.open(self)
        return wire

    async def _left(self) -> None:
        leaving, self._leaving = self._leaving, None
        if leaving is not None:
            await leaving.gone.wait()

    def _set_timer(self, loop: asyncio.AbstractEventLoop, deadline_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_s = loop.call_at(deadline_s, self._time_is_up), deadline_s

    def _time_is_up(self) -> None:
        self._timer, self._timer_s = None, inf
        pending = self._pending
        if pending is None or pending.answer.done():
            return
        loop = asyncio.get_running_loop()
        if loop.time() < pending.deadline_s:
            self._set_timer(loop, pending.deadline_s)
            return
        pending.answer.set_exception(self._silence(pending, self._wire))

    def _drop(self) -> None:
        """Gives the wire up; the next question opens another."""
        wire, self._wire = self._wire, None
        if wire is not None:
            self._leaving = wire
            wire.abort()

    def _fail(self, error: HouqinError) -> None:
        """Ends the question that is out with `error`."""
        if self._pending is not None and not self._pending.answer.done():
            self._pending.answer.set_exception(error)

    def _asked(self, pending: Pending[Q]) -> Where:
        return replace(self.where, unit=pending.question.unit)

    def _keep(self, data: bytes, note: str | None) -> None:
        self._record(time_ns() // 1000, Direction.RECEIVED, data, note)

    def overflowed(self, wire: Wire) -> None:
        """More bytes came than any answer has: they are thrown away."""
        raw = wire.received_bytes()
        self._keep(raw, notes.FLOODED)
        if self._pending is not None:
            self._pending.stray = raw
        wire.consume(wire.end)

    def lost(self, wire: Wire, error: Exception | None) -> None:
        """The wire is gone."""
        if wire is not self._wire:
            return
        self._wire = None
        raw = wire.received_bytes()
        if raw:
            self._keep(raw, notes.BROKEN)
        why = f"connection lost: {error}" if error is not None else "the other side closed the connection"
        self._fail(LinkDown(why, where=self.where, raw=raw or None))
