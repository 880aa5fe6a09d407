"""What entering something does to months that are closed: told before, and shown after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts_meters
from api.pages.statement_doubts import postings_table
from api.pages.widgets import Words
from api.services.closing import months

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.entered import EntryMade


def show_made(reader: Reader, made: EntryMade) -> None:
    """What an entry or its revocation did: the lines that correct closed months, or that there are none."""
    if not made.postings:
        Words(reader.say(texts_meters.SAVED), classes="notice good").props["data-saved"] = True
        return
    Words(reader.say(texts_meters.SAVED_POSTED), classes="notice good").props["data-saved"] = True
    postings_table(reader, made.postings, offices=True)


async def closed_words(reader: Reader) -> str:
    """What will happen to closed months."""
    found = await months(reader.context)
    if not found.rows or found.next is None:
        return reader.say(texts_meters.CLOSED_NONE)
    return reader.say(texts_meters.CLOSED_SOME, month=found.rows[-1].month, open=found.next)
