"""Trials: policies tried out over recorded time before they are switched on. What was asked and what came of it. Pure.

What is here says how long a policy would have permitted what was recorded, and never what rooms would have done: nobody
measured that. A figure that cannot be told is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from facility.commands import Actor
from facility.text import Text

MOST_POLICIES: Final = 4
"""So many policies are laid side by side at most."""

LONGEST_DAYS: Final = 400
"""So long a span is tried out at most."""


class TrialState(StrEnum):
    """How far a trial has come. INTERRUPTED: the program ended while it ran."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


ENDED: Final = frozenset({TrialState.DONE, TrialState.FAILED, TrialState.CANCELLED, TrialState.INTERRUPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChoice:
    """One policy to try: a `policy:` section as the site file has it under a name of its own; None: the site's own."""

    name: str
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRequest:
    """What to try, over recorded time in [start, end), aware. The first policy is what the others are held against."""

    start: datetime
    end: datetime
    policies: tuple[PolicyChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonHours:
    """Hours of cooling and of heating."""

    cooling_h: float = 0.0
    heating_h: float = 0.0

    @property
    def both_h(self) -> float:
        """Together."""
        return self.cooling_h + self.heating_h


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonTally:
    """How often, and for how many unit-hours, one reason decided. `code` is the finding's, `clause` what it rests on,
    None for equipment protection. `hours` None: it has no length.
    """

    code: str
    text: Text
    clause: str | None
    count: int
    hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A reckoned figure with the bounds of its 90 % interval; all None: not known."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


UNKNOWN: Final = Estimate()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeOutcome:
    """One office under one policy, unit-hours. `office` None: rooms of no office.

    Attributes:
        permitted: units might run.
        used_h: units ran by the record.
        forbidden_h: of these, not permitted by the policy.
    """

    office: str | None
    name: Text
    units: int
    permitted: SeasonHours
    used_h: float
    forbidden_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownShares:
    """For what share (0 to 1) of the time an input was not known; None where the site has no such input.

    `outdoor`, `forecast` of the time in which supply was open by calendar and hours; `units`, `rooms` of the unit-time
    in it.
    """

    outdoor: float | None
    forecast: float | None
    units: float | None
    rooms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOutcome:
    """What came of one policy. Unit-hours are hours summed over indoor units bound by seasons.

    Attributes:
        supply: zone class -> hours in which the class might be supplied.
        permitted: unit-hours in which units might run.
        used: unit-hours that units ran by the record, whatever the policy says; by the season of their mode.
        used_permitted: of these, permitted by the policy.
        forbidden_h: of these, not permitted.
        wanted_h: unit-hours for which the rules by themselves want units to run.
        starts: how often the rules by themselves would start a unit.
        stops: why they would switch off what they had started.
        violations: what was used against the policy, by what it was against.
        avoided_kwh: electricity of the outdoor units that running against the policy took, None where unknown.
        unpriced_h: unit-hours against the policy for which the record cannot tell what they took.
    """

    name: str
    preset: str
    supply: Mapping[str, SeasonHours]
    permitted: SeasonHours
    used: SeasonHours
    used_permitted: SeasonHours
    forbidden_h: float
    wanted_h: float
    starts: int
    stops: tuple[ReasonTally, ...]
    violations: tuple[ReasonTally, ...]
    offices: tuple[OfficeOutcome, ...]
    avoided_kwh: Estimate
    unpriced_h: float
    unknown: UnknownShares


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyRate:
    """What an outdoor unit took, beyond standby, for an hour of one kilowatt of running rated capacity, in one bin of
    outdoor temperature [low, high); `per_kw_kwh` unknown where the record holds too little.
    """

    outdoor_unit: str
    season: str
    low_c: float
    high_c: float
    hours: int
    per_kw_kwh: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """What came of a trial. `decisions` counts how often the rules were asked; `limits` says what the figures do not
    tell.
    """

    start: datetime
    end: datetime
    outcomes: tuple[PolicyOutcome, ...]
    rates: tuple[EnergyRate, ...]
    decisions: int
    limits: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A trial as the journal holds it. `done` of `total` parts are reckoned; `error` says why it failed."""

    id: int
    state: TrialState
    request: TrialRequest
    author: Actor
    entered: datetime
    done: int = 0
    total: int = 0
    finished: datetime | None = None
    result: TrialResult | None = None
    error: Text | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ENDED
