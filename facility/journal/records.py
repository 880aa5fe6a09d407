"""What the journal gives back where the bus has no message for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facility.bus.messages import AlarmLevel
from facility.commands import Actor, Wish
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRecord:
    """A wish or an order, and how far it got.

    `state` is `proposed` (a person's wish, not answered yet), `sent`, `confirmed`, `not_effective`, `refused`,
    `unreachable` or `expired`. `deadline` is a proposal's end, or the time after which the order is not executed.
    `read` is what the unit read afterwards, None while unknown; `why` and `clause` say why it was refused or failed;
    `at` is when `state` was reached. Times are aware UTC.
    """

    id: str
    equipment: str
    actor: Actor
    wish: Wish
    made: datetime
    deadline: datetime | None
    reason: Text
    state: str
    why: Text | None
    clause: str | None
    read: Wish | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRecord:
    """A condition that was or is abnormal; `until` None while it lasts."""

    key: str
    level: AlarmLevel
    text: Text
    equipment: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """Something worth remembering that has no table of its own."""

    kind: str
    equipment: str | None
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """Who did what, when."""

    actor: Actor
    action: str
    detail: Mapping[str, Any]
    at: datetime
