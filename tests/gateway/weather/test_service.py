"""The forecast as the building gets it: over HTTP, in order of trust, and an alarm when it stays away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from facility.bus import AlarmChanged, ForecastReceived, ForecastWanted
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.errors import BadAnswer, LinkDown, NoAnswer
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from gateway.weather.fetch import MAX_DOCUMENT_BYTES, Fetch, http_fetch
from gateway.weather.service import WeatherService
from tests.gateway.weather.forecast_server import ForecastServer, document
from tests.servers import free_port
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

DAY = date(2026, 7, 15)
NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


def site_with(*urls: str | None) -> Site:
    """The small site with these Open-Meteo services, manual entry last."""
    data = small_site_data()
    providers: list[dict[str, Any]] = [{"provider": "open_meteo", "url": url} for url in urls]
    data["weather"]["forecast"] = [*providers, {"provider": "manual"}]
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


class Bench:
    """A weather service and all it published; `attempts` counts what it fetched."""

    def __init__(self, site: Site, fetch: Fetch = http_fetch) -> None:
        self.clock = ManualClock(NOON)
        self.bus = InProcessBus()
        self.forecasts: list[ForecastReceived] = []
        self.alarms: list[AlarmChanged] = []
        self.attempts = 0
        self.fetch = fetch
        self.bus.listen(ForecastReceived, self.forecasts.append)
        self.bus.listen(AlarmChanged, self.alarms.append)
        self.service = WeatherService(site, self.bus, self.clock, self._counted)

    async def _counted(self, url: str, headers: Mapping[str, str]) -> bytes:
        self.attempts += 1
        return await self.fetch(url, headers)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The service at work."""
        task = asyncio.create_task(self.service.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def settle(self) -> None:
        """Lets everything that is due happen."""
        for _ in range(20):
            await asyncio.sleep(0)


def saying(maximum: float) -> Fetch:
    async def fetch(url: str, headers: Mapping[str, str]) -> bytes:
        return orjson.dumps(document(DAY, [maximum] * 3))

    return fetch


async def failing(url: str, headers: Mapping[str, str]) -> bytes:
    raise NoAnswer("silence")


async def test_a_forecast_comes_over_http() -> None:
    async with ForecastServer().listening() as server:
        server.say(document(DAY, [31.5, None, 29.9]))
        bench = Bench(site_with(server.url))
        assert await bench.service.fetch_once() == bench.forecasts[0]
        assert bench.forecasts[0].provider == "open_meteo"
        assert dict(bench.forecasts[0].daily_max_c) == {DAY: 31.5, date(2026, 7, 17): 29.9}
        assert server.asked[0].startswith("/v1/forecast?latitude=28.23&longitude=112.94&")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, b"internal error", BadAnswer),
        (302, b"", BadAnswer),
        (429, b'{"error": true}', BadAnswer),
        (200, b"x" * (MAX_DOCUMENT_BYTES + 1), BadAnswer),
    ],
)
async def test_what_is_not_a_document_is_an_error_that_names_the_server(
    status: int, body: bytes, error: type[Exception]
) -> None:
    async with ForecastServer().listening() as server:
        server.say(body, status)
        with pytest.raises(error, match=r"127\.0\.0\.1"):
            await http_fetch(server.url)


async def test_nobody_there_is_a_line_that_is_down() -> None:
    with pytest.raises(LinkDown, match="cannot be fetched"):
        await http_fetch(f"http://127.0.0.1:{free_port()}/")


@pytest.mark.parametrize(
    ("status", "body"), [(500, b"busy"), (200, b"garbage"), (200, b"{}"), (200, b'{"error": true, "reason": "x"}')]
)
async def test_the_next_provider_is_asked_when_the_first_gives_nothing_of_use(status: int, body: bytes) -> None:
    async with ForecastServer().listening() as first, ForecastServer().listening() as second:
        first.say(body, status)
        second.say(document(DAY, [30.0]))
        bench = Bench(site_with(first.url, second.url))
        await bench.service.fetch_once()
        assert (len(first.asked), len(second.asked)) == (1, 1)
        assert [dict(forecast.daily_max_c) for forecast in bench.forecasts] == [{DAY: 30.0}]
        first.say(document(DAY, [33.0]))
        await bench.service.fetch_once()
        assert (len(first.asked), len(second.asked)) == (2, 1)
        assert dict(bench.forecasts[-1].daily_max_c) == {DAY: 33.0}


async def test_nothing_is_published_when_no_provider_has_a_forecast() -> None:
    bench = Bench(site_with("http://127.0.0.1:1"), failing)
    assert await bench.service.fetch_once() is None
    assert bench.forecasts == []


async def test_without_an_address_the_public_service_is_asked() -> None:
    asked: list[str] = []

    async def fetch(url: str, headers: Mapping[str, str]) -> bytes:
        asked.append(url)
        return orjson.dumps(document(DAY, [31.5]))

    await Bench(site_with(None), fetch).service.fetch_once()
    assert asked[0].startswith("https://api.open-meteo.com/v1/forecast?")


async def test_a_forecast_is_fetched_at_the_start_and_when_wanted_and_not_otherwise() -> None:
    bench = Bench(site_with("http://127.0.0.1:1"), saying(31.0))
    async with bench.running():
        await bench.settle()
        assert bench.attempts == 1
        bench.clock.advance(3 * 3600)
        await bench.settle()
        assert bench.attempts == 1
        bench.bus.publish(ForecastWanted())
        await bench.settle()
        assert bench.attempts == 2
        assert [forecast.fetched for forecast in bench.forecasts] == [NOON, NOON + timedelta(hours=3)]


async def test_a_failed_first_fetch_is_tried_again_with_growing_pauses() -> None:
    bench = Bench(site_with("http://127.0.0.1:1"), failing)
    async with bench.running():
        tried_at: list[int] = []
        for minute in range(120):
            await bench.settle()
            if bench.attempts > len(tried_at):
                tried_at.append(minute)
            bench.clock.advance(60)
        assert tried_at == [0, 1, 3, 7, 15, 31, 61, 91]
        bench.fetch = saying(31.0)
        bench.clock.advance(1800)
        await bench.settle()
        assert len(bench.forecasts) == 1


async def test_a_failure_while_the_newest_is_younger_than_an_hour_waits_until_it_is_not() -> None:
    bench = Bench(site_with("http://127.0.0.1:1"), saying(31.0))
    async with bench.running():
        await bench.settle()
        bench.fetch = failing
        bench.clock.advance(600)
        bench.bus.publish(ForecastWanted())
        await bench.settle()
        assert bench.attempts == 2
        bench.clock.advance(2900)
        await bench.settle()
        assert bench.attempts == 2
        bench.clock.advance(100)
        await bench.settle()
        assert bench.attempts == 3


def states(alarms: list[AlarmChanged]) -> list[tuple[str, bool]]:
    return [(alarm.key, alarm.active) for alarm in alarms if alarm.key == "forecast_missing"]


async def test_twelve_hours_without_a_forecast_raise_an_alarm_and_the_next_one_ends_it() -> None:
    bench = Bench(site_with("http://127.0.0.1:1"), failing)
    async with bench.running():
        await bench.settle()
        bench.clock.advance(12 * 3600 - 1)
        await bench.settle()
        assert states(bench.alarms) == []
        bench.clock.advance(1800)
        await bench.settle()
        assert states(bench.alarms) == [("forecast_missing", True)]
        missing = next(alarm for alarm in bench.alarms if alarm.key == "forecast_missing")
        assert missing.text.zh
        assert "12 h" in missing.text.en
        bench.fetch = saying(31.0)
        bench.bus.publish(ForecastWanted())
        await bench.settle()
        assert states(bench.alarms) == [("forecast_missing", True), ("forecast_missing", False)]


async def test_the_alarm_also_comes_when_nobody_asked_for_a_forecast_in_twelve_hours() -> None:
    bench = Bench(site_with("http://127.0.0.1:1"), saying(31.0))
    async with bench.running():
        await bench.settle()
        bench.fetch = failing
        bench.clock.advance(12 * 3600)
        await bench.settle()
        assert states(bench.alarms)[-1] == ("forecast_missing", True)


@pytest.mark.parametrize("hours", [0.0, 11.9])
async def test_a_forecast_entered_by_hand_counts_as_one_that_arrived(hours: float) -> None:
    bench = Bench(site_with("http://127.0.0.1:1"), failing)
    bench.clock.advance(13 * 3600)
    await bench.service.fetch_once()
    assert states(bench.alarms) == [("forecast_missing", True)]
    now = bench.clock.now()
    by_hand = ForecastReceived(
        provider="manual", issued=now, fetched=now, daily_max_c={DAY: 33.0}, entered_by="行政科", valid_until=now
    )
    bench.bus.publish(by_hand)
    bench.clock.advance(hours * 3600)
    await bench.service.fetch_once()
    assert states(bench.alarms)[1:] == [("forecast_missing", False)]


async def test_a_site_that_enters_forecasts_by_hand_fetches_nothing_and_is_not_alarmed() -> None:
    bench = Bench(site_with(), failing)
    async with bench.running():
        bench.bus.publish(ForecastWanted())
        bench.clock.advance(48 * 3600)
        await bench.settle()
    assert (bench.attempts, bench.alarms) == (0, [])


async def test_a_service_that_never_answers_does_not_hold_the_building_up() -> None:
    async def silent(url: str, headers: Mapping[str, str]) -> bytes:
        await asyncio.Event().wait()
        return b""

    site = site_with("http://127.0.0.1:1")
    service = WeatherService(site, InProcessBus(), ManualClock(NOON), silent, timeout_s=0.01)
    assert await service.fetch_once() is None
