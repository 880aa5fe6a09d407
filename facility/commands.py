"""What somebody wants of a unit, the command that carries it, and the five ways it can end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum

from facility.text import Text


class Mode(StrEnum):
    """Operating mode of an indoor unit, the one vocabulary behind every maker's codes.

    The order is that of the enumeration `hvac_mode` in `facility.quantities`.
    """

    COOL = "cool"
    HEAT = "heat"
    DRY = "dry"
    FAN = "fan"
    AUTO = "auto"


class Fan(StrEnum):
    """Fan speed; the order is that of the enumeration `fan_speed`."""

    AUTO = "auto"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A wanted (or observed) state of one unit. A field that is None is left as it is (or is not known).

    `setpoint_c` is in degrees Celsius.
    """

    on: bool | None = None
    mode: Mode | None = None
    setpoint_c: float | None = None
    fan: Fan | None = None

    def is_empty(self) -> bool:
        """Nothing is wanted."""
        return all(getattr(self, item.name) is None for item in fields(self))


class Role(StrEnum):
    """Who may do what; see docs/architecture.md. The order is from least to most."""

    VIEWER = "viewer"
    SECTION_OPERATOR = "section_operator"
    DUTY_ROOM = "duty_room"
    ADMIN_SECTION = "admin_section"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who stands behind an action: a person with a role, or a part of the system (`role` None).

    `office` is the office a section operator belongs to, None for everybody else.
    """

    name: str
    role: Role | None = None
    office: str | None = None


RULE_ENGINE = Actor(name="controller")
WATCHDOG = Actor(name="gateway-watchdog")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An order to one unit. The gateway applies it at most once, and never after `deadline` (aware UTC).

    `reason` is the sentence of the decision or the person's own words. `fence` is the epoch of the lease under which
    the order was given: the gateway carries out none of an earlier epoch than the newest it has heard of. None: from a
    part that needs no lease, such as the gateway's own watchdog.
    """

    equipment: str
    wish: Wish
    actor: Actor
    made: datetime
    deadline: datetime
    reason: Text = Text("", "")
    fence: int | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """Written, and read back as wanted."""

    command_id: str
    equipment: str
    at: datetime
    read: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEffective:
    """The device acknowledged the write but still reads otherwise after all retries; `read` is what it reads."""

    command_id: str
    equipment: str
    at: datetime
    wanted: Wish
    read: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Not sent: the envelope, the profile or the role forbids it. `clause` is the rule's id if there is one. `again_at`
    is when the same order would pass, None where waiting does not help.
    """

    command_id: str
    equipment: str
    at: datetime
    why: Text
    clause: str | None = None
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """The device did not answer, or answered with errors, until the deadline or the last retry."""

    command_id: str
    equipment: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """The deadline passed before the command could be sent; nothing was written."""

    command_id: str
    equipment: str
    at: datetime


Outcome = Confirmed | NotEffective | Refused | Unreachable | Expired

OUTCOME_STATES: dict[type, str] = {
    Confirmed: "confirmed",
    NotEffective: "not_effective",
    Refused: "refused",
    Unreachable: "unreachable",
    Expired: "expired",
}
"""Outcome type -> state as the API says it; before an outcome a command is `proposed` or `sent`."""
