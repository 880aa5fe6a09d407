"""What a month costs, by period of the day, and how far its allowances are used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from api.pages import texts, texts_statement, texts_use
from api.pages.names import UNITS, tariff_name
from api.pages.widgets import Words, heading, note, part, table, table_row
from api.reports.words import PERIODS, PERS
from facility.books.facts import SITE_FILE

if TYPE_CHECKING:
    from datetime import date

    from api.pages.reader import Reader
    from api.services.statement import Statement
    from api.services.told import (
        ChargeLineView,
        CostView,
        MediumView,
        QuotaFigureView,
    )


Cells = list[tuple[str, str]]


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
            (say(texts_statement.OF_IT_ESTIMATED), "num"), (say(texts_statement.PRICE, unit=unit), "num"),
            (say(texts_statement.YUAN), "num")]  # fmt: skip
    with table(head):
        for line in cost.lines:
            name = PERIODS[line.period] if line.period is not None else texts_statement.NO_PRICE
            table_row([(say(name), ""), (words.number(line.amount, 1), "num"), (words.number(line.estimated, 1), "num"),
                       (_price(reader, line.price), "num"), (words.number(line.yuan, 2), "num")])  # fmt: skip
        for charge in (*cost.adders, *cost.tiers, *cost.fixed):
            table_row(_charge(reader, charge))
        table_row([(say(texts_statement.SUM), ""), (words.number(medium.total.value, 1), "num"),
                   ("", "num"), ("", "num"), (words.number(cost.total_yuan, 2), "num")], "sum")  # fmt: skip
    _cost_notes(reader, medium, cost)


def _charge(reader: Reader, charge: ChargeLineView) -> Cells:
    words = reader.words
    return [(words.name(charge.name), ""), (words.number(charge.amount, 1), "num"), ("", "num"),
            (_price(reader, charge.price), "num"), (words.number(charge.yuan, 2), "num")]  # fmt: skip


def _price(reader: Reader, price: float | None) -> str:
    return reader.words.number(price, 4)


def _cost_notes(reader: Reader, medium: MediumView, cost: CostView) -> None:
    say, words = reader.say, reader.words
    if not cost.complete:
        lines = [say(texts_statement.COST_INCOMPLETE)]
        if cost.unpriced_amount > 0:
            lines.append(say(texts_statement.UNPRICED, amount=words.amount(cost.unpriced_amount, medium.unit, 1)))
        if cost.unknown_h > 0:
            lines.append(say(texts_statement.UNKNOWN_HOURS, hours=words.number(cost.unknown_h, 1)))
        Words(" ".join(lines), classes="notice warn")
    for line in cost.notes:
        note(words.name(line))
    if cost.tariffs:
        named = say(texts.LIST_COMMA).join(tariff_name(reader, version) for version in cost.tariffs)
        note(say(texts_statement.TARIFF, tariffs=named))


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
    unit = UNITS[allowed.medium]
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


def _quota_notes(reader: Reader, quota: QuotaFigureView) -> Iterator[str]:
    words, allowed = reader.words, quota.allowance
    if allowed.why is not None:
        yield f"{allowed.period}: {words.name(allowed.why)}"
    for share in allowed.parts:
        entry = share.quota
        unit = UNITS[entry.medium]
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
