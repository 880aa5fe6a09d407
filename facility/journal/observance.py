"""What was kept to and what was not: minutes per office, rule and day, and the evening patrol lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Row, Table, delete, insert, select

from facility.journal.database import Database
from facility.journal.documents import ACTOR, document_of, restored
from facility.journal.tables import Identity, metadata
from facility.journal.words import Words
from facility.observance import Observed, Patrol, PatrolItem, Rule, Span, Tick
from facility.readings import from_us, to_us
from facility.text import Text

observance_days: Final = Table(
    "observance_days",
    metadata,
    Column("day", Words(), primary_key=True),
    Column("reckoned_us", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
)

observance: Final = Table(
    "observance",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("day", Words(), nullable=False),
    Column("office", Words()),
    Column("equipment", Words(), nullable=False),
    Column("rule", Words(), nullable=False),
    Column("clause", Words(), nullable=False),
    Column("judged_minutes", Integer, nullable=False),
    Column("broken_minutes", Integer, nullable=False),
    Column("filed_minutes", Integer, nullable=False),
    Column("unknown_minutes", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("put_back", Integer, nullable=False),
    Column("spans", JSON, nullable=False),
    Index("observance_by_day", "day", "equipment", "rule", "clause", unique=True),
    Index("observance_by_office", "office", "day"),
)

patrols: Final = Table(
    "patrols",
    metadata,
    Column("day", Words(), primary_key=True),
    Column("made_us", BigInteger, nullable=False),
    Column("looked_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
)

patrol_ticks: Final = Table(
    "patrol_ticks",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("day", Words(), nullable=False),
    Column("item", Words(), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("by", JSON, nullable=False),
    Column("note", Words(), nullable=False),
    Index("patrol_ticks_by_day", "day", "id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReckoned:
    """A local day that was reckoned: when, and up to which moment of it; both aware UTC."""

    day: date
    reckoned: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """What a patrol list holds beside its times."""

    items: tuple[PatrolItem, ...]
    before_rest: Text | None


_LISTED: Final = TypeAdapter(_Listed)


class ObservanceRecords:
    """What was kept to and what was not: minutes per office, rule and day, and the evening patrol lists.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_day(self, day: date, rows: Iterable[Observed], *, reckoned: datetime, until: datetime) -> None:
        """Enters a day's rows in place of those it had: reckoned again, it is the same day, not another."""
        entered = [_row(row) for row in rows]
        told = {"day": day.isoformat(), "reckoned_us": to_us(reckoned), "until_us": to_us(until)}
        with self._database.transaction() as connection:
            connection.execute(delete(observance).where(observance.c.day == day.isoformat()))
            connection.execute(delete(observance_days).where(observance_days.c.day == day.isoformat()))
            connection.execute(insert(observance_days), told)
            if entered:
                connection.execute(insert(observance), entered)

    def rows(self, start: date, end: date, *, office: str | None = None) -> list[Observed]:
        """Rows of the local days in [start, end), of all offices when None is named, by day and equipment."""
        query = select(observance).where(observance.c.day >= start.isoformat(), observance.c.day < end.isoformat())
        if office is not None:
            query = query.where(observance.c.office == office)
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(observance.c.day, observance.c.id)).all()
        return [_observed(row) for row in found]

    def days(self, start: date, end: date) -> list[DayReckoned]:
        """The days in [start, end) that were reckoned, oldest first."""
        column = observance_days.c.day
        query = select(observance_days).where(column >= start.isoformat(), column < end.isoformat()).order_by(column)
        with self._database.reading() as connection:
            found = connection.execute(query).all()
        return [
            DayReckoned(
                day=date.fromisoformat(row.day), reckoned=from_us(row.reckoned_us), until=from_us(row.until_us)
            )
            for row in found
        ]  # fmt: skip

    def put_patrol(self, patrol: Patrol) -> None:
        """Enters an evening's list in place of the one it had; what people ticked stays."""
        row = {
            "day": patrol.day.isoformat(),
            "made_us": to_us(patrol.made),
            "looked_us": to_us(patrol.looked),
            "document": document_of(_LISTED, _Listed(items=patrol.items, before_rest=patrol.before_rest)),
        }
        with self._database.transaction() as connection:
            connection.execute(delete(patrols).where(patrols.c.day == row["day"]))
            connection.execute(insert(patrols), row)

    def patrol(self, day: date) -> Patrol | None:
        """The list of an evening, None when none was made."""
        found = self.patrols(day, day, inclusive=True)
        return found[0] if found else None

    def patrols(self, start: date, end: date, *, inclusive: bool = False) -> list[Patrol]:
        """The lists of the evenings in [start, end) (with `inclusive`, [start, end]), newest first."""
        first, last = start.isoformat(), end.isoformat()

        def within(column: Any) -> Any:
            return (column >= first) & (column <= last if inclusive else column < last)

        with self._database.reading() as connection:
            lists = connection.execute(select(patrols).where(within(patrols.c.day)).order_by(patrols.c.day.desc()))
            found = lists.all()
            query = select(patrol_ticks).where(within(patrol_ticks.c.day)).order_by(patrol_ticks.c.id)
            ticks = [_tick(row) for row in connection.execute(query).all()]
        return [_patrol(row, [tick for tick in ticks if tick.day.isoformat() == row.day]) for row in found]

    def put_tick(self, tick: Tick) -> None:
        """Enters that somebody has been to an item. Ticks are added, never changed."""
        row = {
            "day": tick.day.isoformat(),
            "item": tick.item,
            "at_us": to_us(tick.at),
            "by": document_of(ACTOR, tick.by),
            "note": tick.note,
        }
        with self._database.transaction() as connection:
            connection.execute(insert(patrol_ticks), row)


def _row(row: Observed) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "office": row.office,
        "equipment": row.equipment,
        "rule": row.rule.value,
        "clause": row.clause,
        "judged_minutes": row.judged_minutes,
        "broken_minutes": row.broken_minutes,
        "filed_minutes": row.filed_minutes,
        "unknown_minutes": row.unknown_minutes,
        "times": row.times,
        "put_back": row.put_back,
        "spans": [[to_us(span.start), to_us(span.end)] for span in row.spans],
    }


def _observed(row: Row[Any]) -> Observed:
    return Observed(
        day=date.fromisoformat(row.day),
        office=row.office,
        equipment=row.equipment,
        rule=Rule(row.rule),
        clause=row.clause,
        judged_minutes=row.judged_minutes,
        broken_minutes=row.broken_minutes,
        filed_minutes=row.filed_minutes,
        unknown_minutes=row.unknown_minutes,
        times=row.times,
        put_back=row.put_back,
        spans=tuple(Span(start=from_us(start_us), end=from_us(end_us)) for start_us, end_us in row.spans),
    )


def _tick(row: Row[Any]) -> Tick:
    return Tick(
        day=date.fromisoformat(row.day),
        item=row.item,
        at=from_us(row.at_us),
        by=restored(ACTOR, row.by),
        note=row.note,
    )


def _patrol(row: Row[Any], ticks: Sequence[Tick]) -> Patrol:
    listed = restored(_LISTED, row.document)
    return Patrol(
        day=date.fromisoformat(row.day),
        made=from_us(row.made_us),
        looked=from_us(row.looked_us),
        items=listed.items,
        before_rest=listed.before_rest,
        ticks=tuple(ticks),
    )
