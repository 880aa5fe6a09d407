"""One open connection or port, and what opens it: bytes, whatever they mean."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Final, Protocol

BUFFER_BYTES: Final = 2048
OPEN_TIMEOUT_S: Final = 5.0


class Receiver(Protocol):
    """Whoever works on what comes in."""

    def took(self, data: bytes) -> bool:
        """Whether bytes that came while the buffer was empty are exactly what is waited for, and were taken as such.
        The usual case, without the buffer.
        """
        ...

    def received(self, wire: Wire) -> None:
        """New bytes stand in the buffer."""
        ...

    def overflowed(self, wire: Wire) -> None:
        """The buffer is full and nobody has consumed anything: more bytes than any answer has."""
        ...

    def lost(self, wire: Wire, error: Exception | None) -> None:
        """The connection is gone; `error` is None when the other side closed it."""
        ...


class Wire(ABC):
    """Received bytes stand in `buffer` up to `end` until they are consumed. `gone` is set when all is closed.

    Args:
        receiver: is told.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.buffer = bytearray(BUFFER_BYTES)
        self.end = 0
        self.gone = asyncio.Event()

    def arrived(self, data: bytes) -> None:
        """Bytes came in."""
        if self.end == 0 and self._receiver.took(data):
            return
        while data:
            room = BUFFER_BYTES - self.end
            part, data = data[:room], data[room:]
            self.buffer[self.end : self.end + len(part)] = part
            self.end += len(part)
            self._receiver.received(self)
            if self.end == BUFFER_BYTES:
                self._receiver.overflowed(self)

    def consume(self, count: int) -> None:
        """Forgets the first `count` bytes."""
        left = self.end - count
        if left and count:
            self.buffer[:left] = self.buffer[count : self.end]
        self.end = left

    def received_bytes(self) -> bytes:
        """A copy of what stands in the buffer."""
        return bytes(self.buffer[: self.end])

    @abstractmethod
    def send(self, frame: bytes) -> None:
        """Hands bytes over to be sent."""

    @abstractmethod
    def abort(self) -> None:
        """Closes at once; what was not sent yet is not sent any more."""

    @property
    @abstractmethod
    def usable(self) -> bool:
        """Open, and not about to close."""


class Carrier(Protocol):
    """Opens wires to one place. `address` is host:port or the path of a serial port."""

    @property
    def address(self) -> str:
        """Where it leads."""
        ...

    async def open(self, receiver: Receiver) -> Wire:
        """A new wire.

        Raises:
            LinkDown: nobody is there, it is not ours, or it took longer than `OPEN_TIMEOUT_S`.
        """
        ...
