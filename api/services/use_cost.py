"""What every row of use costs: hour by hour where prices differ by the hour."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from api.context import ApiContext
from api.reports.columns import Column, Numbers, Words
from facility.accounting.amounts import Amounts
from facility.accounting.tariff_lines import COMPLETE_FROM
from facility.accounting.tariff_prices import PriceColumn, PriceColumns
from facility.books.metering import edges
from facility.books.money import MonthPrices, month_prices
from facility.books.usage import UsageTable
from facility.local_days import date_at, midnight_us, next_month
from facility.series import Times, Values
from facility.text import Text

COST: Final = ("cost_yuan", "cost_complete")

_SAME: Final = 1e-6
"""Relative: what hours add up to is what the row holds."""

_TRUTHS: Final = (False, True)


@dataclass(slots=True, kw_only=True)
class _Sum:
    """One key's cost by row, while the months are added up."""

    yuan: Values
    priced: Values
    any_known: npt.NDArray[np.bool_]
    unpriced: npt.NDArray[np.bool_]

    @classmethod
    def over(cls, count: int) -> Self:
        """Nothing yet."""
        return cls(
            yuan=np.zeros(count),
            priced=np.zeros(count),
            any_known=np.zeros(count, np.bool_),
            unpriced=np.zeros(count, np.bool_),
        )

    def add(self, amounts: Amounts, unit_yuan: Values, rows: npt.NDArray[np.intp]) -> None:
        """Fine intervals with the price of each, and the row each lies in."""
        used = np.where(amounts.known, amounts.values, 0.0)
        has_price = ~np.isnan(unit_yuan)
        counts = amounts.known & (has_price | (used == 0.0))
        np.add.at(self.yuan, rows, np.where(counts & has_price, used * np.nan_to_num(unit_yuan), 0.0))
        np.add.at(self.priced, rows, np.where(counts, used, 0.0))
        np.logical_or.at(self.any_known, rows, counts)
        np.logical_or.at(self.unpriced, rows, ~counts)

    def columns(self, whole: Amounts) -> dict[str, Column]:
        """`cost_yuan`, missing where no use has a price, and whether that is all of it."""
        value = np.where(whole.known, whole.values, 0.0)
        all_in = np.abs(self.priced - value) <= _SAME * np.maximum(1.0, np.abs(value))
        complete = whole.known & all_in & ~self.unpriced & (whole.completeness >= COMPLETE_FROM)
        yuan = np.where(self.any_known, np.round(self.yuan, 4), np.nan)
        return {
            "cost_yuan": Numbers(values=yuan),
            "cost_complete": Words(places=complete.astype(np.uint8), words=_TRUTHS),
        }


async def cost_columns(
    context: ApiContext, table: UsageTable, tariffs: MutableMapping[str, None], notes: MutableMapping[Text, None]
) -> dict[str, dict[str, Column]]:
    """What each row costs: energy and what is added to every unit, without surcharges of tiers and monthly charges.

    Reckoned month by month, so that memory stays small. The versions of tariffs and their notes are put into `tariffs`
    and `notes`.

    Raises:
        TableError: a tariff's file has mistakes.
    """
    sums = {key: _Sum.over(len(table.edges_us) - 1) for key in table.names}
    for start_us, end_us in _months(context, table.edges_us):
        prices = await context.reckon(_add_month, context, table, sums, start_us, end_us)
        if prices is not None:
            tariffs.update(dict.fromkeys(tariff.version for tariff, _ in prices.months))
            notes.update(dict.fromkeys(prices.notes))
    return {key: found.columns(table.columns[key]) for key, found in sums.items()}


def _months(context: ApiContext, edges_us: Times) -> list[tuple[int, int]]:
    """The table's time, cut at the beginnings of local months."""
    start_us, end_us, zone = int(edges_us[0]), int(edges_us[-1]), context.site.zone
    cuts, month = [start_us], next_month(date_at(start_us, zone))
    while (cut := midnight_us(month, zone)) < end_us:
        cuts.append(cut)
        month = next_month(month)
    return list(pairwise([*cuts, end_us]))


def _add_month(
    context: ApiContext, table: UsageTable, sums: dict[str, _Sum], start_us: int, end_us: int
) -> PriceColumns | None:
    books = context.books
    prices = month_prices(books.standing(), table.medium, start_us, end_us)
    inner = table.edges_us[(table.edges_us > start_us) & (table.edges_us < end_us)]
    priced_us = edges([start_us, end_us]) if prices is None else prices.edges_us
    fine_us = np.union1d(priced_us, inner)
    rows = np.searchsorted(table.edges_us, fine_us[:-1], side="right") - 1
    unit_yuan = _unit_yuan(prices, fine_us)
    fine = books.usage(table.by, table.medium, fine_us)
    for key, found in sums.items():
        found.add(fine.columns[key], unit_yuan, rows)
    return None if prices is None else prices.columns


def _unit_yuan(prices: MonthPrices | None, fine_us: Times) -> Values:
    """Yuan per unit in each fine interval, with what is added to every unit; NaN where there is no price."""
    if prices is None:
        return np.full(len(fine_us) - 1, np.nan)
    each = np.array([_price(column) for column in prices.columns.columns])
    weights = prices.columns.weights
    unit = np.where(weights > 0, weights * each, 0.0).sum(axis=1)
    places = np.searchsorted(prices.edges_us, fine_us[:-1], side="right") - 1
    return np.asarray(unit[places], np.float64)


def _price(column: PriceColumn) -> float:
    if column.price is None or column.tariff is None:
        return np.nan
    added = (adder.price for adder in column.tariff.adders if adder.period in (None, column.period))
    return float(column.price) + sum(added)
