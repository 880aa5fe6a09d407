"""Device descriptions as data: what a device speaks, where each point lies, and which document says so."""

from facility.profiles.loader import ProfileLibrary
from facility.profiles.schema import (
    Cjt188Point,
    Dlt645Point,
    ModbusPoint,
    MqttPoint,
    PollClass,
    Profile,
    Table,
    WireProtocol,
    WriteSpec,
)

__all__ = [
    "Cjt188Point",
    "Dlt645Point",
    "ModbusPoint",
    "MqttPoint",
    "PollClass",
    "Profile",
    "ProfileLibrary",
    "Table",
    "WireProtocol",
    "WriteSpec",
]
