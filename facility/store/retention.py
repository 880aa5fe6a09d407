"""How long which readings are kept, from the site file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from facility.local_days import midnight_us
from facility.model import Point, Site
from facility.quantities import Quantity


class PointClass(StrEnum):
    """What retention tells apart."""

    COUNTER = "counter"
    STATE = "state"
    MEASUREMENT = "measurement"


def class_of(point: Point) -> PointClass:
    """What a point tells: how much has been counted, a state, or a measured value."""
    if point.spec.counter or point.spec.counter_max is not None:
        return PointClass.COUNTER
    return PointClass.STATE if point.quantity is Quantity.STATE else PointClass.MEASUREMENT


def kept_from(site: Site, today: date) -> Mapping[str, int]:
    """Point -> the moment before which its readings may go (microseconds since 1970 UTC, a local midnight). Points that
    are kept for ever are not in it.
    """
    entry = site.file.store.retention
    days = {
        PointClass.COUNTER: entry.counters_days,
        PointClass.STATE: entry.states_days,
        PointClass.MEASUREMENT: entry.measurements_days,
    }
    limits = {
        kind: midnight_us(today - timedelta(days=kept), site.zone) for kind, kept in days.items() if kept is not None
    }
    return {point.id: limits[class_of(point)] for point in site.points.values() if class_of(point) in limits}
