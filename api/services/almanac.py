"""The office's year as people see it, entering into it, and who is on duty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter

from api.context import ApiContext
from api.problems import RequestProblem, unknown
from api.services.almanac_words import told_of
from api.services.edges import local_date
from api.services.entered import RevocationView
from api.shapes import Bilingual, Shape
from facility.almanac import (
    AlmanacItem,
    AlmanacKind,
    Closure,
    DutyPerson,
    DutyTurn,
    ExtraWorkday,
    HalfDay,
)
from facility.bus import AlmanacChanged
from facility.calendar import Day, DayKind, YearStatus
from facility.commands import Actor
from facility.duty_roster import OnDuty, exists_on, shift_on
from facility.filings import Scope
from facility.journal.almanac import AlmanacRecord
from facility.text import Text

WEEK_DAYS: Final = 7
LONGEST_CLOSURE: Final = timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 2004, 2100
_ENTRY: Final = Text("年历录入", "entry of the almanac")


class DayView(Shape):
    """A local date. `hours`: what is worked of a half day. `parts`: what holds for a part of the site."""

    date: date
    kind: DayKind
    official: bool
    make_up: bool
    why: Bilingual
    source: str
    closed: bool
    half_day: bool
    hours: Bilingual | None
    parts: list[Bilingual]


class YearView(Shape):
    """A year, every day of it. `notice`, `issued`, `sha256` are of the table that was entered, None where none was."""

    year: int
    status: YearStatus
    notice: str | None
    issued: date | None
    sha256: str | None
    missing_year: int | None
    workdays: int
    days: list[DayView]


class PersonView(Shape):
    """Somebody on duty, by role name."""

    name: str
    phone: str | None
    handle: str | None


class TurnView(Shape):
    """A shift with who is on duty; `entered` is False where those who always stand by are named."""

    day: date
    shift: str
    name: Bilingual
    start: datetime
    end: datetime
    people: list[PersonView]
    entered: bool


class DutyView(Shape):
    """A week of duty, and who is on duty now; None when nobody is known."""

    now: TurnView | None
    rows: list[TurnView]


class AlmanacEntryView(Shape):
    """An entry as it stands, or stood."""

    id: int
    kind: AlmanacKind
    told: Bilingual
    entry: dict[str, Any]
    by: str
    at: datetime
    revoked: RevocationView | None


class AlmanacEntries(Shape):
    """Entries, newest first."""

    rows: list[AlmanacEntryView]


def year_view(context: ApiContext, year: int) -> YearView:
    """The whole of a year.

    Raises:
        RequestProblem: no year that anybody plans for.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RequestProblem(
            422, "wrong_year", Text(f"年份应在 {FIRST_YEAR}～{LAST_YEAR} 之间", f"a year is {FIRST_YEAR}..{LAST_YEAR}")
        )
    calendar = context.calendar
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days
    days = [_day_view(context, calendar.day(first + timedelta(days=number))) for number in range(length)]
    table = calendar.table(year)
    return YearView(
        year=year,
        status=calendar.status(year),
        notice=None if table is None else table.notice,
        issued=None if table is None else table.issued,
        sha256=None if table is None else table.sha256,
        missing_year=calendar.missing_year(local_date(context.clock.now(), context.site.zone)),
        workdays=sum(day.kind == "workday" for day in days),
        days=days,
    )


def _day_view(context: ApiContext, day: Day) -> DayView:
    almanac = context.calendar.almanac
    own: tuple[Closure | HalfDay, ...] = (*almanac.closures, *almanac.half_days)
    parts = [told_of(context, entry) for entry in own if entry.holds_on(day.date) and not entry.scope.is_everything]
    return DayView(
        date=day.date,
        kind=day.kind,
        official=day.official,
        make_up=day.make_up,
        why=Bilingual.of(day.why),
        source=day.source,
        closed=day.closure is not None,
        half_day=day.half is not None,
        hours=None if day.half is None else Bilingual.of(day.half.hours),
        parts=[Bilingual.of(each) for each in parts],
    )


def duty(context: ApiContext, first: date, reader: Actor | None) -> DutyView:
    """Who is on duty in the week from `first` on, and now. Telephones are for people who are logged in: where reading
    is open to everybody, a stranger (`reader` None) sees who it is and no more.
    """
    calendar, now = context.calendar, context.clock.now()
    local = context.local(now)
    rows = [
        _turn_view(context, shift_on(calendar.almanac, shift, day, local), reader)
        for day in (first + timedelta(days=number) for number in range(WEEK_DAYS))
        for shift in calendar.almanac.shifts
        if exists_on(shift, day, calendar.is_workday)
    ]
    on_duty = calendar.on_duty(now)
    return DutyView(now=None if on_duty is None else _turn_view(context, on_duty, reader), rows=rows)


def _turn_view(context: ApiContext, turn: OnDuty, reader: Actor | None) -> TurnView:
    return TurnView(
        day=turn.day,
        shift=turn.shift.id,
        name=Bilingual.of(turn.shift.name),
        start=context.local(turn.start),
        end=context.local(turn.end),
        people=[_person_view(person, reader) for person in turn.people],
        entered=turn.entered,
    )


def _person_view(person: DutyPerson, reader: Actor | None) -> PersonView:
    if reader is None:
        return PersonView(name=person.name, phone=None, handle=None)
    return PersonView(name=person.name, phone=person.phone, handle=person.handle)


async def entries(context: ApiContext, reader: Actor | None, *, revoked: bool = False) -> AlmanacEntries:
    """What people entered, newest first; to a stranger (`reader` None) nothing of the duty roster."""
    found = await context.remember(context.journal.almanac.entries, revoked=revoked)
    rows = [_entry_view(context, record) for record in reversed(found)]
    return AlmanacEntries(rows=[row for row in rows if reader is not None or row.kind is not AlmanacKind.DUTY])


async def enter(context: ApiContext, items: Sequence[AlmanacItem], actor: Actor) -> AlmanacEntries:
    """Takes entries in: audited, journalled, and told to everybody who asks the calendar.

    Raises:
        RequestProblem: a day that is over, an unknown shift, office, building, floor or room.
        EntryRefused: a text that cannot be kept.
    """
    today = local_date(context.clock.now(), context.site.zone)
    for item in items:
        _check(context, item, today)
    now = context.clock.now()
    numbers = await context.remember(context.journal.almanac.enter, items, actor=actor, at=now)
    await _told_everybody(context)
    found = [await context.remember(context.journal.almanac.entry, number) for number in numbers]
    return AlmanacEntries(rows=[_entry_view(context, record) for record in found if record is not None])


async def revoke(context: ApiContext, number: int, reason: str, actor: Actor) -> AlmanacEntryView:
    """Takes an entry back.

    Raises:
        RequestProblem: there is none of that number, it was taken back before, or its days are over.
        EntryRefused: no reason is given.
    """
    almanac = context.journal.almanac
    record = await context.remember(almanac.entry, number)
    if record is None:
        raise unknown(_ENTRY, str(number))
    _check_not_over(record.item, local_date(context.clock.now(), context.site.zone))
    now = context.clock.now()
    if not await context.remember(almanac.revoke, number, actor=actor, reason=reason, at=now):
        raise RequestProblem(409, "revoked_before", Text("这条记录已经撤销", "this entry was revoked before"))
    await _told_everybody(context)
    record = await context.remember(almanac.entry, number)
    assert record is not None, "entries are never deleted"
    return _entry_view(context, record)


async def _told_everybody(context: ApiContext) -> None:
    standing = await context.remember(context.journal.almanac.standing)
    if context.calendar.refresh(standing):
        context.bus.publish(AlmanacChanged(at=context.clock.now()))


def _check(context: ApiContext, item: AlmanacItem, today: date) -> None:
    _check_days(item)
    _check_not_over(item, today)
    if isinstance(item, Closure | HalfDay):
        _check_scope(context, item.scope)
    if isinstance(item, DutyTurn) and item.shift not in {shift.id for shift in context.calendar.almanac.shifts}:
        raise unknown(Text("班次", "shift"), item.shift)


def _check_days(item: AlmanacItem) -> None:
    """Days that anybody plans for; a closure of many years is a slip of the pen, and the building stands cold."""
    days: tuple[date, ...] = (item.first, item.last) if isinstance(item, Closure) else ()
    days = (item.day,) if isinstance(item, HalfDay | ExtraWorkday | DutyTurn) else days
    for day in days:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            text = Text(f"年份应在 {FIRST_YEAR}～{LAST_YEAR} 之间", f"a year is {FIRST_YEAR}..{LAST_YEAR}")
            raise RequestProblem(422, "wrong_year", text)
    if isinstance(item, Closure) and item.last - item.first > LONGEST_CLOSURE:
        text = Text(f"停止办公最长 {LONGEST_CLOSURE.days} 天", f"a closure lasts {LONGEST_CLOSURE.days} days at most")
        raise RequestProblem(422, "too_long", text)


def _check_not_over(item: AlmanacItem, today: date) -> None:
    """What was, is not changed afterwards; only who was on duty may be put right."""
    last = item.last if isinstance(item, Closure) else item.day if isinstance(item, HalfDay | ExtraWorkday) else None
    if last is not None and last < today:
        raise RequestProblem(422, "wrong_day", Text(f"日期 {last} 已过", f"{last} is over"))


def _check_scope(context: ApiContext, scope: Scope) -> None:
    site = context.site
    for named, known, kind in (
        (scope.buildings, site.buildings, Text("楼栋", "building")),
        (scope.floors, site.floors, Text("楼层", "floor")),
        (scope.offices, site.offices, Text("科室", "office")),
        (scope.spaces, site.spaces, Text("房间", "room")),
    ):
        for name in sorted(named - set(known)):
            raise unknown(kind, name)


def _entry_view(context: ApiContext, record: AlmanacRecord) -> AlmanacEntryView:
    revoked = record.revoked
    return AlmanacEntryView(
        id=record.id,
        kind=record.kind,
        told=Bilingual.of(told_of(context, record.item)),
        entry=_document(record.item),
        by=record.author.name,
        at=context.local(record.entered),
        revoked=None
        if revoked is None
        else RevocationView(by=revoked.by.name, at=context.local(revoked.at), reason=revoked.reason),
    )


def _document(item: AlmanacItem) -> dict[str, Any]:
    document: dict[str, Any] = TypeAdapter(type(item)).dump_python(item, mode="json")
    return document
