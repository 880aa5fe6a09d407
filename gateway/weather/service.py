"""Keeps the building's forecast: fetches it when asked, in the site's order of trust, and says when there is none."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from facility.bus import AlarmChanged, Bus, ForecastReceived, ForecastWanted
from facility.bus.messages import AlarmLevel
from facility.clock import Clock, stretched_s
from facility.errors import HouqinError, NoAnswer, Where
from facility.model import Site
from facility.text import Text
from gateway.weather.fetch import Fetch
from gateway.weather.open_meteo import PUBLIC_SERVICE, forecast_url, parse_forecast

log = logging.getLogger(__name__)

ALARM_KEY: Final = "forecast_missing"
MISSING_AFTER: Final = timedelta(hours=12)
FRESH_FOR_S: Final = 3600.0
FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 1800.0
WALL_TIMEOUT_S: Final = 30.0


class WeatherService:
    """Fetches forecasts and publishes them.

    Entries made by hand come from elsewhere; they count as a forecast that arrived.

    Args:
        site: names the providers, the place and the local time.
        bus: forecasts and the alarm go out there, wishes for one come in.
        clock: stamps forecasts and ages them.
        fetch: fetches a document.
        timeout_s: wall seconds after which a provider is given up.
    """

    def __init__(
        self, site: Site, bus: Bus, clock: Clock, fetch: Fetch, *, timeout_s: float = WALL_TIMEOUT_S
    ) -> None:  # fmt: skip
        self._timeout_s = timeout_s
        self._bus = bus
        self._clock = clock
        self._fetch = fetch
        self._zone = site.zone
        self._addresses = [
            (entry.provider, forecast_url(entry.url or PUBLIC_SERVICE, site.file.site.location, site.zone))
            for entry in site.file.weather.forecast
            if entry.provider == "open_meteo"
        ]
        self._newest = clock.now()
        self._ever_arrived = False
        self._alarmed: bool | None = None
        self._failing: set[str] = set()
        self._leave = bus.listen(ForecastReceived, self._arrived)

    async def run(self) -> None:
        """Fetches once at the start, then whenever one is wanted; after a failure again with growing pauses for as long
        as the newest is older than an hour. Runs until cancelled.
        """
        wanted = asyncio.Event()
        leave = self._bus.listen(ForecastWanted, lambda _: wanted.set())
        pause_s = FIRST_PAUSE_S
        try:
            while True:
                wanted.clear()
                got = await self.fetch_once()
                due = self._next_due(got is not None, pause_s)
                pause_s = FIRST_PAUSE_S if got is not None else min(pause_s * 2, LONGEST_PAUSE_S)
                await self._wait_for(wanted, due)
        finally:
            leave()

    def close(self) -> None:
        """Stops listening to the bus."""
        self._leave()

    async def fetch_once(self) -> ForecastReceived | None:
        """Asks the providers in the site's order until one gives a forecast, and publishes it. None when none did."""
        forecast = None
        for provider, address in self._addresses:
            forecast = await self._from(provider, address)
            if forecast is not None:
                self._bus.publish(forecast)
                break
        self._review()
        return forecast

    async def _from(self, provider: str, address: str) -> ForecastReceived | None:
        try:
            body = await self._body(address)
            forecast = parse_forecast(body, provider=provider, zone=self._zone, fetched=self._clock.now())
        except HouqinError as error:
            level = logging.DEBUG if address in self._failing else logging.WARNING
            log.log(level, "forecast of %s: %s", address, error)
            self._failing.add(address)
            return None
        if address in self._failing:
            self._failing.discard(address)
            log.info("forecast of %s: available again", address)
        return forecast

    async def _body(self, address: str) -> bytes:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._fetch(address)
        except TimeoutError as error:
            raise NoAnswer(f"no answer within {self._timeout_s:g} s", where=Where(address=address)) from error

    def _arrived(self, forecast: ForecastReceived) -> None:
        self._newest = max(self._newest, forecast.fetched)
        self._ever_arrived = True
        self._review()

    def _review(self) -> None:
        """Raises or clears the alarm. A site that enters all forecasts by hand is not told that none was fetched."""
        missing = self._clock.now() - self._newest >= MISSING_AFTER
        if not self._addresses or missing == self._alarmed or not (missing or self._ever_arrived):
            return
        self._alarmed = missing
        text = _missing_text(self._newest.astimezone(self._zone)) if missing else _ARRIVED_TEXT
        self._bus.publish(
            AlarmChanged(
                key=ALARM_KEY, active=missing, level=AlarmLevel.SERIOUS, at=self._clock.now(), text=text
            )
        )  # fmt: skip

    def _next_due(self, succeeded: bool, pause_s: float) -> Sequence[datetime]:
        """When to look again unless asked before: for another attempt, and for the alarm."""
        now = self._clock.now()
        alarm_due = self._newest + MISSING_AFTER
        due = [alarm_due] if alarm_due > now else []
        if not succeeded and self._addresses:
            stale_from = self._newest + timedelta(seconds=stretched_s(FRESH_FOR_S, self._clock.pace))
            if not self._ever_arrived:
                stale_from = now
            due.append(max(stale_from, now + timedelta(seconds=stretched_s(pause_s, self._clock.pace))))
        return due

    async def _wait_for(self, wanted: asyncio.Event, due: Sequence[datetime]) -> None:
        """Returns when a forecast is wanted or due; looks after the alarm meanwhile."""
        if not self._addresses or not due:
            await wanted.wait()
            return
        waits = [asyncio.create_task(wanted.wait()), asyncio.create_task(self._clock.sleep_until(min(due)))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


_ARRIVED_TEXT: Final = Text("已收到天气预报", "A forecast has arrived")


def _missing_text(since: datetime) -> Text:
    hours = int(MISSING_AFTER.total_seconds() // 3600)
    return Text(
        f"自 {since:%m-%d %H:%M} 起超过 {hours} 小时未取得天气预报，不再新许可供冷供暖；可由专人录入",
        f"No forecast for more than {hours} h, since {since:%m-%d %H:%M}: cooling and heating are not newly permitted; "
        "a named person may enter one",
    )
