"""`houqin run`: one real site in one process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from houqin.reload import Reloader
from houqin.rooms import Rooms, run_rooms
from houqin.stopping import StopSignal
from houqin.supervisor import keep_running
from houqin.terminal import say
from houqin.timekeeping import believable_clock, jump_alarm, note_jump, until_jump
from houqin.web import listen_on


def run_site(path: Path, *, data: Path, host: str, port: int, language: Language, shadow: bool = False) -> int:
    """Runs until Ctrl-C or SIGTERM. `shadow`: tried out, whatever the site file says: decides and commands nothing.

    Raises:
        SiteFileError: the site file has errors. LinkDown: the port is taken. StoreUnavailable: another process has
        the data folder open.
    """
    as_run = tried_out if shadow else _as_it_is
    site = as_run(checked_site(path, language))
    run_loop(_run(Order(path=path, data=data, host=host, language=language, as_run=as_run), site, port))
    return 0


def tried_out(site: Site) -> Site:
    """The same site, of which nothing is operated."""
    control = site.file.control.model_copy(update={"mode": "shadow"})
    return replace(site, file=site.file.model_copy(update={"control": control}))


def _as_it_is(site: Site) -> Site:
    return site


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the command line wants. `as_run`: what is made of the site file's site, also of a changed one."""

    path: Path
    data: Path
    host: str
    language: Language
    as_run: Callable[[Site], Site]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Why everything ended: the machine's clock was set by `jump_s` seconds, or the site file wants everything anew
    with `site`. Neither: somebody ended it.
    """

    jump_s: float = 0.0
    site: Site | None = None


async def _run(order: Order, site: Site, port: int) -> None:
    stop, ended = StopSignal(), Ended()
    with stop.installed():
        while (clock := await believable_clock(stop.event)) is not None:
            listener = listen_on(order.host, port)
            port = listener.getsockname()[1]
            with listener:
                async with memory_of(site, order.data, clock, beside=order.path.parent) as memory:
                    if ended.jump_s:
                        await asyncio.to_thread(note_jump, memory.journal, ended.jump_s)
                    jumped_s = ended.jump_s
                    ended = await _run_on(order, clock, site, memory, listener, stop=stop.event, jumped_s=jumped_s)
            site = ended.site or site


async def _run_on(
    order: Order,
    clock: SystemClock,
    site: Site,
    memory: Memory,
    listener: socket.socket,
    *,
    stop: asyncio.Event,
    jumped_s: float,
) -> Ended:
    """Runs everything until `stop`, until somebody sets the machine's clock, or the site file wants everything anew.
    `jumped_s`: by how many seconds the clock was set just before, 0.0 when it was not.
    """
    context = ApiContext(
        site, memory.bus, clock, memory.live, memory.reader, memory.journal, memory.calendar,
        books=memory.books, wire_log=memory.wire_log, line_board=memory.line_board,
        store_writer=memory.writer, reference=memory.reference,
        open_reading=False, version=__version__,
    )  # fmt: skip
    await context.seed()
    app = create_app(context)
    host, port = listener.getsockname()[:2]
    say(Text(f"后勤运行中:http://{host}:{port}/", f"Houqin is running: http://{host}:{port}/"), order.language)
    if site.file.control.mode == "shadow":
        say(Text("试运行:只判断、不操作设备", "Trial run: it decides and operates nothing"), order.language)
    rooms = Rooms(site, memory, clock, schedule_at=order.data)
    reloader = Reloader(order.path, rooms, context, as_run=order.as_run)
    if jumped_s:
        memory.bus.publish(jump_alarm(jumped_s, clock.now()))
    ending = asyncio.Event()
    jumping = asyncio.create_task(until_jump(clock, stop), name="clock")
    watching = asyncio.create_task(keep_running("site file", reloader.run, memory.bus, clock), name="site file")
    for task in (jumping, watching):
        task.add_done_callback(lambda _: ending.set())
    try:
        await run_rooms(rooms.works, app, listener, context, memory, stop=ending)
        return Ended(jump_s=jumping.result() if jumping.done() else 0.0, site=reloader.successor)
    finally:
        for task in (jumping, watching):
            task.cancel()
        await asyncio.gather(jumping, watching, return_exceptions=True)
