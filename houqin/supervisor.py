"""Keeps a room's work going: what fails unexpectedly is logged, alarmed and started again after a growing pause."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from facility.bus import AlarmChanged, Bus
from facility.bus.messages import AlarmLevel
from facility.clock import Clock
from facility.text import Text

log = logging.getLogger("houqin")

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
CALM_S: Final = 300.0
"""Work that ran so long (wall time) before it failed starts again after the first pause."""


async def keep_running(name: str, work: Callable[[], Awaitable[None]], bus: Bus, clock: Clock) -> None:
    """Runs `work` until it returns or is cancelled; an unexpected error restarts it.

    This is the one place in the process that catches everything: an error in one room must not stop the others.
    """
    pause_s = FIRST_PAUSE_S
    loop = asyncio.get_running_loop()
    bus.publish(_alarm(name, clock, None))  # ends one that an earlier process left behind
    while True:
        began = loop.time()
        try:
            await work()
        except Exception as error:
            log.exception("%s failed and starts again in %.0f s", name, pause_s)
            bus.publish(_alarm(name, clock, error))
        else:
            return
        if loop.time() - began > CALM_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        bus.publish(_alarm(name, clock, None))


def _alarm(name: str, clock: Clock, error: Exception | None) -> AlarmChanged:
    return AlarmChanged(
        key=f"process:{name}",
        active=error is not None,
        level=AlarmLevel.SERIOUS,
        at=clock.now(),
        text=Text(
            f"程序模块 {name} 出错,正在自动重启: {error}",
            f"part {name} of the program failed and is restarted: {error}",
        ),
    )
