"""What is measured, in which canonical unit, and what a state's number means.

Units are UCUM codes (https://ucum.org). Every value behind the gateway is a float64 in the canonical unit of its
quantity; states are the index of their name in an enumeration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final


class Quantity(StrEnum):
    """The kind of thing a point tells."""

    ACTIVE_ENERGY = "active_energy"
    REACTIVE_ENERGY = "reactive_energy"
    ACTIVE_POWER = "active_power"
    REACTIVE_POWER = "reactive_power"
    APPARENT_POWER = "apparent_power"
    VOLTAGE = "voltage"
    CURRENT = "current"
    POWER_FACTOR = "power_factor"
    FREQUENCY = "frequency"
    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    WATER_VOLUME = "water_volume"
    GAS_VOLUME = "gas_volume"
    VOLUME_FLOW = "volume_flow"
    HEAT_ENERGY = "heat_energy"
    PRESSURE = "pressure"
    ILLUMINANCE = "illuminance"
    IRRADIANCE = "irradiance"
    CLOUD_COVER = "cloud_cover"
    RAIN_RATE = "rain_rate"
    WIND_SPEED = "wind_speed"
    CARBON_DIOXIDE = "carbon_dioxide"
    OPERATING_TIME = "operating_time"
    RATIO = "ratio"
    COUNT = "count"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Canonical:
    """The canonical unit of a quantity and the widest values that are physically believable in a building.

    `low` and `high` are inclusive, in `unit`; None means no bound.
    """

    unit: str
    low: float | None
    high: float | None


CANONICAL: Final[Mapping[Quantity, Canonical]] = {
    Quantity.ACTIVE_ENERGY: Canonical("kWh", None, 1e9),
    Quantity.REACTIVE_ENERGY: Canonical("kvar.h", None, 1e9),
    Quantity.ACTIVE_POWER: Canonical("kW", -1e5, 1e5),
    Quantity.REACTIVE_POWER: Canonical("kvar", -1e5, 1e5),
    Quantity.APPARENT_POWER: Canonical("kV.A", 0.0, 1e5),
    Quantity.VOLTAGE: Canonical("V", 0.0, 50_000.0),
    Quantity.CURRENT: Canonical("A", -1e5, 1e5),
    Quantity.POWER_FACTOR: Canonical("1", -1.0, 1.0),
    Quantity.FREQUENCY: Canonical("Hz", 40.0, 70.0),
    Quantity.TEMPERATURE: Canonical("Cel", -60.0, 100.0),
    Quantity.HUMIDITY: Canonical("%", 0.0, 100.0),
    Quantity.WATER_VOLUME: Canonical("m3", 0.0, 1e9),
    Quantity.GAS_VOLUME: Canonical("m3", 0.0, 1e9),
    Quantity.VOLUME_FLOW: Canonical("m3/h", -1e5, 1e5),
    Quantity.HEAT_ENERGY: Canonical("GJ", 0.0, 1e9),
    Quantity.PRESSURE: Canonical("MPa", -0.2, 100.0),
    Quantity.ILLUMINANCE: Canonical("lx", 0.0, 200_000.0),
    Quantity.IRRADIANCE: Canonical("W/m2", 0.0, 2_000.0),
    Quantity.CLOUD_COVER: Canonical("%", 0.0, 100.0),
    Quantity.RAIN_RATE: Canonical("mm/h", 0.0, 500.0),
    Quantity.WIND_SPEED: Canonical("m/s", 0.0, 90.0),
    Quantity.CARBON_DIOXIDE: Canonical("[ppm]", 0.0, 50_000.0),
    Quantity.OPERATING_TIME: Canonical("h", 0.0, 1e7),
    Quantity.RATIO: Canonical("%", 0.0, 100.0),
    Quantity.COUNT: Canonical("1", None, None),
    Quantity.STATE: Canonical("1", None, None),
}

UNIT_FACTORS: Final[Mapping[str, tuple[str, Fraction]]] = {
    "Wh": ("kWh", Fraction(1, 1000)),
    "MWh": ("kWh", Fraction(1000)),
    "W": ("kW", Fraction(1, 1000)),
    "MW": ("kW", Fraction(1000)),
    "var": ("kvar", Fraction(1, 1000)),
    "V.A": ("kV.A", Fraction(1, 1000)),
    "mV": ("V", Fraction(1, 1000)),
    "kV": ("V", Fraction(1000)),
    "mA": ("A", Fraction(1, 1000)),
    "L": ("m3", Fraction(1, 1000)),
    "L/h": ("m3/h", Fraction(1, 1000)),
    "MJ": ("GJ", Fraction(1, 1000)),
    "kJ": ("GJ", Fraction(1, 1_000_000)),
    "J": ("GJ", Fraction(1, 1_000_000_000)),
    "kPa": ("MPa", Fraction(1, 1000)),
    "bar": ("MPa", Fraction(1, 10)),
    "GJ/h": ("kW", Fraction(2500, 9)),
    "s": ("h", Fraction(1, 3600)),
}
"""Unit a device may speak in -> (canonical unit, exact factor)."""

GJ_PER_KWH: Final = Fraction(36, 10_000)
HEAT_IN_KWH: Final[Mapping[str, Fraction]] = {
    "Wh": GJ_PER_KWH / 1000, "kWh": GJ_PER_KWH, "MWh": GJ_PER_KWH * 1000,
}  # fmt: skip
"""Units of electricity in which heat meters may count heat -> exact factor to GJ."""

ENUMERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "off_on": ("off", "on"),
    "hvac_mode": ("cool", "heat", "dry", "fan", "auto"),
    "fan_speed": ("auto", "low", "medium", "high"),
    "closed_open": ("closed", "open"),
    "absent_present": ("absent", "present"),
    "dry_rain": ("dry", "rain"),
    "ok_fault": ("ok", "fault"),
    "ok_low": ("ok", "low"),
    "unlocked_locked": ("unlocked", "locked"),
    "valve": ("closed", "open"),
    "thermo": ("off", "thermo_off", "thermo_on", "alarm"),
    "pipe": ("empty", "full"),
    "lift_operation": ("normal", "fire", "inspection"),
    "dry_leak": ("dry", "leak"),
    "no_flow_flow": ("no_flow", "flow"),
}
"""Enumeration name -> state names; a state's value is its index."""


def factor_to_canonical(quantity: Quantity, unit: str) -> Fraction:
    """Exact factor that turns a value in `unit` into the canonical unit of `quantity`.

    Raises:
        ValueError: `unit` does not measure `quantity`.
    """
    canonical = CANONICAL[quantity].unit
    if unit == canonical:
        return Fraction(1)
    if quantity is Quantity.HEAT_ENERGY and unit in HEAT_IN_KWH:
        return HEAT_IN_KWH[unit]
    target, factor = UNIT_FACTORS.get(unit, (None, Fraction(1)))
    if target != canonical:
        raise ValueError(
            f"{unit!r} is not a unit of {quantity.value}; expected {canonical!r} or one that converts to it"
        )
    return factor


def state_value(enumeration: str, name: str) -> float:
    """The stored number of state `name`.

    Raises:
        KeyError: no such enumeration. ValueError: no such state in it.
    """
    return float(ENUMERATIONS[enumeration].index(name))
