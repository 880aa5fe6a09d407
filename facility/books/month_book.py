"""One local month of the account book: tables of all offices, from which every office's statement is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np

from facility.accounting.amounts import Amounts, joined, nothing
from facility.accounting.cost import Cost
from facility.accounting.degree_days import DegreeDays
from facility.accounting.metering import Medium
from facility.accounting.tree import UNALLOCATED
from facility.books.figures import Figure, MonthSplit, figures, no_figure
from facility.books.metering import edges
from facility.books.money import MonthPrices, month_prices, office_cost, prices_over, tier_start_us
from facility.books.month_split import month_split
from facility.books.owners import By
from facility.books.splits import without_inner
from facility.books.standing import Standing
from facility.books.usage import UsageTable
from facility.books.weather import month_degree_days
from facility.local_days import date_at, day_edges, midnight_us, month_before, month_span_us
from facility.series import Times

T = TypeVar("T")

COMPARED: Final = {"year": 12, "month": 1}
"""What a month is compared with: the one so many months before."""

_NOTHING: Final = 1e-6
"""Sums of the same amounts in another order differ by less."""


class MonthBook:
    """All that a month's statements need, each thing worked out when first asked for and then kept.

    Args:
        standing: the books as they stand.
        month: the first of the month.
        until_us: how far it is told; None: up to now.

    Attributes:
        start_us, end_us: the month; `until_us` its end, or the time now while it is not over.
        reckoned_us: the time at which the book was opened.
    """

    def __init__(self, standing: Standing, month: date, *, until_us: int | None = None) -> None:
        self.standing = standing
        self.month = month.replace(day=1)
        self.start_us, self.end_us = month_span_us(self.month, standing.site.zone)
        self.until_us = min(self.end_us, standing.now_us() if until_us is None else until_us)
        self.reckoned_us = standing.now_us()
        self._kept: dict[Hashable, Any] = {}
        self._usage = standing.usage()

    def at_midnight(self) -> MonthBook:
        """The same month up to the last midnight; this book itself when that is its end, or nothing was before it."""
        midnight = self.days_us[-2] if self.until_us < self.end_us else self.until_us
        if midnight in (self.until_us, self.start_us):
            return self
        return self._once("at midnight", lambda: MonthBook(self.standing, self.month, until_us=midnight))

    @property
    def begun(self) -> bool:
        """Whether any of it is over."""
        return self.until_us > self.start_us

    def total(self, office: str, medium: Medium) -> Figure:
        """What an office used of a medium; nothing known where it has no meter and no share of one."""
        return self._figure(self._table("office", medium, self._month), office)

    def metered(self, office: str, medium: Medium) -> bool:
        """Whether an office owns (a share of) a meter of the medium."""
        return office in self._table("office", medium, self._month).metered

    def items(self, office: str) -> dict[str, Figure]:
        """An office's electricity by item, those it has meters for; they add up to its total."""
        return {item: figures(column)[0] for item, column in self._items(self._month).get(office, {}).items()}

    def days(self, office: str) -> list[tuple[Figure, dict[str, Figure]]]:
        """Per local day the total and the items of an office's electricity."""
        table = self._table("office", Medium.ELECTRICITY, self.days_us)
        totals = figures(table.columns[office]) if office in table.metered else [no_figure()] * (len(self.days_us) - 1)
        own = self._items(self.days_us).get(office, {})
        items = {item: figures(column) for item, column in own.items()}
        return [(total, {item: of[place] for item, of in items.items()}) for place, total in enumerate(totals)]

    def _items(self, times_us: tuple[int, ...]) -> dict[str, dict[str, Amounts]]:
        """Office -> item -> column, those that have meters."""
        return self._once(
            ("items", times_us), lambda: _by_office(self._table("office_item", Medium.ELECTRICITY, times_us))
        )  # fmt: skip

    @cached_property
    def days_us(self) -> tuple[int, ...]:
        """The month's local midnights, and its end so far."""
        return tuple(day_edges(self.start_us, self.until_us, self.standing.site.zone))

    def cost(self, office: str, medium: Medium) -> Cost | None:
        """What an office's use costs; None where no tariff is chosen. Monthly charges by its share of the house."""
        prices = self._prices(medium)
        if prices is None:
            return None
        table = self._table("office", medium, tuple(prices.edges_us.tolist()))
        if table.blocks and self._lacks(table, office):
            prices = self._prices_over_silences(medium, prices, table)
            table = self._table("office", medium, tuple(prices.edges_us.tolist()))
        amounts = table.columns[office]
        return office_cost(
            prices,
            amounts,
            used_before=self._used_before(office, medium, prices),
            share_of_fixed=self.share_of_house(office, medium),
        )

    def _lacks(self, table: UsageTable, office: str) -> bool:
        """Whether the rows of a table add up to something else than the office's month: a silence of a meter of its
        own, or behind one of its own, lies across rows.
        """
        whole = self._table("office", table.medium, self._month).columns[office].values[0]
        return bool(abs(np.nansum(table.columns[office].values) - whole) > _NOTHING)

    def _prices_over_silences(self, medium: Medium, prices: MonthPrices, table: UsageTable) -> MonthPrices:
        """Prices over intervals that hold silences as a whole: what was counted then is shared out by time."""
        kept = without_inner(prices.edges_us.tolist(), [gap for _, gap in table.blocks], keep=self._month)
        return self._once(
            ("prices over silences", medium), lambda: prices_over(self.standing, prices.versions, edges(kept))
        )  # fmt: skip

    def _prices(self, medium: Medium) -> MonthPrices | None:
        return self._once(
            ("prices", medium), lambda: month_prices(self.standing, medium, self.start_us, self.until_us)
        )  # fmt: skip

    def _used_before(self, office: str, medium: Medium, prices: MonthPrices) -> float | None:
        since_us = tier_start_us(prices, self.standing, self.month)
        if since_us is None or since_us >= self.start_us:
            return 0.0
        return self._figure(self._table("office", medium, (since_us, self.start_us)), office).value

    def share_of_house(self, office: str, medium: Medium) -> float | None:
        """0..1, of what all offices and nobody used. None where either is not known or nothing was used."""
        columns = self._table("office", medium, self._month).columns
        own, left = float(columns[office].values[0]), float(columns[UNALLOCATED].values[0])
        if math.isnan(own) or math.isnan(left):
            return None
        whole = self._once(("house", medium), lambda: float(np.nansum([each.values[0] for each in columns.values()])))
        return min(max(own / whole, 0.0), 1.0) if whole > 0 else None

    def meters(self, office: str) -> list[str]:
        """Meters that an office owns (a share of) on any day of the month, in the site's order."""
        return self._once("meters", self._meters_by_office).get(office, [])

    def _meters_by_office(self) -> dict[str, list[str]]:
        owners, zone = self.standing.owners, self.standing.site.zone
        last = date_at(self.until_us - 1, zone)
        days = {self.month, *(day for day in owners.changes("office") if self.month <= day <= last)}
        found: dict[str, list[str]] = {}
        for meter in self.standing.site.all_meters:
            for office in {share.key for day in days for share in owners.shares(meter, "office", day)}:
                found.setdefault(office, []).append(meter)
        return found

    def since_new_year(self, office: str, medium: Medium) -> Figure:
        """What an office used from New Year's midnight to the end of the month so far."""
        start_us = midnight_us(date(self.month.year, 1, 1), self.standing.site.zone)
        return self._figure(self._table("office", medium, (start_us, self.until_us)), office)

    def compared(self, office: str, against: str) -> tuple[Figure, date, int]:
        """An office's electricity of an earlier month, that month, and the end of the time looked at.

        Of a month that is not over, the same length of time is taken from the earlier one's start.
        """
        earlier = month_before(self.month, COMPARED[against])
        start_us, end_us = month_span_us(earlier, self.standing.site.zone)
        if self.until_us < self.end_us:
            end_us = min(end_us, start_us + self.until_us - self.start_us)
        table = self._table("office", Medium.ELECTRICITY, (start_us, end_us))
        return self._figure(table, office), earlier, end_us

    def splits(self) -> tuple[MonthSplit, ...]:
        """Every outdoor unit's split, rounded so that its offices add up to its meter."""
        return self._once("splits", self._split)

    def _split(self) -> tuple[MonthSplit, ...]:
        standing = self.standing
        return tuple(
            month_split(
                standing.site, standing.splits, standing.owners, outdoor, start_us=self.start_us, end_us=self.until_us
            )
            for outdoor in standing.splits.outdoor_units().values()
        )

    def degree_days(self) -> DegreeDays | None:
        """Of the outdoor temperature; None where the site names no sensor."""
        standing = self.standing
        return self._once(
            "degree days", lambda: month_degree_days(standing.site, standing.store, self.start_us, self.until_us)
        )

    def unallocated(self, medium: Medium) -> Figure:
        """What the main meters counted and no office owns."""
        return self._figure(self._table("office", medium, self._month), UNALLOCATED)

    @property
    def _month(self) -> tuple[int, ...]:
        return (self.start_us, self.until_us)

    def _table(self, by: By, medium: Medium, times_us: tuple[int, ...]) -> UsageTable:
        """A table; where nothing was counted during silences, as the sum of the finest one of the month."""
        finest_us = self._finest_us(medium)
        if times_us != finest_us and set(times_us) <= set(finest_us):
            finest = self._table(by, medium, finest_us)
            if not finest.blocks:
                return self._once((by, medium, times_us), lambda: _summed(finest, edges(times_us)))
        return self._once(
            (by, medium, times_us), lambda: self._usage.table(by, medium, edges(times_us))
        )  # fmt: skip

    def _finest_us(self, medium: Medium) -> tuple[int, ...]:
        """The month's days, and the hours at which its price changes."""
        prices = self._prices(medium)
        return self.days_us if prices is None else tuple(prices.edges_us.tolist())

    def _once(self, key: Hashable, work: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = work()
        kept: T = self._kept[key]
        return kept

    @staticmethod
    def _figure(table: UsageTable, key: str) -> Figure:
        return figures(table.columns[key])[0] if key in table.metered or key == UNALLOCATED else no_figure()


def _by_office(table: UsageTable) -> dict[str, dict[str, Amounts]]:
    found: dict[str, dict[str, Amounts]] = {}
    for key in table.columns:
        office, separator, item = key.partition("/")
        if separator and key in table.metered:
            found.setdefault(office, {})[item] = table.columns[key]
    return found


def _summed(table: UsageTable, edges_us: Times) -> UsageTable:
    empty = nothing(edges_us)
    columns = {
        key: joined(column, edges_us) if key in table.metered or key == UNALLOCATED else empty
        for key, column in table.columns.items()
    }
    return replace(table, edges_us=edges_us, columns=columns)
