"""Equipment that is only on or off: what its relay says, what it then does, and the electricity it takes."""

from __future__ import annotations

from typing import Final

import numpy as np

from facility.model import Switch
from facility.model.switching import SwitchKind
from simulators.physics.layout import Floats, Ints, Layout
from simulators.physics.rooms import Rooms
from simulators.weather import Outdoor

LIFT_SERVICE_KW: Final = 0.25
LIFT_PARKED_KW: Final = 0.06
LANDSCAPE_KW: Final = 3.0
LANDSCAPE_HOURS: Final = (18.0, 23.0)
DARK_W_M2: Final = 5.0
DEHUMIDIFIER_KW: Final = 0.62
DEHUMIDIFIER_G_S: Final = 0.35
DEHUMIDIFIER_FROM_PCT: Final = 45.0
"""Its own hygrostat: it dries no further."""

CONDENSATION_KJ_G: Final = 2.45
PUMP_KW_PER_KW: Final = 0.025
"""Electricity of a pump per thermal kW of its plant."""

TRAVEL_S: Final[dict[SwitchKind, float]] = {"valve": 40.0, "pump": 4.0, "chiller": 25.0}
"""Time from its relay's word until it has done it."""

FIRST_ON: Final[tuple[SwitchKind, ...]] = ("lighting", "landscape_lighting", "lift", "socket_circuit")


class Switches:
    """All switches, rows in the order of `Layout.switches`.

    `on` is what the relay says of the equipment, `proved` whether it does it, `fault` whether it gave up by itself (a
    chiller without flow), `operation` how a lift is operated (0 normal). `power_kw` is their own electricity; that of
    a chiller is its plant's.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.items = layout.switches
        kettle_valves = {kettle.valve for kettle in layout.kettles}
        first = [float(item.kind in FIRST_ON or item.id in kettle_valves) for item in self.items]
        self.on: Floats = np.array(first)
        self.proved: Floats = self.on.copy()
        self.fault: Floats = np.zeros(len(self.items))
        self.operation: Floats = np.zeros(len(self.items))
        self.power_kw: Floats = np.zeros(len(self.items))
        self._progress: Floats = self.on.copy()
        self._travel_s = np.array([TRAVEL_S.get(item.kind, 1e-6) for item in self.items])
        self.lamps_of: Ints = _serving(layout, "lighting")
        self.sockets_of: Ints = _serving(layout, "socket_circuit")
        self.corridor_of: Ints = _corridors(layout)
        self._lifts = self._rows("lift")
        self._landscape = self._rows("landscape_lighting")
        self._pumps = self._rows("pump")
        self._dryers = self._rows("dehumidifier")
        self._pump_kw = np.array([_pump_kw(layout, self.items[row]) for row in self._pumps])
        self.dries_g_s: Floats = np.zeros(len(layout.spaces))
        self.heat_w: Floats = np.zeros(len(layout.spaces))

    def _rows(self, kind: SwitchKind) -> list[int]:
        return [row for row, item in enumerate(self.items) if item.kind == kind]

    @property
    def has_lifts(self) -> bool:
        """Whether the lifts are known one by one."""
        return bool(self._lifts)

    def powered(self, rows: Ints) -> Floats:
        """For each place, by the row of the switch it hangs on: 1 while it is on, or where there is none (-1)."""
        if not len(self.items):
            return np.ones(len(rows))
        return np.where(rows >= 0, self.on[rows], 1.0)

    def move(self, seconds: float) -> None:
        """Valves travel, pumps and chillers come up; all others do at once what they are told."""
        step = np.where(self.on > 0, 1.0, -1.0) * seconds / self._travel_s
        self._progress = np.clip(self._progress + step, 0.0, 1.0)
        self.proved = np.where(self._progress >= 1.0, 1.0, np.where(self._progress <= 0.0, 0.0, self.proved))
        self.fault = np.where(self.on > 0, self.fault, 0.0)
        self.proved = np.where(self.fault > 0, 0.0, self.proved)

    def dry(self, rooms: Rooms) -> None:
        """What dehumidifiers take out of the air now, and the heat they give for it."""
        self.dries_g_s[:] = 0.0
        self.heat_w[:] = 0.0
        humidity = rooms.humidity_pct()
        for row in self._dryers:
            served = [self._layout.room_of[space] for space in self.items[row].serves]
            runs = bool(self.on[row] > 0 and served and humidity[served].max() > DEHUMIDIFIER_FROM_PCT)
            self.power_kw[row] = DEHUMIDIFIER_KW if runs else 0.0
            for room in served if runs else ():
                self.dries_g_s[room] += DEHUMIDIFIER_G_S / len(served)
                heat_kw = DEHUMIDIFIER_KW + DEHUMIDIFIER_G_S * CONDENSATION_KJ_G
                self.heat_w[room] += heat_kw * 1000.0 / len(served)

    def draw(self, hour: float, outdoor: Outdoor, lifts_busy_kw: float) -> None:
        """Sets the power of lifts, landscape lighting and pumps. `lifts_busy_kw` is what all traffic takes."""
        serving = [row for row in self._lifts if self.on[row] > 0]
        for row in self._lifts:
            in_service = row in serving
            share_kw = lifts_busy_kw / len(serving) if in_service else 0.0
            self.power_kw[row] = (LIFT_SERVICE_KW if in_service else LIFT_PARKED_KW) + share_kw
        dark = outdoor.irradiance_w_m2 < DARK_W_M2 and LANDSCAPE_HOURS[0] <= hour < LANDSCAPE_HOURS[1]
        self.power_kw[self._landscape] = LANDSCAPE_KW * self.on[self._landscape] * float(dark)
        self.power_kw[self._pumps] = self._pump_kw * self.proved[self._pumps]

    def carry(self, rows: Ints, power_kw: Floats) -> None:
        """Puts the power of places onto the switches that they hang on."""
        mine = rows >= 0
        if mine.any():
            carried = np.bincount(rows[mine], weights=power_kw[mine], minlength=len(self.items))
            switched = np.unique(rows[mine])
            self.power_kw[switched] = carried[switched]


def _serving(layout: Layout, kind: SwitchKind) -> Ints:
    """For each room the row of the switch of a kind that serves it, -1 where none does."""
    rows = np.full(len(layout.spaces), -1, dtype=np.int64)
    for row, item in enumerate(layout.switches):
        if item.kind == kind:
            rows[[layout.room_of[space] for space in item.serves]] = row
    return rows


def _corridors(layout: Layout) -> Ints:
    """For each floor the row of the lighting of its corridor: lighting that serves no room, in the file's order."""
    rows = np.full(layout.floor_count, -1, dtype=np.int64)
    lights = [row for row, item in enumerate(layout.switches) if item.kind == "lighting" and not item.serves]
    for floor, row in zip(range(layout.floor_count), lights, strict=False):
        rows[floor] = row
    return rows


def _pump_kw(layout: Layout, pump: Switch) -> float:
    for row, plant in enumerate(layout.outdoor_units):
        if plant.order is not None and pump.id in plant.order.pumps:
            hung_kw = float(layout.capacity_kw[layout.outdoor_of_unit == row].sum())
            return PUMP_KW_PER_KW * (plant.capacity_kw or hung_kw)
    return 0.75
