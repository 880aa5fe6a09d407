"""Modbus servers on pymodbus, TCP and RTU and ASCII over TCP, one per line, with all units of the line on it.

pymodbus does framing, PDUs and connections. Its data store is replaced by the world's registers, because a simulated
device computes what it shows at the moment it is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final, cast

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import NoSuchIdException
from pymodbus.framer import FramerType
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from facility.errors import DeviceBusy, DeviceRefused, NoAnswer
from facility.model.lines import ModbusLink, SerialLink
from facility.profiles import Table
from simulators.faults import FaultKind
from simulators.national import frame_bytes
from simulators.world import World

READ_TABLE: Final = {1: Table.COIL, 2: Table.DISCRETE, 3: Table.HOLDING, 4: Table.INPUT}
ECHO_FUNCTIONS: Final = (5, 6)
FRAMERS: Final = {
    "modbus_tcp": FramerType.SOCKET,
    "modbus_rtu_over_tcp": FramerType.RTU,
    "modbus_rtu": FramerType.RTU,
    "modbus_ascii_over_tcp": FramerType.ASCII,
    "modbus_ascii": FramerType.ASCII,
}
NATIONAL_START: Final = 0x68
"""What frames for national meters begin with, and also those for Modbus unit 104, which are then not waited for."""
BIT_TABLES: Final = (Table.COIL, Table.DISCRETE)


class WorldRegisters:
    """The store behind a line's server: pymodbus asks it instead of its own."""

    def __init__(self, world: World, link: str, catch_up: Callable[[], None]) -> None:
        self._world = world
        self._link = link
        self._catch_up = catch_up
        self._echo: list[int] | list[bool] = []

    def device_ids(self) -> list[int]:
        """All unit ids of the line."""
        return list(self._world.units(self._link))

    async def async_getValues(  # noqa: N802, pymodbus names it
        self, device_id: int, func_code: int, address: int, count: int = 1
    ) -> list[int] | list[bool] | ExcCodes:
        """Answers a read; after a single write pymodbus asks here for the echo, which is what was sent."""
        if func_code in ECHO_FUNCTIONS:
            return self._echo
        table = READ_TABLE.get(func_code)
        if table is None:
            return ExcCodes.ILLEGAL_FUNCTION
        self._catch_up()
        try:
            raw = self._world.read(self._link, device_id, table, address, count)
        except (NoAnswer, DeviceRefused, DeviceBusy) as error:
            return _exception_code(error)
        if table in BIT_TABLES:
            return [bool(raw[bit // 8] >> (bit % 8) & 1) for bit in range(count)]
        return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]

    async def async_setValues(  # noqa: N802, pymodbus names it
        self, device_id: int, func_code: int, address: int, values: list[int] | list[bool]
    ) -> ExcCodes | None:
        """Carries out a write."""
        self._catch_up()
        try:
            self._world.write(self._link, device_id, func_code, address, [int(value) for value in values])
        except (NoAnswer, DeviceRefused, DeviceBusy) as error:
            return _exception_code(error)
        self._echo = values
        return None


def _exception_code(error: NoAnswer | DeviceRefused | DeviceBusy) -> ExcCodes:
    """The Modbus exception of an error; a unit that nobody has says nothing at all.

    Raises:
        NoSuchIdException: pymodbus then leaves the request unanswered.
    """
    if isinstance(error, NoAnswer):
        raise NoSuchIdException from error
    return ExcCodes(error.code)


class LineConnection(ServerRequestHandler):
    """One master's connection, with the line's faults on it."""

    server: LineServer

    async def handle_request(self) -> None:
        """Answers, or fails as the fault of the addressed unit says."""
        request = self.last_pdu
        if request is None:
            return
        fault = self.server.world.faults.of(self.server.link, request.dev_id)
        if fault is None:
            await super().handle_request()  # type: ignore[no-untyped-call]
        elif fault.kind is FaultKind.EXCEPTION:
            self._refuse(request, fault.code)
        elif fault.kind is FaultKind.HANGS_UP:
            self.hang_up()
        elif fault.kind is FaultKind.LATE:
            await self._answer_late(request, fault.delay_s)

    def callback_data(self, data: bytes, addr: tuple[object, ...] | None = None) -> int:
        """National meters on the line take the frames that are theirs; pymodbus the rest."""
        world, link = self.server.world, self.server.link
        taken = frame_bytes(data) if world.meters_of_line(link) else None
        if taken is None or (taken == 0 and NATIONAL_START in world.units(link)):
            return super().callback_data(data, addr)
        if taken:
            self._ask_meter(data[:taken])
        return taken

    def _ask_meter(self, data: bytes) -> None:
        world, link = self.server.world, self.server.link
        number = world.meter_asked(link, data)
        fault = None if number is None else world.faults.of(link, number)
        if fault is not None and fault.kind is FaultKind.HANGS_UP:
            self.hang_up()
            return
        self.server.catch_up()
        late = fault is not None and fault.kind is FaultKind.LATE
        with world.faults.set_aside() if late else nullcontext():
            answer = world.answer(link, data)
        if answer is None:
            return
        if fault is not None and late:
            asyncio.get_running_loop().call_later(fault.delay_s, self._say, answer)
        else:
            self._say(answer)

    def _say(self, data: bytes) -> None:
        if self.transport is not None:
            self.send(data)

    def hang_up(self) -> None:
        """Closes the connection without a word."""
        if self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()

    def _refuse(self, request: ModbusPDU, code: int) -> None:
        """The exception code as it is, known or not."""
        response = ExceptionResponse(
            request.function_code, code, device_id=request.dev_id, transaction=request.transaction_id
        )
        self._send_if_open(response)

    async def _answer_late(self, request: ModbusPDU, delay_s: float) -> None:
        """The answer of now, sent later: on a serial line it then meets the next question."""
        store = WorldRegisters(self.server.world, self.server.link, self.server.catch_up)
        with self.server.world.faults.set_aside():
            response = await request.datastore_update(cast(Any, store), request.dev_id)
        response.transaction_id, response.dev_id = request.transaction_id, request.dev_id
        asyncio.get_running_loop().call_later(delay_s, self._send_if_open, response)

    def _send_if_open(self, response: ModbusPDU) -> None:
        if self.transport is not None:
            self.pdu_send(response)


class LineServer(ModbusTcpServer):
    """The server of one line.

    Args:
        world: what the devices show.
        link: the line's id in the site.
        entry: its address and framing.
        catch_up: brings the world to the clock's time; called at every request.
    """

    def __init__(self, world: World, link: str, entry: ModbusLink, catch_up: Callable[[], None]) -> None:
        placeholder = SimDevice(id=0, simdata=[SimData(0, datatype=DataType.REGISTERS)])
        address = ("", 0) if isinstance(entry, SerialLink) else (entry.host, entry.port)
        super().__init__(placeholder, framer=FRAMERS[entry.type], address=address, ignore_missing_devices=True)
        self.world = world
        self.link = link
        self.catch_up = catch_up
        self.context = cast(Any, WorldRegisters(world, link, catch_up))
        self._connections: list[LineConnection] = []

    def callback_new_connection(self) -> LineConnection:
        """pymodbus asks for the handler of a new connection."""
        self._connections = [connection for connection in self._connections if connection.transport is not None]
        connection = LineConnection(self, None, None, None)  # type: ignore[no-untyped-call]
        self._connections.append(connection)
        return connection

    def drop_connections(self) -> None:
        """Closes what masters have opened, without a word; they may connect again."""
        for connection in self._connections:
            connection.hang_up()

    async def start(self) -> None:
        """Listens from now on.

        Raises:
            RuntimeError: the port is taken.
        """
        await self.serve_forever(background=True)

    async def stop(self) -> None:
        """Closes the port and all connections."""
        self.drop_connections()
        await self.shutdown()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0)
