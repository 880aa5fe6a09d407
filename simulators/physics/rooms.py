"""Rooms: two heat stores each (air with furniture, walls), a window, neighbours, and the moisture of the air.

Coefficients per square metre of floor are those of a brick office of the 1990s: U of windows 3 W/m2K on a quarter of
the floor area, half an air change an hour through cracks, six through an open window.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from simulators.physics.layout import Floats, Layout
from simulators.weather import Outdoor

AIR_KJ_PER_K_M2: Final = 25.0
WALL_KJ_PER_K_M2: Final = 150.0
AIR_TO_WALL_W_PER_K_M2: Final = 8.0
WALL_TO_OUTDOOR_W_PER_K_M2: Final = 0.9
WINDOW_W_PER_K_M2: Final = 0.8
CRACKS_W_PER_K_M2: Final = 0.5
OPEN_WINDOW_W_PER_K_M2: Final = 6.0
TO_NEIGHBOUR_W_PER_K_M2: Final = 1.5
SOLAR_SHARE: Final = 0.03
"""Radiation through the windows per square metre of floor, of the global horizontal radiation."""

WINDOWLESS_SHARE: Final = 0.35
UNSERVED_CRACKS: Final = 4.0
"""A room without air-conditioning is aired through door and fanlight, this many times as much as through cracks."""

PERSON_W: Final = 75.0
PERSON_G_S: Final = 0.015
AIR_KG_PER_M2: Final = 3.6
CRACK_CHANGES_PER_S: Final = 0.5 / 3600
OPEN_CHANGES_PER_S: Final = 6.0 / 3600
COIL_G_PER_KG: Final = 8.6


class Rooms:
    """State of all rooms. Temperatures in C, `moisture_g_kg` grams of water per kilogram of air."""

    def __init__(self, layout: Layout, orientation: Floats, outdoor: Outdoor, mean_outdoor_c: float) -> None:
        count = len(layout.spaces)
        self._layout = layout
        self._orientation = orientation
        self._envelope = np.where(layout.has_window, 1.0, WINDOWLESS_SHARE)
        served = layout.share_of_room.sum(axis=0) > 0
        self._cracks = self._envelope * np.where(served, 1.0, UNSERVED_CRACKS)
        self._floor_area = np.maximum(
            np.bincount(layout.floor_of_room, weights=layout.area_m2, minlength=layout.floor_count), 1e-9
        )
        start_c = max(16.0, mean_outdoor_c + 1.5)
        self.temperature_c: Floats = np.full(count, start_c)
        self.wall_c: Floats = np.full(count, start_c)
        self.moisture_g_kg: Floats = np.full(count, moisture_g_kg(outdoor.temperature_c, outdoor.humidity_pct))
        self.window_open: Floats = np.zeros(count)

    def step(self, seconds: float, outdoor: Outdoor, people: Floats, gains_w: Floats, plant_w: Floats) -> None:
        """Moves on by at most a minute.

        Args:
            seconds: how far.
            outdoor: the weather.
            people: heads in each room.
            gains_w: heat of lamps and equipment.
            plant_w: heat that air-conditioning brings, negative when it cools.
        """
        area = self._layout.area_m2
        windy = 1.0 + 0.05 * outdoor.wind_m_s
        out_w_k = area * (
            self._envelope * WINDOW_W_PER_K_M2
            + self._cracks * CRACKS_W_PER_K_M2 * windy
            + self.window_open * OPEN_WINDOW_W_PER_K_M2 * windy
        )
        to_wall_w = area * AIR_TO_WALL_W_PER_K_M2 * (self.wall_c - self.temperature_c)
        sun_w = area * self._layout.has_window * SOLAR_SHARE * outdoor.irradiance_w_m2 * self._orientation
        heat_w = (
            out_w_k * (outdoor.temperature_c - self.temperature_c)
            + to_wall_w + 0.6 * sun_w + people * PERSON_W + gains_w + plant_w
            + area * TO_NEIGHBOUR_W_PER_K_M2 * (self._floor_mean_c() - self.temperature_c)
        )  # fmt: skip
        wall_w = (
            area * self._envelope * WALL_TO_OUTDOOR_W_PER_K_M2 * (outdoor.temperature_c - self.wall_c)
            - to_wall_w + 0.4 * sun_w
        )  # fmt: skip
        self.temperature_c = self.temperature_c + heat_w * seconds / (area * AIR_KJ_PER_K_M2 * 1000.0)
        self.wall_c = self.wall_c + wall_w * seconds / (area * WALL_KJ_PER_K_M2 * 1000.0)

    def step_moisture(
        self, seconds: float, outdoor: Outdoor, people: Floats, coil: Floats, dries_g_s: Floats
    ) -> None:  # fmt: skip
        """Air exchange, breath, coils and dehumidifiers.

        Args:
            seconds: how far.
            outdoor: the weather.
            people: heads in each room.
            coil: how hard the coil over a room works, 0 to 1.
            dries_g_s: what dehumidifiers take out of each room.
        """
        changes = CRACK_CHANGES_PER_S * self._cracks + self.window_open * OPEN_CHANGES_PER_S
        outside = moisture_g_kg(outdoor.temperature_c, outdoor.humidity_pct)
        rate = (
            changes * (outside - self.moisture_g_kg)
            + (people * PERSON_G_S - dries_g_s) / (self._layout.area_m2 * AIR_KG_PER_M2)
            - coil * 2e-3 * np.maximum(self.moisture_g_kg - COIL_G_PER_KG, 0.0)
        )
        self.moisture_g_kg = np.maximum(self.moisture_g_kg + rate * seconds, 0.1)

    def humidity_pct(self) -> Floats:
        """Relative humidity of each room, at most 98 %."""
        saturated = saturation_g_kg(self.temperature_c)
        return np.clip(100.0 * self.moisture_g_kg / saturated, 5.0, 98.0)

    def _floor_mean_c(self) -> Floats:
        layout = self._layout
        weights = self.temperature_c * layout.area_m2
        sums = np.bincount(layout.floor_of_room, weights=weights, minlength=layout.floor_count)
        return np.asarray((sums / self._floor_area)[layout.floor_of_room])


def saturation_g_kg(temperature_c: Floats) -> Floats:
    """Water that saturated air holds (Magnus formula, WMO Guide No. 8, at 1013 hPa)."""
    pressure_hpa = 6.112 * np.exp(17.62 * temperature_c / (243.12 + temperature_c))
    return np.asarray(622.0 * pressure_hpa / (1013.0 - pressure_hpa))


def moisture_g_kg(temperature_c: float, humidity_pct: float) -> float:
    """Water in outdoor air."""
    return float(saturation_g_kg(np.array([temperature_c]))[0]) * humidity_pct / 100.0
