"""What is known of one equipment and its rooms on one local day, minute by minute, and what filings allowed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from controller.observance.minutes import YES, Column, Mask, Minutes, Truth, all_of, is_true
from controller.policy.site_policy import ClassRules
from controller.policy.timetable import DayPlan
from facility.commands import Mode
from facility.filings import Filing

COOLING: frozenset[Mode] = frozenset({Mode.COOL, Mode.DRY, Mode.AUTO})
"""Modes that the summer's rules hold for."""

MODES = tuple(Mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What approved filings allowed one equipment, minute by minute.

    `cool_c` and `heat_c` are filed limits of setpoint and room, `cooling_outdoor_c` and `heating_outdoor_c` of the
    outdoor temperature, in degrees Celsius; NaN where none was filed.
    """

    hours: Mask
    holiday: Mask
    weather: Mask
    cool_c: Column
    heat_c: Column
    cooling_outdoor_c: Column
    heating_outdoor_c: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDay:
    """One indoor unit's day.

    Attributes:
        on: whether it ran. `mode` is the index in `facility.commands.Mode`, `setpoint_c` and `room_c` (the 10-minute
            mean of the room sensor, else of the return air) in degrees Celsius; NaN where not known.
        outdoor_c: 10-minute mean of the outdoor temperature.
        window_open, occupied: None where there is no sensor: nothing is judged then.
    """

    equipment: str
    office: str | None
    rules: ClassRules
    plan: DayPlan
    minutes: Minutes
    on: Truth
    mode: Column
    setpoint_c: Column
    room_c: Column
    has_room: bool
    outdoor_c: Column
    window_open: Truth | None
    occupied: Truth | None
    heater_on: Truth | None
    allowed: Allowed

    @property
    def cooling(self) -> Truth:
        """Whether it ran in a mode that the summer's rules hold for."""
        return all_of(self.on, self._in_modes(COOLING))

    @property
    def heating(self) -> Truth:
        """Whether it ran in heating."""
        return all_of(self.on, self._in_modes(frozenset({Mode.HEAT})))

    def _in_modes(self, modes: frozenset[Mode]) -> Truth:
        indices = [index for index, mode in enumerate(MODES) if mode in modes]
        return is_true(self.mode, np.isin(self.mode, indices))

    @property
    def ran(self) -> Mask:
        """The minutes in which it is known to have run."""
        return np.asarray(self.on == YES)


def allowed(minutes: Minutes, filings: Iterable[Filing]) -> Allowed:
    """What `filings`, all of which concern one equipment, allowed it. One that was revoked held until then; one that
    was approved after its beginning, from then on.
    """
    found = Allowed(
        hours=minutes.none(),
        holiday=minutes.none(),
        weather=minutes.none(),
        cool_c=minutes.nothing(),
        heat_c=minutes.nothing(),
        cooling_outdoor_c=minutes.nothing(),
        heating_outdoor_c=minutes.nothing(),
    )
    for filing in filings:
        held = filing.held_until(minutes.end)
        if held is not None:
            _allow(found, filing, minutes.within(*held))
    return found


def _allow(found: Allowed, filing: Filing, held: Mask) -> None:
    relaxes = filing.relaxes
    for name, is_relaxed in (("hours", relaxes.hours), ("holiday", relaxes.holiday), ("weather", relaxes.weather)):
        if is_relaxed:
            getattr(found, name)[held] = True
    _widen(found.cool_c, held, relaxes.setpoint_min_cool_c, lower=True)
    _widen(found.heat_c, held, relaxes.setpoint_max_heat_c, lower=False)
    _widen(found.cooling_outdoor_c, held, relaxes.cooling_outdoor_c, lower=True)
    _widen(found.heating_outdoor_c, held, relaxes.heating_outdoor_c, lower=False)


def _widen(column: Column, held: Mask, value: float | None, *, lower: bool) -> None:
    if value is not None:
        column[held] = (np.fmin if lower else np.fmax)(column[held], value)
