"""One look at the building for all open pages: however many browsers watch, the board is made once a second."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from api.services.board import board as look

if TYPE_CHECKING:
    from api.context import ApiContext
    from api.services.board import Board

FRESH_S: Final = 0.9


class Pulse:
    """The board as it was at most `FRESH_S` wall seconds ago."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._lock = asyncio.Lock()
        self._board: Board | None = None
        self._taken_s = 0.0

    async def board(self) -> Board:
        """The building now, shared with whoever else looks."""
        async with self._lock:
            if self._board is None or time.monotonic() - self._taken_s > FRESH_S:
                self._board = await look(self._context)
                self._taken_s = time.monotonic()
            return self._board


_PULSES: WeakKeyDictionary[ApiContext, Pulse] = WeakKeyDictionary()


def pulse_of(context: ApiContext) -> Pulse:
    """The one pulse of a site."""
    pulse = _PULSES.get(context)
    if pulse is None:
        pulse = _PULSES[context] = Pulse(context)
    return pulse
