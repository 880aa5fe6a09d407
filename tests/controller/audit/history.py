"""Days that nobody would plan: what happens to a building, minute by minute, drawn from a seed and told again alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from facility.almanac import Almanac, Closure, HalfDay, Session, Timetable
from facility.bus import ForecastReceived
from facility.commands import Actor, Fan, Mode, Role, Wish
from facility.filings import Filing, FilingKind, FilingState, Relaxation, Scope
from facility.journal import Journal
from facility.text import Text
from tests.controller.audit.estate import UNITS, Estate, minutes
from tests.controller.audit.hours import local
from tests.controller.audit.law import Law
from tests.controller.building import local as at_local

DAYS: Final = (
    date(2026, 7, 15), date(2026, 7, 17), date(2026, 7, 18), date(2026, 9, 20), date(2026, 9, 30), date(2026, 1, 14),
)  # fmt: skip
"""Summer workdays, a Friday, a Saturday, a make-up Sunday, the eve of the National Day, a winter day."""
COOL_C, HEAT_C, LOW_C = (26.0, 28.0, 33.0), (17.0, 18.0), (25.0, 26.0, 29.0)
CLERK: Final = Actor(name="行政科", role=Role.ADMIN_SECTION)
HANDS: Final = (
    Wish(on=True), Wish(on=False), Wish(setpoint_c=24.0), Wish(setpoint_c=30.0), Wish(mode=Mode.HEAT),
    Wish(on=True, mode=Mode.FAN), Wish(on=True, mode=Mode.COOL, setpoint_c=26.0), Wish(fan=Fan.HIGH),
)  # fmt: skip
ORDERS: Final = (
    Wish(on=True), Wish(on=False), Wish(setpoint_c=29.0), Wish(setpoint_c=25.0), Wish(on=True, mode=Mode.FAN),
    Wish(on=True, mode=Mode.COOL, setpoint_c=28.0), Wish(on=True, mode=Mode.HEAT, setpoint_c=23.0), Wish(mode=Mode.DRY),
)  # fmt: skip
KINDS: Final = {
    "weather": 14, "rain": 7, "room": 7, "window": 6, "presence": 6, "forecast": 8, "filing": 14, "revoke": 5,
    "wall": 8, "order": 8, "almanac": 5, "silent": 4, "deaf": 2, "lost": 2,
}  # fmt: skip
"""What may happen, and how often against the rest."""
QUIET: Final = ("ac-401", "ac-404", "ac-406")
"""Units that people and faults leave alone, so that what should run can be told."""


@dataclass(frozen=True, slots=True)
class Event:
    """At a minute after the beginning, something happens."""

    minute: int
    kind: str
    what: Any


@dataclass(slots=True)
class Told:
    """What came of a history: the law's complaints, what was sent and switched, and how many minutes were read."""

    found: list[str]
    commands: list[str]
    switched: list[str]
    states: list[str]
    minutes: int
    running: int = 0


@dataclass(slots=True)
class Course:
    """Where the outdoor temperature goes: a target reached in steps that a sensor may take, with a little noise."""

    target_c: float | None
    value_c: float
    noise: Random = field(default_factory=Random)
    frozen: bool = False
    jump_c: float | None = None

    def next(self) -> float | None:
        """The next minute's word of the sensor; None: silent."""
        if self.target_c is None:
            return None
        if self.jump_c is not None:
            jumped, self.jump_c = self.jump_c, None
            return jumped
        if not self.frozen:
            step = max(-1.5, min(1.5, self.target_c - self.value_c))
            self.value_c = round(self.value_c + step + self.noise.uniform(-0.05, 0.05), 2)
        return self.value_c


def draw(seed: int, length: int) -> tuple[date, int, list[Event]]:
    """A day, the hour at which it is begun, and what happens on it."""
    rng = Random(seed)
    day, hour = rng.choice(DAYS), rng.choice((0, 4, 6, 7, 7, 7))
    winter = day.month == 1
    events = [Event(0, "forecast", (10.0 if winter else 35.0, 0, 50.0, None))] if rng.random() < 0.85 else []
    kinds, weights = list(KINDS), list(KINDS.values())
    minute = 0
    number = 0
    while True:
        minute += rng.randint(1, 22)
        if minute >= length:
            return day, hour, events
        number += 1
        kind = rng.choices(kinds, weights)[0]
        events.append(Event(minute, kind, _what(rng, kind, number, winter)))


def _what(rng: Random, kind: str, number: int, winter: bool) -> Any:
    loose = [unit for unit in UNITS if unit not in QUIET and unit != "ac-archive"]
    match kind:
        case "weather":
            hot = (8.0, 14.0, 14.9, 15.1, 19.0, 0.0) if winter else (27.0, 29.8, 30.2, 33.0, 34.0, 34.0, 28.5)
            return rng.choice((*hot, *hot, None, "frozen", "jump"))
        case "rain":
            return rng.choice((None, 0.0, 0.0, 2.0))
        case "room":
            return rng.choice(list(UNITS)), rng.choice((22.0, 24.2, 25.0, 27.2, 27.7, 28.3, 30.0, 30.0, 0.0))
        case "window" | "presence":
            return rng.choice((0.0, 1.0, None, 0.0 if kind == "window" else 1.0))
        case "forecast":
            maxima = (10.0, 14.0, 16.0, 0.0) if winter else (35.0, 31.0, 29.0, 33.0)
            codes, clouds = (None, None, None, 61, 3), (None, 50.0, 50.0, 95.0, 10.0)
            return (
                rng.choice(maxima),
                rng.choice((0, 1, 5, 13)),
                rng.choice(clouds),
                rng.choice(codes),
            )
        case "filing":
            return _filing(rng, number)
        case "revoke" | "almanac":
            return rng.random(), rng.randint(0, 5)
        case "wall":
            return rng.choice(loose), rng.choice(HANDS)
        case "order":
            return rng.choice(loose), rng.choice(ORDERS), rng.choice((3, 20, 60, 300)), f"order-{number}"
    return rng.choice(loose), rng.randint(2, 40)


def _filing(rng: Random, number: int) -> dict[str, Any]:
    relaxes = Relaxation(
        hours=rng.random() < 0.6,
        holiday=rng.random() < 0.5,
        forecast=rng.random() < 0.25,
        weather=rng.random() < 0.25,
        cooling_outdoor_c=rng.choice((None, None, *COOL_C)),
        heating_outdoor_c=rng.choice((None, None, *HEAT_C)),
        setpoint_min_cool_c=rng.choice((None, None, *LOW_C)),
        setpoint_max_heat_c=rng.choice((None, 25.0)),
    )
    scope = rng.choice((
        Scope(), Scope(spaces=frozenset({"r401"})), Scope(spaces=frozenset({"r405"})), Scope(floors=frozenset({"f4"})),
        Scope(offices=frozenset({"general"})), Scope(equipment=frozenset({"ac-404", "ac-406"})),
    ))  # fmt: skip
    kind = rng.choice(tuple(FilingKind))
    stops = kind in (FilingKind.NOTICE, FilingKind.EMERGENCY) and rng.random() < 0.4
    lead = timedelta(minutes=15) if kind is FilingKind.BOOKING else timedelta()
    return {
        "id": number, "kind": kind, "scope": scope, "relaxes": Relaxation() if stops else relaxes, "stops": stops,
        "lead": lead, "begins": rng.choice((-60, 0, 0, 7, 60, 200)), "lasts": rng.choice((5, 30, 120, 400)),
        "state": rng.choice((FilingState.APPROVED, FilingState.APPROVED, FilingState.SUBMITTED)),
    }  # fmt: skip


class Life:
    """Lets a building live through a history, with the law looking on.

    Args:
        seed: which history.
        length: minutes of it.
        restarts: minutes at which the controller is stopped and another takes up what it left.
        looks: the law reads it.
        without: kinds of events that are left out.
        how: what the building is given, such as a `policy`.
    """

    def __init__(
        self,
        seed: int,
        length: int,
        *,
        restarts: tuple[int, ...] = (),
        looks: bool = True,
        without: frozenset[str] = frozenset(),
        **how: Any,
    ) -> None:
        self.day, hour, events = draw(seed, length)
        self.events = [event for event in events if event.kind not in without]
        self.length, self.restarts, self.looks = length, restarts, looks
        start = at_local(f"{hour:02d}:00", self.day)
        self.journal = Journal("sqlite://") if restarts else None
        winter = self.day.month == 1
        self.course = Course(8.0 if winter else 34.0, 8.0 if winter else 34.0, Random(seed))
        room_c = 20.0 if winter else 30.0
        self.estate = Estate(start, journal=self.journal, outdoor_c=self.course.value_c, **how)
        self.estate.rooms = dict.fromkeys(self.estate.rooms, room_c)
        self.room_to = dict(self.estate.rooms)
        self.estate.report()
        if self.journal is not None:
            self.estate.bus.listen(ForecastReceived, self.journal.record_forecast)
        self.law = Law(self.estate, (set(COOL_C), set(HEAT_C)))
        self.ends: dict[str, tuple[set[str], datetime]] = {}
        self.states: list[str] = []
        self.running = 0

    def live(self) -> Told:
        """All of it."""
        estate, start = self.estate, self.estate.clock.now()
        waiting = list(self.events)
        for minute in range(self.length):
            if minute in self.restarts:
                assert self.journal is not None
                estate.restart(self.journal)
            while waiting and waiting[0].minute <= minute:
                self.happen(waiting.pop(0))
            self._move()
            estate.run_to(start + minutes(minute + 1))
            if self.looks:
                self.law.minute(estate.clock.now())
            if self.law.found:
                break
            self.running += sum(state.on is True for state in estate.units.values())
            self.states.append(" ".join(f"{unit}={state}" for unit, state in estate.units.items()))
        if self.journal is not None:
            self.journal.close()
        commands = [f"{c.made} {c.equipment} {c.wish}" for c, _ in estate.seen.commands]
        switched = [f"{at} {unit} {on}" for at, unit, on in estate.switched]
        return Told(self.law.found, commands, switched, self.states, self.law.checked, self.running)

    def _move(self) -> None:
        self.estate.outdoor_c = self.course.next()
        for unit, to_c in self.room_to.items():
            here_c = self.estate.rooms[unit]
            self.estate.rooms[unit] = round(here_c + max(-1.0, min(1.0, to_c - here_c)), 2)
        now = self.estate.clock.now()
        for unit, (among, until) in list(self.ends.items()):
            if now >= until:
                among.discard(unit)
                del self.ends[unit]

    def happen(self, event: Event) -> None:
        """Lets one event happen."""
        getattr(self, f"_{event.kind}")(event.what)

    def _weather(self, what: float | str | None) -> None:
        self.course.frozen = what == "frozen"
        if what == "jump":
            self.course.jump_c = self.course.value_c + 12.0
        elif not isinstance(what, str):
            self.course.target_c = what

    def _rain(self, what: float | None) -> None:
        self.estate.rain_mm = what

    def _room(self, what: tuple[str, float]) -> None:
        self.room_to[what[0]] = what[1]

    def _window(self, what: float | None) -> None:
        self.estate.contacts["window-401.open"] = what
        self.law.disturbed = self.estate.clock.now() if what is None else self.law.disturbed

    def _presence(self, what: float | None) -> None:
        self.estate.contacts["presence-401.present"] = what

    def _forecast(self, what: tuple[float, int, float | None, int | None]) -> None:
        max_c, age_h, cloud, code = what
        now = self.estate.clock.now()
        self.estate.forecast(max_c, issued=now - timedelta(hours=age_h), cloud=cloud, code=code)

    def _filing(self, what: dict[str, Any]) -> None:
        now, given = self.estate.clock.now(), dict(what)
        start = now + minutes(given.pop("begins"))
        end = max(start + minutes(given.pop("lasts")), now + minutes(1))
        self.estate.enter(Filing(applicant=CLERK, filed_at=now, start=start, end=end, reason="汛期值守", **given))

    def _revoke(self, what: tuple[float, int]) -> None:
        filings = list(self.estate.filings.values())
        if not filings:
            return
        one = filings[int(what[0] * len(filings))]
        approves = one.state is FilingState.SUBMITTED and what[1] % 2
        state = FilingState.APPROVED if approves else FilingState.REVOKED
        self.estate.enter(replace(one, state=state))

    def _almanac(self, what: tuple[float, int]) -> None:
        now, held = self.estate.clock.now(), self.law.almanac
        today, hour = local(now).date(), time(min(23, local(now).hour + 1))
        r406 = Scope(spaces=frozenset({"r406"}))
        match what[1]:
            case 0:
                held = Almanac()
            case 1:
                held = replace(
                    held, closures=(Closure(first=today, last=today, reason="检修", notice="通知", scope=r406),)
                )
            case 2:
                half = HalfDay(
                    day=today, opens=None, closes=hour, notice="通知", scope=r406 if what[0] < 0.6 else Scope()
                )
                held = replace(held, half_days=(*held.half_days, half))
            case 3:
                spans = (Session(time(8, 30), time(12)), Session(time(14, 30), time(18)))
                notice = "通知" if what[0] < 0.5 else None
                table = Timetable(
                    first="01-01", last="12-31", name=Text("作息", "hours"), sessions=spans, notice=notice
                )
                held = replace(held, timetables=(table,))
            case _:
                held = replace(held, timetables=())
        self.estate.calendar.refresh(held)
        self.law.enter(held)

    def _wall(self, what: tuple[str, Wish]) -> None:
        unit, wish = what
        self.estate.set_unit(unit, wish)
        self._touch(unit)
        self.law.wall.setdefault(unit, []).append(self.estate.clock.now())

    def _order(self, what: tuple[str, Wish, int, str]) -> None:
        unit, wish, lasts, name = what
        self.estate.order(wish, unit=unit, minutes=lasts, order=name)
        self._touch(unit)

    def _touch(self, unit: str) -> None:
        day = local(self.estate.clock.now()).date()
        self.law.touched[unit] = at_local("23:59", day + timedelta(days=1))

    def _silent(self, what: tuple[str, int]) -> None:
        self._among(self.estate.silent, what)

    def _deaf(self, what: tuple[str, int]) -> None:
        self._among(self.estate.deaf, what)

    def _lost(self, what: tuple[str, int]) -> None:
        self._among(self.estate.lost, what)

    def _among(self, among: set[str], what: tuple[str, int]) -> None:
        for other in (self.estate.silent, self.estate.deaf, self.estate.lost):
            other.discard(what[0])
        among.add(what[0])
        self.ends[what[0]] = (among, self.estate.clock.now() + minutes(what[1]))
