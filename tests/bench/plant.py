"""The example site's devices behind Modbus TCP, in a process of their own, cheap to ask: `python -m tests.bench.plant`.

The building stands still, so that whoever reads can compare every value with a building of the same seed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from facility.errors import DeviceRefused, NoAnswer
from facility.model import Site, SiteFile, build_site
from facility.model.entries import ModbusTcpLink, MqttLink
from facility.model.loader import load_site
from facility.profiles import ProfileLibrary, Table
from simulators.world import World

SEED: Final = 1
INSTANT: Final = datetime(2026, 7, 15, 6, 0, tzinfo=UTC)
_TABLES: Final = {1: Table.COIL, 2: Table.DISCRETE, 3: Table.HOLDING, 4: Table.INPUT}
_EXAMPLE: Final = Path(__file__).parents[2] / "deploy" / "sites" / "office.yaml"


def site_on(first_port: int) -> Site:
    """The example site with every Modbus line as Modbus TCP, on ports from `first_port` on."""
    file = load_site(_EXAMPLE).file
    assert file is not None
    ports = iter(range(first_port, first_port + len(file.links)))
    links = {
        name: link
        if isinstance(link, MqttLink)
        else ModbusTcpLink(type="modbus_tcp", host="127.0.0.1", port=next(ports))
        for name, link in file.links.items()
    }
    moved: SiteFile = file.model_copy(update={"links": links})
    return build_site(moved, ProfileLibrary())


def building(site: Site) -> World:
    """The building every contestant reads, at one instant."""
    return World(site, seed=SEED, start=INSTANT)


class _Answering(asyncio.Protocol):
    def __init__(self, world: World, link: str) -> None:
        self._world = world
        self._link = link
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 12:
            head, self._buffer = self._buffer[:12], self._buffer[12:]
            self._transport.write(self._answer(head))

    def _answer(self, request: bytes) -> bytes:
        transaction, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", request)
        try:
            payload = self._world.read(self._link, unit, _TABLES[function], address, count)
        except (DeviceRefused, NoAnswer):
            return struct.pack(">HHHBBB", transaction, 0, 3, unit, function | 0x80, 2)
        return struct.pack(">HHHBBB", transaction, 0, 3 + len(payload), unit, function, len(payload)) + payload


@contextlib.contextmanager
def separate_process(module: str, *arguments: int) -> Iterator[None]:
    """Runs servers of a bench beside it; they say `ready` when they are.

    Raises:
        RuntimeError: they did not start.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError("the bench's devices did not start; is a port taken?")
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def leave_the_measured_core() -> None:
    """Runs on any core but the one that the measured process is pinned to, which a child inherits."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        measured = os.sched_getaffinity(0)
        os.sched_setaffinity(0, set(range(os.cpu_count() or 1)) - measured or measured)


async def _serve(first_port: int) -> None:
    site = site_on(first_port)
    world = building(site)
    loop = asyncio.get_running_loop()
    for name, link in site.links.items():
        if isinstance(link, ModbusTcpLink):
            await loop.create_server(lambda name=name: _Answering(world, name), link.host, link.port)  # type: ignore[misc]
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    leave_the_measured_core()
    asyncio.run(_serve(int(sys.argv[1])))
