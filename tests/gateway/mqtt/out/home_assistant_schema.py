"""What Home Assistant's documentation says of an announcement, as far as Houqin makes use of it.

Sources: "MQTT" (device discovery payload), "MQTT HVAC", "MQTT sensor", "MQTT binary sensor", "MQTT switch" on
home-assistant.io; "Sensor entity" and "Binary sensor entity" on developers.home-assistant.io.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

COMMON: Final = {
    "platform", "unique_id", "name", "json_attributes_topic", "json_attributes_template", "device_class", "qos",
}  # fmt: skip
KEYS: Final[Mapping[str, set[str]]] = {
    "sensor": {"state_topic", "value_template", "unit_of_measurement", "state_class", "options"},
    "binary_sensor": {"state_topic", "value_template", "payload_on", "payload_off"},
    "switch": {"state_topic", "value_template", "command_topic", "payload_on", "payload_off", "state_on", "state_off"},
    "climate": {
        "modes", "mode_state_topic", "mode_state_template", "mode_command_topic", "mode_command_template",
        "temperature_unit", "temperature_state_topic", "temperature_state_template", "temperature_command_topic",
        "temperature_command_template", "current_temperature_topic", "current_temperature_template", "min_temp",
        "max_temp", "temp_step", "precision", "fan_modes", "fan_mode_state_topic", "fan_mode_state_template",
        "fan_mode_command_topic", "fan_mode_command_template", "power_command_topic", "payload_on", "payload_off",
    },
}  # fmt: skip
REQUIRED: Final[Mapping[str, set[str]]] = {
    "sensor": {"state_topic"}, "binary_sensor": {"state_topic"}, "switch": {"command_topic"}, "climate": set(),
}  # fmt: skip
UNITS: Final[Mapping[str, set[str | None]]] = {
    "energy": {"J", "kJ", "MJ", "GJ", "Wh", "kWh", "MWh", "GWh", "TWh", "cal", "kcal", "Mcal", "Gcal"},
    "reactive_energy": {"varh", "kvarh"},
    "power": {"mW", "W", "kW", "MW", "GW", "TW"},
    "reactive_power": {"mvar", "var", "kvar"},
    "apparent_power": {"mVA", "VA", "kVA"},
    "voltage": {"µV", "mV", "V", "kV", "MV"},
    "current": {"A", "mA"},
    "power_factor": {"%", None},
    "frequency": {"Hz", "kHz", "MHz", "GHz"},
    "temperature": {"°C", "°F", "K"},
    "humidity": {"%"},
    "water": {"L", "gal", "m³", "ft³", "CCF", "MCF"},
    "gas": {"L", "m³", "ft³", "CCF", "MCF"},
    "volume_flow_rate": {"m³/h", "m³/min", "m³/s", "L/h", "L/min", "L/s"},
    "pressure": {"Pa", "kPa", "hPa", "mbar", "cbar", "bar", "psi", "inHg", "mmHg"},
    "illuminance": {"lx"},
    "irradiance": {"W/m²", "BTU/(h⋅ft²)"},
    "precipitation_intensity": {"in/d", "in/h", "mm/d", "mm/h"},
    "wind_speed": {"ft/s", "km/h", "kn", "m/s", "mph"},
    "carbon_dioxide": {"ppm"},
    "duration": {"d", "h", "min", "s", "ms"},
    "enum": {None},
}
TOTALS: Final = {"energy", "reactive_energy", "water", "gas"}
"""Device classes of which only a total makes sense."""

BINARY_CLASSES: Final = {
    "running", "opening", "window", "door", "occupancy", "moisture", "problem", "lock", "power",
}  # fmt: skip
HVAC_MODES: Final = {"auto", "off", "cool", "heat", "dry", "fan_only"}


def complaints(announcement: Mapping[str, Any]) -> Iterator[str]:
    """Everything that the documentation does not allow."""
    for key in ("device", "origin", "components"):
        if not announcement.get(key):
            yield f"{key} is required"
    if set(announcement) - {"device", "origin", "components", "availability", "qos", "state_topic", "encoding"}:
        yield f"shared options are {sorted(announcement)}"
    if not announcement["device"].get("identifiers") or not announcement["device"].get("name"):
        yield "a device needs identifiers and a name"
    if not announcement["origin"].get("name"):
        yield "an origin needs a name"
    ids = [component.get("unique_id") for component in announcement["components"].values()]
    if len(ids) != len(set(ids)):
        yield "unique ids are not unique"
    for key, component in announcement["components"].items():
        yield from (f"{key}: {complaint}" for complaint in _of_component(component))


def _of_component(component: Mapping[str, Any]) -> Iterator[str]:
    platform = component["platform"]
    if strange := set(component) - COMMON - KEYS[platform]:
        yield f"unknown {sorted(strange)}"
    if lacking := ({"unique_id"} | REQUIRED[platform]) - set(component):
        yield f"without {sorted(lacking)}"
    if platform == "sensor":
        yield from _of_sensor(component)
    elif platform == "binary_sensor" and component.get("device_class", "running") not in BINARY_CLASSES:
        yield f"device class {component['device_class']}"
    elif platform == "climate":
        if not set(component["modes"]) <= HVAC_MODES:
            yield f"modes {component['modes']}"
        if not component.get("min_temp", 0.0) < component.get("max_temp", 1.0):
            yield "min_temp is not below max_temp"
        if component.get("precision") not in (None, 0.1, 0.5, 1.0):
            yield f"precision {component['precision']}"


def _of_sensor(component: Mapping[str, Any]) -> Iterator[str]:
    kind, unit, state = (component.get(key) for key in ("device_class", "unit_of_measurement", "state_class"))
    if kind is not None and unit not in UNITS[kind]:
        yield f"{kind} in {unit}"
    if kind == "enum" and (state is not None or not component.get("options")):
        yield "an enum has options and no state class"
    if kind != "enum" and state not in ("measurement", "total", "total_increasing"):
        yield f"state class {state}"
    if kind in TOTALS and state == "measurement":
        yield f"{kind} is not measured"
