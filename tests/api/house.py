"""A small bureau with a real store and journal behind its API, on a clock that stands still until moved."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from fastapi import FastAPI

from api.app import create_app
from api.context import ApiContext
from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.commands import Role
from facility.journal import Journal, JournalRecorder
from facility.live import LiveImage
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.readings import Batch, Status, to_us
from facility.store.embedded import EmbeddedStore
from facility.store.worker import StoreReader
from tests.sites import small_site_data

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 15, 10, 20, tzinfo=SHANGHAI)
"""A Wednesday in July, within the window."""

Counter = Callable[[float], float | None]
"""Hours since local midnight of the first day -> what the counter shows; None: no answer."""


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A local time."""
    return datetime(year, month, day, hour, minute, tzinfo=zone)


@dataclass(slots=True, kw_only=True)
class House:
    """Everything behind one API."""

    context: ApiContext
    app: FastAPI
    bus: InProcessBus
    clock: ManualClock
    store: EmbeddedStore
    journal: Journal
    recorder: JournalRecorder
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        return self.context.site

    def client(self, role: str | None = "viewer", **options: Any) -> httpx.AsyncClient:
        """A client with the token of `role`, None for a stranger from another machine."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.tokens[role]}"}
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=("192.0.2.7", 40_000))
        return httpx.AsyncClient(transport=transport, base_url="http://houqin.test", headers=headers, **options)

    def tell(self, time: datetime, values: Mapping[str, float | None]) -> None:
        """Devices answer at `time`, on the bus."""
        statuses = [Status.TIMEOUT if value is None else Status.GOOD for value in values.values()]
        batch = Batch(time_us=to_us(time), points=tuple(values), values=tuple(values.values()), statuses=statuses)
        self.bus.publish(ReadingsTaken(batch=batch))

    def fill(self, start: datetime, end: datetime, counters: Mapping[str, Counter], *, step_s: int = 300) -> None:
        """Stores what counters showed from `start` to `end`, both included."""
        batches = []
        time, zero = start.astimezone(), start
        while time <= end:
            hours = (to_us(time) - to_us(zero)) / 3.6e9
            values = {point: counter(hours) for point, counter in counters.items()}
            spoke = {point: value for point, value in values.items() if value is not None}
            if spoke:
                batches.append(Batch(time_us=to_us(time), points=tuple(spoke), values=tuple(spoke.values())))
            time = time + timedelta(seconds=step_s)
        self.store.append(batches)


@contextlib.asynccontextmanager
async def house_of(
    folder: Path, *, now: datetime = NOW, open_reading: bool = False, pages: bool = False, **site: Any
) -> AsyncIterator[House]:
    """A house on its own data folder. `site` replaces parts of the small site's file."""
    data = {**small_site_data(), **site}
    bus, clock = InProcessBus(), ManualClock(now)
    store = await asyncio.to_thread(EmbeddedStore, folder / "store")
    journal = await asyncio.to_thread(Journal, f"sqlite:///{folder / 'journal.db'}")
    live, reader = LiveImage(bus), StoreReader(store)
    recorder = JournalRecorder(bus, journal)
    file = SiteFile.model_validate(data)
    context = ApiContext(
        build_site(file, ProfileLibrary()), bus, clock, live, reader, journal, Calendar.of(file),
        open_reading=open_reading, version="0.1.0",
    )  # fmt: skip
    app = create_app(context, pages=pages)
    house = House(
        context=context, app=app, bus=bus, clock=clock, store=store, journal=journal, recorder=recorder
    )  # fmt: skip
    for role in Role:
        office = "finance" if role is Role.SECTION_OPERATOR else None
        house.tokens[role.value] = journal.create_token(f"the {role.value}", role, office)
    recording = asyncio.create_task(recorder.run())
    try:
        async with app.router.lifespan_context(app):
            yield house
    finally:
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)
        context.close()
        reader.close()
        live.close()
        await asyncio.to_thread(store.close)
        await asyncio.to_thread(journal.close)
