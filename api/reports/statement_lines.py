"""The parts of a monthly statement as lines of cells: what the CSV file and the workbook's sheets are made of.

Numbers are as they are reckoned, but for rounding to the thousandth; None is an empty cell and means not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from api.reports.words import AGAINST, GAP_KINDS, GRADES, MEDIA, METHODS, PERIODS, PERS, SPEEDS
from api.services.statement import ITEM_NAMES, MEDIUM_NAMES, Statement
from api.services.told import ChargeLineView, MediumView, QuotaFigureView, ReckonedView, SplitView
from api.shapes import Bilingual
from facility.accounting.metering import Medium
from facility.text import Text

Line = list[Any]

DAY: Final = Text("日期", "Day")
TOTAL: Final = Text("合计", "Total")
MONTH: Final = Text("全月", "Month")
PER_HEAD: Final = Text("人均", "Per head")
PER_M2: Final = Text("每平方米", "Per square metre")
ALLOWANCE: Final = Text("定额", "Allowance")
COMPLETENESS: Final = Text("数据完整率", "Completeness")
ESTIMATED: Final = Text("估算占比", "Estimated share")
SUMMARY_HEAD: Final = (Text("项目", "What"), Text("数值", "Value"), Text("单位", "Unit"), Text("说明", "Note"))
SOURCES_HEAD: Final = (
    Text("类别", "Sort"), Text("名称", "Name"), Text("数值", "Value"), Text("单位", "Unit"), Text("年份", "Year"),
    Text("地区", "Region"), Text("来源", "Source"),
)  # fmt: skip


def rounded(value: float | None, digits: int = 3) -> float | None:
    """For a cell."""
    return None if value is None else round(value, digits)


def day_head(found: Statement) -> Line:
    """The head of the table of days."""
    items = [amount.key for amount in found.items]
    return [
        DAY, _with_unit(TOTAL, found.unit), *(_with_unit(ITEM_NAMES[item], found.unit) for item in items),
        COMPLETENESS, ESTIMATED,
    ]  # fmt: skip


def _with_unit(name: Text, unit: str) -> Text:
    return Text(f"{name.zh} ({unit})", f"{name.en} ({unit})")


def day_lines(found: Statement) -> list[Line]:
    """A line per day, then the month."""
    items = [amount.key for amount in found.items]
    lines: list[Line] = [
        [day.day, rounded(day.total), *(rounded(day.items.get(item)) for item in items), rounded(day.completeness),
         rounded(day.estimated_share)]
        for day in found.days
    ]  # fmt: skip
    lines.append(
        [MONTH, rounded(found.total), *(rounded(amount.value) for amount in found.items), rounded(found.completeness),
         rounded(found.estimated_share)]
    )  # fmt: skip
    return lines


def summary_lines(found: Statement) -> Iterator[Line]:
    """What, how much, unit, note: everything of a statement but its tables."""
    yield [PER_HEAD, rounded(found.per_head), found.unit, _people(found)]
    yield [PER_M2, rounded(found.per_m2), found.unit, _area(found)]
    if found.quota is not None:
        yield [ALLOWANCE, rounded(found.quota.allowance_kwh), found.unit]
    for amount in found.items:
        yield [amount.name, rounded(amount.value), amount.unit, amount.code]
    for amount in found.other_media:
        yield [amount.name, rounded(amount.value), amount.unit, GRADES[amount.grade]]
    for part in found.media:
        yield from _money(part)
        yield from _coal(part)
    for quota in found.quotas:
        yield from _quota(quota)
    yield from _comparisons(found)
    yield from _weather(found)
    for posting in found.postings:
        name = Text(f"更正 {posting.of_month}", f"Correction of {posting.of_month}")
        yield [name, rounded(posting.amount), MEDIUM_NAMES[Medium(posting.medium)], posting.reason]


def _people(found: Statement) -> Text | None:
    people = found.people
    return None if people is None else Text(f"平均用能人数 {people:g}", f"{people:g} people on average")


def _area(found: Statement) -> Text | None:
    area = found.area_m2
    return None if area is None else Text(f"平均面积 {area:g} 平方米", f"{area:g} square metres on average")


def _money(part: MediumView) -> Iterator[Line]:
    cost = part.cost
    if cost is None:
        return
    medium = MEDIA[part.medium]
    for line in cost.lines:
        period = PERIODS[line.period] if line.period is not None else Text("无电价", "no tariff")
        name = Text(f"{medium.zh}费 {period.zh}", f"{medium.en} cost, {period.en}")
        yield [name, line.yuan, cost.currency, _reckoning(line.amount, line.price, part.unit)]
    for charge in (*cost.adders, *cost.tiers, *cost.fixed):
        yield [_charge_name(medium, charge), charge.yuan, cost.currency, _reckoning(charge.amount, charge.price, "")]
    whole = Text("完整", "complete") if cost.complete else Text("不完整", "not complete")
    yield [Text(f"{medium.zh}费合计", f"{medium.en} cost"), cost.total_yuan, cost.currency, whole]
    for note in cost.notes:
        yield ["", None, None, note]


def _charge_name(medium: Text, charge: ChargeLineView) -> Text:
    return Text(f"{medium.zh}费 {charge.name.zh}", f"{medium.en} cost, {charge.name.en}")


def _reckoning(amount: float | None, price: float | None, unit: str) -> str:
    return f"{'?' if amount is None else f'{amount:.3f}'} {unit} × {'?' if price is None else f'{price:g}'}"


def _coal(part: MediumView) -> Iterator[Line]:
    medium = MEDIA[part.medium]
    for name, reckoned in (
        (Text("折标煤(当量)", "standard coal, calorific"), part.coal_kgce),
        (Text("折标煤(等价)", "standard coal, equivalent"), part.coal_equivalent_kgce),
        (Text("二氧化碳", "CO2"), part.co2_kg),
    ):
        if reckoned is not None:
            label = Text(f"{medium.zh} {name.zh}", f"{medium.en}: {name.en}")
            yield [label, rounded(reckoned.value), reckoned.unit, _why(reckoned)]


def _why(reckoned: ReckonedView) -> Bilingual | str | None:
    factor = reckoned.factor
    return reckoned.why if factor is None else f"{factor.value:g} {factor.unit} ({factor.year}, {factor.region})"


def _quota(quota: QuotaFigureView) -> Iterator[Line]:
    allowed, ahead, medium = quota.allowance, quota.projection, MEDIA[quota.allowance.medium]
    item = "" if allowed.item is None else f" {allowed.item}"
    head = Text(f"{allowed.period} {medium.zh}定额{item}", f"{allowed.period} {medium.en} quota{item}")
    yield [head, rounded(allowed.amount), None, allowed.why]
    for name, value in (
        (Text("已用", "used"), ahead.used), (Text("已用比例", "share used"), ahead.share),
        (Text("预计", "expected"), ahead.expected), (Text("预计超额", "expected overrun"), ahead.overrun),
    ):  # fmt: skip
        yield [Text(f"{head.zh} {name.zh}", f"{head.en}: {name.en}"), rounded(value)]
    if ahead.exhausted is not None:
        name = Text(f"{head.zh} 用尽日期", f"{head.en}: used up on")
        yield [name, None, None, ahead.exhausted.isoformat()]


def _comparisons(found: Statement) -> Iterator[Line]:
    for compared in found.comparisons:
        against = AGAINST[compared.against]
        for name, change in (
            (TOTAL, compared.total), (PER_HEAD, compared.per_head), (PER_M2, compared.per_m2)
        ):  # fmt: skip
            yield [
                Text(f"{against.zh} {name.zh} (%)", f"{against.en}: {name.en} (%)"),
                rounded(change.percent),
                "%",
                change.why
                or f"{_part(change.now.numerator, change.now.denominator)} / "
                f"{_part(change.before.numerator, change.before.denominator)}",
            ]


def _part(numerator: float | None, denominator: float | None) -> str:
    return f"{'?' if numerator is None else f'{numerator:.3f}'} ÷ {'?' if denominator is None else f'{denominator:g}'}"


def _weather(found: Statement) -> Iterator[Line]:
    days = found.degree_days
    if days is None:
        return
    missing = Text(f"{days.missing} 天缺室外温度", f"{days.missing} days without outdoor temperature")
    note = missing if days.missing else None
    yield [Text(f"制冷度日 CDD{days.cooling_base_c:g}", f"Cooling degree days CDD{days.cooling_base_c:g}"),
           rounded(days.cooling), "K d", note]  # fmt: skip
    yield [Text(f"采暖度日 HDD{days.heating_base_c:g}", f"Heating degree days HDD{days.heating_base_c:g}"),
           rounded(days.heating), "K d", note]  # fmt: skip


def split_lines(split: SplitView) -> Iterator[Line]:
    """One outdoor unit's split, so that it can be reckoned again by hand: formula, parameters, units, every day."""
    yield [Text("室外机", "Outdoor unit"), split.name, split.outdoor]
    yield [Text("电表", "Meter"), split.meter]
    yield [Text("方法", "Method"), METHODS[split.method]]
    yield [Text("公式", "Formula"), split.formula]
    for name, value in split.parameters.items():
        yield [Text("参数", "Parameter"), name, value]
    yield [Text("电量 (kWh)", "Electricity (kWh)"), rounded(split.energy_kwh, 2)]
    yield [Text("未知天数", "Days not known"), split.unknown_spans]
    yield []
    yield from _unit_lines(split)
    yield []
    yield from _span_lines(split)


def _unit_lines(split: SplitView) -> Iterator[Line]:
    speeds = list(dict.fromkeys(speed for unit in split.units for speed in (*unit.fan_h, *unit.cooling_h)))
    yield [
        Text("室内机", "Indoor unit"), Text("名称", "Name"), Text("额定容量 (kW)", "Capacity (kW)"),
        Text("面积 (平方米)", "Area (m2)"),
        *(Text(f"运行 {SPEEDS[s].zh} (h)", f"running, {SPEEDS[s].en} (h)") for s in speeds),
        *(Text(f"制冷(热) {SPEEDS[s].zh} (h)", f"compressor, {SPEEDS[s].en} (h)") for s in speeds),
        Text("阀平均开度", "Mean valve opening"), Text("热量 (kWh)", "Heat (kWh)"), Text("指数合计", "Index, summed"),
        Text("分摊电量 (kWh)", "Share (kWh)"), Text("估算天数", "Days estimated"), Text("科室", "Offices"),
    ]  # fmt: skip
    for unit in split.units:
        yield [
            unit.unit, unit.name, unit.capacity_kw, unit.area_m2,
            *(rounded(unit.fan_h.get(speed, 0.0), 4) for speed in speeds),
            *(rounded(unit.cooling_h.get(speed, 0.0), 4) for speed in speeds),
            rounded(unit.valve, 4), rounded(unit.heat_kwh), rounded(unit.index, 6), rounded(unit.energy_kwh, 2),
            unit.estimated_days, "; ".join(
                f"{office}: {value:.2f}" for office, value in unit.offices.items() if value is not None
            ),
        ]  # fmt: skip


def _span_lines(split: SplitView) -> Iterator[Line]:
    units = [unit.unit for unit in split.units]
    yield [
        Text("开始", "Start"), Text("结束", "End"), Text("电量 (kWh)", "Electricity (kWh)"),
        Text("待机 (kWh)", "Standby (kWh)"), Text("方法", "Method"), Text("指数总计", "Index, all units"),
        *(Text(f"{unit} 指数", f"{unit} index") for unit in units),
        *(Text(f"{unit} 比例", f"{unit} fraction") for unit in units),
        *(f"{unit} kWh" for unit in units), Text("说明", "Note"),
    ]  # fmt: skip
    for span in split.spans:
        energies = [_share(span.energy_kwh, span.fractions.get(unit)) for unit in units]
        yield [
            span.start, span.end, span.energy_kwh, span.standby_kwh, METHODS[span.method], span.index_total,
            *(span.indexes.get(unit) for unit in units), *(span.fractions.get(unit) for unit in units), *energies,
            span.why,
        ]  # fmt: skip


def _share(energy_kwh: float | None, fraction: float | None) -> float | None:
    return None if energy_kwh is None or fraction is None else energy_kwh * fraction


def source_lines(found: Statement) -> Iterator[Line]:
    """What the figures rest on: tariffs, factors, quotas, meters, and what stands in doubt about them."""
    for part in found.media:
        for name in () if part.cost is None else part.cost.tariffs:
            yield [Text("价目", "Tariff"), name]
        for reckoned in _factors(part):
            factor = reckoned.factor
            if factor is not None:
                yield [Text("系数", "Factor"), f"{factor.kind} {factor.carrier}", factor.value, factor.unit,
                       factor.year, factor.region, factor.source]  # fmt: skip
    for quota in found.quotas:
        for share in quota.allowance.parts:
            entry = share.quota
            yield [Text("定额", "Quota"), MEDIA[entry.medium], entry.amount, PERS[entry.per], entry.since.isoformat(),
                   None, entry.source]  # fmt: skip
    for meter in found.meters:
        yield [Text("电(水、气)表", "Meter"), meter]
    for doubt in found.doubts:
        gap = doubt.gap
        span = f"{gap.start.isoformat()} – {gap.end.isoformat()}"
        yield [GAP_KINDS[gap.kind], doubt.meter, rounded(gap.amount), None, None, None, span]
    if found.sha256 is not None and found.closed is not None:
        yield [Text("已结账", "Closed"), found.closed, None, None, None, None, f"SHA-256 {found.sha256}"]


def _factors(part: MediumView) -> Sequence[ReckonedView]:
    return [found for found in (part.coal_kgce, part.coal_equivalent_kgce, part.co2_kg) if found is not None]
