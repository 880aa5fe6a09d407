"""What is known of one edge node: whether it lives, which message comes next, and what its aliases stand for.

Sparkplug counts every message of a node and its devices from 0 to 255 and round again (section 6.4.9), so a lost one
shows; births say what aliases mean; a death counts only if its bdSeq is that of the last birth (section 6.4.20): a will
of an earlier connection must not end a later one.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.mqtt.sparkplug.wire import BIRTH_DEATH_SEQUENCE, Metric, Payload

NODE: Final = ""
"""Stands for the node itself where devices are told apart."""


class Kind(StrEnum):
    """The message types of the topic namespace that the gateway listens to (section 4.1)."""

    NODE_BIRTH = "NBIRTH"
    NODE_DATA = "NDATA"
    NODE_DEATH = "NDEATH"
    DEVICE_BIRTH = "DBIRTH"
    DEVICE_DATA = "DDATA"
    DEVICE_DEATH = "DDEATH"


_BIRTHS: Final = (Kind.NODE_BIRTH, Kind.DEVICE_BIRTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A metric by its name, with the type its birth gave it."""

    name: str
    datatype: int | None
    metric: Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a message comes to. `gone`: devices (`NODE` for the node) that have died with it; `back`: one that is born;
    `rebirth`: why the node has to say everything again, None when it need not.
    """

    device: str
    metrics: tuple[Named, ...] = ()
    gone: tuple[str, ...] = ()
    back: str | None = None
    rebirth: str | None = None


@dataclass(slots=True)
class EdgeNode:
    """One edge node. `birth_sequence` is the bdSeq of its last birth, None where that had none. What metrics mean is
    remembered of the `known` devices alone: a node may name as many others as it likes.
    """

    known: Container[str]
    is_born: bool = False
    birth_sequence: int | None = None
    _next: int | None = None
    _devices: dict[str, dict[int, tuple[str, int | None]]] = field(default_factory=dict)
    _types: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def take(self, kind: Kind, device: str, payload: Payload) -> Heard:
        """Takes a message in the order the broker gave it; `device` is `NODE` for the node's own."""
        if kind is Kind.NODE_DEATH:
            return self._die(payload)
        if kind is Kind.NODE_BIRTH:
            self._be_born(payload)
            return Heard(device=NODE, metrics=self._learn(NODE, payload), back=NODE)
        gap = self._gap(payload)
        if kind is Kind.DEVICE_DEATH:
            self._devices.pop(device, None)
            return Heard(device=device, gone=(device,), rebirth=gap)
        if kind is Kind.DEVICE_BIRTH:
            return Heard(device=device, metrics=self._learn(device, payload), back=device, rebirth=gap)
        metrics, unknown = self._named(device, payload)
        return Heard(device=device, metrics=metrics, rebirth=gap or unknown)

    def _be_born(self, payload: Payload) -> None:
        told = payload.named(BIRTH_DEATH_SEQUENCE)
        self.birth_sequence = told.value if told is not None and isinstance(told.value, int) else None
        self.is_born = True
        self._next = 0 if payload.sequence is None else (payload.sequence + 1) % 256
        self._devices.clear()
        self._types.clear()

    def _die(self, payload: Payload) -> Heard:
        told = payload.named(BIRTH_DEATH_SEQUENCE)
        sequence = told.value if told is not None else None
        if self.is_born and None not in (sequence, self.birth_sequence) and sequence != self.birth_sequence:
            return Heard(device=NODE)
        gone = (NODE, *(device for device in self._devices if device != NODE))
        self.is_born = False
        self._devices.clear()
        return Heard(device=NODE, gone=gone)

    def _gap(self, payload: Payload) -> str | None:
        """Why a birth is needed, from the count of the message; the next one is counted from this."""
        expected, self._next = self._next, None if payload.sequence is None else (payload.sequence + 1) % 256
        if not self.is_born:
            return "nothing is known of it yet"
        if expected is not None and payload.sequence is not None and payload.sequence != expected:
            return f"message {expected} is missing, {payload.sequence} came"
        return None

    def _learn(self, device: str, payload: Payload) -> tuple[Named, ...]:
        if device not in self.known:
            return ()
        aliases = self._devices[device] = {}
        types = self._types[device] = {}
        for metric in payload.metrics:
            if metric.name is not None:
                types[metric.name] = metric.datatype
                if metric.alias is not None:
                    aliases[metric.alias] = (metric.name, metric.datatype)
        return self._named(device, payload)[0]

    def _named(self, device: str, payload: Payload) -> tuple[tuple[Named, ...], str | None]:
        if device not in self.known:
            return (), None
        aliases, types = self._devices.get(device, {}), self._types.get(device, {})
        found: list[Named] = []
        unknown: str | None = None
        for metric in payload.metrics:
            name, datatype = metric.name, metric.datatype
            if name is None and metric.alias is not None:
                name, born_as = aliases.get(metric.alias, (None, None))
                datatype = born_as if datatype is None else datatype
            if name is None:
                unknown = f"nobody knows what alias {metric.alias} stands for"
                continue
            datatype = types.get(name) if datatype is None else datatype
            found.append(Named(name=name, datatype=datatype, metric=metric))
        return tuple(found), unknown
