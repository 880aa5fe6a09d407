"""How outdoor units that serve an office were shared out: formula, parameters, units, every day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from api.pages import texts, texts_statement
from api.pages.widgets import Words, box, link, note, part, table, table_row
from api.reports.words import METHODS, SPEEDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.pages.reader import Reader
    from api.services.statement import Statement
    from api.services.told import (
        SpanLineView,
        SplitView,
        UnitLineView,
    )
    from facility.text import Text


Cells = list[tuple[str, str]]


def splits(reader: Reader, found: Statement) -> None:
    """Every outdoor unit that serves the office: formula, parameters, its units, and every day."""
    for split in found.splits:
        with part(reader.say(texts_statement.SPLIT, name=reader.words.name(split.name)), f"split-{split.outdoor}"):
            _split_head(reader, found.office, split)
            _units(reader, found.office, split)
            if split.unknown_spans:
                told = reader.say(texts_statement.UNKNOWN_DAYS, days=split.unknown_spans)
                Words(told, classes="notice warn")
            _spans(reader, split)
            note(reader.say(texts_statement.SPLIT_NOTE))


def _split_head(reader: Reader, office: str, split: SplitView) -> None:
    say, words = reader.say, reader.words
    own = math.fsum(unit.offices.get(office) or 0.0 for unit in split.units)
    known = split.energy_kwh is not None
    with box("stats"):
        for name, value in (
            (texts_statement.SPLIT_TOTAL, split.energy_kwh),
            (texts_statement.SPLIT_OWN, own if known else None),
        ):
            with box("stat"):
                Words(say(name), classes="tile-name")
                with box("figure"):
                    Words(words.number(value, 2), tag="span")
                    Words(words.unit("kWh"), tag="span", classes="unit")
    named = say(texts.LIST_COMMA).join(_parameter(reader, name, value) for name, value in split.parameters.items())
    for name, told in (
        (texts_statement.SPLIT_METHOD, say(METHODS[split.method])),
        (texts_statement.FORMULA, words.name(split.formula)),
        (texts_statement.PARAMETERS, named),
    ):
        with box("fact-line"):
            Words(say(name), tag="span", classes="field-name")
            Words(told, tag="span")


def _parameter(reader: Reader, name: str, value: float) -> str:
    say = reader.say
    if name.startswith("weight_"):
        told = say(texts_statement.WEIGHT, speed=_speed(reader, name.removeprefix("weight_")))
    else:
        known = {"k": texts_statement.DIVISOR, "standby_kw": texts_statement.STANDBY_KW}
        told = say(known[name]) if name in known else name
    return say(texts_statement.PARAMETER, name=told, value=f"{value:g}")


def _speed(reader: Reader, speed: str) -> str:
    return reader.say(SPEEDS[speed]) if speed in SPEEDS else speed


def _units(reader: Reader, office: str, split: SplitView) -> None:
    say = reader.say
    columns = _columns(split)
    head: Cells = [(say(texts_statement.UNIT), ""), (say(texts_statement.CAPACITY), "num")]
    head += [(say(name), "num") for name in columns]
    head += [(say(texts_statement.RUN_H), ""), (say(texts_statement.COOL_H), ""), (say(texts_statement.INDEX), "num"),
             (say(texts_statement.UNIT_KWH), "num"), (say(texts_statement.INDEX_SHARE), "num"),
             (say(texts_statement.OFFICE_KWH), "num"), (say(texts_statement.ESTIMATED_DAYS), "num")]  # fmt: skip
    with table(head):
        for unit in split.units:
            with box(tag="tr") as line:
                line.props["data-unit"] = unit.unit
                _unit_row(reader, office, split, unit, columns)


def _columns(split: SplitView) -> dict[Text, str]:
    """Columns that only some methods have: title -> field."""
    found = {}
    if split.method == "area":
        found[texts_statement.AREA_HEAD] = "area_m2"
    if any(unit.valve is not None for unit in split.units):
        found[texts_statement.VALVE] = "valve"
    if any(unit.heat_kwh is not None for unit in split.units):
        found[texts_statement.HEAT] = "heat_kwh"
    return found


def _unit_row(reader: Reader, office: str, split: SplitView, unit: UnitLineView, columns: Mapping[Text, str]) -> None:
    words = reader.words
    whole = split.energy_kwh
    with box(tag="td"):
        link(words.name(unit.name), f"/equipment/{unit.unit}")
    cells: Cells = [(words.number(unit.capacity_kw, 1), "num")]
    cells += [(words.number(getattr(unit, field), 2), "num") for field in columns.values()]
    cells += [
        (_hours(reader, unit.fan_h), "hours"), (_hours(reader, unit.cooling_h), "hours"),
        (words.number(unit.index, 2), "num"), (words.number(unit.energy_kwh, 2), "num"),
        (words.share(unit.energy_kwh / whole if whole and unit.energy_kwh is not None else None, 1), "num"),
        (words.number(unit.offices.get(office), 2), "num"), (f"{unit.estimated_days}", "num"),
    ]  # fmt: skip
    for text, classes in cells:
        Words(text, tag="td", classes=classes)


def _hours(reader: Reader, hours: Mapping[str, float]) -> str:
    """Hours by fan speed, those that were run at all."""
    told = [
        reader.say(texts_statement.BY_SPEED, speed=_speed(reader, speed), hours=reader.words.number(value, 1))
        for speed, value in hours.items()
        if value > 0
    ]
    return reader.say(texts.LIST_COMMA).join(told) or reader.words.number(0.0, 1)


def _spans(reader: Reader, split: SplitView) -> None:
    say = reader.say
    with box(tag="details") as details:
        details.props["data-days"] = split.outdoor
        Words(say(texts_statement.SHOW_DAYS), tag="summary")
        head: Cells = [(say(texts_statement.DAY), ""), (say(texts_statement.METERED), "num"),
                       (say(texts_statement.STANDBY), "num"), (say(texts_statement.SPLIT_METHOD), ""),
                       (say(texts_statement.INDEX_ALL), "num")]  # fmt: skip
        for unit in split.units:
            name = reader.words.name(unit.name)
            head += [(say(text, unit=name), "num") for text in (
                texts_statement.UNIT_INDEX, texts_statement.UNIT_SHARE, texts_statement.UNIT_DAY_KWH)]  # fmt: skip
        with table([*head, ("", "")]):
            for span in split.spans:
                table_row(_span_cells(reader, split, span))


def _span_cells(reader: Reader, split: SplitView, span: SpanLineView) -> Cells:
    words = reader.words
    is_known = span.energy_kwh is not None
    metered = words.number(span.energy_kwh, 2) if is_known else words.say(texts.GAP)
    cells: Cells = [
        (_span_name(span), "still-num"), (metered, "num"), (words.number(span.standby_kwh, 2), "num"),
        (words.say(METHODS[span.method]), ""), (words.number(span.index_total, 2), "num"),
    ]  # fmt: skip
    for unit in split.units:
        fraction = span.fractions.get(unit.unit)
        energy = None if span.energy_kwh is None or fraction is None else span.energy_kwh * fraction
        cells += [(words.number(span.indexes.get(unit.unit), 2), "num"), (words.share(fraction, 1), "num"),
                  (words.number(energy, 2), "num")]  # fmt: skip
    return [*cells, ("" if span.why is None else words.name(span.why), "small")]


def _span_name(span: SpanLineView) -> str:
    """A day; from when to when where several are settled as one."""
    hours = (span.end - span.start).total_seconds() / 3600
    return f"{span.start:%m-%d}" if hours <= 25 else f"{span.start:%m-%d} – {span.end:%m-%d}"
