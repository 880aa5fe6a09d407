"""A Modbus server that answers as a script says, for every framing and carrier: the faults of real lines on demand."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter
from pymodbus.framer import FramerAscii, FramerRTU
from pymodbus.pdu import DecodePDU

from facility.model.entries import Link
from tests.gateway.adapter import Adapter

Kind = Literal["modbus_tcp", "modbus_rtu_over_tcp", "modbus_ascii_over_tcp", "modbus_rtu", "modbus_ascii"]
Script = Callable[["Asked"], Awaitable[None]]
RTU_REQUEST_BYTES = 8
_ASCII = FramerAscii(DecodePDU(True))
_LINK: TypeAdapter[Link] = TypeAdapter(Link)


@dataclass
class Asked:
    """One request as it came in, and the means to answer it.

    `number` counts requests over all connections from 0, `unit` and `pdu` are the question, `raw` is all of it.
    """

    kind: Kind
    number: int
    transaction: int
    unit: int
    pdu: bytes
    raw: bytes
    send: Callable[[bytes], None]
    close: Callable[[], None]

    def frame(self, pdu: bytes, *, unit: int | None = None, transaction: int | None = None) -> bytes:
        """A correct frame around `pdu`, but for what is said otherwise."""
        address = bytes((self.unit if unit is None else unit,))
        if "rtu" in self.kind:
            return address + pdu + FramerRTU.compute_CRC(address + pdu).to_bytes(2, "big")
        if "ascii" in self.kind:
            return _ASCII.encode(pdu, address[0], 0)
        number = self.transaction if transaction is None else transaction
        return number.to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + address + pdu

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


@dataclass
class ScriptedServer:
    """What a test needs to know of the running server. `adapter` is None where the line is no serial port."""

    link: Link
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    adapter: Adapter | None = None


class _Answering:
    """Cuts what comes in into requests and lets the script answer each in a task of its own."""

    def __init__(self, kind: Kind, script: Script, asked: list[Asked]) -> None:
        self._kind, self._script, self._asked = kind, script, asked
        self.tasks: set[asyncio.Task[None]] = set()

    def take(self, data: bytes, send: Callable[[bytes], None], close: Callable[[], None]) -> bytes:
        """What is left behind the last whole request."""
        while (length := _request_bytes(self._kind, data)) is not None:
            raw, data = data[:length], data[length:]
            asked = Asked(self._kind, len(self._asked), *_parts(self._kind, raw), raw, send, close)
            self._asked.append(asked)
            self.tasks.add(asyncio.create_task(self._run(asked)))
        return data

    async def _run(self, asked: Asked) -> None:
        with contextlib.suppress(ConnectionError):
            await self._script(asked)

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def _request_bytes(kind: Kind, data: bytes) -> int | None:
    if "rtu" in kind:
        return RTU_REQUEST_BYTES if len(data) >= RTU_REQUEST_BYTES else None
    if "ascii" in kind:
        end = data.find(b"\r\n")
        return None if end < 0 else end + 2
    length = 6 + int.from_bytes(data[4:6], "big")
    return length if len(data) >= max(7, length) else None


def _parts(kind: Kind, raw: bytes) -> tuple[int, int, bytes]:
    if "rtu" in kind:
        assert FramerRTU.check_CRC(raw[:-2], int.from_bytes(raw[-2:], "big")), raw.hex(" ")
        return 0, raw[0], raw[1:-2]
    if "ascii" in kind:
        message = bytes.fromhex(raw[1:-2].decode("ascii"))
        assert FramerAscii.check_LRC(message[:-1], message[-1]), raw
        return 0, message[0], message[1:-1]
    assert raw[2:4] == b"\0\0"
    return int.from_bytes(raw[:2], "big"), raw[6], raw[7:]


@contextlib.asynccontextmanager
async def scripted(script: Script, kind: Kind) -> AsyncIterator[ScriptedServer]:
    """A server on a free loopback port, or behind a serial port, that calls `script` for every request."""
    on_port = kind in ("modbus_rtu", "modbus_ascii")
    async with _on_port(script, kind) if on_port else _on_tcp(script, kind) as server:
        yield server


@contextlib.asynccontextmanager
async def _on_tcp(script: Script, kind: Kind) -> AsyncIterator[ScriptedServer]:
    writers: set[asyncio.StreamWriter] = set()
    asked: list[Asked] = []
    answering = _Answering(kind, script, asked)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        server.connections += 1
        left = b""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                left = answering.take(left + data, writer.write, writer.close)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    settings = {} if kind == "modbus_tcp" else {"baudrate": 115200}
    link = _LINK.validate_python({"type": kind, "host": "127.0.0.1", "port": port} | settings)
    server = ScriptedServer(link, asked)
    try:
        yield server
    finally:
        listener.close()
        for writer in writers:
            writer.transport.abort()
        await answering.end()
        await listener.wait_closed()
        while (left := asyncio.all_tasks() - {asyncio.current_task()}) and any("serve" in str(t) for t in left):
            await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def _on_port(script: Script, kind: Kind) -> AsyncIterator[ScriptedServer]:
    asked: list[Asked] = []
    answering = _Answering(kind, script, asked)
    left = bytearray()

    def heard(data: bytes) -> None:
        left[:] = answering.take(bytes(left) + data, adapter.say, lambda: None)

    with tempfile.TemporaryDirectory(prefix="houqin-port-") as folder:
        path = Path(folder) / "usb-adapter"
        adapter = Adapter(path, heard)
        link = _LINK.validate_python({"type": kind, "path": str(path), "baudrate": 115200, "parity": "E"})
        try:
            yield ScriptedServer(link, asked, connections=1, adapter=adapter)
        finally:
            adapter.pull_out()
            await answering.end()
