"""How the rules were kept, on the monthly statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts_observance as own
from api.pages.widgets import Words, box, link, note, part, table
from facility.observance import Rule

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.statement import Statement


def observance(reader: Reader, found: Statement) -> None:
    """A line for each rule that had something to say: broken, filed for, not known, and the share that was kept."""
    say, words = reader.say, reader.words
    with part(say(own.STATEMENT), "observance"):
        if not found.observance:
            note(say(own.STATEMENT_NONE))
            return
        columns = [
            (say(own.RULE), ""), (say(own.BROKEN), "num"), (say(own.TIMES), "num"), (say(own.FILED_MINUTES), "num"),
            (say(own.UNKNOWN_MINUTES), "num"), (say(own.KEPT), "num"),
        ]  # fmt: skip
        with table(columns):
            for row in found.observance:
                is_wall = row.rule == Rule.WALL_CHANGE.value
                with box(tag="tr") as line:
                    line.props["data-rule"] = row.rule
                    with box(tag="td"):
                        address = f"/observance?month={found.month}&office={found.office}&rule={row.rule}"
                        link(words.name(row.rule_name), address)
                        Words(" ".join(row.clauses), tag="span", classes="clause beside-badge")
                    Words(words.number(row.broken_minutes, 0), tag="td", classes="num")
                    times = say(own.BACK_OF, times=row.times, back=row.put_back) if is_wall else f"{row.times}"
                    Words(times, tag="td", classes="num")
                    for minutes in (row.filed_minutes, row.unknown_minutes):
                        Words(words.number(minutes, 0), tag="td", classes="num")
                    Words("" if is_wall else words.share(row.kept_share, 1), tag="td", classes="num")
        note(say(own.HINT))
