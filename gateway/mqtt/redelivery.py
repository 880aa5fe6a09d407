"""Messages that a broker sends again because their acknowledgement did not reach it: known by what they say, so that
they count from when they came first, and are not stored twice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from gateway.mqtt.connection import Connection, Delivery


@dataclass(slots=True, kw_only=True, eq=False)
class Held:
    """A message between its arrival and the broker's forgetting it. `arrived`: when it came first, aware UTC."""

    arrived: datetime
    connection: Connection
    delivery: Delivery
    is_durable: bool = False


class Redelivery:
    """The messages of the connection before that it left unacknowledged.

    Only those: a message that comes a second time comes on the very next connection.
    """

    def __init__(self) -> None:
        self._open: dict[int, Held] = {}
        self._expected: dict[tuple[str | None, bytes], deque[Held]] = {}

    @property
    def unacknowledged(self) -> int:
        """Messages of this connection that the broker still keeps."""
        return len(self._open)

    def connected(self, *, session_kept: bool) -> None:
        """A new connection begins. Without its session the broker has forgotten all and sends nothing again."""
        self._expected.clear()
        left, self._open = self._open, {}
        if session_kept:
            for held in left.values():
                key = (held.delivery.topic, held.delivery.payload)
                self._expected.setdefault(key, deque()).append(held)

    def arrived(self, connection: Connection, delivery: Delivery, now: datetime) -> Held:
        """A message came, at QoS 1: what is known of it, or what is from now on."""
        held = self._known(delivery) if delivery.again else None
        if held is None:
            held = Held(arrived=now, connection=connection, delivery=delivery)
        held.connection, held.delivery = connection, delivery
        self._open[id(held)] = held
        return held

    def _known(self, delivery: Delivery) -> Held | None:
        waiting = self._expected.get((delivery.topic, delivery.payload))
        return waiting.popleft() if waiting else None

    def settle(self, held: Held) -> bool:
        """A message is durable (or gives nothing): acknowledged on the connection it came by last. Whether that was
        the one that stands.
        """
        held.is_durable = True
        if self._open.get(id(held)) is not held or held.connection.ended.done():
            return False
        del self._open[id(held)]
        held.connection.acknowledge(held.delivery)
        return True
