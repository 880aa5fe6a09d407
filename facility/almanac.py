"""The office's own year, beside the announced one: closures, half days, timetables, notices, the duty roster. Pure.

Part of it stands in the site file, part is entered by the administration section while the building runs; both have
the same form. Dates and times of day are local; ranges of dates include both ends, as people write them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, time
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from facility.festivals import DayKind
from facility.filings import Scope
from facility.text import Text

if TYPE_CHECKING:
    from facility.model import Site


EVERYWHERE: Final = Scope()


class AlmanacKind(StrEnum):
    """What an entry of the almanac is."""

    YEAR_TABLE = "year_table"
    CLOSURE = "closure"
    HALF_DAY = "half_day"
    WORKDAY = "workday"
    TIMETABLE = "timetable"
    DUTY = "duty"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDay:
    """A day of a year's table that is not what its weekday says, with the festival's name where one is given."""

    day: date
    kind: DayKind
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearTable:
    """The holidays and make-up workdays of a whole year, from a notice.

    Attributes:
        notice: the document and its number, for example 国办发明电〔2025〕7号.
        issued: the date of the notice.
        sha256: of the table's canonical form, see `facility.year_table.digest`.
    """

    year: int
    notice: str
    issued: date
    days: tuple[TableDay, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """The site, or a part of it, does not work from `first` to `last`, both included. An empty scope: the site."""

    first: date
    last: date
    reason: str
    notice: str
    scope: Scope = EVERYWHERE

    def holds_on(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfDay:
    """A workday of which only a part is worked: from `opens` (None: as always) until `closes` (None: as always)."""

    day: date
    opens: time | None
    closes: time | None
    notice: str
    scope: Scope = EVERYWHERE

    def holds_on(self, day: date) -> bool:
        """Whether `day` is its day."""
        return self.day == day

    @property
    def hours(self) -> Text:
        """Its hours in words."""
        if self.opens is None:
            return Text(f"{self.closes:%H:%M} 止", f"until {self.closes:%H:%M}")
        if self.closes is None:
            return Text(f"{self.opens:%H:%M} 起", f"from {self.opens:%H:%M}")
        span = f"{self.opens:%H:%M}-{self.closes:%H:%M}"
        return Text(span, span)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraWorkday:
    """A day of rest on which the site works after all, by notice."""

    day: date
    notice: str


@dataclass(frozen=True, slots=True)
class Session:
    """A part of the day that is worked, half-open in local time: `start` <= t < `end`."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """Other working hours for a part of the year, for example in summer.

    Attributes:
        first, last: dates such as `2026-06-01`, or `06-01` for every year; both included; `10-01` to `04-30` goes
            over the turn of the year.
        sessions: the hours in order; between two of them nobody works (CAL-01).
        notice: by which supply follows these hours even outside the rules' window (AC-05); None: only within it.
    """

    first: str
    last: str
    name: Text
    sessions: tuple[Session, ...]
    notice: str | None = None

    def holds_on(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        written = day.isoformat()[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= written <= self.last
        return written >= self.first or written <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPerson:
    """Somebody on duty, by role name; how to reach them, None where it is not known."""

    name: str
    phone: str | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyTurn:
    """Who is on duty in the shift that begins on `day`, the one who leads first."""

    day: date
    shift: str
    people: tuple[DutyPerson, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A shift of the duty room; one that ends at or before its start ends on the next day.

    Attributes:
        days: on which days it exists.
    """

    id: str
    name: Text
    start: time
    end: time
    days: Literal["every", "workdays", "rest"] = "every"


AlmanacItem = YearTable | Closure | HalfDay | ExtraWorkday | Timetable | DutyTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Almanac:
    """All entries that stand, each kind in the order in which they were made: later ones come before earlier ones."""

    tables: tuple[YearTable, ...] = ()
    closures: tuple[Closure, ...] = ()
    half_days: tuple[HalfDay, ...] = ()
    workdays: tuple[ExtraWorkday, ...] = ()
    timetables: tuple[Timetable, ...] = ()
    turns: tuple[DutyTurn, ...] = ()
    shifts: tuple[Shift, ...] = ()
    standing_duty: tuple[DutyPerson, ...] = ()

    def followed_by(self, later: Almanac) -> Almanac:
        """Both together."""
        return Almanac(**{part.name: getattr(self, part.name) + getattr(later, part.name) for part in fields(self)})


NOTHING_OWN: Final = Almanac()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where a room is, and whose; `office` None for one that is nobody's."""

    space: str
    floor: str
    building: str
    office: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """The rooms that an equipment serves. None: the site as a whole, which no closure of a part concerns."""

    rooms: frozenset[Room] = field(default_factory=frozenset)
    equipment: str | None = None

    def lie_within(self, scope: Scope) -> bool:
        """Whether all of it lies within `scope`: equipment that also serves a room outside is not concerned."""
        if scope.is_everything:
            return True
        if self.equipment is not None and self.equipment in scope.equipment:
            return True
        return bool(self.rooms) and all(_is_within(room, scope) for room in self.rooms)


THE_SITE: Final = Premises()


def _is_within(room: Room, scope: Scope) -> bool:
    return (
        room.space in scope.spaces
        or room.floor in scope.floors
        or room.building in scope.buildings
        or (room.office is not None and room.office in scope.offices)
    )


def premises_of(site: Site, equipment: str) -> Premises:
    """The rooms that `equipment` serves; the site as a whole for one that serves no room."""
    building_of = {floor.id: building.id for building in site.buildings.values() for floor in building.floors}
    spaces = [site.spaces[space] for space in getattr(site.equipment[equipment], "serves", ())]
    rooms = (
        Room(space=space.id, floor=space.floor, building=building_of[space.floor], office=space.office)
        for space in spaces
    )
    return Premises(rooms=frozenset(rooms), equipment=equipment)
