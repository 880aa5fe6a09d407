"""The kinds of entry people make, and the table each is kept in.

A change here goes with a migration in `migrations/versions`, and moves HEAD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import JSON, BigInteger, Column, Index, Row, Table

from facility.accounting.entries import (
    Assignment,
    BillAmount,
    Correction,
    EnergyPrice,
    Entry,
    FactorChoice,
    FloorArea,
    Headcount,
    JumpVerdict,
    ManualReading,
    Posting,
    Quota,
    Replacement,
    TariffChoice,
)
from facility.journal.fields import EntryField, fields_of
from facility.journal.tables import Identity, metadata
from facility.journal.words import Words
from facility.text import Text

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[E]):
    """One kind of entry.

    Attributes:
        key: the column it is looked up by: meter, office, tariff or factor set.
        once: columns of which no two entries that stand are alike, () when there may be any number.
    """

    entry: type[E]
    name: Text
    table: Table
    fields: tuple[EntryField, ...]
    key: str
    once: tuple[str, ...]

    def row(self, entry: E) -> dict[str, Any]:
        """The entry as columns.

        Raises:
            EntryRefused: a value that its column cannot hold.
        """
        return {field.name: field.kept(getattr(entry, field.name)) for field in self.fields}

    def restored(self, row: Row[Any]) -> E:
        """The entry again."""
        return self.entry(**{field.name: field.restored(row._mapping[field.name]) for field in self.fields})


def _kind(table: str, entry: type[E], name: Text, key: str, once: tuple[str, ...]) -> Kind[E]:
    fields = fields_of(entry)
    made = Table(
        table,
        metadata,
        Column("id", Identity, primary_key=True),
        *(field.column() for field in fields),
        Column("author", JSON, nullable=False),
        Column("entered_us", BigInteger, nullable=False),
        Column("revoked_us", BigInteger),
        Column("revoked_by", JSON(none_as_null=True)),
        Column("revoke_reason", Words()),
        Index(f"{table}_by_{key}", key),
    )
    return Kind(entry=entry, name=name, table=made, fields=fields, key=key, once=once)


_AT: Final = ("meter", "at_us")

KINDS: Final[dict[type, Kind[Any]]] = {
    kind.entry: kind
    for kind in (
        _kind("meter_replacements", Replacement, Text("换表记录", "meter replacement"), "meter", _AT),
        _kind("manual_readings", ManualReading, Text("人工抄表", "manual reading"), "meter", _AT),
        _kind("meter_corrections", Correction, Text("计量更正", "correction"), "meter", ()),
        _kind("jump_verdicts", JumpVerdict, Text("跳变判定", "verdict on a jump"), "meter",
              ("meter", "start_us", "end_us")),
        _kind("meter_assignments", Assignment, Text("计量归属", "assignment"), "meter", ("meter", "since", "office")),
        _kind("headcounts", Headcount, Text("用能人数", "headcount"), "office", ("office", "since")),
        _kind("floor_areas", FloorArea, Text("建筑面积", "floor area"), "office", ("office", "since")),
        _kind("quotas", Quota, Text("用能定额", "quota"), "office",
              ("office", "medium", "item", "per", "period", "since")),
        _kind("tariff_choices", TariffChoice, Text("电价表选用", "choice of tariff"), "tariff", ("medium", "since")),
        _kind("energy_prices", EnergyPrice, Text("月度电价", "price of a month"), "tariff", ("tariff", "month")),
        _kind("factor_choices", FactorChoice, Text("折算系数选用", "choice of factors"), "factors", ("since",)),
        _kind("bill_amounts", BillAmount, Text("账单数量", "bill"), "office", ()),
        _kind("postings", Posting, Text("更正分录", "posting"), "office", ()),
    )
}  # fmt: skip


def kind_of(entry: type[E]) -> Kind[E]:
    """The kind by its class.

    Raises:
        TypeError: that is no class of entries.
    """
    if entry not in KINDS:
        raise TypeError(f"{entry.__name__} is no kind of entry; they are {', '.join(kind.__name__ for kind in KINDS)}")
    return KINDS[entry]
