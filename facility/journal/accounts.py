"""The account book's records: what people entered, what they took back, and the months that are closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, Row, Select, insert, select, update

from facility.accounting.entries import (
    ClosedMonth,
    Correction,
    Entry,
    JumpVerdict,
    ManualReading,
    MeterHistory,
    Replacement,
)
from facility.commands import Actor
from facility.errors import EntryRefused
from facility.journal.closing import check_closing
from facility.journal.database import Database
from facility.journal.documents import ACTOR, document_of, restored
from facility.journal.fields import refused
from facility.journal.kinds import Kind, kind_of
from facility.journal.rules import check, check_revocable, check_standing
from facility.journal.tables import audits, closed_months, revisions
from facility.journal.words import holdable
from facility.readings import from_us, to_us
from facility.text import Text

E = TypeVar("E", bound=Entry)

BOOK: Final = "accounts"
"""The account book's line in the table of revisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """Who took an entry back, when (aware UTC) and why."""

    by: Actor
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(Generic[E]):
    """An entry as it stands in the book; `revoked` None while it stands. `entered` is aware UTC."""

    id: int
    entry: E
    author: Actor
    entered: datetime
    revoked: Revocation | None


class AccountRecords:
    """What people entered into the account book. Nothing is ever changed: a wrong entry is revoked, a right one made.

    Each change writes its line into the audit and raises `revision`, all in one transaction.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, entry: Entry, *, actor: Actor, at: datetime) -> int:
        """Enters what `actor` says; returns the entry's number, which rises within its kind.

        Raises:
            EntryRefused: it cannot be true by itself, repeats or contradicts an entry that stands, or books in a month
                that is closed.
        """
        kind = kind_of(type(entry))
        row = kind.row(entry)
        check(kind, row)
        with self._database.transaction() as connection:
            check_standing(connection, kind, row)
            made = insert(kind.table).values(row | {"author": document_of(ACTOR, actor), "entered_us": to_us(at)})
            number: int = connection.execute(made.returning(kind.table.c.id)).scalar_one()
            detail = {"kind": kind.table.name, "id": number, "entry": _told(row)}
            _note(connection, actor, "account entry", detail, at)
        return number

    def entries(self, kind: type[E], *, key: str | None = None, revoked: bool = False) -> list[Entered[E]]:
        """Entries of one kind, oldest first; the revoked ones too when `revoked`.

        `key` names the meter, office, tariff or factor set they are about, whichever the kind has; None means all.
        """
        found = kind_of(kind)
        with self._database.reading() as connection:
            return [_entered(found, row) for row in connection.execute(_query(found, key, revoked=revoked))]

    def revoke(self, kind: type[Entry], entry_id: int, *, actor: Actor, reason: str, at: datetime) -> bool:
        """Takes an entry back; False when there is none of that number, or it was revoked before.

        Raises:
            EntryRefused: no reason is given, or the entry is booked in a month that is closed.
        """
        found = kind_of(kind)
        if not reason.strip():
            raise refused("reason", "必须填写", "is needed")
        one = (found.table.c.id == entry_id) & found.table.c.revoked_us.is_(None)
        with self._database.transaction() as connection:
            row = connection.execute(select(found.table).where(one)).first()
            if row is None:
                return False
            check_revocable(connection, found, row._asdict())
            taken = {"revoked_us": to_us(at), "revoked_by": document_of(ACTOR, actor), "revoke_reason": reason}
            connection.execute(update(found.table).where(one).values(taken))
            detail = {"kind": found.table.name, "id": entry_id, "reason": holdable(reason)}
            _note(connection, actor, "account entry revoked", detail, at)
        return True

    def history(self, meter: str) -> MeterHistory:
        """What people entered about one meter and did not take back; empty when nothing."""
        return self._histories(meter).get(meter, MeterHistory())

    def histories(self) -> dict[str, MeterHistory]:
        """The same for every meter about which anything stands."""
        return self._histories(None)

    def _histories(self, meter: str | None) -> dict[str, MeterHistory]:
        with self._database.reading() as connection:
            columns: dict[str, dict[str, list[Any]]] = {
                "replacements": _by_meter(connection, Replacement, "at_us", meter),
                "readings": _by_meter(connection, ManualReading, "at_us", meter),
                "corrections": _by_meter(connection, Correction, "start_us", meter),
                "verdicts": _by_meter(connection, JumpVerdict, "start_us", meter),
            }
        meters = sorted({name for column in columns.values() for name in column})
        return {
            name: MeterHistory(**{part: tuple(column.get(name, ())) for part, column in columns.items()})
            for name in meters
        }

    def close_month(self, month: ClosedMonth, *, actor: Actor | None = None) -> None:
        """Lets a month's figures stand for good. The audit names `actor`; None: a person called `month.by`.

        Raises:
            EntryRefused: it is closed already, it is not the month after the last closed one, it is no month, or its
                document is not what JSON can hold.
        """
        row = check_closing(month)
        with self._database.transaction() as connection:
            last = connection.execute(select(closed_months.c.month).order_by(closed_months.c.month.desc())).scalar()
            _check_turn(last, month.month)
            connection.execute(insert(closed_months).values(row))
            detail = {"month": month.month, "sha256": month.sha256}
            _note(connection, actor or Actor(name=month.by), "month closed", detail, from_us(month.closed_us))

    def closed_month(self, month: str) -> ClosedMonth | None:
        """The month as it was closed, None while it is open."""
        found = self._closed(select(closed_months).where(closed_months.c.month == month))
        return found[0] if found else None

    def closed_months(self) -> list[ClosedMonth]:
        """All closed months, oldest first."""
        return self._closed(select(closed_months).order_by(closed_months.c.month))

    def _closed(self, query: Select[Any]) -> list[ClosedMonth]:
        with self._database.reading() as connection:
            return [ClosedMonth(**row._mapping) for row in connection.execute(query)]

    def revision(self) -> int:
        """A number that rises with every entry, revocation and closing, whoever makes them: for caches."""
        with self._database.reading() as connection:
            number: int = connection.execute(select(revisions.c.number).where(revisions.c.name == BOOK)).scalar_one()
            return number


def _query(kind: Kind[Any], key: str | None, *, revoked: bool) -> Select[Any]:
    query = select(kind.table).order_by(kind.table.c.id)
    if not revoked:
        query = query.where(kind.table.c.revoked_us.is_(None))
    return query if key is None else query.where(kind.table.c[kind.key] == key)


def _by_meter(connection: Connection, entry: type[E], time: str, meter: str | None) -> dict[str, list[E]]:
    kind = kind_of(entry)
    found: dict[str, list[E]] = defaultdict(list)
    for row in connection.execute(_query(kind, meter, revoked=False).order_by(None).order_by(time, "id")):
        found[row.meter].append(kind.restored(row))
    return found


def _entered(kind: Kind[E], row: Row[Any]) -> Entered[E]:
    revoked = None
    if row.revoked_us is not None:
        by = restored(ACTOR, row.revoked_by)
        revoked = Revocation(by=by, at=from_us(row.revoked_us), reason=row.revoke_reason)
    return Entered(
        id=row.id,
        entry=kind.restored(row),
        author=restored(ACTOR, row.author),
        entered=from_us(row.entered_us),
        revoked=revoked,
    )


def _check_turn(last: str | None, month: str) -> None:
    if last is None or month == following(last):
        return
    if month <= last:
        text = Text(f"{month} 已结账,或早于已结账的 {last}", f"{month} is closed, or lies before {last}, which is")
    else:
        text = Text(f"请先结 {following(last)}", f"close {following(last)} first")
    raise EntryRefused(text, field="month")


def following(month: str) -> str:
    """The month after `2026-07`."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year:04d}-{number + 1:02d}"


def _note(connection: Connection, actor: Actor, action: str, detail: dict[str, Any], at: datetime) -> None:
    line = {"actor": document_of(ACTOR, actor), "action": action, "document": detail, "at_us": to_us(at)}
    connection.execute(insert(audits).values(line))
    risen = update(revisions).where(revisions.c.name == BOOK).values(number=revisions.c.number + 1)
    connection.execute(risen)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
