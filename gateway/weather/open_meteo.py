"""Open-Meteo: what is asked for, and what its document says.

Source: https://open-meteo.com/en/docs (data CC BY 4.0). A document holds parallel lists with local times that carry no
offset; single values may be null. It does not say when the forecast was issued: then the time of fetching stands for
it. A document that carries `issued` (ISO 8601 with offset) at its top level is taken at its word.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson

from facility.bus import ForecastReceived
from facility.bus.messages import HourForecast
from facility.errors import BadAnswer
from facility.model.entries import Location
from gateway.weather.fetch import NO_HEADERS, Fetch
from gateway.weather.provider import Told

PUBLIC_SERVICE: Final = "https://api.open-meteo.com"
FORECAST_DAYS: Final = 3
BELIEVABLE_C: Final = (-60.0, 60.0)
_HOUR: Final = timedelta(hours=1)
_FUTURE_TOLERANCE: Final = timedelta(hours=1)
_HOURLY: Final = ("temperature_2m", "weather_code", "cloud_cover")
_DAILY: Final = ("temperature_2m_max", "temperature_2m_min")


def forecast_url(base: str, location: Location, zone: ZoneInfo) -> str:
    """The address that answers with today's forecast and that of the days after, in the site's local time."""
    query = {
        "latitude": location.latitude,
        "longitude": location.longitude,
        "daily": ",".join(_DAILY),
        "hourly": ",".join(_HOURLY),
        "timezone": zone.key,
        "forecast_days": FORECAST_DAYS,
    }
    return f"{base.rstrip('/')}/v1/forecast?{urlencode(query, safe=',/')}"


class OpenMeteo:
    """Open-Meteo's service, or one of the site's own that answers alike.

    Args:
        base: its base address.
        location: the site's place.
        zone: the site's local time.
        fetch: fetches a document.
    """

    name = "open_meteo"

    def __init__(self, base: str, location: Location, zone: ZoneInfo, fetch: Fetch) -> None:
        self.address = forecast_url(base, location, zone)
        self._zone = zone
        self._fetch = fetch

    async def told(self, now: datetime) -> Told:
        """See `gateway.weather.provider.Provider`."""
        body = await self._fetch(self.address, NO_HEADERS)
        return parse_forecast(body, provider=self.name, zone=self._zone, fetched=now)


def parse_forecast(body: bytes, *, provider: str, zone: ZoneInfo, fetched: datetime) -> Told:
    """The forecast that a document holds.

    Args:
        body: as fetched.
        provider: the name it goes under.
        zone: the site's local time, which the document must be in.
        fetched: when it was fetched, aware.

    Raises:
        BadAnswer: not a forecast, or one that nobody should act on; says which value is wrong.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadAnswer(f"the forecast is not JSON: {error}", raw=body[:64]) from error
    if not isinstance(document, dict):
        raise BadAnswer("the forecast is not a JSON object", raw=body[:64])
    if document.get("error"):
        raise BadAnswer(f"the forecast service says: {document.get('reason', 'error')}")
    _check_zone(document, zone, fetched)
    maxima, minima = _daily(document)
    forecast = ForecastReceived(
        provider=provider,
        issued=_issued(document, fetched),
        fetched=fetched,
        daily_max_c=maxima,
        hours=_hours(document, zone),
    )
    return Told(forecast=forecast, daily_min_c=minima)


def _check_zone(document: Mapping[str, Any], zone: ZoneInfo, fetched: datetime) -> None:
    """The document is in the site's local time, as asked: otherwise its days are not the site's days."""
    offset_s = document.get("utc_offset_seconds")
    if offset_s is None:
        return
    days = range(-1, FORECAST_DAYS + 1)
    expected = {_offset_s(zone, fetched + timedelta(days=day)) for day in days}
    if offset_s not in expected:
        raise BadAnswer(
            f"the forecast is {offset_s!r} s from UTC, the site ({zone.key}) is {sorted(expected)} s: "
            "its days are not the site's days"
        )


def _offset_s(zone: ZoneInfo, time: datetime) -> float:
    return (time.astimezone(zone).utcoffset() or timedelta()).total_seconds()


def _issued(document: Mapping[str, Any], fetched: datetime) -> datetime:
    said = document.get("issued")
    if said is None:
        return fetched
    try:
        issued = datetime.fromisoformat(said)
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"issued is {said!r}, expected an ISO 8601 time with offset") from error
    if issued.tzinfo is None:
        raise BadAnswer(f"issued is {said!r}, which has no offset")
    if issued > fetched + _FUTURE_TOLERANCE:
        raise BadAnswer(f"issued is {said}, but it is only {fetched.isoformat()}")
    return issued.astimezone(UTC)


def _section(document: Mapping[str, Any], name: str, columns: Sequence[str]) -> list[list[Any]]:
    """The time column of a section and its other columns, all equally long; a missing one is all None.

    Raises:
        BadAnswer: the section is no object of lists of one length.
    """
    section = document.get(name)
    if section is None:
        return [[] for _ in range(len(columns) + 1)]
    if not isinstance(section, dict) or not isinstance(section.get("time"), list):
        raise BadAnswer(f"{name} is not an object with a list of times")
    times = section["time"]
    found = [times]
    for column in columns:
        values = section.get(column, [None] * len(times))
        if not isinstance(values, list) or len(values) != len(times):
            raise BadAnswer(f"{name}.{column} does not have one value for each of the {len(times)} times")
        found.append(values)
    _check_unit(document, name)
    return found


def _check_unit(document: Mapping[str, Any], name: str) -> None:
    units = document.get(f"{name}_units")
    if not isinstance(units, dict):
        return
    for column, unit in units.items():
        if column.startswith("temperature") and unit != "°C":
            raise BadAnswer(f"{name}.{column} is in {unit!r}, expected °C")


def _daily(document: Mapping[str, Any]) -> tuple[dict[date, float], dict[date, float]]:
    """Daily maxima, at least one, and minima, where there are any, by local date."""
    times, *columns = _section(document, "daily", _DAILY)
    if len(set(map(str, times))) != len(times):
        raise BadAnswer("daily.time names a day twice")
    maxima, minima = (
        {day: number for day, number in zip(map(_day, times), _numbers(name, times, values), strict=True)
         if number is not None}
        for name, values in zip(_DAILY, columns, strict=True)
    )  # fmt: skip
    if not maxima:
        raise BadAnswer("the forecast holds no daily maximum temperature (daily.temperature_2m_max)")
    return maxima, minima


def _numbers(name: str, times: Sequence[Any], values: Sequence[Any]) -> list[float | None]:
    return [
        believable(value, f"daily.{name} of {said}", *BELIEVABLE_C) for said, value in zip(times, values, strict=True)
    ]


def _day(said: object) -> date:
    try:
        return date.fromisoformat(said)  # type: ignore[arg-type]  # a TypeError is part of the answer
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"daily.time holds {said!r}, expected a date") from error


def _hours(document: Mapping[str, Any], zone: ZoneInfo) -> tuple[HourForecast, ...]:
    times, temperatures, codes, clouds = _section(document, "hourly", _HOURLY)
    rows = zip_longest(aware_hours([_local(said) for said in times], zone), temperatures, codes, clouds)
    return tuple(
        HourForecast(
            time=time,
            temperature_c=believable(temperature, f"hourly.temperature_2m of {time.isoformat()}", *BELIEVABLE_C),
            weather_code=_code(code, time),
            cloud_percent=believable(cloud, f"hourly.cloud_cover of {time.isoformat()}", 0.0, 100.0),
        )
        for time, temperature, code, cloud in rows
    )


def _code(value: object, time: datetime) -> int | None:
    number = believable(value, f"hourly.weather_code of {time.isoformat()}", 0, 99)
    if number is not None and not number.is_integer():
        raise BadAnswer(f"hourly.weather_code of {time.isoformat()} is {value!r}, expected a WMO code 0..99")
    return None if number is None else int(number)


def _local(said: object) -> datetime:
    try:
        time = datetime.fromisoformat(said)  # type: ignore[arg-type]  # a TypeError is part of the answer
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"hourly.time holds {said!r}, expected a local time") from error
    if time.tzinfo is not None:
        raise BadAnswer(f"hourly.time holds {said!r}, expected a local time without offset")
    return time


def believable(value: object, what: str, low: float, high: float) -> float | None:
    """A believable number, None for null.

    Raises:
        BadAnswer: not a number, or outside `low`..`high`.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadAnswer(f"{what} is {value!r}, expected a number")
    if not low <= value <= high:
        raise BadAnswer(f"{what} is {value:g}, expected {low:g}..{high:g}")
    return float(value)


def aware_hours(local: Sequence[datetime], zone: ZoneInfo) -> list[datetime]:
    """Local hours without offset as UTC, across a change to or from summer time.

    Around a change a service may go on with the old offset, or leave out (or repeat) the hour that the clock does. The
    reading that continues the row hour by hour is taken; where none does, because hours are missing, the zone decides.

    Raises:
        BadAnswer: the hours do not ascend.
    """
    found: list[datetime] = []
    for time in local:
        readings = [time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        if found:
            previous, offset = found[-1], local[len(found) - 1] - found[-1].replace(tzinfo=None)
            readings.insert(1, (time - offset).replace(tzinfo=UTC))
            readings.sort(key=lambda reading: reading != previous + _HOUR)
            if readings[0] <= previous:
                raise BadAnswer(f"hourly.time is not in order at {time.isoformat()}")
        found.append(readings[0])
    return found
