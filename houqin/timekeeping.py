"""Begins when the machine's clock can be believed, and anew when somebody sets it while everything runs."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from facility.bus import AlarmChanged
from facility.bus.messages import AlarmLevel
from facility.clock import EARLIEST, FOLLOWED_S, SystemClock
from facility.errors import StoreUnavailable
from facility.journal import Journal
from facility.text import Text

log = logging.getLogger("houqin")

LOOK_EVERY_S: Final = 1.0
CLOCK_JUMP: Final = "clock_jump"
"""The event that the journal keeps of a clock that was set: `from`, `to` and `jump_s`."""


async def believable_clock(stop: asyncio.Event) -> SystemClock | None:
    """The machine's clock, as soon as it shows a time that can be and stands still against itself for a second. None:
    `stop` came first.
    """
    told = False
    while not stop.is_set():
        clock = SystemClock()
        if clock.now() >= EARLIEST and not clock.jump_s:
            return clock
        if not told:
            told = True
            log.error(
                "the machine's clock shows %s and is not believed; nothing begins before it is set (NTP, date)"
                " / 本机时钟显示 %s,不可信;校时之前不启动",
                *[clock.now().isoformat(timespec="seconds")] * 2,
            )
        await _pause(stop)
    return None


async def until_jump(clock: SystemClock, stop: asyncio.Event) -> float:
    """Returns when the wall clock was set and then left alone for a second, with the seconds it was set by; 0.0 when
    `stop` came first.
    """
    before_s = 0.0
    while not stop.is_set():
        jump_s = clock.jump_s
        if jump_s and abs(jump_s - before_s) < FOLLOWED_S:
            return jump_s
        before_s = jump_s
        await _pause(stop)
    return 0.0


async def _pause(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(LOOK_EVERY_S):
            await stop.wait()
    except TimeoutError:
        return


def jump_alarm(jump_s: float, at: datetime) -> AlarmChanged:
    """That the clock was set by `jump_s` seconds; it stands until a person acknowledges it."""
    zh, en = ("拨快", "ahead") if jump_s > 0 else ("拨回", "back")
    return AlarmChanged(
        key="clock_set",
        active=True,
        level=AlarmLevel.SERIOUS,
        at=at,
        text=Text(
            f"本机时钟被{zh} {abs(jump_s):.0f} 秒,此前的读数与记录保留原时间",
            f"the machine's clock was set {en} by {abs(jump_s):.0f} s; what was entered before keeps its times",
        ),
    )


def note_jump(journal: Journal, jump_s: float) -> None:
    """Enters that the clock was set by `jump_s` seconds. Blocks."""
    now = datetime.now(UTC)
    before = now - timedelta(seconds=jump_s)
    log.warning("the machine's clock was set from %s to %s; everything begins anew", before, now)
    data = {"from": before.isoformat(), "to": now.isoformat(), "jump_s": round(jump_s)}
    try:
        journal.record_event(CLOCK_JUMP, None, now, data)
    except StoreUnavailable as error:
        log.warning("the jump of the clock could not be entered: %s", error)
