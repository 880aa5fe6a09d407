"""`houqin run`: one real site in one process."""

from __future__ import annotations

from pathlib import Path

from api.app import create_app
from api.context import ApiContext
from facility.clock import SystemClock
from facility.model import Site
from facility.text import Language, Text
from houqin import __version__
from houqin.check import checked_site
from houqin.house import memory_of
from houqin.loop import run_loop
from houqin.rooms import StopSignal, run_rooms, works_of
from houqin.terminal import say
from houqin.web import listen_on


def run_site(path: Path, *, data: Path, host: str, port: int, language: Language) -> int:
    """Runs until Ctrl-C or SIGTERM.

    Raises:
        SiteFileError: the site file has errors. LinkDown: the port is taken. StoreUnavailable: another process has
        the data folder open.
    """
    site = checked_site(path, language)
    run_loop(_run(site, path.parent, data=data, host=host, port=port, language=language))
    return 0


async def _run(site: Site, beside: Path, *, data: Path, host: str, port: int, language: Language) -> None:
    listener = listen_on(host, port)
    clock = SystemClock()
    stop = StopSignal()
    with listener, stop.installed():
        async with memory_of(site, data, clock, beside=beside) as memory:
            context = ApiContext(
                site, memory.bus, clock, memory.live, memory.reader, memory.journal, memory.calendar,
                books=memory.books, open_reading=site.file.site.public_read, version=__version__,
            )  # fmt: skip
            await context.seed()
            app = create_app(context)
            address = f"http://{host}:{listener.getsockname()[1]}/"
            say(Text(f"后勤运行中:{address}", f"Houqin is running: {address}"), language)
            works = works_of(site, memory, clock, data=data)
            await run_rooms(works, app, listener, context, memory, stop=stop.event)
