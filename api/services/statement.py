"""The monthly statement of an office: what it used each day, by item, per head, and against its allowance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from api.context import ApiContext
from api.problems import OFFICE, RequestProblem, unknown
from api.services.amounts import Used, add_up, less, nothing
from api.services.counting import uses_of
from api.services.edges import Every, edges, local_date, month_span
from api.services.meters import Medium, office_meters, own_meters, unit_of
from api.shapes import Bilingual, Shape
from facility.model.entries import Office
from facility.readings import to_us
from facility.text import Text

ITEM_NAMES: Final = {
    "lighting_sockets": Text("照明插座", "Lighting and sockets"),
    "air_conditioning": Text("空调", "Air conditioning"),
    "power": Text("动力", "Power"),
    "special": Text("特殊", "Special"),
    "other": Text("未分项", "Not itemised"),
}

MEDIUM_NAMES: Final = {
    Medium.WATER: Text("用水", "Water"),
    Medium.GAS: Text("燃气", "Gas"),
    Medium.HEAT: Text("热量", "Heat"),
}

_MONTH = re.compile(r"(\d{4})-(\d{2})\Z")


class StatementAmount(Shape):
    """An amount of one medium or item; `value` None when nothing is known."""

    key: str
    name: Bilingual
    unit: str
    value: float | None
    completeness: float
    estimated_share: float


class StatementDay(Shape):
    """One local day. `items` holds the day's electricity by item, in kWh, None where nothing is known."""

    day: date
    total: float | None
    items: dict[str, float | None]
    completeness: float
    estimated_share: float


class QuotaView(Shape):
    """The month's allowance in kWh and the share of it that is used (1.0 = all); None where it cannot be told."""

    allowance_kwh: float
    used_share: float | None


class Statement(Shape):
    """What one office used in one local month.

    `end` is the clock's time while the month is not over, then `finished` is False. `per_head` and `per_m2` are the
    total of electricity divided; None where the headcount, the area or the total is not known.
    """

    office: str
    name: Bilingual
    responsible: str | None
    month: str
    start: datetime
    end: datetime
    finished: bool
    headcount: int | None
    area_m2: float | None
    unit: str
    total: float | None
    per_head: float | None
    per_m2: float | None
    completeness: float
    estimated_share: float
    items: list[StatementAmount]
    other_media: list[StatementAmount]
    days: list[StatementDay]
    quota: QuotaView | None
    meters: list[str]


def parse_month(text: str) -> date:
    """The first of a month written as `2026-07`.

    Raises:
        RequestProblem: anything else.
    """
    match = _MONTH.match(text)
    if match is None or not 1 <= int(match[2]) <= 12 or not 1970 <= int(match[1]) <= 9000:
        raise RequestProblem(
            422,
            "wrong_month",
            Text(f"不是月份:“{text[:20]}”", f"{text[:20]!r} is not a month"),
            hint=Text("例如 2026-07", "for example 2026-07"),
        )
    return date(int(match[1]), int(match[2]), 1)


async def statement(context: ApiContext, office: str, month: str) -> Statement:
    """The statement of `office` for a local month written `2026-07`; of the running month, up to now.

    Raises:
        RequestProblem: no such office, not a month, or a month that has not begun.
    """
    entry = context.site.offices.get(office)
    if entry is None:
        raise unknown(OFFICE, office)
    first = parse_month(month)
    start, end = month_span(first, context.site.zone)
    now = context.clock.now()
    if start >= now:
        raise RequestProblem(422, "not_begun", Text(f"{month} 尚未开始", f"{month} has not begun"))
    until = min(end, now)
    book = await _read(context, office, day_edges(start, until, context))
    total = await _total(context, office, Medium.ELECTRICITY, [start, until])
    return Statement(
        office=entry.id,
        name=Bilingual.of(entry.name.text),
        responsible=entry.responsible,
        month=month,
        start=context.local(start),
        end=context.local(until),
        finished=end <= now,
        headcount=entry.headcount,
        area_m2=entry.area_m2,
        unit=unit_of(Medium.ELECTRICITY),
        total=total.value,
        per_head=_per(total.value, entry.headcount),
        per_m2=_per(total.value, entry.area_m2),
        completeness=total.completeness,
        estimated_share=total.estimated_share,
        items=await _items(context, office, [start, until]),
        other_media=await _other_media(context, office, [start, until]),
        days=book,
        quota=_quota(entry, total.value),
        meters=[meter.id for medium in Medium for meter in own_meters(context.site, office, medium)],
    )


def day_edges(start: datetime, end: datetime, context: ApiContext) -> list[datetime]:
    """Local midnights from `start` to `end`, both included."""
    return edges(start, end, Every.DAY, context.site.zone)


async def _read(context: ApiContext, office: str, times: Sequence[datetime]) -> list[StatementDay]:
    totals = await _totals(context, office, Medium.ELECTRICITY, times)
    items = await item_uses(context, office, times)
    return [
        StatementDay(
            day=local_date(time, context.site.zone),
            total=total.value,
            items={item: uses[index].value for item, uses in items.items()},
            completeness=total.completeness,
            estimated_share=total.estimated_share,
        )
        for index, (time, total) in enumerate(zip(times, totals, strict=False))
    ]


async def _total(context: ApiContext, office: str, medium: Medium, times: Sequence[datetime]) -> Used:
    return (await _totals(context, office, medium, times))[0]


async def _totals(context: ApiContext, office: str, medium: Medium, times: Sequence[datetime]) -> list[Used]:
    """What the office's outermost meters counted, per interval; nothing known where it has no meter."""
    meters = office_meters(context.site, office, medium)
    if not meters:
        return [nothing(to_us(first), to_us(second)) for first, second in pairwise(times)]
    columns = [await uses_of(context, meter, times) for meter in meters]
    return [add_up(row) for row in zip(*columns, strict=True)]


async def item_uses(context: ApiContext, office: str, times: Sequence[datetime]) -> dict[str, list[Used]]:
    """Electricity of an office by item, per interval. What a meter counts beyond its own sub-meters belongs to the
    meter's item, or to `other` when it names none: items add up to the total.
    """
    meters = own_meters(context.site, office, Medium.ELECTRICITY)
    uses = {meter.id: await uses_of(context, meter, times) for meter in meters}
    items: dict[str, list[list[Used]]] = {}
    for meter in meters:
        below = [uses[other.id] for other in meters if other.parent == meter.id]
        rest = [less(use, [column[index] for column in below]) for index, use in enumerate(uses[meter.id])]
        if below and meter.item is None and all(use.value == 0 for use in rest):
            continue
        items.setdefault(meter.item or "other", []).append(rest)
    return {item: [add_up(row) for row in zip(*columns, strict=True)] for item, columns in items.items()}


async def _items(context: ApiContext, office: str, times: Sequence[datetime]) -> list[StatementAmount]:
    uses = await item_uses(context, office, times)
    return [
        _amount(item, name, unit_of(Medium.ELECTRICITY), uses[item][0])
        for item, name in ITEM_NAMES.items()
        if item in uses
    ]


async def _other_media(context: ApiContext, office: str, times: Sequence[datetime]) -> list[StatementAmount]:
    return [
        _amount(medium.value, MEDIUM_NAMES[medium], unit_of(medium), await _total(context, office, medium, times))
        for medium in MEDIUM_NAMES
        if office_meters(context.site, office, medium)
    ]


def _amount(key: str, name: Text, unit: str, use: Used) -> StatementAmount:
    return StatementAmount(
        key=key,
        name=Bilingual.of(name),
        unit=unit,
        value=use.value,
        completeness=use.completeness,
        estimated_share=use.estimated_share,
    )


def _per(total: float | None, divisor: float | None) -> float | None:
    return None if total is None or not divisor else total / divisor


def _quota(office: Office, total: float | None) -> QuotaView | None:
    per_head_kwh = office.quota.electricity_kwh_per_head_month
    if per_head_kwh is None or not office.headcount:
        return None
    allowance_kwh = per_head_kwh * office.headcount
    share = None if total is None or allowance_kwh == 0 else total / allowance_kwh
    return QuotaView(allowance_kwh=allowance_kwh, used_share=share)
