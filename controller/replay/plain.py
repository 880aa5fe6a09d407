"""The rules' own values as plain ones and back, whatever they are made of: for what is kept of a decision.

A dataclass or named tuple becomes a mapping with its class under `$` and those fields that differ from their defaults;
times begin with `@`; tuples are lists. Only the classes that a decision is made of are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from types import ModuleType
from typing import Any, Final

from controller import arbitration
from controller.arbitration import array
from controller.policy import facts, findings, hold, relaxing, switches, timetable
from controller.policy.decide import Snapshot, State
from controller.policy.rules import effects
from facility import almanac, calendar, commands, decisions, envelope, filings, text

TAG: Final = "$"
AT: Final = "@"
MODULES: Final[tuple[ModuleType, ...]] = (
    arbitration, array, facts, findings, hold, relaxing, switches, timetable, effects, almanac, calendar,
    commands, decisions, envelope, filings, text,
)  # fmt: skip


def _is_value_class(found: object) -> bool:
    if not isinstance(found, type):
        return False
    return is_dataclass(found) or issubclass(found, Enum) or (issubclass(found, tuple) and hasattr(found, "_fields"))


KNOWN: Final[Mapping[str, Any]] = {
    **{name: found for module in MODULES for name, found in vars(module).items() if _is_value_class(found)},
    "Snapshot": Snapshot,
    "State": State,
}
"""Name -> class, of everything that a decision is made of."""


def plain(value: Any) -> Any:
    """`value` as what JSON and YAML can hold.

    Raises:
        TypeError: it is made of something that no decision is made of.
    """
    if isinstance(value, Enum):
        return {TAG: type(value).__name__, "v": value.value}
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return {TAG: "str", "v": value} if value.startswith(AT) else value
    if isinstance(value, datetime | date | time | timedelta):
        return _time(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {TAG: type(value).__name__, **{name: plain(getattr(value, name)) for name in value._fields}}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if isinstance(value, frozenset | set):
        return {TAG: "set", "v": sorted((plain(part) for part in value), key=str)}
    if isinstance(value, Mapping):
        return {TAG: "map", "v": [[plain(key), plain(part)] for key, part in value.items()]}
    if is_dataclass(value) and type(value).__name__ in KNOWN:
        return {TAG: type(value).__name__, **_given(value)}
    raise TypeError(f"{type(value).__name__} is no part of a decision")


def _time(value: datetime | date | time | timedelta) -> Any:
    if isinstance(value, timedelta):
        return {TAG: "s", "v": value.total_seconds()}
    if isinstance(value, time):
        return {TAG: "time", "v": value.isoformat()}
    return f"{AT}{value.isoformat()}"


def _given(value: Any) -> dict[str, Any]:
    """The fields that differ from their defaults."""
    found = {}
    for item in fields(value):
        held = getattr(value, item.name)
        if item.default is not MISSING and held == item.default and type(held) is type(item.default):
            continue
        if item.default_factory is not MISSING and held == item.default_factory():
            continue
        found[item.name] = plain(held)
    return found


def restored(document: Any) -> Any:
    """The value again.

    Raises:
        ValueError: the document names a class that is not known, or does not fit it.
    """
    if isinstance(document, str) and document.startswith(AT):
        written = document[1:]
        return datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)
    if isinstance(document, list):
        return tuple(restored(part) for part in document)
    if not isinstance(document, Mapping):
        return document
    rest = {name: part for name, part in document.items() if name != TAG}
    match document.get(TAG):
        case "str":
            return rest["v"]
        case "s":
            return timedelta(seconds=rest["v"])
        case "time":
            return time.fromisoformat(rest["v"])
        case "set":
            return frozenset(restored(part) for part in rest["v"])
        case "map":
            return {restored(key): restored(part) for key, part in rest["v"]}
        case name:
            return _made(str(name), rest)


def _made(name: str, given: Mapping[str, Any]) -> Any:
    found = KNOWN.get(name)
    if found is None:
        raise ValueError(f"{name} is not known to this version")
    try:
        if issubclass(found, Enum):
            return found(given["v"])
        return found(**{key: restored(part) for key, part in given.items()})
    except (TypeError, KeyError) as error:
        raise ValueError(f"{name} does not fit this version: {error}") from error
