"""The evening's list (AC-12, OFF-05, OFF-06): what still runs or stands open after work, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from controller.policy.site_policy import SitePolicy
from facility.bus.messages import ForecastReceived
from facility.model import IndoorUnit, Sensor, Site, Space, ZoneClass
from facility.observance import LeftOn, Patrol, PatrolItem
from facility.readings import Reading
from facility.text import Text

RAIN_CODES: Final = range(51, 100)
"""WMO 4677 codes of what falls."""

RAIN_AHEAD: Final = timedelta(hours=16)
"""Until people are in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """What is known in the evening.

    Attributes:
        latest: point -> its newest good reading.
        stale: after which a state is no longer known; `contact_stale` the same for windows, which speak on change.
        excused: equipment that may run by an approved filing.
        rain: whether rain is forecast for the night, None where nobody knows.
    """

    site: Site
    policy: SitePolicy
    now: datetime
    latest: Mapping[str, Reading]
    stale: timedelta
    contact_stale: timedelta
    excused: frozenset[str] = frozenset()
    rain: bool | None = None

    def value(self, point: str, stale: timedelta | None = None) -> float | None:
        """What a point says now, None where it is not known."""
        reading = self.latest.get(point)
        if reading is None or reading.value is None or self.now - reading.time > (stale or self.stale):
            return None
        return reading.value


def rain_ahead(forecasts: Sequence[ForecastReceived], now: datetime) -> bool | None:
    """Whether the newest forecast with hours has rain for the night; None where none has an hour of it."""
    for forecast in sorted(forecasts, key=lambda known: known.fetched, reverse=True):
        codes = [
            hour.weather_code
            for hour in forecast.hours
            if now - timedelta(hours=1) < hour.time < now + RAIN_AHEAD and hour.weather_code is not None
        ]
        if codes:
            return any(code in RAIN_CODES for code in codes)
    return None


def left_on(evening: Evening) -> list[PatrolItem]:
    """Everything that belongs on the list now, in the order of the site file."""
    return [*_units(evening), *_switches(evening), *_standby(evening), *_windows(evening)]


def _units(evening: Evening) -> Iterator[PatrolItem]:
    for unit in evening.site.indoor_units.values():
        rules = evening.policy.of_class(evening.site.spaces[unit.serves[0]].zone_class)
        if "window" not in rules.enforced or unit.id in evening.excused:
            continue
        on = evening.value(f"{unit.id}.on")
        name = unit.text
        if on is None and evening.site.point_of(unit.id, "on") is not None:
            text = Text(f"{name.zh}：没有读数，请到现场查看", f"{name.en}: no reading, have a look")
            yield _item(evening, LeftOn.UNKNOWN, unit.id, unit.serves[:1], text, "AC-12")
        elif on:
            yield _item(evening, LeftOn.UNIT, unit.id, unit.serves[:1], _running(evening, unit), "AC-12")


def _running(evening: Evening, unit: IndoorUnit) -> Text:
    setpoint_c = evening.value(f"{unit.id}.setpoint")
    name = unit.text
    if setpoint_c is None:
        return Text(f"{name.zh}仍在运行", f"{name.en} is still on")
    return Text(f"{name.zh}仍在运行，设定 {setpoint_c:g}℃", f"{name.en} is still on, set to {setpoint_c:g} C")


def _switches(evening: Evening) -> Iterator[PatrolItem]:
    """Lights and socket circuits of rooms. Those of corridors serve no room: whoever leaves last still needs them."""
    for kind, what, clause in (("lighting", LeftOn.LIGHT, "OFF-05"), ("socket_circuit", LeftOn.CIRCUIT, "OFF-02")):
        for item in evening.site.of_kind(kind):
            spaces = tuple(getattr(item, "serves", ()))
            if spaces and item.id not in evening.excused and evening.value(f"{item.id}.on"):
                text = Text(f"{item.text.zh}未关", f"{item.text.en} left on")
                yield _item(evening, what, item.id, spaces, text, clause)


def _standby(evening: Evening) -> Iterator[PatrolItem]:
    for quiet in evening.site.file.observance.standby:
        power_kw = evening.value(f"{quiet.meter}.power")
        if power_kw is None or power_kw <= quiet.above_kw:
            continue
        name = evening.site.equipment[quiet.meter].text
        text = Text(
            f"{name.zh}仍有 {power_kw * 1000:.0f} W 负荷，超过 {quiet.above_kw * 1000:.0f} W",
            f"{name.en} still draws {power_kw * 1000:.0f} W, more than {quiet.above_kw * 1000:.0f} W",
        )
        yield _item(evening, LeftOn.CIRCUIT, quiet.meter, (), text, "OFF-05")


def _windows(evening: Evening) -> Iterator[PatrolItem]:
    """Windows and doors that stand open, when rain is forecast or nobody knows whether it will rain."""
    if evening.rain is False:
        return
    for sensor in evening.site.of_kind("window_contact", "door_contact"):
        if not isinstance(sensor, Sensor) or not evening.value(f"{sensor.id}.open", evening.contact_stale):
            continue
        why = (
            Text("，预报有雨", ", and rain is forecast")
            if evening.rain
            else Text("，有无降雨不明", ", and nobody knows whether it will rain")
        )
        text = Text(f"{sensor.text.zh}：未关{why.zh}", f"{sensor.text.en}: open{why.en}")
        yield _item(evening, LeftOn.WINDOW, sensor.id, sensor.serves[:1], text, "OFF-05")


def holiday_checks(site: Site, now: datetime, rest: Text) -> Iterator[PatrolItem]:
    """Archive rooms to be gone over before a holiday (ARC-04)."""
    for space in site.spaces.values():
        if space.zone_class is ZoneClass.ARCHIVE:
            text = Text(
                f"{space.text.zh}：{rest.zh}前全面检查安全防范措施",
                f"{space.text.en}: go over all safety measures before {rest.en}",
            )
            yield _made(site, LeftOn.CHECK, space.id, space, text, "ARC-04", now)


def _item(  # noqa: PLR0917 - what an item is
    evening: Evening, what: LeftOn, equipment: str, serves: Sequence[str], text: Text, clause: str
) -> PatrolItem:
    site = evening.site
    space = site.spaces[serves[0]] if serves else None
    return _made(site, what, equipment, space, text, clause, evening.now)


def _made(  # noqa: PLR0917 - what an item is
    site: Site, what: LeftOn, equipment: str, space: Space | None, text: Text, clause: str, now: datetime
) -> PatrolItem:
    office = (space.office or space.responsible_office) if space is not None else None
    if office is None and equipment in site.equipment:
        office = site.office_of(equipment)
    return PatrolItem(
        key=f"{what.value}:{equipment}",
        what=what,
        equipment=equipment,
        space=None if space is None else space.id,
        office=office,
        responsible=None if office is None else site.offices[office].responsible,
        text=text,
        clause=clause,
        found=now,
    )


def looked_again(before: Patrol | None, items: Iterable[PatrolItem], new: Patrol) -> Patrol:
    """The list after another look: what is no longer so stays on it, with when it ended; what came is added at the
    end. Something that ended and is so again begins anew.
    """
    if before is None:
        return replace(new, items=tuple(items))
    found = {item.key: item for item in items}
    kept = []
    for item in before.items:
        again = found.pop(item.key, None)
        if again is None:
            kept.append(item if item.over is not None else replace(item, over=new.looked))
        else:
            kept.append(again if item.over is not None else replace(again, found=item.found))
    return replace(new, made=before.made, items=(*kept, *found.values()), ticks=before.ticks)
