"""Which meters count what: media, counters, main meters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from facility.model import Site
from facility.model.entries import Meter
from facility.model.site import Point
from facility.profiles.schema import ModbusPoint
from facility.quantities import CANONICAL, Quantity, factor_to_canonical

ALLOWANCE: Final = 1.25
"""How far above its rated power a circuit is believed for a while."""


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
_MEDIA: Final[Mapping[str, Medium]] = {f"{medium.value}_meter": medium for medium in Medium}
PREFERRED: Final = ("energy_import", "volume", "energy")
"""The counter of a meter that has several."""


def unit_of(medium: Medium) -> str:
    """The unit that use of a medium is told in."""
    return CANONICAL[QUANTITIES[medium]].unit


def medium_of(meter: Meter) -> Medium:
    """What a meter meters."""
    return _MEDIA[meter.kind]


def meters_of(site: Site, medium: Medium) -> list[Meter]:
    """All meters of a medium that have a counter."""
    return [
        meter for meter in site.meters.values() if medium_of(meter) is medium and counter_of(site, meter) is not None
    ]


def main_meters(site: Site, medium: Medium) -> list[Meter]:
    """Meters of a medium that nothing lies upstream of."""
    mains = [meter for meter in site.meters.values() if meter.parent is None and medium_of(meter) is medium]
    return [meter for meter in mains if counter_of(site, meter) is not None]


def office_meters(site: Site, office: str, medium: Medium) -> list[Meter]:
    """The outermost meters of an office: what they count, added up, is the office's own use."""
    own = own_meters(site, office, medium)
    ids = {meter.id for meter in own}
    return [meter for meter in own if meter.parent not in ids]


def own_meters(site: Site, office: str, medium: Medium) -> list[Meter]:
    """All meters that feed an office or a room it uses, its sub-meters among them. A public room that it only answers
    for is not its own.
    """
    fed = [meter for meter in site.meters.values() if _feeds_office(site, meter, office)]
    return [meter for meter in fed if medium_of(meter) is medium and counter_of(site, meter) is not None]


def _feeds_office(site: Site, meter: Meter, office: str) -> bool:
    feeds = meter.feeds
    return feeds.office == office or (feeds.space is not None and site.spaces[feeds.space].office == office)


def counter_of(site: Site, meter: Meter) -> Point | None:
    """The point that counts what the meter meters, None when its profile has none."""
    quantity = QUANTITIES[medium_of(meter)]
    counters = [
        point for point in site.points_of(meter.id)
        if point.quantity is quantity and (point.spec.counter or point.spec.counter_max is not None)
    ]  # fmt: skip
    preferred = [point for point in counters if point.spec.id in PREFERRED]
    return next(iter(preferred or counters), None)


def fastest_per_s(meter: Meter) -> float | None:
    """The fastest count per second that is believed, None where the site file says nothing about the circuit."""
    return None if meter.max_power_kw is None else meter.max_power_kw * ALLOWANCE / 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """How a counter counts, in its canonical unit: where it starts again at zero (None: it does not), and its smallest
    step (0.0: not known).
    """

    counter_max: float | None
    step: float


def register_of(site: Site, point: Point) -> Register:
    """The counter's register behind the transformer ratios of its device."""
    spec, device = point.spec, site.devices[point.device]
    ratio, step = 1.0, 0.0
    if isinstance(spec, ModbusPoint):
        ratio *= device.ct_ratio if spec.ratio in ("ct", "ct_pt") else 1.0
        ratio *= device.pt_ratio if spec.ratio in ("pt", "ct_pt") else 1.0
        if not spec.type.startswith("float"):
            factor = factor_to_canonical(spec.quantity, spec.unit) if spec.unit is not None else Fraction(1)
            step = float(Fraction(spec.scale) * factor) * ratio
    return Register(counter_max=None if spec.counter_max is None else spec.counter_max * ratio, step=step)
