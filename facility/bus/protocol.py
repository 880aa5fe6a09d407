"""The protocol every carrier of messages fulfils."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol, TypeVar

from facility.bus.messages import Message

M = TypeVar("M", bound=Message)
M_co = TypeVar("M_co", bound=Message, covariant=True)


class Subscription(Protocol[M_co]):
    """A bounded queue of messages of one kind. When it is full the oldest goes and `dropped` counts it."""

    dropped: int

    def __aiter__(self) -> AsyncIterator[M_co]: ...

    def close(self) -> None:
        """Ends the iteration and leaves the bus."""
        ...


class Bus(Protocol):
    """Carries messages from whoever publishes to whoever listens, in the order published, per kind."""

    def publish(self, message: Message) -> None:
        """Hands `message` to every listener and queue of its kind. Never blocks."""
        ...

    def listen(self, kind: type[M], listener: Callable[[M], None]) -> Callable[[], None]:
        """Calls `listener` at once, in the publisher's turn, for every message of `kind`. It must return quickly and
        not raise. Returns the call that ends it. This is how the live image and the store writer are fed.
        """
        ...

    def subscribe(self, kind: type[M], *, capacity: int) -> Subscription[M]:
        """A queue of at most `capacity` messages of `kind`, for tasks that take their time."""
        ...
