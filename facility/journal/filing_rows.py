"""How a filing is kept: its table, a row of it, and the filing again."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Row, Table

from facility.commands import Actor
from facility.filings import Filing, FilingKind, FilingState, Relaxation, Scope
from facility.journal.documents import ACTOR, document_of, restored
from facility.journal.tables import Identity, metadata
from facility.journal.words import Words, holdable
from facility.readings import from_us, to_us

SCOPE: Final = TypeAdapter(Scope)
RELAXATION: Final = TypeAdapter(Relaxation)

filings: Final = Table(
    "filings",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("kind", Words(), nullable=False),
    Column("state", Words(), nullable=False),
    Column("office", Words()),
    Column("applicant", JSON, nullable=False),
    Column("filed_us", BigInteger, nullable=False),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("lead_us", BigInteger, nullable=False),
    Column("scope", JSON, nullable=False),
    Column("relaxes", JSON, nullable=False),
    Column("stops", Boolean, nullable=False),
    Column("reason", Words(), nullable=False),
    Column("reference", Words(), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("decided_by", JSON(none_as_null=True)),
    Column("decided_us", BigInteger),
    Column("decision_note", Words(), nullable=False),
    Column("revoked_by", JSON(none_as_null=True)),
    Column("revoked_us", BigInteger),
    Column("revoke_reason", Words(), nullable=False),
    Index("filings_by_end", "end_us"),
)

_MICROSECOND: Final = timedelta(microseconds=1)


def row_of(filing: Filing) -> dict[str, Any]:
    """The filing as columns, but for its number."""
    return {
        "kind": filing.kind.value,
        "state": filing.state.value,
        "office": filing.office,
        "applicant": document_of(ACTOR, filing.applicant),
        "filed_us": to_us(filing.filed_at),
        "start_us": to_us(filing.start),
        "end_us": to_us(filing.end),
        "lead_us": filing.lead // _MICROSECOND,
        "scope": _scope_document(filing.scope),
        "relaxes": _relaxation_document(filing.relaxes),
        "stops": filing.stops,
        "reason": filing.reason,
        "reference": filing.reference,
        "late": filing.late,
        "decided_by": _actor_document(filing.decided_by),
        "decided_us": _us(filing.decided_at),
        "decision_note": filing.decision_note,
        "revoked_by": _actor_document(filing.revoked_by),
        "revoked_us": _us(filing.revoked_at),
        "revoke_reason": filing.revoke_reason,
    }


def filing(row: Row[Any]) -> Filing:
    """The filing again."""
    return Filing(
        id=row.id,
        kind=FilingKind(row.kind),
        state=FilingState(row.state),
        office=row.office,
        applicant=restored(ACTOR, row.applicant),
        filed_at=from_us(row.filed_us),
        start=from_us(row.start_us),
        end=from_us(row.end_us),
        lead=row.lead_us * _MICROSECOND,
        scope=restored(SCOPE, row.scope),
        relaxes=restored(RELAXATION, row.relaxes),
        stops=row.stops,
        reason=row.reason,
        reference=row.reference,
        late=row.late,
        decided_by=None if row.decided_by is None else restored(ACTOR, row.decided_by),
        decided_at=None if row.decided_us is None else from_us(row.decided_us),
        decision_note=row.decision_note,
        revoked_by=None if row.revoked_by is None else restored(ACTOR, row.revoked_by),
        revoked_at=None if row.revoked_us is None else from_us(row.revoked_us),
        revoke_reason=row.revoke_reason,
    )


def told(filing: Filing) -> dict[str, Any]:
    """What the audit says of a filing that was entered."""
    return {
        "id": filing.id,
        "kind": filing.kind.value,
        "state": filing.state.value,
        "office": filing.office,
        "start": filing.start.isoformat(),
        "end": filing.end.isoformat(),
        "scope": _scope_document(filing.scope),
        "relaxes": _relaxation_document(filing.relaxes),
        "stops": filing.stops,
        "late": filing.late,
        "reason": holdable(filing.reason),
        "reference": holdable(filing.reference),
    }


def _scope_document(scope: Scope) -> dict[str, list[str]]:
    """Only what is named, in order: the same scope is always the same document."""
    named = ((item.name, sorted(getattr(scope, item.name))) for item in fields(scope))
    return {name: ids for name, ids in named if ids}


def _relaxation_document(relaxes: Relaxation) -> dict[str, bool | float]:
    """Only what is relaxed; a limit of 0.0 is one."""
    return {name: value for name, value in asdict(relaxes).items() if value is not None and value is not False}


def _actor_document(actor: Actor | None) -> Any:
    return None if actor is None else document_of(ACTOR, actor)


def _us(time: datetime | None) -> int | None:
    return None if time is None else to_us(time)
