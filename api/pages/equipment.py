"""One piece of equipment: its live points, its history, why it does what it does, and its commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import ui

from api.pages import texts
from api.pages.commanding import CommandCard
from api.pages.frame import framed, page_head
from api.pages.history import HistoryCard
from api.pages.points import PointTable
from api.pages.reasons import ReasonCard
from api.pages.widgets import box
from facility.model.entries import IndoorUnit

if TYPE_CHECKING:
    from api.pages.reader import Reader

REFRESH_S: Final = 1.0


async def equipment_page(reader: Reader, equipment: str) -> None:
    """Everything about one piece of equipment, kept up to date."""
    words, site = reader.words, reader.context.site
    item = site.equipment[equipment]
    operable = site.is_operable(equipment)
    reasons: ReasonCard | None = None
    commands: CommandCard | None = None
    with framed(reader, words.name(item.text)):
        page_head(reader, words.name(item.text), _trail(reader, equipment), _facts(reader, equipment))
        with box("two"):
            with box("stack"):
                if operable:
                    reasons = ReasonCard(reader, equipment)
                    commands = CommandCard(reader, equipment)
                else:
                    points = PointTable(reader, equipment)
            with box("stack"):
                if operable:
                    points = PointTable(reader, equipment)
                HistoryCard(reader, equipment)

    async def refresh() -> None:
        points.show()
        if reasons is not None:
            await reasons.show()
        if commands is not None:
            await commands.show()

    await refresh()
    ui.timer(REFRESH_S, refresh, immediate=False)


def _trail(reader: Reader, equipment: str) -> list[tuple[str, str]]:
    site, words = reader.context.site, reader.words
    trail = []
    office = site.office_of(equipment)
    if office is not None:
        trail.append((words.name(site.offices[office].name.text), f"/office/{office}"))
    trail.append((words.name(site.equipment[equipment].text), ""))
    return trail


def _facts(reader: Reader, equipment: str) -> list[str]:
    site, words = reader.context.site, reader.words
    item = site.equipment[equipment]
    facts = [] if words.name(item.text) == equipment else [equipment]
    serves = [words.name(site.spaces[space].text) for space in getattr(item, "serves", ())]
    if serves:
        facts.append(f"{words.say(texts.SERVES)} {words.say(texts.LIST_COMMA).join(serves)}")
    if isinstance(item, IndoorUnit):
        facts.append(f"{words.say(texts.CAPACITY)} {words.amount(item.capacity_kw, 'kW', 1)}")
    if item.device is not None:
        facts.append(f"{words.say(texts.DEVICE)} {item.device}")
    return facts
