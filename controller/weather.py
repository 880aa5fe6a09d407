"""The weather as the rules need it: forecasts by issue, the sky of this hour, rain, the trusted outdoor temperature."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from controller.outdoor import SECOND_US, Outdoors, OutdoorSensor
from controller.policy.facts import ForecastIssue, Sky, Weather
from controller.policy.schema import Parameters
from facility.bus import ForecastReceived
from facility.bus.messages import HourForecast
from facility.model import Site
from facility.readings import Quality, Status, from_us, to_us
from facility.text import Text

HOUR_US: Final = 3600 * SECOND_US
KEPT: Final = timedelta(hours=48)
RAIN_CODES: Final = range(51, 100)
"""WMO 4677 present weather: drizzle, rain, snow, showers, thunderstorm."""

Tap = Callable[[int, float | None, Status], None]

_NOWHERE: Final = Text("", "")


class Hourly(NamedTuple):
    """The hours of one forecast, by hours since 1970."""

    fetched: datetime
    issued: datetime
    by_hour: dict[int, HourForecast]
    provider: str


class KnownHour(NamedTuple):
    """What the newest forecast that has it says of one hour."""

    fetched: datetime
    issued: datetime
    hour: HourForecast
    provider: str


class Told(NamedTuple):
    """A value about the sky: by whom, and when it was read or its forecast issued."""

    value: float
    source: Text
    at: datetime
    by: Literal["sensor", "forecast"]


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
        self._hours: list[Hourly] = []

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
            known = Hourly(forecast.fetched, forecast.issued, by_hour, forecast.provider)
            self._hours = sorted([*self._hours[-3:], known], key=_fetched)

    def _hour(self, now_us: int) -> KnownHour | None:
        for known in reversed(self._hours):
            hour = known.by_hour.get(now_us // HOUR_US)
            if hour is not None and to_us(known.fetched) <= now_us:
                return KnownHour(known.fetched, known.issued, hour, known.provider)
        return None

    def _expected_c(self, now_us: int) -> float | None:
        found = self._hour(now_us)
        return None if found is None else found.hour.temperature_c

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
        found = next((known for known in reversed(self._hours) if known.fetched <= now), None)
        if found is None or (now - found.fetched).total_seconds() > self._p.forecast_max_age_s:
            return None
        hours = [hour for hour in found.by_hour.values() if hour.weather_code is not None]
        return tuple(hour.time for hour in hours if hour.weather_code in RAIN_CODES) if hours else None

    def _sky(self, now: datetime, now_us: int) -> Sky:
        found = self._hour(now_us)
        if found is not None and now - found.fetched > self._weather_stale:
            found = None
        rain, cloud = self._rain_read(now_us), self._cloud_read(now_us)
        if found is not None:
            rain, cloud = _with_code(rain, found), _cloud_told(found) if cloud is None else cloud
        return Sky(
            rain=None if rain is None else rain.value > 0,
            rain_source=_NOWHERE if rain is None else rain.source,
            rain_at=None if rain is None else rain.at,
            rain_by="forecast" if rain is None else rain.by,
            cloud_percent=None if cloud is None else cloud.value,
            cloud_source=_NOWHERE if cloud is None else cloud.source,
            cloud_at=None if cloud is None else cloud.at,
            cloud_by="forecast" if cloud is None else cloud.by,
        )

    def _rain_read(self, now_us: int) -> Told | None:
        """What the rain sensors say: one that is wet is enough."""
        known: Told | None = None
        for name, rain in self._rain.values():
            held = rain.at(now_us, self._outdoor_stale_us)
            if held is not None and (known is None or held[1] > 0):
                known = Told(held[1], name, from_us(held[0]), "sensor")
        return known

    def _cloud_read(self, now_us: int) -> Told | None:
        for cloud in self._clouds.values():
            held = cloud.at(now_us, self._outdoor_stale_us)
            if held is not None:
                return Told(held[1], Text("云量传感器", "cloud sensor"), from_us(held[0]), "sensor")
        return None


def _with_code(rain: Told | None, found: KnownHour) -> Told | None:
    """Rain as the forecast's code has it, where no sensor is wet: a code may say rain, or, without sensors, none."""
    code = found.hour.weather_code
    if code is None or (rain is not None and (rain.value > 0 or code not in RAIN_CODES)):
        return rain
    source = Text(f"{found.provider} 预报天气代码 {code}", f"forecast of {found.provider}, weather code {code}")
    return Told(float(code in RAIN_CODES), source, found.issued, "forecast")


def _cloud_told(found: KnownHour) -> Told | None:
    percent = found.hour.cloud_percent
    if percent is None:
        return None
    source = Text(f"{found.provider} 预报云量 {percent:.0f}%", f"forecast of {found.provider}, cloud {percent:.0f} %")
    return Told(percent, source, found.issued, "forecast")


class SkySensor:
    """The newest believed value of a sky sensor."""

    def __init__(self) -> None:
        self._held: tuple[int, float] | None = None

    def take(self, time_us: int, value: float | None, status: Status) -> None:
        """Takes a reading."""
        if value is not None and status.quality is Quality.GOOD:
            self._held = (time_us, value)

    def at(self, now_us: int, stale_us: int) -> tuple[int, float] | None:
        """Time (microseconds) and value, None when there is none or it is too old."""
        if self._held is None or now_us - self._held[0] > stale_us:
            return None
        return self._held


def _fetched(known: Hourly) -> datetime:
    return known.fetched


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
