"""Which framing and which carrier a line of the site file needs."""

from __future__ import annotations

from facility.model.entries import (
    Link,
    ModbusAsciiLink,
    ModbusAsciiOverTcpLink,
    ModbusRtuLink,
    ModbusRtuOverTcpLink,
    ModbusTcpLink,
    MqttLink,
)
from facility.model.lines import SerialLink
from facility.wire_log import WireLog
from gateway.modbus.framing import ASCII, RTU
from gateway.modbus.mbap import MbapTransport
from gateway.modbus.serial_line import SerialLineTransport
from gateway.modbus.serial_port import PortSettings, SerialCarrier
from gateway.modbus.tcp_stream import TcpCarrier
from gateway.modbus.transport import Transport
from gateway.modbus.wire import Carrier


def connect_modbus(link_id: str, link: Link, wire_log: WireLog | None = None) -> Transport:
    """The transport of a line; it connects when it is first used. Its frames are kept in `wire_log`.

    Raises:
        ValueError: the link is not a Modbus line.
    """
    if isinstance(link, MqttLink):
        raise ValueError(f"line {link_id} is of type {link.type}, not Modbus")
    ring = (WireLog() if wire_log is None else wire_log).ring(link_id, link.frames_kept)
    carrier: Carrier = (
        SerialCarrier(link_id, port_settings(link))
        if isinstance(link, SerialLink)
        else TcpCarrier(link_id, link.host, link.port)
    )
    match link:
        case ModbusTcpLink():
            return MbapTransport(link_id, carrier, ring)
        case ModbusRtuLink() | ModbusRtuOverTcpLink():
            return SerialLineTransport(link_id, carrier, ring, framing=RTU, baudrate=link.baudrate)
        case ModbusAsciiLink() | ModbusAsciiOverTcpLink():
            return SerialLineTransport(link_id, carrier, ring, framing=ASCII, baudrate=link.baudrate)


def port_settings(link: SerialLink) -> PortSettings:
    """How a line's port is opened. RTU has eight data bits, always (V1.02, section 2.5.1)."""
    return PortSettings(
        path=link.path,
        baudrate=link.baudrate,
        parity=link.parity,
        stop_bits=link.stop_bits,
        data_bits=link.data_bits if isinstance(link, ModbusAsciiLink) else 8,
        rs485=link.rs485,
    )
