"""How alarms stand with people, and the notifications on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alarm_states",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
    )
    op.create_table(
        "alarm_steps",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
    )
    op.create_index("alarm_steps_by_key", "alarm_steps", ["key", "at_us"])
    op.create_index("alarm_steps_by_time", "alarm_steps", ["at_us"])
    op.create_table(
        "notifications",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("about", sa.Text(), nullable=False, unique=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_us", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.Column("document", sa.JSON(), nullable=False),
    )
    op.create_index("notifications_by_state", "notifications", ["state", "channel", "id"])
    op.create_index("notifications_by_time", "notifications", ["made_us"])


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back to an earlier version: restore the backup made before")
