"""A weather forecast in Open-Meteo's shape (https://open-meteo.com/en/docs), with seeded errors that grow with lead.

A new issue comes every six hours; between issues the document stays the same. Hours that have passed at the issue
carry an analysis, nearly without error.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import numpy as np

from simulators.physics.layout import seed_of
from simulators.weather import Outdoor, Weather

ISSUE_EVERY_H: Final = 6
ERROR_FIRST_DAY_K: Final = 0.4
ERROR_PER_DAY_K: Final = 0.35
DEFAULT_DAYS: Final = 3
MAX_DAYS: Final = 16
HOURLY_UNITS: Final = {
    "time": "iso8601", "temperature_2m": "°C", "relative_humidity_2m": "%", "precipitation": "mm",
    "weather_code": "wmo code", "cloud_cover": "%", "shortwave_radiation": "W/m²",
}  # fmt: skip
DAILY_UNITS: Final = {
    "time": "iso8601", "temperature_2m_max": "°C", "temperature_2m_min": "°C", "weather_code": "wmo code",
    "precipitation_sum": "mm",
}  # fmt: skip


def issued_at(now: datetime) -> datetime:
    """The newest issue at `now`: 00, 06, 12 or 18 o'clock UTC."""
    utc = now.astimezone(UTC)
    return utc.replace(hour=utc.hour - utc.hour % ISSUE_EVERY_H, minute=0, second=0, microsecond=0)


class Forecaster:
    """Issues forecasts of the weather to come.

    Args:
        weather: what will really happen.
        seed: the same seed makes the same errors.
        latitude, longitude: degrees, for the document's head.
    """

    def __init__(self, weather: Weather, seed: int, latitude: float, longitude: float) -> None:
        self._weather = weather
        self._seed = seed
        self._place = {"latitude": latitude, "longitude": longitude}
        self._last: tuple[tuple[datetime, date, int], dict[str, Any]] | None = None

    def document(self, now: datetime, days: int = DEFAULT_DAYS) -> dict[str, Any]:
        """What the service answers at `now` (aware): `days` local days from today's midnight on."""
        issued = issued_at(now)
        today = now.astimezone(self._weather.zone).date()
        key = (issued, today, min(max(days, 1), MAX_DAYS))
        if self._last is None or self._last[0] != key:
            self._last = (key, self._issue(*key))
        return self._last[1]

    def _issue(self, issued: datetime, today: date, days: int) -> dict[str, Any]:
        zone = self._weather.zone
        midnight = datetime.combine(today, time(0), zone)
        hours = [midnight + timedelta(hours=hour) for hour in range(24 * days)]
        foreseen = self._foresee(issued, hours)
        hourly = {
            "time": [hour.strftime("%Y-%m-%dT%H:%M") for hour in hours],
            "temperature_2m": [round(outdoor.temperature_c, 1) for outdoor in foreseen],
            "relative_humidity_2m": [round(outdoor.humidity_pct) for outdoor in foreseen],
            "precipitation": [round(outdoor.rain_mm_h, 1) for outdoor in foreseen],
            "weather_code": [outdoor.code for outdoor in foreseen],
            "cloud_cover": [round(outdoor.cloud_pct) for outdoor in foreseen],
            "shortwave_radiation": [round(outdoor.irradiance_w_m2) for outdoor in foreseen],
        }
        return {
            **self._place,
            "issued": issued.isoformat().replace("+00:00", "Z"),
            "generationtime_ms": 0.1,
            "utc_offset_seconds": int((midnight.utcoffset() or timedelta(0)).total_seconds()),
            "timezone": str(zone),
            "hourly_units": HOURLY_UNITS,
            "hourly": hourly,
            "daily_units": DAILY_UNITS,
            "daily": _daily(hourly, today, days),
        }

    def _foresee(self, issued: datetime, hours: list[datetime]) -> list[Outdoor]:
        rng = np.random.default_rng([seed_of(self._seed, "forecast"), int(issued.timestamp()) // 3600])
        drift = rng.normal(0.0, 1.0, MAX_DAYS + 2)
        jitter = rng.normal(0.0, 0.15, 24 * (MAX_DAYS + 2))
        shift_h = rng.normal(0.0, 0.5, MAX_DAYS + 2)
        foreseen = []
        for hour in hours:
            lead_h = (hour - issued).total_seconds() / 3600.0
            if lead_h <= 0:
                foreseen.append(self._weather.at(hour))
                continue
            day = int(lead_h // 24)
            actual = self._weather.at(hour + timedelta(hours=round(float(shift_h[day]) * day)))
            spread_k = (ERROR_FIRST_DAY_K + ERROR_PER_DAY_K * lead_h / 24.0) * min(1.0, lead_h / 6.0)
            error_k = spread_k * float(drift[day]) + float(jitter[int(lead_h)])
            foreseen.append(_shifted(actual, error_k, cloud_pct=8.0 * error_k))
        return foreseen


def _shifted(actual: Outdoor, error_k: float, *, cloud_pct: float) -> Outdoor:
    return Outdoor(
        temperature_c=actual.temperature_c + error_k,
        humidity_pct=min(100.0, max(10.0, actual.humidity_pct - 3.0 * error_k)),
        irradiance_w_m2=actual.irradiance_w_m2,
        wind_m_s=actual.wind_m_s,
        cloud_pct=min(100.0, max(0.0, actual.cloud_pct - cloud_pct)),
        rain_mm_h=actual.rain_mm_h,
        code=actual.code,
    )


def _daily(hourly: dict[str, Any], today: date, days: int) -> dict[str, Any]:
    spans = [slice(24 * day, 24 * day + 24) for day in range(days)]
    return {
        "time": [(today + timedelta(days=day)).isoformat() for day in range(days)],
        "temperature_2m_max": [max(hourly["temperature_2m"][span]) for span in spans],
        "temperature_2m_min": [min(hourly["temperature_2m"][span]) for span in spans],
        "weather_code": [max(hourly["weather_code"][span]) for span in spans],
        "precipitation_sum": [round(sum(hourly["precipitation"][span]), 1) for span in spans],
    }
