"""The monthly statement of an office: what it used, what that rests on, what it costs and how it compares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from api.context import ApiContext
from api.problems import OFFICE, unknown
from api.services.filed import FiledView, filed_views
from api.services.months import begun_month, parse_month
from api.services.observance import ObservanceRow
from api.services.statement_observance import observed_in
from api.services.told import (
    ComparisonView,
    DegreeDaysView,
    DoubtView,
    GapView,
    MediumView,
    PostingView,
    QuotaFigureView,
    SplitView,
    all_told,
    told,
)
from api.shapes import Bilingual, Shape
from facility.accounting.metering import Medium, unit_of
from facility.books.figures import Figure, QuotaFigure, StatementFigures
from facility.books.filed import FiledLine
from facility.books.statements import NAMES
from facility.readings import from_us
from facility.text import Text

__all__ = ["ITEM_NAMES", "Statement", "parse_month", "statement"]

ITEM_NAMES: Final = NAMES

MEDIUM_NAMES: Final = {
    Medium.ELECTRICITY: Text("用电", "Electricity"),
    Medium.WATER: Text("用水", "Water"),
    Medium.GAS: Text("燃气", "Gas"),
    Medium.HEAT: Text("热量", "Heat"),
}


class StatementAmount(Shape):
    """An amount of one medium or item; `value` None when nothing is known. `code` is the item's in the site's code
    table, None where it has none.
    """

    key: str
    name: Bilingual
    unit: str
    value: float | None
    completeness: float
    estimated_share: float
    grade: str
    error: float
    code: str | None = None


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
    """What one office used in one local month; of a closed month as it was closed, with its `sha256`.

    `end` is the clock's time while the month is not over, then `finished` is False. `total`, `per_head` and `per_m2`
    are of electricity; `per_head` rests on `people`, the mean over the month's days, as the consumption statistics
    define it, of which `headcount` is the whole number next to it. None where it is not known. `splits` show how the
    outdoor units that serve the office were shared out, day by day. `postings` are corrections of closed months.
    `filings` are those that concerned the office; of a month that was closed without them, as they are reckoned now.
    `observance` tells how the rules were kept, as it is known now; it is no part of what is closed.
    """

    office: str
    name: Bilingual
    responsible: str | None
    month: str
    start: datetime
    end: datetime
    finished: bool
    headcount: int | None
    people: float | None
    area_m2: float | None
    unit: str
    total: float | None
    per_head: float | None
    per_m2: float | None
    completeness: float
    estimated_share: float
    grade: str
    error: float
    items: list[StatementAmount]
    other_media: list[StatementAmount]
    media: list[MediumView]
    days: list[StatementDay]
    splits: list[SplitView]
    quota: QuotaView | None
    quotas: list[QuotaFigureView]
    comparisons: list[ComparisonView]
    degree_days: DegreeDaysView | None
    postings: list[PostingView]
    filings: list[FiledView]
    observance: list[ObservanceRow]
    doubts: list[DoubtView]
    meters: list[str]
    closed: datetime | None
    sha256: str | None


async def statement(context: ApiContext, office: str, month: str) -> Statement:
    """The statement of `office` for a local month written `2026-07`; of the running month, up to now.

    Raises:
        RequestProblem: no such office, not a month, or a month that has not begun.
    """
    if office not in context.site.offices:
        raise unknown(OFFICE, office)
    first = begun_month(context, month)
    books = context.books
    return await context.reckon(
        lambda: _told(
            context, books.statement(office, first), books.filings(office, first), observed_in(context, office, first)
        )
    )


def _told(
    context: ApiContext, found: StatementFigures, filed: Sequence[FiledLine], observed: list[ObservanceRow]
) -> Statement:
    zone = context.site.zone
    electricity = next(part.total for part in found.media if part.medium is Medium.ELECTRICITY)
    return Statement(
        office=found.office,
        name=Bilingual.of(found.name),
        responsible=found.responsible,
        month=found.month,
        start=context.local(from_us(found.start_us)),
        end=context.local(from_us(found.until_us)),
        finished=found.finished,
        headcount=None if found.people is None else round(found.people),
        people=found.people,
        area_m2=found.area_m2,
        unit=unit_of(Medium.ELECTRICITY),
        total=electricity.value,
        per_head=found.per_head.value,
        per_m2=found.per_m2.value,
        completeness=electricity.completeness,
        estimated_share=electricity.estimated_share,
        grade=electricity.grade.value,
        error=electricity.error,
        items=[_amount(item.item, item.name, "kWh", item.figure, item.code) for item in found.items],
        other_media=[
            _amount(part.medium.value, MEDIUM_NAMES[part.medium], part.unit, part.total)
            for part in found.media
            if part.medium is not Medium.ELECTRICITY
        ],
        media=all_told(MediumView, found.media, zone),
        days=_days(found),
        splits=all_told(SplitView, found.splits, zone),
        quota=_quota(found.quotas),
        quotas=all_told(QuotaFigureView, found.quotas, zone),
        comparisons=all_told(ComparisonView, found.comparisons, zone),
        degree_days=None if found.degree_days is None else told(DegreeDaysView, found.degree_days, zone),
        postings=all_told(PostingView, found.postings, zone),
        filings=filed_views(context, filed),
        observance=observed,
        doubts=[DoubtView(meter=meter, gap=told(GapView, gap, zone)) for meter, gap in found.doubts],
        meters=list(found.meters),
        closed=None if found.closed_us is None else context.local(from_us(found.closed_us)),
        sha256=found.sha256,
    )


def _days(found: StatementFigures) -> list[StatementDay]:
    return [
        StatementDay(
            day=day.day,
            total=day.total.value,
            items={item: figure.value for item, figure in day.items.items()},
            completeness=day.total.completeness,
            estimated_share=day.total.estimated_share,
        )
        for day in found.days
    ]


def _amount(key: str, name: Text, unit: str, figure: Figure, code: str | None = None) -> StatementAmount:
    return StatementAmount(
        key=key,
        name=Bilingual.of(name),
        unit=unit,
        value=figure.value,
        completeness=figure.completeness,
        estimated_share=figure.estimated_share,
        grade=figure.grade.value,
        error=figure.error,
        code=code,
    )


def _quota(quotas: Sequence[QuotaFigure]) -> QuotaView | None:
    """The month's own for all electricity."""
    for quota in quotas:
        allowed = quota.allowance
        is_meant = allowed.medium == "electricity" and allowed.item is None and len(allowed.period) == 7
        if is_meant and allowed.amount is not None:
            return QuotaView(allowance_kwh=allowed.amount, used_share=quota.projection.share)
    return None
