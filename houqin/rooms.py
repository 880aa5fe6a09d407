"""Wires the rooms of one site around its memory and keeps them running until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from api.context import ApiContext
from controller.alarming.assembly import alarm_engine
from controller.alarming.program import Memories
from controller.controller import Controller
from controller.lease import LeaseKeeper, while_acting
from controller.notifying.notifier import Notifier
from controller.observance.keeping import ObservanceKeeper
from controller.policy.site_policy import load_policy
from controller.replay.desk import TrialDesk
from controller.schedule import Schedule
from facility.almanac_watch import AlmanacWatch
from facility.books.watch import BookWatch
from facility.clock import Clock
from facility.errors import LinkDown, StoreDamaged, StoreUnavailable
from facility.journal import Journal
from facility.model import Site
from facility.readings import to_us
from facility.store.embedded import EmbeddedStore
from facility.store.retention import kept_from
from gateway.gateway import Gateway
from houqin.damage import damage_alarms
from houqin.days import local_midnight
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


def works_of(site: Site, memory: Memory, clock: Clock, *, data: Path | None = None) -> dict[str, Work]:
    """Gateway, controller, schedule and account book of one site, each as work to be kept running.

    Args:
        data: folder in which the schedule's jobs survive a restart; None keeps them in memory.
    """
    policy = load_policy(site.file)

    def restate(at: datetime) -> None:
        controller.alarms.restate(at)

    alarms = alarm_engine(
        site,
        memory.bus,
        clock,
        memory.live,
        policy=policy,
        calendar=memory.calendar,
        journal=memory.journal,
        books=memory.books,
        reader=memory.reader,
        memories=Memories(store=memory.writer, records=memory.recorder),
        restate=[restate],
    )
    notifier = Notifier(site, memory.bus, clock, memory.journal)
    gateway = Gateway(site, memory.bus, clock, installation=memory.installation, wire_log=memory.wire_log)
    lease_s = site.file.control.lease_s
    lease = LeaseKeeper(memory.journal.leases, memory.bus, clock, site=site.id, lease_s=lease_s)
    controller = Controller(
        site,
        memory.bus,
        clock,
        memory.live,
        policy=policy,
        calendar=memory.calendar,
        journal=memory.journal,
        lease=lease,
    )
    schedule = Schedule(
        site,
        memory.bus,
        clock,
        policy=policy,
        calendar=memory.calendar,
        wake=controller.wake,
        seal=lambda: _seal_past_days(site, memory, clock),
        database_url=None if data is None else f"sqlite:///{data / 'schedule.db'}",
    )
    almanac = AlmanacWatch(memory.calendar, memory.journal, memory.bus, clock)
    observance = ObservanceKeeper(
        site, policy, memory.calendar, memory.reader, memory.live, memory.journal, memory.bus, clock
    )  # fmt: skip
    books = BookWatch(memory.books, memory.reader, memory.journal, memory.bus, clock)
    trials = TrialDesk(site, memory.bus, clock, memory.journal, data=memory.data, policy=policy)
    return {
        "gateway": gateway.run,
        "controller": lambda: lease.during(controller.run),
        "schedule": schedule.run,
        "observance": lambda: while_acting(memory.bus, lease, observance.run),
        "books": books.run,
        "trials": trials.run,
        "almanac": almanac.run,
        "alarms": lambda: while_acting(memory.bus, lease, alarms.run),
        "notifier": lambda: while_acting(memory.bus, lease, notifier.run),
    }


async def _seal_past_days(site: Site, memory: Memory, clock: Clock) -> None:
    """Packs what was read before today into sealed blocks, and lets go what the site file does not want kept."""
    if isinstance(memory.store, EmbeddedStore):
        today = clock.now().astimezone(site.zone).date()
        await asyncio.to_thread(memory.store.seal, to_us(local_midnight(site, today)))
        await asyncio.to_thread(memory.store.retain, kept_from(site, today))
    await let_go_of_records(site, memory.journal, clock.now())


async def let_go_of_records(site: Site, journal: Journal, now: datetime) -> None:
    """Lets go what the site file does not want kept in the journal; what cannot be done now is done another night."""
    entry = site.file.journal
    bases, records = (
        None if days is None else now - timedelta(days=days) for days in (entry.basis_days, entry.records_days)
    )
    try:
        count = await asyncio.to_thread(journal.retention.let_go, bases_before=bases, records_before=records)
    except (StoreUnavailable, StoreDamaged) as error:
        log.warning("old records stay in the journal until the next night: %s", error)
        return
    if count:
        log.info("%d old records were let go", count)


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
