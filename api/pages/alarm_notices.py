"""Who was told of what, and what is on its way; and a trial message."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from api.pages import texts_alarms
from api.pages.acting import REFUSALS, may_enter, present_actor, told
from api.pages.widgets import Words, button, table, table_row
from api.services.notifications import send_trial
from facility.journal.alarm_states import WHY_DROPPED

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.notifications import Notifications


def draw_notices(reader: Reader, found: Notifications) -> None:
    """Who was told of what, and what waits."""
    say, words = reader.say, reader.words
    if not found.channels:
        Words(say(texts_alarms.NO_CHANNELS), classes="notice")
    elif may_enter(reader.actor):
        button(say(texts_alarms.TRIAL), partial(_trial, reader), "button").props["data-act"] = "trial"
    if not found.rows:
        Words(say(texts_alarms.NO_NOTICES), classes="notice").style("margin-top: .6rem")
        return
    columns = [
        (say(texts_alarms.TIME), "num"), (say(texts_alarms.CHANNEL), ""), (say(texts_alarms.NOTICE), ""),
        (say(texts_alarms.STATE), ""), (say(texts_alarms.TRIES), "num"), (say(texts_alarms.NOTE), ""),
    ]  # fmt: skip
    with table(columns, "data stacked"):
        for row in found.rows:
            cells = table_row([
                (words.moment(row.made), "num"), (row.channel, ""), (words.name(row.text), ""),
                (say(texts_alarms.DELIVERY[row.state]), ""), (str(row.tries), "num"),
                (_error(reader, row.error), "small"),
            ])  # fmt: skip
            cells[0].props["data-notice"] = row.about


def _error(reader: Reader, error: str | None) -> str:
    """What the last try ended with: our own words in the reader's language, those of a server as they came."""
    known = WHY_DROPPED.get(error or "")
    return (error or "") if known is None else reader.say(known)


async def _trial(reader: Reader) -> None:
    actor = await present_actor(reader)
    if actor is None:
        ui.notify(reader.say(texts_alarms.LOG_IN_AGAIN), type="warning")
        return
    try:
        await send_trial(reader.context, None, actor)
    except REFUSALS as error:
        ui.notify(told(reader, error), type="warning")
        return
    ui.notify(reader.say(texts_alarms.TRIAL_SENT))
