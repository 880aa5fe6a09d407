"""What a table of use tells beside amounts: cost, standard coal, CO2, quota, and comparison with earlier spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from api.context import ApiContext
from api.problems import FieldProblem, RequestProblem
from api.reports.columns import Column
from api.services.edges import Every
from api.services.told import ReckonedView
from api.services.use_comparison import COMPARISON, OFFICE_COMPARISON, comparison_columns
from api.services.use_cost import COST, cost_columns
from api.services.use_factors import CO2, COAL, factor_columns
from api.services.use_quota import QUOTA, quota_columns
from api.shapes import Bilingual, Shape
from facility.books.usage import UsageTable
from facility.text import Text


class With(StrEnum):
    """What may be told beside amounts."""

    COST = "cost"
    COAL = "coal"
    CO2 = "co2"
    QUOTA = "quota"
    COMPARISON = "comparison"


class CostTerms(Shape):
    """What costs were reckoned with: versions of tariffs, and what a reader should know. Rows have the price of each
    hour and what is added to every unit; surcharges of tiers and monthly charges are told by statements only.
    """

    currency: str = "CNY"
    tariffs: list[str]
    notes: list[Bilingual]


@dataclass(slots=True, kw_only=True)
class Terms:
    """What the figures of a table rest on, gathered while it is reckoned, and told once at its end."""

    tariffs: dict[str, None] = field(default_factory=dict)
    notes: dict[Text, None] = field(default_factory=dict)
    factors: dict[tuple[str, int], ReckonedView] = field(default_factory=dict)

    def cost(self) -> CostTerms:
        """Of the costs."""
        return CostTerms(tariffs=list(self.tariffs), notes=[Bilingual.of(note) for note in self.notes])


def parse_with(text: str | None, *, by: str, every: Every) -> tuple[With, ...]:
    """The words of a comma list, each once.

    Raises:
        RequestProblem: one is not known, or quota is asked of rows that are not months of offices.
    """
    words = [] if text is None else [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in list(With)]
    if unknown:
        known = ", ".join(With)
        raise _wrong(Text(f"不认识“{unknown[0][:20]}”,可用:{known}", f"{unknown[0][:20]!r} is none of {known}"))
    if With.QUOTA in words and (by != "office" or every is not Every.MONTH):
        raise _wrong(Text("定额只用于 by=office 且 every=month", "quota goes with by=office and every=month only"))
    return tuple(item for item in With if item in words)


def _wrong(what: Text) -> RequestProblem:
    mistake = FieldProblem(where="query.with", what=what)
    return RequestProblem(422, "wrong_with", Text("with 有误", "`with` has a mistake"), fields=[mistake])


FIELDS: Final[Mapping[With, tuple[str, ...]]] = {
    With.COST: COST,
    With.COAL: COAL,
    With.CO2: CO2,
    With.QUOTA: QUOTA,
    With.COMPARISON: COMPARISON,
}


def extra_fields(wanted: Sequence[With], by: str) -> list[str]:
    """The fields that are added to each row, in their order."""
    fields = [name for item in wanted for name in FIELDS[item]]
    return fields + list(OFFICE_COMPARISON) if With.COMPARISON in wanted and by == "office" else fields


async def extra_columns(
    context: ApiContext, table: UsageTable, wanted: Sequence[With], every: Every, terms: Terms
) -> dict[str, dict[str, Column]]:
    """Key -> field -> column, for the rows of one stretch.

    Raises:
        TableError: a tariff or factor file has mistakes.
    """
    found: dict[str, dict[str, Column]] = {key: {} for key in table.names}
    parts: list[Mapping[str, Mapping[str, Column]]] = []
    if With.COST in wanted:
        parts.append(await cost_columns(context, table, terms.tariffs, terms.notes))
    for item, names in ((With.COAL, COAL), (With.CO2, CO2)):
        if item in wanted:
            parts.append(await context.reckon(factor_columns, context, table, names, terms.factors))
    if With.QUOTA in wanted:
        parts.append(await context.reckon(quota_columns, context, table))
    if With.COMPARISON in wanted:
        parts.append(await comparison_columns(context, table, every))
    for part in parts:
        for key, columns in part.items():
            found[key].update(columns)
    return found
