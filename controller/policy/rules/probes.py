"""A leaf of a condition bound to what it looks at: which points, which unit, compared how."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from controller.policy.rules.conditions import (
    CLOCK_LEAVES,
    WEATHER_LEAVES,
    Compare,
    Held,
    Measured,
    Metered,
    Near,
    Running,
    When,
    Which,
)
from controller.policy.rules.logic import Truth, every, some
from controller.policy.rules.places import Places, Subject
from facility.model import Site
from facility.model.entries import ZoneClass
from facility.profiles.schema import PointBase
from facility.quantities import CANONICAL, ENUMERATIONS, Quantity, factor_to_canonical

Look = Literal["state", "contact", "value", "mean", "power", "demand"]
SAME_UNIT: Final = {"C": "Cel", "℃": "Cel", "°C": "Cel", "lux": "lx", "%RH": "%"}
ROOM_SENSORS: Final = {
    "temperature": (("climate_sensor",), "temperature"),
    "humidity": (("climate_sensor",), "humidity"),
    "illuminance": (("illuminance_sensor",), "illuminance"),
    "occupied": (("occupancy_sensor",), "present"),
    "window": (("window_contact", "door_contact"), "open"),
}
"""Leaf -> kinds of sensor and name of their point."""
QUANTITY_OF: Final = {
    "temperature": Quantity.TEMPERATURE, "humidity": Quantity.HUMIDITY, "illuminance": Quantity.ILLUMINANCE,
    "setpoint": Quantity.TEMPERATURE, "power": Quantity.ACTIVE_POWER, "demand": Quantity.ACTIVE_POWER,
    "outdoor": Quantity.TEMPERATURE, "forecast_max": Quantity.TEMPERATURE, "cloud": Quantity.CLOUD_COVER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where one value comes from: points in order of trust, of which the first that is known counts.

    `look` says how it is read: a state of equipment, a contact, a value, a mean of some minutes.
    """

    look: Look
    points: tuple[str, ...]
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Probe:
    """A leaf and its sources. `zone_class` where the class' hours or permits matter; `low`/`high` what is believed of
    the value, for checking; `words` the states' names. Without sources it is always unknown.
    """

    leaf: When
    zone_class: ZoneClass | None = None
    sources: tuple[Source, ...] = ()
    test: Compare | None = None
    wanted: tuple[float, ...] = ()
    which: Which = "any"
    unit: str = ""

    @property
    def is_clock(self) -> bool:
        """Whether calendar and clock alone decide."""
        return self.leaf.key in CLOCK_LEAVES

    @property
    def is_weather(self) -> bool:
        """Whether the site's weather decides."""
        return self.leaf.key in WEATHER_LEAVES

    def truth(self, values: tuple[float | None, ...], was: tuple[Truth, ...]) -> tuple[Truth, tuple[Truth, ...]]:
        """Whether it holds when its sources say `values`, after each was `was`; and what each is now."""
        each = tuple(
            self._one(value, before) for value, before in zip(values, was or (None,) * len(values), strict=True)
        )
        if not each:
            return None, ()
        return (some(each) if self.which == "any" else every(each)), each

    def _one(self, value: float | None, was: Truth) -> Truth:
        if value is None:
            return None
        if self.test is not None:
            return compared(self.test, value, was)
        return value in self.wanted


def compared(test: Compare, value: float, was: Truth) -> bool:
    """A value against a limit; once true, true until it is back beyond where it is to end."""
    if was and test.back is not None:
        return value >= test.back if test.rises else value <= test.back
    limit = test.limit
    if test.above is not None:
        return value > limit
    if test.at_least is not None:
        return value >= limit
    return value < limit if test.below is not None else value <= limit


def canonical_test(test: Compare, quantity: Quantity) -> Compare:
    """The comparison with its numbers in the canonical unit of `quantity`.

    Raises:
        ValueError: its unit does not measure that.
    """
    unit = SAME_UNIT.get(test.unit or "", test.unit)
    if unit is None or unit == CANONICAL[quantity].unit:
        return test if test.unit is None else test.model_copy(update={"unit": None})
    factor = factor_to_canonical(quantity, unit)
    fields = ("above", "below", "at_least", "at_most", "until_below", "until_above")
    given = {name: _scaled(getattr(test, name), factor) for name in fields}
    return test.model_copy(update={**given, "unit": None})


def _scaled(value: float | None, factor: Fraction) -> float | None:
    return None if value is None else float(Fraction(str(value)) * factor)


def probe_of(leaf: When, subject: Subject, places: Places) -> Probe:
    """The probe of a leaf for one subject.

    Raises:
        ValueError: a unit that does not fit, a state that there is not.
    """
    key = leaf.key
    if key in CLOCK_LEAVES or key == "permitted":
        needs_class = key in ("time", "supply_hours", "permitted", "day", "rest_ahead", "holiday")
        return Probe(leaf, subject.zone_class if needs_class else None)
    quantity = QUANTITY_OF.get(key)
    if key in WEATHER_LEAVES:
        test = leaf.leaf if isinstance(leaf.leaf, Compare) and quantity is not None else None
        return Probe(leaf, test=None if test is None or quantity is None else canonical_test(test, quantity))
    if key == "point":
        return _point_probe(leaf, places.site)
    if key in ROOM_SENSORS:
        return _room_probe(leaf, subject, places)
    if isinstance(leaf.leaf, Metered):
        return _meter_probe(leaf, leaf.leaf, subject, places)
    return _equipment_probe(leaf, subject, places)


def _room_probe(leaf: When, subject: Subject, places: Places) -> Probe:
    rooms: Measured | Held = leaf.leaf
    spaces = subject.spaces if rooms.space is None else (rooms.space,)
    kinds, name = ROOM_SENSORS[leaf.key]
    known = places.site.points
    sensors = [sensor for kind in kinds for sensor in places.sensors(spaces, kind)]
    points = [f"{sensor}.{name}" for sensor in sensors if f"{sensor}.{name}" in known]
    if isinstance(rooms, Held):
        sources = tuple(Source("contact", (point,)) for point in points)
        return Probe(leaf, sources=sources, wanted=(float(rooms.is_),), which=_held_by(rooms))
    test = canonical_test(rooms, QUANTITY_OF[leaf.key])
    unit = CANONICAL[QUANTITY_OF[leaf.key]].unit
    if leaf.key == "illuminance":
        sources = tuple(Source("value", (point,)) for point in points)
    else:
        if leaf.key == "temperature" and subject.per == "equipment" and rooms.space is None:
            points += [point for point in (f"{subject.id}.room_temperature",) if point in known]
        sources = (Source("mean", tuple(points)),) if points else ()
    return Probe(leaf, sources=sources, test=test, which=rooms.which, unit=unit)


def _held_by(rooms: Held | Running) -> Which:
    """Somebody in, or a window open, is so where any sensor says it; nobody in, or all closed, where every one does."""
    return rooms.which if rooms.is_ else ("all" if rooms.which == "any" else "any")


def _meter_probe(leaf: When, metered: Metered, subject: Subject, places: Places) -> Probe:
    is_named = metered.of not in ("self", "room", "office")
    meters = (metered.of,) if is_named else places.meters(subject, metered.of, metered.item)
    points = [f"{meter}.power" for meter in meters if f"{meter}.power" in places.site.points]
    look: Look = "power" if leaf.key == "power" else "demand"
    minutes = metered.minutes if look == "demand" else 0.0
    sources = tuple(Source(look, (point,), minutes) for point in points)
    test = canonical_test(metered, Quantity.ACTIVE_POWER)
    return Probe(leaf, sources=sources, test=test, which=metered.which, unit="kW")


def _equipment_probe(leaf: When, subject: Subject, places: Places) -> Probe:
    value = leaf.leaf
    if isinstance(value.of, Near):
        names: tuple[str, ...] = places.near(subject, value.of.kind, value.of.reach)
    else:
        names = (subject.id,) if value.of == "self" else (value.of,)
    site = places.site
    points = [point for name in names for point in _state_points(site, name, leaf.key)]
    sources = tuple(Source("state", (point,)) for point in points)
    if leaf.key == "setpoint":
        test = canonical_test(value, Quantity.TEMPERATURE)
        return Probe(leaf, sources=sources, test=test, which=value.which, unit="Cel")
    if leaf.key == "running":
        return Probe(leaf, sources=sources, wanted=(float(value.is_),), which=_held_by(value))
    wanted = {number for point in points for number in _numbers(site, point, value.is_)}
    return Probe(leaf, sources=sources, wanted=tuple(sorted(wanted)), which=value.which)


def _state_points(site: Site, equipment: str, key: str) -> tuple[str, ...]:
    if key == "operation":
        named: tuple[str, ...] = getattr(site.equipment.get(equipment), "operation", ())
        return tuple(point for point in named if point in site.points)
    name = {"running": "on"}.get(key, key)
    return (f"{equipment}.{name}",) if f"{equipment}.{name}" in site.points else ()


def _point_probe(leaf: When, site: Site) -> Probe:
    assert leaf.point is not None
    point = site.points.get(leaf.point.id)
    if point is None:
        return Probe(leaf)
    look: Look = "contact" if point.quantity is Quantity.STATE else "value"
    sources = (Source(look, (point.id,)),)
    if leaf.point.value is not None:
        return Probe(leaf, sources=sources, test=canonical_test(leaf.point.value, point.quantity), unit=point.unit)
    wanted = leaf.point.is_
    words = (("off", "on")[wanted],) if isinstance(wanted, bool) else wanted or ()
    numbers = (float(wanted),) if isinstance(wanted, bool) else _numbers(site, point.id, words)
    return Probe(leaf, sources=sources, wanted=tuple(numbers))


def _numbers(site: Site, point: str, words: tuple[str, ...]) -> tuple[float, ...]:
    """The numbers of a state's words.

    Raises:
        ValueError: the point has no such state.
    """
    states = states_of(site.points[point].spec)
    missing = [word for word in words if word not in states]
    if missing:
        raise ValueError(f"{point} has no state {', '.join(missing)}; it has {', '.join(states) or 'none'}")
    return tuple(float(states.index(word)) for word in words)


def states_of(spec: PointBase) -> tuple[str, ...]:
    """The names of a point's states, in order; none for a measurement."""
    return ENUMERATIONS.get(spec.enumeration or "", ())
