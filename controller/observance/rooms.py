"""What rooms themselves are held to: the climate of archives round the clock, and lights in good daylight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np

from controller.observance.judging import GRACE_MINUTES, Verdict, observed
from controller.observance.minutes import NO, Truth, all_of, any_of, is_true, lasting
from controller.observance.reading import DayReader
from controller.policy.schema import Parameters
from controller.policy.site_policy import SitePolicy
from facility.model import Sensor, Space, ZoneClass
from facility.observance import Observed, Rule

DAYLIGHT_CLAUSE: Final = "LT-01"
LIGHT_KINDS: Final = ("lighting",)
STALE_S: Final = 900.0


def judge_archives(reader: DayReader, policy: SitePolicy, day: date) -> Iterator[Observed]:
    """Minutes in which an archive's climate was outside its limits (ARC-01), by the room's sensors, else by its unit's
    return air; limits are the site's for the class. Best effort: told as a share, nothing is switched by it.
    """
    for space in reader.site.spaces.values():
        if space.zone_class is not ZoneClass.ARCHIVE:
            continue
        rules = policy.of_class(space.zone_class)
        outside = _outside(reader, space, rules.parameters)
        if outside is not None:
            everything = np.ones(len(reader.minutes), np.bool_)
            clause = rules.clause_of.get("climate", "ARC-01")
            verdict = Verdict(Rule.ARCHIVE_CLIMATE, clause, everything, outside, reader.minutes.none())
            office = space.office or space.responsible_office
            yield observed(verdict, equipment=_named(reader, space), office=office, minutes=reader.minutes, day=day)


def _named(reader: DayReader, space: Space) -> str:
    """What the climate is told under: the unit that serves the room, else the sensor in it."""
    serving = [unit.id for unit in reader.site.indoor_units.values() if space.id in unit.serves]
    sensors = [sensor.id for sensor in reader.site.sensors_of_space(space.id, "climate_sensor")]
    return [*serving, *sensors, space.id][0]


def _outside(reader: DayReader, space: Space, p: Parameters) -> Truth | None:
    temperature = _points(reader, space, "temperature")
    humidity = [f"{s.id}.humidity" for s in reader.site.sensors_of_space(space.id, "climate_sensor")]
    humidity = [point for point in humidity if point in reader.site.points]
    found = [
        *_beyond(reader, temperature, p.climate_low_c, p.climate_high_c),
        *_beyond(reader, humidity, p.humidity_low_percent, p.humidity_high_percent),
    ]
    return any_of(*found) if found else None


def _points(reader: DayReader, space: Space, name: str) -> list[str]:
    sensors = [f"{sensor.id}.{name}" for sensor in reader.site.sensors_of_space(space.id, "climate_sensor")]
    units = [f"{unit.id}.room_{name}" for unit in reader.site.indoor_units.values() if space.id in unit.serves]
    return [point for point in (*sensors, *units) if point in reader.site.points]


def _beyond(reader: DayReader, points: list[str], low: float | None, high: float | None) -> Iterator[Truth]:
    if not points or (low is None and high is None):
        return
    values = reader.first_mean(points, STALE_S)
    wrong = reader.minutes.none()
    if low is not None:
        wrong |= values < low
    if high is not None:
        wrong |= values > high
    yield is_true(values, wrong)


def judge_lights(reader: DayReader, day: date) -> Iterator[Observed]:
    """Minutes in which lights burnt though a light sensor of the room, or outdoors, said that it was bright enough
    (LT-01, AC-15). Lights without such a sensor are not judged.
    """
    watched = reader.site.file.observance
    if watched.daylight_lux is None:
        return
    for item in reader.site.of_kind(*LIGHT_KINDS):
        spaces = tuple(getattr(item, "serves", ()))
        bright = _bright(reader, spaces, watched.daylight_lux, watched.daylight_outdoor_lux)
        if bright is None:
            continue
        burning = reader.switched_on(item.id)
        broken = lasting(all_of(burning, bright), GRACE_MINUTES)
        verdict = Verdict(Rule.DAYLIGHT, DAYLIGHT_CLAUSE, np.asarray(burning != NO), broken, reader.minutes.none())
        if verdict.judged.any():
            office = reader.site.office_of(item.id)
            yield observed(verdict, equipment=item.id, office=office, minutes=reader.minutes, day=day)


def _bright(reader: DayReader, spaces: tuple[str, ...], inside_lux: float, outside_lux: float) -> Truth | None:
    """Whether the rooms are bright by themselves; by the sensors outdoors where they have none of their own."""
    sensors = [
        item
        for item in reader.site.equipment.values()
        if isinstance(item, Sensor) and f"{item.id}.illuminance" in reader.site.points
    ]
    own = [item for item in sensors if set(item.serves) & set(spaces)]
    outdoors = [item for item in sensors if not item.serves]
    chosen, limit_lux = (own, inside_lux) if own else (outdoors, outside_lux)
    found = [reader.above(f"{item.id}.illuminance", limit_lux, STALE_S) for item in chosen]
    return any_of(*found) if found else None
