"""The register of filings: entered, decided on, revoked; nothing else is ever changed, and nothing deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, insert, select, update

from facility.commands import Actor
from facility.filings import Filing, FilingState, is_same
from facility.journal.database import Database
from facility.journal.documents import ACTOR, document_of
from facility.journal.filing_rows import filing as restored_filing
from facility.journal.filing_rows import filings, row_of, told
from facility.journal.tables import audits, revisions
from facility.journal.words import holdable
from facility.readings import to_us

REGISTER: Final = "filings"
"""The register's line in the table of revisions."""

_STANDING: Final = (FilingState.SUBMITTED.value, FilingState.APPROVED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """Nothing was entered: one of the filings asks for exactly what `standing` already does."""

    standing: Filing


class FilingRecords:
    """The register of filings. Each change enters its line in the audit and raises `revision`, in one transaction.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, asked: Sequence[Filing], *, actor: Actor, at: datetime) -> tuple[Filing, ...] | Repeated:
        """Enters all of these or none, each under a number of its own, which rises; their `id` is not looked at.

        Returns:
            The filings with their numbers; or the one that stands and asks for the same as one of them.
        """
        with self._database.transaction() as connection:
            for one in asked:
                standing = _same(connection, one)
                if standing is not None:
                    return Repeated(standing=standing)
            entered = tuple(_entered(connection, one) for one in asked)
            for one in entered:
                _note(connection, actor, "filing entered", told(one), at)
            _raise_revision(connection)
        return entered

    def decide(self, number: int, *, approve: bool, actor: Actor, note: str, at: datetime) -> Filing | None:
        """Approves or rejects a filing that waits for it.

        Returns:
            The filing as it stands now; None when nothing of that number waits any more: there is none, somebody else
            decided or took it back before, or its time is over and it can no longer be approved.
        """
        waiting = (filings.c.id == number) & (filings.c.state == FilingState.SUBMITTED.value)
        if approve:
            waiting &= filings.c.end_us > to_us(at)
        state = FilingState.APPROVED if approve else FilingState.REJECTED
        decided = {
            "state": state.value,
            "decided_by": document_of(ACTOR, actor),
            "decided_us": to_us(at),
            "decision_note": note,
        }
        detail = {"id": number, "note": holdable(note)}
        return self._change(waiting, decided, f"filing {state.value}", detail, actor, at)

    def revoke(self, number: int, *, actor: Actor, reason: str, at: datetime) -> Filing | None:
        """Takes back a filing that waits, is to come or is in force; from `at` on it no longer holds.

        Returns:
            The filing as it stands now; None when there is none of that number that could still do anything: it was
            rejected or revoked before, or is over.
        """
        standing = (filings.c.id == number) & filings.c.state.in_(_STANDING) & (filings.c.end_us > to_us(at))
        taken = {
            "state": FilingState.REVOKED.value,
            "revoked_by": document_of(ACTOR, actor),
            "revoked_us": to_us(at),
            "revoke_reason": reason,
        }
        detail = {"id": number, "reason": holdable(reason)}
        return self._change(standing, taken, "filing revoked", detail, actor, at)

    def _change(  # noqa: PLR0917 - what a change is
        self, which: Any, values: dict[str, Any], action: str, detail: dict[str, Any], actor: Actor, at: datetime
    ) -> Filing | None:
        with self._database.transaction() as connection:
            row = connection.execute(update(filings).where(which).values(values).returning(filings)).first()
            if row is None:
                return None
            _note(connection, actor, action, detail, at)
            _raise_revision(connection)
            return restored_filing(row)

    def filing(self, number: int) -> Filing | None:
        """The filing of that number, None when there is none."""
        found = self._found(select(filings).where(filings.c.id == number))
        return found[0] if found else None

    def standing_from(self, now: datetime) -> list[Filing]:
        """All that are approved and not over at `now`: in force, or to come; by number."""
        approved = filings.c.state == FilingState.APPROVED.value
        return self._found(select(filings).where(approved, filings.c.end_us > to_us(now)).order_by(filings.c.id))

    def register(
        self, start: datetime | None = None, end: datetime | None = None, *, limit: int | None = None
    ) -> list[Filing]:
        """Filings of every state whose time, making ready included, touches [start, end); by number.

        `start` or `end` None: without that bound; `limit` None: all, else those with the highest numbers.
        """
        query = select(filings).order_by(filings.c.id.desc())
        if start is not None:
            query = query.where(filings.c.end_us > to_us(start))
        if end is not None:
            query = query.where(filings.c.start_us - filings.c.lead_us < to_us(end))
        return self._found(query if limit is None else query.limit(limit))[::-1]

    def revision(self) -> int:
        """A number that rises with every change, whoever makes it: another process sees by it that it must read."""
        with self._database.reading() as connection:
            number: int = connection.execute(
                select(revisions.c.number).where(revisions.c.name == REGISTER)
            ).scalar_one()
            return number

    def _found(self, query: Select[Any]) -> list[Filing]:
        with self._database.reading() as connection:
            return [restored_filing(row) for row in connection.execute(query)]


def _same(connection: Connection, asked: Filing) -> Filing | None:
    """The filing that stands and asks for the same, None when none does."""
    alike = select(filings).where(
        filings.c.kind == asked.kind.value,
        filings.c.start_us == to_us(asked.start),
        filings.c.end_us == to_us(asked.end),
        filings.c.state.in_(_STANDING),
    )
    found = (restored_filing(row) for row in connection.execute(alike.order_by(filings.c.id)))
    return next((one for one in found if is_same(one, asked)), None)


def _entered(connection: Connection, asked: Filing) -> Filing:
    made = insert(filings).values(row_of(asked)).returning(filings.c.id)
    return replace(asked, id=connection.execute(made).scalar_one())


def _note(connection: Connection, actor: Actor, action: str, detail: dict[str, Any], at: datetime) -> None:
    line = {"actor": document_of(ACTOR, actor), "action": action, "document": detail, "at_us": to_us(at)}
    connection.execute(insert(audits).values(line))


def _raise_revision(connection: Connection) -> None:
    risen = update(revisions).where(revisions.c.name == REGISTER).values(number=revisions.c.number + 1)
    connection.execute(risen)
