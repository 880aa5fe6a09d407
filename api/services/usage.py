"""What was used: per office, floor, building, item, meter or equipment, in local hours, days and months.

A table may have millions of rows. It is reckoned in stretches of time that hold a bounded number of figures each, so
that neither memory nor anybody else's turn at the account book suffers. Within a stretch rows are ordered by key; the
rows of one key are in time order over all of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from api.context import ApiContext
from api.problems import RequestProblem, too_much, wrong_range
from api.reports.columns import Column, Numbers, Stretch, Words
from api.services.edges import Every, edges_us
from api.services.usage_shapes import By, Usage, UsageBlock, UsageRow
from api.services.use_extras import Terms, With, extra_columns, extra_fields
from api.shapes import Bilingual
from facility.accounting.amounts import GRADES, Amounts
from facility.accounting.metering import Medium, unit_of
from facility.accounting.tree import UNALLOCATED
from facility.accounting.use import Gap
from facility.books.usage import UsageTable
from facility.readings import from_us
from facility.series import Times
from facility.text import Text

__all__ = ["Usage", "UsageRow", "asked", "usage"]

MAX_INTERVALS: Final = 100_000
"""Rows of one key: eleven years of hours."""
MAX_ROWS: Final = 6_000_000
"""Three years of hours of 200 offices."""
LARGE_ROWS: Final = 100_000
MAX_LARGE: Final = 4
"""Tables of at least so many rows that are written at once."""
STRETCH_CELLS: Final = 100_000
"""Meters and keys times intervals that are in memory at once: some 6 MB a copy."""

FIELDS: Final = ("value", "completeness", "estimated_share", "grade", "error", "manual_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A table of use that can be had: `stretches` are its edges, cut into pieces that follow each other; `extras` what
    is told beside amounts.
    """

    by: By
    medium: Medium
    every: Every
    extras: tuple[With, ...]
    keys: tuple[str, ...]
    stretches: tuple[Times, ...]

    @property
    def fields(self) -> list[str]:
        """Of a row after key, name and interval."""
        return [*FIELDS, *extra_fields(self.extras, self.by)]

    @property
    def rows(self) -> int:
        """How many there will be."""
        return len(self.keys) * sum(len(edges) - 1 for edges in self.stretches)


async def asked(
    context: ApiContext,
    *,
    by: By,
    medium: Medium,
    start: datetime,
    end: datetime,
    every: Every,
    extras: Sequence[With] = (),
) -> Asked:
    """What a question asks for. An interval that is not over ends now; one that has not begun has no row.

    Raises:
        RequestProblem: not an interval, or too many rows.
    """
    if end <= start:
        raise wrong_range(Text("结束时间必须晚于开始时间", "end must be later than start"))
    until = min(end, context.clock.now())
    edges = edges_us(start, until, every, context.site.zone, most=MAX_INTERVALS) if until > start else None
    keys, meters = await context.reckon(_keys, context, by, medium)
    found = Asked(
        by=by,
        medium=medium,
        every=every,
        extras=tuple(extras),
        keys=keys if meters else (),
        stretches=() if edges is None or not meters else _cut(edges, len(keys) + meters),
    )
    if found.rows > MAX_ROWS:
        raise too_much(
            Text(f"共 {found.rows} 行,最多 {MAX_ROWS} 行", f"that is {found.rows} rows, at most {MAX_ROWS}"),
            Text("请缩短时间范围或用更大的 every", "ask for a shorter time or a larger `every`"),
        )
    return found


def _keys(context: ApiContext, by: By, medium: Medium) -> tuple[tuple[str, ...], int]:
    """The keys of the rows, and how many meters have to be read."""
    standing = context.books.standing()
    meters = standing.accounts.reckoned(medium)
    if by == "meter":
        return tuple(meters), len(meters)
    return (*standing.owners.names(by), UNALLOCATED), len(meters)


def _cut(edges: Times, width: int) -> tuple[Times, ...]:
    length = max(STRETCH_CELLS // width, 1)
    return tuple(edges[first : first + length + 1] for first in range(0, len(edges) - 1, length))


@contextlib.contextmanager
def turn(context: ApiContext, found: Asked) -> Iterator[None]:
    """Holds the place of a table while it is written: large ones are few at a time.

    Raises:
        RequestProblem: too many are being written.
    """
    is_large = found.rows >= LARGE_ROWS
    if is_large and context.large_tables >= MAX_LARGE:
        raise RequestProblem(
            503,
            "too_many_tables",
            Text("正在生成的大表过多,请稍后再试", "too many large tables are being written, try again later"),
        )
    context.large_tables += is_large
    try:
        yield
    finally:
        context.large_tables -= is_large


async def tables(context: ApiContext, found: Asked) -> AsyncIterator[UsageTable]:
    """The table, stretch by stretch; others have their turn at the book in between."""
    for edges in found.stretches:
        yield await context.reckon(context.books.usage, found.by, found.medium, edges)


Extras = Mapping[str, Mapping[str, Column]]


async def told_tables(context: ApiContext, found: Asked, terms: Terms) -> AsyncIterator[tuple[UsageTable, Extras]]:
    """The same with what is told beside amounts; what that rests on is put into `terms`.

    Raises:
        TableError: a tariff or factor file has mistakes.
    """
    async for table in tables(context, found):
        yield table, await extra_columns(context, table, found.extras, found.every, terms)


def stretch_of(context: ApiContext, table: UsageTable, extras: Extras) -> Stretch:
    """The rows of a table, in columns."""
    times = [context.local(from_us(edge)).isoformat() for edge in table.edges_us.tolist()]
    return Stretch(
        starts=times[:-1],
        ends=times[1:],
        names=table.names,
        columns={key: {**columns_of(table.columns[key]), **extras[key]} for key in table.names},
    )


def columns_of(amounts: Amounts) -> Mapping[str, Column]:
    """The fields of a row after its interval."""
    return {
        "value": Numbers(values=amounts.values),
        "completeness": Numbers(values=np.round(amounts.completeness, 6)),
        "estimated_share": Numbers(values=np.round(amounts.estimated_share, 6)),
        "grade": Words(places=amounts.grades, words=GRADES),
        "error": Numbers(values=np.round(amounts.error, 9)),
        "manual_share": Numbers(values=np.round(amounts.manual_share, 6)),
    }


async def usage(
    context: ApiContext,
    *,
    by: By,
    medium: Medium = Medium.ELECTRICITY,
    start: datetime,
    end: datetime,
    every: Every = Every.TOTAL,
    keys: Sequence[str] | None = None,
) -> Usage:
    """What each key used, one object per row, for pages; with `keys` the rows of these alone.

    Raises:
        RequestProblem: not an interval, or too many rows.
    """
    found = await asked(context, by=by, medium=medium, start=start, end=end, every=every)
    rows: list[UsageRow] = []
    silences = Silences(context)
    async for table in tables(context, found):
        rows += await context.reckon(_rows, context, table, keys)
        silences.add(table)
    rows.sort(key=lambda row: found.keys.index(row.key))
    return Usage(unit=unit_of(medium), by=by, medium=medium, every=every, rows=rows, blocks=silences.views())


def _rows(context: ApiContext, table: UsageTable, keys: Sequence[str] | None) -> list[UsageRow]:
    return [
        UsageRow(
            key=key,
            name=Bilingual.of(name),
            start=context.local(from_us(use.start_us)),
            end=context.local(from_us(use.end_us)),
            value=use.value,
            completeness=round(use.completeness, 6),
            estimated_share=round(use.estimated_share, 6),
            grade=use.grade.value,
            error=round(use.error, 9),
            manual_share=round(use.manual_share, 6),
        )
        for key, name in table.names.items()
        if keys is None or key in keys
        for use in table.columns[key].uses()
    ]


class Silences:
    """The blocks of a table, each once though it lies in several stretches."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._found: dict[tuple[str, int, int], Gap] = {}

    def add(self, table: UsageTable) -> None:
        """Those of one stretch."""
        for meter, gap in table.blocks:
            self._found[meter, gap.start_us, gap.end_us] = gap

    def views(self) -> list[UsageBlock]:
        """All of them, by time."""
        local, equipment = self._context.local, self._context.site.equipment
        ordered = sorted(self._found.items(), key=lambda item: (item[0][1], item[0][0]))
        return [
            UsageBlock(
                meter=meter,
                name=Bilingual.of(equipment[meter].text),
                start=local(from_us(gap.start_us)),
                end=local(from_us(gap.end_us)),
                value=gap.amount,
            )
            for (meter, *_), gap in ordered
            if gap.amount is not None
        ]
