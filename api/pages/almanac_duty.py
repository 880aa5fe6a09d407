"""Who is on duty: now, and shift by shift for a week."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from api.pages import texts, texts_almanac
from api.pages.widgets import Words, box, link, table
from api.services.almanac import WEEK_DAYS, duty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.pages.reader import Reader
    from api.services.almanac import PersonView, TurnView


def people_words(reader: Reader, people: Sequence[PersonView]) -> str:
    """Names with their telephones."""
    named = (person.name if person.phone is None else f"{person.name} {person.phone}" for person in people)
    return reader.say(texts_almanac.BETWEEN).join(named)


def duty_week(reader: Reader, first: date, year: int) -> None:
    """The week's shifts, one line each, days across."""
    say, language = reader.say, reader.words.language
    found = duty(reader.context, first, reader.actor)
    now = found.now
    if now is None:
        Words(say(texts_almanac.NOBODY_ON_DUTY), classes="notice warn").props["data-on-duty"] = True
    else:
        told = say(
            texts_almanac.ON_DUTY, shift=now.name.in_language(language), people=people_words(reader, now.people)
        )  # fmt: skip
        Words(told, classes="notice good" if now.entered else "notice").props["data-on-duty"] = True
    days = [first + timedelta(days=number) for number in range(WEEK_DAYS)]
    with box("row spread").style("margin: .8rem 0"), box("choices"):
        for words, days_on in ((texts_almanac.WEEK_BEFORE, -WEEK_DAYS), (texts_almanac.WEEK_AFTER, WEEK_DAYS)):
            link(say(words), f"/almanac?year={year}&week={first + timedelta(days=days_on)}#duty")
    shifts = {row.shift: row.name.in_language(language) for row in found.rows}
    turns = {(row.shift, row.day): row for row in found.rows}
    heads = [(f"{day:%m-%d} {say(texts.WEEKDAYS[day.weekday()])}", "") for day in days]
    with table([(say(texts_almanac.SHIFT), ""), *heads]):
        for shift, name in shifts.items():
            with box(tag="tr") as line:
                line.props["data-shift"] = shift
                Words(name, tag="td", classes="name")
                for day in days:
                    _turn(reader, turns.get((shift, day)))


def _turn(reader: Reader, turn: TurnView | None) -> None:
    if turn is None:
        Words("", tag="td")
        return
    text = people_words(reader, turn.people)
    if not turn.entered:
        text = reader.say(texts_almanac.NOT_ENTERED if not text else texts_almanac.STANDS_BY, people=text)
    cell = Words(text, tag="td", classes="" if turn.entered else "muted small")
    cell.hint(f"{turn.start:%m-%d %H:%M} ~ {turn.end:%m-%d %H:%M}")
