"""The rows of the use page, as the account book tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from api.services.edges import local_date
from api.services.usage import Silences, asked, columns_of, told_tables
from api.services.use_extras import Terms
from facility.accounting.comparison import average_area_m2, average_people
from facility.accounting.metering import unit_of
from facility.accounting.tree import UNALLOCATED
from facility.readings import from_us
from facility.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.context import ApiContext
    from api.pages.use_question import UseQuestion
    from api.services.usage import Extras
    from api.services.usage_shapes import UsageBlock
    from facility.books.usage import UsageTable


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRow:
    """What one key used in [start, end); fields as in `api.services.usage_shapes.UsageRowWith`."""

    key: str
    name: Text
    start: datetime
    end: datetime
    fields: Mapping[str, Any]
    people: float | None = None
    area_m2: float | None = None

    @property
    def value(self) -> float | None:
        """None: nothing is known."""
        return self.number("value")

    @property
    def per_head(self) -> float | None:
        """By the mean headcount of the row's days."""
        return _ratio(self.value, self.people)

    @property
    def per_m2(self) -> float | None:
        """By the mean floor area of the row's days."""
        return _ratio(self.value, self.area_m2)

    def number(self, field: str) -> float | None:
        """None where it is missing or was not asked for."""
        found = self.fields.get(field)
        return None if found is None else float(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTold:
    """The answer: rows key by key in time order, what was counted in silences across rows, and what it rests on."""

    unit: str
    rows: list[UseRow]
    blocks: list[UsageBlock]
    terms: Terms


async def read_use(context: ApiContext, question: UseQuestion) -> UseTold:
    """All rows that a question asks for.

    Raises:
        RequestProblem: too many rows.
        TableError: a tariff or factor file has mistakes.
    """
    found = await asked(
        context,
        by=question.by,
        medium=question.medium,
        start=question.period.start,
        end=question.period.end,
        every=question.rows,
        extras=question.extras,
    )
    silences, terms = Silences(context), Terms()
    rows: list[UseRow] = []
    async for table, extras in told_tables(context, found, terms):
        silences.add(table)
        rows += _rows(context, table, extras, question.key)
    rows.sort(key=lambda row: found.keys.index(row.key))
    if question.by == "office":
        rows = await context.reckon(_sized, context, rows)
    return UseTold(unit=unit_of(question.medium), rows=rows, blocks=silences.views(), terms=terms)


def _rows(context: ApiContext, table: UsageTable, extras: Extras, only: str) -> Iterator[UseRow]:
    times = [context.local(from_us(edge)) for edge in table.edges_us.tolist()]
    for key, name in table.names.items():
        if only and key != only:
            continue
        columns = {**columns_of(table.columns[key]), **extras[key]}
        cells = zip(*(column.cells() for column in columns.values()), strict=True)
        for start, end, row in zip(times[:-1], times[1:], cells, strict=True):
            yield UseRow(key=key, name=name, start=start, end=end, fields=dict(zip(columns, row, strict=True)))


def _sized(context: ApiContext, rows: list[UseRow]) -> list[UseRow]:
    """With people and area of each, means over the row's days."""
    facts, zone = context.books.standing().facts, context.site.zone
    sized = []
    for row in rows:
        first, last = local_date(row.start, zone), local_date(row.end - timedelta(microseconds=1), zone)
        days = (first, last + timedelta(days=1))
        known = row.key != UNALLOCATED
        sized.append(
            replace(
                row,
                people=average_people(facts.headcounts, row.key, *days) if known else None,
                area_m2=average_area_m2(facts.areas, row.key, *days) if known else None,
            )
        )
    return sized


def _ratio(value: float | None, of: float | None) -> float | None:
    return None if value is None or not of else value / of
