"""The schema of a device profile (one YAML file each in `data/`, or in the site's own folder).

A profile is facts only. How its numbers become registers and back is written twice, once in `gateway` and once in
`simulators`, so that one checks the other.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from facility.quantities import ENUMERATIONS, Quantity, factor_to_canonical
from facility.text import Text


def _decimal(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


Exact = Annotated[Decimal, BeforeValidator(_decimal)]
"""A decimal that YAML wrote as a number: 0.1 means one tenth, exactly."""


class Strict(BaseModel):
    """Unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Strict):
    """A name in both languages; English falls back to Chinese."""

    zh: str
    en: str | None = None

    @property
    def text(self) -> Text:
        """As a Text."""
        return Text(self.zh, self.en if self.en is not None else self.zh)


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


class Table(StrEnum):
    """The four Modbus tables (Modbus Application Protocol V1.1b3, section 4.3)."""

    COIL = "coil"
    DISCRETE = "discrete"
    INPUT = "input"
    HOLDING = "holding"


class PollClass(StrEnum):
    """How often a point is read; the site file may set the periods (defaults 2 s, 10 s, 60 s)."""

    FAST = "fast"
    NORMAL = "normal"
    SLOW = "slow"


RegisterType = Literal["bit", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
REGISTERS: dict[str, int] = {
    "bit": 1, "int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2, "int64": 4, "uint64": 4, "float64": 4,
}  # fmt: skip
"""Register type -> number of registers (coils and discrete inputs: of bits)."""

Order = Literal["ABCD", "CDAB", "BADC", "DCBA"]
"""Byte order of a value on the wire, A the most significant byte. For 64-bit values the same patterns: CDAB swaps the
words (least significant word first), BADC the bytes within each word, DCBA both."""


class WriteSpec(Strict):
    """How a point is written.

    `function` is the Modbus function code the device needs. `table` and `address` name the register where it differs
    from the one that is read (`address` relative like the point's). `minimum` and `maximum` are in the canonical unit,
    `step` the finest change the device takes.
    """

    function: Literal[5, 6, 15, 16]
    table: Literal["coil", "holding"] | None = None
    address: int | None = Field(None, ge=0, le=65535)
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = Field(None, gt=0)


class PointBase(Strict):
    """What every point has, whatever the wire.

    `unit` is the device's; the canonical one follows from `quantity`. For states `enumeration` names the list in
    `facility.quantities` and `codes` maps the device's codes to its states; an unlisted code is a bad reading. Several
    codes may mean one state: the first one listed is the one written.
    `low` and `high` bound what is believed, in the canonical unit. `counter_max` is the largest value a counter shows
    before it starts again at zero, in the canonical unit before transformer ratios; a point with `counter_max` or
    `counter: true` only counts up.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Names
    quantity: Quantity
    unit: str | None = None
    enumeration: str | None = None
    codes: dict[int | str, str] | None = None
    low: float | None = None
    high: float | None = None
    counter: bool = False
    counter_max: float | None = Field(None, gt=0)
    poll: PollClass = PollClass.NORMAL

    @model_validator(mode="after")
    def _fits_its_quantity(self) -> Self:
        if self.unit is not None:
            factor_to_canonical(self.quantity, self.unit)
        if self.quantity is not Quantity.STATE:
            if self.enumeration is not None or self.codes is not None:
                raise ValueError(f"point {self.id}: only a state has an enumeration or codes")
            return self
        if self.enumeration is None:
            raise ValueError(f"point {self.id}: a state names its enumeration")
        states = ENUMERATIONS.get(self.enumeration)
        if states is None:
            raise ValueError(f"point {self.id}: unknown enumeration {self.enumeration!r}")
        for name in (self.codes or {}).values():
            if name not in states:
                raise ValueError(f"point {self.id}: {name!r} is no state of {self.enumeration} {states}")
        return self


class ModbusPoint(PointBase):
    """A point in a register map. `address` is the protocol address (0-based); in a profile with slots it is relative
    to the slot's own base. Value = (raw * `scale` + `offset`) in `unit`; `ratio` says which transformer ratio of the
    device entry multiplies it. `bit` or `bits` (low, high inclusive) take part of a 16-bit register. `invalid` lists
    raw integer values that mean "not available" (floats: NaN always does).
    """

    table: Table
    address: int = Field(ge=0, le=65535)
    type: RegisterType = "uint16"
    order: Order = "ABCD"
    scale: Exact = Decimal(1)
    offset: Exact = Decimal(0)
    ratio: Literal["ct", "pt", "ct_pt"] | None = None
    bit: int | None = Field(None, ge=0, le=15)
    bits: tuple[int, int] | None = None
    invalid: tuple[int, ...] = ()
    write: WriteSpec | None = None

    @property
    def registers(self) -> int:
        """Registers (or bits, for coils and discrete inputs) the value takes."""
        return REGISTERS[self.type]

    @model_validator(mode="after")
    def _fits_its_table(self) -> Self:
        is_bit_table = self.table in (Table.COIL, Table.DISCRETE)
        if is_bit_table != (self.type == "bit"):
            raise ValueError(f"point {self.id}: coils and discrete inputs are of type bit, registers are not")
        if self.write is not None and self.table in (Table.DISCRETE, Table.INPUT) and self.write.table is None:
            raise ValueError(f"point {self.id}: {self.table.value} registers cannot be written; name write.table")
        return self


class MqttPoint(PointBase):
    """A point in an MQTT payload. `path` None: the whole payload is a plain number or word; otherwise the dotted path
    into a JSON object (list items by index). `subtopic` is appended to the device's topic. `codes` maps words (or
    numbers, true, false as written) to states. Value = payload * `scale` + `offset`.
    """

    path: str | None = None
    subtopic: str | None = None
    scale: Exact = Decimal(1)
    offset: Exact = Decimal(0)


class Slots(Strict):
    """A gateway that hosts many units: unit n of `first`..`first + count - 1` has its base at
    `base + stride * (n - first)` in the register tables and `bit_base + bit_stride * (n - first)` in the bit tables.
    """

    base: int = Field(ge=0)
    stride: int = Field(gt=0)
    count: int = Field(gt=0)
    first: int = 0
    bit_base: int = 0
    bit_stride: int = 0


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
    """One device type."""

    profile: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: Names
    kind: Kind
    protocol: WireProtocol
    source: Source
    serial: Serial | None = None
    limits: Limits = Limits()
    slots: Slots | None = None
    modbus: tuple[ModbusPoint, ...] = ()
    mqtt: tuple[MqttPoint, ...] = ()

    @property
    def points(self) -> tuple[ModbusPoint, ...] | tuple[MqttPoint, ...]:
        """The points, of the protocol's own sort."""
        return self.modbus if self.protocol is WireProtocol.MODBUS else self.mqtt

    @model_validator(mode="after")
    def _points_are_of_the_protocol(self) -> Self:
        wanted, other = ("modbus", self.mqtt) if self.protocol is WireProtocol.MODBUS else ("mqtt", self.modbus)
        if other or not self.points:
            raise ValueError(f"profile {self.profile}: points belong under {wanted!r}")
        ids = [point.id for point in self.points]
        twice = sorted({point for point in ids if ids.count(point) > 1})
        if twice:
            raise ValueError(f"profile {self.profile}: points named twice: {', '.join(twice)}")
        return self
