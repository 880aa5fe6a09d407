"""The priority array of a unit: who wants what of it, in which slot, until when, and which of them decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts_priorities
from api.pages.widgets import Words, box

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.pages.reader import Reader
    from api.services.decisions import DecisionView, SlotView, WishView


def draw_priorities(
    reader: Reader, decision: DecisionView, wish_text: Callable[[Reader, WishView], str]
) -> None:  # fmt: skip
    """Draws the array under a verdict; nothing where it was not told."""
    if not decision.slots:
        return
    with box(tag="details"):
        Words(reader.say(texts_priorities.PRIORITIES), tag="summary")
        with box("stack"):
            for held in decision.slots:
                _slot(reader, held, wish_text(reader, held.wish))


def _slot(reader: Reader, held: SlotView, wish: str) -> None:
    words = reader.words
    part = texts_priorities.PARTS.get(held.who.partition(":")[0])
    who = words.say(part) if part is not None else held.who
    with box("row"):
        Words(words.say(texts_priorities.SLOT, slot=held.slot), tag="span", classes="badge")
        Words(wish, tag="span")
        Words(words.say(texts_priorities.BY, who=who, why=words.name(held.why)), tag="span", classes="muted")
        if held.until is not None:
            Words(words.say(texts_priorities.UNTIL, time=words.moment(held.until)), tag="span", classes="muted small")
        if held.wins:
            Words(words.say(texts_priorities.WINS), tag="span", classes="badge good")
