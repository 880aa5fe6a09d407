"""One office: its use by hour, day and month, its statement of a month, its units and meters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nicegui import ui

from api.pages import texts
from api.pages.frame import framed, page_head, stamped
from api.pages.periods import Period, period_of
from api.pages.pulse import pulse_of
from api.pages.statement import statement_card
from api.pages.tables import period_choices, use_chart
from api.pages.units import UnitLine
from api.pages.widgets import Words, box, heading, link
from api.services.usage import usage

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.board import BoardUnit


async def office_page(reader: Reader, office: str, query: Mapping[str, str]) -> None:
    """Everything about one office."""
    say, words = reader.say, reader.words
    site = reader.context.site
    entry = site.offices[office]
    period = period_of(query, reader.context.clock.now(), site.zone)
    units = await _units(reader, office)
    with framed(reader, words.name(entry.name.text)):
        page_head(reader, words.name(entry.name.text), [(words.name(entry.name.text), "")], _facts(reader, office))
        with box("card"):
            heading(say(texts.OFFICE_USE))
            period_choices(reader, f"/office/{office}", period, (texts.BY_HOUR, texts.BY_DAY, texts.BY_MONTH))
            shown = box()
            with shown:
                stamped(reader, texts.LOADING, lambda: _fill_use(reader, office, period, shown))
        with box("two section"):
            statement_card(reader, office, query.get("month"))
            lines = _units_and_meters(reader, office, units)

    async def refresh() -> None:
        for unit in await _units(reader, office):
            lines[unit.id].show(unit)

    ui.timer(1.0, refresh, immediate=False)


def _facts(reader: Reader, office: str) -> list[str]:
    entry = reader.context.site.offices[office]
    facts = []
    if entry.headcount is not None:
        facts.append(reader.say(texts.HEADCOUNT, count=entry.headcount))
    if entry.area_m2 is not None:
        facts.append(reader.say(texts.AREA, area=f"{entry.area_m2:g}"))
    if entry.responsible is not None:
        facts.append(reader.say(texts.RESPONSIBLE, role=entry.responsible))
    return facts


async def _units(reader: Reader, office: str) -> list[BoardUnit]:
    board = await pulse_of(reader.context).board()
    return next((item.units for item in board.offices if item.id == office), [])


async def _fill_use(reader: Reader, office: str, period: Period, shown: ui.element) -> None:
    found = await usage(
        reader.context, by="office", start=period.start, end=period.end, every=period.every, keys=[office]
    )
    with shown:
        if not found.rows:
            Words(reader.say(texts.NO_HISTORY), classes="notice").style("margin-top: 1rem")
            return
        use_chart(reader, period, found.rows, found.unit)


def _units_and_meters(reader: Reader, office: str, units: list[BoardUnit]) -> dict[str, UnitLine]:
    say, words = reader.say, reader.words
    site = reader.context.site
    with box("card"):
        heading(say(texts.ITS_UNITS))
        lines = {unit.id: UnitLine(reader, unit) for unit in units}
        if not units:
            Words(say(texts.NO_UNITS), classes="muted")
        meters = [meter for meter in site.meters.values() if site.office_of(meter.id) == office]
        if meters:
            heading(say(texts.ITS_METERS), 3).style("margin: 1.1rem 0 .3rem")
            with box("facts"):
                for meter in meters:
                    item = texts.ITEMS.get(meter.item) if meter.item is not None else None
                    link(words.name(meter.text), f"/meters/{meter.id}").hint(say(item) if item is not None else "")
    return lines
