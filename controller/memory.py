"""What a restart needs, as plain JSON: saved under one key of the journal, taken back leniently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from controller.controller import Controller


def save(controller: Controller) -> dict[str, Any]:
    return {}


def load(controller: Controller, state: Any) -> None:
    return
