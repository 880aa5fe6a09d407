"""What stands in doubt about a statement, and the corrections that are booked in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts, texts_statement, texts_use
from api.pages.names import UNITS, meter_name, meter_unit, office_name
from api.pages.widgets import Words, box, link, note, part, table, table_row
from api.reports.words import GAP_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.pages.reader import Reader
    from api.services.statement import Statement
    from api.services.told import (
        DoubtView,
        PostingView,
    )


Cells = list[tuple[str, str]]

MOST_DOUBTS: Final = 40
"""Doubts told one by one."""

SORTS: Final = {"reversal": texts_statement.REVERSAL, "booking": texts_statement.BOOKING}


def doubts(reader: Reader, found: Statement) -> None:
    """What stands in doubt about the office's own meters, in words; short silences only counted."""
    say = reader.say
    with part(say(texts_statement.DOUBTS), "doubts"):
        told = [doubt for doubt in found.doubts if doubt.gap.kind != "bridged"]
        rest = len(found.doubts) - len(told[:MOST_DOUBTS])
        if not found.doubts:
            note(say(texts_statement.NO_DOUBTS))
            return
        if told:
            head = [(say(texts_use.METER), ""), (say(texts_statement.WHAT), ""), (say(texts_statement.WHEN), ""),
                    (say(texts_use.BLOCK_LENGTH), "num"), (say(texts_statement.RISE), "num")]  # fmt: skip
            with table(head):
                for doubt in told[:MOST_DOUBTS]:
                    _doubt(reader, doubt)
        if rest:
            note(say(texts_statement.MORE_DOUBTS, count=rest))


def _doubt(reader: Reader, doubt: DoubtView) -> None:
    words, gap = reader.words, doubt.gap
    with box(tag="tr"):
        with box(tag="td"):
            link(meter_name(reader, doubt.meter), f"/meters/{doubt.meter}")
        Words(words.say(GAP_KINDS[gap.kind]), tag="td")
        Words(words.span(gap.start, gap.end), tag="td", classes="when")
        Words(words.length((gap.end - gap.start).total_seconds()), tag="td", classes="num")
        Words(words.amount(gap.amount, meter_unit(reader, doubt.meter), 2), tag="td", classes="num")


def corrections(reader: Reader, found: Statement) -> None:
    """Corrections of closed months that are booked in this one; nothing where there are none."""
    if found.postings:
        with part(reader.say(texts_statement.CORRECTIONS), "corrections"):
            postings_table(reader, found.postings)


def postings_table(reader: Reader, postings: Sequence[PostingView], *, offices: bool = False) -> None:
    """Correcting lines; `offices` names whose each is."""
    say, words = reader.say, reader.words
    head: Cells = [(say(texts.OFFICE), "")] if offices else []
    head += [(say(texts_statement.OF_MONTH), ""), (say(texts_statement.MEDIUM), ""), (say(texts_statement.SORT), ""),
             (say(texts.USED), "num"), (say(texts.REASON), "")]  # fmt: skip
    with table(head):
        for line in postings:
            own: Cells = [(office_name(reader, line.office), "")] if offices else []
            amount = words.amount(line.amount, UNITS[line.medium], 2)
            table_row([*own, (line.of_month, ""), (say(texts_use.MEDIA[line.medium]), ""), (say(SORTS[line.kind]), ""),
                       (amount, "num"), (line.reason, "")])  # fmt: skip
