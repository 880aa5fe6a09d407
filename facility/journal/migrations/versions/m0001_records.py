"""The first tables: decisions, commands, alarms, forecasts, states, events, tokens, audits."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("equipment", sa.String(64), nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_index("decisions_by_equipment", "decisions", ["equipment", "time_us"])
    op.create_index("decisions_by_time", "decisions", ["time_us"])
    op.create_table(
        "commands",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("equipment", sa.String(64), nullable=False),
        sa.Column("actor", sa.JSON, nullable=False),
        sa.Column("wish", sa.JSON, nullable=False),
        sa.Column("made_us", sa.BigInteger, nullable=False),
        sa.Column("deadline_us", sa.BigInteger),
        sa.Column("reason", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.JSON),
        sa.Column("clause", sa.String(32)),
        sa.Column("read", sa.JSON),
        sa.Column("at_us", sa.BigInteger, nullable=False),
    )
    op.create_index("commands_by_equipment", "commands", ["equipment", "made_us"])
    op.create_index("commands_by_time", "commands", ["made_us"])
    op.create_table(
        "alarms",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("text", sa.JSON, nullable=False),
        sa.Column("equipment", sa.String(64)),
        sa.Column("since_us", sa.BigInteger, nullable=False),
        sa.Column("until_us", sa.BigInteger),
    )
    op.create_index("alarms_by_key", "alarms", ["key", "since_us"])
    op.create_index("alarms_by_time", "alarms", ["since_us"])
    op.create_table(
        "forecasts",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("fetched_us", sa.BigInteger, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_index("forecasts_by_time", "forecasts", ["fetched_us"])
    _create_the_rest()


def _create_the_rest() -> None:
    op.create_table(
        "states",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("equipment", sa.String(64)),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_index("events_by_kind", "events", ["kind", "at_us"])
    op.create_table(
        "tokens",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("office", sa.String(64)),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )
    op.create_index("tokens_by_name", "tokens", ["name"])
    op.create_table(
        "audits",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("actor", sa.JSON, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
    )
    op.create_index("audits_by_time", "audits", ["at_us"])


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back to an earlier version: restore the backup made before")
