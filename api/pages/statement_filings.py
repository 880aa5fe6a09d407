"""The filings of a month on a statement: what was in force for the office, for how long, and what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts_filings
from api.pages.widgets import Words, box, note, part, table
from api.reports.filed import DEFINITION, note_of

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.filed import FiledView
    from api.services.statement import Statement


def filed(reader: Reader, found: Statement) -> None:
    """A line for each filing that concerned the office; nothing where there were none."""
    if not found.filings:
        return
    say = reader.say
    head = [(say(texts_filings.WHAT), ""), (say(texts_filings.WHEN), ""), (say(texts_filings.HELD_H), "num"),
            (say(texts_filings.BEYOND_H), "num"), (say(texts_filings.ENERGY), "num")]  # fmt: skip
    with part(say(texts_filings.STATEMENT), "filings"):
        with table(head):
            for row in found.filings:
                with box(tag="tr") as line:
                    line.props["data-filing"] = row.id
                    _row(reader, row)
        note(say(DEFINITION))


def _row(reader: Reader, row: FiledView) -> None:
    say, words = reader.say, reader.words
    with box("text", "td"):
        with box("row"):
            Words(say(texts_filings.NUMBER, id=row.id), tag="strong")
            Words(words.name(row.kind_text), tag="span")
            Words(words.name(row.phase_text), tag="span", classes="badge")
            if row.late:
                Words(say(texts_filings.LATE), tag="span", classes="badge warn")
        Words(" · ".join((words.name(row.places), words.name(row.relaxed), row.reason)), classes="small")
    Words(words.span(row.begins, row.end), tag="td")
    Words(words.number(row.held_h, 2), tag="td", classes="num")
    Words(words.number(row.beyond_h, 2), tag="td", classes="num")
    with box("num wraps", "td"):
        Words(words.number(row.energy_kwh, 2))
        remark = note_of(row)
        if remark is not None:
            Words(words.name(remark), classes="muted small")
