"""How alarms stand with people: acknowledged, shelved, out of service; and the notifications on their way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Row, Table, delete, insert, select, update

from facility.bus.messages import AlarmStood
from facility.journal.database import Database
from facility.journal.documents import document_of, restored
from facility.journal.tables import Identity, metadata
from facility.journal.words import Words
from facility.readings import from_us, to_us
from facility.text import Text

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
DROPPED: Final = "dropped"

HIDDEN_BEFORE: Final = Text("尚未通知时报警已被隐藏", "hidden before it was told")
OVER_BEFORE: Final = Text("升级之前已确认或已恢复", "acknowledged or over before it was escalated")
WHY_DROPPED: Final[Mapping[str, Text]] = {text.en: text for text in (HIDDEN_BEFORE, OVER_BEFORE)}
"""Why a notification was not worth telling any more; the record holds the English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message to people on its way.

    `about` names what it tells and by which way, once for ever: the same is never entered twice. `state` is `waiting`,
    `sent`, `failed` (given up) or `dropped` (not worth telling any more). `made` and `ended` are aware UTC; `ended`
    None while it waits. `error` is what the last try ended with, None when nothing went wrong. `document` is what is
    told, as JSON.
    """

    about: str
    channel: str
    made: datetime
    document: Mapping[str, Any]
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

    def keep(self, told: Sequence[Notification]) -> None:
        """Enters notifications, or how far those of the same `about` have come."""
        with self._database.transaction() as connection:
            for each in told:
                row = {
                    "state": each.state, "tries": each.tries, "error": each.error, "document": dict(each.document),
                    "ended_us": None if each.ended is None else to_us(each.ended),
                }  # fmt: skip
                renewed = update(notifications).where(notifications.c.about == each.about).values(row)
                if connection.execute(renewed).rowcount == 0:
                    new = {"about": each.about, "channel": each.channel, "made_us": to_us(each.made)}
                    connection.execute(insert(notifications), row | new)

    def waiting(self) -> list[Notification]:
        """What waits to be sent, oldest first."""
        query = select(notifications).where(notifications.c.state == WAITING).order_by(notifications.c.id)
        with self._database.reading() as connection:
            return [_notification(row) for row in connection.execute(query)]

    def abouts(self, since: datetime) -> set[str]:
        """What was told, or is on its way, of what was made at or after `since`."""
        query = select(notifications.c.about).where(notifications.c.made_us >= to_us(since))
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    def notifications(self, *, state: str | None = None, limit: int = 200) -> list[Notification]:
        """Notifications, newest first, at most `limit`; only those in `state` unless None."""
        query = select(notifications).order_by(notifications.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(notifications.c.state == state)
        with self._database.reading() as connection:
            return [_notification(row) for row in connection.execute(query)]


def _notification(row: Row[Any]) -> Notification:
    return Notification(
        about=row.about,
        channel=row.channel,
        made=from_us(row.made_us),
        document=row.document,
        state=row.state,
        tries=row.tries,
        ended=None if row.ended_us is None else from_us(row.ended_us),
        error=row.error,
    )
