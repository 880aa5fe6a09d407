"""How one alarm stands: facts that cannot contradict each other, what happens to them, and the state they come to.

The states are those of ISA-18.2 (clause 5.3, figure 3; IEC 62682): a state is never stored, it follows from the facts,
so no sequence of events can lead to one that has no name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from facility.bus.messages import AlarmStanding


class Event(StrEnum):
    """What can happen to an alarm: to its condition, by a person, by design, or by the end of a time."""

    RAISED = "raised"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    TAKEN_OUT = "taken_out"
    PUT_BACK = "put_back"
    SUPPRESSED = "suppressed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How alarms of one condition behave.

    `acknowledge`: a person has to take note; without it the alarm goes when its condition goes. `latching`: also one
    that was acknowledged stays when its condition goes, until it is acknowledged once more.
    """

    acknowledge: bool = True
    latching: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one alarm.

    `abnormal`: its condition, delays counted. `known`: nobody has to take note (any more). `told`: people could see
    this occurrence. `latched`: it stays after its condition, until acknowledged then. `shelved_until`: a person hid it
    until then, None when nobody did. `out`: its equipment is out of service, `out_until` how long, None without end.
    `cause`: the alarm it merely follows from.
    """

    abnormal: bool = False
    known: bool = True
    told: bool = False
    latched: bool = False
    shelved_until: datetime | None = None
    out: bool = False
    out_until: datetime | None = None
    cause: str | None = None

    @property
    def standing(self) -> AlarmStanding:
        """The state that the facts come to."""
        if self.out:
            return AlarmStanding.OUT_OF_SERVICE
        if self.shelved_until is not None:
            return AlarmStanding.SHELVED
        if self.cause is not None and (self.abnormal or not self.known):
            return AlarmStanding.SUPPRESSED
        if self.abnormal:
            return AlarmStanding.ACKNOWLEDGED if self.known else AlarmStanding.UNACKNOWLEDGED
        return AlarmStanding.NORMAL if self.known else AlarmStanding.RETURNED

    @property
    def hidden(self) -> bool:
        """Whether people are not told of it now."""
        return self.out or self.shelved_until is not None or self.cause is not None

    @property
    def until(self) -> datetime | None:
        """When what hides it ends by itself, None when nothing does."""
        return self.out_until if self.out else self.shelved_until


def after(
    facts: Facts, event: Event, manner: Manner, *, until: datetime | None = None, cause: str | None = None
) -> Facts:
    """The facts after `event`; the same facts where it changes nothing.

    Args:
        until: the end of a shelving (needed) or of a time out of service (None: until it is put back).
        cause: the key of the alarm this one follows from, for SUPPRESSED.

    Raises:
        ValueError: a shelving without an end, or a suppression without a cause.
    """
    match event:
        case Event.RAISED:
            return _raised(facts, manner)
        case Event.CLEARED:
            return _cleared(facts, manner)
        case Event.ACKNOWLEDGED:
            return _acknowledged(facts)
        case Event.SHELVED:
            return _shelved(facts, until)
        case Event.UNSHELVED:
            return facts if facts.shelved_until is None else _shown(replace(facts, shelved_until=None), manner)
        case Event.TAKEN_OUT:
            return replace(facts, out=True, out_until=until, shelved_until=None)
        case Event.PUT_BACK:
            return _shown(replace(facts, out=False, out_until=None), manner) if facts.out else facts
        case Event.SUPPRESSED:
            return _suppressed(facts, cause)
        case Event.RELEASED:
            return _released(facts)


def _raised(facts: Facts, manner: Manner) -> Facts:
    if facts.abnormal:
        return facts
    return replace(
        facts, abnormal=True, known=not manner.acknowledge, told=not facts.hidden, latched=manner.latching
    )  # fmt: skip


def _cleared(facts: Facts, manner: Manner) -> Facts:
    """One that came and went while it was hidden leaves nothing to acknowledge; the history has it."""
    if not facts.abnormal:
        return facts
    if not facts.told:
        return replace(facts, abnormal=False, known=True, latched=False)
    known = (facts.known or not manner.acknowledge) and not facts.latched
    return replace(facts, abnormal=False, known=known)


def _acknowledged(facts: Facts) -> Facts:
    if facts.standing not in {AlarmStanding.UNACKNOWLEDGED, AlarmStanding.RETURNED}:
        return facts
    return replace(facts, known=True, latched=facts.latched and facts.abnormal)


def _shelved(facts: Facts, until: datetime | None) -> Facts:
    if until is None:
        raise ValueError("a shelving needs an end")
    if facts.standing in {AlarmStanding.OUT_OF_SERVICE, AlarmStanding.SUPPRESSED}:
        return facts
    return replace(facts, shelved_until=until)


def _shown(facts: Facts, manner: Manner) -> Facts:
    """A person hid it, so they knew of it: what is still abnormal is told anew, what is over is over."""
    if facts.abnormal:
        return replace(facts, known=not manner.acknowledge, told=not facts.hidden, latched=manner.latching)
    return replace(facts, known=True, latched=False)


def _suppressed(facts: Facts, cause: str | None) -> Facts:
    if cause is None:
        raise ValueError("a suppression needs its cause")
    return facts if facts.cause == cause else replace(facts, cause=cause)


def _released(facts: Facts) -> Facts:
    if facts.cause is None:
        return facts
    free = replace(facts, cause=None)
    return replace(free, told=free.told or not free.hidden) if free.abnormal else free
