"""People: when they come and go, and what they do to windows and wall controllers.

A day is drawn once from the seed and the date, so it is the same whatever was simulated before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

import numpy as np

from facility.model import ZoneClass
from simulators.physics.layout import Floats, Ints, Layout, seed_of
from simulators.physics.plant import COOL, HEAT, Plant
from simulators.physics.rooms import Rooms

QUARTERS: Final = 96
NEVER: Final = 24 * 60 + 1
WALL_SETPOINTS_C: Final = (24.0, 25.0, 26.0, 26.0)
HOT_C: Final = 29.0
COLD_C: Final = 17.0
DOOR_MINUTES: Final = 2


class Deed(Enum):
    """What somebody does."""

    OPEN_WINDOW = "open window"
    CLOSE_WINDOW = "close window"
    TURN_DOWN = "turn the setpoint at the wall"
    SWITCH_ON = "switch on at the wall"
    SWITCH_OFF = "switch off when leaving"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A deed at a minute of the day. `row` is a room for windows, a unit otherwise."""

    minute: int
    deed: Deed
    row: int
    setpoint_c: float = 26.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One drawn day: a row per person (room, minutes), visitors per quarter hour and room, and the acts in order."""

    date: date
    workday: bool
    room: Ints
    arrives: Ints
    leaves: Ints
    lunch: Ints
    back: Ints
    visitors: Floats
    acts: tuple[Act, ...]

    def heads(self, minute: int, rooms: int) -> Floats:
        """People in each room at a minute of the day."""
        there = (self.arrives <= minute) & (minute < self.leaves) & ~((self.lunch <= minute) & (minute < self.back))
        desks = np.bincount(self.room[there], minlength=rooms).astype(np.float64)
        return np.asarray(desks + self.visitors[min(minute // 15, QUARTERS - 1)])

    def doors(self, minute: int) -> Floats:
        """1 for rooms whose door stands open: while visitors come and go, for two minutes."""
        quarter = minute // 15
        if minute % 15 >= DOOR_MINUTES or not 0 < quarter < QUARTERS:
            return np.zeros(self.visitors.shape[1])
        return np.asarray(self.visitors[quarter] != self.visitors[quarter - 1], dtype=np.float64)


def draw_day(layout: Layout, seed: int, day: date, *, workday: bool) -> Day:
    """The day of `date`: on rest days hardly anybody comes."""
    rng = np.random.default_rng([seed_of(seed, "people"), day.toordinal()])
    heads = layout.heads_of_room()
    room = np.repeat(np.arange(len(heads)), heads)
    count = len(room)
    comes = rng.random(count) < (0.92 if workday else 0.03)
    arrives = np.where(comes, np.clip(rng.normal(475, 12, count), 430, 530), NEVER).astype(np.int64)
    leaves = np.clip(rng.normal(1032, 14, count), 960, 1080)
    late = rng.random(count) < 0.06
    leaves = np.where(late, rng.uniform(1100, 1240, count), leaves).astype(np.int64)
    if not workday:
        leaves = np.minimum(leaves, 720)
    away = rng.random(count) < 0.6
    lunch = np.where(away, rng.normal(722, 6, count), NEVER).astype(np.int64)
    back = rng.normal(808, 10, count).astype(np.int64)
    visitors = _visitors(layout, rng, workday=workday)
    drawn = Day(
        date=day, workday=workday, room=room, arrives=arrives, leaves=np.where(comes, leaves, 0), lunch=lunch,
        back=back, visitors=visitors, acts=(),
    )  # fmt: skip
    acts = sorted(_acts(layout, drawn, rng), key=lambda act: (act.minute, act.row))
    return Day(
        date=day, workday=workday, room=room, arrives=arrives, leaves=drawn.leaves, lunch=lunch, back=back,
        visitors=visitors, acts=tuple(acts),
    )  # fmt: skip


def _visitors(layout: Layout, rng: np.random.Generator, *, workday: bool) -> Floats:
    """Heads per quarter hour in the rooms where nobody has a desk."""
    visitors = np.zeros((QUARTERS, len(layout.spaces)))
    for row in layout.rooms_of_class(ZoneClass.DUTY_ROOM):
        visitors[:, row] = 1.0
    if not workday:
        return visitors
    for row in layout.rooms_of_class(ZoneClass.PUBLIC):
        visitors[32:68, row] = rng.poisson(1.5, 36)
    for row in layout.rooms_of_class(ZoneClass.MEETING):
        seats = max(4, int(layout.area_m2[row] / 3.0))
        for begin in rng.choice([34, 40, 57, 62], size=int(rng.integers(1, 4)), replace=False):
            visitors[begin : begin + int(rng.integers(4, 7)), row] = rng.integers(3, seats + 1)
    return visitors


def _acts(layout: Layout, day: Day, rng: np.random.Generator) -> list[Act]:
    acts: list[Act] = []
    for row, space in enumerate(layout.spaces):
        chance = rng.random(6)
        minutes = rng.integers(0, 45, 4)
        span = _span(day, row, space.zone_class)
        if span is None:
            continue
        begin, end = span
        units = [index for index in range(len(layout.units)) if layout.share_of_room[index, row] > 0]
        if layout.has_window[row]:
            acts.extend(_window_acts(row, begin, end, chance, minutes))
        for unit in units:
            acts.extend(_wall_acts(unit, begin, end, chance, rng))
    return acts


def _span(day: Day, row: int, kind: ZoneClass) -> tuple[int, int] | None:
    """First arrival and last leaving of a room, None when nobody has business at its window or its controller."""
    mine = (day.room == row) & (day.leaves > 0)
    if mine.any():
        return int(day.arrives[mine].min()), int(day.leaves[mine].max())
    used = np.flatnonzero(day.visitors[:, row])
    if kind is ZoneClass.DUTY_ROOM or not len(used) or not day.workday:
        return None
    return int(used[0]) * 15, int(used[-1] + 1) * 15


def _window_acts(row: int, begin: int, end: int, chance: Floats, minutes: Ints) -> list[Act]:
    """Airing in the morning, sometimes again in the afternoon; now and then the window stays open over night."""
    acts: list[Act] = []
    if chance[0] < 0.4:
        opened = begin + 2 + int(minutes[0]) // 4
        acts.append(Act(minute=opened, deed=Deed.OPEN_WINDOW, row=row))
        acts.append(Act(minute=opened + 8 + int(minutes[1]) // 2, deed=Deed.CLOSE_WINDOW, row=row))
    if chance[1] < 0.2 and end > 900:
        opened = 845 + 2 * int(minutes[2])
        acts.append(Act(minute=opened, deed=Deed.OPEN_WINDOW, row=row))
        if chance[2] < 0.85:
            acts.append(Act(minute=min(opened + 6 + int(minutes[3]), end), deed=Deed.CLOSE_WINDOW, row=row))
    acts.append(Act(minute=begin, deed=Deed.CLOSE_WINDOW, row=row))
    return acts


def _wall_acts(unit: int, begin: int, end: int, chance: Floats, rng: np.random.Generator) -> list[Act]:
    acts: list[Act] = []
    if chance[3] < 0.15 and end - begin > 60:
        minute = int(rng.integers(begin + 30, end - 20))
        setpoint = float(rng.choice(WALL_SETPOINTS_C))
        acts.append(Act(minute=minute, deed=Deed.TURN_DOWN, row=unit, setpoint_c=setpoint))
    if chance[4] < 0.08:
        acts.append(Act(minute=begin + 5, deed=Deed.SWITCH_ON, row=unit))
    if end > 1090 and chance[4] > 0.6:
        acts.append(Act(minute=1085, deed=Deed.SWITCH_ON, row=unit))
    if chance[5] < 0.8:
        acts.append(Act(minute=end, deed=Deed.SWITCH_OFF, row=unit))
    return acts


class People:
    """Everybody in the building, and what they do as the day goes on.

    Args:
        layout: the rooms.
        seed: the building's.
        is_workday: the office's calendar.
        start: local time at which the building begins to be looked at.
    """

    def __init__(self, layout: Layout, seed: int, is_workday: Callable[[date], bool], start: datetime) -> None:
        self._layout = layout
        self._seed = seed
        self._is_workday = is_workday
        self._day = self._draw(start.date())
        self._done = start
        self.heads: Floats = self._day.heads(start.hour * 60 + start.minute, len(layout.spaces))
        self.doors_open: Floats = self._day.doors(start.hour * 60 + start.minute)

    @property
    def day(self) -> Day:
        """The day that is going on."""
        return self._day

    def live(self, now: datetime, rooms: Rooms, plant: Plant) -> None:
        """Does what falls between the last call and `now` (local time), in order."""
        if now.date() != self._day.date:
            self._act(self._day, NEVER, rooms, plant)
            self._day = self._draw(now.date())
            self._done = datetime.combine(now.date(), datetime.min.time(), now.tzinfo) - timedelta(minutes=1)
        minute = now.hour * 60 + now.minute
        self._act(self._day, minute, rooms, plant)
        self.heads = self._day.heads(minute, len(self._layout.spaces))
        self.doors_open = self._day.doors(minute)
        self._done = now

    def _draw(self, day: date) -> Day:
        return draw_day(self._layout, self._seed, day, workday=self._is_workday(day))

    def _act(self, day: Day, minute: int, rooms: Rooms, plant: Plant) -> None:
        since = self._done.hour * 60 + self._done.minute if self._done.date() == day.date else -1
        for act in day.acts:
            if since < act.minute <= minute:
                _do(act, rooms, plant)


def _do(act: Act, rooms: Rooms, plant: Plant) -> None:
    match act.deed:
        case Deed.OPEN_WINDOW:
            rooms.window_open[act.row] = 1.0
        case Deed.CLOSE_WINDOW:
            rooms.window_open[act.row] = 0.0
        case _ if plant.lock[act.row] > 0:
            return
        case Deed.TURN_DOWN:
            _turn_down(act, plant)
        case Deed.SWITCH_ON:
            _switch_on(act.row, plant)
        case Deed.SWITCH_OFF:
            plant.on[act.row] = 0.0


def _turn_down(act: Act, plant: Plant) -> None:
    """Cooler than allowed in summer; in winter as much warmer."""
    if plant.on[act.row] == 0:
        return
    if plant.mode[act.row] == COOL:
        plant.setpoint_c[act.row] = min(plant.setpoint_c[act.row], act.setpoint_c)
    elif plant.mode[act.row] == HEAT:
        plant.setpoint_c[act.row] = max(plant.setpoint_c[act.row], 51.0 - act.setpoint_c)


def _switch_on(row: int, plant: Plant) -> None:
    """Somebody who is too warm or too cold does not ask for the rules."""
    room_c = plant.return_air_c[row]
    if plant.on[row] > 0 or COLD_C < room_c < HOT_C:
        return
    plant.mode[row], plant.setpoint_c[row] = (COOL, 26.0) if room_c >= HOT_C else (HEAT, 24.0)
    plant.on[row] = 1.0
