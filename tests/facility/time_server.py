"""A time server on loopback that answers as a test wants it to."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

PACKET = struct.Struct(">BBbbIIIQQQQ")
SINCE_1900 = datetime(1900, 1, 1, tzinfo=UTC)


def stamp(time: datetime) -> int:
    """A time as 64 bits: seconds and fractions since 1900, rolling over every 2^32 seconds."""
    microseconds = (time - SINCE_1900) // timedelta(microseconds=1)
    return ((microseconds << 32) // 1_000_000) & (2**64 - 1)


@dataclass(slots=True, kw_only=True)
class Answer:
    """The fields of an answer; `origin` None: what was asked."""

    time: datetime
    first: int = 0x24
    stratum: int = 2
    root_delay: int = 0
    dispersion: int = 0
    origin: int | None = None
    held_s: float = 0.0

    def packed(self, question: bytes) -> bytes:
        origin = PACKET.unpack(question)[10] if self.origin is None else self.origin
        sent = stamp(self.time + timedelta(seconds=self.held_s))
        return PACKET.pack(
            self.first, self.stratum, 0, -20, self.root_delay, self.dispersion, 0, stamp(self.time), origin,
            stamp(self.time), sent,
        )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class TimeServer(asyncio.DatagramProtocol):
    """Answers with what `answer` makes of a question; None: not at all."""

    answer: Callable[[bytes], bytes | None]
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked.append(data)
        answer = self.answer(data)
        if answer is not None and self.transport is not None:
            self.transport.sendto(answer, addr)


@asynccontextmanager
async def time_server(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[TimeServer]:
    """Runs until the context ends."""
    server = TimeServer(answer=answer)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()
