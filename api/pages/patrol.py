"""The evening's list, for whoever walks through the building: on a telephone first, and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from nicegui import ui

from api.pages import texts
from api.pages import texts_observance as own
from api.pages.acting import ask
from api.pages.frame import framed, page_head, stamped
from api.pages.widgets import Words, box, button, heading, link, note
from api.services.patrols import PATROLLERS, PatrolItemView, PatrolView, patrol, tick
from facility.observance import LEFT_ON_NAMES, LeftOn

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from facility.commands import Actor

LOOK_S: Final = 20.0
"""How often an open list looks whether anything changed."""


def may_patrol(actor: Actor | None) -> bool:
    """Whether somebody may tick items off."""
    return actor is not None and actor.role in PATROLLERS


def patrol_page(reader: Reader, query: Mapping[str, str]) -> None:
    """The list of the evening asked for, of today otherwise."""
    today = reader.context.now().date()
    day = _day(query.get("day"), today)
    title = reader.say(own.PATROL_OF, day=day.isoformat())
    with framed(reader, title, here="/patrol"):
        page_head(reader, title, [(reader.say(own.PATROL), "")], [])
        minutes = reader.context.site.file.observance.patrol_grace_minutes
        note(reader.say(own.PATROL_HINT, minutes=minutes))
        with box("row spread no-print").style("margin: .9rem 0"):
            _days(reader, day, today)
            _print(reader)
        _Sheet(reader, day)


def _day(asked: str | None, today: date) -> date:
    try:
        day = today if asked is None else date.fromisoformat(asked)
    except ValueError:
        return today
    return day if 1971 <= day.year <= 9000 else today


def _days(reader: Reader, day: date, today: date) -> None:
    with box("choices"):
        link("‹", f"/patrol?day={day - timedelta(days=1)}").hint(reader.say(texts.PREVIOUS))
        Words(f"{day:%Y-%m-%d}", tag="span", classes="still num")
        if day < today:
            link("›", f"/patrol?day={day + timedelta(days=1)}").hint(reader.say(texts.NEXT))
            link(reader.say(own.TODAY), "/patrol")


def _print(reader: Reader) -> None:
    words = Words(reader.say(own.PRINT), tag="button", classes="button")
    words.props["type"] = "button"
    words.on("click", js_handler="() => window.print()")


class _Sheet:
    """The list, drawn anew when it changed, whoever changed it."""

    def __init__(self, reader: Reader, day: date) -> None:
        self._reader = reader
        self._day = day
        self._drawn: PatrolView | None = None
        self._is_drawn = False
        self._card = box("card")
        self._card.props["id"] = "patrol"
        with self._card:
            stamped(reader, texts.LOADING, self.look)
        ui.timer(LOOK_S, self.look)

    async def look(self) -> None:
        """Reads the list, and draws it where it is another one."""
        if not await self._reader.may_still_read():
            return
        found = await patrol(self._reader.context, self._day)
        if self._card.is_deleted or (self._is_drawn and found == self._drawn):
            return
        self._drawn, self._is_drawn = found, True
        self._card.clear()
        with self._card:
            self._draw(found)

    def _draw(self, found: PatrolView | None) -> None:
        say, words = self._reader.say, self._reader.words
        if found is None:
            note(say(own.NO_LIST))
            return
        with box("row"):
            left = "badge bad" if found.left else "badge good"
            Words(say(own.LEFT, count=found.left) if found.left else say(own.ALL_WELL), tag="span", classes=left)
            if found.before_rest is not None:
                rest = words.name(found.before_rest)
                Words(say(own.BEFORE_REST, rest=rest), tag="span", classes="badge warn")
            times = {"made": words.clock(found.made), "looked": words.clock(found.looked)}
            Words(say(own.MADE, **times), tag="span", classes="muted small")
        if found.left and not may_patrol(self._reader.actor):
            Words(say(own.LOG_IN_TO_TICK), tag="p", classes="muted small no-print")
        for floor, items in self._by_floor(found):
            heading(floor, 3)
            for item in items:
                self._item(item)
        Words(say(own.SIGNED), tag="p").style("margin-top: 1.5rem")

    def _by_floor(self, found: PatrolView) -> list[tuple[str, list[PatrolItemView]]]:
        """Floor by floor, as one walks; what is nowhere in particular at the end."""
        site = self._reader.context.site
        floors: dict[str, list[PatrolItemView]] = {floor: [] for floor in site.floors}
        nowhere: list[PatrolItemView] = []
        for item in found.items:
            space = None if item.space is None else site.spaces.get(item.space)
            (nowhere if space is None else floors[space.floor]).append(item)
        named = [(self._reader.words.name(site.floors[floor].text), items) for floor, items in floors.items() if items]
        return [*named, (self._reader.say(own.NO_ROOM), nowhere)] if nowhere else named

    def _item(self, item: PatrolItemView) -> None:
        say, words = self._reader.say, self._reader.words
        with box("filing") as block:
            block.props["data-item"] = item.key
            with box("row"):
                state, classes = self._state(item)
                Words(state, tag="span", classes=classes)
                Words(say(LEFT_ON_NAMES[LeftOn(item.what)]), tag="span", classes="muted")
                if item.place is not None:
                    Words(words.name(item.place), tag="strong")
                Words(item.clause, tag="span", classes="clause")
            Words(words.name(item.text))
            with box("facts small muted"):
                Words(say(own.FOUND, time=words.clock(item.found)), tag="span")
                if item.office_name is not None:
                    office = words.name(item.office_name)
                    Words(say(own.RESPONSIBLE, office=office, role=item.responsible or "").rstrip(), tag="span")
            for done in item.ticks:
                told = say(own.TICKED, by=done.by, time=words.clock(done.at))
                Words(f"{told} {done.note}".rstrip(), classes="small")
            if not item.ticks and may_patrol(self._reader.actor):
                with box("row no-print"):
                    tick_off = button(say(own.TICK), partial(self._ask, item), "button strong")
                    tick_off.props["data-act"] = "tick"

    def _state(self, item: PatrolItemView) -> tuple[str, str]:
        """What became of it, and the badge's colour."""
        if item.over is not None:
            return self._reader.say(own.OVER, time=self._reader.words.clock(item.over)), "badge good"
        if item.ticks:
            return self._reader.say(own.TICK), "badge cool"
        return self._reader.say(own.OPEN_ITEM), "badge bad"

    def _ask(self, item: PatrolItemView) -> None:
        async def act(said: str, actor: Actor) -> None:
            await tick(self._reader.context, self._day, item.key, said[:500], actor)
            await self.look()

        what = self._reader.words.name(item.text)
        ask(
            self._reader, self._reader.say(own.TICK), [self._reader.say(own.TICK_MEANS, what=what)], act,
            strong=own.TICK, may=may_patrol, remark=own.REMARK,
        )  # fmt: skip
