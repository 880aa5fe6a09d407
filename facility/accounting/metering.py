"""Which meters count what: media, counters, registers, and how fast a circuit can count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from facility.model.entries import Meter, VirtualMeter
from facility.model.site import Point, Site
from facility.profiles.schema import Dlt645Point, ModbusPoint
from facility.quantities import CANONICAL, Quantity, factor_to_canonical

ALLOWANCE: Final = 1.25
"""How far above its rated power or flow a circuit is believed for a while."""

GJ_PER_KWH: Final = 0.0036
"""1 kWh is 3.6 MJ."""


class Medium(StrEnum):
    """What is metered."""

    ELECTRICITY = "electricity"
    WATER = "water"
    GAS = "gas"
    HEAT = "heat"


QUANTITIES: Final[Mapping[Medium, Quantity]] = {
    Medium.ELECTRICITY: Quantity.ACTIVE_ENERGY,
    Medium.WATER: Quantity.WATER_VOLUME,
    Medium.GAS: Quantity.GAS_VOLUME,
    Medium.HEAT: Quantity.HEAT_ENERGY,
}
PREFERRED: Final = ("energy_import", "volume", "energy", "pulses")
"""The counter of a meter that has several."""

_MEDIA: Final[Mapping[str, Medium]] = {f"{medium.value}_meter": medium for medium in Medium}


def unit_of(medium: Medium) -> str:
    """The unit that use of a medium is told in."""
    return CANONICAL[QUANTITIES[medium]].unit


def medium_of(meter: Meter) -> Medium:
    """What a meter meters."""
    return _MEDIA[meter.kind]


def medium_at(site: Site, meter: str) -> Medium:
    """What a meter meters, real or virtual; a virtual one what its first member does.

    Raises:
        KeyError: no such meter.
    """
    item = site.equipment[meter]
    while isinstance(item, VirtualMeter):
        item = site.equipment[item.members[0].meter]
    if not isinstance(item, Meter):
        raise KeyError(meter)
    return medium_of(item)


def counter_of(site: Site, meter: Meter) -> Point | None:
    """The point that counts what the meter meters, None when its profile has none. With `per_pulse` that is the pulse
    counter.
    """
    quantity = QUANTITIES[medium_of(meter)] if meter.per_pulse is None else Quantity.COUNT
    counters = [
        point for point in site.points_of(meter.id)
        if point.quantity is quantity and (point.spec.counter or point.spec.counter_max is not None)
    ]  # fmt: skip
    preferred = [point for point in counters if point.spec.id in PREFERRED]
    return next(iter(preferred or counters), None)


def power_of(site: Site, meter: Meter) -> Point | None:
    """The point that tells the power an electricity or heat meter sees now, of all phases; None when its profile has
    none.
    """
    if medium_of(meter) not in (Medium.ELECTRICITY, Medium.HEAT):
        return None
    return _only(site, meter, Quantity.ACTIVE_POWER, "power")


def load_of(site: Site, meter: Meter) -> Point | None:
    """The point that tells whether anything flows now: the power, or the flow of water, gas or heat carrier."""
    return power_of(site, meter) or _only(site, meter, Quantity.VOLUME_FLOW, "flow")


def _only(site: Site, meter: Meter, quantity: Quantity, name: str) -> Point | None:
    """The point of that name, or the only one of its quantity: one phase is not the whole."""
    points = [point for point in site.points_of(meter.id) if point.quantity is quantity]
    named = next((point for point in points if point.spec.id == name), None)
    return named if named is not None or len(points) != 1 else points[0]


def fastest_per_s(meter: Meter) -> float | None:
    """The fastest use that is believed, in the medium's unit per second (kWh/s, m3/s, GJ/s): what the circuit can carry
    with an allowance. None where the site file says nothing about the circuit.
    """
    match medium_of(meter):
        case Medium.WATER | Medium.GAS:
            rated_h = meter.max_flow_m3_h
        case Medium.ELECTRICITY:
            rated_h = meter.max_power_kw
        case Medium.HEAT:
            rated_h = None if meter.max_power_kw is None else meter.max_power_kw * GJ_PER_KWH
    return None if rated_h is None else rated_h * ALLOWANCE / 3600.0


def fastest_count_per_s(meter: Meter) -> float | None:
    """The same as the meter's own counter counts it: pulses per second where it counts pulses."""
    fastest = fastest_per_s(meter)
    return fastest if fastest is None or meter.per_pulse is None else fastest / meter.per_pulse


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """How a counter counts, in its canonical unit: where it starts again at zero (None: it does not), and its smallest
    step (0.0: not known).
    """

    counter_max: float | None
    step: float


def register_of(site: Site, point: Point) -> Register:
    """The counter's register behind the transformer ratios of its device.

    A meter behind transformers counts the secondary side, and its register rolls over there. Readings are stored as
    primary values, each multiplied by the ratio; so is the largest value: a register that ends at 999,999.99 kWh behind
    a ratio of 40 makes the stored counter start again at 39,999,999.6 kWh.
    """
    spec, device = point.spec, site.devices[point.device]
    ratio, step = 1.0, 0.0
    if isinstance(spec, ModbusPoint | Dlt645Point):
        ratio *= device.ct_ratio if spec.ratio in ("ct", "ct_pt") else 1.0
        ratio *= device.pt_ratio if spec.ratio in ("pt", "ct_pt") else 1.0
        if isinstance(spec, Dlt645Point) or not spec.type.startswith("float"):
            factor = factor_to_canonical(spec.quantity, spec.unit) if spec.unit is not None else Fraction(1)
            step = float(Fraction(spec.scale) * factor) * ratio
    return Register(counter_max=None if spec.counter_max is None else spec.counter_max * ratio, step=step)
