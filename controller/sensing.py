"""Where readings go: each point of interest has a tap that puts its value where the rules look for it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from controller.outdoor import SECOND_US, Plausible
from controller.policy.facts import KettleFacts, UnitFacts
from controller.policy.switches import SwitchFacts
from controller.records import Contact, Operating, Record
from controller.rolling import MILLI, RollingMean
from controller.weather import Tap
from facility.commands import Fan, Mode, Wish
from facility.model import IndoorUnit, Kettle, Site, Switch
from facility.model.switching import operation_of
from facility.quantities import ENUMERATIONS
from facility.readings import Quality, Status, from_us

MODES: Final = tuple(Mode)
FANS: Final = tuple(Fan)
ROOM_LOWEST_C: Final = -20.0
ROOM_HIGHEST_C: Final = 60.0
STATE_POINTS: Final = ("on", "mode", "setpoint", "fan")


class Sensing:
    """Builds the taps of all records, and the facts of each for a cycle.

    Args:
        site: the rooms and their sensors.
        records: what is controlled.
        mean_s: span of the room temperature's mean.
        rate_k_per_min: a room temperature that moves faster is not believed.
        frozen_s: nor a room sensor that says the same for so long; return air, which some units tell in whole degrees,
            may stand still.
        room_stale_s, unit_stale_s, contact_stale_s: clock seconds after which a value is too old to act on.
    """

    def __init__(
        self,
        site: Site,
        records: dict[str, Record],
        *,
        mean_s: float,
        rate_k_per_min: float,
        frozen_s: float,
        room_stale_s: float,
        unit_stale_s: float,
        contact_stale_s: float,
    ) -> None:
        self.unit_stale_us = round(unit_stale_s * SECOND_US)
        self._contact_stale_us = round(contact_stale_s * SECOND_US)
        self._span_us = round(mean_s * SECOND_US)
        self._rate_k_per_min = rate_k_per_min
        self._frozen_us = round(frozen_s * SECOND_US)
        self._room_stale_us = round(room_stale_s * SECOND_US)
        self._means: dict[str, RollingMean] = {}
        self._contacts: dict[str, Contact] = {}
        self._users: dict[str, list[Record]] = {}
        self.taps: dict[str, list[Tap]] = {}
        for record in records.values():
            self._wire(site, record)
        for point, contact in self._contacts.items():
            self.taps.setdefault(point, []).append(_contact_tap(contact, self._users[point]))

    def _wire(self, site: Site, record: Record) -> None:
        for name in STATE_POINTS:
            if site.point_of(record.id, name) is not None:
                self._tap(f"{record.id}.{name}", _state_tap(record, name))
        item = site.equipment[record.id]
        if isinstance(item, IndoorUnit):
            self._wire_unit(site, item, record)
        elif isinstance(item, Kettle):
            self._wire_kettle(item, record)
        elif isinstance(item, Switch):
            self._wire_switch(site, item, record)

    def _wire_unit(self, site: Site, unit: IndoorUnit, record: Record) -> None:
        senses = record.senses
        if site.point_of(unit.id, "room_temperature") is not None:
            point = f"{unit.id}.room_temperature"
            senses.return_air = (point, self._mean(point))
        senses.room = [
            (point, self._mean(point, frozen_us=self._frozen_us))
            for point in _sensor_points(site, unit, "climate_sensor", "temperature")
        ]
        senses.humidity = [
            (point, self._percent_mean(point)) for point in _sensor_points(site, unit, "climate_sensor", "humidity")
        ]
        openings = (*_sensor_points(site, unit, "window_contact", "open"), *_doors(site, unit))
        senses.windows = [self._contact(point, record) for point in openings]
        presence = _sensor_points(site, unit, "occupancy_sensor", "present")
        senses.presence = [self._contact(point, record) for point in presence]

    def _wire_kettle(self, kettle: Kettle, record: Record) -> None:
        if kettle.meter is not None:
            self._tap(f"{kettle.meter}.power", _power_tap(record, f"{kettle.meter}.power"))
        if kettle.level is not None:
            record.senses.level = self._contact(kettle.level, record)

    def _wire_switch(self, site: Site, switch: Switch, record: Record) -> None:
        for point in switch.operation:
            operating = Operating(point=point)
            record.senses.operation.append(operating)
            names = ENUMERATIONS[site.points[point].spec.enumeration or "off_on"]
            self._tap(point, _operation_tap(operating, record, names))

    def _tap(self, point: str, tap: Tap) -> None:
        self.taps.setdefault(point, []).append(tap)

    def _mean(self, point: str, *, frozen_us: int | None = None) -> RollingMean:
        mean = self._means.get(point)
        if mean is None:
            mean = self._means[point] = RollingMean(self._span_us, self._room_stale_us)
            believed = Plausible(self._rate_k_per_min, frozen_us)
            self._tap(point, _mean_tap(mean, ROOM_LOWEST_C, ROOM_HIGHEST_C, believed.take))
        return mean

    def _percent_mean(self, point: str) -> RollingMean:
        mean = self._means.get(point)
        if mean is None:
            mean = self._means[point] = RollingMean(self._span_us, self._room_stale_us)
            self._tap(point, _mean_tap(mean, 0.0, 100.0, None))
        return mean

    def _contact(self, point: str, record: Record) -> Contact:
        self._users.setdefault(point, []).append(record)
        return self._contacts.setdefault(point, Contact(point=point))

    def saved(self, now_us: int) -> list[tuple[str, int, float]]:
        """The means of now, as (point, time of its last reading in microseconds, value), for the next start."""
        known = ((point, mean.last, mean.mean(now_us)) for point, mean in self._means.items())
        return [(point, last[0], value) for point, last, value in known if last is not None and value is not None]

    def restore(self, rows: Iterable[tuple[str, int, float]]) -> None:
        """Takes back what `saved` gave: a mean goes on as if it had stood still; readings that came since stay."""
        for point, last_us, value in rows:
            mean = self._means.get(point)
            if mean is None:
                continue
            milli = round(value * MILLI)
            newer = [sample for sample in mean.samples() if sample[0] > last_us]
            mean.restore([(last_us - self._span_us, milli), (last_us, milli), *newer])

    def unit_facts(self, record: Record, now_us: int) -> UnitFacts:
        """The facts of one indoor unit at `now_us`."""
        senses = record.senses
        room_c, room_point, is_return_air = self._room(record, now_us)
        room_us = None if room_c is None else self._means[room_point].last
        humidity = next(
            ((value, point) for point, mean in senses.humidity if (value := mean.mean(now_us)) is not None), (None, "")
        )
        window_open, window_at, window_point = self._any(senses.windows, now_us)
        present, present_at, present_point = self._any(senses.presence, now_us)
        return UnitFacts(
            observed=record.observed,
            fresh=self.is_fresh(record, now_us),
            room_c=room_c,
            room_point=room_point,
            room_time=None if room_us is None else from_us(room_us[0]),
            room_is_return_air=is_return_air,
            has_room=bool(senses.room) or senses.return_air is not None,
            humidity_percent=humidity[0],
            humidity_point=humidity[1],
            window_open=window_open,
            window_at=None if window_at is None else from_us(window_at),
            window_point=window_point,
            present=present,
            present_at=None if present_at is None else from_us(present_at),
            present_point=present_point,
            array=record.array,
        )

    def _room(self, record: Record, now_us: int) -> tuple[float | None, str, bool]:
        senses = record.senses
        for point, mean in senses.room:
            value = mean.mean(now_us)
            if value is not None:
                return value, point, False
        if senses.return_air is None:
            return None, senses.room[0][0] if senses.room else "", False
        point, mean = senses.return_air
        return mean.mean(now_us), point, True

    def _any(self, contacts: list[Contact], now_us: int) -> tuple[bool | None, int | None, str]:
        """Whether any of `contacts` says yes, since when, and which; None when none is known."""
        known = [
            contact
            for contact in contacts
            if contact.value is not None and contact.time_us is not None
            and now_us - contact.time_us <= self._contact_stale_us
        ]  # fmt: skip
        if not known:
            return None, None, contacts[0].point if contacts else ""
        yes = [contact for contact in known if contact.value]
        if yes:
            first = min(yes, key=lambda contact: contact.changed_us or 0)
            return True, first.changed_us, first.point
        last = max(known, key=lambda contact: contact.changed_us or 0)
        return False, last.changed_us, last.point

    def is_fresh(self, record: Record, now_us: int) -> bool:
        """Whether the equipment's own state is recent enough to act on."""
        on_us = record.senses.on_us
        return on_us is not None and now_us - on_us <= self.unit_stale_us

    def outlook(self, record: Record, now_us: int) -> object:
        """What tells at a glance whether the rules could decide otherwise, though no message came: the room between
        which thresholds, and what is too old to count.
        """
        senses, stale_us = record.senses, self._contact_stale_us
        room_c = self._room(record, now_us)[0]
        steps = record.room_steps
        contacts = tuple(
            contact.time_us is not None and now_us - contact.time_us <= stale_us
            for contact in (*senses.windows, *senses.presence)
        )
        place = None if room_c is None else bisect_left(steps, room_c) + bisect_right(steps, room_c)
        return self.is_fresh(record, now_us), place, contacts

    def kettle_facts(self, record: Record, now_us: int) -> KettleFacts:
        """The facts of one kettle at `now_us`."""
        senses = record.senses
        power = senses.power
        power_kw = power[1] if power is not None and now_us - power[2] <= self.unit_stale_us else None
        level_low, _, level_point = (
            self._any([senses.level], now_us) if senses.level is not None else (None, None, None)
        )
        return KettleFacts(
            on=record.observed.on,
            fresh=self.is_fresh(record, now_us),
            power_kw=power_kw,
            power_point=power[0] if power is not None else "",
            level_low=level_low,
            level_point=level_point,
            array=record.array,
        )

    def switch_facts(self, record: Record, now_us: int) -> SwitchFacts:
        """The facts of one switched equipment at `now_us`."""
        contacts = record.senses.operation
        states = [
            one.state if one.time_us is not None and now_us - one.time_us <= self.unit_stale_us else None
            for one in contacts
        ]
        telling = next((one for one, state in zip(contacts, states, strict=True) if state != "normal"), None)
        return SwitchFacts(
            on=record.observed.on,
            fresh=self.is_fresh(record, now_us),
            operation=operation_of(states) if contacts else None,
            operation_point=(telling or contacts[0]).point if contacts else "",
            array=record.array,
        )


def rebuild(record: Record) -> None:
    """Makes `observed` anew from the values read."""
    senses = record.senses
    record.observed = Wish(
        on=None if senses.on is None else senses.on > 0,
        mode=None if senses.mode is None else MODES[int(senses.mode)],
        setpoint_c=senses.setpoint,
        fan=None if senses.fan is None else FANS[int(senses.fan)],
    )


def _state_tap(record: Record, name: str) -> Tap:
    senses, state_us = record.senses, record.senses.state_us

    def tap(time_us: int, value: float | None, status: Status) -> None:
        if value is None or status.quality is not Quality.GOOD or time_us <= state_us.get(name, 0):
            return
        if time_us <= record.confirmed_us:
            return
        state_us[name] = time_us
        if name == "on":
            senses.on_us = time_us
        before = getattr(senses, name)
        if value == before:
            return
        setattr(senses, name, value)
        if name == "on" and before is not None:
            _note_switch(record, time_us, on=value > 0)
        rebuild(record)
        record.dirty = True

    return tap


def _note_switch(record: Record, time_us: int, *, on: bool) -> None:
    if on:
        record.timers.started = from_us(time_us)
    else:
        record.timers.stopped = from_us(time_us)


def _mean_tap(mean: RollingMean, low: float, high: float, believed: Callable[[int, float], bool] | None) -> Tap:
    def tap(time_us: int, value: float | None, status: Status) -> None:
        if value is None or status.quality is not Quality.GOOD or not low <= value <= high:
            return
        if believed is None or believed(time_us, value):
            mean.add(time_us, value)

    return tap


def _contact_tap(contact: Contact, users: list[Record]) -> Tap:
    def tap(time_us: int, value: float | None, status: Status) -> None:
        if value is None or status.quality is not Quality.GOOD:
            return
        if contact.take(time_us, value > 0):
            for record in users:
                record.dirty = True

    return tap


def _operation_tap(operating: Operating, record: Record, names: Sequence[str]) -> Tap:
    def tap(time_us: int, value: float | None, status: Status) -> None:
        if value is None or status.quality is not Quality.GOOD or not 0 <= value < len(names):
            return
        if operating.time_us is not None and time_us <= operating.time_us:
            return
        operating.time_us = time_us
        if names[int(value)] != operating.state:
            operating.state = names[int(value)]
            record.dirty = True

    return tap


def _power_tap(record: Record, point: str) -> Tap:
    def tap(time_us: int, value: float | None, status: Status) -> None:
        if value is not None and status.quality is Quality.GOOD:
            record.senses.power = (point, value, time_us)
            record.dirty = True

    return tap


def _doors(site: Site, unit: IndoorUnit) -> Iterator[str]:
    """Doors stand open like windows do (AC-08, AC-15)."""
    return _sensor_points(site, unit, "door_contact", "open")


def _sensor_points(site: Site, unit: IndoorUnit, kind: str, name: str) -> Iterator[str]:
    for space in unit.serves:
        for sensor in site.sensors_of_space(space, kind):
            if f"{sensor.id}.{name}" in site.points:
                yield f"{sensor.id}.{name}"
