"""What an office's use of a month costs: the tariffs that hold, the month's prices, the calendar and the forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from facility.accounting.amounts import Amounts
from facility.accounting.cost import Cost, cost_of
from facility.accounting.metering import Medium
from facility.accounting.tariff_prices import PriceColumns, priced
from facility.accounting.tariffs import Tariff, TariffFamily
from facility.books.facts import Facts, day_type
from facility.books.metering import edges
from facility.books.standing import Standing
from facility.local_days import day_edges, days_between, hour_edges, midnight_us
from facility.series import Times


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPrices:
    """Prices of one medium over the intervals that its cost is reckoned by."""

    columns: PriceColumns
    edges_us: Times
    versions: tuple[Tariff, ...]


def month_prices(standing: Standing, medium: Medium, start_us: int, end_us: int) -> MonthPrices | None:
    """The prices of [start, end); None where no tariff is chosen for any of its days.

    Raises:
        ProfileError: the tariff's file is gone or has mistakes.
    """
    zone = standing.site.zone
    days = list(days_between(start_us, end_us, zone))
    versions = _versions(standing.facts, medium, days)
    if not versions:
        return None
    floating = any(len(plan.spans) > 1 for version in versions for plan in version.days)
    edges_us = edges(hour_edges(start_us, end_us, zone) if floating else day_edges(start_us, end_us, zone))
    families = {version.family for version in versions}
    prices = {month: price for family in families for month, price in standing.facts.base_prices(family).items()}
    columns = priced(
        versions,
        edges_us,
        zone,
        day_type=lambda day: day_type(standing.calendar, day),
        forecast_max_c=standing.forecast_max_c(days[0], days[-1]),
        base_prices=prices,
    )
    return MonthPrices(columns=columns, edges_us=edges_us, versions=versions)


def _versions(facts: Facts, medium: Medium, days: Sequence[date]) -> tuple[Tariff, ...]:
    """The versions in force, each on the days for which its tariff is chosen."""
    families: dict[str, TariffFamily] = {}
    for day in (days[0], days[-1]):
        family = facts.tariff_on(medium.value, day)
        if family is not None:
            families[family.id] = family
    return tuple(version for family in families.values() for version in family.versions)


def office_cost(prices: MonthPrices, amounts: Amounts, *, used_before: float | None, share_of_fixed: float) -> Cost:
    """What an office's use over the intervals of `prices` costs, with `share_of_fixed` 0..1 of the monthly charges."""
    return cost_of(prices.columns, amounts, used_before=used_before, share_of_fixed=share_of_fixed)


def tier_start_us(prices: MonthPrices, standing: Standing, month: date) -> int | None:
    """From when use counts towards the tiers of the month, None where there are no tiers or they start with it."""
    tiers = next((version.tiers for version in prices.versions if version.tiers is not None), None)
    if tiers is None or tiers.period == "month":
        return None
    return midnight_us(date(month.year, 1, 1), standing.site.zone)
