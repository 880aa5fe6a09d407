"""A year as twelve months: workdays, rest, make-up workdays, closures, half days, guesses, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from api.pages import texts_almanac
from api.pages.widgets import Words, box, heading, link
from facility.calendar import WEEKEND

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.almanac import DayView, YearView

_DIGITS = 12


def kind_of(day: DayView) -> str:
    """What a day is shown as: its key in the legend."""
    if day.closed:
        return "closed"
    if day.half_day:
        return "half"
    if day.kind == "workday":
        return "makeup" if day.make_up else "work"
    return "rest" if day.why.zh.startswith(WEEKEND.zh) else "holiday"


def year_head(reader: Reader, year: YearView) -> None:
    """The year, the way to its neighbours, and how well it is known."""
    say = reader.say
    with box("row spread"):
        with box("row"):
            heading(say(texts_almanac.YEAR, year=year.year))
            badge = Words(
                say(texts_almanac.STATUS[year.status]), tag="span",
                classes="badge good" if year.status == "official" else "badge warn",
            )  # fmt: skip
            badge.props["data-status"] = year.status
            Words(say(texts_almanac.WORKDAYS, count=year.workdays), tag="span", classes="muted")
        with box("choices"):
            link(say(texts_almanac.YEAR_BEFORE), f"/almanac?year={year.year - 1}")
            link(say(texts_almanac.YEAR_AFTER), f"/almanac?year={year.year + 1}")
    if year.notice is not None and year.sha256 is not None:
        source = say(
            texts_almanac.BY_TABLE, notice=year.notice, issued=year.issued, digest=f"{year.sha256[:_DIGITS]}…"
        )  # fmt: skip
        Words(source, tag="p", classes="muted small").hint(year.sha256)
    if year.missing_year is not None:
        notice = Words(say(texts_almanac.MISSING, year=year.missing_year), classes="notice warn")
        notice.props["data-missing"] = year.missing_year


def year_grid(reader: Reader, year: YearView) -> None:
    """The twelve months and what their colours mean."""
    by_date = {day.date: day for day in year.days}
    today = reader.context.now().date()
    with box("year-grid"):
        for number in range(1, 13):
            _month(reader, number, {day: view for day, view in by_date.items() if day.month == number}, today)
    with box("year-legend"):
        for name, words in texts_almanac.LEGEND.items():
            with box("row", "span"):
                Words("", tag="span", classes=f"swatch {name}")
                Words(reader.say(words), tag="span")


def _month(reader: Reader, number: int, days: Mapping[date, DayView], today: date) -> None:
    first = min(days)
    blanks: list[DayView | None] = [None] * first.weekday()
    cells = blanks + list(days.values())
    with box("month"):
        heading(reader.say(texts_almanac.MONTHS[number - 1]), 3)
        with box("", "table"):
            with box(tag="thead"), box(tag="tr"):
                for weekday in texts_almanac.WEEKDAYS:
                    Words(reader.say(weekday), tag="th")
            with box(tag="tbody"):
                for start in range(0, len(cells), 7):
                    with box(tag="tr"):
                        for cell in cells[start : start + 7]:
                            _cell(reader, cell, today)


def _cell(reader: Reader, day: DayView | None, today: date) -> None:
    if day is None:
        Words("", tag="td")
        return
    kind = kind_of(day)
    classes = [kind, *(() if day.official else ("provisional",)), *(("partly",) if day.parts else ())]
    if day.date == today:
        classes.append("today")
    with box(" ".join(classes), "td") as cell:
        Words(str(day.date.day), tag="span")
        mark = texts_almanac.MARKS.get(kind)
        if mark is not None:
            Words(reader.say(mark), tag="i")
    language = reader.words.language
    hints = [day.why.in_language(language), day.source, *(part.in_language(language) for part in day.parts)]
    cell.props["title"] = f"{day.date.isoformat()} {'; '.join(hints)}"
    cell.props["data-day"] = day.date.isoformat()
