"""Whose turn it is on a line: orders go before readings."""

from __future__ import annotations

import asyncio
from collections import deque


class Turn:
    """A lock with two queues. Whoever is urgent goes before everybody who is not, each queue in order of arrival."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting = 0
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._patient: deque[asyncio.Future[None]] = deque()

    def try_take(self) -> bool:
        """Takes the turn when nobody has it. The usual case, without waiting; whoever is refused calls `take`."""
        if self._taken:
            return False
        self._taken = True
        return True

    async def take(self, *, urgent: bool = False) -> None:
        """Returns when it is the caller's turn; the caller then calls `pass_on`."""
        if self.try_take():
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._patient).append(place)
        self._waiting += 1
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.pass_on()
            raise

    def pass_on(self) -> None:
        """Ends the caller's turn."""
        while self._waiting:
            place = (self._urgent or self._patient).popleft()
            self._waiting -= 1
            if not place.done():
                place.set_result(None)
                return
        self._taken = False
