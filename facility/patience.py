"""Trying again what may succeed later, with growing pauses: one line in the log when trouble begins, one at its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from facility.errors import StoreDamaged, StoreUnavailable

PAUSES_WALL_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Between one try and the next; the last stays. A server that asks for longer gets it."""


async def flushed(
    flush: Callable[[], Awaitable[None]],
    waits: Callable[[], bool],
    log: logging.Logger,
    what: str,
    away: Callable[[bool], None] | None = None,
) -> None:
    """Calls `flush` until nothing waits any more, and waits patiently while it says that it cannot now.

    Args:
        flush: writes all that waits.
        waits: whether anything still waits.
        log: told once that `what` takes nothing, and once that it does again.
        what: for example "the journal".
        away: told True at every failure, and False once it takes entries again.
    """
    failures = 0
    while waits():
        try:
            await flush()
        except (StoreUnavailable, StoreDamaged) as error:
            if failures == 0:
                log.warning("%s takes nothing for now: %s", what, error)
            if away is not None:
                away(True)
            await asyncio.sleep(pause_s(error, failures))
            failures += 1
    if failures:
        if away is not None:
            away(False)
        log.info("%s takes entries again after %d tries", what, failures + 1)


def pause_s(error: StoreUnavailable | StoreDamaged, failures: int) -> float:
    """Seconds to wait after `error`, when so many tries had failed before it."""
    usual_s = PAUSES_WALL_S[min(failures, len(PAUSES_WALL_S) - 1)]
    asked_s = error.retry_after_s if isinstance(error, StoreUnavailable) else None
    return usual_s if asked_s is None else max(usual_s, asked_s)
