"""The priority array of a unit: who wants what of it, in which slot, until when, and which of them decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages.widgets import Words, box
from facility.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.pages.reader import Reader
    from api.services.decisions import DecisionView, SlotView, WishView

PRIORITIES: Final = Text("优先级（数字小者优先）", "Priorities (the lowest number wins)")
SLOT: Final = Text("第 {slot} 级", "slot {slot}")
WINS: Final = Text("生效", "decides")
BY: Final = Text("{who}：{why}", "{who}: {why}")
UNTIL: Final = Text("至 {time}", "until {time}")
PARTS: Final = {
    "controller": Text("控制器", "controller"),
    "wall": Text("现场面板", "wall"),
    "found": Text("启动时状态", "found at start"),
    "fire": Text("消防信号", "fire input"),
}
"""Who stands behind a slot where it is no person."""


def draw_priorities(
    reader: Reader, decision: DecisionView, wish_text: Callable[[Reader, WishView], str]
) -> None:  # fmt: skip
    """Draws the array under a verdict; nothing where it was not told."""
    if not decision.slots:
        return
    with box(tag="details"):
        Words(reader.say(PRIORITIES), tag="summary")
        with box("stack"):
            for held in decision.slots:
                _slot(reader, held, wish_text(reader, held.wish))


def _slot(reader: Reader, held: SlotView, wish: str) -> None:
    words = reader.words
    part = PARTS.get(held.who.partition(":")[0])
    who = words.say(part) if part is not None else held.who
    with box("row"):
        Words(words.say(SLOT, slot=held.slot), tag="span", classes="badge")
        Words(wish, tag="span")
        Words(words.say(BY, who=who, why=words.name(held.why)), tag="span", classes="muted")
        if held.until is not None:
            Words(words.say(UNTIL, time=words.moment(held.until)), tag="span", classes="muted small")
        if held.wins:
            Words(words.say(WINS), tag="span", classes="badge good")
