"""Messages that a broker sends again because their acknowledgement did not reach it: known by what they say, so that
they count from when they came first, and are not stored twice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from gateway.mqtt.connection import Connection, Delivery

MOST_SETTLED: Final = 2000
"""Acknowledged messages remembered: so many acknowledgements at most are under way when a line breaks."""

_DIGEST_BYTES: Final = 16

STALE_S: Final = 600.0
"""A reading that is not durable after so long may have been refused: its message is taken again."""


@dataclass(slots=True, kw_only=True, eq=False)
class Held:
    """A message between its arrival and the broker's forgetting it. `arrived`: when it came first, aware UTC;
    `taken_s`: when it was last turned into readings, wall seconds, monotonic; None before.
    """

    arrived: datetime
    connection: Connection
    delivery: Delivery
    is_durable: bool = False
    taken_s: float | None = None

    def is_under_way(self, now_s: float) -> bool:
        """Whether its readings are on their way to disk."""
        return self.taken_s is not None and now_s - self.taken_s < STALE_S


Key = tuple[int, bytes]
"""A message's number, and a digest of the rest: of what was acknowledged no content is kept."""


class Redelivery:
    """The messages of the connection before whose acknowledgement the broker may not have seen.

    A broker sends again with the number it used before (MQTT 4.4), and on the very next connection.
    """

    def __init__(self) -> None:
        self._open: dict[int, Held] = {}
        self._settled: deque[tuple[Key, Held]] = deque(maxlen=MOST_SETTLED)
        self._expected: dict[Key, Held] = {}

    @property
    def unacknowledged(self) -> int:
        """Messages of this connection that the broker still keeps."""
        return len(self._open)

    def connected(self, *, session_kept: bool) -> None:
        """A new connection begins. Without its session the broker has forgotten all and sends nothing again."""
        opened = ((_key(held.delivery), held) for held in self._open.values())
        self._expected = dict((*self._settled, *opened)) if session_kept else {}
        self._open = {}
        self._settled.clear()

    def arrived(self, connection: Connection, delivery: Delivery, now: datetime) -> Held:
        """A message came, at QoS 1: what is known of it, or what is from now on."""
        held = self._expected.pop(_key(delivery), None) if delivery.again and self._expected else None
        if held is None:
            held = Held(arrived=now, connection=connection, delivery=delivery)
        held.connection, held.delivery = connection, delivery
        self._open[id(held)] = held
        return held

    def settle(self, held: Held) -> bool:
        """A message is durable (or gives nothing): acknowledged on the connection it came by last. Whether that was
        the one that stands.
        """
        held.is_durable = True
        if self._open.get(id(held)) is not held or held.connection.ended.done():
            return False
        del self._open[id(held)]
        held.connection.acknowledge(held.delivery)
        self._settled.append((_key(held.delivery), held))
        held.delivery = held.delivery._replace(topic=None, payload=b"")
        return True


def _key(delivery: Delivery) -> Key:
    topic = b"" if delivery.topic is None else delivery.topic.encode("utf-8", "surrogatepass")
    said = blake2b(b"%d %d " % (delivery.topic is not None, len(topic)) + topic, digest_size=_DIGEST_BYTES)
    said.update(delivery.payload)
    return delivery.number, said.digest()
