"""All vectors: those of every module here whose name begins with `vectors`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Final

import tests.gateway.profiles as here
from tests.gateway.profiles import vectors
from tests.gateway.profiles.vectors import Answer, Order


def _gathered(what: str) -> list[Answer | Order]:
    """Every tuple of that name, plain or with a suffix, each module's once."""
    names = sorted(module.name for module in pkgutil.iter_modules(here.__path__) if module.name.startswith("vectors_"))
    modules = [importlib.import_module(f"{here.__name__}.{name}") for name in names]
    return [
        entry
        for module in modules
        for name, entries in vars(module).items()
        if name.startswith(f"{what}_")
        for entry in entries
    ]


ANSWERS: Final[tuple[Answer, ...]] = (
    *vectors.ANSWERS,
    *(entry for entry in _gathered("ANSWERS") if isinstance(entry, Answer)),
)
ORDERS: Final[tuple[Order, ...]] = (
    *vectors.ORDERS,
    *(entry for entry in _gathered("ORDERS") if isinstance(entry, Order)),
)
