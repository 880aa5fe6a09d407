"""A Modbus server on a serial port that is not ours: pymodbus, 256 registers, each holding its own address.

Usage: pymodbus_serial_server.py PATH rtu|ascii UNIT
"""

from __future__ import annotations

import asyncio
import sys

from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice


async def main() -> None:
    """Serves until killed."""
    path, framing, unit = sys.argv[1:]
    device = SimDevice(int(unit), simdata=[SimData(0, values=list(range(256)), datatype=DataType.REGISTERS)])
    server = ModbusSerialServer(
        device, port=path, framer=FramerType(framing), baudrate=9600, ignore_missing_devices=True
    )
    await server.serve_forever(background=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
