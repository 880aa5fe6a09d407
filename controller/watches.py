"""Conditions of the site as a whole that somebody has to know about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from controller.alarms import AlarmBoard
from controller.plants import Plants
from controller.policy.facts import SupplyMemory, Weather
from controller.policy.plant_facts import Trouble
from controller.records import Contact, Record, Sort
from controller.weather import WeatherDesk
from facility.bus.messages import AlarmLevel
from facility.model import Site
from facility.model.entries import ZoneClass
from facility.text import Text

HOUR_US: Final = 3_600_000_000


class Watches:
    """Looks at weather inputs and rooms once a cycle and states what is abnormal.

    Args:
        site: whether there are outdoor sensors at all.
        alarms: where it is stated.
        weather: the sensors.
    """

    def __init__(self, site: Site, alarms: AlarmBoard, weather: WeatherDesk) -> None:
        self._alarms = alarms
        self._weather = weather
        self._has_outdoor = bool(site.file.weather.outdoor)
        self._grace_until: datetime | None = None

    def look(self, weather: Weather, supply: Mapping[ZoneClass, SupplyMemory], now: datetime) -> None:
        """States the weather's alarms."""
        permits = [memory.permit for memory in supply.values()]
        missing = any(permit.taken and permit.cooling is None for permit in permits)
        self._alarms.state(
            "forecast_missing",
            missing,
            now,
            level=AlarmLevel.SERIOUS,
            text=Text(
                "没有可用的天气预报，今天不能新增供冷供暖；可由行政科人工录入",
                "no usable forecast: nothing is newly permitted today; one can be entered by hand",
            ),
        )
        outdoors = self._weather.outdoors
        self._alarms.state(
            "outdoor_unknown",
            self._has_outdoor and weather.outdoor.value_c is None and weather.outdoor.time is not None,
            now,
            level=AlarmLevel.SERIOUS,
            text=Text("室外温度全部失效或过期", "no outdoor temperature can be trusted"),
        )
        self._alarms.state(
            "outdoor_disagree",
            outdoors.disagree,
            now,
            level=AlarmLevel.WARNING,
            text=outdoors.disagreement or Text("室外温度传感器相差过大", "outdoor temperature sensors differ too much"),
        )
        for sensor in outdoors.sensors:
            self._alarms.state(
                f"outdoor_frozen:{sensor.point}",
                sensor.is_frozen,
                now,
                level=AlarmLevel.WARNING,
                text=Text(f"{sensor.name.zh}的读数长时间不变", f"{sensor.name.en} has not moved for hours"),
            )


def room_alarms(alarms: AlarmBoard, record: Record, now: datetime, now_us: int) -> None:
    """States the alarms of one equipment's rooms: too many openings, climate out of limits, a kettle without water."""
    if record.sort is Sort.CLIMATE:
        alarms.state(
            f"climate:{record.id}",
            bool(record.memory.out_of_limits.state),
            now,
            level=AlarmLevel.SERIOUS,
            text=Text(f"{record.name.zh}：温湿度超出要求", f"{record.name.en}: climate outside its limits"),
            equipment=record.id,
        )
    if record.senses.windows:
        limit = record.rules.parameters.openings_per_hour
        alarms.state(
            f"openings:{record.id}",
            any(openings(contact, now_us) > limit for contact in record.senses.windows),
            now,
            level=AlarmLevel.INFO,
            text=Text(
                f"{record.name.zh}：一小时内门窗开启超过 {limit} 次", f"{record.name.en}: over {limit} openings an hour"
            ),
            equipment=record.id,
        )
    if record.senses.level is not None:
        alarms.state(
            f"kettle_level:{record.id}",
            record.senses.level.value is True,
            now,
            level=AlarmLevel.WARNING,
            text=Text(f"{record.name.zh}：水位低", f"{record.name.en}: water level low"),
            equipment=record.id,
        )


def openings(contact: Contact, now_us: int) -> int:
    """How often the contact opened within the last hour."""
    return sum(1 for time_us in contact.rises if now_us - time_us < HOUR_US)


def plant_alarms(alarms: AlarmBoard, plants: Plants, now: datetime) -> None:
    """States which part of which plant has not done what it was told, for as long as that is so."""
    found = {(finding.part, finding.trouble): plants.told(finding) for _, finding in plants.findings()}
    for part in plants.parts:
        for trouble in Trouble:
            told = found.get((part, trouble))
            key = f"plant_{trouble.value}:{part}"
            if told is None:
                alarms.clear(key, now)
            else:
                alarms.state(key, True, now, level=AlarmLevel.SERIOUS, text=told, equipment=part)
