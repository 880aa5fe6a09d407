"""The alarms: what stands now, and on request what stood before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from nicegui import ui

from api.pages import texts
from api.pages.frame import framed, page_head
from api.pages.widgets import Words, box, choice_links, link, table
from api.services.alarms import alarms

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.alarms import AlarmView

REFRESH_S: Final = 2.0
MAX_SHOWN: Final = 300
COLOURS: Final = {"info": "", "warning": "warn", "serious": "bad", "critical": "bad"}


async def alarms_page(reader: Reader, query: Mapping[str, str]) -> None:
    """Alarms, newest first; kept up to date."""
    say, past = reader.say, "past" in query
    rows = await _rows(reader, past)
    with framed(reader, say(texts.NAV_ALARMS), here="/alarms"):
        page_head(reader, say(texts.NAV_ALARMS), [], [])
        with box("card"):
            choice_links(
                [(say(texts.ACTIVE_ONLY), "/alarms", not past), (say(texts.WITH_PAST), "/alarms?past=1", past)]
            ).style("margin-bottom: .8rem")
            listed = box()
    _list(reader, listed, rows)

    async def refresh() -> None:
        nonlocal rows
        fresh = await _rows(reader, past)
        if fresh != rows:
            rows = fresh
            _list(reader, listed, rows)

    ui.timer(REFRESH_S, refresh, immediate=False)


async def _rows(reader: Reader, past: bool) -> list[AlarmView]:
    return (await alarms(reader.context, active_only=not past, limit=MAX_SHOWN)).rows


def _list(reader: Reader, listed: ui.element, rows: list[AlarmView]) -> None:
    listed.clear()
    say = reader.say
    with listed:
        if not rows:
            Words(say(texts.NO_ALARM), classes="notice good")
            return
        columns = [
            (say(texts.LEVEL), ""),
            (say(texts.ALARM), ""),
            (say(texts.SINCE), "num"),
            (say(texts.UNTIL_TIME), "num"),
        ]
        with table(columns):
            for alarm in rows:
                _row(reader, alarm)


def _row(reader: Reader, alarm: AlarmView) -> None:
    words = reader.words
    with box(tag="tr"):
        with box(tag="td"):
            Words(
                words.say(texts.LEVELS[alarm.level]),
                tag="span",
                classes=f"badge {COLOURS.get(alarm.level, '')}".strip(),
            )
        with box(tag="td"):
            Words(words.name(alarm.text), tag="span")
            _equipment(reader, alarm.equipment)
        Words(words.moment(alarm.since), tag="td", classes="num")
        until = words.say(texts.STILL_ACTIVE) if alarm.until is None else words.moment(alarm.until)
        Words(until, tag="td", classes="num")


def _equipment(reader: Reader, equipment: str | None) -> None:
    item = reader.context.site.equipment.get(equipment) if equipment is not None else None
    if item is not None:
        Words(" ", tag="span")
        link(reader.words.name(item.text), f"/equipment/{item.id}")
