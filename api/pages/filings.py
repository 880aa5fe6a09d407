"""Filings: exceptions, notices and bookings; the list, the form, and the register to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from nicegui import ui
from starlette.requests import Request

from api.pages import texts, texts_filings, texts_use
from api.pages.filing_form import FilingForm
from api.pages.filing_list import FilingList
from api.pages.filing_register import register_page
from api.pages.frame import framed, page_head, stamped
from api.pages.periods import recent_months
from api.pages.reader import reader_of
from api.pages.widgets import Choice, Words, box, field, heading, link, note
from api.problems import RequestProblem
from api.services.edges import month_span, next_month
from api.services.filings import filings, may_file
from api.services.months import parse_month

if TYPE_CHECKING:
    from datetime import date, datetime

    from api.context import ApiContext
    from api.pages.reader import Reader
    from api.pages.sessions import Sessions
    from facility.filings import FilingPhase

BUILD_S = 15.0
LOOK_S = 5.0
"""How often an open list looks whether anything changed."""


def register(context: ApiContext, sessions: Sessions) -> None:
    """Puts the pages of this part on NiceGUI."""

    @ui.page("/filings", response_timeout=BUILD_S)
    async def listed(request: Request) -> None:
        filings_page(await reader_of(request, context, sessions), request.query_params)

    @ui.page("/filings/register", response_timeout=BUILD_S)
    async def printed(request: Request) -> None:
        reader = await reader_of(request, context, sessions)
        month = _month(request.query_params) or f"{reader.context.now():%Y-%m}"
        register_page(reader, month, _office(reader, request.query_params))


def filings_page(reader: Reader, query: Mapping[str, str]) -> None:
    """What is filed, and the form to file."""
    say, month, office = reader.say, _month(query), _office(reader, query)
    with framed(reader, say(texts_filings.TITLE), here="/filings"):
        page_head(reader, say(texts_filings.TITLE), [(say(texts_filings.TITLE), "")], [])
        note(say(texts_filings.HINT))
        with box("row spread no-print").style("margin-bottom: 1rem; align-items: end"):
            _filters(reader, month, office)
            _files(reader, month, office)
        with box("beside-form"):
            sheet = _Sheet(reader, month, office)
            with box("card") as card:
                card.props["id"] = "file"
                heading(say(texts_filings.FORM))
                _form(reader, query, sheet)


class _Sheet:
    """The list, drawn anew when the register changed, whoever changed it."""

    def __init__(self, reader: Reader, month: str | None, office: str | None) -> None:
        self._reader = reader
        self._span = _span(reader, month)
        self._office = office
        self._drawn: list[tuple[int, FilingPhase]] | None = None
        with box("card") as self._card:
            self._card.props["id"] = "filings"
            self._body = box("stack")
            with self._body:
                stamped(reader, texts.LOADING, self.look)
        ui.timer(LOOK_S, self.look)

    async def look(self) -> None:
        """Draws the list anew where a filing came, or one stands differently by now."""
        start, end = self._span
        found = await filings(self._reader.context, start=start, end=end, office=self._office)
        standing = [(row.id, row.phase) for row in found.rows]
        if standing == self._drawn:
            return
        self._drawn = standing
        self._body.clear()
        with self._body:
            FilingList(self._reader, self.look).draw(found.rows)


def _form(reader: Reader, query: Mapping[str, str], sheet: _Sheet) -> None:
    if may_file(reader.actor):
        equipment = query.get("equipment", "")
        known = equipment in reader.context.site.equipment
        FilingForm(reader, [("equipment", equipment)] if known else [], sheet.look)
    elif reader.actor is None:
        link(reader.say(texts_filings.LOG_IN), f"/login?next={quote(reader.path, safe='/')}", "button")
    else:
        Words(reader.say(texts_filings.MAY_NOT), classes="notice")


def _filters(reader: Reader, month: str | None, office: str | None) -> None:
    say, words = reader.say, reader.words
    months = [f"{first:%Y-%m}" for first in _months(reader)]
    if month is not None and month not in months:
        months.insert(0, month)
    offices = [(key, words.name(item.name.text)) for key, item in reader.context.site.offices.items()]
    with box("row"):
        with field(say(texts_filings.MONTH)):
            Choice(
                [("", say(texts_filings.FROM_NOW)), *((value, value) for value in months)],
                name=say(texts_filings.MONTH), chosen=month or "",
                on_change=lambda value: ui.navigate.to(_address("/filings", value, office)),
            ).props["data-field"] = "month"  # fmt: skip
        with field(say(texts_filings.OFFICE)):
            Choice(
                [("", say(texts_filings.ALL_OFFICES)), *offices],
                name=say(texts_filings.OFFICE), chosen=office or "",
                on_change=lambda value: ui.navigate.to(_address("/filings", month, value)),
            ).props["data-field"] = "of-office"  # fmt: skip


def _files(reader: Reader, month: str | None, office: str | None) -> None:
    shown = month or f"{reader.context.now():%Y-%m}"
    with box("row"):
        link(reader.say(texts_filings.REGISTER), _address("/filings/register", shown, office), "button strong")
        for form, name in (("csv", texts.DOWNLOAD_CSV), ("xlsx", texts_use.DOWNLOAD_XLSX)):
            address = _address("/api/v1/filings", shown, office)
            target = f"{address}&format={form}&lang={reader.words.language}"
            link(reader.say(name), target, "button").props["download"] = True


def _address(path: str, month: str | None, office: str | None) -> str:
    words = [f"{name}={value}" for name, value in (("month", month), ("office", office)) if value]
    return path + (f"?{'&'.join(words)}" if words else "")


def _months(reader: Reader) -> list[date]:
    """The month after this one, this one, and those before."""
    recent = recent_months(reader.context.now().date())
    return [next_month(recent[0]), *recent]


def _month(query: Mapping[str, str]) -> str | None:
    try:
        return f"{parse_month(query['month']):%Y-%m}" if "month" in query else None
    except RequestProblem:
        return None


def _office(reader: Reader, query: Mapping[str, str]) -> str | None:
    office = query.get("office")
    return office if office in reader.context.site.offices else None


def _span(reader: Reader, month: str | None) -> tuple[datetime, datetime | None]:
    """A month, or from the beginning of this one on."""
    zone = reader.context.site.zone
    if month is not None:
        return month_span(parse_month(month), zone)
    return month_span(reader.context.now().date(), zone)[0], None
