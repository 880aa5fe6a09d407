"""Water: who uses it, and the tree of water meters. Gas and heat meters stand still: nothing here burns."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulators.physics.circuits import meter_of_load, tree_matrix
from simulators.physics.layout import Floats, Ints, Layout, seed_of
from simulators.physics.loads import Load

LITRES_PER_HEAD_H: Final = 4.0
SEEPAGE_M3_H: Final = 0.004


class WaterMeters:
    """Volume and flow of all meters that are not for electricity."""

    def __init__(self, layout: Layout, loads: list[Load], seed: int) -> None:
        self.meters = tuple(meter for meter in layout.meters if meter.kind != "electricity_meter")
        water = [meter for meter in self.meters if meter.kind == "water_meter"]
        rows = {meter.id: row for row, meter in enumerate(self.meters)}
        nobody = len(self.meters)
        chosen = [meter_of_load(load, water) for load in loads]
        self._meter_of: Ints = np.array(
            [rows[water[row].id] if row < len(water) else nobody for row in chosen], dtype=np.int64
        )
        self._tree = tree_matrix(self.meters, 0.0)
        rng = np.random.default_rng(seed_of(seed, "water"))
        self._rhythm_s = rng.uniform(120.0, 600.0, len(loads))
        self.flow_m3_h: Floats = np.zeros(len(self.meters))
        self.volume_m3: Floats = np.round(rng.uniform(200.0, 6000.0, len(self.meters)), 3)
        self.total_m3_h = 0.0

    def step(self, seconds: float, time_s: float, heads: Floats) -> None:
        """Sets the flow for the people who are there and lets the counters run."""
        use = heads * (LITRES_PER_HEAD_H / 1000.0) * (0.4 + 1.2 * np.sin(time_s / self._rhythm_s) ** 2)
        self.total_m3_h = float(use.sum()) + SEEPAGE_M3_H
        use = use + SEEPAGE_M3_H / max(1, len(use))
        count = len(self.meters)
        direct = np.bincount(self._meter_of, weights=use, minlength=count + 1)[:count]
        self.flow_m3_h = self._tree @ direct
        self.volume_m3 = self.volume_m3 + self.flow_m3_h * (seconds / 3600.0)
