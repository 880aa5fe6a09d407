"""Filings: exceptions, notices and bookings, with who decided what."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "filings",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("office", sa.Text),
        sa.Column("applicant", sa.JSON, nullable=False),
        sa.Column("filed_us", sa.BigInteger, nullable=False),
        sa.Column("start_us", sa.BigInteger, nullable=False),
        sa.Column("end_us", sa.BigInteger, nullable=False),
        sa.Column("lead_us", sa.BigInteger, nullable=False),
        sa.Column("scope", sa.JSON, nullable=False),
        sa.Column("relaxes", sa.JSON, nullable=False),
        sa.Column("stops", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("decided_by", sa.JSON),
        sa.Column("decided_us", sa.BigInteger),
        sa.Column("decision_note", sa.Text, nullable=False),
        sa.Column("revoked_by", sa.JSON),
        sa.Column("revoked_us", sa.BigInteger),
        sa.Column("revoke_reason", sa.Text, nullable=False),
    )
    op.create_index("filings_by_end", "filings", ["end_us"])
    revisions = sa.table("revisions", sa.column("name", sa.Text), sa.column("number", sa.BigInteger))
    op.bulk_insert(revisions, [{"name": "filings", "number": 0}])


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back to an earlier version: restore the backup made before")
