"""A TCP proxy that does to a connection what networks do: delays, cuts, resets, garbage, other segments."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

Passing = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


async def unharmed(data: bytes, towards: asyncio.StreamWriter) -> None:
    """Hands the bytes on as they came."""
    towards.write(data)


@dataclass
class Proxy:
    """`answers`: what becomes of bytes on their way to the client; changed by the test at any time."""

    port: int = 0
    answers: Passing = unharmed
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    clients: list[asyncio.StreamWriter] = field(default_factory=list)

    def reset(self) -> None:
        """Ends all connections with RST, as a rebooted device does."""
        for client in self.clients:
            connected = client.get_extra_info("socket")
            if connected is not None:
                connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.transport.abort()
        self.clients.clear()


@contextlib.asynccontextmanager
async def proxy_to(host: str, port: int) -> AsyncIterator[Proxy]:
    """Listens on a free loopback port and hands on to `host` and `port`."""
    proxy = Proxy()
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def forward(source: asyncio.StreamReader, towards: asyncio.StreamWriter, *, back: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(4096):
                await (proxy.answers if back else unharmed)(data, towards)
        towards.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        proxy.connections += 1
        proxy.open_now += 1
        proxy.most_open = max(proxy.most_open, proxy.open_now)
        proxy.clients.append(writer)
        writers.append(writer)
        inner_reader, inner_writer = await asyncio.open_connection(host, port)
        writers.append(inner_writer)
        answering = asyncio.create_task(forward(inner_reader, writer, back=True))
        tasks.add(answering)
        await forward(reader, inner_writer, back=False)
        proxy.open_now -= 1

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(serve(reader, writer)))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    proxy.port = listener.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await listener.wait_closed()
        for _ in range(3):
            await asyncio.sleep(0)
