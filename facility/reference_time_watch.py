"""Holds the site's clock against a time server of the office's network, and says when it is off."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from facility.bus.messages import AlarmChanged, AlarmLevel
from facility.bus.protocol import Bus
from facility.clock import Clock
from facility.errors import TryAgain
from facility.model.clock_entries import ClockEntry
from facility.reference_time import Compared, compared
from facility.text import Text

OFF_KEY: Final = "clock_off"
SILENT_KEY: Final = "clock_reference"

_log = logging.getLogger(__name__)


class ReferenceWatch:
    """Asks the time server of the site file now and then. It never sets a clock.

    A clock that does not run at life's pace (demonstration, replay) is not compared.

    Args:
        entry: whom to ask, how often, and what is too much.
        bus: where alarms go.
        clock: the clock that everything is dated by.
        steady_s: wall seconds that only go on.

    Attributes:
        last: the last comparison that worked, None before.
    """

    def __init__(
        self, entry: ClockEntry, bus: Bus, clock: Clock, *, steady_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._entry = entry
        self._bus = bus
        self._clock = clock
        self._steady_s = steady_s
        self._heard_s = steady_s()
        self._failed = False
        self._said: dict[str, Text] = {}
        self.last: Compared | None = None

    def follow(self, entry: ClockEntry) -> None:
        """Asks as another site file wants it, from the next time on; what was said of another server is over."""
        if entry.server != self._entry.server:
            self._heard_s, self.last = self._steady_s(), None
            self._say(OFF_KEY, None, AlarmLevel.SERIOUS)
            self._say(SILENT_KEY, None, AlarmLevel.WARNING)
        self._said.clear()  # whoever listens may be new: the next look says again what stands
        self._entry = entry

    async def run(self) -> None:
        """Asks for ever, where there is somebody to ask."""
        while True:
            if self._clock.pace == 1.0:
                await self.look()
            await asyncio.sleep(self._entry.every_s)

    async def look(self) -> None:
        """Asks once, and says what is new."""
        server = self._entry.server
        if server is None:
            return
        try:
            found = await compared(server, self._entry.port, self._clock.now)
        except TryAgain as error:
            self._note_failure(error)
            self._judge_silence(server)
            return
        if self._failed:
            _log.info("the time server %s tells the time again", server)
        self.last, self._failed, self._heard_s = found, False, self._steady_s()
        self._say(SILENT_KEY, None, AlarmLevel.WARNING)
        is_off = found.surely_off_s() > self._entry.limit_s
        self._say(OFF_KEY, _off(found, server) if is_off else None, AlarmLevel.SERIOUS)

    def _note_failure(self, error: TryAgain) -> None:
        if not self._failed:
            _log.warning("%s", error)
        self._failed = True

    def _judge_silence(self, server: str) -> None:
        silent_s = self._steady_s() - self._heard_s
        if silent_s >= self._entry.silent_s:
            self._say(SILENT_KEY, _silent(server, silent_s), AlarmLevel.WARNING)

    def _say(self, key: str, text: Text | None, level: AlarmLevel) -> None:
        """Says that a condition stands (`text`) or is over (None), where that is new."""
        before = self._said.get(key)
        if text == before:
            return
        if text is None:
            del self._said[key]
        else:
            self._said[key] = text
        said = text or before
        if said is not None:
            self._bus.publish(
                AlarmChanged(key=key, active=text is not None, level=level, at=self._clock.now(), text=said)
            )


def _off(found: Compared, server: str) -> Text:
    if found.offset_s > 0:
        seconds, zh, en = found.offset_s, "慢", "slow"
    else:
        seconds, zh, en = -found.offset_s, "快", "fast"
    return Text(
        f"本机时钟比时间服务器 {server} {zh} {seconds:.1f} 秒",
        f"the machine's clock is {seconds:.1f} s {en} against the time server {server}",
    )


def _silent(server: str, seconds: float) -> Text:
    hours = int(seconds // 3600)
    long_zh, long_en = (f"{hours} 小时", f"{hours} h") if hours else (f"{seconds:.0f} 秒", f"{seconds:.0f} s")
    return Text(
        f"时间服务器 {server} 已有 {long_zh}没有可用应答，时钟无法核对",
        f"the time server {server} has given no usable answer for {long_en}: the clock cannot be checked",
    )
