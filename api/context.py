"""What routes and pages stand on: the building, its memory, its clock, and what the rooms said last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from api.late import LateReadings
from api.latest import Latest
from api.services.line_budgets import LineBudgets
from api.services.today import Today
from facility.books.books import Books
from facility.bus import AlarmChanged
from facility.clock import Clock
from facility.line_board import LineBoard
from facility.wire_log import WireLog

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from facility.bus import Bus
    from facility.calendar import Calendar
    from facility.commands import Actor
    from facility.journal import Journal
    from facility.live import LiveImage
    from facility.model import Site
    from facility.reference_time_watch import ReferenceWatch
    from facility.store.worker import StoreReader, StoreWriter


class Past(Protocol):
    """How far the demonstration's made history has come, in whole days."""

    days_done: int
    days_total: int

    @property
    def finished(self) -> bool:
        """Nothing is left to make."""
        ...


P = ParamSpec("P")
T = TypeVar("T")


class ApiContext:
    """One site as the API and the pages see it. Make it inside the event loop's thread, before the controller starts:
    it listens to the bus from then on.

    Args:
        books: the site's account book, where another part of the process has it open already; None makes one.
        wire_log: the raw frames of all lines; None where no gateway runs in this process.
        line_board: how the lines do, where another part of the process keeps it already; None makes one.
        store_writer: who writes readings; None where another process does.
        reference: who compares the clock; None where nobody does.
        demo: the pages say that this is demonstration time.
        open_reading: everybody who reaches the server may read (never write); so it is where the site file says
            `public_read: true`.
        version: what `/health` tells.

    Attributes:
        books: the account book; its calls block, see `reckon`.
        latest: what the rooms said last on the bus.
        today: what was used today, for boards that ask often.
        budgets: what the polls of each line need.
        large_tables: how many tables of many rows are being written.
        past: how far made history has come, None where none is made.
        on_adopted: called when the site has changed, None while no pages are attached.
        actor_of_browser: who is logged in with a browser's cookie, None while no pages are attached.
    """

    def __init__(  # noqa: PLR0917 - these seven are what a site is
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        live: LiveImage,
        store_reader: StoreReader,
        journal: Journal,
        calendar: Calendar,
        *,
        books: Books | None = None,
        wire_log: WireLog | None = None,
        line_board: LineBoard | None = None,
        store_writer: StoreWriter | None = None,
        reference: ReferenceWatch | None = None,
        demo: bool = False,
        open_reading: bool = False,
        version: str,
    ) -> None:
        self.site = site
        self.bus = bus
        self.clock = clock
        self.live = live
        self.store_reader = store_reader
        self.journal = journal
        self.calendar = calendar
        self.books = Books(site, store_reader.store, journal, calendar, clock) if books is None else books
        self.wire_log = WireLog() if wire_log is None else wire_log
        self.line_board = LineBoard(bus) if line_board is None else line_board
        self.store_writer = store_writer
        self.reference = reference
        self.demo = demo
        self.open_reading = open_reading or site.file.site.public_read
        self.version = version
        self.latest = Latest(bus)
        self._late = LateReadings(bus, clock)
        self.today = Today()
        self.budgets = LineBudgets()
        self.large_tables = 0
        self.past: Past | None = None
        self._always_open = open_reading
        self.on_adopted: Callable[[], None] | None = None
        self.actor_of_browser: Callable[[HTTPConnection], Awaitable[Actor | None]] | None = None
        self.stopping = asyncio.Event()

    def adopt(self, site: Site, books: Books, calendar: Calendar) -> None:
        """Goes on with a changed site. Browsers fetch their pages anew; log-ins and streams go on."""
        self.site, self.books, self.calendar = site, books, calendar
        self.open_reading = self._always_open or site.file.site.public_read
        self.today.forget()
        self.latest.forget_lines(site.links, site.devices)
        if self.on_adopted is not None:
            self.on_adopted()

    def now(self) -> datetime:
        """The clock's time in the site's zone."""
        return self.local(self.clock.now())

    def local(self, time: datetime) -> datetime:
        """`time` in the site's zone."""
        return time.astimezone(self.site.zone)

    async def remember(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a blocking call of the journal off the event loop."""
        return await asyncio.to_thread(call, *args, **kwargs)

    async def reckon(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a blocking call of the account book off the event loop. Where readings came late since, it forgets what
        it had reckoned before them.
        """
        if self._late.must_forget():
            self.today.forget()
            await self.store_reader.call(self.books.forget)
        return await self.store_reader.call(call, *args, **kwargs)

    async def seed(self) -> None:
        """Takes over what the journal remembers of before this process: last decisions, standing alarms."""
        decisions = await self.remember(self.journal.latest_decisions)
        alarms = await self.remember(self.journal.alarms, active_only=True, limit=1000)
        standing = await self.remember(self.journal.alarm_states.states)
        self.latest.seed(
            decisions.values(),
            [
                AlarmChanged(
                    key=alarm.key, active=True, level=alarm.level, at=alarm.since, text=alarm.text,
                    equipment=alarm.equipment,
                )
                for alarm in alarms
            ],
            standing,
        )  # fmt: skip

    def stop_streams(self) -> None:
        """Ends all live streams. Call it before the web server is told to exit, so that nobody holds it open."""
        self.stopping.set()

    def close(self) -> None:
        """Ends streams and stops listening."""
        self.stop_streams()
        self.latest.close()
        self._late.close()
