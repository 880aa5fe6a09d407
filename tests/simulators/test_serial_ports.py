"""Serial lines of the simulated building: a real master on a pseudo-terminal, and what may stand at the port's path."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from facility.clock import ManualClock
from facility.errors import LinkDown, NoAnswer
from facility.profiles import Table
from gateway.modbus import connect_modbus
from houqin.demo_site import on_free_ports
from simulators.servers import Serving, serve
from simulators.servers.pseudo_terminal import SimulatedPort
from simulators.world import World
from tests.servers import free_port
from tests.simulators.buildings import hot_noon, site_of, wired_site_data

FRAMINGS = pytest.mark.parametrize("kind", ["modbus_rtu", "modbus_ascii"])
POWER = 0x2012
TIMEOUT_S = 2.0


def wired_by(link: dict[str, Any]) -> dict[str, Any]:
    """The small site with its meters on `link`."""
    data = wired_site_data()
    data["links"]["meters"] = link
    return data


@asynccontextmanager
async def served(data: dict[str, Any]) -> AsyncIterator[Serving]:
    site = site_of(data)
    clock = ManualClock(hot_noon(site))
    async with serve(World(site, seed=1, start=clock.now()), clock) as serving:
        yield serving


@FRAMINGS
@pytest.mark.asyncio
async def test_a_master_finds_the_line_at_its_path_and_nothing_is_left_there(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "ports" / "meters"
    async with served(wired_by({"type": kind, "path": str(path), "parity": "E", "rs485": True})) as serving:
        line = connect_modbus("meters", serving.world.site.links["meters"])
        for unit in (1, 11, 12):
            assert await line.read(unit, Table.HOLDING, POWER, 2, TIMEOUT_S) == serving.world.read(
                "meters", unit, Table.HOLDING, POWER, 2
            )
        serving.faults.hang_up("meters", 11)
        with pytest.raises(NoAnswer):
            await line.read(11, Table.HOLDING, POWER, 2, 0.05)
        await line.close()
        assert path.is_symlink()
    assert not path.is_symlink()


@pytest.mark.asyncio
async def test_ascii_goes_over_tcp_too() -> None:
    link = {"type": "modbus_ascii_over_tcp", "host": "127.0.0.1", "port": free_port()}
    async with served(wired_by(link)) as serving:
        line = connect_modbus("meters", serving.world.site.links["meters"])
        assert await line.read(11, Table.HOLDING, POWER, 2, TIMEOUT_S) == serving.world.read(
            "meters", 11, Table.HOLDING, POWER, 2
        )
        await line.close()


def test_a_link_that_a_killed_simulation_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "meters"
    path.symlink_to("/dev/pts/99999")
    port = SimulatedPort(str(path), "meters")
    with path.open("wb") as opened:
        assert opened.isatty()
    port.close()
    assert not path.is_symlink()


@pytest.mark.parametrize("there", ["a file", "a link elsewhere", "a living terminal"])
def test_what_else_stands_at_the_path_is_left_alone(there: str, tmp_path: Path) -> None:
    path = tmp_path / "meters"
    master, slave = os.openpty()
    if there == "a file":
        path.write_text("mine")
    else:
        path.symlink_to(tmp_path if there == "a link elsewhere" else os.ttyname(slave))
    before = os.readlink(path) if path.is_symlink() else path.read_text()
    with pytest.raises(LinkDown, match=r"cannot stand in for the devices of a line.*无法仿真该线路"):
        SimulatedPort(str(path), "meters")
    assert (os.readlink(path) if path.is_symlink() else path.read_text()) == before
    os.close(master)
    os.close(slave)


def test_no_folder_is_made_among_the_devices() -> None:
    with pytest.raises(LinkDown, match="no link can be made"):
        SimulatedPort("/dev/houqin-test/meters", "meters")
    assert not Path("/dev/houqin-test").exists()


def test_a_demonstration_has_its_serial_ports_in_its_own_folder(tmp_path: Path) -> None:
    file = site_of(wired_by({"type": "modbus_rtu", "path": "/dev/serial/by-id/usb-ftdi"})).file
    moved = on_free_ports(file, tmp_path / "serial")
    assert moved.links["meters"].endpoint == str(tmp_path / "serial" / "meters")
    assert moved.links["plant"].endpoint.startswith("127.0.0.1:")
