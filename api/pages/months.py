"""The months: which are closed, their statements, closing the next one, and what corrects those that are closed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from api.pages import texts, texts_meters
from api.pages.acting import ask, may_enter
from api.pages.frame import framed, page_head, stamped
from api.pages.periods import recent_months
from api.pages.statement_doubts import postings_table
from api.pages.widgets import Words, box, button, link, note, part, table
from api.services.closing import close_month, months, restate_month
from api.services.edges import month_span
from api.services.months import parse_month

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.closing import Months, MonthView, Restated
    from facility.commands import Actor
    from facility.text import Text

SHORT_DIGEST: Final = 12

MOST_LINKS: Final = 8
"""Offices named in every line; more are found on the use page of the month."""


async def months_page(reader: Reader) -> None:
    """The last months and all that are closed, newest first."""
    say = reader.say
    with framed(reader, say(texts_meters.MONTHS), here="/months"):
        page_head(reader, say(texts_meters.MONTHS), [], [])
        MonthsSheet(reader)


class MonthsSheet:
    """The list, drawn anew after a month was closed or restated."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        with box("card"):
            note(reader.say(texts_meters.MONTHS_HINT))
            self._said = box()
            self._listed = box()
            if not may_enter(reader.actor):
                note(reader.say(texts_meters.MAY_NOT_ENTER))
        self._closed: dict[str, MonthView] = {}
        self._postings = box()
        with self._listed:
            stamped(reader, texts.LOADING, self.fill)

    async def fill(self) -> None:
        """Reads the months anew and draws them."""
        found = await months(self._reader.context)
        self._listed.clear()
        self._postings.clear()
        with self._listed:
            self._list(found)
        with self._postings:
            for month in reversed(found.rows):
                if month.postings:
                    title = f"{month.month} {self._reader.say(texts_meters.POSTINGS)}"
                    with part(title, f"postings-{month.month}"):
                        postings_table(self._reader, month.postings, offices=True)

    def _list(self, found: Months) -> None:
        say, context = self._reader.say, self._reader.context
        closed = self._closed = {month.month: month for month in found.rows}
        recent = {f"{month:%Y-%m}" for month in recent_months(context.now().date())}
        head = [(say(texts_meters.MONTH), ""), (say(texts_meters.STATE), ""), (say(texts_meters.DIGEST), "wide-only"),
                (say(texts_meters.POSTINGS), "num"), (say(texts_meters.STATEMENTS), ""), ("", "")]  # fmt: skip
        with table(head):
            for month in sorted(recent | set(closed), reverse=True):
                with box(tag="tr") as line:
                    line.props["data-month"] = month
                    self._row(month, closed.get(month), found.next)

    def _row(self, month: str, closed: MonthView | None, following: str | None) -> None:
        reader, say = self._reader, self._reader.say
        Words(month, tag="td", classes="still-num")
        is_over = month_span(parse_month(month), reader.context.site.zone)[1] <= reader.context.clock.now()
        first = next(iter(self._closed), "")
        _state(reader, closed, texts_meters.STATE_RUNNING if not is_over else
               texts_meters.STATE_BEFORE if month < first else texts_meters.STATE_OPEN)  # fmt: skip
        with box("wide-only", "td"):
            if closed is not None:
                Words(f"{closed.sha256[:SHORT_DIGEST]}…", tag="span", classes="digest").hint(closed.sha256)
        count = 0 if closed is None else len(closed.postings)
        Words(say(texts_meters.POSTINGS_COUNT, count=count) if count else "", tag="td", classes="num")
        with box(tag="td"), box("facts"):
            offices = list(reader.context.site.offices.values())
            if len(offices) > MOST_LINKS:
                link(say(texts_meters.EVERY_OFFICE), f"/usage?by=day&at={month}")
                offices = []
            for office in offices:
                link(reader.words.name(office.name.text), f"/statements/{office.id}?month={month}")
        with box(tag="td"):
            if not may_enter(reader.actor):
                return
            if closed is not None:
                self._button(texts_meters.RESTATE, "restate", partial(self._ask_restate, month))
            elif is_over and following in (None, month):
                self._button(texts_meters.CLOSE, "close", partial(self._ask_close, month))

    def _button(self, name: Text, mark: str, act: partial[None]) -> None:
        button(self._reader.say(name), act).props["data-act"] = mark

    def _ask_close(self, month: str) -> None:
        reader, say = self._reader, self._reader.say

        async def act(reason: str, actor: Actor) -> None:
            await close_month(reader.context, month, reason, actor)
            self._tell(say(texts_meters.CLOSED_NOW, month=month), None)
            await self.fill()

        means = [say(texts_meters.CLOSE_MEANS, month=month)]
        if not self._closed:
            means.append(say(texts_meters.CLOSE_FIRST, month=month))
        ask(reader, say(texts_meters.CLOSE_TITLE, month=month), means, act, strong=texts_meters.CLOSE)

    def _ask_restate(self, month: str) -> None:
        reader, say = self._reader, self._reader.say

        async def act(reason: str, actor: Actor) -> None:
            found = await restate_month(reader.context, month, reason, actor)
            same = texts_meters.RESTATED if found.postings else texts_meters.RESTATED_SAME
            self._tell(say(same, month=month), found)
            await self.fill()

        means = [say(texts_meters.RESTATE_MEANS, month=month)]
        ask(reader, say(texts_meters.RESTATE_TITLE, month=month), means, act, strong=texts_meters.RESTATE)

    def _tell(self, text: str, restated: Restated | None) -> None:
        self._said.clear()
        with self._said:
            Words(text, classes="notice good")
            if restated is not None and restated.postings:
                postings_table(self._reader, restated.postings, offices=True)


def _state(reader: Reader, closed: MonthView | None, otherwise: Text) -> None:
    say, words = reader.say, reader.words
    with box(tag="td"):
        if closed is not None:
            Words(say(texts_meters.STATE_CLOSED), tag="span", classes="badge good")
            by = say(texts_meters.CLOSED_BY, by=closed.by, time=words.stamp(closed.closed))
            Words(by, tag="span", classes="muted small beside-badge")
        else:
            Words(say(otherwise), tag="span", classes="badge")
