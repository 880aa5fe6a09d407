"""The gateway on a broker that is not Mosquitto (aedes), and Sparkplug B by another library (sparkplug-payload)."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.mqtt.sparkplug.wire import decode, rebirth_command, typed
from tests.gateway.mqtt.broker import CLIMATE, Bench, broker_site, eventually, publish
from tests.servers import Server, free_port, require

pytestmark = pytest.mark.server

HERE = Path(__file__).parent
POINT = "climate-401.temperature"


def node_with(module: str) -> str:
    node = require("node")
    if not (HERE / "node_modules" / module).is_dir():
        pytest.skip(f"{module} is not installed; `npm install --no-package-lock` in tests/interop installs it")
    return node


@pytest.fixture
def aedes(tmp_path: Path) -> Iterator[Server]:
    """A broker that refuses every subscription below `site/weather`."""
    port = free_port()
    command = [node_with("aedes"), str(HERE / "broker.mjs"), str(port), "site/weather"]
    server = Server(command, port, tmp_path / "aedes.log")
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.asyncio
async def test_messages_come_and_are_acknowledged(aedes: Server) -> None:
    async with Bench(broker_site(aedes.port), durable=True).running() as bench:
        said = [(CLIMATE, f'{{"temperature": {20 + n / 10}}}') for n in range(50)]
        await asyncio.to_thread(publish, aedes.port, *said)
        await eventually(lambda: bench.heard.values(POINT) == [20 + n / 10 for n in range(50)], "fifty readings")
        assert bench.line.unacknowledged == 0


@pytest.mark.asyncio
async def test_what_was_not_durable_comes_again_and_counts_from_when_it_came_first(aedes: Server) -> None:
    site = broker_site(aedes.port)
    async with Bench(site, durable=False).running() as first:
        await asyncio.to_thread(publish, aedes.port, (CLIMATE, '{"temperature": 21}'))
        await eventually(lambda: first.heard.values(POINT) == [21.0], "a reading not yet kept")
    async with Bench(site, durable=True).running() as second:
        await eventually(lambda: second.heard.values(POINT) == [21.0], "the same message again")
        await eventually(lambda: second.line.unacknowledged == 0, "acknowledgement")


@pytest.mark.asyncio
async def test_a_refused_subscription_is_told_and_the_others_serve(
    aedes: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async with Bench(broker_site(aedes.port), durable=True).running() as bench:
        detail = bench.heard.links[0].detail
        assert "refuses 2 topics: site/weather, site/weather/availability" in detail
        assert "give the gateway's user the right to read them" in caplog.text
        await asyncio.to_thread(publish, aedes.port, (CLIMATE, '{"temperature": 0}'))
        await eventually(lambda: bench.heard.values(POINT) == [0.0], "the topics that were not refused")


def by_the_other(what: str, line: str) -> str:
    """What the other library makes of a line."""
    command = [node_with("sparkplug-payload"), str(HERE / "sparkplug.cjs"), what]
    return subprocess.run(
        command, input=f"{line}\n", check=True, capture_output=True, text=True, timeout=30
    ).stdout.strip()


METRICS: list[dict[str, Any]] = [
    {"name": "Power/Active", "alias": 7, "type": "Double", "value": 1.5, "timestamp": 1784088000000},
    {"name": "int8", "type": "Int8", "value": -2},
    {"name": "int32", "type": "Int32", "value": -70000},
    {"name": "int64", "type": "Int64", "value": -5},
    {"name": "uint64", "type": "UInt64", "value": 1099511627776},
    {"name": "zero", "type": "UInt32", "value": 0},
    {"name": "float", "type": "Float", "value": 0.5},
    {"name": "on", "type": "Boolean", "value": False},
    {"name": "word", "type": "String", "value": "半开"},
    {"name": "none", "type": "Int32", "value": None, "isNull": True},
    {"name": "then", "type": "Int32", "value": 7, "isHistorical": True},
]


def test_what_the_other_library_writes_is_read() -> None:
    raw = bytes.fromhex(by_the_other("encode", json.dumps({"timestamp": 5, "seq": 255, "metrics": METRICS})))
    read = decode(raw)
    assert (read.time_ms, read.sequence) == (5, 255)
    assert {metric.name: typed(metric.value, metric.datatype) for metric in read.metrics} == {
        each["name"]: each["value"] for each in METRICS
    }
    assert (read.metrics[0].alias, read.metrics[0].time_ms) == (7, 1784088000000)
    assert [metric.name for metric in read.metrics if metric.is_historical] == ["then"]


def test_the_other_library_reads_what_the_gateway_writes() -> None:
    read = json.loads(by_the_other("decode", rebirth_command(1784088000000).hex()))
    (wanted,) = read["metrics"]
    assert (wanted["name"], wanted["type"], wanted["value"]) == ("Node Control/Rebirth", "Boolean", True)
    assert read["timestamp"] == wanted["timestamp"] == 1784088000000
