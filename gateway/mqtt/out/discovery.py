"""What Home Assistant is told about the equipment of a site, one device discovery message each. Pure.

Format: Home Assistant, integration "MQTT", "Device discovery payload" (`<prefix>/device/<object_id>/config`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from facility.commands import Fan, Mode
from facility.envelope import Envelope
from facility.model import Point, Site
from facility.model.entries import IndoorUnit, Kettle, Meter, Switch
from facility.model.publish_entries import HomeAssistantEntry
from facility.profiles.schema import ModbusPoint
from facility.quantities import ENUMERATIONS
from gateway.mqtt.out.home_assistant_words import BINARY, CONTACTS, HVAC_MODES, MEASURED
from gateway.mqtt.out.topics import Topics

QOS: Final = 1
_USUAL_SETPOINTS_C: Final = (16.0, 30.0)
_USUAL_STEP_C: Final = 0.5
_OF_CLIMATE: Final = ("on", "mode", "setpoint", "fan")
"""Points of an indoor unit that its climate entity stands for."""

Components = Mapping[str, Mapping[str, Any]]


class Discovery:
    """Makes the announcements of a site.

    Args:
        site: the site.
        entry: the prefix that Home Assistant listens to, and the language of names.
        topics: where everything is published.
        origin_version: of Houqin.
        commands: whether equipment may be operated over the broker.
    """

    def __init__(
        self, site: Site, entry: HomeAssistantEntry, topics: Topics, *, origin_version: str, commands: bool
    ) -> None:
        self._site = site
        self._entry = entry
        self._topics = topics
        self._version = origin_version
        self._commands = commands

    def topic(self, equipment: str) -> str:
        """Where an equipment is announced."""
        return f"{self._entry.prefix}/device/{self._name(equipment)}/config"

    def _name(self, equipment: str) -> str:
        return f"houqin_{self._site.id}_{equipment}"

    def announcement(
        self, equipment: str, legal: Envelope | None, gone: Mapping[str, str] | None = None
    ) -> dict[str, Any] | None:
        """The announcement of an equipment; None where it says nothing of its own.

        Args:
            legal: what is legal for it now, None where that is not known.
            gone: components that it was announced with before and has no more, and their platforms.
        """
        components = self.components(equipment, legal)
        if not components:
            return None
        item = self._site.equipment[equipment]
        assert item.device is not None
        device: dict[str, Any] = {
            "identifiers": [self._name(equipment)],
            "name": item.text.in_language(self._entry.language),
            "model": self._site.profile_of(item.device).name.text.in_language(self._entry.language),
        }
        area = self._area(equipment)
        if area is not None:
            device["suggested_area"] = area
        removed = {key: {"platform": platform} for key, platform in (gone or {}).items() if key not in components}
        return {
            "device": device,
            "origin": {"name": "Houqin", "sw_version": self._version},
            "availability": [{"topic": self._topics.availability}],
            "qos": QOS,
            "components": {**components, **removed},
        }

    def _area(self, equipment: str) -> str | None:
        serves = getattr(self._site.equipment[equipment], "serves", ())
        space = self._site.spaces[serves[0]] if serves else None
        if space is None:
            return None
        return space.name.text.in_language(self._entry.language) if space.name is not None else space.id

    def components(self, equipment: str, legal: Envelope | None) -> Components:
        """The entities of an equipment, by a key that stays the same."""
        item = self._site.equipment[equipment]
        points = {point.spec.id: point for point in self._site.points_of(equipment)}
        found: dict[str, Mapping[str, Any]] = {}
        if isinstance(item, IndoorUnit) and "on" in points:
            found["climate"] = self._climate(equipment, points, legal)
            points = {name: point for name, point in points.items() if name not in _OF_CLIMATE}
        elif isinstance(item, Kettle | Switch) and "on" in points and self._may_operate(equipment):
            found["switch"] = self._switch(equipment)
            del points["on"]
        found.update((name, self._point(point)) for name, point in points.items())
        return found

    def _may_operate(self, equipment: str) -> bool:
        return self._commands and self._site.is_operable(equipment)

    def _entity(self, equipment: str, key: str, platform: str, name: str | None) -> dict[str, Any]:
        return {"platform": platform, "unique_id": f"{self._name(equipment)}_{key}", "name": name}

    def _point(self, point: Point) -> dict[str, Any]:
        name = point.text.in_language(self._entry.language)
        words = BINARY.get(point.spec.enumeration or "")
        if words is not None:
            content = self._entity(point.equipment, point.spec.id, "binary_sensor", name)
            kind = CONTACTS.get(self._site.equipment[point.equipment].kind, words.device_class)
            content |= {} if kind is None else {"device_class": kind}
            content |= {"payload_on": words.on, "payload_off": words.off, "value_template": "{{ value_json.state }}"}
        else:
            content = self._entity(point.equipment, point.spec.id, "sensor", name) | dict(self._sensor(point))
        topic = self._topics.point(point.id)
        return content | {"state_topic": topic, "json_attributes_topic": topic}

    def _sensor(self, point: Point) -> Iterator[tuple[str, Any]]:
        if point.spec.enumeration is not None:
            yield "device_class", "enum"
            yield "options", list(ENUMERATIONS[point.spec.enumeration])
            yield "value_template", "{{ value_json.state }}"
            return
        words = MEASURED[point.quantity]
        if words.device_class is not None:
            yield "device_class", words.device_class
        if words.unit is not None:
            yield "unit_of_measurement", words.unit
        yield "state_class", self._state_class(point, total=words.total)
        # a missing value stays "None", which Home Assistant shows as unknown
        scaled = f" * {words.factor} if value_json.value is not none else none" if words.factor != 1 else ""
        yield "value_template", f"{{{{ value_json.value{scaled} }}}}"

    def _state_class(self, point: Point, *, total: bool) -> str:
        item = self._site.equipment[point.equipment]
        counts = total or point.spec.counter or point.spec.counter_max is not None
        if not counts:
            return "measurement"
        return "total" if isinstance(item, Meter) and item.bidirectional else "total_increasing"

    def _switch(self, equipment: str) -> dict[str, Any]:
        return self._entity(equipment, "switch", "switch", None) | {
            "state_topic": self._topics.equipment(equipment, "state"),
            "value_template": "{{ 'ON' if value_json.on else 'OFF' if value_json.on is not none else none }}",
            "command_topic": self._topics.equipment(equipment, "set"),
            "payload_on": "ON",
            "payload_off": "OFF",
        }

    def _climate(self, equipment: str, points: Mapping[str, Point], legal: Envelope | None) -> dict[str, Any]:
        state = self._topics.equipment(equipment, "state")
        content = self._entity(equipment, "climate", "climate", None) | {
            "modes": ["off", *(HVAC_MODES[mode] for mode in modes_of(points.get("mode")))],
            "mode_state_topic": state,
            "mode_state_template": "{{ value_json.hvac_mode }}",
            "temperature_unit": "C",
            "json_attributes_topic": self._topics.equipment(equipment, "decision"),
            "json_attributes_template": "{{ {'sentence': value_json.sentence, 'until': value_json.until} | tojson }}",
        }
        if "room_temperature" in points:
            content |= {"current_temperature_topic": state, "current_temperature_template": "{{ value_json.room_c }}"}
        if "setpoint" in points:
            low_c, high_c = setpoints_c(points["setpoint"], legal)
            content |= {
                "temperature_state_topic": state,
                "temperature_state_template": "{{ value_json.setpoint_c }}",
                "min_temp": low_c,
                "max_temp": high_c,
                "temp_step": step_c(points["setpoint"]),
                "precision": 0.1,
            }
        if "fan" in points:
            content |= {
                "fan_modes": [fan.value for fan in fans_of(points["fan"])],
                "fan_mode_state_topic": state,
                "fan_mode_state_template": "{{ value_json.fan }}",
            }
        return content | (self._orders(equipment, points) if self._may_operate(equipment) else {})

    def _orders(self, equipment: str, points: Mapping[str, Point]) -> dict[str, str]:
        order = self._topics.equipment(equipment, "set")
        content = {
            "mode_command_topic": order,
            "mode_command_template": '{"hvac_mode": "{{ value }}"}',
            "power_command_topic": order,
            "payload_on": "ON",
            "payload_off": "OFF",
        }
        if "setpoint" in points:
            content |= {
                "temperature_command_topic": order,
                "temperature_command_template": '{"setpoint_c": {{ value }}}',
            }
        if "fan" in points:
            content |= {"fan_mode_command_topic": order, "fan_mode_command_template": '{"fan": "{{ value }}"}'}
        return content


def modes_of(point: Point | None) -> list[Mode]:
    """The modes that a unit knows by its profile; none where it has no such point."""
    if point is None:
        return []
    names = set((point.spec.codes or {}).values()) or set(Mode)
    return [mode for mode in Mode if mode.value in names]


def fans_of(point: Point) -> list[Fan]:
    """The fan speeds that a unit knows by its profile."""
    names = set((point.spec.codes or {}).values()) or set(Fan)
    return [fan for fan in Fan if fan.value in names]


def setpoints_c(point: Point, legal: Envelope | None) -> tuple[float, float]:
    """The lowest and highest setpoint, degrees Celsius: what the device takes, and of that what is legal in any of the
    modes that are permitted now. Where none is, what the device takes.
    """
    write = point.spec.write if isinstance(point.spec, ModbusPoint) else None
    usual_low_c, usual_high_c = _USUAL_SETPOINTS_C
    low_c = write.minimum if write is not None and write.minimum is not None else usual_low_c
    high_c = write.maximum if write is not None and write.maximum is not None else usual_high_c
    ranges = [] if legal is None else list(legal.modes.values())
    if not ranges:
        return low_c, high_c
    legal_low_c = min(low_c if each.low_c is None else each.low_c for each in ranges)
    legal_high_c = max(high_c if each.high_c is None else each.high_c for each in ranges)
    lowest_c, highest_c = max(low_c, legal_low_c), min(high_c, legal_high_c)
    return (lowest_c, highest_c) if lowest_c <= highest_c else (low_c, high_c)


def step_c(point: Point) -> float:
    """The finest change of the setpoint that the device takes."""
    write = point.spec.write if isinstance(point.spec, ModbusPoint) else None
    return write.step if write is not None and write.step is not None else _USUAL_STEP_C


def platforms(components: Components) -> dict[str, str]:
    """Component -> platform, as it is remembered of an announcement."""
    return {key: str(component["platform"]) for key, component in components.items()}
