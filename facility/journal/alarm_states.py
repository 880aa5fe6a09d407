"""How alarms stand with people: acknowledged, shelved, out of service; and the notifications on their way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Row, Table, delete, func, insert, select, update

from facility.bus.messages import AlarmStood
from facility.journal.database import Database
from facility.journal.documents import document_of, restored
from facility.journal.tables import Identity, metadata
from facility.journal.words import Words
from facility.readings import from_us, to_us

alarm_states: Final = Table(
    "alarm_states",
    metadata,
    Column("key", Words(), primary_key=True),
    Column("standing", Words(), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
)

alarm_steps: Final = Table(
    "alarm_steps",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("key", Words(), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
    Index("alarm_steps_by_key", "key", "at_us"),
    Index("alarm_steps_by_time", "at_us"),
)

notifications: Final = Table(
    "notifications",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("about", Words(), nullable=False, unique=True),
    Column("channel", Words(), nullable=False),
    Column("state", Words(), nullable=False),
    Column("made_us", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("ended_us", BigInteger),
    Column("error", Words()),
    Column("document", JSON, nullable=False),
    Index("notifications_by_state", "state", "channel", "id"),
    Index("notifications_by_time", "made_us"),
)

STOOD: Final = TypeAdapter(AlarmStood)

WAITING: Final = "waiting"
SENT: Final = "sent"
FAILED: Final = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message to people on its way.

    `about` names what it tells and by which way, once for ever: the same is never entered twice. `state` is `waiting`,
    `sent` or `failed` (given up). `made` and `ended` are aware UTC; `ended` None while it waits. `error` is what the
    last try ended with, None when nothing went wrong. `document` is what is told, as JSON.
    """

    about: str
    channel: str
    made: datetime
    document: Mapping[str, Any]
    id: int = 0
    state: str = WAITING
    tries: int = 0
    ended: datetime | None = None
    error: str | None = None


class AlarmStates:
    """How alarms stand with people: acknowledged, shelved, out of service; and the notifications on their way.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, steps: Sequence[AlarmStood]) -> None:
        """Enters changes in their order: each replaces what stood of its key, and stays in its history."""
        with self._database.transaction() as connection:
            for step in steps:
                row = {"key": step.key, "at_us": to_us(step.at), "document": document_of(STOOD, step)}
                connection.execute(delete(alarm_states).where(alarm_states.c.key == step.key))
                connection.execute(insert(alarm_states), row | {"standing": step.standing.value})
                connection.execute(insert(alarm_steps), row)

    def states(self) -> list[AlarmStood]:
        """How every alarm stands that was ever told of, the last changed first."""
        query = select(alarm_states.c.document).order_by(alarm_states.c.at_us.desc(), alarm_states.c.key)
        with self._database.reading() as connection:
            return [restored(STOOD, row.document) for row in connection.execute(query)]

    def history(self, key: str, *, limit: int = 500) -> list[AlarmStood]:
        """What happened to one alarm, newest first, at most `limit`."""
        query = select(alarm_steps.c.document).where(alarm_steps.c.key == key)
        query = query.order_by(alarm_steps.c.at_us.desc(), alarm_steps.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [restored(STOOD, row.document) for row in connection.execute(query)]

    def post(self, made: Iterable[Notification]) -> int:
        """Puts notifications on their way; those whose `about` is there already are passed over. How many are new."""
        count = 0
        with self._database.transaction() as connection:
            for each in made:
                there = select(notifications.c.id).where(notifications.c.about == each.about)
                if connection.execute(there).scalar() is not None:
                    continue
                row = {
                    "about": each.about, "channel": each.channel, "state": WAITING, "made_us": to_us(each.made),
                    "tries": 0, "document": dict(each.document),
                }  # fmt: skip
                connection.execute(insert(notifications), row)
                count += 1
        return count

    def waiting(self, channel: str, *, limit: int = 100) -> list[Notification]:
        """What waits to be sent by `channel`, oldest first."""
        query = select(notifications).where(notifications.c.channel == channel, notifications.c.state == WAITING)
        with self._database.reading() as connection:
            return [_notification(row) for row in connection.execute(query.order_by(notifications.c.id).limit(limit))]

    def abouts(self, since: datetime) -> set[str]:
        """What was told, or is on its way, of what was made at or after `since`."""
        query = select(notifications.c.about).where(notifications.c.made_us >= to_us(since))
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    def sent(self, numbers: Sequence[int], at: datetime) -> None:
        """These arrived."""
        self._end(numbers, {"state": SENT, "ended_us": to_us(at), "error": None})

    def failed(self, numbers: Sequence[int], at: datetime, error: str) -> None:
        """These will never arrive: nobody tries again."""
        self._end(numbers, {"state": FAILED, "ended_us": to_us(at), "error": error})

    def tried(self, numbers: Sequence[int], error: str) -> None:
        """These did not arrive this time."""
        self._end(numbers, {"error": error})

    def _end(self, numbers: Sequence[int], values: dict[str, Any]) -> None:
        these = notifications.c.id.in_(list(numbers))
        with self._database.transaction() as connection:
            connection.execute(update(notifications).where(these).values(values | {"tries": notifications.c.tries + 1}))

    def notifications(self, *, state: str | None = None, limit: int = 200) -> list[Notification]:
        """Notifications, newest first, at most `limit`; only those in `state` unless None."""
        query = select(notifications).order_by(notifications.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(notifications.c.state == state)
        with self._database.reading() as connection:
            return [_notification(row) for row in connection.execute(query)]

    def count_waiting(self) -> int:
        """How many notifications wait to be sent."""
        query = select(func.count()).select_from(notifications).where(notifications.c.state == WAITING)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one()


def _notification(row: Row[Any]) -> Notification:
    return Notification(
        id=row.id,
        about=row.about,
        channel=row.channel,
        made=from_us(row.made_us),
        document=row.document,
        state=row.state,
        tries=row.tries,
        ended=None if row.ended_us is None else from_us(row.ended_us),
        error=row.error,
    )
