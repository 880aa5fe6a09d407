"""Several providers: in their order, with what fails, jumps or disagrees told; and a folder that is watched."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from facility.bus import AlarmChanged, ForecastReceived
from facility.errors import NoAnswer
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from gateway.weather.service import WeatherService
from tests.gateway.weather.forecast_server import document
from tests.gateway.weather.test_forecast_file import TABLE, lay
from tests.gateway.weather.test_service import Bench
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

DAY = date(2026, 7, 15)
NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
KEY_ENV = "HOUQIN_TEST_FORECAST_KEY"
METEO = {"provider": "open_meteo", "url": "http://meteo"}
SECOND = {"provider": "open_meteo", "url": "http://second"}
QWEATHER = {"provider": "qweather", "url": "http://qw", "api_key_env": KEY_ENV}


def site_of(*providers: Mapping[str, Any], **weather: Any) -> Site:
    data = small_site_data()
    data["weather"] |= {"forecast": list(providers), **weather}
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


BELOW = {"temperature_2m_max": [20], "temperature_2m_min": [21]}


class Sky:
    """What each host says: a document, or silence. `asked` counts the questions."""

    def __init__(self, **said: object) -> None:
        self.said = said
        self.asked: list[str] = []

    async def fetch(self, url: str, headers: Mapping[str, str]) -> bytes:
        host = url.split("/")[2]
        assert ("X-QW-Api-Key" in headers) is (host == "qw")
        self.asked.append(host)
        found = self.said.get(host)
        if found is None:
            raise NoAnswer(f"{host} is silent")
        return found if isinstance(found, bytes) else orjson.dumps(found)


def meteo(max_c: float | None, **changes: Any) -> dict[str, Any]:
    said = document(DAY, [max_c], **changes)
    said["hourly"]["temperature_2m"] = [None] * 24
    return said


def qweather(max_c: str) -> dict[str, Any]:
    rows = [{"fxDate": "2026-07-15", "tempMax": max_c, "tempMin": "-20"}]
    return {"code": "200", "updateTime": "2026-07-15T11:35+08:00", "daily": rows, "hourly": []}


def about_providers(bench: Bench) -> list[AlarmChanged]:
    return [alarm for alarm in bench.alarms if alarm.key != "forecast_missing"]


def alarms(bench: Bench) -> list[tuple[str, bool]]:
    return [(alarm.key, alarm.active) for alarm in about_providers(bench)]


def used(bench: Bench) -> list[tuple[str, float]]:
    return [(forecast.provider, forecast.daily_max_c[DAY]) for forecast in bench.forecasts]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_ENV, "abc")


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (meteo(34.0), ("open_meteo", 34.0)),
        (meteo(0.0), ("open_meteo", 0.0)),
        (None, ("qweather", 33.0)),
        (meteo(None), ("qweather", 33.0)),
        (meteo(34.0, utc_offset_seconds=0), ("qweather", 33.0)),
        (meteo(34.0, daily={"time": ["2026-07-15"], **BELOW}), ("qweather", 33.0)),
        (meteo(34.0, daily={"time": ["2026-07-16"], "temperature_2m_max": [34]}), ("qweather", 33.0)),
        (meteo(34.0, issued="2026-07-14T23:59:00+08:00"), ("qweather", 33.0)),
        (meteo(34.0, issued="2026-07-15T00:00:00+08:00"), ("open_meteo", 34.0)),
    ],
)  # fmt: skip
async def test_the_first_of_use_counts(first: object, expected: tuple[str, float]) -> None:
    bench = Bench(site_of(METEO, QWEATHER), Sky(meteo=first, qw=qweather("33")).fetch)
    await bench.service.fetch_once()
    assert used(bench) == [expected]


async def test_an_old_issue_is_kept_for_want_of_a_newer_one() -> None:
    bench = Bench(site_of(METEO, QWEATHER), Sky(meteo=meteo(34.0, issued="2026-07-14T20:00:00+08:00")).fetch)
    await bench.service.fetch_once()
    assert used(bench) == [("open_meteo", 34.0)]


async def test_a_provider_that_fails_for_an_hour_is_alarmed_until_it_answers() -> None:
    sky = Sky(qw=qweather("33"))
    bench = Bench(site_of(METEO, QWEATHER), sky.fetch)
    for minutes, expected in ((0, []), (59, []), (60, [("forecast_provider:open_meteo", True)])):
        bench.clock.advance((NOON + timedelta(minutes=minutes) - bench.clock.now()).total_seconds())
        await bench.service.fetch_once()
        assert alarms(bench) == expected, minutes
    assert "open_meteo" in about_providers(bench)[0].text.zh
    assert "silent" in about_providers(bench)[0].text.en
    sky.said["meteo"] = meteo(34.0)
    await bench.service.fetch_once()
    assert alarms(bench)[-1] == ("forecast_provider:open_meteo", False)


HOSTILE = "<b>gone</b>\r\n2026-07-15 INFO all is well\x1b[2J" + "!" * 4_000_000


async def test_a_servers_own_words_end_no_line_and_fill_no_record(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(site_of(METEO), Sky(meteo={"error": True, "reason": HOSTILE}).fetch)
    await bench.service.fetch_once()
    bench.clock.advance(3600)
    await bench.service.fetch_once()
    said = [about_providers(bench)[0].text.zh, about_providers(bench)[0].text.en, *caplog.messages]
    assert len(said) >= 3
    assert all(line.isprintable() and len(line) < 700 for line in said)


async def test_a_login_in_an_address_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    sky = Sky(**{"houqin:geheim@meteo": b"no document"})
    bench = Bench(site_of(METEO | {"url": "http://houqin:geheim@meteo"}), sky.fetch)
    await bench.service.fetch_once()
    assert "http://meteo/v1/forecast" in caplog.text
    assert "geheim" not in caplog.text


async def test_a_file_name_that_is_no_text_is_told_all_the_same(tmp_path: Path) -> None:
    lay(tmp_path, "today.csv", TABLE)
    bad = tmp_path / os.fsdecode("预报\n.csv".encode("gb18030"))
    bad.write_text("nonsense")
    os.utime(bad, (0, 0))
    bench = Bench(site_of(METEO, {"provider": "file", "folder": str(tmp_path)}), Sky().fetch)
    await bench.service.fetch_once()
    assert used(bench) == [("file", 34.5)]
    (alarm,) = about_providers(bench)
    assert f"{alarm.key}{alarm.text.zh}".isprintable()
    assert orjson.dumps(alarm.text.zh)


async def test_two_of_one_kind_have_alarms_of_their_own() -> None:
    bench = Bench(site_of(METEO, SECOND), Sky().fetch)
    await bench.service.fetch_once()
    bench.clock.advance(3600)
    await bench.service.fetch_once()
    assert alarms(bench) == [("forecast_provider:open_meteo", True), ("forecast_provider:open_meteo-2", True)]


async def test_a_key_that_is_not_set_fails_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_ENV)
    sky = Sky(qw=qweather("33"), meteo=meteo(34.0))
    bench = Bench(site_of(QWEATHER, METEO), sky.fetch)
    await bench.service.fetch_once()
    assert (used(bench), sky.asked) == ([("open_meteo", 34.0)], ["meteo"])


async def test_a_jump_falls_over_and_is_believed_when_confirmed() -> None:
    sky = Sky(meteo=meteo(24.0), qw=qweather("25"))
    bench = Bench(site_of(METEO, QWEATHER), sky.fetch)
    await bench.service.fetch_once()
    sky.said["meteo"] = meteo(36.0)
    bench.clock.advance(3600)
    await bench.service.fetch_once()
    assert used(bench)[-1] == ("qweather", 25.0)
    assert alarms(bench) == [("forecast_implausible:open_meteo", True)]
    bench.clock.advance(3600)
    await bench.service.fetch_once()
    assert used(bench)[-1] == ("open_meteo", 36.0)
    assert alarms(bench)[-1] == ("forecast_implausible:open_meteo", False)


async def test_the_one_to_compare_with_is_asked_and_told_of_but_not_used() -> None:
    sky = Sky(meteo=meteo(34.0), qw=qweather("28"))
    bench = Bench(site_of(METEO, QWEATHER | {"compare": True}), sky.fetch)
    await bench.service.fetch_once()
    assert (used(bench), alarms(bench)) == ([("open_meteo", 34.0)], [("forecast_disagree:qweather", True)])
    assert "34" in about_providers(bench)[0].text.zh
    assert "28" in about_providers(bench)[0].text.zh
    sky.said["qw"] = qweather("29")
    await bench.service.fetch_once()
    assert alarms(bench)[-1] == ("forecast_disagree:qweather", False)


async def test_who_need_not_be_asked_is_not() -> None:
    sky = Sky(meteo=meteo(34.0), qw=qweather("20"))
    bench = Bench(site_of(METEO, QWEATHER), sky.fetch)
    await bench.service.fetch_once()
    assert (sky.asked, alarms(bench)) == (["meteo"], [])


async def test_a_file_stands_in_and_is_told_once(tmp_path: Path) -> None:
    lay(tmp_path, "today.csv", TABLE)
    bad = lay(tmp_path, "bad.csv", "nonsense")
    bench = Bench(site_of(METEO, {"provider": "file", "folder": str(tmp_path)}), Sky().fetch)
    await bench.service.fetch_once()
    await bench.service.fetch_once()
    assert used(bench) == [("file", 34.5)]
    assert alarms(bench) == [("forecast_file:bad.csv", True)]
    assert "bad.csv" in about_providers(bench)[0].text.zh
    bad.unlink()
    await bench.service.fetch_once()
    assert alarms(bench)[-1] == ("forecast_file:bad.csv", False)


async def test_a_folder_is_watched(tmp_path: Path) -> None:
    site = site_of({"provider": "file", "folder": str(tmp_path)})
    bench = Bench(site)
    bench.service.close()
    bench.service = WeatherService(site, bench.bus, bench.clock, Sky().fetch, look_s=0.01)
    with contextlib.closing(bench.bus.subscribe(ForecastReceived, capacity=10)) as arriving:
        async with bench.running():
            lay(tmp_path, "today.csv", TABLE)
            forecast = await anext(aiter(arriving))
    assert (forecast.provider, forecast.daily_max_c[DAY]) == ("file", 34.5)
