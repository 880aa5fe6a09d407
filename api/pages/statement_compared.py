"""Standard coal and CO2 of a month, and the month beside earlier ones, each figure with what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts, texts_statement, texts_use
from api.pages.use_table import factor_words, formula_unit, region_name
from api.pages.widgets import note, part, table, table_row
from api.reports.words import AGAINST

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.statement import Statement
    from api.services.told import (
        ChangeView,
        DegreeDaysView,
        MediumView,
        RatioView,
        ReckonedView,
    )
    from facility.text import Text


Cells = list[tuple[str, str]]


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
    weight = words.number(reckoned.value, 1)
    if reckoned.value is not None:
        weight = f"{weight} {formula_unit(reckoned.unit)}"
    unverified = f" ({words.say(texts_statement.UNVERIFIED)})" if factor.unverified else ""
    return [
        *first, (weight, "num"),
        (f"{factor.value:g} {formula_unit(factor.unit)}", "num"),
        (f"{factor.year} {region_name(reader, factor.region)}", ""), (f"{factor.source}{unverified}", "source small"),
    ]  # fmt: skip


def comparisons(reader: Reader, found: Statement) -> None:
    """The month beside last year's and the one before, each figure with what it was divided by."""
    say, unit = reader.say, reader.words.unit(found.unit)
    with part(say(texts_statement.COMPARISON), "comparison"):
        head = [("", ""), ("", ""), (say(texts_statement.THIS_MONTH), "num"), (say(texts_statement.EARLIER), "num"),
                (say(texts_statement.CHANGE), "num")]  # fmt: skip
        with table(head):
            for compared in found.comparisons:
                for place, (name, change) in enumerate((
                    (texts_statement.OF_TOTAL, compared.total),
                    (texts_statement.OF_HEAD, compared.per_head),
                    (texts_statement.OF_AREA, compared.per_m2),
                )):  # fmt: skip
                    against = say(AGAINST[compared.against]) if place == 0 else ""
                    table_row([(against, ""), (say(name, unit=unit), "name"), *_change_cells(reader, change)])
        if not found.finished:
            note(say(texts_statement.SAME_LENGTH))
        if found.degree_days is not None:
            note(_weather(reader, found.degree_days))


def _change_cells(reader: Reader, change: ChangeView) -> Cells:
    words = reader.words
    changed = words.change(change.percent)
    if change.percent is None and change.why is not None:
        changed = words.name(change.why)
    elif change.incomplete:
        changed = f"{changed} · {words.say(texts_statement.PARTLY)}"
    return [(_ratio(reader, change.now), "num"), (_ratio(reader, change.before), "num"), (changed, "num wraps")]


def _ratio(reader: Reader, ratio: RatioView) -> str:
    """The figure and what it was divided by."""
    words = reader.words
    if ratio.value is None or ratio.denominator in (None, 1.0):
        return words.number(ratio.value, 1)
    return f"{words.number(ratio.value, 2)} = {words.number(ratio.numerator, 1)} ÷ {words.number(ratio.denominator, 1)}"


def _weather(reader: Reader, days: DegreeDaysView) -> str:
    words = reader.words
    told = words.say(
        texts_statement.DEGREE_DAYS,
        cooling=words.number(days.cooling, 1),
        cooling_base=f"{days.cooling_base_c:g}",
        heating=words.number(days.heating, 1),
        heating_base=f"{days.heating_base_c:g}",
        days=days.days,
    )
    return told + (words.say(texts_statement.DEGREE_MISSING, missing=days.missing) if days.missing else "")
