"""Water, gas and heat: who uses them, and the trees of their meters.

Gas burns in the canteen before noon, for the people who are there. Heat is what indoor units take from the water (or
bring with it); a heat meter that no unit names, and that is above none, counts all of it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from facility.model import Meter
from simulators.physics.circuits import meter_of_load, tree_matrix
from simulators.physics.layout import Floats, Ints, Layout, seed_of
from simulators.physics.loads import Load

LITRES_PER_HEAD_H: Final = 4.0
SEEPAGE_M3_H: Final = 0.004
GAS_M3_PER_HEAD_H: Final = 0.03
CANTEEN_HOURS: Final = (10.0, 12.5)
GJ_PER_KWH: Final = 0.0036


class WaterMeters:
    """Counter and flow of all meters that are not for electricity: m3 and m3/h, of heat meters GJ and GJ/h."""

    def __init__(self, layout: Layout, loads: list[Load], seed: int) -> None:
        self.meters = tuple(meter for meter in layout.meters if meter.kind != "electricity_meter")
        rows = {meter.id: row for row, meter in enumerate(self.meters)}
        self._water_of = self._chosen("water_meter", loads, rows)
        self._gas_of = self._chosen("gas_meter", loads, rows)
        self._heat_of = self._claimed(layout, rows)
        self._tree = tree_matrix(self.meters, 0.0)
        rng = np.random.default_rng(seed_of(seed, "water"))
        self._rhythm_s = rng.uniform(120.0, 600.0, len(loads))
        self.flow_m3_h: Floats = np.zeros(len(self.meters))
        self.volume_m3: Floats = np.round(rng.uniform(200.0, 6000.0, len(self.meters)), 3)
        self.total_m3_h = 0.0

    def _chosen(self, kind: str, loads: list[Load], rows: dict[str, int]) -> Ints:
        """For each room the row of the meter of a medium, one past the last where nobody measures it."""
        mine = [meter for meter in self.meters if meter.kind == kind]
        chosen = [meter_of_load(load, mine) for load in loads]
        return np.array([rows[mine[row].id] if row < len(mine) else len(rows) for row in chosen], dtype=np.int64)

    def _claimed(self, layout: Layout, rows: dict[str, int]) -> Ints:
        """For each indoor unit the row of its heat meter, else of the meter that counts the heat of all."""
        total = next((row for row, meter in enumerate(self.meters) if _counts_all(meter)), len(rows))
        return np.array([rows.get(unit.heat_meter or "", total) for unit in layout.units], dtype=np.int64)

    def step(self, seconds: float, time_s: float, hour: float, heads: Floats, heat_kw: Floats) -> None:
        """Sets the flows and lets the counters run.

        Args:
            seconds: how far.
            time_s: any running time.
            hour: local hour of the day.
            heads: people per room.
            heat_kw: heat that each indoor unit brings, negative when it cools.
        """
        use = heads * (LITRES_PER_HEAD_H / 1000.0) * (0.4 + 1.2 * np.sin(time_s / self._rhythm_s) ** 2)
        self.total_m3_h = float(use.sum()) + SEEPAGE_M3_H
        use = use + SEEPAGE_M3_H / max(1, len(use))
        gas = heads * (GAS_M3_PER_HEAD_H if CANTEEN_HOURS[0] <= hour < CANTEEN_HOURS[1] else 0.0)
        direct = (
            self._onto(self._water_of, use)
            + self._onto(self._gas_of, gas)
            + self._onto(self._heat_of, np.abs(heat_kw) * GJ_PER_KWH)
        )
        self.flow_m3_h = self._tree @ direct
        self.volume_m3 = self.volume_m3 + self.flow_m3_h * (seconds / 3600.0)

    def _onto(self, rows: Ints, use: Floats) -> Floats:
        count = len(self.meters)
        return np.asarray(np.bincount(rows, weights=use, minlength=count + 1)[:count], dtype=np.float64)


def _counts_all(meter: Meter) -> bool:
    return meter.kind == "heat_meter" and meter.parent is None
