"""The weather as the rules need it: forecasts by issue, the sky of this hour, rain, the trusted outdoor temperature."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from controller.outdoor import SECOND_US, Outdoors, OutdoorSensor
from controller.policy.facts import ForecastIssue, Sky, Weather
from controller.policy.schema import Parameters
from facility.bus import ForecastReceived
from facility.bus.messages import HourForecast
from facility.model import Site
from facility.readings import Quality, Status, to_us
from facility.text import Text

HOUR_US: Final = 3600 * SECOND_US
KEPT: Final = timedelta(hours=48)
RAIN_CODES: Final = range(51, 100)
"""WMO 4677 present weather: drizzle, rain, snow, showers, thunderstorm."""

Tap = Callable[[int, float | None, Status], None]


class WeatherDesk:
    """Collects forecasts and outdoor readings, and freezes them for a cycle.

    Args:
        site: names the sensors.
        p: the site's parameters.
        outdoor_stale_s: after how many clock seconds an outdoor reading is too old.
        weather_stale_s: the same for a forecast's word on rain and cloud.
    """

    def __init__(self, site: Site, p: Parameters, *, outdoor_stale_s: float, weather_stale_s: float) -> None:
        self._p = p
        self._outdoor_stale_us = round(outdoor_stale_s * SECOND_US)
        self._weather_stale = timedelta(seconds=weather_stale_s)
        names = {point: _sensor_name(site, point) for point in site.file.weather.outdoor}
        self.outdoors = Outdoors(names, p, stale_s=outdoor_stale_s, expected_c=self._expected_c)
        self._rain = {point: (_sensor_name(site, point), SkySensor()) for point in site.file.weather.rain}
        self._clouds = {point: SkySensor() for point in _cloud_points(site)}
        self._issues: tuple[ForecastIssue, ...] = ()
        self._hours: list[tuple[datetime, dict[int, HourForecast], str]] = []

    def taps(self) -> dict[str, Tap]:
        """Point -> what takes its readings."""
        taps: dict[str, Tap] = {sensor.point: _outdoor_tap(self.outdoors, sensor) for sensor in self.outdoors.sensors}
        for point, (_, rain) in self._rain.items():
            taps[point] = rain.take
        for point, cloud in self._clouds.items():
            taps[point] = cloud.take
        return taps

    def receive(self, forecast: ForecastReceived) -> None:
        """Takes a forecast in; keeps two days of them."""
        issue = ForecastIssue(
            provider=forecast.provider,
            issued=forecast.issued,
            fetched=forecast.fetched,
            daily_max_c=dict(forecast.daily_max_c),
            entered_by=forecast.entered_by,
            valid_until=forecast.valid_until,
        )
        oldest = forecast.fetched - KEPT
        kept = [known for known in self._issues if known.fetched > oldest and known != issue]
        self._issues = tuple(sorted((*kept, issue), key=lambda known: known.fetched))
        if forecast.hours:
            by_hour = {to_us(hour.time) // HOUR_US: hour for hour in forecast.hours}
            self._hours = sorted([*self._hours[-3:], (forecast.fetched, by_hour, forecast.provider)], key=_fetched)

    def _hour(self, now_us: int) -> tuple[datetime, HourForecast, str] | None:
        for fetched, by_hour, provider in reversed(self._hours):
            hour = by_hour.get(now_us // HOUR_US)
            if hour is not None and to_us(fetched) <= now_us:
                return fetched, hour, provider
        return None

    def _expected_c(self, now_us: int) -> float | None:
        found = self._hour(now_us)
        return None if found is None else found[1].temperature_c

    def freeze(self, now: datetime, now_us: int) -> Weather:
        """The weather as known at `now`."""
        return Weather(
            outdoor=self.outdoors.signal(now_us),
            sky=self._sky(now, now_us),
            forecasts=self._issues,
            rain_ahead=self._rain_ahead(now),
        )

    def _rain_ahead(self, now: datetime) -> tuple[datetime, ...] | None:
        """The hours of the newest issue with weather codes in which it sees rain, None when it is too old."""
        found = next((known for known in reversed(self._hours) if known[0] <= now), None)
        if found is None or (now - found[0]).total_seconds() > self._p.forecast_max_age_s:
            return None
        hours = [hour for hour in found[1].values() if hour.weather_code is not None]
        return tuple(hour.time for hour in hours if hour.weather_code in RAIN_CODES) if hours else None

    def _sky(self, now: datetime, now_us: int) -> Sky:
        found = self._hour(now_us)
        if found is not None and now - found[0] > self._weather_stale:
            found = None
        hour = None if found is None else found[1]
        source = Text("", "") if found is None else Text(f"{found[2]} 预报", f"forecast of {found[2]}")
        rain, rain_source = self._raining(now_us)
        code = None if hour is None else hour.weather_code
        if code is not None and not rain:
            by_code = code in RAIN_CODES
            if by_code or rain is None:
                rain, rain_source = by_code, Text(f"{source.zh}天气代码 {code}", f"{source.en}, weather code {code}")
        cloud_percent, cloud_source = self._cloud(now_us), Text("云量传感器", "cloud sensor")
        if cloud_percent is None and hour is not None and hour.cloud_percent is not None:
            cloud_percent = hour.cloud_percent
            cloud_source = Text(f"{source.zh}云量 {cloud_percent:.0f}%", f"{source.en}, cloud {cloud_percent:.0f} %")
        return Sky(rain=rain, rain_source=rain_source, cloud_percent=cloud_percent, cloud_source=cloud_source)

    def _raining(self, now_us: int) -> tuple[bool | None, Text]:
        known: tuple[bool | None, Text] = (None, Text("", ""))
        for name, rain in self._rain.values():
            value = rain.at(now_us, self._outdoor_stale_us)
            if value is not None and (known[0] is None or value > 0):
                known = (value > 0, name)
        return known

    def _cloud(self, now_us: int) -> float | None:
        values = (cloud.at(now_us, self._outdoor_stale_us) for cloud in self._clouds.values())
        return next((value for value in values if value is not None), None)


class SkySensor:
    """The newest believed value of a sky sensor."""

    def __init__(self) -> None:
        self._held: tuple[int, float] | None = None

    def take(self, time_us: int, value: float | None, status: Status) -> None:
        """Takes a reading."""
        if value is not None and status.quality is Quality.GOOD:
            self._held = (time_us, value)

    def at(self, now_us: int, stale_us: int) -> float | None:
        """The value, None when there is none or it is too old."""
        if self._held is None or now_us - self._held[0] > stale_us:
            return None
        return self._held[1]


def _fetched(entry: tuple[datetime, dict[int, HourForecast], str]) -> datetime:
    return entry[0]


def _outdoor_tap(outdoors: Outdoors, sensor: OutdoorSensor) -> Tap:
    def tap(time_us: int, value: float | None, status: Status) -> None:
        outdoors.take(sensor, time_us, value, status)

    return tap


def _sensor_name(site: Site, point: str) -> Text:
    equipment = site.equipment[point.partition(".")[0]]
    if equipment.name is not None:
        return equipment.name.text
    return Text("气象站", "weather station") if equipment.kind == "weather_station" else equipment.text


def _cloud_points(site: Site) -> Iterable[str]:
    stations = {point.partition(".")[0] for point in (*site.file.weather.outdoor, *site.file.weather.rain)}
    return [f"{station}.cloud" for station in sorted(stations) if f"{station}.cloud" in site.points]
