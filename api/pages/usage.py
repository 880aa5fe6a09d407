"""Use of all offices in a period: the ranking, what is left unallocated, and the sums that close."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from api.pages import texts
from api.pages.frame import framed, page_head, stamped
from api.pages.periods import Period, period_of
from api.pages.tables import period_choices
from api.pages.widgets import Words, box, link, table, table_row
from api.services.edges import Every
from api.services.usage import UsageRow, usage

if TYPE_CHECKING:
    from nicegui import ui

    from api.pages.reader import Reader
    from facility.text import Text

UNALLOCATED: Final = "unallocated"


async def usage_page(reader: Reader, query: Mapping[str, str]) -> None:
    """The ranking of one day, month or year."""
    say = reader.say
    period = period_of(query, reader.context.clock.now(), reader.context.site.zone, Every.DAY)
    with framed(reader, say(texts.NAV_USAGE), here="/usage"):
        page_head(reader, say(texts.USE_BY_OFFICE), [], [])
        with box("card"):
            with box("row spread"):
                period_choices(reader, "/usage", period, (texts.ONE_DAY, texts.ONE_MONTH, texts.ONE_YEAR))
                address = (
                    f"/api/v1/usage?by=office&medium=electricity&every=total&format=csv"
                    f"&start={_stamp(reader, period.start)}&end={_stamp(reader, period.end)}"
                )
                link(say(texts.DOWNLOAD_CSV), address, "button")
            shown = box()
            shown.style("margin-top: 1rem")
            with shown:
                stamped(reader, texts.LOADING, lambda: _fill(reader, period, shown))
            Words(say(texts.UNALLOCATED_HINT), tag="p", classes="muted small")


def _stamp(reader: Reader, time: datetime) -> str:
    return quote(reader.context.local(time).isoformat())


async def _fill(reader: Reader, period: Period, shown: ui.element) -> None:
    found = await usage(reader.context, by="office", start=period.start, end=period.end)
    with shown:
        if not found.rows:
            Words(reader.say(texts.NO_HISTORY), classes="notice")
            return
        _ranking(reader, found.rows, reader.words.unit(found.unit))


def _ranking(reader: Reader, rows: list[UsageRow], unit: str) -> None:
    say = reader.say
    offices = sorted((row for row in rows if row.key != UNALLOCATED), key=_largest_first)
    rest = next((row for row in rows if row.key == UNALLOCATED), None)
    total = _total([*offices, rest] if rest is not None else offices)
    columns = [
        (say(texts.RANK), "num wide-only"), (say(texts.OFFICE), ""), ("", "bar-cell wide-only"), (unit, "num"),
        (say(texts.SHARE), "num"), (say(texts.PER_HEAD), "num"), (say(texts.COMPLETENESS), "num wide-only"),
    ]  # fmt: skip
    largest = max((row.value or 0.0 for row in offices), default=0.0)
    with table(columns):
        for rank, row in enumerate(offices, start=1):
            _row(reader, row, str(rank), total, largest)
        _sum_row(reader, texts.SUM_OFFICES, _total(offices), total)
        if rest is not None:
            _row(reader, rest, "", total, largest)
            _sum_row(reader, texts.MAIN_METER, total, total)


def _largest_first(row: UsageRow) -> tuple[bool, float]:
    return row.value is None, -(row.value or 0.0)


def _total(rows: list[UsageRow]) -> float | None:
    """The sum, None as soon as one part is not known: a sum with a hole in it would read as a total."""
    values = [row.value for row in rows if row.value is not None]
    return sum(values) if rows and len(values) == len(rows) else None


def _row(reader: Reader, row: UsageRow, rank: str, total: float | None, largest: float) -> None:
    words = reader.words
    office = reader.context.site.offices.get(row.key)
    heads = office.headcount if office is not None else None
    with box("" if office is not None else "apart", "tr"):
        Words(rank, tag="td", classes="num wide-only")
        with box(tag="td"):
            if office is not None:
                link(words.name(row.name), f"/office/{row.key}")
            else:
                Words(words.name(row.name), tag="span")
        with box("bar-cell wide-only", "td"):
            if office is not None and row.value is not None and largest > 0:
                box("bar").style(f"width: {100 * max(row.value, 0.0) / largest:.1f}%")
        Words(words.number(row.value), tag="td", classes="num")
        Words(words.share(_ratio(row.value, total), 1), tag="td", classes="num")
        Words(words.number(_ratio(row.value, heads)), tag="td", classes="num")
        Words(words.share(row.completeness), tag="td", classes="num wide-only")


def _sum_row(reader: Reader, name: Text, value: float | None, total: float | None) -> None:
    words = reader.words
    table_row(
        [
            ("", "wide-only"), (words.say(name), ""), ("", "wide-only"), (words.number(value), "num"),
            (words.share(_ratio(value, total), 1), "num"), ("", ""), ("", "wide-only"),
        ],
        "sum",
    )  # fmt: skip


def _ratio(value: float | None, of: float | None) -> float | None:
    return None if value is None or not of else value / of
