"""Entries about the office's year: closures, half days, timetables, who is on duty."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from facility.almanac import (
    Almanac,
    Closure,
    DutyPerson,
    DutyTurn,
    HalfDay,
    Session,
    Shift,
    Timetable,
)
from facility.filings import Scope
from facility.model.entry import Entry, Names, Slug


def _wrong(zh: str, en: str) -> PydanticCustomError:
    """What is wrong with a value, in both languages for whoever tells it."""
    return PydanticCustomError("wrong_value", "{en}", {"zh": zh, "en": en})


def time_of_day(value: object) -> object:
    """`08:00` as a time.

    Raises:
        PydanticCustomError: the text is none.
    """
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip())
    if match is None:
        raise _wrong(f"`{value}` 不是 08:00 这样的时刻", f"`{value}` is not a time of day such as 08:00")
    return time(int(match[1]), int(match[2]))


def session(value: object) -> object:
    """`08:00-12:00` as a Session.

    Raises:
        PydanticCustomError: the text is no span, or ends before it begins.
    """
    if not isinstance(value, str):
        return value
    start, dash, end = value.partition("-")
    if not dash:
        raise _wrong(f"`{value}` 不是 08:00-12:00 这样的时段", f"`{value}` is not a span such as 08:00-12:00")
    span = Session(time_of_day(start), time_of_day(end))  # type: ignore[arg-type]  # text in, time out
    if span.start >= span.end:
        raise _wrong(f"`{value}` 的结束不晚于开始", f"`{value}` ends before it starts")
    return span


def range_end(value: object) -> object:
    """A date, or month and day of every year, as text.

    Raises:
        PydanticCustomError: it is neither.
    """
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).strip()
    try:
        date.fromisoformat(text if len(text) != 5 else f"2024-{text}")
    except ValueError:
        raise _wrong(
            f"`{value}` 不是 06-01 或 2026-06-01 这样的日期", f"`{value}` is not a date such as 06-01 or 2026-06-01"
        ) from None
    return text


TimeOfDay = Annotated[time, BeforeValidator(time_of_day)]
SessionSpan = Annotated[Session, BeforeValidator(session)]
RangeEnd = Annotated[str, BeforeValidator(range_end)]


class PartEntry(Entry):
    """Which part of the site an entry is about; nothing named: the site."""

    buildings: tuple[Slug, ...] = ()
    floors: tuple[Slug, ...] = ()
    offices: tuple[Slug, ...] = ()
    spaces: tuple[Slug, ...] = ()

    @property
    def scope(self) -> Scope:
        """As a Scope."""
        return Scope(
            buildings=frozenset(self.buildings), floors=frozenset(self.floors), offices=frozenset(self.offices),
            spaces=frozenset(self.spaces),
        )  # fmt: skip


class ClosureEntry(PartEntry):
    """Days on which the site, or a part of it, does not work; both ends included."""

    first: date
    last: date
    reason: str = Field(min_length=1)
    notice: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> ClosureEntry:
        if self.last < self.first:
            raise _wrong(
                f"`last` {self.last} 早于 `first` {self.first}", f"`last` {self.last} is before `first` {self.first}"
            )
        return self

    @property
    def closure(self) -> Closure:
        """As the calendar takes it."""
        return Closure(first=self.first, last=self.last, reason=self.reason, notice=self.notice, scope=self.scope)


class HalfDayEntry(PartEntry):
    """A workday of which a part is worked: from `opens`, until `closes`; one of them is needed."""

    day: date
    opens: TimeOfDay | None = None
    closes: TimeOfDay | None = None
    notice: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_hours(self) -> HalfDayEntry:
        if self.opens is None and self.closes is None:
            raise _wrong(
                "缺少 `opens` 或 `closes`，至少写一个", "there is neither `opens` nor `closes`; expected one of them"
            )
        if self.opens is not None and self.closes is not None and self.opens >= self.closes:
            raise _wrong("`closes` 不晚于 `opens`", "`closes` is not after `opens`")
        return self

    @property
    def half_day(self) -> HalfDay:
        """As the calendar takes it."""
        return HalfDay(day=self.day, opens=self.opens, closes=self.closes, notice=self.notice, scope=self.scope)


class TimetableEntry(Entry):
    """Other hours for a part of the year. By a `notice` supply follows them; else only within the rules' hours."""

    name: Names
    first: RangeEnd
    last: RangeEnd
    sessions: tuple[SessionSpan, ...] = Field(min_length=1)
    notice: str | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> TimetableEntry:
        if len(self.first) != len(self.last):
            raise _wrong(
                "`first` 与 `last` 要么都带年份，要么都不带", "`first` and `last` both have a year, or neither"
            )
        if len(self.first) == 10 and self.last < self.first:
            raise _wrong(
                f"`last` {self.last} 早于 `first` {self.first}", f"`last` {self.last} is before `first` {self.first}"
            )
        for before, after in zip(self.sessions, self.sessions[1:], strict=False):
            if after.start < before.end:
                raise _wrong("各时段要按先后排列且不重叠", "the sessions are expected in order and without overlap")
        return self

    @property
    def timetable(self) -> Timetable:
        """As the calendar takes it."""
        return Timetable(
            first=self.first, last=self.last, name=self.name.text, sessions=self.sessions, notice=self.notice
        )


class DutyPersonEntry(Entry):
    """Somebody on duty by role name, with telephone and the handle by which notifications reach them."""

    name: str = Field(min_length=1)
    phone: str | None = Field(None, min_length=1)
    handle: str | None = Field(None, min_length=1)

    @property
    def person(self) -> DutyPerson:
        """As the roster takes it."""
        return DutyPerson(name=self.name, phone=self.phone, handle=self.handle)


class ShiftEntry(Entry):
    """A shift of the duty room; one that ends at or before its start ends on the next day."""

    id: Slug
    name: Names
    start: TimeOfDay
    end: TimeOfDay
    days: Literal["every", "workdays", "rest"] = "every"

    @property
    def shift(self) -> Shift:
        """As the roster takes it."""
        return Shift(id=self.id, name=self.name.text, start=self.start, end=self.end, days=self.days)


class DutyTurnEntry(Entry):
    """Who is on duty in the shift that begins on `day`."""

    day: date
    shift: Slug
    people: tuple[DutyPersonEntry, ...] = Field(min_length=1)

    @property
    def turn(self) -> DutyTurn:
        """As the roster takes it."""
        return DutyTurn(day=self.day, shift=self.shift, people=tuple(entry.person for entry in self.people))


def _default_shifts() -> tuple[ShiftEntry, ...]:
    day, night = time(8), time(18)
    return (
        ShiftEntry(id="day", name=Names(zh="白班", en="day shift"), start=day, end=night),
        ShiftEntry(id="night", name=Names(zh="夜班", en="night shift"), start=night, end=day),
    )


class DutyEntry(Entry):
    """The duty room: its shifts, who stands by where nobody is entered, and turns that are known already."""

    shifts: tuple[ShiftEntry, ...] = Field(default_factory=_default_shifts)
    standing: tuple[DutyPersonEntry, ...] = ()
    roster: tuple[DutyTurnEntry, ...] = ()

    @model_validator(mode="after")
    def _has_its_shifts(self) -> DutyEntry:
        known = [shift.id for shift in self.shifts]
        if len(known) != len(set(known)):
            raise _wrong("班次编号重复", "two shifts have the same id")
        for turn in self.roster:
            if turn.shift not in known:
                raise _wrong(f"没有班次 `{turn.shift}`", f"there is no shift `{turn.shift}`")
        return self


class AlmanacEntry(Entry):
    """The office's own year, beside the announced calendar."""

    closures: tuple[ClosureEntry, ...] = ()
    half_days: tuple[HalfDayEntry, ...] = ()
    timetables: tuple[TimetableEntry, ...] = ()
    duty: DutyEntry = Field(default_factory=DutyEntry)

    @property
    def almanac(self) -> Almanac:
        """As the calendar takes it."""
        return Almanac(
            closures=tuple(entry.closure for entry in self.closures),
            half_days=tuple(entry.half_day for entry in self.half_days),
            timetables=tuple(entry.timetable for entry in self.timetables),
            turns=tuple(entry.turn for entry in self.duty.roster),
            shifts=tuple(entry.shift for entry in self.duty.shifts),
            standing_duty=tuple(entry.person for entry in self.duty.standing),
        )
