"""Pieces that several pages show: the choice of a period, and use by interval as chart and table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from nicegui import ui

from api.pages import texts
from api.pages.charts import Bar, bars
from api.pages.widgets import Words, box, choice_links, link, table, table_row
from api.services.edges import Every

if TYPE_CHECKING:
    from api.pages.periods import Period
    from api.pages.reader import Reader
    from api.services.usage import UsageRow
    from facility.text import Text


def period_choices(reader: Reader, path: str, period: Period, names: tuple[Text, Text, Text], more: str = "") -> None:
    """Hour, day or month rows; the period before, this one's title, the one after. `more` stays in the address."""
    say, everies = reader.say, (Every.HOUR, Every.DAY, Every.MONTH)
    with box("row"):
        choice_links(
            [
                (say(name), f"{path}?by={every.value}{more}", every is period.every)
                for every, name in zip(everies, names, strict=True)
            ]
        )
        with box("choices"):
            link("‹", _address(path, period, -1, more)).hint(say(texts.PREVIOUS))
            Words(period.title, tag="span", classes="still num")
            if period.end <= reader.context.clock.now():
                link("›", _address(path, period, 1, more)).hint(say(texts.NEXT))


def _address(path: str, period: Period, direction: int, more: str) -> str:
    return f"{path}?by={period.every.value}&at={period.neighbour(direction)}{more}"


def use_chart(reader: Reader, period: Period, rows: Sequence[UsageRow], unit: str) -> None:
    """Use by interval: bars with a legend that says what a gap is, and the same as a table."""
    say, words = reader.say, reader.words
    labelled = [
        Bar(label=period.label(row.start, reader.context.site.zone), value=row.value, completeness=row.completeness)
        for row in rows
    ]
    chart = ui.echart(bars(_whole_axis(reader, period, labelled), words.unit(unit), words)).classes("chart")
    chart.props["data-gaps"] = sum(bar.value is None for bar in labelled)
    with box("legend"):
        for classes, text in (("key", texts.MEASURED), ("key part", texts.PARTIAL), ("key gap", texts.GAP_LEGEND)):
            with box(tag="span"):
                Words("", tag="span", classes=classes)
                Words(say(text), tag="span")
    with box(tag="details"):
        Words(say(texts.SHOW_TABLE), tag="summary")
        _use_table(reader, labelled, rows, unit)


def _whole_axis(reader: Reader, period: Period, labelled: list[Bar]) -> list[Bar]:
    """The rest of a day that is not over is left free, not drawn as a gap."""
    if period.every is not Every.HOUR:
        return labelled
    have = {bar.label for bar in labelled}
    hours = int((period.end - period.start) / timedelta(hours=1))
    all_labels = [period.label(period.start + timedelta(hours=hour), reader.context.site.zone) for hour in range(hours)]
    rest = [label for label in all_labels if label not in have]
    return [*labelled, *(Bar(label=label, value=None, completeness=0.0, to_come=True) for label in rest)]


def _use_table(reader: Reader, labelled: list[Bar], rows: Sequence[UsageRow], unit: str) -> None:
    say, words = reader.say, reader.words
    columns = [
        (say(texts.PERIOD), ""), (words.unit(unit), "num"), (say(texts.COMPLETENESS), "num"),
        (say(texts.ESTIMATED), "num"), (say(texts.GRADE), ""),
    ]  # fmt: skip
    with table(columns):
        for bar, row in zip(labelled, rows, strict=True):
            grade = texts.GRADES.get(row.grade)
            value = words.number(row.value, 2) if row.value is not None else say(texts.GAP)
            table_row(
                [
                    (bar.label, ""), (value, "num"), (words.share(row.completeness), "num"),
                    (words.share(row.estimated_share), "num"), (say(grade) if grade is not None else row.grade, ""),
                ]
            )  # fmt: skip
