"""Modbus TCP servers that are cheap to ask, in a process of their own: `python -m tests.bench.registers PORT COUNT`.

Two registers from an even address hold the address as a 32-bit float, on every unit and table.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from typing import Final

import uvloop

from tests.bench.plant import leave_the_measured_core

FLOATS: Final = b"".join(struct.pack(">f", address) for address in range(0, 2000, 2))


class _Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 12:
            head, self._buffer = self._buffer[:12], self._buffer[12:]
            transaction, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", head)
            payload = FLOATS[2 * address : 2 * (address + count)]
            answer = struct.pack(">HHHBBB", transaction, 0, 3 + len(payload), unit, function, len(payload)) + payload
            self._transport.write(answer)  # type: ignore[attr-defined]  # uvloop's transports have no common class


async def _serve(first_port: int, count: int) -> None:
    loop = asyncio.get_running_loop()
    for port in range(first_port, first_port + count):
        await loop.create_server(_Answering, "127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    leave_the_measured_core()
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
