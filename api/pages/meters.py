"""All meters: what they said last, who is charged for them, what is in doubt, and the jumps to be judged."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.pages import texts, texts_meters, texts_use
from api.pages.bookings import show_made
from api.pages.frame import framed, page_head, stamped
from api.pages.held_jumps import held_jumps_table
from api.pages.names import meter_name, office_name
from api.pages.widgets import Words, box, link, note, part, table
from api.services.meters import held_jumps, meters

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.entered import EntryMade
    from api.services.meters import MeterView

HELD_FOR: Final = timedelta(days=400)
"""How far back jumps are looked for."""


async def meters_page(reader: Reader) -> None:
    """The list, and the jumps that wait."""
    say = reader.say
    with framed(reader, say(texts_meters.TITLE), here="/meters"):
        page_head(reader, say(texts_meters.TITLE), [], [])
        with part(say(texts_meters.HELD), "held"):
            made = box()
            held = box()
        with part(say(texts_meters.TITLE), "meters"):
            listed = box()

    async def fill() -> None:
        now = reader.context.clock.now()
        jumps = (await held_jumps(reader.context, now - HELD_FOR, now)).rows
        rows = (await meters(reader.context)).rows
        held.clear()
        with held:
            if jumps:
                held_jumps_table(reader, jumps, judged)
            else:
                note(say(texts_meters.NO_HELD))
        listed.clear()
        with listed:
            _list(reader, rows)

    async def judged(entry: EntryMade) -> None:
        made.clear()
        with made:
            show_made(reader, entry)
        await fill()

    with listed:
        stamped(reader, texts.LOADING, fill)


def _list(reader: Reader, rows: list[MeterView]) -> None:
    say, words = reader.say, reader.words
    if not rows:
        note(say(texts_meters.NO_METERS))
        return
    head = [(say(texts_meters.METER), ""), (say(texts_meters.MEDIUM), ""), (say(texts_meters.READING), "num"),
            (say(texts_meters.READ_AT), ""), (say(texts_meters.DOUBTS), "num"), (say(texts_meters.OWNERS), ""),
            (say(texts_meters.PARENT), "")]  # fmt: skip
    with table(head):
        for row in rows:
            with box(tag="tr") as line:
                line.props["data-meter"] = row.id
                with box("name", "td"):
                    link(words.name(row.name), f"/meters/{row.id}")
                    if row.virtual:
                        Words(say(texts_meters.VIRTUAL), tag="span", classes="badge mini")
                Words(say(texts_use.MEDIA[row.medium]), tag="td")
                Words(last_reading(reader, row), tag="td", classes="num")
                Words(words.age(row.reading_age_s), tag="td", classes="when").hint(words.stamp(row.reading_time))
                Words(f"{row.doubts}", tag="td", classes="num over" if row.doubts else "num")
                Words(owners(reader, row), tag="td", classes="text")
                Words(meter_name(reader, row.parent) if row.parent is not None else "", tag="td", classes="name")


def last_reading(reader: Reader, row: MeterView) -> str:
    """The counter's newest value with its unit."""
    if row.reading is None or row.reading_unit is None:
        return reader.say(texts.MISSING)
    return reader.words.amount(row.reading, row.reading_unit, 2)


def owners(reader: Reader, row: MeterView) -> str:
    """Who is charged today, with shares where there are several."""
    say, words = reader.say, reader.words
    if row.shared_out is not None:
        name = words.name(reader.context.site.equipment[row.shared_out].text)
        return say(texts_meters.SHARED_OUT, name=name)
    whole = len(row.owners) == 1 and row.owners[0].share == 1.0
    named = [
        office_name(reader, owner.office)
        if whole
        else say(texts_meters.OWNER_SHARE, office=office_name(reader, owner.office), share=words.share(owner.share, 1))
        for owner in row.owners
    ]
    return say(texts.LIST_COMMA).join(named) or say(texts_meters.NOBODY)
