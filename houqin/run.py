"""`houqin run`: one real site in one process."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

from api.app import create_app
from api.context import ApiContext
from facility.clock import SystemClock
from facility.model import Site
from facility.text import Language, Text
from houqin import __version__
from houqin.check import checked_site
from houqin.house import Memory, memory_of
from houqin.loop import run_loop
from houqin.rooms import StopSignal, run_rooms, works_of
from houqin.terminal import say
from houqin.timekeeping import believable_clock, note_jump, until_jump
from houqin.web import listen_on


def run_site(path: Path, *, data: Path, host: str, port: int, language: Language, shadow: bool = False) -> int:
    """Runs until Ctrl-C or SIGTERM. `shadow`: tried out, whatever the site file says: decides and commands nothing.

    Raises:
        SiteFileError: the site file has errors. LinkDown: the port is taken. StoreUnavailable: another process has
        the data folder open.
    """
    site = checked_site(path, language)
    if shadow:
        site = tried_out(site)
    run_loop(_run(site, path.parent, data=data, host=host, port=port, language=language))
    return 0


def tried_out(site: Site) -> Site:
    """The same site, of which nothing is operated."""
    control = site.file.control.model_copy(update={"mode": "shadow"})
    return replace(site, file=site.file.model_copy(update={"control": control}))


async def _run(site: Site, beside: Path, *, data: Path, host: str, port: int, language: Language) -> None:
    stop = StopSignal()
    jump_s = 0.0
    with stop.installed():
        while (clock := await believable_clock(stop.event)) is not None:
            listener = listen_on(host, port)
            port = listener.getsockname()[1]
            with listener:
                async with memory_of(site, data, clock, beside=beside) as memory:
                    if jump_s:
                        await asyncio.to_thread(note_jump, memory.journal, jump_s)
                    jump_s = await _run_on(clock, site, memory, listener, data=data, language=language, stop=stop.event)


async def _run_on(
    clock: SystemClock,
    site: Site,
    memory: Memory,
    listener: socket.socket,
    *,
    data: Path,
    language: Language,
    stop: asyncio.Event,
) -> float:
    """Runs everything until `stop`, or until somebody sets the machine's clock: then gives by how many seconds."""
    context = ApiContext(
        site, memory.bus, clock, memory.live, memory.reader, memory.journal, memory.calendar,
        books=memory.books, wire_log=memory.wire_log, line_board=memory.line_board,
        open_reading=site.file.site.public_read, version=__version__,
    )  # fmt: skip
    await context.seed()
    app = create_app(context)
    host, port = listener.getsockname()[:2]
    say(Text(f"后勤运行中:http://{host}:{port}/", f"Houqin is running: http://{host}:{port}/"), language)
    if site.file.control.mode == "shadow":
        say(Text("试运行:只判断、不操作设备", "Trial run: it decides and operates nothing"), language)
    ended = asyncio.Event()
    watching = asyncio.create_task(until_jump(clock, stop), name="clock")
    watching.add_done_callback(lambda _: ended.set())
    try:
        await run_rooms(works_of(site, memory, clock, data=data), app, listener, context, memory, stop=ended)
        return await watching
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
