"""The gateway's line to an MQTT broker: up for as long as the gateway runs, every message acknowledged when it is safe.

A message is acknowledged after the readings it gave are durable: what the gateway had not kept when it died, the broker
sends again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from facility.bus import Bus, LinkStatus
from facility.clock import Clock
from facility.errors import LinkDown, Where
from facility.model import Site
from facility.model.entries import MqttLink
from gateway.mqtt.connection import Connection, Delivery
from gateway.mqtt.ingest import AVAILABILITY, MqttIngest

log = logging.getLogger(__name__)

KEEPALIVE_S: Final = 30
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
MAX_UNACKNOWLEDGED: Final = 1000


class MqttLine:
    """The gateway's line to one broker of the site.

    Args:
        site: the site.
        link_id: an MQTT link of it.
        bus: where the line's state is published.
        clock: stamps it.
        ingest: what the messages are handed to.
        keepalive_s: see `Connection`.
        max_unacknowledged: messages held at most between arrival and durable; more are left with the broker, which
            sends them again once those held are safe.
    """

    def __init__(
        self,
        site: Site,
        link_id: str,
        bus: Bus,
        clock: Clock,
        ingest: MqttIngest,
        *,
        keepalive_s: int = KEEPALIVE_S,
        max_unacknowledged: int = MAX_UNACKNOWLEDGED,
        installation: str = "",
    ) -> None:
        link = site.links[link_id]
        if not isinstance(link, MqttLink):
            raise TypeError(f"link {link_id} is not an MQTT link")
        self._link = link
        self._link_id = link_id
        self._bus = bus
        self._clock = clock
        self._ingest = ingest
        self._keepalive_s = keepalive_s
        self._limit = max_unacknowledged
        own = f"-{installation}" if installation else ""
        self._client_id = link.client_id or f"houqin-{site.id}-{link_id}{own}"
        self._status_topic = f"houqin/{site.id}/gateway/{link_id}{own}/{AVAILABILITY}"
        self._where = Where(link=link_id, address=f"{link.host}:{link.port}")
        self._up: bool | None = None
        self._connection: Connection | None = None
        self.unacknowledged = 0
        self.left_with_broker = 0
        self._left_now = False
        self.connections = 0

    @property
    def up(self) -> bool:
        """Whether the line is connected and subscribed."""
        return self._up is True

    async def run(self) -> None:
        """Keeps the line up until cancelled; then says goodbye to the broker and leaves the session with it."""
        pause_s = FIRST_PAUSE_S
        while True:
            attempts = self.connections
            detail, again = await self._connect_and_serve()
            if again:
                continue
            self._tell(False, detail)
            if self.connections > attempts:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _connect_and_serve(self) -> tuple[str, bool]:
        """One connection, from beginning to end: why it ended, and whether the next is wanted at once."""
        self.unacknowledged, self._left_now = 0, False
        try:
            connection = self._connection = self._make_connection()
        except LinkDown as error:
            return str(error), False
        farewell = True
        try:
            self._announce_up(await connection.open(self._ingest.topics))
            detail = await connection.serve()
            farewell = False
        except LinkDown as error:
            farewell = False
            detail = str(error)
        finally:
            self._connection = None
            connection.close(farewell=farewell)
        return detail, connection.given_up

    def _make_connection(self) -> Connection:
        return Connection(
            self._link,
            client_id=self._client_id,
            status_topic=self._status_topic,
            on_message=self._take,
            receive_maximum=min(self._limit, 65_535),
            keepalive_s=self._keepalive_s,
            where=self._where,
        )

    def _announce_up(self, refused: Sequence[str]) -> None:
        self.connections += 1
        detail = "connected"
        if refused:
            detail = f"connected, but the broker refuses {len(refused)} topics: {', '.join(refused[:5])}"
            log.error("line %s: %s; give the gateway's user the right to read them", self._link_id, detail)
        self._tell(True, detail)

    def _tell(self, up: bool, detail: str) -> None:
        if up == self._up:
            return
        self._up = up
        log.log(logging.INFO if up else logging.WARNING, "line %s: %s", self._link_id, detail)
        status = LinkStatus(link=self._link_id, device=None, up=up, at=self._clock.now(), detail=detail)
        self._bus.publish(status)

    def _take(self, connection: Connection, delivery: Delivery) -> None:
        if self.unacknowledged >= self._limit:
            self.left_with_broker += 1
            self._left_now = True
            return
        self.unacknowledged += 1
        done = False

        def acknowledge() -> None:
            nonlocal done
            if not done and connection is self._connection:
                done = True
                connection.acknowledge(delivery)
                self._settled(connection)

        topic = delivery.topic if delivery.topic is not None else ""
        self._ingest.take(topic, delivery.payload, retained=delivery.retained, acknowledge=acknowledge)

    def _settled(self, connection: Connection) -> None:
        """One message fewer waits; with none left, those left with the broker are fetched by connecting anew."""
        self.unacknowledged -= 1
        if self.unacknowledged == 0 and self._left_now:
            connection.give_up("fetching the messages left with the broker")
