"""All rooms of one site in one process: the store and records its file names, in-process bus."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facility.books.books import Books
from facility.bus.in_process import InProcessBus
from facility.calendar import Calendar
from facility.clock import Clock
from facility.errors import StoreUnavailable
from facility.journal import Journal, JournalRecorder
from facility.line_board import LineBoard
from facility.live import LiveImage
from facility.model import Site
from facility.reference_time_watch import ReferenceWatch
from facility.store import Store
from facility.store.embedded import EmbeddedStore
from facility.store.open import open_store
from facility.store.spooled import ReadingsSpool, opened_spool
from facility.store.worker import StoreReader, StoreWriter
from facility.wire_log import WireLog
from houqin.tokens import journal_url

log = logging.getLogger("houqin")

SEED_WALL_S: Final = 5.0
"""A store on another machine is waited for so long at the start; the building does not wait for it."""


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
    spool: ReadingsSpool | None
    reference: ReferenceWatch


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
        spool = await asyncio.to_thread(_spool, site, data, clock)
        if spool is not None:
            stack.push_async_callback(asyncio.to_thread, spool.spool.close)
        reader = StoreReader(store)
        stack.callback(reader.close)
        await _seed(live, reader, site, clock)
        calendar = Calendar.of(site.file)
        calendar.refresh(await asyncio.to_thread(journal.almanac.standing))
        yield Memory(
            data=data,
            installation=await asyncio.to_thread(_installation, data) if site.file.journal.url_env else "",
            bus=bus,
            live=live,
            store=store,
            journal=journal,
            writer=StoreWriter(bus, store, spool=spool, straight=isinstance(store, EmbeddedStore)),
            reader=reader,
            recorder=JournalRecorder(bus, journal),
            calendar=calendar,
            books=Books(site, store, journal, calendar, clock, folder=beside),
            wire_log=WireLog(),
            line_board=line_board,
            spool=spool,
            reference=ReferenceWatch(site.file.clock, bus, clock),
        )


def _spool(site: Site, data: Path, clock: Clock) -> ReadingsSpool | None:
    """Where readings wait for a store on another machine. A store on this disk needs none; what was left from the time
    before it was chosen is carried over.
    """
    folder = data / "spool" / "store"
    if site.file.store.engine != "embedded":
        return opened_spool(folder, site, clock)
    return opened_spool(folder, site, clock, kept_s=0.0) if any(folder.glob("*.spool")) else None


async def _seed(live: LiveImage, reader: StoreReader, site: Site, clock: Clock) -> None:
    """Shows what was last stored, until it is read anew. A server that is away does not keep the site from running.
    What is dated later than now, by a clock that was set back since, is not shown: nothing new would come up to it.
    """
    try:
        async with asyncio.timeout(None if isinstance(reader.store, EmbeddedStore) else SEED_WALL_S):
            stored = await reader.call(reader.store.latest, list(site.points))
    except (StoreUnavailable, TimeoutError) as error:
        if isinstance(reader.store, EmbeddedStore):
            raise
        why = str(error) or "no answer in time"
        log.warning("what was last stored cannot be shown before it is read anew: %s", why)
        return
    now = clock.now()
    later = [reading.point for reading in stored.values() if reading.time > now]
    if later:
        log.warning("%d points have readings dated later than now, %s first: they are not shown", len(later), later[0])
    live.seed(reading for reading in stored.values() if reading.time <= now)


def _installation(data: Path) -> str:
    """A name for this data folder, drawn at its first start and kept."""
    file = data / "installation"
    if not file.exists():
        file.write_text(secrets.token_hex(4), encoding="ascii")
    return file.read_text(encoding="ascii").strip()
