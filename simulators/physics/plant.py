"""Indoor and outdoor units: thermostats with hysteresis, modulating capacity, and the electricity it takes."""

from __future__ import annotations

from typing import Final

import numpy as np

from facility.model import ZoneClass
from facility.quantities import state_value
from simulators.physics.layout import Floats, Layout

COOL: Final = state_value("hvac_mode", "cool")
HEAT: Final = state_value("hvac_mode", "heat")
DRY: Final = state_value("hvac_mode", "dry")
AUTO: Final = state_value("hvac_mode", "auto")
FAN_AUTO: Final = state_value("fan_speed", "auto")
AIRFLOW: Final = np.array([0.0, 0.6, 0.8, 1.0])
"""Share of full air flow by fan speed (auto, low, medium, high); auto follows the demand."""

STANDBY_KW: Final = 0.010
"""What an indoor unit may draw when it is off; it draws eight tenths of it."""

FAN_KW_PER_KW: Final = 0.012
HYSTERESIS_K: Final = 0.3
FULL_OUTPUT_K: Final = 1.6
LEAST_OUTPUT: Final = 0.2
SENSIBLE_SHARE: Final = 0.75
RAMP_S: Final = 60.0
START_SETPOINT_C: Final = 26.0


class Plant:
    """All indoor units (rows of `Layout.units`) and the outdoor units behind them.

    States are indices of `facility.quantities.ENUMERATIONS`; `output` is the share of capacity delivered now.
    `delivers` and `runs` are of the outdoor units: what share of the coils' capacity there is, whether the host runs.
    """

    def __init__(self, layout: Layout, *, summer: bool) -> None:
        count = len(layout.units)
        classes = [layout.class_of_unit(row) for row in range(count)]
        self._layout = layout
        self.on: Floats = np.array([float(kind in (ZoneClass.ARCHIVE, ZoneClass.SERVER_ROOM)) for kind in classes])
        self.mode: Floats = np.array([COOL if summer or self.on[row] else HEAT for row in range(count)])
        self.setpoint_c: Floats = np.array([_first_setpoint(kind, summer=summer) for kind in classes])
        self.fan: Floats = np.full(count, FAN_AUTO)
        self.lock: Floats = np.zeros(count)
        self.fault: Floats = np.zeros(count)
        self.thermo: Floats = np.zeros(count)
        self.output: Floats = np.zeros(count)
        self.return_air_c: Floats = np.zeros(count)
        self.fan_kw: Floats = np.full(count, 0.8 * STANDBY_KW)
        self.heat_kw: Floats = np.zeros(count)
        self.unit_kw: Floats = self.fan_kw
        self._outdoor_capacity_kw = self._outdoor_capacities()
        self._standby_kw = 0.03 + 0.001 * self._outdoor_capacity_kw
        self.delivers: Floats = np.ones(len(layout.outdoor_units))
        self.runs: Floats = np.ones(len(layout.outdoor_units))
        self.outdoor_kw: Floats = self._standby_kw.copy()

    def step(self, seconds: float, outdoor_c: float, room_c: Floats) -> None:
        """Thermostats, capacity and electricity for the next `seconds` (at most a minute)."""
        layout = self._layout
        self.return_air_c = layout.share_of_room @ room_c
        cooling, heating = self._duties()
        want_k = np.where(cooling, self.return_air_c - self.setpoint_c, self.setpoint_c - self.return_air_c)
        runs = (self.on > 0) & (self.fault == 0) & (cooling | heating)
        calls = runs & np.where(self.thermo > 0, want_k > -HYSTERESIS_K, want_k > HYSTERESIS_K)
        self.thermo = calls.astype(np.float64)
        demand = np.where(calls, np.clip((want_k + HYSTERESIS_K) / FULL_OUTPUT_K, LEAST_OUTPUT, 1.0), 0.0)
        airflow = np.where(self.fan == FAN_AUTO, 0.6 + 0.4 * demand, AIRFLOW[self.fan.astype(np.int64)])
        demand = np.minimum(demand, airflow) * np.where(self.mode == DRY, 0.5, 1.0)
        ramp = 1.0 - np.exp(-seconds / RAMP_S)
        self.output = np.where(calls, self.output + (demand - self.output) * ramp, 0.0)
        self.fan_kw = np.where(
            self.on > 0, 0.8 * STANDBY_KW + FAN_KW_PER_KW * layout.capacity_kw * airflow**2, 0.8 * STANDBY_KW
        )
        self._deliver(outdoor_c, cooling)

    @property
    def state(self) -> Floats:
        """0 off, 1 thermostat satisfied, 2 compressor called (enumeration `thermo`)."""
        return np.where(self.fault > 0, 3.0, np.where(self.on > 0, 1.0 + self.thermo, 0.0))

    def _duties(self) -> tuple[np.ndarray, np.ndarray]:
        warm = self.return_air_c > self.setpoint_c
        cooling = (self.mode == COOL) | (self.mode == DRY) | ((self.mode == AUTO) & warm)
        heating = (self.mode == HEAT) | ((self.mode == AUTO) & ~warm)
        return cooling, heating

    def _deliver(self, outdoor_c: float, cooling: np.ndarray) -> None:
        """Heat to the rooms, and the outdoor units' power for it."""
        layout = self._layout
        known = layout.outdoor_of_unit >= 0
        behind = np.where(known, layout.outdoor_of_unit, len(layout.outdoor_units))
        load_kw = self.output * layout.capacity_kw
        asked_kw = np.bincount(behind, weights=load_kw, minlength=len(layout.outdoor_units) + 1)
        limit_kw = np.append(self._outdoor_capacity_kw, np.inf)
        share = np.minimum(1.0, limit_kw / np.maximum(asked_kw, 1e-9))
        load_kw = load_kw * share[behind] * np.append(self.delivers, 1.0)[behind]
        self.heat_kw = np.where(cooling, -SENSIBLE_SHARE * load_kw, load_kw)
        part = np.minimum(1.0, asked_kw / limit_kw)
        cop = _cop(cooling, outdoor_c, self.return_air_c) * _part_load(part)[behind]
        compressor_kw = load_kw / np.maximum(cop, 0.8) * np.append(self.runs, 1.0)[behind]
        per_outdoor = np.bincount(behind, weights=compressor_kw, minlength=len(layout.outdoor_units) + 1)
        self.outdoor_kw = per_outdoor[: len(layout.outdoor_units)] + self._standby_kw
        self.unit_kw = self.fan_kw + compressor_kw

    def _outdoor_capacities(self) -> Floats:
        layout = self._layout
        capacities = []
        for row, item in enumerate(layout.outdoor_units):
            hung = float(layout.capacity_kw[layout.outdoor_of_unit == row].sum()) if len(layout.units) else 0.0
            capacities.append(item.capacity_kw or max(hung * 0.9, 1.0))
        return np.array(capacities, dtype=np.float64)


def _first_setpoint(kind: ZoneClass, *, summer: bool) -> float:
    """What stands on the unit when the building is first looked at: people's habit, not the rules."""
    if kind is ZoneClass.ARCHIVE:
        return 22.0
    if kind is ZoneClass.SERVER_ROOM:
        return 24.0
    return START_SETPOINT_C if summer else 22.0


def _cop(cooling: np.ndarray, outdoor_c: float, room_c: Floats) -> Floats:
    """Coefficient of performance at full load: falls with the temperature lift, as catalogue tables do."""
    cold = 3.8 * (1.0 - 0.024 * (outdoor_c - 35.0)) * (1.0 + 0.02 * (room_c - 27.0))
    warm = 3.6 * (1.0 + 0.022 * (outdoor_c - 7.0)) * (1.0 - 0.02 * (room_c - 20.0))
    return np.asarray(np.clip(np.where(cooling, cold, warm), 1.6, 7.0))


def _part_load(part: Floats) -> Floats:
    """Relative efficiency at part load: best near 60 %, poor where the compressor can go no slower."""
    return np.asarray(0.72 + 0.93 * part - 0.65 * part**2)
