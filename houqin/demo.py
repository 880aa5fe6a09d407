"""`houqin demo`: a simulated building in one command, live over real Modbus and MQTT, with its past behind it."""

from __future__ import annotations

import asyncio
import shutil
import webbrowser
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

import click

from api.app import create_app
from api.context import ApiContext
from facility.clock import PacedClock
from facility.commands import Role
from facility.errors import NotPermitted
from facility.model import Site, build_site
from facility.store.embedded.folder import holder_of
from facility.text import Language, Text
from houqin import __version__
from houqin.demo_site import load_demo_site, on_free_ports
from houqin.house import Memory, memory_of
from houqin.loop import run_loop
from houqin.past import MadeDay, PastDay, orders_before
from houqin.past_filler import PastFiller
from houqin.rooms import Rooms, local_time, run_rooms
from houqin.stopping import StopSignal
from houqin.terminal import say
from houqin.web import listen_on
from simulators.servers import serve
from simulators.weather import demo_start
from simulators.world import World

MARK: Final = ".houqin-demo"
PORTS: Final = "serial"
"""Folder of the data folder where the demonstration's serial ports stand."""
NOTHING_RUNS_UNTIL: Final = time(8, 0)
"""The earliest that supply may begin on a workday (AC-05)."""
SENSORS_REPEAT_S: Final = 10.0
"""Sensors repeat themselves so often, so that the page has everything within seconds."""
WARM_UP: Final = timedelta(hours=9, minutes=30)

KEPT_AT_ONCE: Final = 2_000
"""Batches of the past in one commit: some 15,000 readings, so that the present never waits long for the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What the command line asks for. `local_start` is a local time without zone, None for the default."""

    data: Path
    language: Language
    port: int
    speed: float
    days: int
    local_start: datetime | None
    seed: int
    no_browser: bool


def run_demo(options: DemoOptions) -> int:
    """Runs until Ctrl-C.

    Raises:
        NotPermitted: the data folder holds something that is not a demonstration. LinkDown: the port is taken.
    """
    fresh_folder(options.data)
    run_loop(_demo(options))
    return 0


def fresh_folder(data: Path) -> None:
    """An empty folder with the demonstration's mark in it; an earlier demonstration's data is removed.

    Raises:
        NotPermitted: the folder has other people's files in it, or a demonstration is running on it.
    """
    if data.exists() and any(data.iterdir()):
        if not (data / MARK).exists():
            raise NotPermitted(
                f"{data} is not a demonstration's folder and is not touched; choose another with --data"
                f" / {data} 不是演示数据目录,不作改动,请用 --data 另选"
            )
        owner = holder_of(data / "store")
        if owner is not None:
            raise NotPermitted(
                f"a demonstration is running on {data} in process {owner}; stop it, or choose another with --data"
                f" / {data} 上正在运行演示(进程 {owner}),请先停止它,或用 --data 另选目录"
            )
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / MARK).write_text("Made by `houqin demo`, which removes this folder at its next start.\n", encoding="utf-8")


async def _demo(options: DemoOptions) -> None:
    listener = listen_on("127.0.0.1", options.port)
    port = listener.getsockname()[1]
    stop = StopSignal()
    with listener, stop.installed():
        file, profiles = load_demo_site()
        site = build_site(on_free_ports(file, options.data / PORTS), profiles)
        start = _start(options, site)
        world, morning = await _present(site, start, options.seed)
        present = world.counters()
        clock = PacedClock(start, options.speed)
        async with (
            memory_of(site, options.data, clock) as memory,
            serve(world, clock, message_period_s=SENSORS_REPEAT_S),
        ):
            token = await asyncio.to_thread(memory.journal.create_token, "demo", Role.ADMINISTRATOR)
            context = ApiContext(
                site, memory.bus, clock, memory.live, memory.reader, memory.journal, memory.calendar,
                books=memory.books, wire_log=memory.wire_log, line_board=memory.line_board,
                demo=True, open_reading=True, version=__version__,
            )  # fmt: skip
            orders = orders_before(site, start, options.days, options.seed) if options.days else []
            keep = _keeper(memory)
            if morning is not None:
                await asyncio.to_thread(keep, morning)
                orders = [order for order in orders if order.day != morning.day]
                present |= morning.first_counters
            filler = PastFiller(orders, present, keep)
            context.past = filler.progress
            app = create_app(context)
            works = {**Rooms(site, memory, clock).works, "past": _past(filler, options.language)}
            _greet(options, site, clock, port, token)
            await run_rooms(works, app, listener, context, memory, stop=stop.event)


def _start(options: DemoOptions, site: Site) -> datetime:
    if options.local_start is None:
        return demo_start(site.zone)
    return options.local_start.replace(tzinfo=site.zone)


async def _present(site: Site, start: datetime, seed: int) -> tuple[World, MadeDay | None]:
    """The building as it is at `start`. A day that begins before anything may run needs no past to be right; one that
    begins later is lived through from its midnight first, so that rooms and units are as the rules have left them.
    """
    local = start.astimezone(site.zone)
    if local.time() <= NOTHING_RUNS_UNTIL:
        world = World(site, seed=seed, start=start - WARM_UP)
        world.advance(start)
        return world, None
    today = orders_before(site, start, 0, seed)[0]
    day = PastDay(site, today)
    morning = await day.live_through()
    await day.gateway.close()
    return day.world, morning


def _keeper(memory: Memory) -> Callable[[MadeDay], None]:
    def keep(made: MadeDay) -> None:
        for first in range(0, len(made.batches), KEPT_AT_ONCE):
            memory.store.append(made.batches[first : first + KEPT_AT_ONCE])
        memory.journal.record_all(made.messages)
        memory.books.forget()

    return keep


def _past(filler: PastFiller, language: Language) -> Callable[[], Awaitable[None]]:
    async def make() -> None:
        progress = filler.progress
        making = asyncio.create_task(filler.run())
        shown = -1
        try:
            while not making.done():
                if progress.days_done != shown:
                    shown = progress.days_done
                    _show(progress.days_done, progress.days_total, language)
                await asyncio.wait([making], timeout=0.5)
            await making
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)
        if progress.days_total:
            _show(progress.days_done, progress.days_total, language)

    return make


def _show(done: int, total: int, language: Language) -> None:
    if total:
        share = round(100 * done / total)
        say(Text(f"历史数据 {done}/{total} 天({share}%)", f"history {done}/{total} days ({share}%)"), language)


def _greet(options: DemoOptions, site: Site, clock: PacedClock, port: int, token: str) -> None:
    address = f"http://127.0.0.1:{port}/"
    shown = local_time(clock, site)
    counts = len(site.devices), len(site.points)
    for line in (
        Text(
            f"后勤演示:{site.file.site.name.zh},{counts[0]} 台设备,{counts[1]} 个测点",
            f"Houqin demonstration: {site.file.site.name.text.en}, {counts[0]} devices, {counts[1]} points",
        ),
        Text(f"演示时间 {shown},倍速 {options.speed:g}", f"demonstration time {shown}, pace {options.speed:g}"),
        Text(f"网页 {address}", f"page {address}"),
        Text(f"操作口令(管理员){token}", f"token to operate with (administrator) {token}"),
        Text("Ctrl-C 结束", "Ctrl-C ends it"),
    ):
        say(line, options.language)
    if not options.no_browser:
        click.launch(address) if shutil.which("xdg-open") else webbrowser.open(address)
