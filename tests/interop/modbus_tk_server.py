"""A Modbus TCP server that is not ours: modbus-tk, holding what the test says.

Usage: modbus_tk_server.py PORT '{"1": {"holding": {"16": 0}, "coil": {"0": 1}}}'
"""

from __future__ import annotations

import json
import sys
import threading

from modbus_tk import defines, modbus_tcp

TABLES = {
    "holding": defines.HOLDING_REGISTERS,
    "input": defines.ANALOG_INPUTS,
    "coil": defines.COILS,
    "discrete": defines.DISCRETE_INPUTS,
}


def main() -> None:
    """Serves until killed. Every run of neighbouring addresses becomes one block."""
    server = modbus_tcp.TcpServer(port=int(sys.argv[1]), address="127.0.0.1")
    for unit, tables in json.loads(sys.argv[2]).items():
        slave = server.add_slave(int(unit))
        for table, cells in tables.items():
            for address, values in runs({int(place): value for place, value in cells.items()}):
                name = f"{table}-{address}"
                slave.add_block(name, TABLES[table], address, len(values))
                slave.set_values(name, address, values)
    server.start()
    threading.Event().wait()


def runs(cells: dict[int, int]) -> list[tuple[int, list[int]]]:
    """Neighbouring cells together: (first address, values)."""
    found: list[tuple[int, list[int]]] = []
    for address in sorted(cells):
        if found and address == found[-1][0] + len(found[-1][1]):
            found[-1][1].append(cells[address])
        else:
            found.append((address, [cells[address]]))
    return found


if __name__ == "__main__":
    main()
