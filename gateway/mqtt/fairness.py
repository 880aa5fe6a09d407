"""Shares the line among its devices: one that floods it loses its own oldest messages and holds up nobody else.

Each device may send so many messages a second on average, with bursts; what is more waits, so many at most, and then
the oldest of that device is let go and counted. What a broker kept while the gateway was away is no flood: messages at
QoS 1 that come in the first minute of a connection are taken as they come, as fast as they are made durable.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

log = logging.getLogger(__name__)

BURST_MESSAGES: Final = 250.0
MOST_WAITING: Final = 100
CATCHING_UP_S: Final = 60.0
LOOK_S: Final = 0.05
CALM_S: Final = 10.0
"""A flood is over when nothing of the device had to wait for so long."""


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A message that waits: `process` takes it, `drop` lets it go."""

    process: Callable[[], object]
    drop: Callable[[], object]


@dataclass(slots=True)
class _Share:
    """One device's share: `tokens` are messages it may send now."""

    tokens: float
    at_s: float
    waiting: deque[Waiting] = field(default_factory=deque)
    dropped: int = 0
    last_wait_s: float | None = None


class Fairness:
    """The shares of all devices of a line.

    Args:
        link: its id.
        rate_per_s: messages a second that each device may send on average.
        now_s: wall seconds, monotonic.
    """

    def __init__(self, link: str, rate_per_s: float, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._link = link
        self._rate_per_s = rate_per_s
        self._now_s = now_s
        self._shares: dict[str, _Share] = {}
        self._flooding: dict[str, _Share] = {}
        self._connected_s = now_s()
        self._timer: asyncio.TimerHandle | None = None
        self.dropped: Counter[str] = Counter()

    def connected(self) -> None:
        """A connection was made: the broker hands out what it kept. What waited of the one before comes again."""
        self._connected_s = self._now_s()
        self.stop()

    def stop(self) -> None:
        """Forgets what waits; the broker has what it did not see acknowledged."""
        for share in self._flooding.values():
            share.waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def take(self, device: str, message: Waiting, *, kept_by_broker: bool) -> None:
        """Takes a message of `device` now, later, or in place of an older one. `kept_by_broker`: at QoS 1."""
        now_s = self._now_s()
        if kept_by_broker and now_s - self._connected_s < CATCHING_UP_S and device not in self._flooding:
            message.process()
            return
        share = self._refilled(device, now_s)
        if share.tokens >= 1.0 and not share.waiting:
            share.tokens -= 1.0
            message.process()
        else:
            self._hold(device, share, message, now_s)

    def _refilled(self, device: str, now_s: float) -> _Share:
        share = self._shares.get(device)
        if share is None:
            share = self._shares[device] = _Share(BURST_MESSAGES, now_s)
        share.tokens = min(BURST_MESSAGES, share.tokens + (now_s - share.at_s) * self._rate_per_s)
        share.at_s = now_s
        return share

    def _hold(self, device: str, share: _Share, message: Waiting, now_s: float) -> None:
        if device not in self._flooding:
            self._flooding[device] = share
            share.dropped = 0
            log.warning(
                "line %s: %s sends more than %g messages a second; its oldest are let go, others are not held up",
                self._link, device or "somebody unknown", self._rate_per_s,
            )  # fmt: skip
        share.last_wait_s = now_s
        share.waiting.append(message)
        if len(share.waiting) > MOST_WAITING:
            share.waiting.popleft().drop()
            share.dropped += 1
            self.dropped[device] += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def _look(self) -> None:
        self._timer = None
        self.drain()
        if self._flooding:
            self._timer = asyncio.get_running_loop().call_later(LOOK_S, self._look)

    def drain(self) -> None:
        """Takes what has waited long enough; a device that kept within its share for a while floods no more."""
        now_s = self._now_s()
        for device, share in list(self._flooding.items()):
            self._refilled(device, now_s)
            while share.waiting and share.tokens >= 1.0:
                share.tokens -= 1.0
                share.waiting.popleft().process()
            if not share.waiting and share.last_wait_s is not None and now_s - share.last_wait_s >= CALM_S:
                del self._flooding[device]
                log.info(
                    "line %s: %s keeps to its share again; %d of its messages were let go",
                    self._link, device or "somebody unknown", share.dropped,
                )  # fmt: skip
