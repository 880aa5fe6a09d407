"""Wires the rooms of one site around its memory and keeps them running until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI

from facility.clock import Clock
from facility.model import Site
from houqin.house import Memory
from houqin.supervisor import keep_running
from houqin.web import serve_on, web_server

log = logging.getLogger("houqin")

Work = Callable[[], Awaitable[None]]


class StopSignal:
    """Ctrl-C and SIGTERM, as something to wait for. A second Ctrl-C ends the process at once."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Catches the signals while the block runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._caught)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _caught(self) -> None:
        if self.event.is_set():
            raise SystemExit(130)
        self.event.set()


async def run_rooms(
    works: Mapping[str, Work],
    app: FastAPI,
    listener: socket.socket,
    memory: Memory,
    *,
    clock: Clock,
    stop: asyncio.Event,
) -> None:
    """Runs every work under supervision and serves `app` until `stop`; then ends all of it, readings safe on disk.

    The web server ends first (open streams are closed), then the rooms that make readings, then the store's writer and
    the journal's recorder, which flush what they hold.
    """
    server = web_server(app)
    serving = asyncio.create_task(serve_on(server, listener), name="web")
    memory_tasks = [
        asyncio.create_task(keep_running("store", memory.writer.run, memory.bus, clock), name="store"),
        asyncio.create_task(keep_running("journal", memory.recorder.run, memory.bus, clock), name="journal"),
    ]
    room_tasks = [
        asyncio.create_task(keep_running(name, work, memory.bus, clock), name=name) for name, work in works.items()
    ]
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([stopping, serving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        await _end([stopping, *room_tasks])
        await memory.writer.flush()
        await memory.recorder.flush()
        await _end(memory_tasks)
        await asyncio.wait([serving], timeout=5)
        await _end([serving])


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("while stopping: %s", result, exc_info=result)


def local_time(clock: Clock, site: Site) -> str:
    """The clock's time as the site's people write it."""
    return clock.now().astimezone(site.zone).strftime("%Y-%m-%d %H:%M:%S")
