"""Main meters against what lies behind them: what stays unmetered, and how much of a meter that is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from api.context import ApiContext
from api.problems import wrong_range
from api.services.told import FigureView, told
from api.shapes import Bilingual, Shape
from facility.accounting.metering import Medium, unit_of
from facility.accounting.tree import Balance
from facility.books.figures import figure
from facility.readings import to_us
from facility.text import Text


class BalanceRow(Shape):
    """One meter against the meters directly behind it, `level` 0 for a main meter.

    `known` is the sum of what is known of those behind it, `missing` names those that are not; `remainder` what it
    counted beyond them, None where it has none behind it, `remainder_share` 0..1 of the meter. `share` is its part of
    the meter upstream. `over_limit`: the remainder is more than the site allows; None where the site sets no limit or
    it is not known.
    """

    meter: str
    name: Bilingual
    parent: str | None
    level: int
    figure: FigureView
    share: float | None
    known: float | None
    missing: list[str]
    remainder: FigureView | None
    remainder_share: float | None
    over_limit: bool | None


class Balances(Shape):
    """The meter tree of a medium in [start, end), each meter followed by those behind it. `limit_percent` is the
    site's limit of the remainder.
    """

    medium: Medium
    unit: str
    start: datetime
    end: datetime
    limit_percent: float | None
    rows: list[BalanceRow]


async def balances(context: ApiContext, medium: Medium, start: datetime, end: datetime) -> Balances:
    """The meter tree of a medium with its remainders, up to now.

    Raises:
        RequestProblem: not an interval that has begun.
    """
    until = min(end, context.clock.now())
    if until <= start:
        raise wrong_range(Text("结束时间必须晚于开始时间,开始时间不能晚于现在", "start must lie before end and now"))
    found = await context.reckon(context.books.balance, medium, to_us(start), to_us(until))
    return Balances(
        medium=medium,
        unit=unit_of(medium),
        start=context.local(start),
        end=context.local(until),
        limit_percent=context.site.file.accounting.remainder_percent,
        rows=[row for main in found for row in _rows(context, main, None, 0)],
    )


def _rows(context: ApiContext, item: Balance, parent: Balance | None, level: int) -> Iterator[BalanceRow]:
    zone = context.site.zone
    own = told(FigureView, figure(item.amounts), zone)
    remainder = None if item.remainder is None else told(FigureView, figure(item.remainder), zone)
    unmetered = _share(None if remainder is None else remainder.value, own.value)
    limit = context.site.file.accounting.remainder_percent
    yield BalanceRow(
        meter=item.meter,
        name=Bilingual.of(context.site.equipment[item.meter].text),
        parent=None if parent is None else parent.meter,
        level=level,
        figure=own,
        share=None if parent is None else _share(own.value, _value(parent)),
        known=None if item.known is None or np.isnan(item.known[0]) else float(item.known[0]),
        missing=list(item.missing),
        remainder=remainder,
        remainder_share=unmetered,
        over_limit=None if limit is None or remainder is None else _is_over(remainder, own.value, limit),
    )
    for child in item.children:
        yield from _rows(context, child, item, level + 1)


def _is_over(remainder: FigureView, whole: float | None, limit_percent: float) -> bool | None:
    """Beyond the limit by more than the figure may be off."""
    if remainder.value is None or whole is None:
        return None
    return abs(remainder.value) > limit_percent / 100.0 * whole + remainder.error


def _value(item: Balance) -> float | None:
    value = float(item.amounts.values[0])
    return None if np.isnan(value) else value


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or whole is None or whole == 0 else part / whole
