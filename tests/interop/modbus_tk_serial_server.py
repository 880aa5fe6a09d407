"""A Modbus RTU server on a serial port that is not ours: modbus-tk, 256 registers, each holding its own address.

Usage: modbus_tk_serial_server.py PATH UNIT
"""

from __future__ import annotations

import sys
import threading

import serial
from modbus_tk import defines, modbus_rtu


def main() -> None:
    """Serves until killed."""
    server = modbus_rtu.RtuServer(serial.Serial(sys.argv[1], 9600))
    slave = server.add_slave(int(sys.argv[2]))
    slave.add_block("all", defines.HOLDING_REGISTERS, 0, 256)
    slave.set_values("all", 0, list(range(256)))
    server.start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
