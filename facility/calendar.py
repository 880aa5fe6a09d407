"""Which days and hours the office works: announced holidays and make-up workdays, the site's own year, honest guesses.

What wins, first to last: a closure; a single day by notice; the year's own table; the announced year; weekends and
statutory days of a year that nobody announced, every day of it provisional. Half days and timetables shorten or shift
what is left. No date raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from facility.almanac import (
    NOTHING_OWN,
    THE_SITE,
    Almanac,
    Closure,
    DutyPerson,
    HalfDay,
    Premises,
    TableDay,
    Timetable,
    YearTable,
)
from facility.duty_roster import OnDuty, on_duty
from facility.festivals import (
    FESTIVALS,
    FIRST_ANNOUNCED,
    LAST_ANNOUNCED,
    WEEKEND,
    WORKDAY,
    DayKind,
    Plain,
    announced_day,
    festivals_missing,
    guessed_day,
    has_lunar_table,
    is_announced,
    ordinary_day,
    statutory_days,
)
from facility.model.entries import CalendarDay
from facility.text import Text

if TYPE_CHECKING:
    from facility.model import SiteFile

__all__ = [
    "FESTIVALS", "FIRST_ANNOUNCED", "LAST_ANNOUNCED", "REMIND_FROM", "WEEKEND", "WORKDAY", "Calendar", "Day", "DayKind",
    "YearStatus", "statutory_days",
]  # fmt: skip

REMIND_FROM: Final = (11, 1)
"""Month and day from which next year's notice is missed; it is usually published in October or November."""

YearStatus = Literal["official", "provisional", "missing"]
"""Of a year: announced or entered; guessed from the law and the moon; not even that, fixed dates only."""

_MAKE_UP: Final = Text("调休上班", "make-up workday")
_DAY_OFF: Final = Text("放假", "day off")
_KEPT_DAYS: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One date: whether the office works, and why.

    `official` is False for a guess about a year that is not announced. `source` names the table or notice. `closure`
    and `half` are the site's own entries that decide it, None when none does; `make_up` tells a workday at a weekend.
    `festival` names the festival that it is off for, or makes up for, None when there is none.
    """

    date: date
    kind: DayKind
    official: bool
    why: Text
    source: str
    closure: Closure | None = None
    half: HalfDay | None = None
    festival: str | None = None
    make_up: bool = False


class Calendar:
    """The office's calendar. Any thread may ask; `refresh` changes what is answered from then on.

    Args:
        overrides: the site file's single days, each with its notice; they win over every table. A year whose seven
            statutory festivals are all in them counts as announced, which is how next year's notice is entered before
            chinesecalendar carries it.
        almanac: the site file's own year.
        zone: the site's time zone, which shifts of duty are meant in; None where nobody asks for them.
    """

    def __init__(
        self, overrides: Sequence[CalendarDay] = (), *, almanac: Almanac = NOTHING_OWN, zone: ZoneInfo | None = None
    ) -> None:
        self._overrides = {entry.day: entry for entry in overrides}
        self._of_the_file = almanac
        self._zone = zone
        self._sheet = _Sheet(self._overrides, almanac)
        self.edition = 0

    @classmethod
    def of(cls, file: SiteFile) -> Calendar:
        """The calendar of a site, as its file has it."""
        return cls(file.calendar, almanac=file.almanac.almanac, zone=ZoneInfo(file.site.timezone))

    def refresh(self, entered: Almanac) -> bool:
        """Takes what the journal's almanac holds, in place of what it held; whether that changes anything.

        `edition` rises with every change, for those who keep what they asked.
        """
        sheet = _Sheet(self._overrides, self._of_the_file.followed_by(entered))
        if sheet.almanac == self._sheet.almanac:
            return False
        self._sheet = sheet
        self.edition += 1
        return True

    @property
    def almanac(self) -> Almanac:
        """The site's own entries that stand, those of the site file first."""
        return self._sheet.almanac

    def day(self, when: date, premises: Premises = THE_SITE) -> Day:
        """What `when`, a local date, is for the site or for some of its rooms. Never raises for a date."""
        return self._sheet.day(when, premises)

    def is_workday(self, when: date, premises: Premises = THE_SITE) -> bool:
        """Whether the office works on `when`."""
        return self.day(when, premises).kind == "workday"

    def is_public_workday(self, when: date) -> bool:
        """Whether offices in general work on `when`: closures and working days of this site alone do not count. It is
        what suppliers' tariffs go by.
        """
        return self._sheet.public_day(when).kind == "workday"

    def particulars(self, when: date, premises: Premises) -> tuple[Closure | HalfDay, ...]:
        """The entries for a part of the site that concern these rooms on `when`; () for nearly all of them. Rooms with
        the same particulars have the same day.
        """
        return self._sheet.particulars(when, premises)

    def timetable(self, when: date) -> Timetable | None:
        """The hours that hold on `when` in place of the rules'; None: the rules' own."""
        return next((one for one in reversed(self.almanac.timetables) if one.holds_on(when)), None)

    def on_duty(self, now: datetime) -> OnDuty | None:
        """Who is on duty at `now` (aware); None where nobody is entered and nobody stands by.

        Raises:
            ValueError: there are shifts, but the calendar was made without a time zone.
        """
        if not self.almanac.shifts:
            return None
        if self._zone is None:
            raise ValueError("a calendar without a time zone knows no shifts: give it `zone`")
        return on_duty(self.almanac, now.astimezone(self._zone), self.is_workday)

    def duty_people(self, now: datetime) -> tuple[DutyPerson, ...]:
        """The people on duty at `now`, the one who leads first; () when nobody is known."""
        turn = self.on_duty(now)
        return () if turn is None else turn.people

    def is_announced(self, year: int) -> bool:
        """Whether holidays and make-up workdays of `year` are known, not guessed."""
        return is_announced(year) or self._sheet.source_of(year) is not None

    def status(self, year: int) -> YearStatus:
        """How well `year` is known."""
        if self.is_announced(year):
            return "official"
        return "provisional" if has_lunar_table(year) else "missing"

    def table(self, year: int) -> YearTable | None:
        """The table that was entered for `year`, None where none was."""
        return self._sheet.tables.get(year)

    def missing_year(self, today: date) -> int | None:
        """The year whose notice somebody must enter: this one, or from 1 November the next. None when none is."""
        if not self.is_announced(today.year):
            return today.year
        is_due = (today.month, today.day) >= REMIND_FROM
        return today.year + 1 if is_due and not self.is_announced(today.year + 1) else None


class _Sheet:
    """The calendar as it stands between two changes; what was asked is kept."""

    def __init__(self, overrides: Mapping[date, CalendarDay], almanac: Almanac) -> None:
        self.almanac = almanac
        self.tables = {table.year: table for table in almanac.tables}
        self._days_of = {table.year: {entry.day: entry for entry in table.days} for table in self.tables.values()}
        self._overrides = overrides
        self._covered = _years_covered(overrides)
        self._workdays = {entry.day: entry for entry in almanac.workdays}
        self._plain: dict[date, Plain] = {}
        self._known: dict[tuple[date, tuple[Closure | HalfDay, ...]], Day] = {}

    def source_of(self, year: int) -> str | None:
        """The notice that makes `year` official on this site, None where the site has none."""
        table = self.tables.get(year)
        return table.notice if table is not None else self._covered.get(year)

    def day(self, when: date, premises: Premises) -> Day:
        own = self._own(when, premises)
        found = self._known.get((when, own))
        if found is None:
            found = _with_own(when, self._plain_day(when), own)
            if len(self._known) < _KEPT_DAYS:
                self._known[when, own] = found
        return found

    def particulars(self, when: date, premises: Premises) -> tuple[Closure | HalfDay, ...]:
        return tuple(entry for entry in self._own(when, premises) if not entry.scope.is_everything)

    def _own(self, when: date, premises: Premises) -> tuple[Closure | HalfDay, ...]:
        """The closures and half days that hold for these rooms, the latest entered first."""
        entries: tuple[Closure | HalfDay, ...] = (*self.almanac.closures, *self.almanac.half_days)
        found = [entry for entry in entries if entry.holds_on(when) and premises.lie_within(entry.scope)]
        return tuple(reversed(found))

    def _plain_day(self, when: date) -> Plain:
        known = self._plain.get(when)
        if known is None:
            known = self._look_up(when)
            if len(self._plain) < _KEPT_DAYS:
                self._plain[when] = known
        return known

    def _look_up(self, when: date) -> Plain:
        extra = self._workdays.get(when)
        if extra is not None:
            return _by_notice(when, "workday", extra.notice, Text("上班", "working day"))
        return self.public_day(when)

    def public_day(self, when: date) -> Plain:
        """A date without what holds for this site alone."""
        entry = self._overrides.get(when)
        if entry is not None:
            return _by_notice(when, entry.kind, entry.notice, _MAKE_UP if entry.kind == "workday" else _DAY_OFF)
        table = self.tables.get(when.year)
        if table is not None:
            return _by_table(when, table, self._days_of[when.year].get(when))
        if is_announced(when.year):
            return announced_day(when)
        if when.year in self._covered:
            return ordinary_day(when, official=True, source=self._covered[when.year])
        return guessed_day(when)


def _by_notice(when: date, kind: DayKind, notice: str, words: Text) -> Plain:
    why = Text(f"{words.zh}（依据：{notice}）", f"{words.en} (by notice: {notice})")
    make_up = kind == "workday" and when.weekday() >= 5
    return Plain(kind=kind, official=True, why=why, source=notice, make_up=make_up)


def _by_table(when: date, table: YearTable, entry: TableDay | None) -> Plain:
    if entry is None:
        return ordinary_day(when, official=True, source=table.notice)
    name = next((name for name, words in FESTIVALS.items() if entry.name in (words.zh, words.en, name)), None)
    words = FESTIVALS[name] if name is not None else Text(entry.name, entry.name)
    make_up = entry.kind == "workday"
    if make_up:
        why = Text(f"{words.zh}调休上班", f"make-up workday for {words.en}") if entry.name else _MAKE_UP
    else:
        why = words if entry.name else _DAY_OFF
    return Plain(kind=entry.kind, official=True, why=why, source=table.notice, festival=name, make_up=make_up)


def _with_own(when: date, plain: Plain, own: tuple[Closure | HalfDay, ...]) -> Day:
    """A date as closures and half days leave it. A closure changes nothing on a day of rest but the reason's source."""
    kind, why, source, official = plain.kind, plain.why, plain.source, plain.official
    closure = half = None
    if kind == "workday":
        closure = next((entry for entry in own if isinstance(entry, Closure)), None)
    if closure is not None:
        kind, source, official = "rest", closure.notice, True
        why = Text(
            f"停止办公：{closure.reason}（依据：{closure.notice}）", f"closed: {closure.reason} ({closure.notice})"
        )
    elif kind == "workday":
        half = next((entry for entry in own if isinstance(entry, HalfDay)), None)
    if half is not None:
        hours = half.hours
        why = Text(
            f"{why.zh}，半天（{hours.zh}，依据：{half.notice}）", f"{why.en}, half day ({hours.en}, {half.notice})"
        )
    return Day(
        date=when, kind=kind, official=official, why=why, source=source, closure=closure, half=half,
        festival=plain.festival, make_up=plain.make_up and kind == "workday",
    )  # fmt: skip


def _years_covered(overrides: Mapping[date, CalendarDay]) -> dict[int, str]:
    """Years whose every statutory festival the site's table holds -> the notice."""
    found = {}
    for year in {day.year for day in overrides}:
        rest = [day for day, entry in overrides.items() if day.year == year and day in statutory_days(year)]
        if rest and not festivals_missing(year, rest):
            found[year] = overrides[min(rest)].notice
    return found
