"""The schema of a preset: clauses, rules and named parameters as data.

A preset is one YAML file in `presets/`. Unknown keys are errors. What a rule does is code under its name; whether it
holds, for which zone classes, how strictly and by which clause is data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from facility.model.entries import Names, ZoneClass
from facility.text import Text

RuleName = Literal[
    "calendar", "window", "cooling-permit", "heating-permit", "cooling-measured", "heating-measured", "rain",
    "overcast", "sunshine", "setpoint", "room-limit", "window-contact", "vacancy", "operator", "administration",
    "responsible-office", "climate", "kettle-window", "kettle-boiled", "season", "setpoint-ceiling",
]  # fmt: skip
Severity = Literal["enforce", "advise", "off"]


@dataclass(frozen=True, slots=True)
class Hours:
    """A daily span of local time, half-open: `start` <= t < `end`."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class MonthDays:
    """Days of every year from (month, day) to (month, day), both included; may go over the end of the year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def __contains__(self, day: date) -> bool:
        return self.covers(day.month, day.day)

    def covers(self, month: int, day: int) -> bool:
        """Whether a day of the year lies in it."""
        if self.first <= self.last:
            return self.first <= (month, day) <= self.last
        return (month, day) >= self.first or (month, day) <= self.last

    def __str__(self) -> str:
        return f"{self.first[0]:02}-{self.first[1]:02}..{self.last[0]:02}-{self.last[1]:02}"


def wrong(zh: str, en: str) -> PydanticCustomError:
    """What is wrong with a value, in both languages for whoever tells it."""
    return PydanticCustomError("wrong_value", "{en}", {"zh": zh, "en": en})


def _time(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip())
    if match is None:
        raise wrong(f"`{value}` 不是 08:00 这样的时刻", f"`{value}` is not a time of day such as 08:00")
    return time(int(match[1]), int(match[2]))


def _hours(value: object) -> object:
    if not isinstance(value, str):
        return value
    start, dash, end = value.partition("-")
    if not dash:
        raise wrong(f"`{value}` 不是 08:00-17:00 这样的时段", f"`{value}` is not a span such as 08:00-17:00")
    span = Hours(_time(start), _time(end))  # type: ignore[arg-type]
    if span.start >= span.end:
        raise wrong(f"`{value}` 的结束不晚于开始", f"`{value}` ends before it starts")
    return span


def _month_days(value: object) -> object:
    """`06-01..09-30` as days of every year; anything but text as it is."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d\d)-(\d\d)\.\.(\d\d)-(\d\d)", value.replace(" ", ""))
    try:
        if match is None:
            raise ValueError
        numbers = [int(part) for part in match.groups()]
        date(2024, numbers[0], numbers[1]), date(2024, numbers[2], numbers[3])
    except ValueError:
        raise wrong(
            f"`{value}` 不是每年的日期范围，应为 06-01..09-30",
            f"`{value}` is no span of days of the year; expected 06-01..09-30",
        ) from None
    return MonthDays((numbers[0], numbers[1]), (numbers[2], numbers[3]))


_AS_TEXT = WithJsonSchema({"type": "string"})
TimeOfDay = Annotated[time, BeforeValidator(_time), _AS_TEXT]
TimeSpan = Annotated[Hours, BeforeValidator(_hours), _AS_TEXT]
YearSpan = Annotated[MonthDays, BeforeValidator(_month_days), _AS_TEXT]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Celsius = Annotated[float, Field(ge=-40, le=60)]
Setpoint = Annotated[float, Field(ge=10, le=35)]
Percent = Annotated[float, Field(ge=0, le=100)]


class Strict(BaseModel):
    """Unknown keys are errors, values do not change; numbers are not made from words."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Parameters(Strict):
    """Every number of the rules. Temperatures in degrees Celsius, times in seconds, times of day local.

    Seasons are days of every year, None where permits make them. `setpoint_ceiling_c` is the highest setpoint of
    cooling (AC-16 as it is written), None for none. `kettle_boiled_percent` is a share of the highest power of this
    heating. `climate_*` and `humidity_*` are of rooms that are kept round the clock; None means no such limit.
    """

    model_config = ConfigDict(strict=True)

    window: TimeSpan = Hours(time(8), time(17))
    cooling_season: YearSpan | None = None
    heating_season: YearSpan | None = None
    permit_at: TimeOfDay = time(8)
    forecast_max_age_s: Annotated[float, Field(gt=0, le=172_800)] = 43_200.0
    cooling_permit_c: Celsius = 30.0
    heating_permit_c: Celsius = 15.0
    cooling_measured_c: Celsius = 30.0
    heating_measured_c: Celsius = 15.0
    outdoor_mean_s: Seconds = 600.0
    measured_hold_s: Seconds = 600.0
    restart_lockout_s: Seconds = 1800.0
    weather_hold_s: Seconds = 1800.0
    overcast_cloud_percent: Percent = 90.0
    sunny_cloud_percent: Percent = 20.0
    rain_stop: Severity | None = None
    overcast_stop: Severity | None = None
    sunshine_stop: Severity | None = None

    setpoint_min_cool_c: Setpoint = 28.0
    setpoint_max_heat_c: Setpoint = 24.0
    setpoint_ceiling_c: Setpoint | None = None
    room_min_cool_c: Setpoint = 28.0
    room_max_heat_c: Setpoint = 24.0
    room_tolerance_k: Annotated[float, Field(ge=0, le=3)] = 0.5
    room_mean_s: Seconds = 600.0

    window_open_s: Seconds = 120.0
    window_closed_s: Seconds = 120.0
    openings_per_hour: Annotated[int, Field(ge=1)] = 10
    vacancy_s: Seconds = 1200.0
    interlock_priority: Literal["protection", "interlock"] = "protection"
    start: Literal["auto", "permit_only"] = "auto"

    min_off_s: Seconds = 300.0
    min_on_s: Seconds = 600.0
    mode_change_s: Seconds = 600.0
    setpoint_write_s: Seconds = 60.0
    stagger_s: Seconds = 15.0
    no_start_before_end_s: Seconds = 900.0
    put_back_s: Seconds = 60.0
    put_backs_per_hour: Annotated[int, Field(ge=0)] = 3

    outdoor_stale_s: Seconds = 900.0
    room_stale_s: Seconds = 900.0
    unit_stale_s: Seconds = 300.0
    weather_stale_s: Seconds = 7200.0
    contact_stale_s: Seconds = 86_400.0
    sensor_disagreement_k: Annotated[float, Field(gt=0)] = 3.0
    sensor_rate_k_per_min: Annotated[float, Field(gt=0)] = 5.0
    sensor_frozen_s: Seconds = 43_200.0

    climate_low_c: Setpoint | None = None
    climate_high_c: Setpoint | None = None
    climate_cool_c: Setpoint | None = None
    climate_heat_c: Setpoint | None = None
    humidity_low_percent: Percent | None = None
    humidity_high_percent: Percent | None = None
    climate_alarm_s: Seconds = 1800.0

    kettle_window: TimeSpan = Hours(time(8), time(9))
    kettle_workdays_only: bool = False
    kettle_boiled_percent: Percent = 10.0
    kettle_boiled_s: Seconds = 120.0
    kettle_heating_kw: Annotated[float, Field(gt=0)] = 0.3


class Clause(Strict):
    """One clause of a governing document, its own words in Chinese; `reading` is what it says, in English."""

    document: str = Field(min_length=1)
    article: str = Field(min_length=1)
    quote: str = Field(min_length=1)
    reading: str = Field(min_length=1)


class RuleEntry(Strict):
    """A rule in force: the clause it rests on, the zone classes it holds for, how strictly."""

    clause: str
    classes: tuple[ZoneClass, ...] = ()
    severity: Severity = "enforce"


class Open(Strict):
    """A value that a document asks for and does not give: the site has to. `clause` is the sentence that leaves it
    open, `example` a value of the right form; `low` and `high` bound it. It is needed where the site has equipment of
    `kinds` (none named: of whatever the rules are about); an `optional` one never, the rules that use it then wait.
    """

    clause: str
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    example: Any
    optional: bool = False
    kinds: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def text(self) -> Text:
        """What is left open."""
        return Text(self.zh, self.en)


class Preset(Strict):
    """One office's rules.

    Attributes:
        like: a preset that this one is like: what is not written here is taken from there.
        parameters: those that differ from, or confirm, the defaults of `Parameters`.
        values: further numbers and words that `data_rules` refer to as `$name`.
        open: parameters and values that the document leaves open; the site must give them.
        rules: rules that are code under their name.
        data_rules: rules written as data.
        elsewhere: clauses that the controller does not serve, and who or what does.
        warns: what a reader must know before using it, None when nothing.
    """

    preset: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    like: str | None = None
    name: Names
    classes: tuple[ZoneClass, ...]
    parameters: dict[str, Any]
    values: dict[str, Any] = Field(default_factory=dict)
    open: dict[str, Open] = Field(default_factory=dict)
    rules: dict[RuleName, RuleEntry]
    data_rules: tuple[dict[str, Any], ...] = ()
    elsewhere: dict[str, Names] = Field(default_factory=dict)
    warns: Names | None = None
    clauses: dict[str, Clause]

    @property
    def by_name(self) -> dict[str, RuleEntry]:
        """The rules under their names."""
        return {str(name): entry for name, entry in self.rules.items()}
