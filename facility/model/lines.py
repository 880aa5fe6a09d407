"""Entries about wires: links, and the devices that have an address on them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facility.model.broker_entries import MqttLink
from facility.model.entry import Entry, Slug

USUAL_BAUDRATES = (9600, 4800, 2400, 19200, 38400, 115200)
"""Speeds that devices in buildings come with, the likeliest first."""
PARITIES = ("N", "E", "O")


class FieldLink(Entry):
    """What every line with polled devices has. `timeout_ms`: how long its devices may think, None as their profiles
    say. `unit_pause_ms`: quiet time when the next request goes to another unit. `frames_kept`: raw frames remembered
    for whoever looks into a fault. A unit is dead after `dead_after_failures` rounds without an answer that took
    `dead_after_s` at least, and is probed again after growing pauses of up to `longest_probe_s`.
    """

    timeout_ms: int | None = Field(None, gt=0)
    unit_pause_ms: int = Field(0, ge=0, le=10_000)
    frames_kept: int = Field(500, ge=0, le=100_000)
    dead_after_failures: int = Field(1, ge=1, le=100)
    dead_after_s: float = Field(0.0, ge=0)
    longest_probe_s: float = Field(60.0, ge=1)


class SerialSettings(FieldLink):
    """How characters go over an RS-485 line."""

    baudrate: int = Field(9600, ge=300)
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


class ModbusTcpLink(FieldLink):
    """Modbus/TCP: one connection, shared by all its units."""

    type: Literal["modbus_tcp"]
    host: str = Field(min_length=1)
    port: int = Field(502, ge=1, le=65535)

    @property
    def endpoint(self) -> str:
        """Where it is reached."""
        return f"{self.host}:{self.port}"


class ModbusRtuOverTcpLink(SerialSettings):
    """A serial server or transparent DTU: RTU frames over a TCP stream, one transaction at a time. National meters
    (DL/T 645, CJ/T 188) may hang on the same line.
    """

    type: Literal["modbus_rtu_over_tcp"]
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)

    @property
    def endpoint(self) -> str:
        """Where it is reached."""
        return f"{self.host}:{self.port}"


class ModbusAsciiOverTcpLink(SerialSettings):
    """A serial server with Modbus ASCII devices behind it."""

    type: Literal["modbus_ascii_over_tcp"]
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)

    @property
    def endpoint(self) -> str:
        """Where it is reached."""
        return f"{self.host}:{self.port}"


class ModbusRtuLink(SerialSettings):
    """A serial port of this machine with an RS-485 line on it: Modbus RTU, and national meters beside it. `path` should
    be a stable name, as under `/dev/serial/by-id/`. `rs485`: the driver switches the direction of the line with RTS.
    """

    type: Literal["modbus_rtu"]
    path: str = Field(min_length=1)
    rs485: bool = False

    @property
    def endpoint(self) -> str:
        """Where it is reached."""
        return self.path


class ModbusAsciiLink(SerialSettings):
    """A serial port of this machine with Modbus ASCII devices on its line. `data_bits`: 7 by the specification, 8 with
    many devices.
    """

    type: Literal["modbus_ascii"]
    path: str = Field(min_length=1)
    data_bits: Literal[7, 8] = 7
    rs485: bool = False

    @property
    def endpoint(self) -> str:
        """Where it is reached."""
        return self.path


SerialLink = ModbusRtuLink | ModbusAsciiLink
"""Lines on a serial port of this machine."""

SerialOverTcpLink = ModbusRtuOverTcpLink | ModbusAsciiOverTcpLink
"""Serial lines behind a TCP port."""

ModbusLink = ModbusTcpLink | ModbusRtuOverTcpLink | ModbusAsciiOverTcpLink | ModbusRtuLink | ModbusAsciiLink
"""Every line whose devices are polled."""

Link = Annotated[ModbusLink | MqttLink, Field(discriminator="type")]


class Device(Entry):
    """Something with an address on a link. `unit` for Modbus, `topic` for MQTT, `address` (digits, as printed on the
    meter) for DL/T 645 and CJ/T 188. Ratios multiply secondary values.
    """

    id: Slug
    profile: str
    link: Slug
    unit: int | None = Field(None, ge=0, le=247)
    topic: str | None = Field(None, min_length=1)
    address: str | None = Field(None, pattern=r"^[0-9A-F]{1,14}$")
    ct_ratio: float = Field(1.0, gt=0)
    pt_ratio: float = Field(1.0, gt=0)
    cabinet: str | None = None
