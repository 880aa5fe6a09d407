"""Modbus RTU and ASCII on a simulated serial port, with all units of the line on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from facility.model.lines import SerialLink
from simulators.servers.modbus import LineServer
from simulators.servers.pseudo_terminal import PortTransport, SimulatedPort
from simulators.world import World


class SerialLineServer(LineServer):
    """The devices of one serial line behind a link at the line's `path`.

    Args:
        world: what the devices show.
        link: the line's id in the site.
        entry: its path and framing; speed and parity mean nothing on a pseudo-terminal.
        catch_up: brings the world to the clock's time; called at every request.
    """

    def __init__(self, world: World, link: str, entry: SerialLink, catch_up: Callable[[], None]) -> None:
        super().__init__(world, link, entry, catch_up)
        self._path = entry.path
        self._port: SimulatedPort | None = None

    async def start(self) -> None:
        """Makes the port; answers from now on.

        Raises:
            LinkDown: no link can be made at the path.
        """
        self._port = SimulatedPort(self._path, self.link)
        connection = self.callback_new_connection()
        connection.connection_made(PortTransport(self._port, cast(asyncio.Protocol, connection)))

    async def stop(self) -> None:
        """Takes the port away; a master that has it open reads an end of file, as when an adapter is unplugged."""
        for connection in self._connections:
            connection.close()
        if self._port is not None:
            self._port.close()
        self._port = None
