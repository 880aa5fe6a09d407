"""All rooms of one site in one process: the store and records its file names, in-process bus."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from facility.books.books import Books
from facility.bus.in_process import InProcessBus
from facility.calendar import Calendar
from facility.clock import Clock
from facility.journal import Journal, JournalRecorder
from facility.line_health import LineBoard
from facility.live import LiveImage
from facility.model import Site
from facility.store import Store
from facility.store.open import open_store
from facility.store.worker import StoreReader, StoreWriter
from facility.wire_log import WireLog
from houqin.tokens import journal_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a site remembers: the open store and journal, and the tasks' ends that feed them. `data` is its folder,
    `installation` tells it from another process that may run on the same records, "" where none can.
    """

    data: Path
    installation: str
    bus: InProcessBus
    live: LiveImage
    store: Store
    journal: Journal
    writer: StoreWriter
    reader: StoreReader
    recorder: JournalRecorder
    calendar: Calendar
    books: Books
    wire_log: WireLog
    line_board: LineBoard


@contextlib.asynccontextmanager
async def memory_of(site: Site, data: Path, clock: Clock, *, beside: Path | None = None) -> AsyncIterator[Memory]:
    """Opens store and journal under `data`, fills the live image with what was last stored, closes all at the end.
    Tariffs and factor sets of the site's own lie in the folder `beside`, where the site file is.
    """
    await asyncio.to_thread(data.mkdir, parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        bus = InProcessBus()
        live = LiveImage(bus)
        stack.callback(live.close)
        line_board = LineBoard(bus)
        stack.callback(line_board.close)
        journal = await asyncio.to_thread(Journal, journal_url(data, site.file.journal))
        stack.push_async_callback(asyncio.to_thread, journal.close)
        store = await asyncio.to_thread(open_store, site.file.store, data)
        stack.push_async_callback(asyncio.to_thread, store.close)
        reader = StoreReader(store)
        stack.callback(reader.close)
        live.seed((await reader.call(store.latest, list(site.points))).values())
        calendar = Calendar.of(site.file)
        calendar.refresh(await asyncio.to_thread(journal.almanac.standing))
        yield Memory(
            data=data,
            installation=await asyncio.to_thread(_installation, data) if site.file.journal.url_env else "",
            bus=bus,
            live=live,
            store=store,
            journal=journal,
            writer=StoreWriter(bus, store),
            reader=reader,
            recorder=JournalRecorder(bus, journal),
            calendar=calendar,
            books=Books(site, store, journal, calendar, clock, folder=beside),
            wire_log=WireLog(),
            line_board=line_board,
        )


def _installation(data: Path) -> str:
    """A name for this data folder, drawn at its first start and kept."""
    file = data / "installation"
    if not file.exists():
        file.write_text(secrets.token_hex(4), encoding="ascii")
    return file.read_text(encoding="ascii").strip()
