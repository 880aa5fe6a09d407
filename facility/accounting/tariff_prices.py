"""A tariff over given intervals as columns: reckoned once, then applied to any number of offices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from facility.accounting.tariff_times import Stretch, stretches
from facility.accounting.tariffs import DayType, Period, Tariff
from facility.local_days import month_span_us
from facility.series import Times, Values
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceColumn:
    """All time of one version, month, period. `price` in yuan per unit, exactly; None: not known, or no version."""

    tariff: Tariff | None
    month: str
    period: Period | None
    price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriceColumns:
    """Which share of each interval lies in which column.

    Attributes:
        edges_us: the intervals, one more edge than there are.
        weights: intervals x columns, each row adds up to 1.
        split: True for intervals that lie in more than one column: their use is shared out by time.
        months: per version in force its months, each with the share of the whole month that it is in force and asked
            for (0..1].
        notes: what the prices rest on that a reader should know.
    """

    edges_us: Times
    columns: tuple[PriceColumn, ...]
    weights: Values
    split: npt.NDArray[np.bool_]
    months: tuple[tuple[Tariff, Mapping[str, float]], ...]
    notes: tuple[Text, ...]


def priced(
    versions: Sequence[Tariff],
    edges_us: Sequence[int] | Times,
    zone: ZoneInfo,
    *,
    day_type: Callable[[date], DayType],
    forecast_max_c: Mapping[date, float],
    base_prices: Mapping[str, float],
) -> PriceColumns:
    """The prices of neighbouring intervals.

    Args:
        versions: of one tariff, or of several, each for the time that it is chosen (`Tariff.during`); dates that none
            covers have no price.
        edges_us: ascending edges of the intervals, at least two.
        zone: the site's, for hours, days and months.
        day_type: what the calendar says of a local date.
        forecast_max_c: forecast maximum of local dates, C; a date without one is not known.
        base_prices: announced price by local month (`2026-07`), or by tariff and month (`hunan_2025:2026-07`) where
            there are several; yuan per unit.

    Raises:
        ValueError: fewer than two edges, or edges that do not ascend.
    """
    edges = np.asarray(edges_us, np.int64)
    if len(edges) < 2 or np.any(np.diff(edges) <= 0):
        raise ValueError("expected at least two edges in ascending order")
    start_us, end_us = int(edges[0]), int(edges[-1])
    found = stretches(versions, start_us, end_us, zone, day_type=day_type, forecast_max_c=forecast_max_c)
    inside = _inside(found.stretches, start_us, end_us)
    tariffs = {_key(stretch): stretch.tariff for stretch in inside}
    columns = tuple(_column(tariff, key[1], key[2], base_prices) for key, tariff in tariffs.items())
    places = {key: number for number, key in enumerate(tariffs)}
    numbers = np.array([places[_key(stretch)] for stretch in inside], np.intp)
    starts = np.array([stretch.start_us for stretch in inside], np.int64)
    weights = _weights(edges, starts, numbers, len(columns))
    return PriceColumns(
        edges_us=edges,
        columns=columns,
        weights=weights,
        split=(weights > 0).sum(axis=1) > 1,
        months=_months(columns, weights, edges, zone),
        notes=_notes(columns, found.unforecast, base_prices),
    )


def _inside(found: Sequence[Stretch], start_us: int, end_us: int) -> list[Stretch]:
    """Those that have time in [start, end): a period outside of it is no matter of the cost."""
    ends = [stretch.start_us for stretch in found[1:]] + [end_us]
    return [
        stretch for stretch, until in zip(found, ends, strict=True) if stretch.start_us < end_us and until > start_us
    ]


def _key(stretch: Stretch) -> tuple[str | None, str, Period | None]:
    return None if stretch.tariff is None else stretch.tariff.version, stretch.month, stretch.period


def _column(tariff: Tariff | None, month: str, period: Period | None, base: Mapping[str, float]) -> PriceColumn:
    price = None
    if tariff is not None and period is not None:
        announced = _announced(tariff, month, base)
        price = tariff.price(period, tariff.default_base if announced is None else announced)
    return PriceColumn(tariff=tariff, month=month, period=period, price=price)


def _announced(tariff: Tariff, month: str, base: Mapping[str, float]) -> float | None:
    return base.get(f"{tariff.family}:{month}", base.get(month))


def _weights(edges: Times, starts: Times, numbers: npt.NDArray[np.intp], width: int) -> Values:
    """Share of each interval's time in each column; starts[0] <= edges[0]."""
    inner = starts[(starts > edges[0]) & (starts < edges[-1])]
    cuts = np.union1d(edges, inner)
    rows = np.searchsorted(edges, cuts[:-1], side="right") - 1
    places = numbers[np.searchsorted(starts, cuts[:-1], side="right") - 1]
    result = np.zeros((len(edges) - 1, width))
    np.add.at(result, (rows, places), np.diff(cuts) / np.diff(edges)[rows])
    return result


def _months(
    columns: Sequence[PriceColumn], weights: Values, edges: Times, zone: ZoneInfo
) -> tuple[tuple[Tariff, Mapping[str, float]], ...]:
    spent_us = np.diff(edges) @ weights
    tariffs: dict[str, Tariff] = {}
    shares: dict[str, dict[str, float]] = {}
    for column, time_us in zip(columns, spent_us.tolist(), strict=True):
        if column.tariff is not None:
            start_us, end_us = month_span_us(date.fromisoformat(f"{column.month}-01"), zone)
            tariffs[column.tariff.version] = column.tariff
            months = shares.setdefault(column.tariff.version, {})
            months[column.month] = months.get(column.month, 0.0) + time_us / (end_us - start_us)
    return tuple((tariff, shares[version]) for version, tariff in tariffs.items())


def _notes(columns: Sequence[PriceColumn], unforecast: Sequence[date], base: Mapping[str, float]) -> tuple[Text, ...]:
    notes: list[Text] = []
    if any(column.tariff is None for column in columns):
        notes.append(
            Text("部分时段没有在执行的价格版本，未计价", "no version of the tariff holds for part of the time")
        )
    floating = {
        column.month: column.tariff
        for column in columns
        if column.tariff is not None and column.tariff.floats and _announced(column.tariff, column.month, base) is None
    }
    for month, tariff in floating.items():
        if tariff.default_base is None:
            notes.append(Text(f"{month} 的当月公布价格未录入，未计价", f"no announced price for {month}: not priced"))
        else:
            notes.append(
                Text(
                    f"{month} 的当月公布价格未录入，按默认价 {tariff.default_base:g} 元计",
                    f"no announced price for {month}: reckoned with the default of {tariff.default_base:g} yuan",
                )
            )
    examples = {
        column.tariff.family: column.tariff.name for column in columns if column.tariff and column.tariff.example
    }
    notes += [
        Text(f"“{name.zh}”是示例，价格仅供参考", f"{name.en}: its prices only illustrate") for name in examples.values()
    ]
    if unforecast:
        days = ", ".join(day.isoformat() for day in unforecast)
        notes.append(
            Text(
                f"{days} 没有最高气温预报，未按高温尖峰计",
                f"no forecast maximum for {days}: no hot-day periods applied",
            )
        )
    return tuple(notes)
