"""The meter trees: which meter feeds which load, and what its registers show.

Every load hangs on the most specific meter that could measure it: its own equipment's, its room's, its office's, its
building's item meter, else the main meter. A meter shows what hangs on it and what its sub-meters show, plus a small
loss in the lines between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from facility.model import Meter
from simulators.physics.layout import Floats, Ints, Layout, seed_of
from simulators.physics.loads import Load

LINE_LOSS: Final = 0.001
"""Share of a sub-meter's flow that is lost on the way to it from the meter upstream."""

POWER_FACTOR: Final[Mapping[str | None, float]] = {
    "lighting_sockets": 0.96, "air_conditioning": 0.92, "power": 0.86, "special": 0.97, None: 0.94,
}  # fmt: skip
NOMINAL_V: Final = 230.0


def meter_of_load(load: Load, meters: Sequence[Meter]) -> int:
    """Row of the meter that a load hangs on; `len(meters)` when nobody measures it."""
    best, best_rank = len(meters), 0
    for row, meter in enumerate(meters):
        rank = _rank(load, meter)
        if rank > best_rank:
            best, best_rank = row, rank
    return best


def _rank(load: Load, meter: Meter) -> int:
    """How specific a meter is for a load, 0 when it cannot measure it."""
    if meter.item is not None and load.item != meter.item and not _is_own(load, meter):
        return 0
    target = meter.feeds.target
    main = 1 if meter.parent is None else 0
    if target is None:
        return main
    kind, name = target
    if name != getattr(load, kind):
        return main if kind == "building" and load.building is None else 0
    places = {"equipment": 50, "space": 40, "office": 30, "building": 10}
    return places[kind] + (5 if meter.item is not None else 0) + (0 if main else 1)


def _is_own(load: Load, meter: Meter) -> bool:
    return load.equipment is not None and meter.feeds.equipment == load.equipment


def tree_matrix(meters: Sequence[Meter], loss: float) -> Floats:
    """Row m: how much of each meter's own loads flows through meter m, losses included."""
    rows = {meter.id: row for row, meter in enumerate(meters)}
    matrix = np.eye(len(meters))
    for row, meter in enumerate(meters):
        share, parent, seen = 1.0, meter.parent, {meter.id}
        while parent is not None and parent in rows and parent not in seen:
            seen.add(parent)
            share *= 1.0 + loss
            matrix[rows[parent], row] = share
            parent = meters[rows[parent]].parent
    return matrix


class ElectricityMeters:
    """Power, counters and electrical quantities of all electricity meters."""

    def __init__(self, layout: Layout, loads: Sequence[Load], seed: int) -> None:
        self.meters = tuple(meter for meter in layout.meters if meter.kind == "electricity_meter")
        count = len(self.meters)
        rng = np.random.default_rng(seed_of(seed, "meters"))
        claimed = _claims(layout)
        rows = {meter.id: row for row, meter in enumerate(self.meters)}
        self.meter_of: Ints = np.array(
            [rows.get(claimed.get(load.equipment or "", ""), meter_of_load(load, self.meters)) for load in loads],
            dtype=np.int64,
        )
        self._tree = tree_matrix(self.meters, LINE_LOSS)
        devices = [layout.site.devices[meter.device] for meter in self.meters]
        self.ratios: Floats = np.array([[device.ct_ratio, device.pt_ratio] for device in devices]).reshape(-1, 2)
        self._factor = np.array([POWER_FACTOR[meter.item] for meter in self.meters])
        phases = 1.0 + rng.uniform(-0.12, 0.12, (count, 3))
        self._phases = phases / phases.sum(axis=1, keepdims=True)
        self._at = rng.uniform(0.0, 2 * np.pi, (count, 3))
        self.power_kw: Floats = np.zeros(count)
        self.energy_kwh: Floats = np.array([_first_count(meter, rng) for meter in self.meters])
        self.phase_kwh: Floats = self.energy_kwh[:, None] * self._phases
        self.export_kwh: Floats = np.zeros(count)
        self.reactive_kvarh: Floats = self.energy_kwh * 0.3

    def set_power(self, loads_kw: Floats) -> None:
        """Distributes the power of all loads over the trees."""
        count = len(self.meters)
        direct = np.bincount(self.meter_of, weights=loads_kw, minlength=count + 1)[:count]
        self.power_kw = self._tree @ direct

    def count(self, seconds: float) -> None:
        """Lets the counters run at the present power."""
        self.energy_kwh = self.energy_kwh + self.power_kw * (seconds / 3600.0)
        self.phase_kwh = self.phase_kwh + self.power_kw[:, None] * self._phases * (seconds / 3600.0)
        self.reactive_kvarh = self.reactive_kvarh + self.reactive_kvar() * (seconds / 3600.0)

    def power_factor(self) -> Floats:
        """Falls at very small loads, as it does where chokes idle."""
        return np.asarray(self._factor * (1.0 - 0.15 / (1.0 + 8.0 * self.power_kw)))

    def reactive_kvar(self) -> Floats:
        factor = self.power_factor()
        return np.asarray(self.power_kw * np.sqrt(1.0 / factor**2 - 1.0))

    def electrical(self, time_s: float) -> dict[str, Floats]:
        """Voltages, currents, powers by phase and frequency, all consistent with the power of now."""
        voltage = (
            NOMINAL_V - 0.5 + 2.2 * np.sin(time_s * 2 * np.pi / 86400.0 + self._at[:1].sum())
            + 0.8 * np.sin(time_s / 137.0 + self._at) - 0.02 * np.minimum(self.power_kw[:, None], 60.0)
        )  # fmt: skip
        power = self.power_kw[:, None] * self._phases
        factor = self.power_factor()
        current = power * 1000.0 / (voltage * factor[:, None])
        line = np.sqrt(3.0) * (voltage + voltage[:, (1, 2, 0)]) / 2.0
        frequency = np.full(len(self.meters), 50.0 + 0.02 * np.sin(time_s / 31.0) + 0.01 * np.sin(time_s / 7.3))
        return _named(power, voltage, current, line) | {
            "power": self.power_kw,
            "reactive_power": self.reactive_kvar(),
            "apparent_power": self.power_kw / factor,
            "power_factor": factor,
            "frequency": frequency,
        }


def _named(power: Floats, voltage: Floats, current: Floats, line: Floats) -> dict[str, Floats]:
    named: dict[str, Floats] = {}
    for column, phase in enumerate(("a", "b", "c")):
        named[f"power_{phase}"] = power[:, column]
        named[f"voltage_{phase}"] = voltage[:, column]
        named[f"current_{phase}"] = current[:, column]
        named[f"voltage_{('ab', 'bc', 'ca')[column]}"] = line[:, column]
    return named


def _claims(layout: Layout) -> dict[str, str]:
    """Equipment that names its own meter -> that meter."""
    claims = {item.id: item.meter for item in layout.outdoor_units}
    claims |= {item.id: item.meter for item in layout.kettles}
    claims |= {item.id: item.meter for item in layout.switches}
    return {equipment: meter for equipment, meter in claims.items() if meter is not None}


def _first_count(meter: Meter, rng: np.random.Generator) -> float:
    """What stood on a meter that has been in service for a while: 0.01 kWh resolution."""
    scale = 400_000.0 if meter.parent is None else 25_000.0
    return round(float(rng.uniform(0.2, 1.0)) * scale, 2)
