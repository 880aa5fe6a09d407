"""What an entry must be to be true by itself, and what it must not contradict among those that stand."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from facility.accounting.entries import (
    Assignment,
    BillAmount,
    Correction,
    EnergyPrice,
    FloorArea,
    Headcount,
    JumpVerdict,
    Posting,
    Quota,
    Replacement,
)
from facility.errors import EntryRefused
from facility.journal.fields import refused
from facility.journal.kinds import Kind
from facility.journal.tables import closed_months
from facility.text import Text

Columns = Mapping[str, Any]

_SHARES_TOLERANCE: Final = 1e-9
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def check_month(field: str, month: str) -> None:
    """Whether it is a month as `2026-07`.

    Raises:
        EntryRefused: it is not.
    """
    if _MONTH.fullmatch(month) is None:
        raise refused(field, f"要写成 2026-07 的样子,不能是 {month!r}", f"is written as 2026-07, not {month!r}")


def check(kind: Kind[Any], row: Columns) -> None:
    """Whether the entry can be true by itself.

    Raises:
        EntryRefused: it cannot.
    """
    for name in ("month", "of_month"):
        if name in row:
            check_month(name, row[name])
    for rule in _ALONE.get(kind.entry, ()):
        rule(row)


def check_standing(connection: Connection, kind: Kind[Any], row: Columns) -> None:
    """Whether the entry agrees with those that stand.

    Raises:
        EntryRefused: it does not; the message names the entry to revoke first.
    """
    _check_once(connection, kind, row)
    rule = _BESIDE.get(kind.entry)
    if rule is not None:
        rule(connection, kind, row)


def check_revocable(connection: Connection, kind: Kind[Any], row: Columns) -> None:
    """Whether the entry may still be taken back.

    Raises:
        EntryRefused: it is part of a month that was closed.
    """
    if kind.entry is Posting:
        _refuse_closed(connection, row["month"])


def _not_negative(*names: str) -> Callable[[Columns], None]:
    def rule(row: Columns) -> None:
        for name in names:
            if row[name] is not None and row[name] < 0:
                raise refused(name, f"不能是负数({row[name]:g})", f"is not negative, as {row[name]:g} is")

    return rule


def _above_zero(*names: str) -> Callable[[Columns], None]:
    def rule(row: Columns) -> None:
        for name in names:
            if row[name] is not None and row[name] <= 0:
                raise refused(name, f"必须大于 0,不能是 {row[name]:g}", f"is above 0, not {row[name]:g}")

    return rule


def _in_order(row: Columns) -> None:
    if row["end_us"] <= row["start_us"]:
        raise refused("end_us", "必须晚于开始时间", "is after the start")


def _whole_share(row: Columns) -> None:
    share = row["share"]
    if not 0 < share <= 1:
        raise refused("share", f"要大于 0、不超过 1,不能是 {share:g}", f"is above 0 and at most 1, not {share:g}")
    if row["office"] is None and share != 1:
        raise refused("share", "在不归任何科室时必须是 1", "is 1 where the meter is no office's")


def _leaders_among_people(row: Columns) -> None:
    if row["leaders"] > row["people"]:
        raise refused(
            "leaders", f"({row['leaders']})不能多于用能人数({row['people']})",
            f"({row['leaders']}) are not more than all people ({row['people']})",
        )  # fmt: skip


def _about_the_past(row: Columns) -> None:
    month = row["month"]
    if row["of_month"] >= month:
        raise refused("of_month", f"必须早于记账月份 {month}", f"is before the month it is booked in, {month}")


_ALONE: Final[dict[type, tuple[Callable[[Columns], None], ...]]] = {
    Replacement: (_above_zero("factor", "counter_max"),),
    Correction: (_in_order,),
    JumpVerdict: (_in_order,),
    Assignment: (_whole_share,),
    Headcount: (_leaders_among_people,),
    FloorArea: (_not_negative("area_m2"),),
    Quota: (_not_negative("amount"),),
    EnergyPrice: (_not_negative("price"),),
    BillAmount: (_not_negative("amount", "cost_yuan"),),
    Posting: (_about_the_past,),
}


def _standing(kind: Kind[Any], row: Columns, *names: str) -> Select[Any]:
    """Entries that stand and are alike in the columns `names`."""
    table = kind.table
    same = (table.c[name] == row[name] for name in names)
    return select(table).where(table.c.revoked_us.is_(None), *same).order_by(table.c.id)


def _check_once(connection: Connection, kind: Kind[Any], row: Columns) -> None:
    if not kind.once:
        return
    found = connection.execute(_standing(kind, row, *kind.once).limit(1)).first()
    if found is not None:
        raise EntryRefused(
            Text(
                f"已有相同的{kind.name.zh}(编号 {found.id}):请先撤销它,再录入新的",
                f"a {kind.name.en} for the same already stands (number {found.id}): revoke it, then enter the new one",
            )
        )


def _check_shares(connection: Connection, kind: Kind[Any], row: Columns) -> None:
    standing = connection.execute(_standing(kind, row, "meter", "since")).all()
    total = math.fsum([row["share"], *(other.share for other in standing)])
    if total > 1 + _SHARES_TOLERANCE:
        raise refused(
            "share", f"与该计量点同日起的其他归属合计 {total:g},超过 1",
            f"and the other assignments of this meter from that day on add up to {total:g}, more than 1",
        )  # fmt: skip


def _check_overlap(connection: Connection, kind: Kind[Any], row: Columns) -> None:
    table = kind.table
    over = (table.c.start_us < row["end_us"]) & (table.c.end_us > row["start_us"])
    found = connection.execute(_standing(kind, row, "meter").where(over).limit(1)).first()
    if found is not None:
        raise EntryRefused(
            Text(
                f"与编号 {found.id} 的计量更正时间重叠:请先撤销它",
                f"it overlaps in time with correction number {found.id}: revoke that one first",
            )
        )


def _check_posting(connection: Connection, _kind: Kind[Any], row: Columns) -> None:
    _refuse_closed(connection, row["month"])
    month = row["of_month"]
    if not _is_closed(connection, month):
        raise refused("of_month", f" {month} 尚未结账,不需要更正分录", f"{month} is not closed: it needs no posting")


def _refuse_closed(connection: Connection, month: str) -> None:
    if _is_closed(connection, month):
        raise refused("month", f" {month} 已结账,不能再记账", f"{month} is closed: nothing more is booked in it")


def _is_closed(connection: Connection, month: str) -> bool:
    query = select(closed_months.c.month).where(closed_months.c.month == month)
    return connection.execute(query).first() is not None


_BESIDE: Final[dict[type, Callable[[Connection, Kind[Any], Columns], None]]] = {
    Assignment: _check_shares,
    Correction: _check_overlap,
    Posting: _check_posting,
}
