"""Somebody else's DL/T 645: the dlt645 package's meter read by the gateway, and its client reading simulated meters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from dlt645 import MeterClientService, MeterServerService

from facility.model import SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.readings import Status
from tests.gateway.national.bench import METERS, national_site_data
from tests.gateway.national.test_shared_line import Bus485, line_to, shared_line

pytestmark = pytest.mark.asyncio
NUMBER = "000012345678"
LOW_FIRST = bytearray.fromhex(NUMBER)[::-1]
SHOWN = {
    0x00010000: 1206.42,
    0x00010100: 6.42,
    0x00010200: 400.0,
    0x00010300: 500.0,
    0x00010400: 300.0,
    0x00020000: 0.0,
}
MEASURED = {0x02010100: 229.4, 0x02020100: -5.125, 0x02030000: -1.1052, 0x02060000: -0.94, 0x02800002: 49.98}


def one_meter() -> dict[str, Any]:
    """The national site with nothing but its single-phase meter on the line."""
    data = national_site_data()
    data["links"] = {"meters": data["links"]["meters"] | {"timeout_ms": 500}}
    data["devices"] = [row for row in data["devices"] if row["id"] == "e1"]
    data["equipment"] = [{"id": "e1-meter", "kind": "electricity_meter", "device": "e1", "feeds": {"building": "main"}}]
    data["weather"] = {"forecast": [{"provider": "manual"}]}
    return data


@asynccontextmanager
async def foreign_meter(port: int) -> AsyncIterator[None]:
    meter = MeterServerService.new_tcp_server("127.0.0.1", port, 1.0)
    meter.set_address(LOW_FIRST)
    for di, value in SHOWN.items():
        assert meter.set_00(di, value)
    for di, value in MEASURED.items():
        assert meter.set_02(di, value)
    assert await asyncio.to_thread(meter.start)
    try:
        yield
    finally:
        await asyncio.to_thread(meter.stop)


async def test_the_gateway_reads_a_foreign_meter_value_by_value_where_it_has_no_blocks() -> None:
    data = one_meter()
    site = build_site(SiteFile.model_validate(data), ProfileLibrary())
    async with foreign_meter(data["links"]["meters"]["port"]), line_to(site) as rig:
        await rig.line.poll_once()
        read = {point.split(".")[1]: (reading.value, reading.status) for point, reading in rig.readings.items()}
    good = Status.GOOD
    assert read == {
        "energy_import": (1206.42, good), "energy_import_tariff_1": (6.42, good),
        "energy_import_tariff_2": (400.0, good), "energy_import_tariff_3": (500.0, good),
        "energy_import_tariff_4": (300.0, good), "energy_export": (0.0, good), "voltage": (229.4, good),
        "current": (-5.125, good), "power": (-1.1052, good), "power_factor": (-0.94, good), "frequency": (49.98, good),
    }  # fmt: skip


def ask_as_a_stranger(rig: Bus485, dis: dict[int, str]) -> dict[int, float | None]:
    client = MeterClientService.new_tcp_client("127.0.0.1", rig.site.links["meters"].port, 2.0)  # type: ignore[union-attr]
    client.address = LOW_FIRST
    try:
        answers = {di: client.read_02(di) if di >= 0x02000000 else client.read_00(di) for di in dis}
    finally:
        client.disconnect()
    return {di: None if answer is None else answer.value for di, answer in answers.items()}


async def test_a_foreign_client_reads_the_simulated_meter() -> None:
    points = {
        0x00010000: "energy_import", 0x00010400: "energy_import_tariff_4", 0x02010100: "voltage",
        0x02020100: "current", 0x02030000: "power", 0x02800002: "frequency",
    }  # fmt: skip
    async with shared_line() as rig:
        rig.world.faults.force("e1-meter.power", -1.25)
        read = await asyncio.to_thread(ask_as_a_stranger, rig, points)
        for di, name in points.items():
            assert read[di] == pytest.approx(rig.world.value(f"e1-meter.{name}"), abs=0.11), name
        assert read[0x02030000] == -1.25
    assert METERS[0][2] == "12345678"
