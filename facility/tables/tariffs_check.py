"""What makes no sense in a tariff file although its form is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Final

from facility.accounting.tariffs import DAY_TYPES, PERIOD_NAMES, Period
from facility.tables.loader import Mistake
from facility.tables.tariffs_hours import Path, hour_mistakes
from facility.tables.tariffs_schema import PricesEntry, TariffEntry, TiersEntry, VersionEntry
from facility.text import Text

ORDER: Final = (Period.DEEP_VALLEY, Period.VALLEY, Period.FLAT, Period.PEAK, Period.SHARP)
"""From cheap to dear."""


def tariff_mistakes(entry: TariffEntry) -> list[Mistake]:
    """All mistakes of sense in a tariff file."""
    found = list(_dates(entry.versions))
    for number, version in enumerate(entry.versions):
        path: Path = ("versions", number)
        found += _prices(version.prices, (*path, "prices"))
        found += _days(version, path)
        found += _charges(version, path)
        if version.tiers is not None:
            found += _steps(version.tiers, (*path, "tiers", "steps"))
    return found


def _dates(versions: Sequence[VersionEntry]) -> Iterator[Mistake]:
    for number, version in enumerate(versions):
        if version.valid_until is not None and version.valid_until <= version.valid_from:
            what = Text(
                f"`valid_until` {version.valid_until} 应晚于 `valid_from` {version.valid_from}",
                f"`valid_until` is {version.valid_until}; expected later than `valid_from`, {version.valid_from}",
            )
            yield Mistake(path=("versions", number, "valid_until"), code="order", what=what)
    order = sorted(enumerate(versions), key=lambda pair: pair[1].valid_from)
    for (_, before), (number, after) in pairwise(order):
        if before.valid_until is None or before.valid_until > after.valid_from:
            until = "…" if before.valid_until is None else before.valid_until.isoformat()
            what = Text(
                f"与 {before.valid_from} 起的版本重叠（其 `valid_until` 为 {until}）",
                f"overlaps with the version from {before.valid_from} on, whose `valid_until` is {until}",
            )
            yield Mistake(path=("versions", number, "valid_from"), code="overlap", what=what)


def _prices(prices: PricesEntry, path: Path) -> Iterator[Mistake]:
    if (prices.yuan is None) == (prices.ratios is None):
        what = Text("`yuan` 与 `ratios` 应写且只写一个", "expected exactly one of `yuan` and `ratios`")
        yield Mistake(path=path, code="one_of", what=what)
        return
    for key in ("sharp_over_peak", "default_base"):
        if prices.ratios is None and getattr(prices, key) is not None:
            what = Text(f"`{key}` 只与 `ratios` 同用", f"`{key}` goes with `ratios` only")
            yield Mistake(path=(*path, key), code="one_of", what=what)
    if prices.ratios is not None and prices.sharp_over_peak is not None:
        yield from _sharp(prices.ratios, path)
    values = prices.stated
    for cheap, dear in pairwise(period for period in ORDER if period in values):
        if values[cheap] >= values[dear]:
            yield _disorder(cheap, dear, values, (*path, "yuan" if prices.ratios is None else "ratios", dear.value))


def _sharp(ratios: Mapping[Period, float], path: Path) -> Iterator[Mistake]:
    if Period.SHARP in ratios or Period.PEAK not in ratios:
        what = Text(
            "`sharp_over_peak` 需要 `ratios` 里有 peak 而没有 sharp",
            "`sharp_over_peak` expects `ratios` with peak and without sharp",
        )
        yield Mistake(path=(*path, "sharp_over_peak"), code="one_of", what=what)


def _disorder(cheap: Period, dear: Period, values: Mapping[Period, float], path: Path) -> Mistake:
    low, high = PERIOD_NAMES[cheap], PERIOD_NAMES[dear]
    what = Text(
        f"{high.zh}价 {values[dear]:g} 应高于{low.zh}价 {values[cheap]:g}（深谷 < 谷 < 平 < 峰 < 尖）",
        f"{high.en} is {values[dear]:g}; expected above {low.en}, {values[cheap]:g} "
        "(deep valley < valley < flat < peak < sharp)",
    )
    return Mistake(path=path, code="price_order", what=what)


def _days(version: VersionEntry, path: Path) -> Iterator[Mistake]:
    values = version.prices.stated
    for number, day in enumerate(version.days):
        place = (*path, "days", number)
        yield from hour_mistakes(day, place)
        for period in day.hours:
            if values and period not in values:
                name = PERIOD_NAMES[period]
                what = Text(f"{name.zh}时段没有价格", f"{name.en} hours have no price in `prices`")
                yield Mistake(path=(*place, "hours", period.value), code="no_price", what=what)
    yield from _uncovered(version, (*path, "days"))
    yield from _doubled(version, (*path, "days"))


def _uncovered(version: VersionEntry, path: Path) -> Iterator[Mistake]:
    for kind in DAY_TYPES:
        plain = {
            month
            for day in version.days
            if day.forecast_max_c is None and kind in day.day_types
            for month in day.months
        }
        missing = [month for month in range(1, 13) if month not in plain]
        if missing:
            months = ", ".join(map(str, missing))
            what = Text(
                f"`{kind}` 在这些月份没有不依赖预报的时段安排：{months}",
                f"no hours for `{kind}` that hold whatever the forecast is, in the months {months}",
            )
            yield Mistake(path=path, code="gap", what=what)


def _doubled(version: VersionEntry, path: Path) -> Iterator[Mistake]:
    seen: dict[tuple[int, str, float | None], int] = {}
    for number, day in enumerate(version.days):
        cases = list(product(day.months, day.day_types))
        clashes = {seen[(*case, day.forecast_max_c)] for case in cases if (*case, day.forecast_max_c) in seen}
        clashes |= {number} if len(set(cases)) < len(cases) else set()
        for other in sorted(clashes):
            what = Text(
                f"有些日子同时属于第 {other + 1} 项", f"some of its days belong to entry {other + 1} of `days` as well"
            )
            yield Mistake(path=(*path, number), code="overlap", what=what)
        seen.update({(*case, day.forecast_max_c): number for case in cases if (*case, day.forecast_max_c) not in seen})


def _charges(version: VersionEntry, path: Path) -> Iterator[Mistake]:
    values = version.prices.stated
    seen: set[str] = set()
    named = [(("adders", number), adder.id) for number, adder in enumerate(version.adders)]
    named += [(("fixed", number), charge.id) for number, charge in enumerate(version.fixed)]
    for place, charge_id in named:
        if charge_id in seen:
            what = Text(f"编号 `{charge_id}` 重复", f"id `{charge_id}` is used twice")
            yield Mistake(path=(*path, *place, "id"), code="duplicate_id", what=what)
        seen.add(charge_id)
    for number, adder in enumerate(version.adders):
        if adder.period is not None and adder.period not in values:
            what = Text(f"{PERIOD_NAMES[adder.period].zh}时段没有价格", f"no price for `{adder.period}` in `prices`")
            yield Mistake(path=(*path, "adders", number, "period"), code="no_price", what=what)
    if version.single_rate_surcharge is not None and Period.SINGLE not in values:
        what = Text("单一制加价只用于有 single 价格的版本", "expected only where `prices` has `single`")
        yield Mistake(path=(*path, "single_rate_surcharge"), code="no_price", what=what)


def _steps(tiers: TiersEntry, path: Path) -> Iterator[Mistake]:
    for number, (before, after) in enumerate(pairwise(tiers.steps), start=1):
        if after.above <= before.above:
            what = Text(
                f"`above` 应逐级增大：{after.above:g} 不大于 {before.above:g}",
                f"`above` is {after.above:g}; expected steps to ascend, above {before.above:g}",
            )
            yield Mistake(path=(*path, number, "above"), code="order", what=what)
