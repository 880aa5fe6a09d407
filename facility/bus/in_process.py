"""The bus within one process: direct calls for listeners, bounded queues for tasks."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

from facility.bus.messages import Message

M = TypeVar("M", bound=Message)


class QueueSubscription(Generic[M]):
    """A bounded queue; when full the oldest message goes and `dropped` counts it."""

    def __init__(self, capacity: int) -> None:
        self._items: deque[M] = deque()
        self._capacity = capacity
        self.leave: Callable[[], None] | None = None
        self._wake = asyncio.Event()
        self._closed = False
        self.dropped = 0

    def put(self, message: M) -> None:
        """Takes a message; never blocks."""
        if len(self._items) >= self._capacity:
            self._items.popleft()
            self.dropped += 1
        self._items.append(message)
        self._wake.set()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
        if self.leave is not None:
            self.leave()

    async def __aiter__(self) -> AsyncIterator[M]:
        while True:
            while self._items:
                yield self._items.popleft()
            if self._closed:
                return
            self._wake.clear()
            await self._wake.wait()


class InProcessBus:
    """Carrier for rooms that share a process and an event loop. Not thread-safe: publish from the loop's thread."""

    def __init__(self) -> None:
        self._listeners: dict[type, list[Callable[[Any], None]]] = {}

    def publish(self, message: Message) -> None:
        for listener in tuple(self._listeners.get(type(message), ())):
            listener(message)

    def listen(self, kind: type[M], listener: Callable[[M], None]) -> Callable[[], None]:
        listeners = self._listeners.setdefault(kind, [])
        listeners.append(listener)

        def leave() -> None:
            if listener in listeners:
                listeners.remove(listener)

        return leave

    def subscribe(self, kind: type[M], *, capacity: int) -> QueueSubscription[M]:
        subscription: QueueSubscription[M] = QueueSubscription(capacity)
        subscription.leave = self.listen(kind, subscription.put)
        return subscription
