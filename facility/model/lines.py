"""Entries about wires: links, and the devices that have an address on them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from facility.model.entry import Entry, Slug


class ModbusTcpLink(Entry):
    """Modbus/TCP: one connection, shared by all its units."""

    type: Literal["modbus_tcp"]
    host: str = Field(min_length=1)
    port: int = Field(502, ge=1, le=65535)
    timeout_ms: int | None = Field(None, gt=0)


class ModbusRtuOverTcpLink(Entry):
    """A serial server or transparent DTU: RTU frames over a TCP stream, one transaction at a time."""

    type: Literal["modbus_rtu_over_tcp"]
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    baudrate: int = Field(9600, ge=300)
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    timeout_ms: int | None = Field(None, gt=0)


class MqttLink(Entry):
    """An MQTT broker. `embedded`: `houqin simulate` and `houqin demo` start it themselves. User name and password are
    read from the environment variables named, never written here.
    """

    type: Literal["mqtt"]
    host: str = Field(min_length=1)
    port: int = Field(1883, ge=1, le=65535)
    version: Literal["3.1.1", "5"] = "3.1.1"
    embedded: bool = False
    client_id: str | None = None
    username_env: str | None = None
    password_env: str | None = None


Link = Annotated[ModbusTcpLink | ModbusRtuOverTcpLink | MqttLink, Field(discriminator="type")]


class Device(Entry):
    """Something with an address on a link. `unit` for Modbus, `topic` for MQTT. Ratios multiply secondary values."""

    id: Slug
    profile: str
    link: Slug
    unit: int | None = Field(None, ge=0, le=247)
    topic: str | None = Field(None, min_length=1)
    ct_ratio: float = Field(1.0, gt=0)
    pt_ratio: float = Field(1.0, gt=0)
    cabinet: str | None = None
