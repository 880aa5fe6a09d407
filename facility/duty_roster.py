"""Who is on duty: shifts of the day and the night, and the people entered for them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from facility.almanac import Almanac, DutyPerson, DutyTurn, Shift

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """Who is on duty, in which shift, from when until when (aware UTC).

    `entered` is False where nobody was entered for the shift and those who always stand by are named.
    """

    shift: Shift
    day: date
    start: datetime
    end: datetime
    people: tuple[DutyPerson, ...]
    entered: bool


def on_duty(almanac: Almanac, now: datetime, is_workday: Callable[[date], bool]) -> OnDuty | None:
    """Who is on duty at `now`, a local aware time; None where no shift runs or nobody is known for it.

    Of shifts that overlap, the one with people entered counts, then the one that began last.
    """
    running = [
        shift_on(almanac, shift, day, now)
        for day in (now.date(), now.date() - _DAY)
        for shift in almanac.shifts
        if exists_on(shift, day, is_workday)
    ]
    at_work = [turn for turn in running if turn.start <= now < turn.end and turn.people]
    return max(at_work, key=lambda turn: (turn.entered, turn.start), default=None)


def shift_on(almanac: Almanac, shift: Shift, day: date, now: datetime) -> OnDuty:
    """The shift that begins on `day`, with its people. `now` gives the time zone."""
    turn = turn_of(almanac, shift.id, day)
    ends_on = day if shift.end > shift.start else day + _DAY if day < date.max else day
    return OnDuty(
        shift=shift,
        day=day,
        start=datetime.combine(day, shift.start, tzinfo=now.tzinfo).astimezone(UTC),
        end=datetime.combine(ends_on, shift.end, tzinfo=now.tzinfo).astimezone(UTC),
        people=almanac.standing_duty if turn is None else turn.people,
        entered=turn is not None,
    )


def turn_of(almanac: Almanac, shift: str, day: date) -> DutyTurn | None:
    """The last entry for a shift that begins on `day`; None where there is none."""
    return next((turn for turn in reversed(almanac.turns) if turn.day == day and turn.shift == shift), None)


def exists_on(shift: Shift, day: date, is_workday: Callable[[date], bool]) -> bool:
    """Whether the shift is held on `day`."""
    return shift.days == "every" or is_workday(day) is (shift.days == "workdays")
