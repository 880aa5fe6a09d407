"""What was kept to and what was not: offices against rules, the trend, and where and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request

from api.pages import texts, texts_use
from api.pages import texts_observance as own
from api.pages.charts import Bar, bars
from api.pages.frame import framed, page_head, stamped
from api.pages.patrol import patrol_page
from api.pages.periods import recent_months
from api.pages.reader import reader_of
from api.pages.widgets import Choice, Words, box, field, heading, link, note, part, table
from api.problems import RequestProblem
from api.services.edges import next_month
from api.services.months import parse_month
from api.services.observance import By, ObservanceRow, ObservanceTable, observance_details, observance_table
from facility.observance import RULE_NAMES, Rule

if TYPE_CHECKING:
    from api.context import ApiContext
    from api.pages.reader import Reader
    from api.pages.sessions import Sessions
    from api.services.observance import ObservanceDetail

BUILD_S: Final = 15.0
MOST_DETAILS: Final = 200
MOST_TIMES: Final = 8


def register(context: ApiContext, sessions: Sessions) -> None:
    """Puts the pages of this part on NiceGUI."""

    @ui.page("/observance", response_timeout=BUILD_S)
    async def observance(request: Request) -> None:
        observance_page(await reader_of(request, context, sessions), request.query_params)

    @ui.page("/patrol", response_timeout=BUILD_S)
    async def patrol(request: Request) -> None:
        patrol_page(await reader_of(request, context, sessions), request.query_params)


def observance_page(reader: Reader, query: Mapping[str, str]) -> None:
    """A month: the table of offices and rules, the trend, and the details of what is chosen."""
    month = _month(reader, query.get("month"))
    office = query.get("office") if query.get("office") in reader.context.site.offices else None
    rule = next((known for known in Rule if known.value == query.get("rule")), None)
    title = reader.say(own.TITLE)
    with framed(reader, title, here="/observance"):
        page_head(reader, title, [(title, "")], [])
        note(reader.say(own.HINT))
        with box("row spread no-print").style("margin: .9rem 0; align-items: end"):
            _choices(reader, month, office, rule)
            _files(reader, month, office)
        shown = box("stack")
        with shown:
            stamped(reader, texts.LOADING, lambda: _fill(reader, shown, month, office, rule))


def _month(reader: Reader, asked: str | None) -> date:
    present = reader.context.now().date().replace(day=1)
    try:
        return present if asked is None else parse_month(asked)
    except RequestProblem:
        return present


def _address(month: date, office: str | None = None, rule: Rule | None = None) -> str:
    query = {"month": f"{month:%Y-%m}", "office": office, "rule": None if rule is None else rule.value}
    return "/observance?" + urlencode({name: value for name, value in query.items() if value is not None})


def _choices(reader: Reader, month: date, office: str | None, rule: Rule | None) -> None:
    say = reader.say
    months = recent_months(reader.context.now().date())
    months = months if month in months else [month, *months]
    with box("row"):
        with field(say(texts.STATEMENT_MONTH)):
            Choice(
                [(f"{known:%Y-%m}", f"{known:%Y-%m}") for known in months],
                name=say(texts.STATEMENT_MONTH),
                chosen=f"{month:%Y-%m}",
                on_change=lambda value: ui.navigate.to(_address(parse_month(value), office, rule)),
            )
        with field(say(own.OFFICE)):
            offices = [(key, reader.words.name(entry.name.text)) for key, entry in reader.context.site.offices.items()]
            Choice(
                [("", say(own.ALL_OFFICES)), *offices],
                name=say(own.OFFICE),
                chosen=office or "",
                on_change=lambda value: ui.navigate.to(_address(month, value or None, rule)),
            )


def _files(reader: Reader, month: date, office: str | None) -> None:
    query = {"start": month.isoformat(), "end": next_month(month).isoformat(), "lang": reader.words.language}
    query |= {} if office is None else {"office": office}
    with box("row"):
        for form, name in (("csv", texts.DOWNLOAD_CSV), ("xlsx", texts_use.DOWNLOAD_XLSX)):
            address = "/api/v1/observance?" + urlencode({**query, "format": form})
            link(reader.say(name), address, "button").props["download"] = True


async def _fill(
    reader: Reader, shown: ui.element, month: date, office: str | None, rule: Rule | None
) -> None:  # fmt: skip
    context, end = reader.context, next_month(month)
    whole = await observance_table(context, month, end, By.OFFICE, office=office)
    by_day = await observance_table(context, month, end, By.DAY, office=office)
    details = await observance_details(context, month, end, office=office, rule=rule)
    with shown:
        if whole.reckoned_until is None:
            note(reader.say(own.NOT_RECKONED))
            return
        with box("card"):
            _standing(reader, whole)
            _matrix(reader, whole, month)
        with part(reader.say(own.TREND), "trend"):
            _trend(reader, by_day, month, rule)
        _details(reader, details, month, office, rule)


def _standing(reader: Reader, whole: ObservanceTable) -> None:
    with box("facts small"):
        Words(reader.say(own.RECKONED_UNTIL, time=reader.words.stamp(whole.reckoned_until)), tag="span")
        if whole.days_missing:
            Words(reader.say(own.DAYS_MISSING, count=len(whole.days_missing)), tag="span", classes="badge warn")


def _matrix(reader: Reader, whole: ObservanceTable, month: date) -> None:
    """Offices down, rules across: the minutes in which each was broken."""
    rules = [rule for rule in Rule if any(row.rule == rule.value for row in whole.rows)]
    cells = {(row.key, row.rule): row for row in whole.rows}
    columns = [(reader.say(own.OFFICE), ""), *((reader.say(RULE_NAMES[rule]), "num") for rule in rules)]
    with table([*columns, (reader.say(own.TOTAL), "num")]):
        for key in dict.fromkeys(row.key for row in whole.rows):
            found = [cells.get((key, rule.value)) for rule in rules]
            name = next(row.name for row in whole.rows if row.key == key)
            with box(tag="tr") as line:
                line.props["data-office"] = key
                with box(tag="td"):
                    link(reader.words.name(name), _address(month, key or None))
                for rule, row in zip(rules, found, strict=True):
                    _cell(reader, row, _address(month, key or None, rule))
                broken = sum(row.broken_minutes for row in found if row is not None)
                Words(reader.words.number(broken, 0), tag="td", classes="num")


def _cell(reader: Reader, row: ObservanceRow | None, address: str) -> None:
    say, words = reader.say, reader.words
    with box("num", "td"):
        if row is None:
            Words(say(texts.MISSING), tag="span", classes="muted")
            return
        classes = "badge bad" if row.broken_minutes else "muted"
        found = link(words.number(row.broken_minutes, 0), address, classes)
        found.hint(
            say(
                own.CELL_HINT, broken=row.broken_minutes, times=row.times, filed=row.filed_minutes,
                unknown=row.unknown_minutes, judged=row.judged_minutes,
            )
        )  # fmt: skip
        for minutes, name in ((row.filed_minutes, own.FILED), (row.unknown_minutes, own.UNKNOWN)):
            if minutes:
                Words(f"{say(name)} {words.number(minutes, 0)}", classes="muted small")


def _trend(reader: Reader, by_day: ObservanceTable, month: date, rule: Rule | None) -> None:
    """Every day of the month; one that was not reckoned is a gap, not a zero."""
    found: dict[str, int] = {}
    for row in by_day.rows:
        if rule is None or row.rule == rule.value:
            found[row.key] = found.get(row.key, 0) + row.broken_minutes
        else:
            found.setdefault(row.key, 0)
    today = reader.context.now().date()
    labelled = [
        Bar(
            label=f"{day:%m-%d}",
            value=found.get(day.isoformat()),
            completeness=1.0,
            to_come=day > today or (day == today and day.isoformat() not in found),
        )
        for day in (month + timedelta(days=ahead) for ahead in range((next_month(month) - month).days))
    ]
    ui.echart(bars(labelled, reader.say(own.UNIT), reader.words)).classes("chart")


def _details(
    reader: Reader, rows: Sequence[ObservanceDetail], month: date, office: str | None, rule: Rule | None
) -> None:
    say, words = reader.say, reader.words
    chosen = [words.name(reader.context.site.offices[office].name.text)] if office is not None else []
    chosen += [say(RULE_NAMES[rule])] if rule is not None else []
    with box("card section") as card:
        card.props["id"] = "details"
        heading(say(own.DETAILS_OF, what=" · ".join(chosen)) if chosen else say(own.DETAILS))
        if chosen:
            link(say(own.BACK), _address(month), "button no-print")
        if not rows:
            note(say(own.NOTHING))
            return
        columns = [
            (say(own.DAY), ""), (say(own.EQUIPMENT), ""), (say(own.RULE), ""), (say(own.BROKEN), "num"),
            (say(own.TIMES), "num"), (say(own.FILED_MINUTES), "num"), (say(own.UNKNOWN_MINUTES), "num"),
            (say(own.WHEN), "num"),
        ]  # fmt: skip
        with table(columns):
            for row in sorted(rows, key=lambda known: known.day, reverse=True)[:MOST_DETAILS]:
                _detail(reader, row)
        if len(rows) > MOST_DETAILS:
            note(say(own.MORE, count=len(rows) - MOST_DETAILS))


def _detail(reader: Reader, row: ObservanceDetail) -> None:
    words = reader.words
    times = [f"{words.clock(span.start)}-{words.clock(span.end)}" for span in row.spans]
    when = ", ".join(times[:MOST_TIMES]) + (" …" if len(times) > MOST_TIMES else "")
    with box(tag="tr") as line:
        line.props["data-detail"] = f"{row.day}:{row.equipment}:{row.rule}"
        Words(f"{row.day:%Y-%m-%d}", tag="td", classes="num")
        with box(tag="td"):
            if row.equipment in reader.context.site.indoor_units:
                link(words.name(row.name), f"/equipment/{row.equipment}")
            else:
                Words(words.name(row.name), tag="span")
        Words(f"{words.name(row.rule_name)} {row.clause}", tag="td")
    with line:
        table_cells = (row.broken_minutes, row.times, row.filed_minutes, row.unknown_minutes)
        for number in table_cells:
            Words(words.number(number, 0), tag="td", classes="num")
        Words(when, tag="td", classes="num small")
