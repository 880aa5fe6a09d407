"""Which days the office works: announced holidays and make-up workdays, the site's own notices, and honest guesses.

Announced years come from chinesecalendar (the State Council's yearly notices, 2004 onwards). A year nobody announced
yet has weekends and the statutory days of the `holidays` package (全国年节及纪念日放假办法, art. 2), no make-up
workdays, and every day of it is provisional. Beyond that package's tables only weekends and statutory days with a
fixed date are known. No date raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from typing import Final, Literal

from chinese_calendar import constants as announced

from facility.model.entries import CalendarDay
from facility.text import Text

DayKind = Literal["workday", "rest"]

FIRST_ANNOUNCED: Final = min(announced.holidays).year
LAST_ANNOUNCED: Final = max(announced.holidays).year
REMIND_FROM: Final = (11, 1)
"""Month and day from which next year's notice is missed; it is usually published in October or November."""

_ANNOUNCED_SOURCE: Final = f"chinesecalendar {version('chinesecalendar')}"
_PROVISIONAL_SOURCE: Final = f"holidays {version('holidays')}"
_LUNAR_TABLE: Final = (1950, 2100)

FESTIVALS: Final[Mapping[str, Text]] = {
    "New Year's Day": Text("元旦", "New Year's Day"),
    "Spring Festival": Text("春节", "Spring Festival"),
    "Tomb-sweeping Day": Text("清明节", "Tomb-sweeping Day"),
    "Labour Day": Text("劳动节", "Labour Day"),
    "Dragon Boat Festival": Text("端午节", "Dragon Boat Festival"),
    "Mid-autumn Festival": Text("中秋节", "Mid-autumn Festival"),
    "National Day": Text("国庆节", "National Day"),
    "Anti-Fascist 70th Day": Text("抗战胜利 70 周年纪念日", "70th anniversary of victory"),
}
"""chinesecalendar's name of a festival -> its name."""

_STATUTORY_WORDS: Final = (
    ("元旦", "New Year's Day"), ("新年", "New Year's Day"), ("除夕", "Spring Festival"), ("春节", "Spring Festival"),
    ("清明", "Tomb-sweeping Day"), ("劳动", "Labour Day"), ("端午", "Dragon Boat Festival"),
    ("中秋", "Mid-autumn Festival"), ("国庆", "National Day"),
)  # fmt: skip

_FIXED_DAYS: Final[Mapping[tuple[int, int], str]] = {
    (1, 1): "New Year's Day", (5, 1): "Labour Day", (5, 2): "Labour Day",
    (10, 1): "National Day", (10, 2): "National Day", (10, 3): "National Day",
}  # fmt: skip

WORKDAY: Final = Text("工作日", "workday")
WEEKEND: Final = Text("周末", "weekend")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One date: whether the office works, and why.

    `official` is False for a guess about a year that is not announced. `source` names the table or notice.
    """

    date: date
    kind: DayKind
    official: bool
    why: Text
    source: str


class Calendar:
    """The office's calendar.

    Args:
        overrides: the site's own days, each with its notice; they win over every table. A year whose seven statutory
            festivals are all in them counts as announced, which is how next year's notice is entered before
            chinesecalendar carries it.
    """

    def __init__(self, overrides: Sequence[CalendarDay] = ()) -> None:
        self._overrides = {entry.day: entry for entry in overrides}
        self._years = _years_covered(self._overrides)
        self._days: dict[date, Day] = {}

    def day(self, when: date) -> Day:
        """What `when`, a local date, is. Never raises for a date."""
        known = self._days.get(when)
        if known is None:
            known = self._days[when] = self._look_up(when)
        return known

    def is_workday(self, when: date) -> bool:
        """Whether the office works on `when`."""
        return self.day(when).kind == "workday"

    def is_announced(self, year: int) -> bool:
        """Whether holidays and make-up workdays of `year` are known, not guessed."""
        return FIRST_ANNOUNCED <= year <= LAST_ANNOUNCED or year in self._years

    def missing_year(self, today: date) -> int | None:
        """The year whose notice somebody must enter: this one, or from 1 November the next. None when none is."""
        if not self.is_announced(today.year):
            return today.year
        is_due = (today.month, today.day) >= REMIND_FROM
        return today.year + 1 if is_due and not self.is_announced(today.year + 1) else None

    def _look_up(self, when: date) -> Day:
        entry = self._overrides.get(when)
        if entry is not None:
            return _by_notice(entry)
        if FIRST_ANNOUNCED <= when.year <= LAST_ANNOUNCED:
            return _announced_day(when)
        if when.year in self._years:
            return _ordinary(when, official=True, source=self._years[when.year])
        return _provisional_day(when)


def _by_notice(entry: CalendarDay) -> Day:
    words = Text("调休上班", "make-up workday") if entry.kind == "workday" else Text("放假", "day off")
    why = Text(f"{words.zh}（依据：{entry.notice}）", f"{words.en} (by notice: {entry.notice})")
    return Day(date=entry.day, kind=entry.kind, official=True, why=why, source=entry.notice)


def _announced_day(when: date) -> Day:
    if when in announced.workdays:
        festival = FESTIVALS[announced.workdays[when]]
        why = Text(f"{festival.zh}调休上班", f"make-up workday for {festival.en}")
        return Day(date=when, kind="workday", official=True, why=why, source=_ANNOUNCED_SOURCE)
    if when in announced.holidays:
        festival = FESTIVALS[announced.holidays[when]]
        if when in announced.in_lieu_days:
            festival = Text(f"{festival.zh}调休放假", f"{festival.en} (day in lieu)")
        return Day(date=when, kind="rest", official=True, why=festival, source=_ANNOUNCED_SOURCE)
    return _ordinary(when, official=True, source=_ANNOUNCED_SOURCE)


def _ordinary(when: date, *, official: bool, source: str) -> Day:
    is_weekend = when.weekday() >= 5
    return Day(
        date=when,
        kind="rest" if is_weekend else "workday",
        official=official,
        why=WEEKEND if is_weekend else WORKDAY,
        source=source,
    )


def _provisional_day(when: date) -> Day:
    festival = statutory_days(when.year).get(when)
    has_table = _LUNAR_TABLE[0] <= when.year <= _LUNAR_TABLE[1]
    source = _PROVISIONAL_SOURCE if has_table else "fixed-date statutory days"
    day = _ordinary(when, official=False, source=source)
    kind: DayKind = "rest" if festival is not None else day.kind
    why = _doubted(FESTIVALS[festival] if festival is not None else day.why, when.year)
    return Day(date=when, kind=kind, official=False, why=why, source=source)


def _doubted(why: Text, year: int) -> Text:
    return Text(
        f"{why.zh}（暂定：{year} 年放假安排没有正式通知）",
        f"{why.en} (provisional: there is no official notice for {year})",
    )


@lru_cache(maxsize=16)
def statutory_days(year: int) -> Mapping[date, str]:
    """The statutory days of `year` by festival name, without days in lieu; only fixed dates beyond the lunar table."""
    if not _LUNAR_TABLE[0] <= year <= _LUNAR_TABLE[1]:
        return {date(year, month, day): name for (month, day), name in _FIXED_DAYS.items()}
    import holidays  # a large package, wanted only for years that nobody announced

    table = holidays.country_holidays("CN", years=year, observed=False, language="zh_CN")
    found = ((when, _festival_of(name)) for when, name in table.items() if when.year == year)
    return {when: name for when, name in found if name is not None}


def _festival_of(name: str) -> str | None:
    """The festival in a day's Chinese name; None for one that is not a day off for everybody."""
    return next((festival for word, festival in _STATUTORY_WORDS if word in name), None)


def _years_covered(overrides: Mapping[date, CalendarDay]) -> dict[int, str]:
    """Years whose every statutory festival the site's table holds -> the notice."""
    return {
        year: overrides[first].notice
        for year in {day.year for day in overrides}
        if (first := _first_of_all_festivals(year, overrides)) is not None
    }


def _first_of_all_festivals(year: int, overrides: Iterable[date]) -> date | None:
    own = set(overrides)
    by_festival: dict[str, list[date]] = {}
    for when, festival in statutory_days(year).items():
        by_festival.setdefault(festival, []).append(when)
    named = [next((day for day in days if day in own), None) for days in by_festival.values()]
    days = [day for day in named if day is not None]
    return min(days) if days and len(days) == len(named) else None
