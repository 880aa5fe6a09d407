"""Reads a day of the store: what units, rooms, windows, circuits and the weather said, minute by minute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from controller.observance.days import Allowed, UnitDay
from controller.observance.minutes import (
    Column,
    Minutes,
    Truth,
    any_of,
    is_true,
    mean_values,
    told_values,
)
from controller.policy.schema import Parameters
from controller.policy.site_policy import ClassRules
from controller.policy.timetable import DayPlan
from facility.clock import stale_after_s
from facility.model import IndoorUnit, Meter, Site
from facility.readings import to_us
from facility.series import Series
from facility.store import Store

SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """For how long a reading is taken to hold, in seconds of the clock that the readings are dated by."""

    unit_s: float
    room_s: float
    outdoor_s: float
    contact_s: float
    mean_s: float

    @classmethod
    def of(cls, p: Parameters, pace: float = 1.0) -> Holds:
        """As the site's policy has it, on a clock that runs `pace` times as fast as life."""
        return cls(
            unit_s=stale_after_s(p.unit_stale_s, pace),
            room_s=stale_after_s(p.room_stale_s, pace),
            outdoor_s=stale_after_s(p.outdoor_stale_s, pace),
            contact_s=stale_after_s(p.contact_stale_s, pace),
            mean_s=p.room_mean_s,
        )


class DayReader:
    """One day of one site's store. Calls block.

    Args:
        site: the rooms and their sensors.
        store: what was read.
        minutes: the part of the day that is over.
        holds: for how long readings hold.
    """

    def __init__(self, site: Site, store: Store, minutes: Minutes, holds: Holds) -> None:
        self.site = site
        self.minutes = minutes
        self._store = store
        self._holds = holds
        self._outdoor_c: Column | None = None

    def unit(self, unit: IndoorUnit, rules: ClassRules, plan: DayPlan, allowed: Allowed) -> UnitDay:
        """What is known of one indoor unit."""
        rooms = [*self._sensed(unit.serves, "climate_sensor", "temperature"), f"{unit.id}.room_temperature"]
        rooms = [point for point in rooms if point in self.site.points]
        return UnitDay(
            equipment=unit.id,
            office=self.site.office_of(unit.id),
            rules=rules,
            plan=plan,
            minutes=self.minutes,
            on=self.switched_on(unit.id),
            mode=self._state(f"{unit.id}.mode"),
            setpoint_c=self._state(f"{unit.id}.setpoint"),
            room_c=self.first_mean(rooms, self._holds.room_s),
            has_room=bool(rooms),
            outdoor_c=self.outdoor_c(),
            window_open=self._any_open(unit.serves),
            occupied=self._any_contact(self._sensed(unit.serves, "occupancy_sensor", "present")),
            heater_on=self._heater(unit),
            allowed=allowed,
        )

    def outdoor_c(self) -> Column:
        """The 10-minute mean of the first outdoor sensor that says anything, minute by minute, in degrees Celsius."""
        if self._outdoor_c is None:
            self._outdoor_c = self.first_mean(self.site.file.weather.outdoor, self._holds.outdoor_s)
        return self._outdoor_c

    def switched_on(self, equipment: str) -> Truth:
        """Whether it says that it is on."""
        values = self._state(f"{equipment}.on")
        return is_true(values, values > 0)

    def above(self, point: str, limit: float, hold_s: float) -> Truth:
        """Whether a measured value is above `limit`, in the point's unit."""
        values = told_values(
            self.minutes, self._series(point), hold_us=round(hold_s * SECOND_US), changes_at_once=True
        )  # fmt: skip
        return is_true(values, values > limit)

    def first_mean(self, points: Sequence[str], stale_s: float) -> Column:
        """The mean of the first of `points` that is known, minute by minute; NaN where none is."""
        found = self.minutes.nothing()
        over_us, stale_us = round(self._holds.mean_s * SECOND_US), round(stale_s * SECOND_US)
        for point in points:
            if not np.isnan(found).any():
                break
            mean = mean_values(self.minutes, self._series(point), over_us=over_us, stale_us=stale_us)
            found = np.where(np.isnan(found), mean, found)
        return found

    def _state(self, point: str) -> Column:
        return told_values(self.minutes, self._series(point), hold_us=round(self._holds.unit_s * SECOND_US))

    def _any_open(self, spaces: Iterable[str]) -> Truth | None:
        rooms = tuple(spaces)
        return self._any_contact(
            [*self._sensed(rooms, "window_contact", "open"), *self._sensed(rooms, "door_contact", "open")]
        )

    def _any_contact(self, points: Sequence[str]) -> Truth | None:
        if not points:
            return None
        hold_us = round(self._holds.contact_s * SECOND_US)
        columns = [
            told_values(self.minutes, self._series(point), hold_us=hold_us, changes_at_once=True) for point in points
        ]
        return any_of(*(is_true(column, column > 0) for column in columns))

    def _sensed(self, spaces: Iterable[str], kind: str, name: str) -> list[str]:
        points = [
            f"{sensor.id}.{name}" for space in spaces for sensor in self.site.sensors_of_space(space, kind)
        ]  # fmt: skip
        return [point for point in dict.fromkeys(points) if point in self.site.points]

    def _heater(self, unit: IndoorUnit) -> Truth | None:
        """Whether a heater runs on a circuit of the unit's rooms, or of their office."""
        found = [
            self.above(f"{heater.meter}.power", heater.above_kw, self._holds.room_s)
            for heater in self.site.file.observance.heaters
            if f"{heater.meter}.power" in self.site.points and self._feeds(heater.meter, unit)
        ]
        return any_of(*found) if found else None

    def _feeds(self, meter: str, unit: IndoorUnit) -> bool:
        item = self.site.equipment[meter]
        target = item.feeds.target if isinstance(item, Meter) else None
        if target is None:
            return False
        offices = {self.site.spaces[space].office for space in unit.serves}
        return target[1] in (unit.serves if target[0] == "space" else offices if target[0] == "office" else ())

    def _series(self, point: str) -> Series:
        start_us = to_us(self.minutes.start) - round(self._holds.mean_s * SECOND_US)
        return self._store.around(point, start_us, to_us(self.minutes.end))
