"""Every row of use beside the same a year before and the one before it; of offices with people and area of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from api.context import ApiContext
from api.reports.columns import Column, Numbers
from api.services.edges import Every
from api.services.spans import Span, span_before, year_earlier
from facility.accounting.comparison import average_area_m2, average_people
from facility.books.facts import Facts
from facility.books.metering import edges
from facility.books.usage import UsageTable
from facility.local_days import date_at
from facility.series import Values

COMPARISON: Final = (
    "year_before_value", "year_before_completeness", "year_before_change_percent",
    "before_value", "before_completeness", "before_change_percent",
)  # fmt: skip
OFFICE_COMPARISON: Final = (
    "people", "area_m2", "year_before_people", "year_before_area_m2", "before_people", "before_area_m2",
)  # fmt: skip

Spans = Sequence[Span | None]


async def comparison_columns(context: ApiContext, table: UsageTable, every: Every) -> dict[str, dict[str, Column]]:
    """Values of the earlier spans, their completeness, and the change in percent of them; missing where either is not
    known, or the earlier one is 0. People and area are means over the days of each span.
    """
    zone = context.site.zone
    now: list[Span] = list(pairwise(table.edges_us.tolist()))
    years: Spans = [year_earlier(span, zone) for span in now]
    befores: Spans = [span_before(span, every, zone) for span in now]
    result: dict[str, dict[str, Column]] = {key: {} for key in table.names}
    for name, spans in (("year_before", years), ("before", befores)):
        earlier = await context.reckon(_earlier, context, table, spans)
        for key, (values, completeness) in earlier.items():
            result[key] |= {
                f"{name}_value": Numbers(values=values),
                f"{name}_completeness": Numbers(values=np.round(completeness, 6)),
                f"{name}_change_percent": Numbers(values=_change(table.columns[key].values, values)),
            }
    if table.by == "office":
        sizes = await context.reckon(_sizes, context, table, {"": now, "year_before_": years, "before_": befores})
        for key, columns in sizes.items():
            result[key] |= columns
    return result


def _earlier(context: ApiContext, table: UsageTable, spans: Spans) -> dict[str, tuple[Values, Values]]:
    """Per key the values and completeness of the spans."""
    cuts = sorted({edge for span in spans if span is not None for edge in span})
    if len(cuts) < 2:
        nothing = np.full(len(spans), np.nan)
        return {key: (nothing, np.zeros(len(spans))) for key in table.names}
    found = context.books.usage(table.by, table.medium, edges(cuts))
    places = {cut: place for place, cut in enumerate(cuts)}
    lengths = np.diff(found.edges_us).astype(np.float64)
    result = {}
    for key in table.names:
        column = found.columns[key]
        sums = _running(np.nan_to_num(column.values))
        known, covered = _running(column.known.astype(np.float64)), _running(column.completeness * lengths)
        values, shares = np.full(len(spans), np.nan), np.zeros(len(spans))
        for row, span in enumerate(spans):
            if span is None:
                continue
            first, last = places[span[0]], places[span[1]]
            shares[row] = min((covered[last] - covered[first]) / (span[1] - span[0]), 1.0)
            if known[last] > known[first]:
                values[row] = sums[last] - sums[first] if last - first > 1 else column.values[first]
        result[key] = (values, shares)
    return result


def _running(values: Values) -> Values:
    return np.concatenate(([0.0], np.cumsum(values)))


def _change(now: Values, then: Values) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(then != 0.0, 100.0 * (now - then) / np.abs(then), np.nan)
    return np.asarray(np.round(percent, 6), np.float64)


def _sizes(context: ApiContext, table: UsageTable, spans: Mapping[str, Spans]) -> dict[str, dict[str, Column]]:
    """People and area of every office in every span."""
    zone, facts = context.site.zone, context.books.standing().facts
    dated = {prefix: [_dates(span, zone) for span in each] for prefix, each in spans.items()}
    result: dict[str, dict[str, Column]] = {}
    for key in table.names:
        people, areas = _averages(facts, key)
        columns: dict[str, Column] = {}
        for prefix, each in dated.items():
            columns[f"{prefix}people"] = Numbers(values=_column(people, each))
            columns[f"{prefix}area_m2"] = Numbers(values=_column(areas, each))
        result[key] = {name: columns[name] for name in OFFICE_COMPARISON}
    return result


Dates = tuple[date, date]
Average = Callable[[date, date], float | None]


def _dates(span: Span | None, zone: ZoneInfo) -> Dates | None:
    """The local dates that a span touches, [first, after last)."""
    if span is None:
        return None
    return date_at(span[0], zone), date_at(span[1] - 1, zone) + timedelta(days=1)


def _averages(facts: Facts, office: str) -> tuple[Average, Average]:
    """Mean people and area of an office over dates; the hours of one day are asked for once."""
    heads = [entry for entry in facts.headcounts if entry.office == office]
    sizes = [entry for entry in facts.areas if entry.office == office]
    return (
        lru_cache(maxsize=1024)(lambda start, end: average_people(heads, office, start, end)),
        lru_cache(maxsize=1024)(lambda start, end: average_area_m2(sizes, office, start, end)),
    )


def _column(average: Average, dates: Sequence[Dates | None]) -> Values:
    found = [None if each is None else average(*each) for each in dates]
    return np.array([np.nan if value is None else value for value in found])
