"""What was kept to and what was not: minutes per equipment and rule of a day, and the list of the evening's patrol.

Values only; `controller/observance` reckons them, the journal keeps them, pages and reports show them. A minute in
which an input was not known is told apart and never counts as kept; one in which an approved filing allowed what was
done is no breach.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from facility.commands import Actor
from facility.text import Text


class Rule(StrEnum):
    """What is watched, in the order of the clauses. The values are kept and shown in addresses: never rename them."""

    SETPOINT = "setpoint"
    ROOM_LIMIT = "room_limit"
    REST_DAY = "rest_day"
    HOURS = "hours"
    OUTDOOR = "outdoor"
    WINDOW_OPEN = "window_open"
    VACANT = "vacant"
    WALL_CHANGE = "wall_change"
    HEATER = "heater"
    DAYLIGHT = "daylight"
    ARCHIVE_CLIMATE = "archive_climate"


RULE_NAMES: Final[dict[Rule, Text]] = {
    Rule.SETPOINT: Text("设定温度越限", "Setpoint beyond its limit"),
    Rule.ROOM_LIMIT: Text("室温越限", "Room beyond its limit"),
    Rule.REST_DAY: Text("休息日运行", "Running on a rest day"),
    Rule.HOURS: Text("时段外运行", "Running out of hours"),
    Rule.OUTDOOR: Text("室外温度不符仍运行", "Running against the outdoor temperature"),
    Rule.WINDOW_OPEN: Text("开窗运行", "Running with a window open"),
    Rule.VACANT: Text("无人运行", "Running with nobody in"),
    Rule.WALL_CHANGE: Text("就地违规调节", "Changed at the wall against the rules"),
    Rule.HEATER: Text("空调与取暖器同开", "Air-conditioning and heater together"),
    Rule.DAYLIGHT: Text("光线好时开灯", "Lights on in daylight"),
    Rule.ARCHIVE_CLIMATE: Text("档案库房温湿度超标", "Archive climate out of limits"),
}
"""How people call each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, half-open; aware UTC."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """Its length in whole minutes."""
        return int((self.end - self.start).total_seconds() // 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """How one rule was kept to by one equipment on one local day.

    Attributes:
        office: who uses it, or answers for its room; None for nobody's.
        clause: the clause the rule rests on, as the site's preset has it.
        judged_minutes: in which the rule had something to say about the equipment; the other four are parts of it.
        broken_minutes: in which it was broken and nothing allowed that.
        filed_minutes: in which an approved filing allowed what would otherwise have been a breach.
        unknown_minutes: in which an input was not known, so that nobody can tell.
        times: how often it was broken; for changes at the wall their number.
        put_back: changes at the wall that were put back.
        spans: when it was broken, oldest first.
    """

    day: date
    office: str | None
    equipment: str
    rule: Rule
    clause: str
    judged_minutes: int
    broken_minutes: int = 0
    filed_minutes: int = 0
    unknown_minutes: int = 0
    times: int = 0
    put_back: int = 0
    spans: tuple[Span, ...] = ()

    @property
    def kept_minutes(self) -> int:
        """In which it is known to have been kept to."""
        return self.judged_minutes - self.broken_minutes - self.filed_minutes - self.unknown_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Several rows together; `kept_share` None where nothing is known."""

    judged_minutes: int = 0
    broken_minutes: int = 0
    filed_minutes: int = 0
    unknown_minutes: int = 0
    times: int = 0
    put_back: int = 0

    @property
    def kept_share(self) -> float | None:
        """Of the minutes that are known, those in which the rule was kept to or a filing allowed it; 0 to 1."""
        known = self.judged_minutes - self.unknown_minutes
        return (known - self.broken_minutes) / known if known > 0 else None


def totals(rows: Iterable[Observed]) -> Totals:
    """The sum of `rows`."""
    found = list(rows)
    return Totals(
        judged_minutes=sum(row.judged_minutes for row in found),
        broken_minutes=sum(row.broken_minutes for row in found),
        filed_minutes=sum(row.filed_minutes for row in found),
        unknown_minutes=sum(row.unknown_minutes for row in found),
        times=sum(row.times for row in found),
        put_back=sum(row.put_back for row in found),
    )


class LeftOn(StrEnum):
    """What a patrol finds. The values are kept."""

    UNIT = "unit"
    LIGHT = "light"
    CIRCUIT = "circuit"
    WINDOW = "window"
    UNKNOWN = "unknown"
    CHECK = "check"


LEFT_ON_NAMES: Final[dict[LeftOn, Text]] = {
    LeftOn.UNIT: Text("空调", "air-conditioning"),
    LeftOn.LIGHT: Text("照明", "lights"),
    LeftOn.CIRCUIT: Text("插座与待机", "sockets and stand-by"),
    LeftOn.WINDOW: Text("门窗", "windows and doors"),
    LeftOn.UNKNOWN: Text("状态不明", "not known"),
    LeftOn.CHECK: Text("节前检查", "check before the holiday"),
}
"""How people call each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolItem:
    """Something that still runs, or stands open, after work.

    Attributes:
        key: stable within the list: what and which equipment.
        space, office: where it is and who answers for it; None for what has no room or nobody.
        responsible: the role that the office names; None where it names none.
        text: what is the matter, for people.
        found: when it was first seen on this evening.
        over: when it was no longer so; None while it is.
    """

    key: str
    what: LeftOn
    equipment: str
    space: str | None
    office: str | None
    responsible: str | None
    text: Text
    clause: str
    found: datetime
    over: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Somebody of the duty room was there: what was done about `item`."""

    day: date
    item: str
    at: datetime
    by: Actor
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patrol:
    """The list of one evening. `looked` is when the building was last looked at for it; `before_rest` names the rest
    that follows, None on an ordinary evening. `ticks` in their order; an item may have several.
    """

    day: date
    made: datetime
    looked: datetime
    items: tuple[PatrolItem, ...]
    before_rest: Text | None = None
    ticks: Sequence[Tick] = ()

    @property
    def ticked(self) -> frozenset[str]:
        """Keys of the items that somebody has been to."""
        return frozenset(tick.item for tick in self.ticks)

    @property
    def open_items(self) -> tuple[PatrolItem, ...]:
        """What is still so and nobody has been to."""
        return tuple(item for item in self.items if item.over is None and item.key not in self.ticked)
