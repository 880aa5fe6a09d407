"""What each point of the site shows: where in the physics its value is found, and what writing it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from facility.model import IndoorUnit, Kettle, Meter, Point, Sensor, Site, Switch
from facility.quantities import Quantity
from simulators.physics import PhysicalBuilding
from simulators.physics.layout import Floats, seed_of
from simulators.physics.water import GJ_PER_KWH

Source = tuple[str, str]
"""Component and column: ("unit", "setpoint")."""

NOTHING: Final[Source] = ("constant", "zero")
LUX_PER_W_M2: Final = 110.0
DAYLIGHT_FACTOR: Final = 0.01
LAMPS_LX: Final = 300.0
FRESH_AIR_PPM: Final = 420.0
BREATH_PPM: Final = 380.0
"""Carbon dioxide outdoors, and how much more of it there is where people are."""
AIR_MPA: Final = 0.1013
METERS_SINCE_S: Final = 1_577_836_800.0
"""Since when meters count their working hours: 2020-01-01 UTC, in seconds since 1970."""
CONSTANTS: Final[Mapping[str, float]] = {
    "zero": 0.0, "one": 1.0, "water_c": 19.0, "return_c": 14.0, "water_mpa": 0.32, "battery_v": 3.6,
}  # fmt: skip
COUNTERS: Final = (
    ("electricity", "energy_import"), ("electricity", "energy_import_a"), ("electricity", "energy_import_b"),
    ("electricity", "energy_import_c"), ("electricity", "energy_export"), ("electricity", "reactive_energy"),
    ("water", "volume"),
)  # fmt: skip

_UNIT_NAMES: Final[Mapping[str, str]] = {
    name: name for name in ("on", "mode", "setpoint", "fan", "room_temperature", "fault", "thermo", "eev", "lock")
}
_UNIT_STATES: Final[Mapping[str, str]] = {
    "off_on": "on", "hvac_mode": "mode", "fan_speed": "fan", "ok_fault": "fault", "thermo": "thermo",
    "unlocked_locked": "lock",
}  # fmt: skip
_UNIT_QUANTITIES: Final[Mapping[Quantity, str]] = {
    Quantity.TEMPERATURE: "room_temperature", Quantity.RATIO: "eev", Quantity.COUNT: "fault",
}  # fmt: skip
_ELECTRIC: Final[Mapping[Quantity, str]] = {
    Quantity.ACTIVE_ENERGY: "energy_import", Quantity.REACTIVE_ENERGY: "reactive_energy",
    Quantity.ACTIVE_POWER: "power", Quantity.REACTIVE_POWER: "reactive_power",
    Quantity.APPARENT_POWER: "apparent_power", Quantity.VOLTAGE: "voltage_a", Quantity.CURRENT: "current_a",
    Quantity.POWER_FACTOR: "power_factor", Quantity.FREQUENCY: "frequency",
}  # fmt: skip
_ELECTRIC_NAMES: Final = frozenset(
    (
        *(f"{what}_{phase}" for what in ("power", "voltage", "current", "energy_import") for phase in "abc"),
        "voltage_ab", "voltage_bc", "voltage_ca",
    )
)  # fmt: skip
_WATER: Final[Mapping[Quantity, Source]] = {
    Quantity.WATER_VOLUME: ("water", "volume"), Quantity.GAS_VOLUME: ("water", "volume"),
    Quantity.HEAT_ENERGY: ("water", "volume"), Quantity.VOLUME_FLOW: ("water", "flow"),
    Quantity.TEMPERATURE: ("constant", "water_c"), Quantity.PRESSURE: ("constant", "water_mpa"),
    Quantity.VOLTAGE: ("constant", "battery_v"), Quantity.STATE: ("constant", "one"),
}  # fmt: skip
TARIFF_SHARES: Final = (0.05, 0.35, 0.35, 0.25)
"""How electricity divides on the four tariffs of a meter (尖, 峰, 平, 谷): an office's day, the same every day."""
HEAT_CARRIED_GJ_M3: Final = 4.186e-3 * 5.0
"""Heat in a cubic metre of water that leaves 5 K warmer or colder than it came (specific heat capacity of water)."""
_HEAT: Final[Mapping[Quantity, Source]] = {
    Quantity.HEAT_ENERGY: ("water", "volume"), Quantity.ACTIVE_POWER: ("heat", "power"),
    Quantity.VOLUME_FLOW: ("heat", "flow"), Quantity.WATER_VOLUME: ("heat", "volume"),
    Quantity.OPERATING_TIME: ("heat", "hours"),
}  # fmt: skip
_SENSED: Final[Mapping[Quantity, str]] = {
    Quantity.TEMPERATURE: "temperature", Quantity.HUMIDITY: "humidity", Quantity.IRRADIANCE: "irradiance",
    Quantity.RAIN_RATE: "rain", Quantity.CLOUD_COVER: "cloud", Quantity.ILLUMINANCE: "illuminance",
    Quantity.WIND_SPEED: "wind", Quantity.CARBON_DIOXIDE: "carbon_dioxide", Quantity.PRESSURE: "air_pressure",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a point's value stands: column of a component, and the row in it."""

    source: Source
    row: int


class Signals:
    """The value vector of all points, gathered from the physics.

    Args:
        site: whose points are numbered in the order of `site.points`.
        building: the physics behind it.
        seed: for the tolerances of sensors.
    """

    def __init__(self, site: Site, building: PhysicalBuilding, seed: int) -> None:
        self._building = building
        layout = building.layout
        self._meters = {meter.id: row for row, meter in enumerate(building.electricity.meters)}
        self._water = {meter.id: row for row, meter in enumerate(building.water.meters)}
        self._sensors = {sensor.id: row for row, sensor in enumerate(layout.sensors)}
        self._switches = {switch.id: row for row, switch in enumerate(layout.switches)}
        self._kettles = {kettle.id: row for row, kettle in enumerate(layout.kettles)}
        self._rooms_of_sensor = [[layout.room_of[space] for space in sensor.serves] for sensor in layout.sensors]
        rng = np.random.default_rng(seed_of(seed, "sensors"))
        self._tolerance_k = rng.uniform(-0.2, 0.2, len(layout.sensors))
        self._outside = np.array([not rooms for rooms in self._rooms_of_sensor], dtype=bool)
        self._first_room = np.array([rooms[0] if rooms else 0 for rooms in self._rooms_of_sensor], dtype=np.int64)
        self.places = [self._place(site, point) for point in site.points.values()]
        self.values: Floats = np.zeros(len(self.places))
        self._gather = self._grouped()

    def refresh(self) -> Floats:
        """The values of now, one per point, in canonical units."""
        columns = self._columns()
        for source, to, rows in self._gather:
            self.values[to] = columns[source][rows]
        return self.values

    def counters(self) -> dict[int, float]:
        """Number of the point -> what its counter holds, unfolded and unrounded."""
        columns = self._counter_columns()
        return {
            index: float(columns[place.source][place.row])
            for index, place in enumerate(self.places)
            if place.source in COUNTERS
        }

    def set_counter(self, index: int, value: float) -> None:
        """Moves a counter.

        Raises:
            KeyError: the point is no counter.
        """
        place = self.places[index]
        self._counter_columns()[place.source][place.row] = value

    def _counter_columns(self) -> dict[Source, Floats]:
        electricity, water = self._building.electricity, self._building.water
        columns = (
            electricity.energy_kwh, *electricity.phase_kwh.T, electricity.export_kwh, electricity.reactive_kvarh,
            water.volume_m3,
        )  # fmt: skip
        return dict(zip(COUNTERS, columns, strict=True))

    def set_state(self, index: int, value: float) -> None:
        """Carries out what a master wrote; what cannot be changed stays."""
        place = self.places[index]
        plant = self._building.plant
        arrays = {
            ("unit", "on"): plant.on,
            ("unit", "mode"): plant.mode,
            ("unit", "setpoint"): plant.setpoint_c,
            ("unit", "fan"): plant.fan,
            ("unit", "lock"): plant.lock,
            ("kettle", "on"): self._building.kettles.on,
            ("switch", "on"): self._building.switches.on,
        }
        if place.source in arrays:
            arrays[place.source][place.row] = value

    def _place(self, site: Site, point: Point) -> Place:
        item = site.equipment[point.equipment]
        name = point.spec.id
        match item:
            case IndoorUnit():
                return Place(source=_of_unit(point, name), row=self._building.layout.unit_of[item.id])
            case Meter() if item.id in self._meters:
                return Place(source=_of_electricity(point, name), row=self._meters[item.id])
            case Meter(kind="heat_meter"):
                return Place(source=_of_heat(point, name), row=self._water[item.id])
            case Meter():
                return Place(source=_of_water(point, name), row=self._water[item.id])
            case Sensor():
                return Place(source=_of_sensor(item, point), row=self._sensors[item.id])
            case Kettle():
                return Place(source=_of_kettle(point), row=self._kettles[item.id])
            case Switch():
                return Place(source=_of_switch(point, name), row=self._switches[item.id])
            case _:
                return Place(source=NOTHING, row=0)

    def _grouped(self) -> list[tuple[Source, np.ndarray, np.ndarray]]:
        groups: dict[Source, tuple[list[int], list[int]]] = {}
        for index, place in enumerate(self.places):
            to, rows = groups.setdefault(place.source, ([], []))
            to.append(index)
            rows.append(0 if place.source[0] == "constant" else place.row)
        return [(source, np.array(to), np.array(rows)) for source, (to, rows) in groups.items()]

    def _columns(self) -> dict[Source, Floats]:
        building = self._building
        plant, meters, water, kettles = building.plant, building.electricity, building.water, building.kettles
        switches = building.switches
        columns: dict[Source, Floats] = {
            ("unit", "on"): plant.on,
            ("unit", "mode"): plant.mode,
            ("unit", "setpoint"): plant.setpoint_c,
            ("unit", "fan"): plant.fan,
            ("unit", "lock"): plant.lock,
            ("unit", "fault"): plant.fault,
            ("unit", "thermo"): plant.state,
            ("unit", "eev"): np.round(plant.output * 100.0),
            ("unit", "room_temperature"): plant.return_air_c,
            ("electricity", "ct_ratio"): meters.ratios[:, 0],
            ("electricity", "pt_ratio"): meters.ratios[:, 1],
            ("water", "flow"): water.flow_m3_h,
            ("kettle", "on"): kettles.on,
            ("kettle", "temperature"): kettles.water_c,
            ("kettle", "power"): kettles.power_kw,
            ("switch", "on"): switches.on,
            ("switch", "proved"): switches.proved,
            ("switch", "fault"): switches.fault,
            ("switch", "operation"): switches.operation,
            ("switch", "power"): switches.power_kw,
            **self._counter_columns(),
        }
        for name, column in meters.electrical(building.time_s).items():
            columns["electricity", name] = column
        for number, share in enumerate(TARIFF_SHARES, 1):
            columns["electricity", f"tariff_{number}"] = meters.energy_kwh * share
        columns["heat", "power"] = water.flow_m3_h / GJ_PER_KWH
        columns["heat", "flow"] = water.flow_m3_h / HEAT_CARRIED_GJ_M3
        columns["heat", "volume"] = water.volume_m3 / HEAT_CARRIED_GJ_M3
        columns["heat", "hours"] = np.full(len(water.volume_m3), (building.time_s - METERS_SINCE_S) / 3600.0)
        for name, value in CONSTANTS.items():
            columns["constant", name] = np.array([value])
        for name, column in self._sensed().items():
            columns["sensor", name] = column
        return columns

    def _sensed(self) -> dict[str, Floats]:
        building = self._building
        outdoor, rooms = building.outdoor, building.rooms
        count = len(self._rooms_of_sensor)
        wobble = 0.04 * np.sin(building.time_s / 53.0 + np.arange(count))
        indoor_c = rooms.temperature_c[self._first_room] if len(rooms.temperature_c) else np.zeros(count)
        indoor_rh = rooms.humidity_pct()[self._first_room] if len(rooms.temperature_c) else np.zeros(count)
        sun = outdoor.irradiance_w_m2
        present = self._any(building.people.heads)
        return {
            "temperature": np.where(self._outside, outdoor.temperature_c, indoor_c + self._tolerance_k) + wobble,
            "humidity": np.clip(np.where(self._outside, outdoor.humidity_pct, indoor_rh) + 8.0 * wobble, 0.0, 100.0),
            "irradiance": np.full(count, sun),
            "illuminance": self._illuminance_lx(sun),
            "rain": np.full(count, outdoor.rain_mm_h),
            "rains": np.full(count, float(outdoor.rain_mm_h > 0)),
            "cloud": np.full(count, outdoor.cloud_pct),
            "wind": np.full(count, outdoor.wind_m_s),
            "air_pressure": np.full(count, AIR_MPA),
            "carbon_dioxide": FRESH_AIR_PPM + BREATH_PPM * present,
            "open": self._any(rooms.window_open),
            "door": self._any(building.people.doors_open),
            "present": present,
        }

    def _illuminance_lx(self, sun_w_m2: float) -> Floats:
        """Daylight outdoors; in a room a hundredth of it, and its lamps."""
        layout, daylight_lx = self._building.layout, LUX_PER_W_M2 * sun_w_m2
        rooms_lx = DAYLIGHT_FACTOR * daylight_lx * layout.has_window + LAMPS_LX * self._building.house.lit
        if not len(rooms_lx):
            return np.full(len(self._outside), daylight_lx)
        return np.where(self._outside, daylight_lx, rooms_lx[self._first_room])

    def _any(self, column: Floats) -> Floats:
        return np.array([float(any(column[row] > 0 for row in rooms)) for rooms in self._rooms_of_sensor])


def _of_unit(point: Point, name: str) -> Source:
    if name in _UNIT_NAMES:
        return "unit", _UNIT_NAMES[name]
    if name in ("filter", "communication"):
        return NOTHING
    if point.quantity is Quantity.STATE:
        column = _UNIT_STATES.get(point.spec.enumeration or "")
        return NOTHING if column is None else ("unit", column)
    column = _UNIT_QUANTITIES.get(point.quantity)
    return NOTHING if column is None else ("unit", column)


def _of_electricity(point: Point, name: str) -> Source:
    if point.quantity is Quantity.ACTIVE_ENERGY and ("export" in name or "reverse" in name):
        return "electricity", "energy_export"
    if name in _ELECTRIC_NAMES:
        return "electricity", name
    if name.startswith("energy_import_tariff_"):
        return "electricity", name[-8:]
    if point.quantity is Quantity.COUNT:
        return ("electricity", name[-8:]) if name.endswith(("ct_ratio", "pt_ratio")) else NOTHING
    column = _ELECTRIC.get(point.quantity)
    return NOTHING if column is None else ("electricity", column)


def _of_water(point: Point, name: str) -> Source:
    if "reverse" in name or "fault" in name or name.endswith("_settled") or point.spec.enumeration == "ok_low":
        return NOTHING
    return _WATER.get(point.quantity, NOTHING)


def _of_heat(point: Point, name: str) -> Source:
    if name.endswith(("_cooling", "_settled")):
        return NOTHING
    if point.quantity is Quantity.TEMPERATURE and "return" in name:
        return "constant", "return_c"
    return _HEAT.get(point.quantity) or _of_water(point, name)


def _of_sensor(item: Sensor, point: Point) -> Source:
    if point.quantity is Quantity.STATE:
        by_kind = {"window_contact": "open", "door_contact": "door", "occupancy_sensor": "present"}
        if point.spec.enumeration == "dry_rain":
            return "sensor", "rains"
        return ("sensor", by_kind[item.kind]) if item.kind in by_kind else NOTHING
    column = _SENSED.get(point.quantity)
    return NOTHING if column is None else ("sensor", column)


def _of_switch(point: Point, name: str) -> Source:
    if name == "on":
        return "switch", "on"
    by_enumeration = {"off_on": "proved", "closed_open": "proved", "valve": "proved", "no_flow_flow": "proved",
                      "ok_fault": "fault", "lift_operation": "operation"}  # fmt: skip
    if point.quantity is Quantity.STATE:
        column = by_enumeration.get(point.spec.enumeration or "")
        return ("constant", "one") if name == "remote" else NOTHING if column is None else ("switch", column)
    return ("switch", "power") if point.quantity is Quantity.ACTIVE_POWER else NOTHING


def _of_kettle(point: Point) -> Source:
    if point.quantity is Quantity.STATE:
        return ("kettle", "on") if point.spec.enumeration == "off_on" else NOTHING
    by_quantity = {Quantity.TEMPERATURE: "temperature", Quantity.ACTIVE_POWER: "power"}
    column = by_quantity.get(point.quantity)
    return NOTHING if column is None else ("kettle", column)
