"""The tree of meters with what each counted beyond those behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nicegui import ui

from api.pages import texts, texts_meters, texts_use
from api.pages.frame import framed, page_head, stamped
from api.pages.names import meter_name
from api.pages.periods import Period, period_of
from api.pages.tables import period_choices
from api.pages.widgets import Choice, Words, box, field, link, note, table
from api.problems import RequestProblem
from api.services.balances import balances
from api.services.edges import Every
from facility.accounting.metering import Medium

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.balances import BalanceRow, Balances


async def balance_page(reader: Reader, query: Mapping[str, str]) -> None:
    """The balance of one medium in a day, month or year."""
    say, context = reader.say, reader.context
    period = period_of(query, context.clock.now(), context.site.zone, Every.DAY)
    medium = next((known for known in Medium if known == query.get("medium")), Medium.ELECTRICITY)
    with framed(reader, say(texts_meters.BALANCE), here="/balance"):
        page_head(reader, say(texts_meters.BALANCE), [], [])
        with box("card"):
            with box("row spread no-print"):
                names = (texts.ONE_DAY, texts.ONE_MONTH, texts.ONE_YEAR)
                period_choices(reader, "/balance", period, names, f"&medium={medium.value}")
                with box("row"):
                    _files(reader, period, medium)
            with box("narrow no-print"), field(say(texts_use.MEDIUM)):
                _media(reader, period, medium)
            shown = box()
            with shown:
                stamped(reader, texts.LOADING, lambda: _fill(reader, period, medium, shown))
            note(say(texts_meters.BALANCE_HINT))


def _media(reader: Reader, period: Period, medium: Medium) -> None:
    at = f"/balance?by={period.every.value}&at={period.title}&medium="
    options = [(f"{at}{known.value}", reader.say(texts_use.MEDIA[known.value])) for known in Medium]
    Choice(options, name=reader.say(texts_use.MEDIUM), chosen=f"{at}{medium.value}", on_change=ui.navigate.to)


def _files(reader: Reader, period: Period, medium: Medium) -> None:
    zone = reader.context.site.zone
    for form, name in (("csv", texts.DOWNLOAD_CSV), ("xlsx", texts_use.DOWNLOAD_XLSX)):
        asked = {
            "medium": medium.value, "start": period.start.astimezone(zone).isoformat(),
            "end": period.end.astimezone(zone).isoformat(), "format": form, "lang": reader.words.language,
        }  # fmt: skip
        link(reader.say(name), f"/api/v1/balance?{urlencode(asked)}", "button").props["download"] = True


async def _fill(reader: Reader, period: Period, medium: Medium, shown: ui.element) -> None:
    try:
        found = await balances(reader.context, medium, period.start, period.end)
    except RequestProblem as problem:
        with shown:
            Words(reader.words.name(problem.text), classes="notice warn")
        return
    with shown:
        if not found.rows:
            Words(reader.say(texts_meters.NO_METERS), classes="notice")
            return
        _tree(reader, found)
        limit = found.limit_percent
        told = (
            reader.say(texts_meters.NO_LIMIT) if limit is None else reader.say(texts_meters.LIMIT, percent=f"{limit:g}")
        )
        note(told)


def _tree(reader: Reader, found: Balances) -> None:
    say, unit = reader.say, reader.words.unit(found.unit)
    head = [(say(texts_meters.METER), ""), (say(texts_meters.USED, unit=unit), "num"),
            (say(texts_meters.OF_PARENT), "num"), (say(texts.COMPLETENESS), "num"), (say(texts_meters.BEHIND), "num"),
            (say(texts_meters.REMAINDER), "num"), (say(texts_meters.REMAINDER_SHARE), "num"),
            (say(texts_meters.JUDGED), "")]  # fmt: skip
    with table(head):
        for row in found.rows:
            _row(reader, row)


def _row(reader: Reader, row: BalanceRow) -> None:
    words = reader.words
    colour, verdict = _verdict(reader, row)
    with box(tag="tr") as line:
        line.props["data-meter"] = row.meter
        indent = 1.4 * row.level
        with box("name", "td").style(f"padding-left: {indent:.1f}rem; min-width: {indent + 6:.1f}rem"):
            link(words.name(row.name), f"/meters/{row.meter}")
        used = words.number(row.figure.value) if row.figure.value is not None else words.say(texts.GAP)
        Words(used, tag="td", classes="num")
        Words(words.share(row.share, 1) if row.level else "", tag="td", classes="num")
        Words(words.share(row.figure.completeness, 1), tag="td", classes="num")
        has_behind = row.remainder is not None
        remainder = None if row.remainder is None else row.remainder.value
        Words(words.number(row.known) if has_behind else "", tag="td", classes="num")
        marked = "num over" if colour == "bad" else "num"
        Words(words.number(remainder) if has_behind else "", tag="td", classes=marked)
        Words(words.share(row.remainder_share, 1) if has_behind else "", tag="td", classes=marked)
        with box("text", "td"):
            if verdict:
                Words(verdict, tag="span", classes=f"badge {colour}")
            if row.missing:
                named = words.say(texts.LIST_COMMA).join(meter_name(reader, meter) for meter in row.missing)
                Words(words.say(texts_meters.MISSING, meters=named), tag="span", classes="badge warn wraps")


def _verdict(reader: Reader, row: BalanceRow) -> tuple[str, str]:
    """Colour and word; nothing of a meter without others behind it, or of which too little is known."""
    if row.remainder is None or row.remainder.value is None:
        return "", ""
    if row.remainder.value < -row.remainder.error and row.remainder.value < 0:
        return "bad", reader.say(texts_meters.NEGATIVE)
    if row.over_limit:
        return "bad", reader.say(texts_meters.OVER)
    return "good", reader.say(texts_meters.WITHIN)
