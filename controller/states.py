"""Comparing states of a unit: what is the same, what is still to be written."""

from __future__ import annotations

from typing import Any, Final

from controller.policy.facts import NOTHING
from facility.commands import Wish

SETPOINT_TOLERANCE_C: Final = 0.26
"""Units round setpoints to half degrees; what is nearer than this is the same."""
FIELDS: Final = ("on", "mode", "setpoint_c", "fan")
POINT_OF: Final = {"on": "on", "mode": "mode", "setpoint_c": "setpoint", "fan": "fan"}


def agrees(name: str, wanted: Any, seen: Any) -> bool:
    """Whether one part of two states is known and the same."""
    if wanted is None or seen is None:
        return False
    if name == "setpoint_c":
        return bool(abs(wanted - seen) < SETPOINT_TOLERANCE_C)
    return bool(wanted == seen)


def same(one: Wish, other: Wish) -> bool:
    """Whether two states are the same as far as both are known."""
    if one is other:
        return True
    return (
        _not_apart(one.on, other.on)
        and _not_apart(one.mode, other.mode)
        and _not_apart(one.fan, other.fan)
        and (
            one.setpoint_c is None
            or other.setpoint_c is None
            or abs(one.setpoint_c - other.setpoint_c) < SETPOINT_TOLERANCE_C
        )
    )


def _not_apart(one: object, other: object) -> bool:
    return one is other or one is None or other is None


def covers(sent: Wish, change: Wish) -> bool:
    """Whether `sent` already orders all of `change`."""
    return all(
        getattr(change, name) is None or agrees(name, getattr(sent, name), getattr(change, name)) for name in FIELDS
    )


def over(news: Wish, known: Wish) -> Wish:
    """`news`, with what it leaves open taken from `known`."""
    return Wish(**{
        name: value if (value := getattr(news, name)) is not None else getattr(known, name) for name in FIELDS
    })  # fmt: skip


def fitting(wish: Wish, has: frozenset[str]) -> Wish:
    """The wish without what the unit has no point for."""
    return Wish(**{name: getattr(wish, name) if POINT_OF[name] in has else None for name in FIELDS})


def change_of(wanted: Wish, seen: Wish, has: frozenset[str]) -> Wish:
    """What has to be written to a running unit that shows `seen`; settings that it does not tell are left alone."""
    if same(wanted, seen):
        return NOTHING
    parts = {}
    for name in ("mode", "setpoint_c", "fan"):
        value, now = getattr(wanted, name), getattr(seen, name)
        if value is not None and now is not None and POINT_OF[name] in has and not agrees(name, value, now):
            parts[name] = value
    return Wish(**parts) if parts else NOTHING


def plain(wish: Wish | None) -> dict[str, Any]:
    """As plain values, without what is not known."""
    if wish is None:
        return {}
    return {name: value for name in FIELDS if (value := getattr(wish, name)) is not None}
