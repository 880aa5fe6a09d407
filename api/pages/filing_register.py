"""The register of filings as a sheet of paper: black on white, every column, a line each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.pages import texts, texts_filings
from api.pages.frame import framed, stamped
from api.pages.widgets import Words, box, heading, note
from api.reports.filings import COLUMNS, register_lines
from api.services.edges import month_span
from api.services.filings import filings
from api.services.months import parse_month
from api.shapes import Bilingual
from facility.text import Text

if TYPE_CHECKING:
    from nicegui import ui

    from api.pages.reader import Reader


def register_page(reader: Reader, month: str, office: str | None) -> None:
    """The register of one month, of one office where `office` names it."""
    say, words, site = reader.say, reader.words, reader.context.site
    title = say(texts_filings.REGISTER_TITLE)
    with framed(reader, f"{title} {month}", here="/filings"):
        with box("row spread no-print"):
            note(say(texts_filings.HINT))
            button = Words(say(texts_filings.PRINT), tag="button", classes="button strong")
            button.props["type"] = "button"
            button.on("click", js_handler="() => window.print()")
        with box("register") as sheet:
            heading(title, 1)
            whose = site.file.site.name.text if office is None else site.offices[office].name.text
            Words(say(texts_filings.REGISTER_SPAN, site=words.name(whose), month=month), classes="register-span")
            stamped(reader, texts.LOADING, lambda: _fill(reader, month, office, sheet))


async def _fill(reader: Reader, month: str, office: str | None, sheet: ui.element) -> None:
    say, words = reader.say, reader.words
    start, end = month_span(parse_month(month), reader.context.site.zone)
    found = (await filings(reader.context, start=start, end=end, office=office)).rows
    with sheet:
        with box("table-box"), box(tag="table"):
            with box(tag="thead"), box(tag="tr"):
                for column in COLUMNS:
                    Words(say(column), tag="th")
            with box(tag="tbody"):
                for line in register_lines(found):
                    with box(tag="tr"):
                        for value in line:
                            Words(_shown(reader, value), tag="td")
        if not found:
            note(say(texts_filings.NONE))
        count = say(texts_filings.REGISTER_COUNT, count=len(found), time=words.stamp(reader.context.clock.now()))
        with box("register-foot"):
            Words(count, tag="span")
            Words(say(texts_filings.CHECKED), tag="span")
            Words(say(texts_filings.SIGNED), tag="span")


def _shown(reader: Reader, value: Any) -> str:
    match value:
        case None:
            return ""
        case Text() | Bilingual():
            return reader.words.name(value)
        case datetime():
            return reader.words.stamp(value)
    return str(value)
