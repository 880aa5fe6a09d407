"""The monthly statement of an office: in short as a card, and whole as a page that can be printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from nicegui import ui

from api.pages import texts, texts_statement, texts_use
from api.pages.frame import framed, page_head, stamped
from api.pages.periods import recent_months
from api.pages.statement_compared import coal, comparisons
from api.pages.statement_cost import costs, quotas
from api.pages.statement_doubts import corrections, doubts
from api.pages.statement_filings import filed
from api.pages.statement_observance import observance
from api.pages.statement_origin import origin, totals
from api.pages.statement_split import splits
from api.pages.widgets import Choice, Words, box, field, heading, link, note, table, table_row
from api.problems import RequestProblem
from api.services.months import parse_month
from api.services.statement import statement

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.statement import Statement

SHORT_DIGEST: Final = 12
"""Characters of the sum that are shown; all of them on hover."""


async def statement_page(reader: Reader, office: str, query: Mapping[str, str]) -> None:
    """The whole statement of the month asked for, of the running month otherwise."""
    say, words = reader.say, reader.words
    month, months = _months(reader, query.get("month"))
    name = words.name(reader.context.site.offices[office].name.text)
    title = say(texts_statement.TITLE, office=name, month=month)
    with framed(reader, title, here="/months"):
        page_head(reader, title, [(name, f"/office/{office}"), (say(texts.STATEMENT), "")], [])
        with box("row spread no-print"):
            _month_choice(reader, month, months, f"/statements/{office}?month={{month}}")
            with box("row"):
                _files(reader, office, month)
                _print_button(reader)
        shown = box("statement")
        with shown:
            stamped(reader, texts.LOADING, lambda: _fill_page(reader, office, month, shown))


def statement_card(reader: Reader, office: str, asked: str | None) -> None:
    """The statement in short: totals, items, the quota, and the way to the whole one."""
    month, months = _months(reader, asked)
    with box("card") as card:
        card.props["id"] = "statement"
        with box("row spread"):
            heading(reader.say(texts.STATEMENT))
            with box("row"):
                _files(reader, office, month)
        with box("row spread").style("margin: .6rem 0 1rem; align-items: end"):
            _month_choice(reader, month, months, f"/office/{office}?month={{month}}#statement")
            link(reader.say(texts_statement.WHOLE), f"/statements/{office}?month={month}", "button strong")
        shown = box()
        with shown:
            stamped(reader, texts.LOADING, lambda: _fill_card(reader, office, month, shown))


def _months(reader: Reader, asked: str | None) -> tuple[str, list[str]]:
    """The month asked for, and those to choose from."""
    months = [f"{month:%Y-%m}" for month in recent_months(reader.context.now().date())]
    try:
        month = months[0] if asked is None else f"{parse_month(asked):%Y-%m}"
    except RequestProblem:
        month = months[0]
    return month, months if month in months else [month, *months]


def _month_choice(reader: Reader, month: str, months: list[str], address: str) -> None:
    with field(reader.say(texts.STATEMENT_MONTH)):
        Choice(
            [(value, value) for value in months],
            name=reader.say(texts.STATEMENT_MONTH),
            chosen=month,
            on_change=lambda value: ui.navigate.to(address.format(month=value)),
        )


def _files(reader: Reader, office: str, month: str) -> None:
    for form, name in (("csv", texts.DOWNLOAD_CSV), ("xlsx", texts_use.DOWNLOAD_XLSX)):
        address = f"/api/v1/statements/{office}/{month}?format={form}&lang={reader.words.language}"
        link(reader.say(name), address, "button").props["download"] = True


def _print_button(reader: Reader) -> None:
    words = Words(reader.say(texts_statement.PRINT), tag="button", classes="button strong")
    words.props["type"] = "button"
    words.on("click", js_handler="() => window.print()")


async def _read(reader: Reader, office: str, month: str, shown: ui.element) -> Statement | None:
    """The statement; None where it cannot be, which is told."""
    try:
        return await statement(reader.context, office, month)
    except RequestProblem as problem:
        with shown:
            Words(reader.words.name(problem.text), classes="notice warn")
        return None


async def _fill_page(reader: Reader, office: str, month: str, shown: ui.element) -> None:
    found = await _read(reader, office, month, shown)
    if found is None:
        return
    with shown:
        with box("card section"):
            totals(reader, found)
            _standing(reader, found)
        origin(reader, found)
        splits(reader, found)
        costs(reader, found)
        quotas(reader, found)
        coal(reader, found)
        comparisons(reader, found)
        filed(reader, found)
        observance(reader, found)
        doubts(reader, found)
        corrections(reader, found)


def _standing(reader: Reader, found: Statement) -> None:
    """What the figures cover, and whether they still may change."""
    say, words = reader.say, reader.words
    with box("facts small").style("margin-top: .8rem"):
        if found.closed is not None and found.sha256 is not None:
            Words(say(texts_statement.CLOSED, time=words.stamp(found.closed)), tag="span", classes="badge good")
            digest = Words(say(texts_statement.DIGEST, short=found.sha256[:SHORT_DIGEST]), tag="span", classes="digest")
            digest.hint(found.sha256)
        else:
            Words(say(texts_statement.OPEN), tag="span", classes="badge")
        Words(say(texts_statement.COVERED, span=words.span(found.start, found.end)), tag="span")
        if found.people is not None:
            people = words.number(found.people, 0 if found.people == round(found.people) else 2)
            Words(say(texts_statement.PEOPLE, people=people), tag="span")
        if found.area_m2 is not None:
            Words(say(texts_statement.AREA, area=words.number(found.area_m2, 1)), tag="span")
        if found.responsible is not None:
            Words(say(texts.RESPONSIBLE, role=found.responsible), tag="span")
        if found.error > 0:
            told = words.amount(found.error, found.unit, 2)
            Words(say(texts_statement.UNCERTAIN, error=told), tag="span")
    if not found.finished:
        note(say(texts.MONTH_RUNNING, time=words.moment(found.end)))


async def _fill_card(reader: Reader, office: str, month: str, shown: ui.element) -> None:
    found = await _read(reader, office, month, shown)
    if found is None:
        return
    with shown:
        totals(reader, found)
        _items(reader, found)
        _notes(reader, found)


def _items(reader: Reader, found: Statement) -> None:
    say, words = reader.say, reader.words
    with box().style("margin-top: 1rem"):
        body = table([(say(texts.ITEM), ""), (say(texts.USED), "num"), (say(texts.COMPLETENESS), "num")])
        with body:
            for amount in [*found.items, *found.other_media]:
                value = words.amount(amount.value, amount.unit, 1) if amount.value is not None else say(texts.GAP)
                table_row([(words.name(amount.name), ""), (value, "num"), (words.share(amount.completeness), "num")])


def _notes(reader: Reader, found: Statement) -> None:
    say, words = reader.say, reader.words
    if found.quota is not None:
        over = found.quota.used_share is not None and found.quota.used_share > 1.0
        allowance = words.amount(found.quota.allowance_kwh, "kWh", 0)
        text = say(texts.USED_OF_QUOTA, allowance=allowance, share=words.share(found.quota.used_share))
        notice = f"{say(texts.OVER_QUOTA)} · {text}" if over else text
        Words(notice, classes="notice bad" if over else "notice").style("margin-top: 1rem")
    if not found.finished:
        note(say(texts.MONTH_RUNNING, time=words.moment(found.end)))
