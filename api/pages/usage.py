"""Use of a period: by office, floor, building, item, meter or equipment, with what is left unallocated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nicegui import ui

from api.pages import texts, texts_use
from api.pages.frame import framed, page_head, stamped
from api.pages.tables import period_choices
from api.pages.use_question import BYS, RANKS, ROWS, UseQuestion, offered
from api.pages.use_rows import read_use
from api.pages.use_table import blocks, intervals, ranking, terms
from api.pages.widgets import Choice, Words, box, field, link, note
from api.problems import RequestProblem
from api.services.edges import Every
from api.services.use_extras import With
from facility.accounting.metering import Medium
from facility.books.owners import Owners

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from facility.text import Text


async def usage_page(reader: Reader, query: Mapping[str, str]) -> None:
    """The table that the address asks for, with what else can be asked above it."""
    say, context = reader.say, reader.context
    question = UseQuestion.of(query, context.clock.now(), context.site.zone)
    with framed(reader, say(texts_use.TITLE), here="/usage"):
        page_head(reader, say(texts_use.TITLE), [], [])
        with box("card"):
            with box("row spread no-print"):
                more = question.address().removeprefix("/usage?").split("&")
                kept = "".join(f"&{word}" for word in more if not word.startswith(("by=", "at=")))
                period_choices(
                    reader, "/usage", question.period, (texts.ONE_DAY, texts.ONE_MONTH, texts.ONE_YEAR), kept
                )
                with box("row"):
                    for form, name in (("csv", texts.DOWNLOAD_CSV), ("xlsx", texts_use.DOWNLOAD_XLSX)):
                        address = question.file(form, context.site.zone, reader.words.language)
                        link(say(name), address, "button").props["download"] = True
            _questions(reader, question)
            shown = box()
            shown.style("margin-top: 1rem")
            with shown:
                stamped(reader, texts.LOADING, lambda: _fill(reader, question, shown))
            whole = question.by == "meter"
            note(say(texts_use.METERS_HINT if whole else texts_use.UNALLOCATED_HINT))


def _questions(reader: Reader, question: UseQuestion) -> None:
    """What else may be asked, each answer an address of its own."""
    say = reader.say
    with box("fields no-print").style("margin-top: .9rem"):
        _choice(reader, texts_use.BY, [(question.address(by=by, key=""), say(texts_use.BYS[by])) for by in BYS],
                question.address(key=""), "of")  # fmt: skip
        media = [(question.address(medium=medium), say(texts_use.MEDIA[medium.value])) for medium in Medium]
        _choice(reader, texts_use.MEDIUM, media, question.address(), "medium")
        lengths = ROWS[question.period.every]
        rows = [(question.address(rows=every), say(texts_use.ROWS[every.value])) for every in lengths]
        _choice(reader, texts_use.ROW_LENGTH, rows, question.address(), "rows")
        if question.rows is Every.TOTAL and question.by == "office":
            names = (texts_use.RANK_VALUE, texts_use.RANK_HEAD, texts_use.RANK_AREA)
            ranks = [(question.address(rank=rank), say(name)) for rank, name in zip(RANKS, names, strict=True)]
            _choice(reader, texts_use.RANK_BY, ranks, question.address(), "rank")
        elif question.rows is not Every.TOTAL:
            names_of = Owners(reader.context.site, []).names(question.by)
            keys = [("", say(texts_use.ALL)), *((key, say(name)) for key, name in names_of.items())]
            addresses = [(question.address(key=key), name) for key, name in keys]
            _choice(reader, texts_use.KEY, addresses, question.address(), "key")
    with box("chips no-print").style("margin-top: .8rem"):
        Words(say(texts_use.COLUMNS), tag="span", classes="muted small")
        for extra in With:
            if offered(extra, question.by, question.rows):
                chosen = extra in question.extras
                chip = link(
                    say(texts_use.EXTRAS[extra.value]),
                    question.address(extras=question.toggled(extra)),
                    "chip here" if chosen else "chip",
                )
                chip.props["data-extra"] = extra.value


def _choice(reader: Reader, name: Text, options: list[tuple[str, str]], chosen: str, mark: str) -> None:
    with field(reader.say(name)):
        choice = Choice(options, name=reader.say(name), chosen=chosen, on_change=ui.navigate.to)
    choice.props["data-field"] = mark


async def _fill(reader: Reader, question: UseQuestion, shown: ui.element) -> None:
    try:
        found = await read_use(reader.context, question)
    except RequestProblem as problem:
        with shown:
            Words(reader.words.name(problem.text), classes="notice warn")
        return
    with shown:
        if not found.rows:
            Words(reader.say(texts.NO_HISTORY), classes="notice")
            return
        if question.rows is Every.TOTAL:
            ranking(reader, question, found)
        else:
            intervals(reader, question, found)
        blocks(reader, found.blocks, found.unit)
        terms(reader, question, found)
