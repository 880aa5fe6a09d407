"""The bytes of Sparkplug B: protocol buffers with the field numbers and type indexes of the Eclipse Sparkplug
Specification 3.0, section 6.4 (payload B). Fields that Houqin does not use are skipped by the library.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from gateway.mqtt.payload import Flaw, Unreadable

REBIRTH: Final = "Node Control/Rebirth"
BIRTH_DEATH_SEQUENCE: Final = "bdSeq"
MOST_METRICS: Final = 5_000
"""What says more at once is not looked at: an empty metric takes two bytes on the wire, and hundreds here."""

_Field = descriptor_pb2.FieldDescriptorProto


class DataType(IntEnum):
    """Types of metrics, as numbered in section 6.4.16. Others are told as unsupported."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15


_SIGNED_BITS: Final = {DataType.INT8: 8, DataType.INT16: 16, DataType.INT32: 32, DataType.INT64: 64}
_VALUES: Final = {
    "int_value": (10, _Field.TYPE_UINT32),
    "long_value": (11, _Field.TYPE_UINT64),
    "float_value": (12, _Field.TYPE_FLOAT),
    "double_value": (13, _Field.TYPE_DOUBLE),
    "boolean_value": (14, _Field.TYPE_BOOL),
    "string_value": (15, _Field.TYPE_STRING),
}


class Unsupported:
    """The value of a metric that is none a point could take: bytes, files, data sets, templates, arrays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. `name` and `alias`: one at least names it. `time_ms` is UTC since 1970, None where it says none.
    `value` None: the device says that there is none.
    """

    name: str | None
    alias: int | None
    time_ms: int | None
    datatype: int | None
    value: float | int | bool | str | Unsupported | None
    is_historical: bool = False
    is_transient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One message: `sequence` 0 to 255, None in deaths and commands."""

    time_ms: int | None
    sequence: int | None
    metrics: tuple[Metric, ...]

    def named(self, name: str) -> Metric | None:
        """The metric of that name, None when there is none."""
        return next((metric for metric in self.metrics if metric.name == name), None)


def _field(message: Any, name: str, number: int, kind: Any, *, repeated: bool = False, type_name: str = "") -> None:
    label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
    field = message.field.add(name=name, number=number, type=kind, label=label)
    if type_name:
        field.type_name = type_name


def _payload_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="houqin/sparkplug_b", package="houqin.sparkplug", syntax="proto2")
    metric = file.message_type.add(name="Metric")
    _field(metric, "name", 1, _Field.TYPE_STRING)
    _field(metric, "alias", 2, _Field.TYPE_UINT64)
    _field(metric, "timestamp", 3, _Field.TYPE_UINT64)
    _field(metric, "datatype", 4, _Field.TYPE_UINT32)
    for number, name in ((5, "is_historical"), (6, "is_transient"), (7, "is_null")):
        _field(metric, name, number, _Field.TYPE_BOOL)
    for name, (number, kind) in _VALUES.items():
        _field(metric, name, number, kind)
    payload = file.message_type.add(name="Payload")
    _field(payload, "timestamp", 1, _Field.TYPE_UINT64)
    _field(payload, "metrics", 2, _Field.TYPE_MESSAGE, repeated=True, type_name=".houqin.sparkplug.Metric")
    _field(payload, "seq", 3, _Field.TYPE_UINT64)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)  # type: ignore[no-untyped-call, unused-ignore]
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("houqin.sparkplug.Payload"))  # type: ignore[no-untyped-call, unused-ignore]


_PAYLOAD: Final = _payload_class()


def decode(raw: bytes) -> Payload:
    """The message that `raw` is.

    Raises:
        Unreadable: it is no Sparkplug B payload.
    """
    message = _PAYLOAD()
    try:
        message.ParseFromString(raw)
    except DecodeError as error:
        raise Unreadable(Flaw.NOT_SPARKPLUG, str(error)) from error
    if len(message.metrics) > MOST_METRICS:
        raise Unreadable(Flaw.TOO_LARGE, f"{len(message.metrics)} metrics, more than {MOST_METRICS}")
    return Payload(
        time_ms=message.timestamp if message.HasField("timestamp") else None,
        sequence=message.seq if message.HasField("seq") else None,
        metrics=tuple(_metric(metric) for metric in message.metrics),
    )


def _metric(found: Any) -> Metric:
    datatype = found.datatype if found.HasField("datatype") else None
    return Metric(
        name=found.name if found.HasField("name") and found.name else None,
        alias=found.alias if found.HasField("alias") else None,
        time_ms=found.timestamp if found.HasField("timestamp") else None,
        datatype=datatype,
        value=None if found.is_null else _value(found),
        is_historical=found.is_historical,
        is_transient=found.is_transient,
    )


def _value(found: Any) -> float | int | bool | str | Unsupported:
    said = next((getattr(found, name) for name in _VALUES if found.HasField(name)), None)
    return Unsupported() if said is None else said


def typed(value: object, datatype: int | None) -> object:
    """A value as its type means it: negative numbers travel as two's complement; `datatype` None leaves it as it is."""
    if isinstance(value, Unsupported) or (datatype is not None and datatype not in DataType.__members__.values()):
        return Unsupported()
    bits = None if datatype is None else _SIGNED_BITS.get(DataType(datatype))
    if bits is None or isinstance(value, bool) or not isinstance(value, int):
        return value
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def rebirth_command(time_ms: int) -> bytes:
    """The command that asks an edge node to say again what it has (section 6.4.22, NCMD)."""
    message = _PAYLOAD(timestamp=time_ms)
    message.metrics.add(name=REBIRTH, timestamp=time_ms, datatype=DataType.BOOLEAN, boolean_value=True)
    return bytes(message.SerializeToString())
