"""Outdoor weather at any instant, from a real typical year (see `data/README.md`).

The record is used by local month, day and hour, so every calendar year has the same weather; 29 February repeats the
28th.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

RECORD: Final = Path(__file__).parent / "data" / "weather.csv.gz"
HOURS: Final = 8760
_DAYS_BEFORE_MONTH: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)

RAIN_MM_H: Final[dict[int, float]] = {
    51: 0.4, 60: 1.0, 61: 2.0, 66: 1.0, 71: 0.5, 73: 1.0, 79: 0.3, 80: 4.0, 81: 10.0, 95: 15.0,
}  # fmt: skip
"""Present weather (WMO 4677) that falls as water, and how much of it: typical rates, mm/h."""

_OPEN_METEO_CODE: Final[dict[int, int]] = {60: 61, 79: 77}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shower:
    """Rain laid over the record on one day of every year, `start_h` to `end_h` local, cooling the air by `cools_k`."""

    month: int
    day: int
    start_h: float
    end_h: float
    rate_mm_h: float
    cools_k: float


SHOWERS: Final[tuple[Shower, ...]] = (
    Shower(month=7, day=9, start_h=14.1, end_h=15.1, rate_mm_h=12.0, cools_k=2.3),
)  # fmt: skip
"""The record's hottest afternoon gets a shower at 33 C, so that the stop for rain can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdoor:
    """The weather outside at one instant. `code` is the WMO code as Open-Meteo uses it."""

    temperature_c: float
    humidity_pct: float
    irradiance_w_m2: float
    wind_m_s: float
    cloud_pct: float
    rain_mm_h: float
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The year as columns of 8,760 hours; row i ends hour i + 1 of the year."""

    temperature_c: NDArray[np.float64]
    humidity_pct: NDArray[np.float64]
    irradiance_w_m2: NDArray[np.float64]
    wind_m_s: NDArray[np.float64]
    cloud_pct: NDArray[np.float64]
    code: NDArray[np.int64]


@lru_cache(maxsize=1)
def read_record(path: Path = RECORD) -> Record:
    """The shipped year."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    if len(rows) != HOURS:
        raise ValueError(f"{path.name} has {len(rows)} hours, expected {HOURS}")
    columns = list(zip(*rows, strict=True))

    def numbers(index: int) -> NDArray[np.float64]:
        return np.array([float(text) for text in columns[index]])

    return Record(
        temperature_c=numbers(3),
        humidity_pct=numbers(4),
        irradiance_w_m2=numbers(5),
        wind_m_s=numbers(6),
        cloud_pct=numbers(7) * 10.0,
        code=np.array([int(text) for text in columns[8]], dtype=np.int64),
    )


class Weather:
    """Tells the weather of a place whose local year is the record's.

    Args:
        zone: the site's time zone.
        showers: rain laid over the record.
    """

    def __init__(self, zone: ZoneInfo, showers: Sequence[Shower] = SHOWERS) -> None:
        self.zone = zone
        self._record = read_record()
        self._showers = {(shower.month, shower.day): shower for shower in showers}

    def at(self, when: datetime) -> Outdoor:
        """The weather at `when` (aware). Radiation is the hour's mean, spread over the middle of the hour."""
        local = when.astimezone(self.zone)
        hour = _hour_of_year(local)
        record = self._record
        code = int(record.code[round(hour) % HOURS - 1])
        cloud = _interpolate(record.cloud_pct, hour)
        rain = RAIN_MM_H.get(code, 0.0)
        temperature = _interpolate(record.temperature_c, hour)
        humidity = _interpolate(record.humidity_pct, hour)
        shower = self._shower_at(local)
        if shower is not None:
            code, rain, cloud = 81, shower.rate_mm_h, max(cloud, 80.0)
            temperature -= shower.cools_k
            humidity = min(98.0, humidity + 15.0)
        return Outdoor(
            temperature_c=temperature,
            humidity_pct=humidity,
            irradiance_w_m2=max(0.0, _interpolate(record.irradiance_w_m2, hour + 0.5)) * (0.3 if shower else 1.0),
            wind_m_s=_interpolate(record.wind_m_s, hour),
            cloud_pct=cloud,
            rain_mm_h=rain,
            code=_OPEN_METEO_CODE.get(code, code) if rain > 0 else _sky_code(cloud, code),
        )

    def mean_temperature_c(self, before: datetime, hours: int = 24) -> float:
        """Mean outdoor temperature of the hours before an instant: what walls have soaked up."""
        last = int(_hour_of_year(before.astimezone(self.zone)))
        rows = np.arange(last - hours, last) % HOURS
        return float(self._record.temperature_c[rows].mean())

    def _shower_at(self, local: datetime) -> Shower | None:
        shower = self._showers.get((local.month, local.day))
        if shower is None:
            return None
        return shower if shower.start_h <= _hour_of_day(local) < shower.end_h else None


def _hour_of_day(local: datetime) -> float:
    return local.hour + local.minute / 60.0 + (local.second + local.microsecond / 1e6) / 3600.0


def _hour_of_year(local: datetime) -> float:
    day = 28 if (local.month, local.day) == (2, 29) else local.day
    return (_DAYS_BEFORE_MONTH[local.month - 1] + day - 1) * 24.0 + _hour_of_day(local)


def _interpolate(column: NDArray[np.float64], hour: float) -> float:
    """Between the rows that end at the whole hours around `hour`; the year closes on itself."""
    whole = int(hour)
    share = hour - whole
    before, after = float(column[(whole - 1) % HOURS]), float(column[whole % HOURS])
    return before + (after - before) * share


def _sky_code(cloud_pct: float, code: int) -> int:
    """WMO code of dry weather: fog, else by cloud cover."""
    if code in (45, 44, 41, 40):
        return 45
    if cloud_pct < 12.5:
        return 0
    if cloud_pct < 37.5:
        return 1
    return 2 if cloud_pct < 87.5 else 3


def demo_start(zone: ZoneInfo) -> datetime:
    """07:30 of the demonstration's day: Friday 10 July 2026.

    The record has 35.6 C on it and 30 C by half past eight. The thirty days before it hold weekends, the Dragon Boat
    Festival (19 June), days whose maximum stays below 30 C, and the shower at 33 C of 9 July.
    """
    return datetime(2026, 7, 10, 7, 30, tzinfo=zone)
