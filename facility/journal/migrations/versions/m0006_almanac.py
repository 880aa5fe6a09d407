"""The office's year: tables of holidays, closures, half days, the duty roster."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "almanac_entries",
        sa.Column("id", _identity, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("author", sa.JSON, nullable=False),
        sa.Column("entered_us", sa.BigInteger, nullable=False),
        sa.Column("revoked_us", sa.BigInteger),
        sa.Column("revoked_by", sa.JSON),
        sa.Column("revoke_reason", sa.Text),
    )
    op.create_index("almanac_entries_by_subject", "almanac_entries", ["kind", "subject"])
    revisions = sa.table("revisions", sa.column("name", sa.Text), sa.column("number", sa.BigInteger))
    op.bulk_insert(revisions, [{"name": "almanac", "number": 0}])


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back to an earlier version: restore the backup made before")
