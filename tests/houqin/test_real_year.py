"""A year of a real electricity meter goes through a simulated meter, the gateway over Modbus/TCP and the store; what
the API reports for each month is what the data itself adds up to.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.context import ApiContext
from facility.clock import ManualClock
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from gateway.gateway import Gateway
from houqin.house import memory_of
from simulators.servers import serve
from simulators.world import World
from tests.servers import free_port

DATA = Path(__file__).parents[3] / "shared" / "data" / "meter-uk-hourly.csv.gz"
YEAR = 2021
STEP_KWH = 0.01
"""One step of the ADW300's energy register."""
POINT = "main-meter.energy_import"


def recorded() -> list[tuple[datetime, float]]:
    """Hour starts (UTC) of the year and the kWh used in each."""
    if not DATA.exists():
        pytest.skip(f"the recorded meter data is not on this machine: {DATA.name}")
    with gzip.open(DATA, "rt", newline="", encoding="utf-8") as file:
        rows = [(datetime.fromisoformat(row[0]), float(row[1])) for row in list(csv.reader(file))[1:]]
    return [(at.replace(tzinfo=UTC) if at.tzinfo is None else at, kwh) for at, kwh in rows if at.year == YEAR]


def metered_site(port: int) -> Site:
    data: dict[str, Any] = {
        "site": {"id": "real", "name": {"zh": "实测"}, "timezone": "UTC", "location": {"latitude": 51, "longitude": 0}},
        "polls": {"slow_s": 3600},
        "buildings": [{"id": "main", "name": {"zh": "楼"}, "floors": [{"id": "f1", "level": 1}]}],
        "links": {"plant": {"type": "modbus_tcp", "host": "127.0.0.1", "port": port}},
        "devices": [{"id": "m", "profile": "acrel_adw300", "link": "plant", "unit": 1}],
        "equipment": [{"id": "main-meter", "kind": "electricity_meter", "device": "m", "feeds": {"building": "main"}}],
    }
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


@pytest.mark.asyncio
async def test_a_recorded_year_is_reported_month_by_month_as_the_data_adds_up(tmp_path: Path) -> None:
    hours = recorded()
    assert len(hours) == 365 * 24
    site = metered_site(free_port())
    clock = ManualClock(hours[0][0])
    world = World(site, seed=1, start=clock.now())
    standing = ManualClock(clock.now())  # the building hardly moves, only its meter is made to count
    async with memory_of(site, tmp_path, clock) as memory, serve(world, standing):
        keeping = [asyncio.create_task(memory.writer.run()), asyncio.create_task(memory.recorder.run())]
        gateway = Gateway(site, memory.bus, clock)
        await count_through(hours, world, gateway, clock, standing)
        await memory.writer.flush()
        await gateway.close()
        context = ApiContext(
            site, memory.bus, clock, memory.live, memory.reader, memory.journal, memory.calendar,
            open_reading=True, version="test",
        )  # fmt: skip
        rows = await asked(context)
        context.close()
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
    assert [row["completeness"] for row in rows] == [1.0] * 12
    for row, expected in zip(rows, monthly(hours), strict=True):
        assert abs(row["value"] - expected) <= STEP_KWH + 1e-9, f"{row['start']}: {row['value']} against {expected}"


async def count_through(
    hours: Sequence[tuple[datetime, float]], world: World, gateway: Gateway, clock: ManualClock, standing: ManualClock
) -> None:
    """Lets the meter's register count the recorded hours, read at each hour's end."""
    counted = 1000.0
    world.faults.force(POINT, counted)
    standing.advance(2)
    await gateway.poll_once()
    for at, kwh in hours:
        counted += kwh
        world.faults.force(POINT, math.floor(round(counted / STEP_KWH, 6)) * STEP_KWH)
        clock.move_to(at + timedelta(hours=1))
        standing.advance(2)
        await gateway.poll_once()


def monthly(hours: Sequence[tuple[datetime, float]]) -> list[float]:
    """The data's own sums."""
    return [math.fsum(kwh for at, kwh in hours if at.month == month) for month in range(1, 13)]


async def asked(context: ApiContext) -> list[dict[str, Any]]:
    """The monthly rows of the main meter, as the API tells them."""
    transport = httpx.ASGITransport(app=create_app(context, pages=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        query = {"by": "meter", "medium": "electricity", "every": "month"}
        period = {"start": f"{YEAR}-01-01T00:00:00Z", "end": f"{YEAR + 1}-01-01T00:00:00Z"}
        answer = await client.get("/api/v1/usage", params={**query, **period})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = [row for row in answer.json()["rows"] if row["key"] == "main-meter"]
    return rows
