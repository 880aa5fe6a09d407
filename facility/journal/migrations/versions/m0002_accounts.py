"""The account book: what people enter about meters, offices and money, and the months they close.

On PostgreSQL the first tables' text columns lose their lengths, which SQLite never enforced: a long name must not keep
a message from its entry.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_WIDENED = {
    "decisions": ("equipment",),
    "commands": ("id", "equipment", "state", "clause"),
    "alarms": ("key", "level", "equipment"),
    "states": ("key",),
    "events": ("kind", "equipment"),
    "tokens": ("digest", "name", "role", "office"),
}
"""Columns of the first tables that were declared with a length."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, names in _WIDENED.items():
            for name in names:
                op.alter_column(table, name, type_=sa.Text())
    _create_meter_entries()
    _create_office_entries()
    _create_money_entries()
    _create_closing()


def downgrade() -> None:
    raise NotImplementedError("a journal is never taken back to an earlier version: restore the backup made before")


def _create(table: str, key: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("id", _identity, primary_key=True),
        *columns,
        sa.Column("author", sa.JSON, nullable=False),
        sa.Column("entered_us", sa.BigInteger, nullable=False),
        sa.Column("revoked_us", sa.BigInteger),
        sa.Column("revoked_by", sa.JSON),
        sa.Column("revoke_reason", sa.Text),
    )
    op.create_index(f"{table}_by_{key}", table, [key])


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=nullable)


def _whole(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _date(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date, nullable=False)


def _create_meter_entries() -> None:
    _create(
        "meter_replacements", "meter", _text("meter"), _whole("at_us"), _number("closing", nullable=True),
        _number("opening", nullable=True), _text("reason"), _number("factor"), _number("counter_max", nullable=True),
        _text("serial", nullable=True),
    )  # fmt: skip
    _create("manual_readings", "meter", _text("meter"), _whole("at_us"), _number("value"), _text("reason"))
    _create(
        "meter_corrections", "meter", _text("meter"), _whole("start_us"), _whole("end_us"), _number("amount"),
        _text("reason"),
    )  # fmt: skip
    _create(
        "jump_verdicts", "meter", _text("meter"), _whole("start_us"), _whole("end_us"),
        sa.Column("accepted", sa.Boolean, nullable=False), _text("reason"),
    )  # fmt: skip
    _create(
        "meter_assignments", "meter", _text("meter"), _date("since"), _text("office", nullable=True),
        _number("share"), _text("reason"),
    )  # fmt: skip


def _create_office_entries() -> None:
    _create(
        "headcounts", "office", _text("office"), _date("since"), _whole("people"), _whole("leaders"), _text("reason")
    )
    _create("floor_areas", "office", _text("office"), _date("since"), _number("area_m2"), _text("reason"))
    _create(
        "quotas", "office", _text("office", nullable=True), _text("medium"), _text("item", nullable=True),
        _text("per"), _text("period"), _number("amount"), _date("since"), _text("source"), _text("reason"),
    )  # fmt: skip


def _create_money_entries() -> None:
    _create("tariff_choices", "tariff", _text("medium"), _text("tariff"), _date("since"), _text("reason"))
    _create("energy_prices", "tariff", _text("tariff"), _text("month"), _number("price"), _text("reason"))
    _create("factor_choices", "factors", _text("factors"), _date("since"), _text("reason"))
    _create(
        "bill_amounts", "office", _text("office", nullable=True), _text("medium"), _text("fuel", nullable=True),
        _text("month"), _number("amount"), _number("cost_yuan", nullable=True), _text("reason"),
    )  # fmt: skip
    _create(
        "postings", "office", _text("month"), _text("of_month"), _text("office"), _text("medium"), _text("kind"),
        _number("amount"), _text("reason"),
    )  # fmt: skip


def _create_closing() -> None:
    op.create_table(
        "closed_months",
        sa.Column("month", sa.Text, primary_key=True),
        sa.Column("closed_us", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
    )
    revisions = op.create_table(
        "revisions",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(revisions, [{"name": "accounts", "number": 0}])
