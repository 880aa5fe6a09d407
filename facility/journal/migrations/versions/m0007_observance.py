"""What was kept to and what was not: minutes per office and rule, evening patrols."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "observance_days",
        sa.Column("day", sa.Text(), primary_key=True),
        sa.Column("reckoned_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "observance",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("office", sa.Text()),
        sa.Column("equipment", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("judged_minutes", sa.Integer(), nullable=False),
        sa.Column("broken_minutes", sa.Integer(), nullable=False),
        sa.Column("filed_minutes", sa.Integer(), nullable=False),
        sa.Column("unknown_minutes", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("put_back", sa.Integer(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
    )
    op.create_index("observance_by_day", "observance", ["day", "equipment", "rule", "clause"], unique=True)
    op.create_index("observance_by_office", "observance", ["office", "day"])
    op.create_table(
        "patrols",
        sa.Column("day", sa.Text(), primary_key=True),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("looked_us", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
    )
    op.create_table(
        "patrol_ticks",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index("patrol_ticks_by_day", "patrol_ticks", ["day", "id"])


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back to an earlier version: restore the backup made before")
