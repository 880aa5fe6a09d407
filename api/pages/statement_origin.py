"""The first part of a statement: the total, and item by item where it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from api.pages import texts, texts_statement
from api.pages.names import code_table_name
from api.pages.widgets import Words, box, heading, link, note, part, table, table_row

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.statement import Statement, StatementAmount


Cells = list[tuple[str, str]]

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
        note(say(texts_statement.CODE_NOTE, codes=code_table_name(reader)))
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
        (reader.words.name(split.name), math.fsum(unit.offices.get(found.office) or 0.0 for unit in split.units))
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
