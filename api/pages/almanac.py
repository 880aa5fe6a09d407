"""The office's year: holidays, closures, half days, the duty roster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from nicegui import ui
from starlette.requests import Request

from api.pages import texts, texts_almanac
from api.pages.acting import ask, may_enter
from api.pages.almanac_duty import duty_week
from api.pages.almanac_forms import AlmanacForms
from api.pages.almanac_year import year_grid, year_head
from api.pages.frame import framed, page_head, stamped
from api.pages.reader import reader_of
from api.pages.widgets import Words, box, button, note, part, table
from api.services.almanac import FIRST_YEAR, LAST_YEAR, entries, revoke, year_view

if TYPE_CHECKING:
    from api.context import ApiContext
    from api.pages.reader import Reader
    from api.pages.sessions import Sessions
    from api.services.almanac import AlmanacEntryView
    from facility.commands import Actor

BUILD_S: Final = 15.0
LOOK_S: Final = 5.0
"""How often an open page looks whether the year changed."""


def register(context: ApiContext, sessions: Sessions) -> None:
    """Puts the pages of this part on NiceGUI."""

    @ui.page("/almanac", response_timeout=BUILD_S)
    async def almanac(request: Request) -> None:
        almanac_page(await reader_of(request, context, sessions), request.query_params)


def almanac_page(reader: Reader, query: Mapping[str, str]) -> None:
    """The year, who is on duty, what was entered, and the forms."""
    say = reader.say
    today = reader.context.now().date()
    with framed(reader, say(texts_almanac.TITLE), here="/almanac"):
        page_head(reader, say(texts_almanac.TITLE), [(say(texts_almanac.TITLE), "")], [])
        note(say(texts_almanac.HINT))
        AlmanacSheet(reader, _year(query, today), _week(query, today))


def _year(query: Mapping[str, str], today: date) -> int:
    said = query.get("year", "")
    year = int(said) if said.isascii() and said.isdecimal() and len(said) == 4 else today.year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _week(query: Mapping[str, str], today: date) -> date:
    """The week's Monday."""
    try:
        day = date.fromisoformat(query.get("week", ""))
    except ValueError:
        day = today
    return day - timedelta(days=day.weekday()) if FIRST_YEAR <= day.year <= LAST_YEAR else today


class AlmanacSheet:
    """The page's content, drawn anew when the year changed, whoever changed it."""

    def __init__(self, reader: Reader, year: int, week: date) -> None:
        self._reader = reader
        self._shown = (year, week)
        self._edition: tuple[int, date] | None = None
        say = reader.say
        self._year = box("card section")
        with part(say(texts_almanac.DUTY), "duty"):
            self._duty = box()
        if may_enter(reader.actor):
            with part(say(texts_almanac.ENTER), "enter"):
                AlmanacForms(reader, self.look)
        with part(say(texts_almanac.ENTERED), "entered"):
            self._entered = box()
            if not may_enter(reader.actor):
                note(say(texts_almanac.MAY_NOT))
            with self._entered:
                stamped(reader, texts.LOADING, self.look)
        ui.timer(LOOK_S, self.look)

    async def look(self) -> None:
        """Draws everything anew where something changed, or a day is over."""
        context = self._reader.context
        edition = (context.calendar.edition, context.now().date())
        if edition == self._edition:
            return
        found = await entries(context, self._reader.actor)
        self._edition = edition
        year, week = self._shown
        self._year.clear()
        with self._year:
            view = year_view(context, year)
            year_head(self._reader, view)
            year_grid(self._reader, view)
        self._duty.clear()
        with self._duty:
            duty_week(self._reader, week, year)
        self._entered.clear()
        with self._entered:
            self._list(found.rows)

    def _list(self, rows: list[AlmanacEntryView]) -> None:
        say = self._reader.say
        if not rows:
            Words(say(texts_almanac.NOTHING_ENTERED), classes="muted")
            return
        with table(
            [(say(texts_almanac.WHAT), ""), (say(texts_almanac.BY), ""), (say(texts_almanac.AT), "wide-only"), ("", "")]
        ):
            for row in rows:
                self._row(row)

    def _row(self, row: AlmanacEntryView) -> None:
        reader, say = self._reader, self._reader.say
        with box(tag="tr") as line:
            line.props["data-entry"] = row.id
            Words(row.told.in_language(reader.words.language), tag="td", classes="text")
            Words(row.by, tag="td")
            Words(reader.words.stamp(row.at), tag="td", classes="when wide-only")
            with box(tag="td"):
                if may_enter(reader.actor):
                    act = partial(self._ask_revoke, row)
                    button(say(texts_almanac.REVOKE), act).props["data-act"] = "revoke"

    def _ask_revoke(self, row: AlmanacEntryView) -> None:
        reader = self._reader

        async def act(reason: str, actor: Actor) -> None:
            await revoke(reader.context, row.id, reason, actor)
            await self.look()

        means = [row.told.in_language(reader.words.language)]
        ask(reader, reader.say(texts_almanac.REVOKE_TITLE), means, act, strong=texts_almanac.REVOKE)
