"""A bus for a while: whoever listens on it leaves all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from facility.bus.messages import Message
from facility.bus.protocol import Bus, Subscription

M = TypeVar("M", bound=Message)


class ScopedBus:
    """Passes everything on to another bus until it is closed.

    Args:
        bus: what it stands for.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._ends: list[Callable[[], None]] = []

    def publish(self, message: Message) -> None:
        """See `Bus.publish`. Still passed on when closed: what ends has something to say at its end."""
        self._bus.publish(message)

    def listen(self, kind: type[M], listener: Callable[[M], None]) -> Callable[[], None]:
        """See `Bus.listen`."""
        leave = self._bus.listen(kind, listener)
        self._ends.append(leave)

        def end() -> None:
            if leave in self._ends:
                self._ends.remove(leave)
            leave()

        return end

    def subscribe(self, kind: type[M], *, capacity: int) -> Subscription[M]:
        """See `Bus.subscribe`."""
        subscription = self._bus.subscribe(kind, capacity=capacity)
        self._ends.append(subscription.close)
        return subscription

    def close(self) -> None:
        """Ends every listener and queue that was made here."""
        ends, self._ends = self._ends, []
        for end in ends:
            end()
