"""Entries of the account book as they stand, and entering and revoking them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from api.context import ApiContext
from api.problems import OFFICE, FieldProblem, RequestProblem, unknown
from api.services.told import PostingView, all_told
from api.shapes import Shape
from facility.accounting.entries import (
    Assignment,
    BillAmount,
    Correction,
    EnergyPrice,
    Entry,
    FactorChoice,
    FloorArea,
    Headcount,
    JumpVerdict,
    ManualReading,
    Posting,
    Quota,
    Replacement,
    TariffChoice,
)
from facility.commands import Actor
from facility.journal import Entered
from facility.readings import from_us
from facility.text import Text

METER: Final = Text("计量表", "meter")
ENTRY: Final = Text("录入记录", "entry")


class EntryKind(StrEnum):
    """The kinds of entry, as addresses name them."""

    REPLACEMENTS = "replacements"
    READINGS = "readings"
    CORRECTIONS = "corrections"
    JUMPS = "jumps"
    ASSIGNMENTS = "assignments"
    HEADCOUNTS = "headcounts"
    AREAS = "areas"
    QUOTAS = "quotas"
    TARIFFS = "tariffs"
    PRICES = "prices"
    FACTORS = "factors"
    BILLS = "bills"


KINDS: Final[Mapping[EntryKind, type[Any]]] = {
    EntryKind.REPLACEMENTS: Replacement,
    EntryKind.READINGS: ManualReading,
    EntryKind.CORRECTIONS: Correction,
    EntryKind.JUMPS: JumpVerdict,
    EntryKind.ASSIGNMENTS: Assignment,
    EntryKind.HEADCOUNTS: Headcount,
    EntryKind.AREAS: FloorArea,
    EntryKind.QUOTAS: Quota,
    EntryKind.TARIFFS: TariffChoice,
    EntryKind.PRICES: EnergyPrice,
    EntryKind.FACTORS: FactorChoice,
    EntryKind.BILLS: BillAmount,
}
"""Postings are made by the book itself and are not among them."""

Value = str | float | int | bool | datetime | date | None


class RevocationView(Shape):
    """Who took an entry back, when and why."""

    by: str
    at: datetime
    reason: str


class EnteredView(Shape):
    """An entry with its author. `entry` has the fields of the body it was made with, and what it is about; `revoked`
    None while it stands.
    """

    id: int
    kind: EntryKind
    entry: dict[str, Value]
    author: str
    role: str | None
    entered: datetime
    revoked: RevocationView | None


class Entries(Shape):
    """Entries of one kind, oldest first."""

    rows: list[EnteredView]


class EntryMade(Shape):
    """An entry that was made or revoked. `postings` are the lines that correct closed months, booked in the open one;
    empty where no closed month changes.
    """

    entry: EnteredView
    postings: list[PostingView]


def entered_view(context: ApiContext, kind: EntryKind, found: Entered[Any]) -> EnteredView:
    """One entry."""
    taken = found.revoked
    return EnteredView(
        id=found.id,
        kind=kind,
        entry=_fields(context, found.entry),
        author=found.author.name,
        role=None if found.author.role is None else found.author.role.value,
        entered=context.local(found.entered),
        revoked=None
        if taken is None
        else RevocationView(by=taken.by.name, at=context.local(taken.at), reason=taken.reason),
    )


def _fields(context: ApiContext, entry: Entry) -> dict[str, Value]:
    return {
        name.removesuffix("_us"): context.local(from_us(value)) if name.endswith("_us") else value
        for name, value in asdict(entry).items()
    }


def read_entries(
    context: ApiContext, kind: EntryKind, *, key: str | None = None, revoked: bool = False
) -> list[EnteredView]:
    """Entries of a kind, of one meter, office or tariff where `key` names it. Blocks."""
    found = context.journal.accounts.entries(KINDS[kind], key=key, revoked=revoked)
    return [entered_view(context, kind, item) for item in found]


async def entries(
    context: ApiContext, kind: EntryKind, *, key: str | None = None, revoked: bool = False
) -> Entries:  # fmt: skip
    """The same, off the event loop."""
    return Entries(rows=await context.remember(read_entries, context, kind, key=key, revoked=revoked))


async def enter(context: ApiContext, kind: EntryKind, entry: Entry, actor: Actor) -> EntryMade:
    """Enters what a person says. It is audited; closed months that it changes are corrected in the open one.

    Raises:
        EntryRefused: it cannot be true, or contradicts what stands.
    """
    now = context.clock.now()

    def work() -> EntryMade:
        number, postings = context.books.enter(entry, actor=actor, at=now)
        made = Entered(id=number, entry=entry, author=actor, entered=now, revoked=None)
        return _made(context, entered_view(context, kind, made), postings)

    made = await context.reckon(work)
    context.today.forget()
    return made


async def revoke(context: ApiContext, kind: EntryKind, number: int, reason: str, actor: Actor) -> EntryMade:
    """Takes an entry back, with a reason; closed months that this changes are corrected in the open one.

    Raises:
        RequestProblem: there is none of that number, or it was revoked before.
        EntryRefused: it may not be revoked any more.
    """
    now = context.clock.now()

    def work() -> EntryMade:
        entry = _standing(context, kind, number)
        postings = context.books.revoke(entry, number, actor=actor, reason=reason, at=now)
        if postings is None:
            raise _revoked_before(number)
        found = context.journal.accounts.entries(KINDS[kind], revoked=True)
        view = next(entered_view(context, kind, item) for item in found if item.id == number)
        return _made(context, view, postings)

    made = await context.reckon(work)
    context.today.forget()
    return made


def _standing(context: ApiContext, kind: EntryKind, number: int) -> Entry:
    for item in context.journal.accounts.entries(KINDS[kind], revoked=True):
        if item.id == number:
            if item.revoked is not None:
                raise _revoked_before(number)
            entry: Entry = item.entry
            return entry
    raise unknown(ENTRY, str(number))


def _revoked_before(number: int) -> RequestProblem:
    return RequestProblem(
        422, "revoked_before", Text(f"编号 {number} 已被撤销", f"entry {number} was revoked before")
    )  # fmt: skip


def _made(context: ApiContext, view: EnteredView, postings: list[Posting]) -> EntryMade:
    return EntryMade(entry=view, postings=all_told(PostingView, postings, context.site.zone))


def check_office(context: ApiContext, office: str) -> None:
    """Whether there is such an office.

    Raises:
        RequestProblem: there is none.
    """
    if office not in context.site.offices:
        raise unknown(OFFICE, office)


def check_past(context: ApiContext, when: datetime, field: str) -> None:
    """Whether a moment of the past is meant: nobody has read a meter tomorrow.

    Raises:
        RequestProblem: it lies ahead.
    """
    if when > context.clock.now():
        raise wrong_field(field, Text("不能晚于现在", "cannot lie ahead"))


def wrong_field(field: str, what: Text) -> RequestProblem:
    """A body whose field cannot be meant so (422)."""
    return RequestProblem(
        422,
        "wrong_body",
        Text("请求内容有误", "the request has mistakes"),
        fields=[FieldProblem(where=field, what=what)],
    )
