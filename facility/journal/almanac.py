"""The office's year as people entered it: tables of holidays, closures, half days, the duty roster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Column, Connection, Index, Row, Table, insert, select, update

from facility.almanac import (
    Almanac,
    AlmanacItem,
    AlmanacKind,
    Closure,
    DutyTurn,
    ExtraWorkday,
    HalfDay,
    Timetable,
    YearTable,
)
from facility.commands import Actor
from facility.errors import EntryRefused
from facility.journal.accounts import Revocation
from facility.journal.database import Database
from facility.journal.documents import ACTOR, document_of, restored
from facility.journal.tables import Identity, audits, metadata, revisions
from facility.journal.words import STRANGE, Words, holdable
from facility.readings import from_us, to_us
from facility.text import Text

BOOK: Final = "almanac"
"""The almanac's line in the table of revisions."""

ENTRIES: Final = Table(
    "almanac_entries",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("kind", Words(), nullable=False),
    Column("subject", Words(), nullable=False),
    Column("document", JSON, nullable=False),
    Column("author", JSON, nullable=False),
    Column("entered_us", BigInteger, nullable=False),
    Column("revoked_us", BigInteger),
    Column("revoked_by", JSON(none_as_null=True)),
    Column("revoke_reason", Words()),
    Index("almanac_entries_by_subject", "kind", "subject"),
)
"""`subject` is what an entry is about, see `subject_of`: the next one about the same takes its place."""

_KINDS: Final[dict[type, AlmanacKind]] = {
    YearTable: AlmanacKind.YEAR_TABLE,
    Closure: AlmanacKind.CLOSURE,
    HalfDay: AlmanacKind.HALF_DAY,
    ExtraWorkday: AlmanacKind.WORKDAY,
    Timetable: AlmanacKind.TIMETABLE,
    DutyTurn: AlmanacKind.DUTY,
}
_ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {kind.value: TypeAdapter(item) for item, kind in _KINDS.items()}
_PARTS: Final[dict[AlmanacKind, str]] = {
    AlmanacKind.YEAR_TABLE: "tables",
    AlmanacKind.CLOSURE: "closures",
    AlmanacKind.HALF_DAY: "half_days",
    AlmanacKind.WORKDAY: "workdays",
    AlmanacKind.TIMETABLE: "timetables",
    AlmanacKind.DUTY: "turns",
}
REPLACED: Final = Text("由新录入取代", "replaced by a new entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlmanacRecord:
    """An entry as it stands in the journal; `revoked` None while it stands. `entered` is aware UTC."""

    id: int
    kind: AlmanacKind
    item: AlmanacItem
    author: Actor
    entered: datetime
    revoked: Revocation | None = None


def subject_of(item: AlmanacItem) -> str:
    """What an entry is about: a year, a day, a shift of a day. Closures and timetables are about themselves alone."""
    match item:
        case YearTable():
            return str(item.year)
        case ExtraWorkday():
            return item.day.isoformat()
        case HalfDay():
            return f"{item.day.isoformat()} {_scope_key(item)}".strip()
        case DutyTurn():
            return f"{item.day.isoformat()} {item.shift}"
        case Closure():
            return f"{item.first.isoformat()}/{item.last.isoformat()} {_scope_key(item)}".strip()
        case Timetable():
            return f"{item.first}/{item.last}"


def _scope_key(item: Closure | HalfDay) -> str:
    scope = item.scope
    return " ".join(sorted((*scope.buildings, *scope.floors, *scope.offices, *scope.spaces, *scope.equipment)))


class AlmanacRecords:
    """The office's year as people entered it. Nothing is ever changed: what is entered about the same year, day or
    shift takes the place of what stood there, which stays as revoked; each change writes its line into the audit and
    raises `revision`, all in one transaction.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, items: Sequence[AlmanacItem], *, actor: Actor, at: datetime) -> list[int]:
        """Enters what `actor` says, all of it or nothing; returns the entries' numbers.

        Raises:
            EntryRefused: a text cannot be kept.
        """
        rows = [(_KINDS[type(item)], subject_of(item), _document(item)) for item in items]
        numbers = []
        with self._database.transaction() as connection:
            for kind, subject, document in rows:
                _replace(connection, kind, subject, actor, at)
                row = {
                    "kind": kind.value,
                    "subject": subject,
                    "document": document,
                    "author": document_of(ACTOR, actor),
                    "entered_us": to_us(at),
                }
                made = insert(ENTRIES).values(row).returning(ENTRIES.c.id)
                numbers.append(int(connection.execute(made).scalar_one()))
            detail = {
                "entries": [
                    {"id": number, "kind": kind.value, "entry": document}
                    for number, (kind, _, document) in zip(numbers, rows, strict=True)
                ]
            }
            _note(connection, actor, "almanac entry", detail, at)
        return numbers

    def revoke(self, number: int, *, actor: Actor, reason: str, at: datetime) -> bool:
        """Takes an entry back; False when there is none of that number, or it was revoked before.

        Raises:
            EntryRefused: no reason is given.
        """
        if not reason.strip():
            raise EntryRefused(Text("必须填写原因", "a reason is needed"), field="reason")
        one = (ENTRIES.c.id == number) & ENTRIES.c.revoked_us.is_(None)
        taken = {"revoked_us": to_us(at), "revoked_by": document_of(ACTOR, actor), "revoke_reason": reason}
        with self._database.transaction() as connection:
            if connection.execute(update(ENTRIES).where(one).values(taken)).rowcount == 0:
                return False
            detail = {"id": number, "reason": holdable(reason)}
            _note(connection, actor, "almanac entry revoked", detail, at)
        return True

    def entries(self, kind: AlmanacKind | None = None, *, revoked: bool = False) -> list[AlmanacRecord]:
        """Entries of one kind, of all when None, oldest first; the revoked ones too when `revoked`."""
        query = select(ENTRIES).order_by(ENTRIES.c.id)
        if kind is not None:
            query = query.where(ENTRIES.c.kind == kind.value)
        if not revoked:
            query = query.where(ENTRIES.c.revoked_us.is_(None))
        with self._database.reading() as connection:
            return [_record(row) for row in connection.execute(query)]

    def entry(self, number: int) -> AlmanacRecord | None:
        """The entry of that number, None when there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(ENTRIES).where(ENTRIES.c.id == number)).first()
        return None if row is None else _record(row)

    def standing(self) -> Almanac:
        """All that stands, for `Calendar.refresh`."""
        return almanac_of(record.item for record in self.entries())

    def revision(self) -> int:
        """A number that rises with every change, whoever makes it."""
        with self._database.reading() as connection:
            number: int = connection.execute(select(revisions.c.number).where(revisions.c.name == BOOK)).scalar_one()
            return number


def almanac_of(items: Iterable[AlmanacItem]) -> Almanac:
    """Entries, oldest first, as the calendar takes them."""
    parts: dict[str, list[Any]] = {name: [] for name in _PARTS.values()}
    for item in items:
        parts[_PARTS[_KINDS[type(item)]]].append(item)
    return Almanac(**{name: tuple(found) for name, found in parts.items()})


def _document(item: AlmanacItem) -> Any:
    document = document_of(_ADAPTERS[_KINDS[type(item)].value], item)
    if _is_strange(document):
        raise EntryRefused(Text("含有无法保存的字符", "it has characters that cannot be kept"))
    return document


def _is_strange(document: Any) -> bool:
    match document:
        case str():
            return STRANGE.search(document) is not None
        case dict():
            return any(_is_strange(part) for part in document.values())
        case list():
            return any(_is_strange(part) for part in document)
        case _:
            return False


def _replace(connection: Connection, kind: AlmanacKind, subject: str, actor: Actor, at: datetime) -> None:
    same = (ENTRIES.c.kind == kind.value) & (ENTRIES.c.subject == subject) & ENTRIES.c.revoked_us.is_(None)
    taken = {"revoked_us": to_us(at), "revoked_by": document_of(ACTOR, actor), "revoke_reason": REPLACED.zh}
    connection.execute(update(ENTRIES).where(same).values(taken))


def _note(connection: Connection, actor: Actor, action: str, detail: dict[str, Any], at: datetime) -> None:
    line = {"actor": document_of(ACTOR, actor), "action": action, "document": detail, "at_us": to_us(at)}
    connection.execute(insert(audits).values(line))
    risen = update(revisions).where(revisions.c.name == BOOK).values(number=revisions.c.number + 1)
    connection.execute(risen)


def _record(row: Row[Any]) -> AlmanacRecord:
    revoked = None
    if row.revoked_us is not None:
        by = restored(ACTOR, row.revoked_by)
        revoked = Revocation(by=by, at=from_us(row.revoked_us), reason=row.revoke_reason)
    return AlmanacRecord(
        id=row.id,
        kind=AlmanacKind(row.kind),
        item=restored(_ADAPTERS[row.kind], row.document),
        author=restored(ACTOR, row.author),
        entered=from_us(row.entered_us),
        revoked=revoked,
    )
