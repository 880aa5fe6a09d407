"""Policies tried out over recorded time: what was asked, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Row, Table, insert, select, update

from facility.bus.messages import ForecastReceived
from facility.commands import Actor
from facility.journal.database import Database
from facility.journal.documents import ACTOR, FORECAST, TEXT, document_of, restored
from facility.journal.tables import Identity, audits, forecasts, metadata
from facility.journal.words import Words
from facility.readings import from_us, to_us
from facility.text import Text
from facility.trials import Trial, TrialRequest, TrialResult, TrialState

trials: Final = Table(
    "trials",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("state", Words(), nullable=False),
    Column("request", JSON, nullable=False),
    Column("author", JSON, nullable=False),
    Column("entered_us", BigInteger, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("finished_us", BigInteger),
    Column("result", JSON(none_as_null=True)),
    Column("error", JSON(none_as_null=True)),
    Index("trials_by_state", "state"),
)

REQUEST: Final = TypeAdapter(TrialRequest)
RESULT: Final = TypeAdapter(TrialResult)

_WITHOUT_RESULT: Final = [column for column in trials.c if column.name != "result"]


class TrialRecords:
    """Policies tried out over recorded time: what was asked, and what came of it.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, request: TrialRequest, *, actor: Actor, at: datetime) -> int:
        """Enters what `actor` wants tried; gives its number, which rises."""
        row = {
            "state": TrialState.WAITING.value, "request": document_of(REQUEST, request),
            "author": document_of(ACTOR, actor), "entered_us": to_us(at), "done": 0, "total": 0,
        }  # fmt: skip
        with self._database.transaction() as connection:
            number: int = connection.execute(insert(trials).values(row).returning(trials.c.id)).scalar_one()
            names = [choice.name for choice in request.policies]
            line = {
                "actor": row["author"], "action": "trial", "document": {"id": number, "policies": names},
                "at_us": to_us(at),
            }  # fmt: skip
            connection.execute(insert(audits), line)
        return number

    def get(self, number: int) -> Trial | None:
        """The trial with its result, None when there is none of that number."""
        with self._database.reading() as connection:
            row = connection.execute(select(trials).where(trials.c.id == number)).first()
        return None if row is None else _trial(row, row.result)

    def newest(self, limit: int = 50) -> list[Trial]:
        """The newest trials, newest first, without their results."""
        query = select(*_WITHOUT_RESULT).order_by(trials.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_trial(row, None) for row in connection.execute(query)]

    def waiting(self) -> Trial | None:
        """The trial that has waited longest, None when none waits."""
        query = select(*_WITHOUT_RESULT).where(trials.c.state == TrialState.WAITING.value).order_by(trials.c.id)
        with self._database.reading() as connection:
            row = connection.execute(query.limit(1)).first()
        return None if row is None else _trial(row, None)

    def begin(self, number: int) -> bool:
        """Marks a waiting trial as running; False when it no longer waits."""
        return self._move(number, (TrialState.WAITING,), {"state": TrialState.RUNNING.value})

    def progress(self, number: int, done: int, total: int) -> bool:
        """Notes how far a running trial is; False when it no longer runs, because somebody cancelled it."""
        return self._move(number, (TrialState.RUNNING,), {"done": done, "total": total})

    def finish(self, number: int, result: TrialResult, at: datetime) -> bool:
        """Keeps the result of a running trial; False when it no longer runs."""
        values = {
            "state": TrialState.DONE.value, "result": document_of(RESULT, result), "finished_us": to_us(at),
            "done": trials.c.total,
        }  # fmt: skip
        return self._move(number, (TrialState.RUNNING,), values)

    def fail(self, number: int, error: Text, at: datetime) -> bool:
        """Notes why a trial cannot be made; False when it no longer runs."""
        values = {"state": TrialState.FAILED.value, "error": document_of(TEXT, error), "finished_us": to_us(at)}
        return self._move(number, (TrialState.WAITING, TrialState.RUNNING), values)

    def cancel(self, number: int, *, actor: Actor, at: datetime) -> bool:
        """Ends a trial that waits or runs; False when it had ended."""
        values = {"state": TrialState.CANCELLED.value, "finished_us": to_us(at)}
        if not self._move(number, (TrialState.WAITING, TrialState.RUNNING), values):
            return False
        line = {
            "actor": document_of(ACTOR, actor), "action": "trial cancelled", "document": {"id": number},
            "at_us": to_us(at),
        }  # fmt: skip
        with self._database.transaction() as connection:
            connection.execute(insert(audits), line)
        return True

    def interrupt(self, at: datetime) -> int:
        """Marks what an earlier process left running; gives how many there were."""
        running = trials.c.state == TrialState.RUNNING.value
        values = {"state": TrialState.INTERRUPTED.value, "finished_us": to_us(at)}
        with self._database.transaction() as connection:
            return connection.execute(update(trials).where(running).values(values)).rowcount

    def forecasts(self, start: datetime, end: datetime) -> list[ForecastReceived]:
        """Forecasts fetched in [start, end), the first fetched first."""
        fetched = forecasts.c.fetched_us
        query = select(forecasts.c.document).where(fetched >= to_us(start), fetched < to_us(end))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(fetched, forecasts.c.id)).all()
        found = (restored(FORECAST, row.document) for row in rows)
        return [replace(forecast, hours=tuple(forecast.hours)) for forecast in found]

    def _move(self, number: int, states: Sequence[TrialState], values: dict[str, Any]) -> bool:
        wanted = (trials.c.id == number) & trials.c.state.in_([state.value for state in states])
        with self._database.transaction() as connection:
            return connection.execute(update(trials).where(wanted).values(values)).rowcount > 0


def _trial(row: Row[Any], result: Any) -> Trial:
    return Trial(
        id=row.id,
        state=TrialState(row.state),
        request=restored(REQUEST, row.request),
        author=restored(ACTOR, row.author),
        entered=from_us(row.entered_us),
        done=row.done,
        total=row.total,
        finished=None if row.finished_us is None else from_us(row.finished_us),
        result=None if result is None else restored(RESULT, result),
        error=None if row.error is None else restored(TEXT, row.error),
    )
