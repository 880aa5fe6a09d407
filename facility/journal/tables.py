"""The journal's tables; those of what people enter are in `kinds`.

A change here goes with a migration in `migrations/versions`, and moves HEAD. Times are microseconds since 1970 UTC.
Documents are the bus's own messages as JSON.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, MetaData, Table

from facility.journal.words import Words

HEAD: Final = "0008"
"""The newest migration."""

metadata: Final = MetaData()

Identity: Final = BigInteger().with_variant(Integer(), "sqlite")

decisions: Final = Table(
    "decisions",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("equipment", Words(64), nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
    Index("decisions_by_equipment", "equipment", "time_us"),
    Index("decisions_by_time", "time_us"),
)

commands: Final = Table(
    "commands",
    metadata,
    Column("id", Words(64), primary_key=True),
    Column("equipment", Words(64), nullable=False),
    Column("actor", JSON, nullable=False),
    Column("wish", JSON, nullable=False),
    Column("made_us", BigInteger, nullable=False),
    Column("deadline_us", BigInteger),
    Column("reason", JSON, nullable=False),
    Column("state", Words(16), nullable=False),
    Column("why", JSON(none_as_null=True)),
    Column("clause", Words(32)),
    Column("read", JSON(none_as_null=True)),
    Column("at_us", BigInteger, nullable=False),
    Index("commands_by_equipment", "equipment", "made_us"),
    Index("commands_by_time", "made_us"),
)

alarms: Final = Table(
    "alarms",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("key", Words(200), nullable=False),
    Column("level", Words(16), nullable=False),
    Column("text", JSON, nullable=False),
    Column("equipment", Words(64)),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),
    Index("alarms_by_key", "key", "since_us"),
    Index("alarms_by_time", "since_us"),
)

forecasts: Final = Table(
    "forecasts",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("fetched_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
    Index("forecasts_by_time", "fetched_us"),
)

states: Final = Table(
    "states",
    metadata,
    Column("key", Words(200), primary_key=True),
    Column("document", JSON, nullable=False),
)

events: Final = Table(
    "events",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("kind", Words(64), nullable=False),
    Column("equipment", Words(64)),
    Column("at_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
    Index("events_by_kind", "kind", "at_us"),
)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("digest", Words(64), primary_key=True),
    Column("name", Words(200), nullable=False),
    Column("role", Words(32), nullable=False),
    Column("office", Words(64)),
    Column("revoked", Boolean, nullable=False),
    Index("tokens_by_name", "name"),
)

audits: Final = Table(
    "audits",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("actor", JSON, nullable=False),
    Column("action", Words(), nullable=False),
    Column("document", JSON, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Index("audits_by_time", "at_us"),
)

closed_months: Final = Table(
    "closed_months",
    metadata,
    Column("month", Words(), primary_key=True),
    Column("closed_us", BigInteger, nullable=False),
    Column("by", Words(), nullable=False),
    Column("document", JSON, nullable=False),
    Column("sha256", Words(), nullable=False),
)

revisions: Final = Table(
    "revisions",
    metadata,
    Column("name", Words(), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""How often each book changed: a number that rises, for caches."""
