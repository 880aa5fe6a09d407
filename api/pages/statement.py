"""The monthly statement of an office, as a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from api.pages import texts
from api.pages.frame import stamped
from api.pages.periods import recent_months
from api.pages.widgets import Choice, Words, box, heading, link, table, table_row
from api.problems import RequestProblem
from api.services.statement import parse_month, statement

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.statement import Statement


def statement_card(reader: Reader, office: str, asked: str | None) -> None:
    """The statement of the month asked for, of the running month otherwise."""
    now = reader.context.now()
    months = [f"{month:%Y-%m}" for month in recent_months(now.date())]
    month = _month(asked, months)
    with box("card") as card:
        card.props["id"] = "statement"
        with box("row spread"):
            heading(reader.say(texts.STATEMENT))
            address = f"/api/v1/statements/{office}/{month}?format=csv"
            link(reader.say(texts.DOWNLOAD_CSV), address, "button")
        with box("field").style("max-width: 11rem; margin: .6rem 0 1rem"):
            Choice(
                [(value, value) for value in ([month] if month not in months else []) + months],
                name=reader.say(texts.STATEMENT_MONTH),
                chosen=month,
                on_change=lambda value: ui.navigate.to(f"/office/{office}?month={value}#statement"),
            )
        shown = box()
        with shown:
            stamped(reader, texts.LOADING, lambda: _fill(reader, office, month, shown))


def _month(asked: str | None, months: list[str]) -> str:
    if asked is None:
        return months[0]
    try:
        return f"{parse_month(asked):%Y-%m}"
    except RequestProblem:
        return months[0]


async def _fill(reader: Reader, office: str, month: str, shown: ui.element) -> None:
    try:
        found = await statement(reader.context, office, month)
    except RequestProblem as problem:
        with shown:
            Words(reader.words.name(problem.text), classes="notice warn")
        return
    with shown:
        _totals(reader, found)
        _items(reader, found)
        _notes(reader, found)


def _totals(reader: Reader, found: Statement) -> None:
    say, words = reader.say, reader.words
    unit = words.unit(found.unit)
    with box("stats"):
        for name, value, per in (
            (texts.TOTAL, found.total, None),
            (texts.PER_HEAD, found.per_head, texts.EACH_HEAD),
            (texts.PER_AREA, found.per_m2, texts.EACH_M2),
        ):
            with box("stat"):
                Words(say(name), classes="tile-name")
                with box("figure"):
                    Words(words.number(value), tag="span")
                    Words(
                        f"{unit}{say(per) if per is not None else ''}" if value is not None else "",
                        tag="span",
                        classes="unit",
                    )


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
        running = say(texts.MONTH_RUNNING, time=words.moment(found.end))
        Words(running, tag="p", classes="muted small")
