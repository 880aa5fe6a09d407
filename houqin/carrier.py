"""The wire replaced: the gateway's transport straight onto a simulated building's registers, in one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import orjson

from facility.clock import Clock
from facility.errors import NoAnswer, Where
from facility.model import Link
from facility.profiles import Table
from gateway.gateway import Gateway
from gateway.modbus import RawRequest, Transport
from simulators.world import World


class InProcessTransport:
    """Reads and writes the registers of one link of `world`, and asks its national meters, without time passing."""

    def __init__(self, world: World, link: str) -> None:
        self._world = world
        self._link = link
        self.dropped_answers = 0

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:
        """The registers as they would come over the wire; `timeout_s` has no meaning here."""
        del timeout_s
        return self._world.read(self._link, unit, table, address, count)

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:
        """Writes as Modbus function `function` would."""
        del timeout_s
        self._world.write(self._link, unit, function, address, values)

    async def exchange(self, request: RawRequest, timeout_s: float) -> bytes:
        """What a national meter would answer over the wire; `timeout_s` has no meaning here."""
        del timeout_s
        said = self._world.answer(self._link, request.frame)
        found = None if said is None else request.found(said)
        if found is None:
            raise NoAnswer(f"{request.what}: no answer", where=Where(link=self._link))
        return found

    async def reset(self) -> None:
        """Nothing is open."""

    async def close(self) -> None:
        """Nothing is open."""


class Wire(Protocol):
    """How a gateway reaches a simulated building that is moved step by step."""

    def connect(self, link: str, entry: Link) -> Transport:
        """The transport of one Modbus line."""
        ...

    async def fetch(self, url: str, headers: Mapping[str, str]) -> bytes:
        """The body of a forecast provider's answer."""
        ...

    async def bring(self, gateway: Gateway) -> None:
        """Brings the messages that the building's sensors have sent since the last call to the gateway."""
        ...


class InProcessWire:
    """No wire at all: the same registers, messages and forecasts, handed over in one process."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock

    def connect(self, link: str, entry: Link) -> InProcessTransport:
        """See `Wire`."""
        del entry
        return InProcessTransport(self._world, link)

    async def fetch(self, url: str, headers: Mapping[str, str]) -> bytes:
        """The building's own forecast, whatever the address."""
        del url, headers
        return orjson.dumps(self._world.forecast(self._clock.now()))

    async def bring(self, gateway: Gateway) -> None:
        """See `Wire`."""
        for link, topic, payload in self._world.messages():
            gateway.take_message(link, topic, payload)
