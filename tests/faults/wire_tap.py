"""A Modbus/TCP wire with somebody listening: passes everything on, and writes down every write request."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
import time
from dataclasses import dataclass
from typing import Final

from tests.servers import free_port

WRITES: Final = frozenset({5, 6, 15, 16})
HEADER: Final = 7


@dataclass(frozen=True, slots=True)
class Write:
    """A write request: whose wire it was on, when (monotonic seconds), and what it says."""

    who: str
    at_s: float
    function: int
    address: int
    value: int


class WireTap:
    """Wires to one server, each with a name and a port of its own; all write into one log.

    Attributes:
        log: every write request so far, in the order of its passing.
    """

    def __init__(self, target: int) -> None:
        self.log: list[Write] = []
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire-tap")
        self._thread.start()
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = threading.Event()
        self._free.set()

    def wire(self, who: str) -> int:
        """The port of a new wire."""
        port = free_port()
        asyncio.run_coroutine_threadsafe(self._listen(who, port), self._loop).result(10)
        return port

    async def _listen(self, who: str, port: int) -> None:
        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            with contextlib.suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
                await self._carry(who, reader, writer)
            writer.close()
            self._tasks.discard(task)

        self._servers.append(await asyncio.start_server(meet, "127.0.0.1", port))

    async def _carry(self, who: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        back = asyncio.create_task(self._answers(far_reader, writer))
        try:
            while True:
                head = await reader.readexactly(HEADER)
                body = await reader.readexactly(struct.unpack(">H", head[4:6])[0] - 1)
                while body[0] in WRITES and not self._free.is_set():
                    await asyncio.sleep(0.01)
                    if reader.at_eof():
                        return
                self._note(who, body)
                far_writer.write(head + body)
                await far_writer.drain()
        finally:
            back.cancel()
            far_writer.close()
            await asyncio.gather(back, return_exceptions=True)

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()

    def _note(self, who: str, body: bytes) -> None:
        if body[0] in WRITES:
            address, value = struct.unpack(">HH", body[1:5])
            self.log.append(Write(who, time.monotonic(), body[0], address, value))

    def hold(self) -> None:
        """Lets no write request pass from now on; reading goes on."""
        self._free.clear()

    def go_on(self) -> None:
        """Lets writes pass again; those of wires that were cut meanwhile are lost."""
        self._free.set()

    def writers(self) -> list[str]:
        """Who wrote, in turn: one after the other without repeating."""
        turns: list[str] = []
        for write in list(self.log):
            if not turns or turns[-1] != write.who:
                turns.append(write.who)
        return turns

    def close(self) -> None:
        """Cuts all wires."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
