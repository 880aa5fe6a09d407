"""The wire replaced: the gateway's transport straight onto a simulated building's registers, in one process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import orjson
from simulators.world import World

from facility.clock import Clock
from facility.model import Link
from facility.profiles import Table


class InProcessTransport:
    """Reads and writes the registers of one link of `world`, without time passing."""

    def __init__(self, world: World, link: str) -> None:
        self._world = world
        self._link = link

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:
        """The registers as they would come over the wire; `timeout_s` has no meaning here."""
        del timeout_s
        return self._world.read(self._link, unit, table, address, count)

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:
        """Writes as Modbus function `function` would."""
        del timeout_s
        self._world.write(self._link, unit, function, address, values)

    async def close(self) -> None:
        """Nothing is open."""


def connect_in_process(world: World) -> Callable[[str, Link], InProcessTransport]:
    """What `Gateway` takes as `connect` when there is no wire."""

    def connect(link: str, entry: Link) -> InProcessTransport:
        del entry
        return InProcessTransport(world, link)

    return connect


def fetch_in_process(world: World, clock: Clock) -> Callable[[str], Awaitable[bytes]]:
    """What `Gateway` takes as `fetch`: the building's own forecast, whatever the address."""

    async def fetch(url: str) -> bytes:
        del url
        return orjson.dumps(world.forecast(clock.now()))

    return fetch
