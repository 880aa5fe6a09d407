"""What an equipment's start hangs on: its outdoor unit, and the electricity meters above it up to the main meter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from facility.model import IndoorUnit, Meter, Site
from facility.model.entries import Equipment, OutdoorUnit

COOLING_PER_ELECTRIC_KW: Final = 3.0
"""Thermal kW of an indoor unit for each electric kW its outdoor unit draws for it: the usual order of an EER, for
estimates only.
"""


class Supply(NamedTuple):
    """`lanes`: what starts come one after the other on. `meters`: all electricity meters above, the nearest first.
    `start_kw`: what a start adds, estimated from rated capacity; None where nothing tells.
    """

    lanes: tuple[str, ...]
    meters: tuple[str, ...]
    start_kw: float | None


def supply_of(site: Site, equipment: str) -> Supply:
    """What the start of `equipment` hangs on. Where no meter tells the feeder, the outdoor unit stands for it."""
    item = site.equipment[equipment]
    meters = tuple(_meters_above(site, item))
    lanes = [meters[-2]] if len(meters) > 1 else list(meters)
    start_kw = None
    if isinstance(item, IndoorUnit):
        lanes.append(item.outdoor_unit)
        start_kw = item.capacity_kw / COOLING_PER_ELECTRIC_KW
    return Supply(tuple(lanes) or (equipment,), meters, start_kw)


def _meters_above(site: Site, item: Equipment) -> Iterator[str]:
    source = site.equipment.get(item.outdoor_unit) if isinstance(item, IndoorUnit) else item
    meter = None if source is None else _meter_of(site, source)
    seen: set[str] = set()
    while meter is not None and meter.id not in seen and meter.kind == "electricity_meter":
        seen.add(meter.id)
        yield meter.id
        meter = site.meters.get(meter.parent or "")


def _meter_of(site: Site, item: Equipment) -> Meter | None:
    named = getattr(item, "meter", None)
    if named is not None:
        return site.meters.get(named)
    if not isinstance(item, OutdoorUnit):
        return None
    return next((meter for meter in site.meters.values() if meter.feeds.equipment == item.id), None)
