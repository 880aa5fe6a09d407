"""The days off for everybody: as announced year by year, as the law fixes them, and as one may guess.

Announced years come from chinesecalendar (the State Council's yearly notices, 2004 onwards). Statutory days of other
years come from the `holidays` package (全国年节及纪念日放假办法, art. 2); beyond its tables only those with a fixed
date are known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from typing import Final, Literal

from chinese_calendar import constants as announced

from facility.text import Text

DayKind = Literal["workday", "rest"]

FIRST_ANNOUNCED: Final[int] = min(announced.holidays).year
LAST_ANNOUNCED: Final[int] = max(announced.holidays).year

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
class Plain:
    """What a date is by weekday and tables alone. `official` is False for a guess, `make_up` tells a workday at a
    weekend, `festival` names the festival that gives the day off, or for which it makes up.
    """

    kind: DayKind
    official: bool
    why: Text
    source: str
    festival: str | None = None
    make_up: bool = False


def is_announced(year: int) -> bool:
    """Whether chinesecalendar carries the notice of `year`."""
    return FIRST_ANNOUNCED <= year <= LAST_ANNOUNCED


def has_lunar_table(year: int) -> bool:
    """Whether the statutory days of `year` that follow the moon are known."""
    return _LUNAR_TABLE[0] <= year <= _LUNAR_TABLE[1]


def announced_day(when: date) -> Plain:
    """A date of an announced year, see `is_announced`."""
    if when in announced.workdays:
        name = announced.workdays[when]
        festival = FESTIVALS[name]
        why = Text(f"{festival.zh}调休上班", f"make-up workday for {festival.en}")
        return Plain(
            kind="workday", official=True, why=why, source=_ANNOUNCED_SOURCE, festival=name, make_up=when.weekday() >= 5
        )
    if when in announced.holidays:
        name = announced.holidays[when]
        festival = FESTIVALS[name]
        if when in announced.in_lieu_days:
            festival = Text(f"{festival.zh}调休放假", f"{festival.en} (day in lieu)")
        return Plain(kind="rest", official=True, why=festival, source=_ANNOUNCED_SOURCE, festival=name)
    return ordinary_day(when, official=True, source=_ANNOUNCED_SOURCE)


def ordinary_day(when: date, *, official: bool, source: str) -> Plain:
    """A date by its weekday alone."""
    if when.weekday() >= 5:
        return Plain(kind="rest", official=official, why=WEEKEND, source=source)
    return Plain(kind="workday", official=official, why=WORKDAY, source=source)


def guessed_day(when: date) -> Plain:
    """A date of a year that nobody announced: weekends and statutory days rest, there are no make-up workdays."""
    festival = statutory_days(when.year).get(when)
    source = _PROVISIONAL_SOURCE if has_lunar_table(when.year) else "fixed-date statutory days"
    day = ordinary_day(when, official=False, source=source)
    kind: DayKind = "rest" if festival is not None else day.kind
    why = doubted(FESTIVALS[festival] if festival is not None else day.why, when.year)
    return Plain(kind=kind, official=False, why=why, source=source, festival=festival)


def doubted(why: Text, year: int) -> Text:
    """`why` with the remark that it is a guess."""
    return Text(
        f"{why.zh}（暂定：{year} 年放假安排没有正式通知）",
        f"{why.en} (provisional: there is no official notice for {year})",
    )


@lru_cache(maxsize=16)
def statutory_days(year: int) -> Mapping[date, str]:
    """The statutory days of `year` by festival name, without days in lieu; only fixed dates beyond the lunar table."""
    if not has_lunar_table(year):
        return {date(year, month, day): name for (month, day), name in _FIXED_DAYS.items()}
    import holidays  # a large package, wanted only for years that nobody announced

    table = holidays.country_holidays("CN", years=year, observed=False, language="zh_CN")
    found = ((when, _festival_of(name)) for when, name in table.items() if when.year == year)
    return {when: name for when, name in found if name is not None}


def _festival_of(name: str) -> str | None:
    """The festival in a day's Chinese name; None for one that is not a day off for everybody."""
    return next((festival for word, festival in _STATUTORY_WORDS if word in name), None)


def festivals_missing(year: int, days: Collection[date]) -> list[str]:
    """The statutory festivals of `year` of which no day is among `days`, in their order through the year."""
    own = set(days)
    by_festival: dict[str, list[date]] = {}
    for when, festival in sorted(statutory_days(year).items()):
        by_festival.setdefault(festival, []).append(when)
    return [festival for festival, named in by_festival.items() if own.isdisjoint(named)]
