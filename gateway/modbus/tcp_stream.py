"""TCP connections as wires, and how a peer that vanished without a word is found out."""

from __future__ import annotations

import asyncio
import socket
from typing import Final, cast

from facility.errors import LinkDown, Where
from gateway.modbus.wire import OPEN_TIMEOUT_S, Receiver, Wire
from gateway.unreachable import unreachable

UNACKNOWLEDGED_MS: Final = 20_000
"""The kernel gives a connection up when what was sent is not acknowledged for so long: power cut, cable out."""
_OPTIONS: Final = (
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 30),
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 10),
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", UNACKNOWLEDGED_MS),
)


class TcpWire(Wire, asyncio.Protocol):
    """One TCP connection."""

    _transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports do not inherit from asyncio's
        connected: socket.socket | None = transport.get_extra_info("socket")
        if connected is not None:
            for level, name, value in _OPTIONS:
                if hasattr(socket, name):
                    connected.setsockopt(level, getattr(socket, name), value)

    data_received = Wire.arrived

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        self._receiver.lost(self, exc)

    def send(self, frame: bytes) -> None:
        assert self._transport is not None
        self._transport.write(frame)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()


class TcpCarrier:
    """Opens connections to a host's port.

    Args:
        link: the line's id in the site file.
        host: name or address.
        port: TCP port.
    """

    def __init__(self, link: str, host: str, port: int) -> None:
        self.address = f"{host}:{port}"
        self._where = Where(link=link, address=self.address)
        self._host, self._port = host, port

    async def open(self, receiver: Receiver) -> TcpWire:
        """See `Carrier.open`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                _, wire = await loop.create_connection(lambda: TcpWire(receiver), self._host, self._port)
        except TimeoutError as error:
            text = unreachable(self.address, error)
            raise LinkDown(f"no connection within {OPEN_TIMEOUT_S:g} s", where=self._where, text=text) from error
        except OSError as error:
            text = unreachable(self.address, error)
            raise LinkDown(f"cannot connect: {error.strerror or error}", where=self._where, text=text) from error
        return wire
