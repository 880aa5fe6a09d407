"""A Modbus server that answers as a script says, for both framings: the faults of real lines on demand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from pymodbus.framer import FramerRTU

from facility.model.entries import Link, ModbusRtuOverTcpLink, ModbusTcpLink

Send = Callable[[bytes], None]
Script = Callable[["Asked"], Awaitable[None]]
RTU_REQUEST_BYTES = 8


@dataclass
class Asked:
    """One request as it came in, and the means to answer it.

    `number` counts requests over all connections from 0, `unit` and `pdu` are the question.
    """

    rtu: bool
    number: int
    transaction: int
    unit: int
    pdu: bytes
    writer: asyncio.StreamWriter

    def frame(self, pdu: bytes, *, unit: int | None = None, transaction: int | None = None) -> bytes:
        """A correct frame around `pdu`, but for what is said otherwise."""
        address = bytes((self.unit if unit is None else unit,))
        if self.rtu:
            return address + pdu + FramerRTU.compute_CRC(address + pdu).to_bytes(2, "big")
        number = self.transaction if transaction is None else transaction
        return number.to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + address + pdu

    def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self.writer.write(data)

    def answer(self, pdu: bytes, *, unit: int | None = None, transaction: int | None = None) -> None:
        """Sends `pdu` framed."""
        self.send(self.frame(pdu, unit=unit, transaction=transaction))

    @property
    def good(self) -> bytes:
        """The right answer: every register holds its own address; a write is acknowledged."""
        function = self.pdu[0]
        if function in (3, 4):
            address, count = int.from_bytes(self.pdu[1:3], "big"), int.from_bytes(self.pdu[3:5], "big")
            data = b"".join(place.to_bytes(2, "big") for place in range(address, address + count))
            return bytes((function, len(data))) + data
        return self.pdu[:5]

    def close(self) -> None:
        """Ends the connection."""
        self.writer.close()


@dataclass
class ScriptedServer:
    """What a test needs to know of the running server."""

    link: Link
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0


@contextlib.asynccontextmanager
async def scripted(script: Script, *, rtu: bool) -> AsyncIterator[ScriptedServer]:
    """A server on a free loopback port that calls `script` for every request."""
    writers: set[asyncio.StreamWriter] = set()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        server.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = await _next_request(reader, writer, rtu=rtu, number=len(server.asked))
                server.asked.append(asked)
                task = asyncio.create_task(_run(script, asked))
                tasks.add(task)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    link: Link = (
        ModbusRtuOverTcpLink(type="modbus_rtu_over_tcp", host="127.0.0.1", port=port, baudrate=115200)
        if rtu
        else ModbusTcpLink(type="modbus_tcp", host="127.0.0.1", port=port)
    )
    server = ScriptedServer(link)
    try:
        yield server
    finally:
        listener.close()
        for writer in writers:
            writer.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()
        while (left := asyncio.all_tasks() - {asyncio.current_task()}) and any("serve" in str(t) for t in left):
            await asyncio.sleep(0)


async def _run(script: Script, asked: Asked) -> None:
    with contextlib.suppress(ConnectionError):
        await script(asked)


async def _next_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, rtu: bool, number: int
) -> Asked:  # fmt: skip
    if rtu:
        frame = await reader.readexactly(RTU_REQUEST_BYTES)
        assert FramerRTU.check_CRC(frame[:-2], int.from_bytes(frame[-2:], "big"))
        return Asked(True, number, 0, frame[0], frame[1:-2], writer)
    header = await reader.readexactly(7)
    assert header[2:4] == b"\0\0"
    pdu = await reader.readexactly(int.from_bytes(header[4:6], "big") - 1)
    return Asked(False, number, int.from_bytes(header[:2], "big"), header[6], pdu, writer)
