"""What the controller carries about each equipment it acts on, from cycle to cycle."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from controller.arbitration import EMPTY, PriorityArray
from controller.guard import Timers
from controller.policy.facts import NOTHING, KettleMemory, UnitMemory
from controller.policy.site_policy import ClassRules
from controller.policy.switches import SwitchMemory
from controller.policy.units import UnitVerdict
from controller.rolling import RollingMean
from facility.almanac import THE_SITE, Premises
from facility.commands import Actor, Command, Wish
from facility.envelope import Envelope, OnLoss
from facility.text import Text


class Sort(StrEnum):
    """Which rules decide about an equipment."""

    UNIT = "unit"
    CLIMATE = "climate"
    KETTLE = "kettle"
    SWITCH = "switch"
    PART = "part"


@dataclass(slots=True, kw_only=True)
class Contact:
    """A two-valued sensor: what it says, since when (None: it said so before we looked), when it last spoke."""

    point: str
    value: bool | None = None
    changed_us: int | None = None
    time_us: int | None = None
    rises: deque[int] = field(default_factory=lambda: deque(maxlen=64))

    def take(self, time_us: int, value: bool) -> bool:
        """Takes a reading; whether it changed anything."""
        if self.time_us is not None and time_us <= self.time_us:
            return False
        changed = value is not self.value
        if changed:
            if self.value is not None:
                self.changed_us = time_us
                if value:
                    self.rises.append(time_us)
            self.value = value
        self.time_us = time_us
        return changed


@dataclass(slots=True, kw_only=True)
class Deviation:
    """A change at the wall outside the envelope: since when, to what, what was wanted then (None: not decided yet),
    whether putting back was begun, and the clause that it is against, None where none is known.
    """

    since: datetime
    state: Wish
    wanted: Wish | None = None
    reported: bool = False
    clause: str | None = None


@dataclass(slots=True, kw_only=True)
class Operating:
    """One contact that tells how a lift is operated: the name of its state, None unknown, and when it last spoke."""

    point: str
    state: str | None = None
    time_us: int | None = None


@dataclass(slots=True, kw_only=True)
class Senses:
    """The inputs of one equipment as they came in."""

    on: float | None = None
    mode: float | None = None
    setpoint: float | None = None
    fan: float | None = None
    on_us: int | None = None
    state_us: dict[str, int] = field(default_factory=dict)
    room: list[tuple[str, RollingMean]] = field(default_factory=list)
    return_air: tuple[str, RollingMean] | None = None
    humidity: list[tuple[str, RollingMean]] = field(default_factory=list)
    windows: list[Contact] = field(default_factory=list)
    presence: list[Contact] = field(default_factory=list)
    power: tuple[str, float | None, int] | None = None
    level: Contact | None = None
    operation: list[Operating] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Record:
    """One equipment under control.

    `expect` is the state it should show after what we wrote or accepted; `pending` the command on its way; `order` a
    person's order that still needs its command; `next_change` when the calendar next changes the verdict; `exact_at`
    when it has to be looked at again; `regime` the key of what is filed for it, None for the plain rules of its class;
    `filed` whether any of that is in force now; `premises` its rooms, where the calendar has days of their own for
    them; `outlook` what a second look compares; `room_steps` the room temperatures at which rules change their mind.
    """

    id: str
    kind: str
    sort: Sort
    name: Text
    rules: ClassRules
    on_loss: OnLoss
    group: str
    has: frozenset[str]
    number: int
    senses: Senses = field(default_factory=Senses)
    observed: Wish = NOTHING
    memory: UnitMemory = field(default_factory=UnitMemory)
    kettle: KettleMemory = field(default_factory=KettleMemory)
    switch: SwitchMemory = field(default_factory=SwitchMemory)
    array: PriorityArray = EMPTY
    verdict: UnitVerdict | None = None
    next_change: datetime | None = None
    expect: Wish | None = None
    pending: Command | None = None
    last: Command | None = None
    confirmed_us: int = 0
    failures: int = 0
    retry_at: datetime | None = None
    order: str | None = None
    order_actor: Actor | None = None
    timers: Timers = field(default_factory=Timers)
    deviation: Deviation | None = None
    put_backs: deque[datetime] = field(default_factory=lambda: deque(maxlen=16))
    ran_since: datetime | None = None
    told: object = None
    envelope: Envelope | None = None
    envelope_key: object = None
    closing: datetime | None = None
    dirty: bool = True
    outlook: object = None
    room_steps: tuple[float, ...] = ()
    exact_at: datetime | None = None
    regime: object = None
    filed: bool = False
    premises: Premises = THE_SITE
