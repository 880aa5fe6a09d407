"""QWeather's documents and doors: numbers as text, codes inside the body, keys and signed tokens."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from facility.errors import BadAnswer, LinkDown, NoAnswer, SecretMissing
from facility.model.entries import ForecastEntry, Location
from gateway.weather.ed25519 import sign
from gateway.weather.fetch import MAX_DOCUMENT_BYTES, http_fetch
from gateway.weather.provider import Told
from gateway.weather.qweather import QWeather, token
from gateway.weather.qweather_sky import CLOUD_PERCENT, WMO_CODES
from tests.gateway.weather.forecast_server import ForecastServer
from tests.servers import free_port

pytestmark = pytest.mark.asyncio

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 15)
NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
PLACE = Location(latitude=28.23, longitude=112.94)
KEY_ENV, PEM_ENV = "HOUQIN_TEST_QWEATHER_KEY", "HOUQIN_TEST_QWEATHER_PEM"
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PEM = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----".format(
    base64.b64encode(bytes.fromhex("302e020100300506032b657004220420") + SEED).decode()
)
REFER = {"sources": ["QWeather"], "license": ["QWeather Developers License"]}


def daily(*maxima: str | None, **changes: Any) -> dict[str, Any]:
    """A document of the daily forecast from 15 July on, as the service writes one."""
    rows = [
        {
            "fxDate": f"2026-07-{15 + index}", "sunrise": "05:43", "sunset": "19:26", "tempMax": highest,
            "tempMin": "26", "iconDay": "101", "textDay": "多云", "iconNight": "150", "textNight": "晴",
            "wind360Day": "180", "windDirDay": "南风", "humidity": "70", "precip": "0.0", "cloud": "25",
        }
        for index, highest in enumerate(maxima)
    ]  # fmt: skip
    return {
        "code": "200", "updateTime": "2026-07-15T11:35+08:00", "fxLink": "https://www.qweather.com", "daily": rows,
        "refer": REFER, **changes,
    }  # fmt: skip


def hourly(*rows: dict[str, Any]) -> dict[str, Any]:
    """A document of the hourly forecast."""
    return {"code": "200", "updateTime": "2026-07-15T11:35+08:00", "hourly": list(rows), "refer": REFER}


def hour(at: str = "2026-07-15T12:00+08:00", **changes: Any) -> dict[str, Any]:
    return {
        "fxTime": at,
        "temp": "33",
        "icon": "104",
        "text": "阴",
        "pop": "7",
        "precip": "0.0",
        "cloud": "91",
    } | changes


@contextlib.asynccontextmanager
async def service(day: object, hours: object = None) -> AsyncIterator[ForecastServer]:
    """A server that answers the two paths."""
    async with ForecastServer().listening() as server:
        for path, said in (("/v7/weather/7d", day), ("/v7/weather/24h", hourly() if hours is None else hours)):
            server.bodies[path] = said if isinstance(said, bytes) else orjson.dumps(said)
        yield server


async def asked(server: ForecastServer, **entry: str) -> Told:
    keys = entry or {"api_key_env": KEY_ENV}
    made = ForecastEntry.model_validate({"provider": "qweather", "url": server.url, **keys})
    return await QWeather(made, PLACE, SHANGHAI, http_fetch).told(NOON)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_ENV, "abc123")


async def test_numbers_written_as_text_are_numbers_and_empty_ones_are_none() -> None:
    async with service(
        daily("34", "0", "", None), hourly(hour(), hour("2026-07-15T13:00+08:00", temp="", cloud=""))
    ) as server:
        told = await asked(server)
    assert dict(told.forecast.daily_max_c) == {DAY: 34.0, date(2026, 7, 16): 0.0}
    assert told.daily_min_c[DAY] == 26.0
    first, second = told.forecast.hours
    assert (first.time, first.temperature_c, first.weather_code, first.cloud_percent) == (NOON, 33.0, 3, 91.0)
    assert (second.temperature_c, second.weather_code, second.cloud_percent) == (None, 3, 100.0)
    assert told.forecast.issued == datetime(2026, 7, 15, 3, 35, tzinfo=UTC)
    assert (told.forecast.provider, told.forecast.fetched) == ("qweather", NOON)


async def test_longitude_comes_first_and_the_key_goes_in_its_header() -> None:
    async with service(daily("34")) as server:
        await asked(server)
        assert server.asked == [
            "/v7/weather/7d?location=112.94,28.23", "/v7/weather/24h?location=112.94,28.23",
        ]  # fmt: skip
        assert {each["x-qw-api-key"] for each in server.headers} == {"abc123"}


@pytest.mark.parametrize("value", ["abc\n123", "abc\x7f123", "密钥abc123"])
async def test_a_key_that_fits_into_no_header_is_told_without_the_key(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(KEY_ENV, value)
    async with service(daily("34")) as server:
        with pytest.raises(SecretMissing, match=KEY_ENV) as raised:
            await asked(server)
        assert server.asked == []
    assert "123" not in str(raised.value)


@pytest.mark.parametrize("value", ["MC4CAQAwBQYDK2VwBCIEIGFiY2RlZmdo", "geheim" * 900])
async def test_a_private_key_without_its_frame_is_taken_for_a_file_and_never_told(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(PEM_ENV, value)
    async with service(daily("34")) as server:
        with pytest.raises(SecretMissing) as raised:
            await asked(server, private_key_env=PEM_ENV, key_id="KEY", project_id="PROJECT")
    assert value[:20] not in str(raised.value)


@pytest.mark.parametrize("headers", [{"X-Key": "geheim\n1"}, {"X-Key": "密geheim"}])
async def test_what_cannot_be_asked_is_told_without_its_headers(headers: dict[str, str]) -> None:
    async with service(daily("34")) as server:
        with pytest.raises(LinkDown) as raised:
            await http_fetch(server.url, headers)
    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://[::1/", "http://houqin:geheim@127.0.0.1:9/", "http://[x]/", "http://x:port/"])
async def test_an_address_that_leads_nowhere_is_no_crash_and_its_login_is_not_told(url: str) -> None:
    with pytest.raises(LinkDown) as raised:
        await http_fetch(url)
    assert "geheim" not in str(raised.value)


async def test_answers_come_packed() -> None:
    async with service(daily("34")) as server:
        server.packed = True
        assert (await asked(server)).forecast.daily_max_c[DAY] == 34.0


@pytest.mark.parametrize("as_file", [False, True])
async def test_a_signed_token_proves_who_asks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, as_file: bool
) -> None:
    (tmp_path / "key.pem").write_text(PEM, encoding="ascii")
    monkeypatch.setenv(PEM_ENV, str(tmp_path / "key.pem") if as_file else PEM)
    async with service(daily("34")) as server:
        await asked(server, private_key_env=PEM_ENV, key_id="KEY", project_id="PROJECT")
        bearer = server.headers[0]["authorization"]
    assert bearer == f"Bearer {token(SEED, 'KEY', 'PROJECT', NOON)}"


def unpacked(part: str) -> Any:
    return orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def test_a_token_names_key_and_project_and_lives_a_quarter_of_an_hour() -> None:
    head, claims, signature = token(SEED, "KEY", "PROJECT", NOON).split(".")
    assert unpacked(head) == {"alg": "EdDSA", "kid": "KEY"}
    issued = int(NOON.timestamp()) - 30
    assert unpacked(claims) == {"sub": "PROJECT", "iat": issued, "exp": issued + 900}
    expected = base64.urlsafe_b64encode(sign(SEED, f"{head}.{claims}".encode())).rstrip(b"=").decode()
    assert signature == expected


@pytest.mark.parametrize("value", ["", "   "])
async def test_a_key_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(KEY_ENV, value)
    async with service(daily("34")) as server:
        with pytest.raises(SecretMissing, match=KEY_ENV):
            await asked(server)
        assert server.asked == []


@pytest.mark.parametrize(("code", "words"), [
    ("204", "no data"), ("400", "request"), ("401", "key"), ("402", "quota"), ("403", "may not"), ("404", "place"),
    ("429", "too many"), ("500", "fault"), ("999", "unknown"),
])  # fmt: skip
async def test_a_code_inside_the_body_is_a_failure_with_its_meaning(code: str, words: str) -> None:
    async with service({"code": code}) as server:
        with pytest.raises(BadAnswer, match=f"{code}.*{words}"):
            await asked(server)


@pytest.mark.parametrize("status", [401, 403, 429, 500])
async def test_a_refusal_by_status_is_a_failure(status: int) -> None:
    async with service({"error": {"status": status, "title": "Unauthorized"}}) as server:
        server.status = status
        with pytest.raises(BadAnswer, match=str(status)):
            await asked(server)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"<html>", "not JSON"),
        (b"[]", "not a JSON object"),
        ({"code": "200", "updateTime": "2026-07-15T11:35+08:00"}, "no daily maximum"),
        (daily("34", updateTime=None), "updateTime"),
        (daily("34", updateTime="2026-07-15T03:35"), "not in the site's zone"),
        (daily("34", updateTime="2026-07-15T03:35+00:00"), "not in the site's zone"),
        (daily("34", updateTime="2026-07-15T14:35+08:00"), "but it is only"),
        (daily("34", daily={}), "not a list"),
        (daily("34", daily=[{"fxDate": "15.7.", "tempMax": "34"}]), "expected a date"),
        (daily("34", daily=[{"fxDate": "2026-07-15", "tempMax": "34"}] * 2), "twice"),
        (daily("warm"), "expected a number"),
        (daily("85"), "expected -60..60"),
        (daily("nan"), "expected a number"),
    ],
)
async def test_what_nobody_should_act_on_is_refused(said: object, words: str) -> None:
    async with service(said) as server:
        with pytest.raises(BadAnswer, match=words):
            await asked(server)


@pytest.mark.parametrize("said", [{"code": "402"}, b"busy"])
async def test_without_its_hours_a_forecast_still_has_its_days(said: object) -> None:
    async with service(daily("34"), said) as server:
        told = await asked(server)
    assert (told.forecast.daily_max_c[DAY], told.forecast.hours) == (34.0, ())


async def test_a_huge_answer_is_not_taken_in_however_small_it_came() -> None:
    async with service(b" " * (MAX_DOCUMENT_BYTES + 1)) as server:
        server.packed = True
        with pytest.raises(BadAnswer, match="larger than"):
            await asked(server)


async def test_nobody_there_is_a_line_that_is_down() -> None:
    entry = ForecastEntry(provider="qweather", url=f"http://127.0.0.1:{free_port()}", api_key_env=KEY_ENV)
    with pytest.raises(LinkDown):
        await QWeather(entry, PLACE, SHANGHAI, http_fetch).told(NOON)


async def test_a_server_that_stays_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.weather.fetch.TIMEOUT_S", 0.05)
    async with service(daily("34")) as server:
        server.silent = True
        with pytest.raises(NoAnswer):
            await asked(server)


async def test_words_for_the_sky_have_codes_of_the_rules() -> None:
    assert all(0 <= code <= 99 for code in WMO_CODES.values())
    rain = {word for word, code in WMO_CODES.items() if 51 <= code <= 99}
    assert rain == {word for word in WMO_CODES if "雨" in word or "雪" in word}
    assert set(CLOUD_PERCENT) <= set(WMO_CODES)
    assert WMO_CODES.get("未知") is None
