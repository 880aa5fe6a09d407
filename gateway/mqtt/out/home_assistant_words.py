"""What quantities and states are called in Home Assistant.

Sources: Home Assistant's developer documentation, "Sensor entity" (device and state classes with their units) and
"Binary sensor entity"; integration pages "MQTT", "MQTT HVAC", "MQTT sensor", "MQTT binary sensor", "MQTT switch".
Reactive energy needs Home Assistant 2025.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from facility.commands import Mode
from facility.quantities import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A quantity as a sensor: its device class and unit there, None where there is none, and by what its value is
    multiplied. `total`: it is a counter.
    """

    device_class: str | None
    unit: str | None
    factor: int = 1
    total: bool = False


MEASURED: Final[Mapping[Quantity, Measured]] = {
    Quantity.ACTIVE_ENERGY: Measured(device_class="energy", unit="kWh", total=True),
    Quantity.REACTIVE_ENERGY: Measured(device_class="reactive_energy", unit="kvarh", total=True),
    Quantity.ACTIVE_POWER: Measured(device_class="power", unit="kW"),
    Quantity.REACTIVE_POWER: Measured(device_class="reactive_power", unit="var", factor=1000),
    Quantity.APPARENT_POWER: Measured(device_class="apparent_power", unit="VA", factor=1000),
    Quantity.VOLTAGE: Measured(device_class="voltage", unit="V"),
    Quantity.CURRENT: Measured(device_class="current", unit="A"),
    Quantity.POWER_FACTOR: Measured(device_class="power_factor", unit=None),
    Quantity.FREQUENCY: Measured(device_class="frequency", unit="Hz"),
    Quantity.TEMPERATURE: Measured(device_class="temperature", unit="°C"),
    Quantity.HUMIDITY: Measured(device_class="humidity", unit="%"),
    Quantity.WATER_VOLUME: Measured(device_class="water", unit="m³", total=True),
    Quantity.GAS_VOLUME: Measured(device_class="gas", unit="m³", total=True),
    Quantity.VOLUME_FLOW: Measured(device_class="volume_flow_rate", unit="m³/h"),
    Quantity.HEAT_ENERGY: Measured(device_class="energy", unit="GJ", total=True),
    Quantity.PRESSURE: Measured(device_class="pressure", unit="kPa", factor=1000),
    Quantity.ILLUMINANCE: Measured(device_class="illuminance", unit="lx"),
    Quantity.IRRADIANCE: Measured(device_class="irradiance", unit="W/m²"),
    Quantity.CLOUD_COVER: Measured(device_class=None, unit="%"),
    Quantity.RAIN_RATE: Measured(device_class="precipitation_intensity", unit="mm/h"),
    Quantity.WIND_SPEED: Measured(device_class="wind_speed", unit="m/s"),
    Quantity.CARBON_DIOXIDE: Measured(device_class="carbon_dioxide", unit="ppm"),
    Quantity.OPERATING_TIME: Measured(device_class="duration", unit="h"),
    Quantity.RATIO: Measured(device_class=None, unit="%"),
    Quantity.COUNT: Measured(device_class=None, unit=None),
}
"""Every quantity that is a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """A state of two as a binary sensor: its device class there, and the names of what counts as on and off."""

    device_class: str | None
    on: str
    off: str


BINARY: Final[Mapping[str, Binary]] = {
    "off_on": Binary(device_class="running", on="on", off="off"),
    "closed_open": Binary(device_class="opening", on="open", off="closed"),
    "absent_present": Binary(device_class="occupancy", on="present", off="absent"),
    "dry_rain": Binary(device_class="moisture", on="rain", off="dry"),
    "ok_fault": Binary(device_class="problem", on="fault", off="ok"),
    "ok_low": Binary(device_class="problem", on="low", off="ok"),
    "unlocked_locked": Binary(device_class="lock", on="unlocked", off="locked"),
    "valve": Binary(device_class="opening", on="open", off="closed"),
    "pipe": Binary(device_class=None, on="full", off="empty"),
    "dry_leak": Binary(device_class="moisture", on="leak", off="dry"),
    "no_flow_flow": Binary(device_class="running", on="flow", off="no_flow"),
}
"""Enumeration -> binary sensor; the other enumerations are sensors with a list of options."""

CONTACTS: Final[Mapping[str, str]] = {"window_contact": "window", "door_contact": "door"}
"""Kind of equipment -> device class of what opens and closes there."""

HVAC_MODES: Final[Mapping[Mode, str]] = {
    Mode.COOL: "cool", Mode.HEAT: "heat", Mode.DRY: "dry", Mode.FAN: "fan_only", Mode.AUTO: "auto",
}  # fmt: skip
"""Mode of a unit -> mode there; "off" stands for a unit that is off."""
