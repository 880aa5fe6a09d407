"""Which transport a line of the site file needs."""

from __future__ import annotations

from facility.model.entries import Link, ModbusRtuOverTcpLink, ModbusTcpLink
from facility.wire_log import WireLog
from gateway.modbus.rtu_over_tcp import RtuOverTcpTransport
from gateway.modbus.tcp import ModbusTcpTransport
from gateway.modbus.transport import Transport


def connect_modbus(link_id: str, link: Link, wire_log: WireLog | None = None) -> Transport:  # noqa: ARG001
    """The transport of a Modbus line; it connects when it is first used. Its frames are kept in `wire_log`.

    Raises:
        ValueError: the link is not a Modbus line.
    """
    match link:
        case ModbusTcpLink():
            return ModbusTcpTransport(link_id, link.host, link.port)
        case ModbusRtuOverTcpLink():
            return RtuOverTcpTransport(link_id, link.host, link.port, baudrate=link.baudrate)
        case _:
            raise ValueError(f"line {link_id} is of type {link.type}, not Modbus")
