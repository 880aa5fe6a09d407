"""Work that is handed over to a successor while its supervisor keeps it running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Work = Callable[[], Awaitable[None]]


class Shift:
    """Runs a work, and another one in its place when that is handed over.

    Args:
        work: what runs first.
    """

    def __init__(self, work: Work) -> None:
        self._work: Work | None = work
        self._called_off = asyncio.Event()
        self._called_on = asyncio.Event()
        self._running: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Runs whatever work is on until it returns.

        Raises:
            Exception: whatever the work raised.
        """
        while True:
            while self._work is None:
                self._called_on.clear()
                await self._called_on.wait()
            if await self._to_its_end(self._work):
                return

    async def _to_its_end(self, work: Work) -> bool:
        """Whether the work came to its own end; False when it was called off."""
        running = self._running = asyncio.ensure_future(_of(work))
        self._called_off.clear()
        called_off = asyncio.ensure_future(self._called_off.wait())
        try:
            await asyncio.wait({running, called_off}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            called_off.cancel()
            finished = running.done()
            running.cancel()
            await asyncio.gather(called_off, running, return_exceptions=True)
            self._running = None
        if finished:
            running.result()
        return finished and self._work is not None

    async def stop(self) -> None:
        """Calls the work off; returns when it has ended. Nothing runs until `go_on`."""
        self._work = None
        self._called_off.set()
        if self._running is not None:
            await asyncio.wait({self._running})

    def go_on(self, work: Work) -> None:
        """The next work."""
        self._work = work
        self._called_on.set()


async def _of(work: Work) -> None:
    await work()
