"""Keeps the rooms of one site running around its memory until told to stop, and lets them go on with a changed site."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from api.context import ApiContext
from controller.lease import LeaseKeeper
from facility.books.books import Books
from facility.bus.scoped import ScopedBus
from facility.calendar import Calendar
from facility.clock import Clock
from facility.errors import LinkDown
from facility.model import Site
from gateway.gateway import Gateway
from houqin.damage import damage_alarms
from houqin.house import Memory
from houqin.shift import Shift, Work
from houqin.supervisor import keep_running
from houqin.web import serve_on, web_server
from houqin.works import works_of

log = logging.getLogger("houqin")

CONTROLLER: Final = "controller"


class Rooms:
    """Gateway, controller, schedule, account book and all else that runs for one site in this process.

    Args:
        site: what they run.
        memory: what they stand around.
        schedule_at: folder in which the schedule's jobs survive a restart; None keeps them in memory.

    Attributes:
        site: as the rooms have it now.
        memory: likewise; of a changed site it has another calendar and another account book.
        works: what is to be kept running, by name.
    """

    def __init__(self, site: Site, memory: Memory, clock: Clock, *, schedule_at: Path | None = None) -> None:
        self.site, self.memory = site, memory
        self._clock, self._schedule_at = clock, schedule_at
        self.gateway = Gateway(
            site, memory.bus, clock, installation=memory.installation, wire_log=memory.wire_log,
            publish_folder=memory.data / "spool" / "publish",
        )  # fmt: skip
        lease_s = site.file.control.lease_s
        self._lease = LeaseKeeper(memory.journal.leases, memory.bus, clock, site=site.id, lease_s=lease_s)
        self._scope = ScopedBus(memory.bus)
        self._shifts = {name: Shift(work) for name, work in self._works().items()}
        works: dict[str, Work] = {"gateway": self.gateway.run}
        works.update((name, shift.run) for name, shift in self._shifts.items())
        controller = self._shifts[CONTROLLER]
        works[CONTROLLER] = lambda: self._lease.during(controller.run)  # kept while one follows another
        self.works: Mapping[str, Work] = works

    def _works(self) -> Mapping[str, Work]:
        return works_of(
            self.site, self.memory, self._clock, self._lease, self._scope, schedule_at=self._schedule_at
        )  # fmt: skip

    async def adopt(self, site: Site, context: ApiContext, *, beside: Path | None) -> tuple[str, ...]:
        """Goes on with a changed site: lines that are the same stay up, all other rooms end and begin anew on the same
        memory, pages and API go on. The lease is kept meanwhile, the gateway's watchdog looks after the units.

        Returns:
            The lines that were closed, opened or made anew.

        Raises:
            StoreUnavailable, StoreDamaged: the records cannot be read now; everything runs on as it was.
        """
        calendar = Calendar.of(site.file)
        calendar.refresh(await asyncio.to_thread(self.memory.journal.almanac.standing))
        books = Books(site, self.memory.store, self.memory.journal, calendar, self._clock, folder=beside)
        before = self.site, self.memory
        await asyncio.gather(*(shift.stop() for shift in self._shifts.values()))
        self._scope.close()
        try:
            lines = await self.gateway.adopt(site)
            self._begin(site, replace(self.memory, books=books, calendar=calendar))
        except BaseException:
            self._scope.close()
            self._begin(*before)  # nobody is left without a controller
            raise
        if self.memory.spool is not None:
            self.memory.spool.sort_by(site)
        context.adopt(site, books, calendar)
        return lines

    def _begin(self, site: Site, memory: Memory) -> None:
        """Every room but the gateway goes on with `site`."""
        self.site, self.memory = site, memory
        self._scope = ScopedBus(memory.bus)
        for name, work in self._works().items():
            self._shifts[name].go_on(work)


async def run_rooms(
    works: Mapping[str, Work],
    app: FastAPI,
    listener: socket.socket,
    context: ApiContext,
    memory: Memory,
    *,
    stop: asyncio.Event,
) -> None:
    """Runs every work under supervision and serves `app` until `stop`; then ends all of it, readings safe on disk.

    The web server ends first (open streams are closed), then the rooms that make readings, then the store's writer and
    the journal's recorder, which write what they hold.

    Raises:
        LinkDown: the web server ended though nobody asked it to.
    """
    clock = context.clock
    for alarm in damage_alarms(memory, clock.now()):
        memory.bus.publish(alarm)
    server = web_server(app)
    gc.collect()
    gc.freeze()  # what stands now stays as long as the process: collecting need not walk it
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
        context.stop_streams()
        server.should_exit = True
        await _end([stopping, *room_tasks])
        await _end(memory_tasks)  # both write what waits before they end
        await asyncio.wait([serving], timeout=5)
        await _end([serving])
    if not stop.is_set():
        raise LinkDown("the web server ended by itself; the log says why / 网页服务意外退出,原因见日志")


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("while stopping: %s", result, exc_info=result)


def local_time(clock: Clock, site: Site) -> str:
    """The clock's time as the site's people write it."""
    return clock.now().astimezone(site.zone).strftime("%Y-%m-%d %H:%M:%S")
