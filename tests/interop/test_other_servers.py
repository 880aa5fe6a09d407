"""The gateway against Modbus servers that are not ours: modbus-tk (Python) and modbus-serial (Node)."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from facility.bus import EnvelopeIssued, OutcomeReported, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.commands import Confirmed, Mode, Wish
from facility.readings import Reading, Status
from gateway.gateway import Gateway
from tests.gateway.scene import NOON, Scene, only_modbus, site_with
from tests.servers import Server, free_port, require

pytestmark = [pytest.mark.server, pytest.mark.asyncio]
HERE = Path(__file__).parent

PLANT = {
    "1": {
        "holding": {str(address): 0 for address in range(16, 80)}
        | {"17": 3, "18": 260, "34": 270, "22": 0xFFCE, "54": 291},
        "discrete": {str(address): 0 for address in range(16, 100)} | {"16": 1},
    },
    "2": {"coil": {str(address): int(address == 1) for address in range(8)}},
    "5": {
        # a DTSU666: 230.1 V on phase A, 1234.5 W, 567.89 kWh, 50.00 Hz; what lies between reads 0
        "holding": {str(address): 0 for address in [6, 7, *range(0x101E, 0x102A), *range(0x2000, 0x2046)]}
        | {"6": 1, "7": 10, str(0x101E): 0x440D, str(0x101F): 0xF8F6}
        | {str(0x2006): 0x450F, str(0x2007): 0xD000, str(0x2012): 0x4640, str(0x2013): 0xE400}
        | {str(0x2044): 0x459C, str(0x2045): 0x4000},
    },
}  # fmt: skip


def modbus_tk(port: int) -> list[str]:
    pytest.importorskip("modbus_tk")
    return [sys.executable, str(HERE / "modbus_tk_server.py"), str(port), json.dumps(PLANT)]


def modbus_serial(port: int) -> list[str]:
    node = require("node")
    if not (HERE / "node_modules" / "modbus-serial").is_dir():
        pytest.skip("modbus-serial is not installed; `npm install --no-package-lock` in tests/interop installs it")
    return [node, str(HERE / "server.js"), str(port), json.dumps(PLANT)]


OTHERS = pytest.mark.parametrize("command", [modbus_tk, modbus_serial])


@contextlib.contextmanager
def serving(command: Callable[[int], list[str]], folder: Path) -> Iterator[Server]:
    port = free_port()
    server = Server(command(port), port, folder / "server.log")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def beside(port: int) -> Scene:
    """A gateway whose plant is one foreign server: an AC gateway, a relay with a kettle, a meter."""

    def change(data: dict[str, Any]) -> None:
        only_modbus(data)
        data["links"] = {"plant": {"type": "modbus_tcp", "host": "127.0.0.1", "port": port, "timeout_ms": 2000}}
        data["devices"] = [
            {"id": "vrf-gw", "profile": "coolmasternet", "link": "plant", "unit": 1},
            {"id": "relay", "profile": "waveshare_relay", "link": "plant", "unit": 2},
            {"id": "m-401", "profile": "chint_dtsu666", "link": "plant", "unit": 5},
        ]
        units = [item for item in data["equipment"] if item["kind"] in ("indoor_unit", "outdoor_unit")]
        data["equipment"] = [
            *units,
            {"id": "kettle", "kind": "kettle", "device": "relay", "slot": 1},
            {"id": "meter-401", "kind": "electricity_meter", "device": "m-401"},
        ]

    site, clock, bus = site_with(change), ManualClock(NOON), InProcessBus()
    stage = Scene(site=site, clock=clock, bus=bus, banks={}, gateway=Gateway(site, bus, clock))
    for kind in (ReadingsTaken, OutcomeReported, EnvelopeIssued):
        bus.listen(kind, stage.said.append)
    return stage


def newest(stage: Scene, point: str) -> Reading:
    return stage.readings(point)[-1]


@OTHERS
async def test_a_server_that_is_not_ours_is_read_and_switched(
    command: Callable[[int], list[str]], tmp_path: Path
) -> None:
    with serving(command, tmp_path) as server:
        stage = beside(server.port)
        await stage.gateway.poll_once()
        values = {
            name: newest(stage, name).value
            for name in ("ac-401.on", "ac-401.setpoint", "ac-401.room_temperature", "ac-401.thermo", "kettle.on",
                         "meter-401.frequency")
        }  # fmt: skip
        assert values == {
            "ac-401.on": 0.0, "ac-401.setpoint": 26.0, "ac-401.room_temperature": -5.0, "ac-401.thermo": 2.0,
            "kettle.on": 1.0, "meter-401.frequency": 50.0,
        }  # fmt: skip
        assert newest(stage, "meter-401.voltage_a").value == pytest.approx(230.1)
        assert newest(stage, "meter-401.power").value == pytest.approx(1.2345)
        assert newest(stage, "meter-401.energy_import").value == pytest.approx(567.89, abs=1e-4)
        stage.permit("ac-401")
        started = await stage.order("ac-401", Wish(on=True, mode=Mode.COOL, setpoint_c=28.5))
        assert isinstance(started, Confirmed)
        assert isinstance(await stage.order("kettle", Wish(on=False)), Confirmed)
        await stage.gateway.poll_once()
        assert [newest(stage, name).value for name in ("ac-401.on", "ac-401.setpoint", "kettle.on")] == [1.0, 28.5, 0.0]
        await stage.gateway.close()


@OTHERS
async def test_a_register_that_a_foreign_server_does_not_have_costs_only_itself(
    command: Callable[[int], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "38"
    held = {address: value for address, value in PLANT["1"]["holding"].items() if address != missing}
    monkeypatch.setitem(PLANT["1"], "holding", held)
    with serving(command, tmp_path) as server:
        stage = beside(server.port)
        await stage.gateway.poll_once()
        statuses = {point.id: newest(stage, point.id).status for point in stage.site.points_of_device("vrf-gw")}
        assert [point for point, status in statuses.items() if status is Status.EXCEPTION] == [
            "ac-402.room_temperature"
        ]  # fmt: skip
        assert newest(stage, "ac-402.setpoint").value == 27.0
        assert newest(stage, "ac-archive.room_temperature").value == 29.1
        await stage.gateway.close()


@OTHERS
async def test_a_foreign_server_that_restarts_is_found_again(
    command: Callable[[int], list[str]], tmp_path: Path
) -> None:
    with serving(command, tmp_path) as server:
        stage = beside(server.port)
        await stage.gateway.poll_once()
        server.kill()
        await stage.gateway.poll_once()
        assert newest(stage, "kettle.on").status is Status.LINK_DOWN
        server.start()
        await stage.gateway.poll_once()
        assert newest(stage, "kettle.on").value == 1.0
        await stage.gateway.close()
