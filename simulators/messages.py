"""What the building's MQTT sensors send: their measurement every minute, a change of state at once."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from facility.model import Site
from facility.profiles import MqttPoint
from facility.profiles.messages import topic_of
from facility.quantities import ENUMERATIONS, Quantity, factor_to_canonical
from simulators.physics.layout import Floats

Message = tuple[str, str, bytes]
"""Link, topic, payload."""

DIGITS = {
    Quantity.TEMPERATURE: 2, Quantity.HUMIDITY: 1, Quantity.IRRADIANCE: 0, Quantity.RAIN_RATE: 1,
    Quantity.CLOUD_COVER: 0, Quantity.ILLUMINANCE: 0,
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Sender:
    """One MQTT device: what it sent last, and when."""

    link: str
    topic: str
    points: list[tuple[int, MqttPoint]]
    states: list[int]
    sent: datetime | None = None
    last: tuple[float, ...] = field(default_factory=tuple)


class Senders:
    """All MQTT devices of a site.

    `period_s`: how often a device sends though nothing changes, in clock seconds.
    """

    def __init__(self, site: Site) -> None:
        self.period_s = 60.0
        index_of = {point: index for index, point in enumerate(site.points)}
        self._senders: list[_Sender] = []
        for device in site.devices.values():
            points = [
                (index_of[point.id], point.spec) for point in site.points_of_device(device.id)
                if isinstance(point.spec, MqttPoint)
            ]  # fmt: skip
            if points and device.topic is not None:
                states = [index for index, spec in points if spec.quantity is Quantity.STATE]
                self._senders.append(_Sender(link=device.link, topic=device.topic, points=points, states=states))

    def due(self, now: datetime, values: Floats) -> Iterator[Message]:
        """The messages of devices whose time has come or whose state changed. A missing value (NaN) is left out."""
        for sender in self._senders:
            states = tuple(float(values[index]) for index in sender.states)
            late = sender.sent is None or (now - sender.sent).total_seconds() >= self.period_s
            if not late and states == sender.last:
                continue
            sender.sent, sender.last = now, states
            yield from _messages(sender, values)


def _messages(sender: _Sender, values: Floats) -> Iterator[Message]:
    documents: dict[str, Any] = {}
    for index, spec in sender.points:
        topic = sender.topic if spec.subtopic is None else topic_of(spec.subtopic, sender.topic)
        value = float(values[index])
        if math.isnan(value):
            continue
        word = _word(spec, value)
        if spec.path is None:
            yield sender.link, topic, str(word).lower().encode() if isinstance(word, bool) else str(word).encode()
        else:
            _place(documents.setdefault(topic, {}), spec.path.split("."), word)
    for topic, document in documents.items():
        yield sender.link, topic, json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _word(spec: MqttPoint, value: float) -> Any:
    """A value as the device writes it: a number, or the word for a state."""
    if spec.quantity is not Quantity.STATE:
        unit = 1 if spec.unit is None else factor_to_canonical(spec.quantity, spec.unit)
        number = (value / float(unit) - float(spec.offset)) / float(spec.scale)
        return round(number, DIGITS.get(spec.quantity, 3))
    states = ENUMERATIONS[spec.enumeration or "off_on"]
    name = states[int(value)]
    for code, state in (spec.codes or {}).items():
        if state == name:
            return _as_written(code)
    return int(value)


def _as_written(code: int | str) -> Any:
    if isinstance(code, int):
        return code
    if code in ("true", "false"):
        return code == "true"
    return int(code) if code.lstrip("-").isdigit() else code


def _place(document: dict[str, Any], path: list[str], word: Any) -> None:
    """Puts a word at a dotted path, making the objects and lists on the way."""
    here: Any = document
    for step, following in pairwise(path):
        fresh: Any = [] if following.isdigit() else {}
        if isinstance(here, list):
            _stretch(here, int(step))
            if here[int(step)] is None:
                here[int(step)] = fresh
            here = here[int(step)]
        else:
            here = here.setdefault(step, fresh)
    if isinstance(here, list):
        _stretch(here, int(path[-1]))
        here[int(path[-1])] = word
    else:
        here[path[-1]] = word


def _stretch(items: list[Any], index: int) -> None:
    items.extend([None] * (index + 1 - len(items)))
