"""The site's records, in SQLite or PostgreSQL. Calls block: keep them off the event loop."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, Select, Table, delete, func, insert, select, update

from facility.bus.messages import AlarmChanged, AlarmLevel, ForecastReceived, Message, ProposalMade
from facility.commands import Actor, Command, Outcome, Role
from facility.decisions import Decision
from facility.journal.accounts import AccountRecords
from facility.journal.alarm_states import AlarmStates
from facility.journal.almanac import AlmanacRecords
from facility.journal.database import Database
from facility.journal.documents import ACTOR, DECISION, FORECAST, TEXT, WISH, document_of, restored
from facility.journal.filings import FilingRecords
from facility.journal.leases import Leases
from facility.journal.observance import ObservanceRecords
from facility.journal.records import AlarmRecord, AuditRecord, CommandRecord, EventRecord
from facility.journal.retention import RecordRetention
from facility.journal.tables import alarms, audits, commands, decisions, events, forecasts, states, tokens
from facility.journal.trials import TrialRecords
from facility.journal.writing import (
    write,
    write_alarm,
    write_command,
    write_decision,
    write_forecast,
    write_outcome,
    write_proposal,
)
from facility.readings import from_us, to_us

_ALL = 2**31 - 1

SET_ASIDE: Final = "journal_set_aside"
"""The event that a journal begins with when it stands in for a damaged one; `file` is where that one is now."""


class Journal:
    """Every record of a site. Any thread may call; what a call entered is durable when it returns.

    Args:
        url: SQLAlchemy address, for example `sqlite:////data/journal.db` or `postgresql+psycopg://...`.

    A SQLite file that is damaged when it is opened is moved aside, and an empty one begun.

    Attributes:
        accounts: what people entered into the account book.
        filings: the register of exceptions, notices and bookings.
        alarm_states: how alarms stand with people, and notifications on their way.
        leases: which controller acts.
        almanac: the office's year as people entered it.
        observance: what was kept to and what was not, day by day.
        trials: policies tried out over recorded time.
        retention: lets go of what nobody needs any more.
        set_aside: where the damaged file went in whose place this journal was begun, None when nothing was damaged.

    Raises (all calls):
        StoreUnavailable: the database cannot take or give data now; nothing of the call was entered. Only where a
            server goes away while it confirms an entry nobody can tell: the call may have been entered after all.
        StoreDamaged: it is damaged, or one of a newer version.
        StoreRefused: it will never take this; trying again does not help.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self.accounts = AccountRecords(self._database)
        self.filings = FilingRecords(self._database)
        self.alarm_states = AlarmStates(self._database)
        self.leases = Leases(self._database)
        self.almanac = AlmanacRecords(self._database)
        self.observance = ObservanceRecords(self._database)
        self.trials = TrialRecords(self._database)
        self.retention = RecordRetention(self._database)
        self.set_aside: Path | None = self._database.set_aside
        if self.set_aside is not None:
            self.record_event(SET_ASIDE, None, datetime.now(UTC), {"file": str(self.set_aside)})

    def close(self) -> None:
        """Closes all connections. Safe to call twice."""
        self._database.close()

    def record_all(self, messages: Sequence[Message]) -> None:
        """Enters all of these in their order, in one transaction; kinds that are not kept are passed over."""
        with self._database.transaction() as connection:
            for message in messages:
                write(connection, message)

    def record_decision(self, decision: Decision) -> None:
        """Enters what was decided for one equipment, and why."""
        with self._database.transaction() as connection:
            write_decision(connection, decision)

    def record_proposal(self, proposal: ProposalMade) -> None:
        """Enters a person's wish; entered again it changes nothing."""
        with self._database.transaction() as connection:
            write_proposal(connection, proposal)

    def record_command(self, command: Command) -> None:
        """Enters an order as sent."""
        with self._database.transaction() as connection:
            write_command(connection, command)

    def record_outcome(self, outcome: Outcome) -> None:
        """Enters how an order ended."""
        with self._database.transaction() as connection:
            write_outcome(connection, outcome)

    def record_alarm(self, alarm: AlarmChanged) -> None:
        """Opens, renews or ends an alarm."""
        with self._database.transaction() as connection:
            write_alarm(connection, alarm)

    def record_forecast(self, forecast: ForecastReceived) -> None:
        """Enters a forecast as it came."""
        with self._database.transaction() as connection:
            write_forecast(connection, forecast)

    def decisions(
        self,
        equipment: str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 1000,
    ) -> list[Decision]:
        """Decisions in [start, end), newest first, at most `limit`; of all equipment when None is named."""
        query = _within(select(decisions.c.document), decisions.c.time_us, start, end).order_by(decisions.c.id.desc())
        return [restored(DECISION, row.document) for row in self._rows(_of(query, decisions, equipment), limit)]

    def latest_decisions(self) -> dict[str, Decision]:
        """The newest decision for each equipment that has one."""
        newest = (
            select(decisions.c.equipment, func.max(decisions.c.time_us).label("time_us"))
            .group_by(decisions.c.equipment)
            .subquery()
        )
        same = (decisions.c.equipment == newest.c.equipment) & (decisions.c.time_us == newest.c.time_us)
        query = select(decisions.c.equipment, decisions.c.document).join(newest, same).order_by(decisions.c.id)
        return {row.equipment: restored(DECISION, row.document) for row in self._rows(query, _ALL)}

    def command(self, command_id: str) -> CommandRecord | None:
        """The wish or order of that id, None when there is none."""
        rows = self._rows(select(commands).where(commands.c.id == command_id), 1)
        return _command(rows[0]) if rows else None

    def commands(
        self,
        equipment: str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 1000,
    ) -> list[CommandRecord]:
        """Wishes and orders made in [start, end), newest first, at most `limit`."""
        query = _of(_within(select(commands), commands.c.made_us, start, end), commands, equipment)
        return [_command(row) for row in self._rows(query.order_by(commands.c.id), limit)]

    def alarms(self, *, active_only: bool = False, limit: int = 1000) -> list[AlarmRecord]:
        """Alarms, newest first, at most `limit`."""
        query = select(alarms).order_by(alarms.c.since_us.desc(), alarms.c.id.desc())
        if active_only:
            query = query.where(alarms.c.until_us.is_(None))
        return [_alarm(row) for row in self._rows(query, limit)]

    def forecasts(self, *, limit: int = 100) -> list[ForecastReceived]:
        """Forecasts, the last fetched first, at most `limit`."""
        query = select(forecasts.c.document).order_by(forecasts.c.fetched_us.desc(), forecasts.c.id.desc())
        found = (restored(FORECAST, row.document) for row in self._rows(query, limit))
        return [replace(forecast, hours=tuple(forecast.hours)) for forecast in found]

    def save_state(self, key: str, value: object) -> None:
        """Keeps what JSON can hold under `key`, in place of what was there."""
        with self._database.transaction() as connection:
            connection.execute(delete(states).where(states.c.key == key))
            connection.execute(insert(states), {"key": key, "document": value})

    def load_state(self, key: str) -> Any:
        """What was kept under `key`, None when nothing was."""
        rows = self._rows(select(states.c.document).where(states.c.key == key), 1)
        return rows[0].document if rows else None

    def record_event(self, kind: str, equipment: str | None, at: datetime, data: Mapping[str, Any]) -> None:
        """Enters something worth remembering that has no table of its own."""
        row = {"kind": kind, "equipment": equipment, "at_us": to_us(at), "document": dict(data)}
        with self._database.transaction() as connection:
            connection.execute(insert(events), row)

    def events(
        self, kind: str, *, start: datetime | None = None, end: datetime | None = None, limit: int = 1000
    ) -> list[EventRecord]:
        """Events of one kind in [start, end), newest first, at most `limit`."""
        query = _within(select(events), events.c.at_us, start, end).where(events.c.kind == kind)
        return [
            EventRecord(kind=row.kind, equipment=row.equipment, at=from_us(row.at_us), data=row.document)
            for row in self._rows(query.order_by(events.c.id.desc()), limit)
        ]

    def create_token(self, name: str, role: Role, office: str | None = None) -> str:
        """A new token for `name`, to be shown once: only its hash is kept. Earlier ones of that name go on to hold."""
        token = secrets.token_urlsafe(32)
        row = {"digest": _digest(token), "name": name, "role": role.value, "office": office, "revoked": False}
        with self._database.transaction() as connection:
            connection.execute(insert(tokens), row)
        return token

    def actor_of(self, token: str) -> Actor | None:
        """Who holds `token`, None when nobody does (any more)."""
        found = self._rows(select(tokens).where(tokens.c.digest == _digest(token), tokens.c.revoked.is_(False)), 1)
        return Actor(name=found[0].name, role=Role(found[0].role), office=found[0].office) if found else None

    def revoke_token(self, name: str) -> bool:
        """Ends every token of `name`; whether there was one."""
        ended = update(tokens).where(tokens.c.name == name, tokens.c.revoked.is_(False)).values(revoked=True)
        with self._database.transaction() as connection:
            return connection.execute(ended).rowcount > 0

    def audit(self, actor: Actor, action: str, detail: Mapping[str, Any], at: datetime) -> None:
        """Enters who did what. Never write a token or password into `detail`."""
        row = {"actor": document_of(ACTOR, actor), "action": action, "document": dict(detail), "at_us": to_us(at)}
        with self._database.transaction() as connection:
            connection.execute(insert(audits), row)

    def audits(
        self, *, start: datetime | None = None, end: datetime | None = None, limit: int = 1000
    ) -> list[AuditRecord]:
        """Who did what in [start, end), newest first, at most `limit`."""
        query = _within(select(audits), audits.c.at_us, start, end).order_by(audits.c.id.desc())
        return [
            AuditRecord(
                actor=restored(ACTOR, row.actor), action=row.action, detail=row.document, at=from_us(row.at_us)
            )
            for row in self._rows(query, limit)
        ]  # fmt: skip

    def _rows(self, query: Select[Any], limit: int) -> Sequence[Row[Any]]:
        with self._database.reading() as connection:
            return connection.execute(query.limit(limit)).all()


def _within(query: Select[Any], column: Any, start: datetime | None, end: datetime | None) -> Select[Any]:
    if start is not None:
        query = query.where(column >= to_us(start))
    if end is not None:
        query = query.where(column < to_us(end))
    return query.order_by(column.desc())


def _of(query: Select[Any], table: Table, equipment: str | None) -> Select[Any]:
    return query if equipment is None else query.where(table.c.equipment == equipment)


def _digest(token: str) -> str:
    """A token is 32 random bytes: a plain SHA-256 of it cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _command(row: Row[Any]) -> CommandRecord:
    return CommandRecord(
        id=row.id,
        equipment=row.equipment,
        actor=restored(ACTOR, row.actor),
        wish=restored(WISH, row.wish),
        made=from_us(row.made_us),
        deadline=None if row.deadline_us is None else from_us(row.deadline_us),
        reason=restored(TEXT, row.reason),
        state=row.state,
        why=None if row.why is None else restored(TEXT, row.why),
        clause=row.clause,
        read=None if row.read is None else restored(WISH, row.read),
        at=from_us(row.at_us),
    )


def _alarm(row: Row[Any]) -> AlarmRecord:
    return AlarmRecord(
        key=row.key,
        level=AlarmLevel(row.level),
        text=restored(TEXT, row.text),
        equipment=row.equipment,
        since=from_us(row.since_us),
        until=None if row.until_us is None else from_us(row.until_us),
    )
