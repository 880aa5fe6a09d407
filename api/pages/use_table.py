"""Tables of use: a whole period as a ranking that closes with the main meter, or row by row; and what they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from api.pages import texts, texts_use
from api.pages.names import tariff_name
from api.pages.widgets import Words, box, heading, link, note, table, table_row
from api.services.edges import Every
from api.services.use_extras import With
from facility.accounting.factors import NATION
from facility.accounting.tree import UNALLOCATED
from facility.tables import load_factors

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.pages.reader import Reader
    from api.pages.use_question import UseQuestion
    from api.pages.use_rows import UseRow, UseTold
    from api.services.told import ReckonedView
    from api.services.usage_shapes import UsageBlock
    from facility.text import Text

MOST_SHOWN: Final = 400
"""Rows on a page; the files have all."""

ADDED: Final = {
    With.COST: ("cost_yuan",), With.COAL: ("coal_kgce", "coal_equivalent_kgce"), With.CO2: ("co2_kg",),
}  # fmt: skip
"""Columns that may be added up over keys."""

HEADS: Final = {
    "cost_yuan": texts_use.COST_YUAN,
    "coal_kgce": texts_use.COAL,
    "coal_equivalent_kgce": texts_use.COAL_EQUIVALENT,
    "co2_kg": texts_use.CO2,
    "quota_allowance": texts_use.QUOTA,
    "quota_used_share": texts_use.QUOTA_SHARE,
    "year_before_change_percent": texts_use.EACH_YEAR,
    "before_change_percent": texts_use.EACH_BEFORE,
}
SHOWN: Final = {
    **ADDED,
    With.QUOTA: ("quota_allowance", "quota_used_share"),
    With.COMPARISON: ("year_before_change_percent", "before_change_percent"),
}


def ranking(reader: Reader, question: UseQuestion, found: UseTold) -> None:
    """One row a key, the largest first, then the sums: rows and unallocated are the main meters."""
    unit = reader.words.unit(found.unit)
    own = sorted((row for row in found.rows if row.key != UNALLOCATED), key=_largest_first(question.rank))
    rest = next((row for row in found.rows if row.key == UNALLOCATED), None)
    whole = _total([row.value for row in (own if rest is None else [*own, rest])])
    total = whole if question.by != "meter" else None
    largest = max((_ranked(row, question.rank) or 0.0 for row in own), default=0.0)
    with table(_ranking_head(reader, question, unit)):
        for rank, row in enumerate(own, start=1):
            width = 100 * max(_ranked(row, question.rank) or 0.0, 0.0) / largest if largest > 0 else 0.0
            _ranking_row(reader, question, row, str(rank), total, width)
        if question.by != "meter":
            name = texts.SUM_OFFICES if question.by == "office" else texts_use.SUM_ROWS
            _sum_row(reader, question, name, own, total)
            if rest is not None:
                _ranking_row(reader, question, rest, "", total, 0.0)
                _sum_row(reader, question, texts.MAIN_METER, [*own, rest], total)


def _ranking_head(reader: Reader, question: UseQuestion, unit: str) -> list[tuple[str, str]]:
    say = reader.say
    head = [(say(texts.RANK), "num wide-only"), (say(texts_use.BYS[question.by]), ""), ("", "bar-cell wide-only"),
            (unit, "num")]  # fmt: skip
    if question.by != "meter":
        head.append((say(texts.SHARE), "num"))
    if question.by == "office":
        head += [(say(texts_use.EACH_HEAD, unit=unit), "num"), (say(texts_use.EACH_M2, unit=unit), "num")]
    head += [(say(texts.COMPLETENESS), "num"), (say(texts.ESTIMATED), "num"), (say(texts.GRADE), "")]
    return head + [(say(HEADS[name]), "num") for item in question.extras for name in SHOWN[item]]


def _ranking_row(  # noqa: PLR0917 - what a row is
    reader: Reader, question: UseQuestion, row: UseRow, rank: str, total: float | None, width: float
) -> None:
    words = reader.words
    with box("apart" if row.key == UNALLOCATED else "", "tr") as line:
        line.props["data-key"] = row.key
        Words(rank, tag="td", classes="num wide-only")
        _name_cell(reader, question, row)
        with box("bar-cell wide-only", "td"):
            if width > 0:
                box("bar").style(f"width: {width:.1f}%")
        _value_cell(reader, row)
        if question.by != "meter":
            Words(words.share(_ratio(row.value, total), 1), tag="td", classes="num")
        if question.by == "office":
            Words(words.number(row.per_head), tag="td", classes="num")
            Words(words.number(row.per_m2, 2), tag="td", classes="num")
        _knowledge_cells(reader, row)
        _extra_cells(reader, question, row)


def _name_cell(reader: Reader, question: UseQuestion, row: UseRow) -> None:
    target = {"office": "/office/{key}", "meter": "/meters/{key}", "equipment": "/equipment/{key}"}.get(question.by)
    if question.by == "office" and question.period.every is Every.DAY:
        target = f"/statements/{{key}}?month={question.period.title}"
    with box("name", "td"):
        if target is None or row.key == UNALLOCATED:
            Words(reader.say(row.name), tag="span")
        else:
            link(reader.say(row.name), target.format(key=row.key))


def _value_cell(reader: Reader, row: UseRow, digits: int = 1) -> None:
    words = reader.words
    told = words.number(row.value, digits) if row.value is not None else words.say(texts.GAP)
    cell = Words(told, tag="td", classes="num")
    error = row.number("error")
    if row.value is not None and error:
        cell.hint(words.say(texts_use.ERROR_HINT, error=words.number(error, 2)))


def _knowledge_cells(reader: Reader, row: UseRow) -> None:
    words = reader.words
    grade = texts.GRADES[row.fields["grade"]]
    Words(words.share(row.number("completeness"), _digits(row.number("completeness"))), tag="td", classes="num")
    known = row.value is not None
    Words(words.share(row.number("estimated_share") if known else None), tag="td", classes="num")
    Words(words.say(grade), tag="td")


def _digits(share: float | None) -> int:
    """What is nearly whole is not told as whole."""
    return 1 if share is not None and 0.99 <= share < 0.9995 else 0


def _extra_cells(reader: Reader, question: UseQuestion, row: UseRow) -> None:
    words = reader.words
    for item in question.extras:
        for name in SHOWN[item]:
            value = row.number(name)
            cell = Words(_written(reader, name, value), tag="td", classes="num")
            if name == "cost_yuan" and value is not None and row.fields["cost_complete"] is not True:
                cell.put(f"{words.say(texts_use.COST_PART)} {cell.text}")
                cell.hint(words.say(texts_use.COST_PART_HINT))
            if name == "quota_used_share" and value is not None and value > 1.0:
                cell.dress("num over")


def _written(reader: Reader, name: str, value: float | None) -> str:
    words = reader.words
    if name.endswith("_percent"):
        return words.change(value)
    if name.endswith("_share"):
        return words.share(value)
    return words.number(value, 2 if name == "cost_yuan" else 1)


def _sum_row(reader: Reader, question: UseQuestion, name: Text, rows: Sequence[UseRow], total: float | None) -> None:
    words = reader.words
    value = _total([row.value for row in rows])
    cells = [("", "num wide-only"), (words.say(name), ""), ("", "wide-only"), (words.number(value), "num"),
             (words.share(_ratio(value, total), 1), "num")]  # fmt: skip
    cells += [("", "num")] * (2 if question.by == "office" else 0) + [("", "num"), ("", "num"), ("", "")]
    for item in question.extras:
        for field in SHOWN[item]:
            added = _total([row.number(field) for row in rows]) if item in ADDED else None
            cells.append((_written(reader, field, added) if item in ADDED else "", "num"))
    table_row(cells, "sum")


def _total(values: Sequence[float | None]) -> float | None:
    """The sum, None as soon as one part is not known: a sum with a hole in it would read as a total."""
    known = [value for value in values if value is not None]
    return math.fsum(known) if values and len(known) == len(values) else None


def _ratio(value: float | None, of: float | None) -> float | None:
    return None if value is None or not of else value / of


def _ranked(row: UseRow, rank: str) -> float | None:
    return {"head": row.per_head, "area": row.per_m2}.get(rank, row.value)


def _largest_first(rank: str) -> Callable[[UseRow], tuple[bool, float]]:
    def order(row: UseRow) -> tuple[bool, float]:
        value = _ranked(row, rank)
        return value is None, -(value or 0.0)

    return order


def intervals(reader: Reader, question: UseQuestion, found: UseTold) -> None:
    """One line an interval and key, in time order."""
    say = reader.say
    head = [(say(texts.PERIOD), ""), (say(texts_use.BYS[question.by]), ""), (reader.words.unit(found.unit), "num")]
    head += [(say(texts.COMPLETENESS), "num"), (say(texts.ESTIMATED), "num"), (say(texts.GRADE), "")]
    head += [(say(HEADS[name]), "num") for item in question.extras for name in SHOWN[item]]
    rows = sorted(found.rows, key=lambda row: row.start)
    with table(head):
        for row in rows[:MOST_SHOWN]:
            with box("apart" if row.key == UNALLOCATED else "", "tr") as line:
                line.props["data-key"] = row.key
                Words(question.period.label(row.start, reader.context.site.zone), tag="td", classes="still-num")
                _name_cell(reader, question, row)
                _value_cell(reader, row, 2)
                _knowledge_cells(reader, row)
                _extra_cells(reader, question, row)
    if len(rows) > MOST_SHOWN:
        Words(say(texts_use.NOT_TOLD, shown=MOST_SHOWN, rows=len(rows)), classes="notice")


def blocks(reader: Reader, found: Sequence[UsageBlock], unit: str) -> None:
    """What was counted in silences that lie across rows, with their true spans."""
    if not found:
        return
    say, words = reader.say, reader.words
    with box("section") as section:
        section.props["id"] = "blocks"
        heading(say(texts_use.BLOCKS))
        note(say(texts_use.BLOCKS_HINT))
        columns = [(say(texts_use.METER), ""), (say(texts_use.BLOCK_SPAN), ""), (say(texts_use.BLOCK_LENGTH), "num"),
                   (words.unit(unit), "num")]  # fmt: skip
        with table(columns):
            for block in found:
                with box(tag="tr"):
                    with box(tag="td"):
                        link(words.name(block.name), f"/meters/{block.meter}")
                    Words(words.span(block.start, block.end), tag="td", classes="when")
                    length = words.length((block.end - block.start).total_seconds())
                    Words(length, tag="td", classes="num")
                    Words(words.number(block.value, 2), tag="td", classes="num")


def terms(reader: Reader, question: UseQuestion, found: UseTold) -> None:
    """Tariffs and factors behind the added columns."""
    said = [*_cost_terms(reader, question, found), *_factor_terms(reader, found)]
    if said:
        with box("section"):
            heading(reader.say(texts_use.TERMS))
            for line in said:
                note(line)


def _cost_terms(reader: Reader, question: UseQuestion, found: UseTold) -> list[str]:
    if With.COST not in question.extras:
        return []
    say, told = reader.say, found.terms
    if not told.tariffs:
        return [say(texts_use.NO_TARIFF), *map(say, told.notes)]
    tariffs = say(
        texts_use.TARIFFS_USED, tariffs=say(texts.LIST_COMMA).join(tariff_name(reader, item) for item in told.tariffs)
    )
    return [tariffs, say(texts_use.COST_HINT), *map(say, told.notes)]


def _factor_terms(reader: Reader, found: UseTold) -> list[str]:
    return [
        reader.say(texts_use.FACTOR_LINE, name=reader.say(HEADS[name]), factor=factor_words(reader, reckoned))
        for (name, _), reckoned in found.terms.factors.items()
    ]


def factor_words(reader: Reader, reckoned: ReckonedView) -> str:
    """The factor with year, region and source; or why there is none."""
    factor: Any = reckoned.factor
    if factor is None:
        return reader.words.name(reckoned.why) if reckoned.why is not None else reader.say(texts.MISSING)
    region = region_name(reader, factor.region)
    return f"{factor.value:g} {formula_unit(factor.unit)} ({factor.year}, {region}); {factor.source}"


def region_name(reader: Reader, region: str) -> str:
    """What a factor holds for; its id where no set that ships names it."""
    if region == NATION:
        return reader.say(texts_use.NATION)
    names = {item.id: item.name for factors in load_factors().values() for item in factors.regions}
    return reader.say(names[region]) if region in names else region


def formula_unit(unit: str) -> str:
    """As people write it."""
    return unit.replace("CO2", "CO₂")
