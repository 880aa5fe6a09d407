"""The entry about what is watched: when the evening's list is made, and what counts as a heater or as daylight."""

from __future__ import annotations

from pydantic import Field

from facility.model.entry import Entry, Slug


class HeaterEntry(Entry):
    """A circuit whose power tells that a heater runs: above `above_kw` on the electricity meter `meter`. It is held
    against the air-conditioning of the rooms or the office that the meter feeds (AC-15).
    """

    meter: Slug
    above_kw: float = Field(gt=0, le=100)


class StandbyEntry(Entry):
    """A circuit that should be quiet after work: more than `above_kw` on the meter `meter` is on the evening's list."""

    meter: Slug
    above_kw: float = Field(gt=0, le=1000)


class ObservanceEntry(Entry):
    """What is watched. `patrol_grace_minutes`: how long after the end of the supply hours what still runs is put on the
    evening's list. `daylight_lux`: from this on, by a sensor in the room, lights are not needed (LT-01 names no
    number); None watches no lights. `daylight_outdoor_lux`: the same by a sensor outdoors, for rooms without their own.
    `keep_days`: how many days back late readings change what was told.
    """

    patrol_grace_minutes: int = Field(15, ge=0, le=240)
    daylight_lux: float | None = Field(300.0, gt=0)
    daylight_outdoor_lux: float = Field(10_000.0, gt=0)
    heaters: tuple[HeaterEntry, ...] = ()
    standby: tuple[StandbyEntry, ...] = ()
    keep_days: int = Field(62, ge=1, le=400)
