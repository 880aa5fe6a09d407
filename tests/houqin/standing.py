"""A whole building in one process: real Modbus lines, a real broker, all rooms and the web server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np

from api.app import create_app
from api.context import ApiContext
from facility.bus import ReadingsTaken
from facility.clock import PacedClock
from facility.commands import Role
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from houqin.house import Memory, memory_of
from houqin.rooms import Rooms, run_rooms
from houqin.web import listen_on
from simulators.faults import Faults
from simulators.servers import Serving, serve
from simulators.world import World
from tests.servers import free_port
from tests.sites import small_site_data

HOT_MORNING = datetime(2026, 7, 10, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A workday on which cooling is permitted."""

SENSORS_REPEAT_S = 20.0


@dataclass(slots=True)
class Heard:
    """Every reading that passed on the bus: (point, time) -> value and status."""

    readings: dict[tuple[str, int], tuple[float | None, int]] = field(default_factory=dict)

    def take(self, message: ReadingsTaken) -> None:
        batch = message.batch
        for index, point in enumerate(batch.points):
            status = 0 if batch.statuses is None else int(batch.statuses[index])
            self.readings[point, batch.time_us] = (batch.values[index], status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The building, and somebody with a token in front of it."""

    site: Site
    serving: Serving
    memory: Memory
    rooms: Rooms
    context: ApiContext
    address: str
    http: httpx.AsyncClient

    @property
    def faults(self) -> Faults:
        return self.serving.faults

    async def get(self, path: str, **query: str) -> Any:
        answer = await self.http.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def live(self) -> dict[str, dict[str, Any]]:
        return {point["id"]: point for point in (await self.get("/live"))["points"]}

    async def alarms(self) -> dict[str, dict[str, str]]:
        """Texts of the alarms that stand, by key."""
        return {row["key"]: row["text"] for row in (await self.get("/alarms", active="true"))["rows"]}

    async def order(self, equipment: str, **wish: Any) -> str:
        answer = await self.http.post(f"/api/v1/equipment/{equipment}/commands", json=wish)
        assert answer.status_code == 202, answer.text
        command: str = answer.json()["command_id"]
        return command

    def points_of(self, *devices: str) -> set[str]:
        return {point.id for device in devices for point in self.site.points_of_device(device)}

    async def all_good(self) -> bool:
        return all(point["quality"] == "good" for point in (await self.live()).values())

    async def goes_on_without(self, points: set[str]) -> None:
        """Returns when every other point has been read again since now, and was good."""
        since = self.context.now().isoformat()

        async def fresh() -> bool:
            others = [point for point in (await self.live()).values() if point["id"] not in points]
            assert others
            return all(point["quality"] == "good" and point["time"] > since for point in others)

        await until(fresh, "everybody else read again")

    async def shows_bad(self, points: set[str], reason: str) -> None:
        """Returns when the points are told as bad for this reason; a value beside it is a mistake."""

        async def told() -> bool:
            here = [point for point in (await self.live()).values() if point["id"] in points]
            assert all(point["value"] is None for point in here if point["quality"] == "bad")
            return all((point["quality"], point["reason"]) == ("bad", reason) for point in here)

        await until(told, f"{reason} told")


async def until(condition: Callable[[], Awaitable[bool]], what: str, timeout_s: float = 25.0) -> None:
    """Polls a condition."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while not await condition():
        assert loop.time() < end, f"{what} did not happen within {timeout_s:g} s"
        await asyncio.sleep(0.05)


def wired_site(broker_port: int, **sections: Any) -> Site:
    """The small site on free ports, read often, with patience for 0.3 s. `sections` are added to its file."""
    data = small_site_data(plant_port=free_port(), meters_port=free_port(), broker_port=broker_port)
    for link in ("plant", "meters"):
        data["links"][link]["timeout_ms"] = 300
    data["weather"]["forecast"] = [{"provider": "open_meteo", "url": f"http://127.0.0.1:{free_port()}"}]
    data["polls"] = {"fast_s": 0.5, "normal_s": 1, "slow_s": 2}
    data.update(sections)
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


@asynccontextmanager
async def standing(
    folder: Path, broker_port: int, *, pace: float = 20.0, pages: bool = False, **sections: Any
) -> AsyncIterator[Standing]:
    """The small building alive, everything read once. When it is left, what was heard has to be in the store.

    Args:
        folder: for store and journal.
        broker_port: of a broker that runs.
        pace: clock seconds per second.
        pages: with pages that everybody may read.
        sections: added to its site file.
    """
    site = wired_site(broker_port, **sections)
    clock = PacedClock(HOT_MORNING, pace)
    world = World(site, seed=1, start=HOT_MORNING)
    stop, heard = asyncio.Event(), Heard()
    with listen_on("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            memory_of(site, folder, clock) as memory,
            serve(world, clock, message_period_s=SENSORS_REPEAT_S) as serving,
        ):
            memory.bus.listen(ReadingsTaken, heard.take)
            context = ApiContext(
                site, memory.bus, clock, memory.live, memory.reader, memory.journal, memory.calendar,
                open_reading=pages, version="test",
            )  # fmt: skip
            app, rooms = create_app(context, pages=pages), Rooms(site, memory, clock)
            running = asyncio.create_task(run_rooms(rooms.works, app, listener, context, memory, stop=stop))
            token = memory.journal.create_token("keeper", Role.ADMINISTRATOR)
            try:
                async with httpx.AsyncClient(
                    base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=20, trust_env=False
                ) as http:
                    here = Standing(
                        site=site,
                        serving=serving,
                        memory=memory,
                        rooms=rooms,
                        context=context,
                        address=address,
                        http=http,
                    )
                    await until(here.all_good, "everything read")
                    yield here
            finally:
                stop.set()
                await running
                context.close()
            assert kept(memory) == heard.readings


def kept(memory: Memory) -> dict[tuple[str, int], tuple[float | None, int]]:
    """Every reading in the store."""
    found: dict[tuple[str, int], tuple[float | None, int]] = {}
    for point in memory.store.points():
        series = memory.store.raw(point, 0, 2**62)
        for time_us, value, status in zip(series.times_us, series.values, series.statuses, strict=True):
            found[point, int(time_us)] = (None if np.isnan(value) else float(value), int(status))
    return found
