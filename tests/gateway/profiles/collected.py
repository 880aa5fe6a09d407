"""All vectors: those of every module here whose name begins with `vectors`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

import tests.gateway.profiles as here
from tests.gateway.profiles import vectors
from tests.gateway.profiles.vectors import Answer, Order

Codes = Mapping[str, Mapping[int, str]]


def _modules() -> list[ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(here.__path__) if module.name.startswith("vectors_"))
    return [importlib.import_module(f"{here.__name__}.{name}") for name in names]


def _gathered(what: str) -> list[Any]:
    """Every tuple of that name, plain or with a suffix, each module's once."""
    return [
        entry
        for module in _modules()
        for name, entries in vars(module).items()
        if name.startswith(f"{what}_")
        for entry in entries
    ]


def _tables(what: str) -> dict[str, Any]:
    """The table of that name of every module that has one, by profile."""
    return {profile: codes for module in _modules() for profile, codes in vars(module).get(what, {}).items()}


ANSWERS: Final[tuple[Answer, ...]] = (
    *vectors.ANSWERS,
    *(entry for entry in _gathered("ANSWERS") if isinstance(entry, Answer)),
)
ORDERS: Final[tuple[Order, ...]] = (
    *vectors.ORDERS,
    *(entry for entry in _gathered("ORDERS") if isinstance(entry, Order)),
)
NOT_TAKEN: Final[tuple[tuple[str, str, float], ...]] = (*vectors.NOT_TAKEN, *_gathered("NOT_TAKEN"))
MODE_CODES: Final[Codes] = dict(vectors.MODE_CODES) | _tables("MODE_CODES")
FAN_CODES: Final[Codes] = dict(vectors.FAN_CODES) | _tables("FAN_CODES")
MODES_WRITTEN: Final[Mapping[str, Mapping[str, int]]] = dict(vectors.MODES_WRITTEN) | _tables("MODES_WRITTEN")
