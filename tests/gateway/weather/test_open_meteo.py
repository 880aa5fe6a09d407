"""What is believed of an Open-Meteo document, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import orjson
import pytest

from facility.bus import ForecastReceived
from facility.errors import BadAnswer
from facility.model.entries import Location
from gateway.weather.open_meteo import aware_hours, forecast_url, parse_forecast
from tests.gateway.weather.forecast_server import document

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 7, 15)
NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


def parse(said: dict[str, Any] | bytes, zone: ZoneInfo = SHANGHAI, fetched: datetime = NOON) -> ForecastReceived:
    body = said if isinstance(said, bytes) else orjson.dumps(said)
    return parse_forecast(body, provider="open_meteo", zone=zone, fetched=fetched).forecast


def test_the_address_asks_for_what_the_rules_need() -> None:
    url = urlsplit(forecast_url("http://127.0.0.1:8999/", Location(latitude=28.23, longitude=112.94), SHANGHAI))
    assert (url.netloc, url.path) == ("127.0.0.1:8999", "/v1/forecast")
    assert parse_qs(url.query) == {
        "latitude": ["28.23"], "longitude": ["112.94"], "daily": ["temperature_2m_max,temperature_2m_min"],
        "hourly": ["temperature_2m,weather_code,cloud_cover"], "timezone": ["Asia/Shanghai"], "forecast_days": ["3"],
    }  # fmt: skip


def test_a_document_gives_daily_maxima_and_hours_in_utc() -> None:
    forecast = parse(document(DAY, [31.5, 0.0, -3.2]))
    assert dict(forecast.daily_max_c) == {DAY: 31.5, date(2026, 7, 16): 0.0, date(2026, 7, 17): -3.2}
    assert len(forecast.hours) == 72
    first = forecast.hours[0]
    assert first.time == datetime(2026, 7, 14, 16, 0, tzinfo=UTC)
    assert (first.temperature_c, first.weather_code, first.cloud_percent) == (25.0, 3, 80.0)
    assert (forecast.issued, forecast.fetched, forecast.entered_by, forecast.valid_until) == (NOON, NOON, None, None)


def test_a_document_that_says_when_it_was_issued_is_believed() -> None:
    forecast = parse(document(DAY, [31.5], issued="2026-07-15T06:00:00+08:00"))
    assert (forecast.issued, forecast.fetched) == (datetime(2026, 7, 14, 22, 0, tzinfo=UTC), NOON)


def test_null_is_no_value_and_never_zero() -> None:
    said = document(DAY, [None, 30.0])
    said["hourly"]["temperature_2m"][0] = None
    said["hourly"]["weather_code"][1] = None
    said["hourly"]["cloud_cover"][2] = None
    forecast = parse(said)
    assert dict(forecast.daily_max_c) == {date(2026, 7, 16): 30.0}
    assert forecast.hours[0].temperature_c is None
    assert forecast.hours[1].weather_code is None
    assert forecast.hours[2].cloud_percent is None


@pytest.mark.parametrize("column", ["temperature_2m", "weather_code", "cloud_cover"])
def test_a_missing_column_of_the_hours_is_no_value(column: str) -> None:
    said = document(DAY, [31.5])
    del said["hourly"][column]
    forecast = parse(said)
    assert len(forecast.hours) == 24
    said["hourly"][column] = [None] * 24
    assert parse(said).hours == forecast.hours


def test_daily_maxima_alone_are_a_forecast() -> None:
    said = document(DAY, [31.5])
    del said["hourly"]
    assert parse(said).hours == ()


def change(path: str, value: object) -> dict[str, Any]:
    said = document(DAY, [31.5, 30.0])
    *outer, last = path.split(".")
    place: Any = said
    for key in outer:
        place = place[key]
    place[int(last) if isinstance(place, list) else last] = value
    return said


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (b"", "not JSON"),
        (b"<html>busy</html>", "not JSON"),
        (b'{"daily": {"time": [NaN]}}', "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "no daily maximum"),
        ({"error": True, "reason": "Latitude must be in range of -90 to 90"}, "Latitude must be in range"),
        (document(DAY, [None, None]), "no daily maximum"),
        (document(DAY, []), "no daily maximum"),
        (change("daily", [1]), "daily is not an object"),
        (change("daily.time", "2026-07-15"), "daily is not an object with a list"),
        (change("daily.temperature_2m_max", [31.5]), "does not have one value for each of the 2"),
        (change("daily.temperature_2m_max.0", 88.0), "daily.temperature_2m_max of 2026-07-15 is 88"),
        (change("daily.temperature_2m_max.0", "31.5"), "expected a number"),
        (change("daily.temperature_2m_max.0", True), "expected a number"),
        (change("daily.time.1", "2026-07-15"), "twice"),
        (change("daily.time.0", "15 July"), "expected a date"),
        (change("daily.time.0", 20260715), "expected a date"),
        (change("daily_units.temperature_2m_max", "°F"), "is in '°F'"),
        (change("hourly_units.temperature_2m", "°F"), "is in '°F'"),
        (change("hourly.temperature_2m.3", 451), "is 451, expected -60..60"),
        (change("hourly.weather_code.3", 100), "is 100, expected 0..99"),
        (change("hourly.weather_code.3", 2.5), "expected a WMO code"),
        (change("hourly.cloud_cover.3", -1), "is -1, expected 0..100"),
        (change("hourly.time.3", "2026-07-15T03:00Z"), "without offset"),
        (change("hourly.time.3", "2026-07-14T03:00"), "not in order"),
        (change("hourly.time.3", None), "expected a local time"),
        (change("utc_offset_seconds", 0), "its days are not the site's days"),
        (change("issued", "2026-07-15T06:00:00"), "no offset"),
        (change("issued", "yesterday"), "expected an ISO 8601 time"),
        (change("issued", 5), "expected an ISO 8601 time"),
        (change("issued", "2026-07-16T06:00:00+08:00"), "but it is only"),
    ],
)
def test_nonsense_is_refused_and_named(said: dict[str, Any] | bytes, complaint: str) -> None:
    with pytest.raises(BadAnswer, match=complaint):
        parse(said)


def hours(*said: str) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in said]


@pytest.mark.parametrize(
    ("local", "first"),
    [
        (("2026-03-29T01:00", "2026-03-29T03:00", "2026-03-29T04:00"), "2026-03-29T00:00"),
        (("2026-03-29T01:00", "2026-03-29T02:00", "2026-03-29T03:00"), "2026-03-29T00:00"),
        (("2026-10-25T01:00", "2026-10-25T02:00", "2026-10-25T02:00", "2026-10-25T03:00"), "2026-10-24T23:00"),
        (("2026-10-25T01:00", "2026-10-25T02:00", "2026-10-25T03:00", "2026-10-25T04:00"), "2026-10-24T23:00"),
    ],
    ids=["spring-clock", "spring-old-offset", "autumn-clock", "autumn-old-offset"],
)
def test_hours_go_on_evenly_across_a_change_of_summer_time(local: tuple[str, ...], first: str) -> None:
    start = datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert aware_hours(hours(*local), BERLIN) == [start + timedelta(hours=index) for index in range(len(local))]


def test_where_hours_are_missing_the_zone_decides() -> None:
    found = aware_hours(hours("2026-03-28T23:00", "2026-03-29T12:00"), BERLIN)
    assert found == [datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 10, tzinfo=UTC)]
