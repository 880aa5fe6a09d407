"""Filings (备案): what people ask to be allowed beyond the rules, for whom, where, when, and what became of it. Pure.

Four kinds widen the rules for a while: an exception filed by a section and approved (AC-04), a notice of the
administration section (行政科通知, AC-05, AC-07), an emergency notice with a short limit, and the booking of a meeting
room (CAL-03). A notice may also stop supply. Nothing here knows a clock or a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from facility.commands import Actor


class FilingKind(StrEnum):
    """What a filing is, in the order of how much stands behind it."""

    EXCEPTION = "exception"
    BOOKING = "booking"
    NOTICE = "notice"
    EMERGENCY = "emergency"


class FilingState(StrEnum):
    """How far a filing has come. Whether an approved one has begun or is over is a matter of the time."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVOKED = "revoked"


class FilingPhase(StrEnum):
    """A filing's state at a moment, as people read it."""

    SUBMITTED = "submitted"
    REJECTED = "rejected"
    REVOKED = "revoked"
    COMING = "coming"
    IN_FORCE = "in_force"
    OVER = "over"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a filing holds: the union of all that is named. All empty: the whole site."""

    buildings: frozenset[str] = frozenset()
    floors: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    spaces: frozenset[str] = frozenset()
    equipment: frozenset[str] = frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is named."""
        return not (self.buildings or self.floors or self.offices or self.spaces or self.equipment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """What of the rules is relaxed; what is False or None holds as ever. Temperatures in degrees Celsius.

    Attributes:
        hours: supply outside the window (AC-05).
        holiday: supply on days of rest (AC-04).
        forecast: supply without a forecast that permits it (AC-01, AC-02).
        weather: rain, overcast sky and sunshine stop nothing (AC-06, AC-07).
        cooling_outdoor_c: cooling from this measured outdoor temperature on, in place of the rules' (AC-06).
        heating_outdoor_c: heating up to this one (AC-07).
        setpoint_min_cool_c: cooling may be set, and the room be, as low as this (AC-03).
        setpoint_max_heat_c: heating may be set, and the room be, as high as this (AC-03).
    """

    hours: bool = False
    holiday: bool = False
    forecast: bool = False
    weather: bool = False
    cooling_outdoor_c: float | None = None
    heating_outdoor_c: float | None = None
    setpoint_min_cool_c: float | None = None
    setpoint_max_heat_c: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is relaxed."""
        return self == NOTHING_RELAXED


NOTHING_RELAXED: Final = Relaxation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One filing. Times are aware UTC; it holds in [start - lead, end).

    Attributes:
        id: its number in the register, rising; 0 before it is entered.
        office: on whose behalf, None for the administration section's own.
        lead: how much earlier a booked room is made ready; zero for the other kinds.
        stops: supply is stopped where it holds; only for notices.
        late: it was filed after the time by which it had to be.
        reference: meeting, document or telephone record it rests on.
        decided_by, decided_at, decision_note: who approved or rejected it; a notice is decided on by being given.
        revoked_by, revoked_at, revoke_reason: who took it back; from `revoked_at` on it no longer holds.
    """

    id: int
    kind: FilingKind
    state: FilingState
    applicant: Actor
    filed_at: datetime
    start: datetime
    end: datetime
    scope: Scope = Scope()
    relaxes: Relaxation = NOTHING_RELAXED
    stops: bool = False
    office: str | None = None
    reason: str
    reference: str = ""
    lead: timedelta = timedelta()
    late: bool = False
    decided_by: Actor | None = None
    decided_at: datetime | None = None
    decision_note: str = ""
    revoked_by: Actor | None = None
    revoked_at: datetime | None = None
    revoke_reason: str = ""

    @property
    def begins(self) -> datetime:
        """From when on it holds, the time to make ready included."""
        return self.start - self.lead

    def holds_at(self, now: datetime) -> bool:
        """Whether it is approved and in force at `now`."""
        return self.state is FilingState.APPROVED and self.begins <= now < self.end

    def held_until(self, now: datetime) -> tuple[datetime, datetime] | None:
        """[from, to) of the time up to `now` over which it was in force, None when it never was.

        One that was approved late held from then on only, one that was revoked until then.
        """
        if self.decided_at is None or self.state in (FilingState.SUBMITTED, FilingState.REJECTED):
            return None
        start = max(self.begins, self.decided_at)
        end = min(self.end, now, self.revoked_at or self.end)
        return (start, end) if start < end else None

    def phase(self, now: datetime) -> FilingPhase:
        """How it stands at `now`. One that nobody decided on before its end has lapsed."""
        if self.state is FilingState.APPROVED:
            if now < self.begins:
                return FilingPhase.COMING
            return FilingPhase.IN_FORCE if now < self.end else FilingPhase.OVER
        if self.state is FilingState.SUBMITTED and now >= self.end:
            return FilingPhase.LAPSED
        return FilingPhase(self.state.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What all filings together mean for one equipment at a moment.

    Attributes:
        relaxes: everything any of them relaxes; of several temperatures the widest. One that stops relaxes nothing.
        hours_from: since when the earliest of those in force relaxes hours, None where hours are not relaxed.
        hours_until: until when supply outside the window goes on without a gap: to the end of the last filing that
            carries on, or to the next notice that stops. None where hours are not relaxed.
        notice: the one that stops supply, None when none does; `stops` says so.
        filings: those in force, by number.
    """

    relaxes: Relaxation = NOTHING_RELAXED
    hours_from: datetime | None = None
    hours_until: datetime | None = None
    notice: Filing | None = None
    filings: tuple[Filing, ...] = field(default_factory=tuple)

    @property
    def stops(self) -> bool:
        """Whether supply is stopped by notice."""
        return self.notice is not None


NOTHING_FILED: Final = Standing()


def standing(filings: Iterable[Filing], now: datetime) -> Standing:
    """What `filings`, all of which concern one equipment, mean for it at `now`.

    Filings that touch or overlap carry on without a gap: supply that one of them allows until 19:00 and the next from
    19:00 goes on until the end of the second.
    """
    approved = sorted((f for f in filings if f.state is FilingState.APPROVED), key=lambda f: f.id)
    held = tuple(filing for filing in approved if filing.holds_at(now))
    if not held:
        return NOTHING_FILED
    extending = [filing for filing in approved if filing.relaxes.hours and not filing.stops]
    reach = [filing for filing in extending if filing.holds_at(now)]
    until = _carried(extending, max((filing.end for filing in reach), default=None))
    return Standing(
        relaxes=_together(filing.relaxes for filing in held if not filing.stops),
        hours_from=min((filing.begins for filing in reach), default=None),
        hours_until=_before_a_stop(approved, now, until),
        notice=next((filing for filing in held if filing.stops), None),
        filings=held,
    )


def _carried(extending: Iterable[Filing], until: datetime | None) -> datetime | None:
    """The end of the last of those that carry on from `until` without a gap."""
    for filing in sorted(extending, key=lambda f: f.begins):
        if until is not None and filing.begins <= until < filing.end:
            until = filing.end
    return until


def _before_a_stop(approved: Iterable[Filing], now: datetime, until: datetime | None) -> datetime | None:
    """`until`, or the beginning of the next notice that stops where that comes first."""
    if until is None:
        return None
    return min((filing.begins for filing in approved if filing.stops and now < filing.begins < until), default=until)


def is_same(one: Filing, other: Filing) -> bool:
    """Whether both ask for exactly the same: kind, office, place, time and what is relaxed. The words do not count."""
    return _asked(one) == _asked(other)


def _asked(filing: Filing) -> tuple[object, ...]:
    return (
        filing.kind, filing.office, filing.scope, filing.begins, filing.start, filing.end, filing.relaxes, filing.stops
    )  # fmt: skip


def _together(relaxations: Iterable[Relaxation]) -> Relaxation:
    found = list(relaxations)
    return Relaxation(
        hours=any(one.hours for one in found),
        holiday=any(one.holiday for one in found),
        forecast=any(one.forecast for one in found),
        weather=any(one.weather for one in found),
        cooling_outdoor_c=_widest(min, (one.cooling_outdoor_c for one in found)),
        heating_outdoor_c=_widest(max, (one.heating_outdoor_c for one in found)),
        setpoint_min_cool_c=_widest(min, (one.setpoint_min_cool_c for one in found)),
        setpoint_max_heat_c=_widest(max, (one.setpoint_max_heat_c for one in found)),
    )


def _widest(pick: Callable[[list[float]], float], values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return pick(known) if known else None
