"""An office's monthly statement, told from the month's book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from facility.accounting.comparison import average_area_m2, average_people, change, ratio, total
from facility.accounting.items import ITEM_NAMES
from facility.accounting.metering import Medium, unit_of
from facility.accounting.quotas import Allowance, allowance, counting_days, projected
from facility.accounting.use import Gap
from facility.books.figures import (
    ComparisonFigure,
    DayFigure,
    Figure,
    ItemFigure,
    MediumFigure,
    MonthSplit,
    QuotaFigure,
    SpanLine,
    StatementFigures,
)
from facility.books.month_book import COMPARED, MonthBook
from facility.books.owners import OTHER, OTHER_NAME
from facility.books.reckoning import coal_and_co2
from facility.local_days import date_at, month_text, next_month
from facility.model.entries import Office
from facility.tables import ItemCodes

NAMES: Final = {**ITEM_NAMES, OTHER: OTHER_NAME}


def statement_of(book: MonthBook, office: Office) -> StatementFigures:
    """The statement of one office for the book's month, as it is reckoned now."""
    electricity = book.total(office.id, Medium.ELECTRICITY)
    people = _people(book, office.id, book.month, _until(book))
    area_m2 = _area(book, office.id, book.month, _until(book))
    return StatementFigures(
        office=office.id,
        name=office.name.text,
        responsible=office.responsible,
        month=month_text(book.month),
        start_us=book.start_us,
        end_us=book.end_us,
        until_us=book.until_us,
        finished=book.until_us >= book.end_us,
        people=people,
        area_m2=area_m2,
        media=tuple(_media(book, office.id)),
        items=tuple(_items(book, office.id)),
        days=tuple(_days(book, office.id)),
        splits=tuple(_splits(book, office.id)),
        quotas=tuple(_quotas(book, office.id)),
        comparisons=tuple(_comparison(book, office.id, electricity, against) for against in COMPARED),
        degree_days=book.degree_days(),
        per_head=ratio(electricity.value, people, electricity.completeness),
        per_m2=ratio(electricity.value, area_m2, electricity.completeness),
        postings=tuple(
            entry for entry in book.standing.facts.postings
            if entry.month == month_text(book.month) and entry.office == office.id
        ),
        doubts=tuple(_doubts(book, office.id)),
        meters=tuple(book.meters(office.id)),
        closed_us=None,
        sha256=None,
    )  # fmt: skip


def _until(book: MonthBook) -> date:
    """The first local date that is not over."""
    if book.until_us >= book.end_us:
        return next_month(book.month)
    return date_at(book.until_us, book.standing.site.zone)


def _people(book: MonthBook, office: str, start: date, end: date) -> float | None:
    return average_people(book.standing.facts.headcounts, office, start, max(end, _day_after(start)))


def _area(book: MonthBook, office: str, start: date, end: date) -> float | None:
    return average_area_m2(book.standing.facts.areas, office, start, max(end, _day_after(start)))


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _media(book: MonthBook, office: str) -> Iterable[MediumFigure]:
    for medium in Medium:
        if not book.metered(office, medium) and medium is not Medium.ELECTRICITY:
            continue
        figure = book.total(office, medium)
        reckoned = coal_and_co2(book.standing, medium, figure.value, book.month) or (None, None, None)
        yield MediumFigure(
            medium=medium,
            unit=unit_of(medium),
            total=figure,
            cost=book.cost(office, medium),
            coal_calorific=reckoned[0],
            coal_equivalent=reckoned[1],
            co2=reckoned[2],
        )


def _items(book: MonthBook, office: str) -> Iterable[ItemFigure]:
    for item, figure in book.items(office).items():
        yield ItemFigure(item=item, name=NAMES[item], code=_code(book.standing.codes, item), figure=figure)


def _code(codes: ItemCodes, item: str) -> str | None:
    return None if item == OTHER or item not in codes.items else codes.energy_code("electricity", item)


def _days(book: MonthBook, office: str) -> Iterable[DayFigure]:
    zone = book.standing.site.zone
    for start_us, (figure, items) in zip(book.days_us, book.days(office), strict=False):
        yield DayFigure(day=date_at(start_us, zone), total=figure, items=items)


def _splits(book: MonthBook, office: str) -> Iterable[MonthSplit]:
    """Of the outdoor units that serve the office, with its own units' lines."""
    for split in book.splits():
        own = tuple(unit for unit in split.units if office in unit.offices)
        if own:
            names = {unit.unit for unit in own}
            yield replace(split, units=own, spans=tuple(_own(span, names) for span in split.spans))


def _own(span: SpanLine, units: set[str]) -> SpanLine:
    return replace(
        span,
        indexes={unit: value for unit, value in span.indexes.items() if unit in units},
        fractions={unit: value for unit, value in span.fractions.items() if unit in units},
    )


def _quotas(book: MonthBook, office: str) -> Iterable[QuotaFigure]:
    facts = book.standing.facts
    speaking = {(quota.medium, quota.item, quota.period) for quota in facts.quotas if quota.office in (None, office)}
    for medium, item, period in sorted(speaking, key=lambda key: (key[2], key[0], key[1] or "")):
        if medium == "oil":
            continue
        allowed = allowance(
            facts.quotas,
            office,
            medium,
            item=item,
            period=month_text(book.month) if period == "month" else f"{book.month.year:04d}",
            headcounts=facts.headcounts,
            areas=facts.areas,
        )
        if allowed is not None:
            yield _quota(book, office, allowed)


def _quota(book: MonthBook, office: str, allowed: Allowance) -> QuotaFigure:
    """What is used so far, and where whole days so far lead."""
    used = _used(book, office, allowed)
    days = counting_days(allowed.period, book.standing.calendar.is_workday)
    finished = projected(_used(book.at_midnight(), office, allowed), allowed.amount, days, _until(book))
    share = None if used is None or not allowed.amount else used / allowed.amount
    return QuotaFigure(allowance=allowed, projection=replace(finished, used=used, share=share))


def _used(book: MonthBook, office: str, allowed: Allowance) -> float | None:
    medium = Medium(allowed.medium)
    if len(allowed.period) == 4:
        figure: Figure | None = book.since_new_year(office, medium) if allowed.item is None else None
    elif allowed.item is None:
        figure = book.total(office, medium)
    else:
        figure = book.items(office).get(allowed.item)
    return None if figure is None else figure.value


def _comparison(book: MonthBook, office: str, now: Figure, against: str) -> ComparisonFigure:
    then, earlier, end_us = book.compared(office, against)
    end = date_at(end_us, book.standing.site.zone)
    people = (_people(book, office, book.month, _until(book)), _people(book, office, earlier, end))
    areas = (_area(book, office, book.month, _until(book)), _area(book, office, earlier, end))
    return ComparisonFigure(
        against=against,
        total=change(total(now.value, now.completeness), total(then.value, then.completeness)),
        per_head=change(ratio(now.value, people[0], now.completeness), ratio(then.value, people[1], then.completeness)),
        per_m2=change(ratio(now.value, areas[0], now.completeness), ratio(then.value, areas[1], then.completeness)),
    )


def _doubts(book: MonthBook, office: str) -> Iterable[tuple[str, Gap]]:
    for meter in book.meters(office):
        if meter in book.standing.site.meters:
            yield from ((meter, gap) for gap in book.standing.doubts.gaps(meter, book.start_us, book.until_us))
