"""The frozen inputs of one cycle and the state carried from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from controller.arbitration import EMPTY, PriorityArray
from controller.policy.hold import Held
from facility.commands import Mode, Wish
from facility.text import Text

UNKNOWN: Final = Held()
NOTHING: Final = Wish()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastIssue:
    """One forecast: when it was made, when we had it, and the daily maxima by local date in degrees Celsius.

    `valid_until` ends a manual one, `entered_by` names who entered it.
    """

    provider: str
    issued: datetime
    fetched: datetime
    daily_max_c: Mapping[date, float]
    entered_by: str | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The trusted outdoor temperature: 10-minute mean in degrees Celsius, None when every source is stale or not
    believed. `point` and `time` are of the newest reading in it, `name` what people call the sensor.
    """

    value_c: float | None
    point: str = "outdoor.temperature"
    time: datetime | None = None
    name: Text = Text("室外传感器", "outdoor sensor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """Rain (True, False, None unknown) and cloud cover in percent, None unknown; with where each comes from.

    `rain_at` and `cloud_at` are when a sensor read it, or its forecast was issued; `rain_by` and `cloud_by` which.
    """

    rain: bool | None = None
    rain_source: Text = Text("", "")
    rain_at: datetime | None = None
    rain_by: Literal["sensor", "forecast"] = "forecast"
    cloud_percent: float | None = None
    cloud_source: Text = Text("", "")
    cloud_at: datetime | None = None
    cloud_by: Literal["sensor", "forecast"] = "forecast"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """Today's permits, taken from forecasts. None: not taken yet, or no usable forecast (`taken` tells which).

    `max_c`, `provider`, `issued`, `entered_by` are of the issue they rest on.
    """

    day: date | None = None
    taken: bool = False
    cooling: bool | None = None
    heating: bool | None = None
    max_c: float | None = None
    provider: str = ""
    issued: datetime | None = None
    entered_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyMemory:
    """What the supply rules remember for one zone class: the permit, what held how long, and the lockouts."""

    permit: Permit = Permit()
    hot: Held = UNKNOWN
    cold: Held = UNKNOWN
    rain: Held = UNKNOWN
    overcast: Held = UNKNOWN
    sunny: Held = UNKNOWN
    cooling_locked_until: datetime | None = None
    heating_locked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """What is known about one indoor unit and the rooms it serves.

    `observed` is the last state read, `fresh` whether it is recent enough to act on. `room_c` is the 10-minute mean of
    the room sensor, else of the return air; `room_point` tells which; `has_room` whether there is any such point at
    all. `window_open` and `present` are None when not known; `*_at` is when the present value began, None when that
    was before we looked. `array` holds what people want.
    """

    observed: Wish = NOTHING
    fresh: bool = False
    room_c: float | None = None
    room_point: str = ""
    room_time: datetime | None = None
    room_is_return_air: bool = False
    has_room: bool = False
    humidity_percent: float | None = None
    humidity_point: str = ""
    window_open: bool | None = None
    window_at: datetime | None = None
    window_point: str = ""
    present: bool | None = None
    present_at: datetime | None = None
    present_point: str = ""
    array: PriorityArray = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMemory:
    """What the rules remember of one unit: how long windows were open and rooms empty, which room limit stopped it,
    and the mode in which a climate room is kept.
    """

    window: Held = UNKNOWN
    vacant: Held = UNKNOWN
    too_cold: Held = UNKNOWN
    too_warm: Held = UNKNOWN
    out_of_limits: Held = UNKNOWN
    climate_mode: Mode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KettleFacts:
    """A kettle: its relay, the power of its circuit in kW (None unknown or not metered), its water
    level. `array` holds what people want.
    """

    on: bool | None = None
    fresh: bool = False
    power_kw: float | None = None
    power_point: str = ""
    level_low: bool | None = None
    level_point: str | None = None
    array: PriorityArray = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class KettleMemory:
    """`peak_kw` is the highest power of today's heating; `boiled_on` the date on which it has boiled."""

    day: date | None = None
    peak_kw: float = 0.0
    idle: Held = UNKNOWN
    boiled_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The site's weather as frozen for a cycle; forecasts newest last.

    `rain_ahead` are the hours (aware UTC starts) in which the newest forecast sees rain; None: no forecast that is
    recent enough tells.
    """

    outdoor: Signal = field(default_factory=lambda: Signal(value_c=None))
    sky: Sky = Sky()
    forecasts: tuple[ForecastIssue, ...] = ()
    rain_ahead: tuple[datetime, ...] | None = None
