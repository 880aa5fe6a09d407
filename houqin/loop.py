"""Runs the event loop of a process: uvloop where it is installed, the standard loop elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


def run_loop(work: Coroutine[Any, Any, None]) -> None:
    """Runs `work` to its end."""
    with asyncio.Runner(loop_factory=_factory()) as runner:
        runner.run(work)


def _factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # no wheel for this platform: slower, otherwise the same
        return None
    return uvloop.new_event_loop
