"""The schema of a device profile (one YAML file each in `data/`, or in the site's own folder).

A profile is facts only. How its numbers become registers and back is written twice, once in `gateway` and once in
`simulators`, so that one checks the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from facility.profiles.messages import Messages, Place
from facility.profiles.modbus import ModbusPoint, ScaleFrom
from facility.profiles.national import Cjt188Point, Dlt645Point, MeterFrame
from facility.profiles.point import Exact, Names, PointBase, PollClass, Strict
from facility.profiles.recognition import Identify, Mark, Plate, Plausible
from facility.profiles.registers import BIT_TABLES, REGISTERS, WIDTHS, Order, RegisterType, RegisterValue, Table
from facility.profiles.writing import Copied, GroupRegister, SetupWrite, WriteGroup, WriteSpec
from facility.profiles.wrong import wrong

__all__ = [
    "BIT_TABLES",
    "REGISTERS",
    "WIDTHS",
    "AnyPoint",
    "Cjt188Point",
    "Copied",
    "Dlt645Point",
    "Exact",
    "GroupRegister",
    "Identify",
    "Kind",
    "Limits",
    "Mark",
    "MeterFrame",
    "ModbusPoint",
    "MqttPoint",
    "Names",
    "Order",
    "Plate",
    "Plausible",
    "PointBase",
    "PollClass",
    "Profile",
    "RegisterType",
    "RegisterValue",
    "ScaleFrom",
    "Serial",
    "SetupWrite",
    "Slots",
    "Source",
    "Strict",
    "Table",
    "TableSlots",
    "WireProtocol",
    "WriteGroup",
    "WriteSpec",
]


class WireProtocol(StrEnum):
    """How the device is spoken to."""

    MODBUS = "modbus"
    MQTT = "mqtt"
    DLT645 = "dlt645"
    CJT188 = "cjt188"


class Kind(StrEnum):
    """What sort of equipment the profile describes."""

    ELECTRICITY_METER = "electricity_meter"
    WATER_METER = "water_meter"
    GAS_METER = "gas_meter"
    HEAT_METER = "heat_meter"
    AC_GATEWAY = "ac_gateway"
    SENSOR = "sensor"
    RELAY = "relay"
    CHILLER = "chiller"


class MqttPoint(PointBase):
    """A point in an MQTT payload. `path` None: the whole payload is a plain number or word; otherwise the dotted path
    into a JSON object (list items by index), or the name of a Sparkplug metric. `subtopic` is appended to the device's
    topic, or is a whole one where `{topic}` stands in it; `also`: where else it is said. `codes` maps words (or
    numbers, true, false as written) to states. Value = payload * `scale` + `offset`.
    """

    path: str | None = None
    subtopic: str | None = None
    also: tuple[Place, ...] = ()
    scale: Exact = Decimal(1)
    offset: Exact = Decimal(0)


AnyPoint = ModbusPoint | MqttPoint | Dlt645Point | Cjt188Point
"""A point of any wire."""


class TableSlots(Strict):
    """Where one table's slots lie when they do not lie as the others do."""

    base: int = Field(ge=0)
    stride: int = Field(gt=0)


class Slots(Strict):
    """A gateway that hosts many units: unit n of `first`..`first + count - 1` has its base at
    `base + stride * (n - first)` in the register tables and `bit_base + bit_stride * (n - first)` in the bit tables.
    `tables` says otherwise for single tables. A point's own `stride` replaces the stride; its base stays.
    """

    base: int = Field(ge=0)
    stride: int = Field(gt=0)
    count: int = Field(gt=0)
    first: int = 0
    bit_base: int = 0
    bit_stride: int = 0
    tables: dict[Table, TableSlots] = Field(default_factory=dict)

    def origin(self, table: Table, slot: int | None, stride: int | None = None) -> int:
        """The address in `table` to which the addresses of `slot` (None: the first one) are relative; `stride` is a
        point's own.
        """
        base, step = (self.bit_base, self.bit_stride) if table in BIT_TABLES else (self.base, self.stride)
        own = self.tables.get(table)
        if own is not None:
            base, step = own.base, own.stride
        number = 0 if slot is None else slot - self.first
        return base + (step if stride is None else stride) * number


class Limits(Strict):
    """What the device takes. `max_gap`: registers not wanted that may be read to join two wanted ones. `pause_ms`:
    quiet time it needs between requests. `timeout_ms`: how long it may think. `unreadable`: inclusive address ranges
    that must never be touched, (table, first, last).
    """

    max_registers: int = Field(125, ge=1, le=125)
    max_bits: int = Field(2000, ge=1, le=2000)
    max_gap: int = Field(16, ge=0)
    pause_ms: int = Field(0, ge=0)
    timeout_ms: int = Field(1000, gt=0)
    unreadable: tuple[tuple[Table, int, int], ...] = ()


class Serial(Strict):
    """Factory settings of the serial port."""

    baudrate: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


class Source(Strict):
    """Where the facts come from, and how far they are to be trusted. `note` says what to verify on site."""

    document: str
    revision: str | None = None
    grade: Literal["official", "vendor", "community", "reverse_engineered"]
    note: str | None = None


class Profile(Strict):
    """One device type.

    `writes`: holding registers that are only written together. `identify`: how the model is recognised. `setup`: what
    must be written when a device is met. `nameplate`: what the acceptance sheet shows of the device itself.
    """

    profile: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Names
    kind: Kind
    protocol: WireProtocol
    source: Source
    serial: Serial | None = None
    limits: Limits = Limits()
    slots: Slots | None = None
    frame: MeterFrame = MeterFrame()
    modbus: tuple[ModbusPoint, ...] = ()
    mqtt: tuple[MqttPoint, ...] = ()
    messages: Messages = Messages()
    dlt645: tuple[Dlt645Point, ...] = ()
    cjt188: tuple[Cjt188Point, ...] = ()
    writes: tuple[WriteGroup, ...] = ()
    identify: Identify | None = None
    setup: tuple[SetupWrite, ...] = ()
    nameplate: tuple[Plate, ...] = ()

    @property
    def points(self) -> tuple[AnyPoint, ...]:
        """The points that are published, of the protocol's own sort."""
        return tuple(
            point
            for point in self._by_protocol[self.protocol]
            if not (isinstance(point, ModbusPoint) and point.internal)
        )

    @property
    def internal(self) -> Mapping[str, ModbusPoint]:
        """The points that are only read for others' sake, by id."""
        return {point.id: point for point in self.modbus if point.internal}

    @property
    def write_groups(self) -> Mapping[str, WriteGroup]:
        """Registers that are written together, by the group's id."""
        return {group.id: group for group in self.writes}

    @property
    def _by_protocol(self) -> Mapping[WireProtocol, tuple[AnyPoint, ...]]:
        return {
            WireProtocol.MODBUS: self.modbus,
            WireProtocol.MQTT: self.mqtt,
            WireProtocol.DLT645: self.dlt645,
            WireProtocol.CJT188: self.cjt188,
        }

    @model_validator(mode="after")
    def _points_are_of_the_protocol(self) -> Self:
        other = any(points for protocol, points in self._by_protocol.items() if protocol is not self.protocol)
        if other or not self.points:
            raise wrong(
                f"模板 {self.profile}：测点须写在 {self.protocol.value!r} 之下",
                f"profile {self.profile}: points belong under {self.protocol.value!r}",
            )
        if self.protocol is WireProtocol.CJT188 and (
            self.frame.meter_type is None or self.frame.identifier_order is None
        ):
            raise wrong(
                f"模板 {self.profile}：CJ/T 188 表须写 frame.meter_type 和 identifier_order",
                f"profile {self.profile}: a CJ/T 188 meter needs frame.meter_type and identifier_order",
            )
        ids = [point.id for point in self._by_protocol[self.protocol]]
        twice = sorted({point for point in ids if ids.count(point) > 1})
        if twice:
            raise wrong(
                f"模板 {self.profile}：测点重名：{'、'.join(twice)}",
                f"profile {self.profile}: points named twice: {', '.join(twice)}",
            )
        return self
