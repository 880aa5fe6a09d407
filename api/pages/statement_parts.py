"""The first parts of a statement: the total and where it comes from, cost, quotas, standard coal and CO2."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from api.pages import texts, texts_statement, texts_use
from api.pages.use_table import factor_words, formula_unit, region_name
from api.pages.widgets import Words, box, heading, link, note, part, table, table_row
from api.reports.words import PERIODS, PERS
from facility.books.facts import SITE_FILE

if TYPE_CHECKING:
    from datetime import date

    from api.pages.reader import Reader
    from api.services.statement import Statement, StatementAmount
    from api.services.told import ChargeLineView, CostView, MediumView, QuotaFigureView, ReckonedView
    from facility.text import Text

Cells = list[tuple[str, str]]

LEAST_UNTIMED: Final = 0.05
"""In the medium's unit; less is rounding."""

LEAST_REST: Final = -0.05
"""Below it the parts do not make the total, and are not told as if they did."""


def totals(reader: Reader, found: Statement) -> None:
    """The figures a head of section looks for first."""
    say, words = reader.say, reader.words
    unit = words.unit(found.unit)
    with box("stats"):
        for name, value, digits, per in (
            (texts.TOTAL, found.total, 1, None),
            (texts.PER_HEAD, found.per_head, 1, texts.EACH_HEAD),
            (texts.PER_AREA, found.per_m2, 2 if found.per_m2 is not None and found.per_m2 < 10 else 1, texts.EACH_M2),
        ):
            with box("stat"):
                Words(say(name), classes="tile-name")
                with box("figure"):
                    Words(words.number(value, digits), tag="span")
                    shown = f"{unit}{say(per) if per is not None else ''}" if value is not None else ""
                    Words(shown, tag="span", classes="unit")


def origin(reader: Reader, found: Statement) -> None:
    """The total as a sum of own meters and shares, then item by item with codes, then the other media."""
    say, words = reader.say, reader.words
    with part(say(texts_statement.ORIGIN), "origin"):
        _sum_of_parts(reader, found)
        head = [(say(texts.ITEM), ""), (say(texts_statement.CODE), "wide-only"), (words.unit(found.unit), "num"),
                (say(texts.COMPLETENESS), "num"), (say(texts.ESTIMATED), "num"), (say(texts.GRADE), "")]  # fmt: skip
        with table(head):
            for item in found.items:
                table_row(_item_cells(reader, item))
            table_row(
                [(say(texts.TOTAL), ""), ("", "wide-only"), (_told(reader, found.total), "num"),
                 (words.share(found.completeness, 1), "num"),
                 (_share(reader, found.total, found.estimated_share), "num"), (say(texts.GRADES[found.grade]), "")],
                "sum",
            )  # fmt: skip
        codes = reader.context.site.file.accounting.item_codes
        note(say(texts_statement.CODE_NOTE, codes=codes))
        _meters(reader, found)
        if found.other_media:
            heading(say(texts_statement.OTHER_MEDIA), 3)
            with table([(say(texts_statement.MEDIUM), ""), (say(texts.USED), "num"), (say(texts.COMPLETENESS), "num"),
                        (say(texts.ESTIMATED), "num"), (say(texts.GRADE), "")]):  # fmt: skip
                for item in found.other_media:
                    value = words.amount(item.value, item.unit, 2) if item.value is not None else say(texts.GAP)
                    table_row([(words.name(item.name), ""), (value, "num"), *_item_cells(reader, item)[3:]])
        _days(reader, found)


def _sum_of_parts(reader: Reader, found: Statement) -> None:
    """Own meters + shares of outdoor units = total, where all are known."""
    shares = [
        (reader.words.name(split.name), math.fsum(unit.offices.get(found.office, 0.0) for unit in split.units))
        for split in found.splits
        if split.energy_kwh is not None
    ]
    if found.total is None or not shares:
        return
    own = found.total - math.fsum(value for _, value in shares)
    if own < LEAST_REST:
        return
    say, words = reader.say, reader.words
    lines = [(say(texts_statement.OWN_METERS), own)]
    lines += [(say(texts_statement.FROM_SPLIT, name=name), value) for name, value in shares]
    with box("sum-of-parts"):
        for place, (name, value) in enumerate([*lines, (say(texts.TOTAL), found.total)]):
            sign = "=" if place == len(lines) else "+" if place else ""
            Words(sign, classes="sign")
            with box("sum-part"):
                Words(words.amount(value, found.unit, 1), classes="sum-value")
                Words(name, classes="muted small")


def _item_cells(reader: Reader, item: StatementAmount) -> Cells:
    words = reader.words
    return [
        (words.name(item.name), ""), (item.code or words.say(texts.MISSING), "wide-only"),
        (_told(reader, item.value), "num"), (words.share(item.completeness, 1), "num"),
        (_share(reader, item.value, item.estimated_share), "num"), (words.say(texts.GRADES[item.grade]), ""),
    ]  # fmt: skip


def _told(reader: Reader, value: float | None) -> str:
    return reader.words.number(value, 1) if value is not None else reader.say(texts.GAP)


def _share(reader: Reader, value: float | None, share: float) -> str:
    """A share of nothing known is not told."""
    return reader.words.share(share if value is not None else None)


def _meters(reader: Reader, found: Statement) -> None:
    equipment = reader.context.site.equipment
    known = [meter for meter in found.meters if meter in equipment]
    if known:
        with box("facts small"):
            Words(reader.say(texts_statement.ITS_METERS), tag="span", classes="muted")
            for meter in known:
                link(reader.words.name(equipment[meter].text), f"/meters/{meter}")


def _days(reader: Reader, found: Statement) -> None:
    if not found.days:
        return
    say, words = reader.say, reader.words
    with box(tag="details"):
        Words(say(texts_statement.DAYS), tag="summary")
        items = [item.key for item in found.items]
        head = [(say(texts_statement.DAY), ""), (say(texts.TOTAL), "num")]
        head += [(words.name(item.name), "num") for item in found.items]
        with table([*head, (say(texts.COMPLETENESS), "num"), (say(texts.ESTIMATED), "num")]):
            for day in found.days:
                values = [(_told(reader, day.items.get(item)), "num") for item in items]
                table_row([(f"{day.day:%m-%d}", ""), (_told(reader, day.total), "num"), *values,
                           (words.share(day.completeness), "num"),
                           (_share(reader, day.total, day.estimated_share), "num")])  # fmt: skip


def costs(reader: Reader, found: Statement) -> None:
    """What each medium costs: by period with price and yuan, what is added, and what could not be priced."""
    with part(reader.say(texts_statement.COST), "cost"):
        if all(medium.cost is None for medium in found.media):
            note(reader.say(texts_statement.NO_TARIFF))
        for medium in found.media:
            if medium.cost is not None:
                _cost(reader, medium, medium.cost)


def _cost(reader: Reader, medium: MediumView, cost: CostView) -> None:
    say, words = reader.say, reader.words
    unit = words.unit(medium.unit)
    heading(say(texts_statement.COST_OF, medium=say(texts_use.MEDIA[medium.medium])), 3)
    head = [(say(texts_statement.PERIOD), ""), (say(texts_statement.AMOUNT, unit=unit), "num"),
            (say(texts_statement.PRICE, unit=unit), "num"), (say(texts_statement.YUAN), "num")]  # fmt: skip
    with table(head):
        for line in cost.lines:
            name = PERIODS[line.period] if line.period is not None else texts_statement.NO_PRICE
            table_row([(say(name), ""), (words.number(line.amount, 1), "num"), (_price(reader, line.price), "num"),
                       (words.number(line.yuan, 2), "num")])  # fmt: skip
        for charge in (*cost.adders, *cost.tiers, *cost.fixed):
            table_row(_charge(reader, charge))
        table_row([(say(texts_statement.SUM), ""), (words.number(medium.total.value, 1), "num"), ("", "num"),
                   (words.number(cost.total_yuan, 2), "num")], "sum")  # fmt: skip
    _cost_notes(reader, medium, cost)


def _charge(reader: Reader, charge: ChargeLineView) -> Cells:
    words = reader.words
    return [(words.name(charge.name), ""), (words.number(charge.amount, 1), "num"),
            (_price(reader, charge.price), "num"), (words.number(charge.yuan, 2), "num")]  # fmt: skip


def _price(reader: Reader, price: float | None) -> str:
    return reader.words.number(price, 4)


def _cost_notes(reader: Reader, medium: MediumView, cost: CostView) -> None:
    say, words = reader.say, reader.words
    untimed = _untimed(medium, cost)
    if not cost.complete or untimed >= LEAST_UNTIMED:
        lines = [say(texts_statement.COST_INCOMPLETE)]
        if untimed >= LEAST_UNTIMED:
            lines.append(say(texts_statement.UNTIMED, amount=words.amount(untimed, medium.unit, 1)))
        if cost.unpriced_amount > 0:
            lines.append(say(texts_statement.UNPRICED, amount=words.amount(cost.unpriced_amount, medium.unit, 1)))
        if cost.unknown_h > 0:
            lines.append(say(texts_statement.UNKNOWN_HOURS, hours=words.number(cost.unknown_h, 1)))
        Words(" ".join(lines), classes="notice warn")
    for line in cost.notes:
        note(words.name(line))
    if cost.tariffs:
        note(say(texts_statement.TARIFF, tariffs=say(texts.LIST_COMMA).join(cost.tariffs)))


def _untimed(medium: MediumView, cost: CostView) -> float:
    """What was used in silences across hours: it has no hour, so no price."""
    timed = math.fsum(line.amount for line in cost.lines if line.amount is not None)
    return 0.0 if medium.total.value is None else medium.total.value - timed


def quotas(reader: Reader, found: Statement) -> None:
    """Every allowance with its parts, the share used, where it leads, and the day it runs out."""
    say = reader.say
    with part(say(texts_statement.QUOTA), "quota"):
        if not found.quotas:
            note(say(texts_statement.NO_QUOTA))
            return
        head = [(say(texts_statement.PERIOD), ""), (say(texts_statement.ALLOWED), "num"),
                (say(texts_statement.USED_SO_FAR), "num"), (say(texts_statement.USED_SHARE), "num"),
                (say(texts_statement.EXPECTED), "num"), (say(texts_statement.OVERRUN), "num"),
                (say(texts_statement.EXHAUSTED), "num")]  # fmt: skip
        with table(head):
            for quota in found.quotas:
                table_row(_quota_cells(reader, quota))
        for quota in found.quotas:
            for line in _quota_notes(reader, quota):
                note(line)


def _quota_cells(reader: Reader, quota: QuotaFigureView) -> Cells:
    words, allowed, ahead = reader.words, quota.allowance, quota.projection
    unit = next(iter(_unit(allowed.medium)), "")
    is_over = ahead.share is not None and ahead.share > 1.0
    item = "" if allowed.item is None else f" {words.say(texts.ITEMS[allowed.item])}"
    lasts = words.say(texts_statement.LASTS) if ahead.overrun == 0.0 else words.say(texts.MISSING)
    return [
        (f"{allowed.period} {words.say(texts_use.MEDIA[allowed.medium])}{item}", ""),
        (words.amount(allowed.amount, unit, 0), "num"), (words.amount(ahead.used, unit, 0), "num"),
        (words.share(ahead.share, 1), "num over" if is_over else "num"), (words.amount(ahead.expected, unit, 0), "num"),
        (words.amount(ahead.overrun, unit, 0), "num over" if ahead.overrun else "num"),
        (lasts if ahead.exhausted is None else f"{ahead.exhausted:%Y-%m-%d}", "num"),
    ]  # fmt: skip


def _unit(medium: str) -> Iterator[str]:
    units = {"electricity": "kWh", "water": "m3", "gas": "m3", "heat": "GJ"}
    if medium in units:
        yield units[medium]


def _quota_notes(reader: Reader, quota: QuotaFigureView) -> Iterator[str]:
    words, allowed = reader.words, quota.allowance
    if allowed.why is not None:
        yield f"{allowed.period}: {words.name(allowed.why)}"
    for share in allowed.parts:
        entry = share.quota
        unit = next(_unit(entry.medium), "")
        yield f"{allowed.period}: " + words.say(
            texts_statement.QUOTA_PART,
            amount=words.amount(entry.amount, unit, 1),
            size=words.number(share.size, 1),
            per=words.say(PERS[entry.per]),
            days=share.days,
            since=_since(reader, entry.since),
            source=words.say(texts_statement.SITE_FILE) if entry.source == SITE_FILE else entry.source,
        )


def _since(reader: Reader, since: date) -> str:
    """The site file's own facts hold from the beginning of time."""
    return reader.say(texts_statement.ALWAYS) if since.year <= 1970 else reader.say(texts_statement.SINCE, since=since)


def coal(reader: Reader, found: Statement) -> None:
    """Standard coal both ways and CO2, each with factor, year, region and source."""
    lines = [
        (medium, name, reckoned)
        for medium in found.media
        for name, reckoned in (
            (texts_statement.COAL, medium.coal_kgce),
            (texts_statement.COAL_EQUIVALENT, medium.coal_equivalent_kgce),
            (texts_statement.CO2, medium.co2_kg),
        )
        if reckoned is not None
    ]
    if not lines:
        return
    say = reader.say
    with part(say(texts_statement.COAL_CO2), "coal"):
        head = [(say(texts_statement.MEDIUM), ""), (say(texts_statement.WHAT), ""), (say(texts.VALUE), "num"),
                (say(texts_statement.FACTOR), "num"), (say(texts_statement.YEAR_REGION), ""),
                (say(texts_statement.SOURCE), "source")]  # fmt: skip
        with table(head):
            for medium, name, reckoned in lines:
                table_row(_coal_cells(reader, medium, name, reckoned))
        note(say(texts_statement.NOT_MIXED))


def _coal_cells(reader: Reader, medium: MediumView, name: Text, reckoned: ReckonedView) -> Cells:
    words, factor = reader.words, reckoned.factor
    first = [(words.say(texts_use.MEDIA[medium.medium]), ""), (words.say(name), "name")]
    if factor is None:
        return [*first, (words.say(texts.MISSING), "num"), ("", "num"), ("", ""), (factor_words(reader, reckoned), "")]
    unverified = f" ({words.say(texts_statement.UNVERIFIED)})" if factor.unverified else ""
    return [
        *first, (f"{words.number(reckoned.value, 1)} {formula_unit(reckoned.unit)}", "num"),
        (f"{factor.value:g} {formula_unit(factor.unit)}", "num"),
        (f"{factor.year} {region_name(reader, factor.region)}", ""), (f"{factor.source}{unverified}", "source small"),
    ]  # fmt: skip
