"""Keeps the building's forecast: fetches it when asked, in the site's order of trust, and says when there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from facility.bus import AlarmChanged, Bus, ForecastReceived, ForecastWanted
from facility.bus.messages import AlarmLevel
from facility.clock import Clock, stretched_s
from facility.errors import HouqinError, NoAnswer, Where
from facility.model import Site
from facility.text import Text
from gateway.weather.failing import FailingProviders
from gateway.weather.fetch import Fetch
from gateway.weather.forecast_file import ForecastFolder
from gateway.weather.plausible import OLDEST_ISSUE, Steadiness, check_told, disagreement_k
from gateway.weather.provider import Provider, Told
from gateway.weather.providers import Listed, listed_providers

ALARM_KEY: Final = "forecast_missing"
MISSING_AFTER: Final = timedelta(hours=12)
FRESH_FOR_S: Final = 3600.0
FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 1800.0
WALL_TIMEOUT_S: Final = 30.0
LOOK_S: Final = 30.0


class WeatherService:
    """Fetches forecasts and publishes them.

    Entries made by hand come from elsewhere; they count as a forecast that arrived.

    Args:
        site: names the providers, the place and the local time.
        bus: forecasts and the alarm go out there, wishes for one come in.
        clock: stamps forecasts and ages them.
        fetch: fetches a document.
        timeout_s: wall seconds after which a provider is given up.
        look_s: wall seconds between two looks into a folder of forecasts.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        fetch: Fetch,
        *,
        timeout_s: float = WALL_TIMEOUT_S,
        look_s: float = LOOK_S,
    ) -> None:
        self._timeout_s = timeout_s
        self._look_s = look_s
        self._bus = bus
        self._clock = clock
        self._zone = site.zone
        weather = site.file.weather
        self._providers = listed_providers(site, fetch)
        self._folders = [each.provider for each in self._providers if isinstance(each.provider, ForecastFolder)]
        self._steadiness = Steadiness(weather.forecast_jump_k)
        self._disagreement_k = weather.forecast_disagreement_k
        self._newest = clock.now()
        self._ever_arrived = False
        self._alarmed: bool | None = None
        self._told_last: ForecastReceived | None = None
        self._failing = FailingProviders(bus, clock, site.zone)
        self._leave = bus.listen(ForecastReceived, self._arrived)

    async def run(self) -> None:
        """Fetches once at the start, then whenever one is wanted or a file is laid down; after a failure again with
        growing pauses for as long as the newest is older than an hour. Runs until cancelled.
        """
        wanted = asyncio.Event()
        leave = self._bus.listen(ForecastWanted, lambda _: wanted.set())
        watching = asyncio.create_task(self._watch_folders(wanted), name="forecast folders")
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
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    def close(self) -> None:
        """Stops listening to the bus."""
        self._leave()

    async def _watch_folders(self, wanted: asyncio.Event) -> None:
        """Wants a forecast whenever something in a folder changed."""
        known = [await folder.stamps() for folder in self._folders]
        while self._folders:
            await asyncio.sleep(self._look_s)
            found = [await folder.stamps() for folder in self._folders]
            if found != known:
                known = found
                wanted.set()

    async def fetch_once(self) -> ForecastReceived | None:
        """Asks the providers in the site's order until one gives a forecast of use; publishes it. None when none did.

        An issue too old to permit anything is kept for want of a newer one; then those marked for comparison are asked.
        """
        used: tuple[Listed, ForecastReceived] | None = None
        asked: set[str] = set()
        old: list[tuple[Listed, ForecastReceived]] = []
        for each in self._providers:
            asked.add(each.key)
            forecast = await self._from(each)
            if forecast is None:
                continue
            if self._clock.now() - forecast.issued <= OLDEST_ISSUE:
                used = (each, forecast)
                break
            old.append((each, forecast))
        if used is None and old:
            used = max(old, key=lambda found: found[1].issued)
        if used is not None and used[1] is not self._told_last:
            self._told_last = used[1]
            self._bus.publish(used[1])
        self._review()
        for folder in self._folders:
            self._failing.bad_files(folder.bad)
        if used is not None:
            await self._compare(*used, asked)
        return None if used is None else used[1]

    async def _compare(self, used: Listed, forecast: ForecastReceived, asked: set[str]) -> None:
        """Asks those who are only to be compared, and says where they are far from the one that is used."""
        today = self._clock.now().astimezone(self._zone).date()
        for each in self._providers:
            if not each.compare or each.key in asked:
                continue
            other = await self._from(each)
            apart_k = None if other is None else disagreement_k(forecast, other, today)
            if apart_k is None:
                continue
            assert other is not None
            values = (forecast.daily_max_c[today], other.daily_max_c[today])
            self._failing.differed(used.key, each.key, values if apart_k > self._disagreement_k else None)

    async def _from(self, each: Listed) -> ForecastReceived | None:
        """A provider's forecast, if it can be had and believed."""
        provider, now = each.provider, self._clock.now()
        try:
            told = await self._told(provider, now)
            check_told(told, self._zone, now)
        except HouqinError as error:
            self._failing.failed(each.key, provider, error)
            return None
        self._failing.answered(each.key, provider)
        jump = self._steadiness.jump(each.key, told.forecast)
        self._failing.jumped(each.key, provider, jump)
        return told.forecast if jump is None else None

    async def _told(self, provider: Provider, now: datetime) -> Told:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await provider.told(now)
        except TimeoutError as error:
            raise NoAnswer(f"no answer within {self._timeout_s:g} s", where=Where(address=provider.address)) from error

    def _arrived(self, forecast: ForecastReceived) -> None:
        self._newest = max(self._newest, forecast.fetched)
        self._ever_arrived = True
        self._review()

    def _review(self) -> None:
        """Raises or clears the alarm. A site that enters all forecasts by hand is not told that none was fetched."""
        missing = self._clock.now() - self._newest >= MISSING_AFTER
        if not self._providers or missing == self._alarmed or not (missing or self._ever_arrived):
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
        if not succeeded and self._providers:
            stale_from = self._newest + timedelta(seconds=stretched_s(FRESH_FOR_S, self._clock.pace))
            if not self._ever_arrived:
                stale_from = now
            due.append(max(stale_from, now + timedelta(seconds=stretched_s(pause_s, self._clock.pace))))
        return due

    async def _wait_for(self, wanted: asyncio.Event, due: Sequence[datetime]) -> None:
        """Returns when a forecast is wanted or due; looks after the alarm meanwhile."""
        if not self._providers or not due:
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
