"""Registers that only make sense together: values that another register scales, and values split over two.

What scales is chosen here as a maker would choose it: small enough that ordinary values fit their registers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facility.model import Device
from facility.profiles import ModbusPoint
from facility.profiles.schema import WIDTHS
from facility.quantities import Quantity
from simulators.registers.encoding import scaling_of
from simulators.registers.wire import span_of

ORDINARY: Final[Mapping[Quantity, float]] = {
    Quantity.ACTIVE_ENERGY: 2e6, Quantity.REACTIVE_ENERGY: 2e6, Quantity.VOLTAGE: 1000.0, Quantity.CURRENT: 1000.0,
    Quantity.WATER_VOLUME: 1e6, Quantity.GAS_VOLUME: 1e6, Quantity.HEAT_ENERGY: 1e6, Quantity.POWER_FACTOR: 1.0,
}  # fmt: skip
ORDINARY_ELSE: Final = 500.0
FINEST_EXPONENT: Final = -3
USUAL_FACTOR: Final = 10.0
EXPONENT_LIMIT: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """A value whose register is scaled by others: its own column, the one its register shows, and the sources."""

    index: int
    shown: int
    spec: ModbusPoint
    device: Device
    sources: tuple[tuple[int, str], ...]

    def put(self, values: NDArray[np.float64]) -> None:
        """Reckons what the register has to show."""
        scaling = scaling_of(self.device, self.spec)
        raw = values[self.index] * scaling.gain + scaling.bias
        for index, use in self.sources:
            source = values[index]
            if math.isnan(source) or (source == 0 and use != "exponent"):
                continue
            raw /= {"exponent": 10.0**source, "factor": source, "divisor": 1 / source if source else 1.0}[use]
        values[self.shown] = (raw - scaling.bias) / scaling.gain


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A value whose registers `coarse` and `fine` add up to it; columns of what each shows."""

    index: int
    coarse: int
    fine: int
    coarse_step: float

    def put(self, values: NDArray[np.float64]) -> None:
        """Splits the value."""
        value = values[self.index]
        whole = math.floor(value / self.coarse_step + 1e-9) * self.coarse_step if not math.isnan(value) else value
        values[self.coarse], values[self.fine] = whole, max(0.0, value - whole)


def split_of(index: int, own: tuple[int, ModbusPoint], added: tuple[int, ModbusPoint], device: Device) -> Split:
    """Which of the two registers takes the whole steps: the one with the larger step."""
    own_step, added_step = (abs(1 / scaling_of(device, spec).gain) for _, spec in (own, added))
    if own[1].is_float or (added_step > own_step and not added[1].is_float):
        return Split(index=index, coarse=added[0], fine=own[0], coarse_step=added_step)
    return Split(index=index, coarse=own[0], fine=added[0], coarse_step=own_step)


def source_value(use: str, source: ModbusPoint, scaled: Sequence[tuple[ModbusPoint, Device]]) -> float:
    """What an internal register that scales `scaled` holds: the finest exponent with which all of them fit, or a usual
    factor.
    """
    if use != "exponent":
        return USUAL_FACTOR
    needed = [_exponent(spec, device) for spec, device in scaled if not spec.is_float]
    low = max(FINEST_EXPONENT, *needed) if needed else 0
    return float(min(low, EXPONENT_LIMIT, span_of(source.type)[1] if source.type in WIDTHS else EXPONENT_LIMIT))


def _exponent(spec: ModbusPoint, device: Device) -> int:
    """The smallest power of ten with which an ordinary value fits the register."""
    largest = ORDINARY.get(spec.quantity, ORDINARY_ELSE)
    raw = abs(largest * scaling_of(device, spec).gain)
    return math.ceil(math.log10(raw / span_of(spec.type)[1])) if raw > 0 else 0
