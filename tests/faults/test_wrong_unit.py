"""A wrong unit id in the site file: what real servers do about one, and what the gateway makes of it (FT-08)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from facility.bus import LinkStatus, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.readings import Reading, Status
from gateway.line import Line
from gateway.modbus import connect_modbus
from tests.gateway.scene import NOON, site_with
from tests.gateway.wire import Asked, Script, scripted

pytestmark = pytest.mark.asyncio

RIGHT, WRONG = 11, 12
"""Units of the site file; the server has only the first."""
VOLTS_OF_ANOTHER_MAP = 50_000
"""What stands in every register of a device whose map is another one."""


@dataclass
class Heard:
    """What the line said."""

    readings: list[Reading] = field(default_factory=list)
    states: list[tuple[str | None, bool]] = field(default_factory=list)

    def of(self, equipment: str) -> dict[str, tuple[float | None, Status]]:
        """The newest reading of each of its points."""
        return {
            reading.point.removeprefix(f"{equipment}."): (reading.value, reading.status)
            for reading in self.readings
            if reading.point.startswith(f"{equipment}.")
        }


@asynccontextmanager
async def polled(script: Script) -> AsyncIterator[tuple[Line, Heard]]:
    """The two office meters on a TCP line to a server that does as `script` says."""
    async with scripted(script, "modbus_tcp") as server:
        site = site_with(lambda data: _only_two_meters(data, server.link.model_dump()))
        bus, heard = InProcessBus(), Heard()
        bus.listen(ReadingsTaken, lambda message: heard.readings.extend(message.batch.readings()))
        bus.listen(LinkStatus, lambda status: heard.states.append((status.device, status.up)))
        line = Line(site, "meters", connect_modbus("meters", site.links["meters"]), bus, ManualClock(NOON))
        try:
            yield line, heard
        finally:
            await line.transport.close()


def _only_two_meters(data: dict[str, Any], link: dict[str, Any]) -> None:
    quick = {"timeout_ms": 100, "dead_after_failures": 1, "dead_after_s": 0}
    data["links"]["meters"] = {"type": "modbus_tcp", "host": link["host"], "port": link["port"]} | quick
    data["devices"] = [device for device in data["devices"] if device["id"] != "m-main"]
    data["equipment"] = [item for item in data["equipment"] if item["id"] != "main-meter"]
    for item in data["equipment"]:
        item.pop("parent", None)


def zeros(asked: Asked) -> bytes:
    """Every register reads 0."""
    count = int.from_bytes(asked.pdu[3:5], "big")
    return bytes((asked.pdu[0], 2 * count)) + bytes(2 * count)


async def test_a_unit_that_nobody_has_is_dead_and_its_neighbour_lives() -> None:
    async def only_its_own(asked: Asked) -> None:
        if asked.unit == RIGHT:
            asked.answer(zeros(asked))

    async with polled(only_its_own) as (line, heard):
        await line.poll_once()
        assert ("m-402", False) in heard.states
        assert ("m-401", True) in heard.states
        assert set(heard.of("meter-402").values()) == {(None, Status.TIMEOUT)}
        assert heard.of("meter-401")["voltage_a"] == (0.0, Status.GOOD)


async def test_a_unit_that_a_gateway_refuses_has_no_values() -> None:
    async def refuse_others(asked: Asked) -> None:
        asked.answer(zeros(asked) if asked.unit == RIGHT else bytes((asked.pdu[0] | 0x80, 2)))

    async with polled(refuse_others) as (line, heard):
        await line.poll_once()
        wanted = [point for question in line.pollers["m-402"].everything for point in question.points]
        refused = dict.fromkeys((point.removeprefix("meter-402.") for point in wanted), (None, Status.EXCEPTION))
        assert heard.of("meter-402") == refused
        assert heard.of("meter-401")["voltage_a"] == (0.0, Status.GOOD)


async def test_a_device_of_another_kind_gives_no_values_that_cannot_be() -> None:
    async def answer_anyway(asked: Asked) -> None:
        count = int.from_bytes(asked.pdu[3:5], "big")
        asked.answer(bytes((asked.pdu[0], 2 * count)) + VOLTS_OF_ANOTHER_MAP.to_bytes(2, "big") * count)

    async with polled(answer_anyway) as (line, heard):
        await line.poll_once()
        found = heard.of("meter-402")
        for point in ("voltage_a", "frequency", "energy_import"):
            assert found[point] == (None, Status.OUT_OF_RANGE), point
