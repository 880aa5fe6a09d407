"""What one message says: plain numbers and words, or values inside a JSON object, turned into canonical values.

Pure: bytes in, values and reasons out. Whatever arrives, nothing here raises but `Unreadable`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

import orjson

from facility.model import Point
from facility.profiles.messages import Place
from facility.profiles.schema import MqttPoint
from facility.quantities import ENUMERATIONS, Quantity, factor_to_canonical
from facility.readings import Status

_MAX_PLAIN_BYTES: Final = 256
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_NUMBER: Final = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?", re.ASCII)
ABSENT: Final = object()
"""What is found where a message says nothing."""


Value = tuple[float | None, Status]


class Flaw(StrEnum):
    """Why a message could not be used."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    BYTE_ORDER_MARK = "byte_order_mark"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    NOT_PLAIN = "not_plain"
    NOT_SPARKPLUG = "not_sparkplug"
    NO_KNOWN_VALUE = "no_known_value"


class Unreadable(Exception):
    """A message that cannot be read as what its device's profile says; `flaw` says why."""

    def __init__(self, flaw: Flaw, detail: str = "") -> None:
        super().__init__(detail or flaw.value)
        self.flaw = flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where in a message one point's value stands and how it becomes canonical.

    `path` None: the whole message. `states` maps words to state values, None for measured ones. Value = said * `slope`
    + `term`, believed within `low` and `high` (inclusive, None unbounded); `straight` where that changes nothing.
    """

    point: str
    path: tuple[str, ...] | None
    states: Mapping[str, float] | None
    slope: Fraction
    term: Fraction
    low: float | None
    high: float | None
    straight: bool


def sources_of(point: Point) -> Iterator[tuple[str | None, Source]]:
    """The places of a point of an MQTT profile: subtopic and source, its own first.

    Raises:
        TypeError: the point is not of an MQTT profile.
    """
    spec = point.spec
    if not isinstance(spec, MqttPoint):
        raise TypeError(f"{point.id} is not read over MQTT")
    own = metric_source(point)
    for place in (Place(path=spec.path, subtopic=spec.subtopic), *spec.also):
        path = None if place.path is None else tuple(place.path.split("."))
        yield place.subtopic, replace(own, path=path)


def metric_source(point: Point) -> Source:
    """The source of a point whose path is one name, dots and all: that of a metric.

    Raises:
        TypeError: the point is not of an MQTT profile.
    """
    spec = point.spec
    if not isinstance(spec, MqttPoint):
        raise TypeError(f"{point.id} is not read over MQTT")
    factor = Fraction(1) if spec.unit is None else factor_to_canonical(spec.quantity, spec.unit)
    slope, term = Fraction(spec.scale) * factor, Fraction(spec.offset) * factor
    return Source(
        point=point.id,
        path=None if spec.path is None else (spec.path,),
        states=_states(spec),
        slope=slope,
        term=term,
        low=point.low,
        high=point.high,
        straight=slope == 1 and term == 0,
    )


def _states(spec: MqttPoint) -> Mapping[str, float] | None:
    """Word -> state value. Without codes a device says the state's own name."""
    if spec.quantity is not Quantity.STATE or spec.enumeration is None:
        return None
    names = ENUMERATIONS[spec.enumeration]
    if spec.codes is None:
        return {name: float(index) for index, name in enumerate(names)}
    return {str(code): float(names.index(name)) for code, name in spec.codes.items()}


def parse_object(payload: bytes) -> dict[str, Any]:
    """The JSON object that `payload` is.

    Raises:
        Unreadable: empty, with a byte order mark, not UTF-8, not JSON (NaN and nesting deeper than 1,024 are not), or
            no object.
    """
    try:
        document = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        check_text(payload)
        raise Unreadable(Flaw.NOT_JSON, str(error)) from error
    if not isinstance(document, dict):
        raise Unreadable(Flaw.NOT_AN_OBJECT, f"a {type(document).__name__}, not an object")
    return document


def parse_plain(payload: bytes) -> str:
    """The word or number that `payload` is, without blanks around it.

    Raises:
        Unreadable: empty, with a byte order mark, not UTF-8, or far too long for one word.
    """
    text = check_text(payload).strip()
    if len(payload) > _MAX_PLAIN_BYTES or not text.isprintable():
        raise Unreadable(Flaw.NOT_PLAIN, "neither a number nor a word")
    return text


def check_text(payload: bytes) -> str:
    """The text that a message is.

    Raises:
        Unreadable: empty, with a byte order mark, or not UTF-8.
    """
    if payload.startswith(_BYTE_ORDER_MARK):
        raise Unreadable(Flaw.BYTE_ORDER_MARK)
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(Flaw.NOT_UTF8, str(error)) from error
    if not text.strip():
        raise Unreadable(Flaw.EMPTY)
    return text


def read(source: Source, said: object) -> Value | None:
    """The value of one point.

    Args:
        source: where it stands.
        said: the whole message: a text for plain ones, an object for JSON.

    Returns:
        Value and GOOD, or None and the reason; None when this message says nothing about the point.
    """
    found = said if source.path is None else descend(said, source.path)
    if found is ABSENT:
        return None
    if found is None:
        return None, Status.NOT_AVAILABLE
    if isinstance(found, dict | list):
        return None, Status.BAD_PAYLOAD
    return measured(source, found) if source.states is None else _state(source.states, found)


def descend(said: object, path: tuple[str, ...]) -> object:
    """What stands at a path of keys and list positions, `ABSENT` where nothing does."""
    for key in path:
        if isinstance(said, dict):
            said = said.get(key, ABSENT)
        elif isinstance(said, list) and key.isascii() and key.isdigit() and int(key) < len(said):
            said = said[int(key)]
        else:
            return ABSENT
    return said


def _state(states: Mapping[str, float], found: object) -> Value:
    state = states.get(_word(found))
    return (None, Status.UNKNOWN_CODE) if state is None else (state, Status.GOOD)


def _word(found: object) -> str:
    """How a profile writes what was said: true and false as in JSON, whole numbers without a point."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float) and found.is_integer():
        return str(int(found))
    return str(found).strip()


def measured(source: Source, found: object) -> Value:
    """A measured value, canonical; exact where the device's unit is another."""
    if isinstance(found, float) and source.straight:
        value = found
    else:
        number = _number(found)
        if number is None:
            return None, Status.NOT_A_NUMBER
        value = float(number * source.slope + source.term)
    if not math.isfinite(value):
        return None, Status.NOT_A_NUMBER
    too_low = source.low is not None and value < source.low
    if too_low or (source.high is not None and value > source.high):
        return None, Status.OUT_OF_RANGE
    return value, Status.GOOD


def _number(found: object) -> Fraction | None:
    """Exactly what was written: 0.1 is one tenth. None for words, true and false, and what no float can hold."""
    if isinstance(found, bool):
        return None
    if isinstance(found, str):
        text = found.strip()
        return Fraction(Decimal(text)) if _NUMBER.fullmatch(text) and math.isfinite(float(text)) else None
    if isinstance(found, float):
        return Fraction(repr(found)) if math.isfinite(found) else None
    return Fraction(found) if isinstance(found, int) and abs(found) < 10**300 else None
