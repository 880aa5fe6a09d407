"""Which forecast providers fail, as alarms: since when, and with what words."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta, tzinfo
from typing import Final

from facility.bus import AlarmChanged, Bus
from facility.bus.messages import AlarmLevel
from facility.clock import Clock
from facility.errors import HouqinError
from facility.text import Text
from gateway.weather.fetch import without_login
from gateway.weather.plausible import Jump
from gateway.weather.provider import Provider

log = logging.getLogger(__name__)

FAILS_AFTER: Final = timedelta(hours=1)
"""One missed answer is nobody's business; a provider that fails for so long is told."""

MOST_SAID: Final = 300
"""So many characters of what went wrong are told: some of them are a server's own words, or a file's."""

_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(said: str) -> str:
    """`said` on one line, without control characters and bytes that are no text, no longer than `MOST_SAID`."""
    line = _BREAKS.sub(" ", said[: MOST_SAID + 1]).strip().encode(errors="replace").decode()
    return line if len(line) <= MOST_SAID else f"{line[:MOST_SAID]}…"


class FailingProviders:
    """Keeps account of providers that fail, and publishes what somebody should know.

    Args:
        bus: where alarms go.
        clock: dates them.
        zone: the local time that people read.
    """

    def __init__(self, bus: Bus, clock: Clock, zone: tzinfo) -> None:
        self._bus = bus
        self._clock = clock
        self._zone = zone
        self._since: dict[str, datetime] = {}
        self._standing: dict[str, Text] = {}

    def failed(self, key: str, provider: Provider, error: HouqinError) -> None:
        """A provider gave nothing of use."""
        now = self._clock.now()
        level = logging.DEBUG if key in self._since else logging.WARNING
        said = one_line(error.message)
        log.log(level, "forecast of %s: %s", without_login(provider.address), said)
        since = self._since.setdefault(key, now)
        if now - since >= FAILS_AFTER:
            local = f"{since.astimezone(self._zone):%m-%d %H:%M}"
            text = Text(
                f"天气预报来源 {provider.name} 自 {local} 起不可用：{said}",
                f"forecast provider {provider.name} has been failing since {local}: {said}",
            )
            self._state(f"forecast_provider:{key}", text)

    def answered(self, key: str, provider: Provider) -> None:
        """A provider gave a forecast."""
        if self._since.pop(key, None) is not None:
            log.info("forecast of %s: available again", without_login(provider.address))
        self._end(f"forecast_provider:{key}")

    def jumped(self, key: str, provider: Provider, jump: Jump | None) -> None:
        """A forecast waits for its confirmation, or (None) none does any more."""
        name = f"forecast_implausible:{key}"
        if jump is None:
            self._end(name)
            return
        text = Text(
            f"{provider.name} 预报的 {jump.day} 最高气温由 {jump.before_c:g} ℃ 突变为 {jump.now_c:g} ℃，"
            "待下次发布确认后采用",
            f"{provider.name} changed the maximum of {jump.day} from {jump.before_c:g} to {jump.now_c:g} °C at once: "
            "not used before another issue confirms it",
        )
        self._state(name, text)

    def differed(self, one: str, other: str, day_c: tuple[float, float] | None) -> None:
        """Two providers disagree about today's maximum, or (None) do not any more."""
        name = f"forecast_disagree:{other}"
        if day_c is None:
            self._end(name)
            return
        text = Text(
            f"今天的最高气温 {one} 预报 {day_c[0]:g} ℃、{other} 预报 {day_c[1]:g} ℃，相差过大；采用 {one}",
            f"today's maximum is {day_c[0]:g} °C by {one} and {day_c[1]:g} °C by {other}: too far apart; {one} is used",
        )
        self._state(name, text)

    def bad_files(self, bad: dict[str, str]) -> None:
        """Files of the folder that cannot be used, by name; those no longer named are settled."""
        told = {one_line(name): one_line(why) for name, why in bad.items()}
        wanted = {f"forecast_file:{name}": (name, why) for name, why in told.items()}
        for key in [key for key in self._standing if key.startswith("forecast_file:") and key not in wanted]:
            self._end(key)
        for key, (name, why) in wanted.items():
            self._state(
                key, Text(f"预报文件 {name} 不能使用：{why}", f"the forecast file {name} cannot be used: {why}")
            )

    def _state(self, key: str, text: Text) -> None:
        if key not in self._standing:
            self._standing[key] = text
            self._publish(key, text, active=True)

    def _end(self, key: str) -> None:
        text = self._standing.pop(key, None)
        if text is not None:
            self._publish(key, text, active=False)

    def _publish(self, key: str, text: Text, *, active: bool) -> None:
        self._bus.publish(
            AlarmChanged(key=key, active=active, level=AlarmLevel.WARNING, at=self._clock.now(), text=text)
        )
