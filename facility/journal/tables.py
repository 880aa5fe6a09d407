"""The journal's tables. A change here goes with a migration in `migrations/versions`, and moves HEAD.

Times are microseconds since 1970 UTC. Documents are the bus's own messages as JSON.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

HEAD: Final = "0001"
"""The newest migration."""

metadata: Final = MetaData()

_Identity = BigInteger().with_variant(Integer(), "sqlite")

decisions: Final = Table(
    "decisions",
    metadata,
    Column("id", _Identity, primary_key=True),
    Column("equipment", String(64), nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
    Index("decisions_by_equipment", "equipment", "time_us"),
    Index("decisions_by_time", "time_us"),
)

commands: Final = Table(
    "commands",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("equipment", String(64), nullable=False),
    Column("actor", JSON, nullable=False),
    Column("wish", JSON, nullable=False),
    Column("made_us", BigInteger, nullable=False),
    Column("deadline_us", BigInteger),
    Column("reason", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", JSON(none_as_null=True)),
    Column("clause", String(32)),
    Column("read", JSON(none_as_null=True)),
    Column("at_us", BigInteger, nullable=False),
    Index("commands_by_equipment", "equipment", "made_us"),
    Index("commands_by_time", "made_us"),
)

alarms: Final = Table(
    "alarms",
    metadata,
    Column("id", _Identity, primary_key=True),
    Column("key", String(200), nullable=False),
    Column("level", String(16), nullable=False),
    Column("text", JSON, nullable=False),
    Column("equipment", String(64)),
    Column("since_us", BigInteger, nullable=False),
    Column("until_us", BigInteger),
    Index("alarms_by_key", "key", "since_us"),
    Index("alarms_by_time", "since_us"),
)

forecasts: Final = Table(
    "forecasts",
    metadata,
    Column("id", _Identity, primary_key=True),
    Column("fetched_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
    Index("forecasts_by_time", "fetched_us"),
)

states: Final = Table(
    "states",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("document", JSON, nullable=False),
)

events: Final = Table(
    "events",
    metadata,
    Column("id", _Identity, primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("equipment", String(64)),
    Column("at_us", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
    Index("events_by_kind", "kind", "at_us"),
)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(32), nullable=False),
    Column("office", String(64)),
    Column("revoked", Boolean, nullable=False),
    Index("tokens_by_name", "name"),
)

audits: Final = Table(
    "audits",
    metadata,
    Column("id", _Identity, primary_key=True),
    Column("actor", JSON, nullable=False),
    Column("action", Text, nullable=False),
    Column("document", JSON, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Index("audits_by_time", "at_us"),
)
