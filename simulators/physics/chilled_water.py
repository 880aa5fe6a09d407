"""Plants of chilled water: whether there is flow, whether the chiller runs, and how cold the water is."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulators.physics.layout import Floats, Layout
from simulators.physics.switches import Switches

COLD_C: Final = 7.0
WARM_C: Final = 20.0
"""Water this warm cools nothing any more."""

COOLS_IN_S: Final = 300.0
WARMS_IN_S: Final = 1500.0
STANDS_IN_S: Final = 4.0 * 3600.0


class ChilledWater:
    """The water of each plant, rows of `Layout.outdoor_units`; a VRF has none and always delivers.

    `delivers` is the share of a fan coil's capacity that the water can give, `runs` whether the host runs.
    """

    def __init__(self, layout: Layout, switches: Switches) -> None:
        self._switches = switches
        rows = {item.id: row for row, item in enumerate(layout.switches)}
        self._plants = [
            (row, rows[plant.order.host], [rows[part] for part in (*plant.order.pumps, *plant.order.valves)])
            for row, plant in enumerate(layout.outdoor_units)
            if plant.order is not None
        ]
        count = len(layout.outdoor_units)
        self.water_c: Floats = np.full(count, WARM_C)
        self.delivers: Floats = np.ones(count)
        self.runs: Floats = np.ones(count)
        self.step(1e-6)

    def step(self, seconds: float) -> None:
        """The chiller's own interlock stops it where there is no flow; else it cools the water."""
        switches = self._switches
        for row, host, others in self._plants:
            flows = bool((switches.proved[others] > 0).all())
            if not flows and switches.proved[host] > 0:
                switches.fault[host] = 1.0
                switches.proved[host] = 0.0
            runs = flows and switches.proved[host] > 0
            target_c, time_s = (COLD_C, COOLS_IN_S) if runs else (WARM_C, WARMS_IN_S if flows else STANDS_IN_S)
            self.water_c[row] += (target_c - self.water_c[row]) * (1.0 - np.exp(-seconds / time_s))
            self.runs[row] = float(runs)
            share = (WARM_C - self.water_c[row]) / (WARM_C - COLD_C)
            self.delivers[row] = float(np.clip(share, 0.0, 1.0)) if flows else 0.0
