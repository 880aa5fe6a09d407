"""All that is known of one equipment that can be operated, together. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from facility.commands import Mode
from facility.model import Point, Site
from facility.model.entries import IndoorUnit
from facility.readings import Reading, from_us, to_us
from gateway.mqtt.out.home_assistant_words import HVAC_MODES
from gateway.mqtt.out.payloads import encoded, stamp, state_of

TOLD: Final = ("on", "mode", "setpoint", "fan", "room_temperature", "operation", "lock")
"""Points of which the state is made."""

Latest = Callable[[str], Reading | None]
"""The newest reading of a point, None before the first."""


def equipment_state(site: Site, equipment: str, latest: Latest) -> bytes:
    """The state of a unit, kettle or switch. A key whose point the equipment does not have is left out; null: not known
    now.
    """
    content: dict[str, Any] = {}
    newest_us: int | None = None
    values: dict[str, float | str | None] = {}
    for name in TOLD:
        point = site.point_of(equipment, name)
        if point is None:
            continue
        reading = latest(point.id)
        values[name] = told(point, reading)
        if reading is not None:
            newest_us = max(to_us(reading.time), newest_us or 0)
    if "on" in values:
        content["on"] = _is_on(values["on"])
    for name, key in (("mode", "mode"), ("setpoint", "setpoint_c"), ("fan", "fan"), ("room_temperature", "room_c")):
        if name in values:
            content[key] = values[name]
    content.update({name: values[name] for name in ("operation", "lock") if name in values})
    if isinstance(site.equipment[equipment], IndoorUnit):
        content["hvac_mode"] = hvac_mode(content.get("on"), content.get("mode"))
    time = None if newest_us is None else stamp(from_us(newest_us))
    return encoded({"time": time, **content})


def told(point: Point, reading: Reading | None) -> float | str | None:
    """A state by its name, a number as it is; None where it is not known."""
    if reading is None or reading.value is None:
        return None
    return reading.value if point.spec.enumeration is None else state_of(point, reading.value)


def _is_on(state: float | str | None) -> bool | None:
    return None if state is None else state == "on"


def hvac_mode(on: bool | None, mode: str | None) -> str | None:
    """What Home Assistant calls mode: a unit that is off is in mode "off". None where it is not known."""
    if on is None or (on and mode is None):
        return None
    return HVAC_MODES[Mode(mode)] if on and mode is not None else "off"
