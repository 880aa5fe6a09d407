"""One meter: what it said, who is charged, what stands in doubt, and everything people entered about it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from api.pages import texts, texts_meters
from api.pages.acting import ask, may_enter
from api.pages.bookings import closed_words, show_made
from api.pages.entering import FORMS, EnteringCard
from api.pages.entry_words import entry_words
from api.pages.frame import framed, page_head, stamped
from api.pages.held_jumps import held_jumps_table
from api.pages.meters import HELD_FOR, last_reading, owners
from api.pages.names import meter_name, meter_unit
from api.pages.widgets import Words, box, button, link, note, part, table
from api.reports.words import GAP_KINDS
from api.services.entered import EntryKind, revoke
from api.services.meters import meter_detail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.pages.reader import Reader
    from api.services.entered import EnteredView, EntryMade
    from api.services.meters import MeterDetail
    from api.services.told import GapView
    from facility.commands import Actor

GAPS_FOR: Final = timedelta(days=30)
FROZEN_FOR: Final = timedelta(days=7)
"""Counters that stand still are looked for in so much time: it takes every reading."""

MOST_GAPS: Final = 60


async def meter_page(reader: Reader, meter: str) -> None:
    """Everything about one meter, drawn anew after each entry."""
    say, site = reader.say, reader.context.site
    name = meter_name(reader, meter)
    with framed(reader, name, here="/meters"):
        page_head(reader, name, [(say(texts_meters.TITLE), "/meters"), (name, "")], [] if name == meter else [meter])
        sheet = MeterSheet(reader, meter)
        if may_enter(reader.actor):
            with part(say(texts_meters.ENTER), "enter"):
                kinds = [kind for kind in FORMS if meter in site.meters or kind is EntryKind.ASSIGNMENTS]
                card = EnteringCard(reader, meter, kinds, sheet.fill)
            await card.show()


class MeterSheet:
    """The parts of the page that entries change."""

    def __init__(self, reader: Reader, meter: str) -> None:
        self._reader = reader
        self._meter = meter
        say = reader.say
        with part(say(texts_meters.FACTS), "facts"):
            self._facts = box("facts")
        self._made = box("section")
        self._held_part = box()
        with part(say(texts_meters.GAPS), "gaps"):
            self._gaps = box()
        with part(say(texts_meters.ENTERED), "entered"):
            self._entered = box()
        with self._facts:
            stamped(reader, texts.LOADING, self.fill)

    async def fill(self) -> None:
        """Reads everything anew and draws it."""
        context, now = self._reader.context, self._reader.context.clock.now()
        whole = await meter_detail(context, self._meter, now - HELD_FOR, now, revoked=True)
        lately = await meter_detail(context, self._meter, now - FROZEN_FOR, now)
        gaps = [gap for gap in whole.gaps if gap.end > now - GAPS_FOR]
        for place in (self._facts, self._held_part, self._gaps, self._entered):
            place.clear()
        with self._facts:
            _facts(self._reader, whole)
        if whole.held:
            with self._held_part, part(self._reader.say(texts_meters.HELD), "held"):
                held_jumps_table(self._reader, whole.held, self._changed)
        with self._gaps:
            _gaps(self._reader, self._meter, [*gaps, *(lately.frozen or ())])
        with self._entered:
            self._history(whole)

    async def _changed(self, made: EntryMade) -> None:
        self._made.clear()
        with self._made:
            show_made(self._reader, made)
        await self.fill()

    def _history(self, whole: MeterDetail) -> None:
        reader, say = self._reader, self._reader.say
        lists = (whole.replacements, whole.readings, whole.corrections, whole.jumps, whole.assignments)
        entries = sorted((entry for each in lists for entry in each), key=lambda entry: entry.entered, reverse=True)
        if not entries:
            note(say(texts_meters.NOTHING_ENTERED))
            if not may_enter(reader.actor):
                note(say(texts_meters.MAY_NOT_ENTER))
            return
        head = [(say(texts_meters.WHAT), ""), (say(texts_meters.CONTENT), ""), (say(texts.REASON), ""),
                (say(texts_meters.AUTHOR), ""), (say(texts_meters.ENTERED_AT), ""), ("", "")]  # fmt: skip
        with table(head):
            for entry in entries:
                self._entry(entry)

    def _entry(self, entry: EnteredView) -> None:
        reader, words = self._reader, self._reader.words
        with box("apart" if entry.revoked is not None else "", "tr") as line:
            line.props["data-entry"] = entry.kind.value
            Words(words.say(texts_meters.KINDS[entry.kind.value]), tag="td", classes="name")
            Words(entry_words(reader, entry, meter_unit(reader, self._meter)), tag="td", classes="text")
            Words(str(entry.entry["reason"]), tag="td", classes="text")
            Words(entry.author, tag="td")
            Words(words.stamp(entry.entered), tag="td", classes="when")
            with box(tag="td"):
                if entry.revoked is not None:
                    taken = entry.revoked
                    told = words.say(
                        texts_meters.REVOKED, by=taken.by, time=words.stamp(taken.at), reason=taken.reason
                    )  # fmt: skip
                    Words(told, classes="small")
                elif may_enter(reader.actor):
                    act = button(words.say(texts_meters.REVOKE), partial(self._revoke, entry))
                    act.props["data-act"] = "revoke"

    async def _revoke(self, entry: EnteredView) -> None:
        reader = self._reader

        async def act(reason: str, actor: Actor) -> None:
            await self._changed(await revoke(reader.context, entry.kind, entry.id, reason, actor))

        means = [reader.say(texts_meters.REVOKE_MEANS), await closed_words(reader)]
        title = reader.say(texts_meters.REVOKE_TITLE, number=entry.id)
        ask(reader, title, means, act, strong=texts_meters.REVOKE)


def _facts(reader: Reader, whole: MeterDetail) -> None:
    say, words, meter = reader.say, reader.words, whole.meter
    if not meter.virtual:
        age = words.age(meter.reading_age_s)
        Words(say(texts_meters.FACTS_READING, value=last_reading(reader, meter), age=age), tag="span")
    Words(say(texts_meters.FACTS_OWNERS, owners=owners(reader, meter)), tag="span")
    if meter.parent is not None:
        Words(say(texts_meters.FACTS_PARENT, name=meter_name(reader, meter.parent)), tag="span")
    if not meter.virtual:
        link(say(texts_meters.LIVE_PAGE), f"/equipment/{meter.id}")


def _gaps(reader: Reader, meter: str, gaps: Sequence[GapView]) -> None:
    say, words, unit = reader.say, reader.words, meter_unit(reader, meter)
    if not gaps:
        note(say(texts_meters.NO_GAPS))
        return
    head = [(say(texts_meters.WHAT), ""), (say(texts_meters.WHEN), ""), (say(texts_meters.LENGTH), "num"),
            (say(texts_meters.AMOUNT), "num")]  # fmt: skip
    ordered = sorted(gaps, key=lambda gap: gap.start, reverse=True)
    with table(head):
        for gap in ordered[:MOST_GAPS]:
            with box(tag="tr"):
                Words(say(GAP_KINDS[gap.kind]), tag="td")
                Words(words.span(gap.start, gap.end), tag="td", classes="when")
                Words(words.length((gap.end - gap.start).total_seconds()), tag="td", classes="num")
                Words(words.amount(gap.amount, unit, 2), tag="td", classes="num")
    if len(ordered) > MOST_GAPS:
        note(say(texts_meters.MORE_GAPS, count=MOST_GAPS))
