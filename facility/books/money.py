"""What an office's use of a month costs: the tariffs that hold, the month's prices, the calendar and the forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from facility.accounting.amounts import Amounts
from facility.accounting.cost import Cost, cost_of
from facility.accounting.entries import TariffChoice
from facility.accounting.metering import Medium
from facility.accounting.tariff_prices import PriceColumns, priced
from facility.accounting.tariffs import Tariff
from facility.books.facts import Facts, day_type
from facility.books.metering import edges
from facility.books.standing import Standing
from facility.local_days import days_between, midnight_us
from facility.readings import to_us
from facility.series import Times
from facility.tables import tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPrices:
    """Prices of one medium over the intervals that its cost is reckoned by."""

    columns: PriceColumns
    edges_us: Times
    versions: tuple[Tariff, ...]


def month_prices(standing: Standing, medium: Medium, start_us: int, end_us: int) -> MonthPrices | None:
    """The prices of [start, end); None where no tariff is chosen for any of its days.

    Raises:
        TableError: the tariff's file is gone or has mistakes.
    """
    zone = standing.site.zone
    days = list(days_between(start_us, end_us, zone))
    versions = _versions(standing.facts, medium, days[0], days[-1])
    if not versions:
        return None
    return prices_over(standing, versions, edges(_changes(versions, start_us, end_us, zone)))


def prices_over(standing: Standing, versions: Sequence[Tariff], edges_us: Times) -> MonthPrices:
    """The prices of these versions over the intervals between `edges_us`."""
    zone = standing.site.zone
    days = list(days_between(int(edges_us[0]), int(edges_us[-1]), zone))
    prices = {
        f"{family}:{month}": price
        for family in dict.fromkeys(version.family for version in versions)
        for month, price in standing.facts.base_prices(family).items()
    }
    columns = priced(
        versions,
        edges_us,
        zone,
        day_type=lambda day: day_type(standing.calendar, day),
        forecast_max_c=standing.forecast_max_c(days[0], days[-1]),
        base_prices=prices,
    )
    return MonthPrices(columns=columns, edges_us=edges_us, versions=tuple(versions))


def _versions(facts: Facts, medium: Medium, first: date, last: date) -> tuple[Tariff, ...]:
    """The versions of every tariff that is chosen on one of the days from `first` to `last`, each for its own days."""
    chosen = sorted((entry for entry in facts.tariff_choices if entry.medium == medium.value), key=_since)
    found: list[Tariff] = []
    for place, entry in enumerate(chosen):
        until = chosen[place + 1].since if place + 1 < len(chosen) else None
        if entry.since <= last and (until is None or until > max(first, entry.since)):
            family = tariff(entry.tariff, facts.folder)
            found += [version.during(entry.since, until) for version in family.versions]
    return tuple(found)


def _since(entry: TariffChoice) -> date:
    return entry.since


def _changes(versions: Sequence[Tariff], start_us: int, end_us: int, zone: ZoneInfo) -> list[int]:
    """The ends of [start, end), its local midnights, and every local hour at which a period may begin."""
    minutes = {span.start_min for version in versions for plan in version.days for span in plan.spans}
    found = {start_us, end_us}
    for day in days_between(start_us, end_us, zone):
        found.update(_instant_us(day, minute, zone) for minute in minutes | {0})
    return sorted(edge for edge in found if start_us <= edge <= end_us)


def _instant_us(day: date, minute: int, zone: ZoneInfo) -> int:
    return to_us(datetime.combine(day, time(minute // 60 % 24, minute % 60), zone))


def office_cost(
    prices: MonthPrices, amounts: Amounts, *, used_before: float | None, share_of_fixed: float | None
) -> Cost:
    """What an office's use over the intervals of `prices` costs, with `share_of_fixed` 0..1 of the monthly
    charges; None: not known.
    """
    return cost_of(prices.columns, amounts, used_before=used_before, share_of_fixed=share_of_fixed)


def tier_start_us(prices: MonthPrices, standing: Standing, month: date) -> int | None:
    """From when use counts towards the tiers of the month, None where there are no tiers or they start with it."""
    tiers = next((version.tiers for version in prices.versions if version.tiers is not None), None)
    if tiers is None or tiers.period == "month":
        return None
    return midnight_us(date(month.year, 1, 1), standing.site.zone)
