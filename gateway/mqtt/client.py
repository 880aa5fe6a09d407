"""The gateway's line to an MQTT broker: up for as long as the gateway runs, every message acknowledged when it is safe.

A message is acknowledged after the readings it gave are durable: what the gateway had not kept when it died, the broker
sends again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from facility.broker_health import BrokerHealth
from facility.bus import Bus, LinkStatus
from facility.clock import Clock
from facility.errors import LinkDown, Where
from facility.model import Site
from facility.model.entries import MqttLink
from facility.text import Text
from gateway.mqtt.connection import Connection, Delivery
from gateway.mqtt.fairness import Fairness, Waiting
from gateway.mqtt.ingest import MqttIngest
from gateway.mqtt.redelivery import STALE_S, Held, Redelivery

log = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
MAX_UNACKNOWLEDGED: Final = 1000
ENDED: Final = Text(
    "与消息服务器的连接中断，正在重连；请检查服务器是否在运行、网线和交换机",
    "the connection to the broker ended and is tried again; see that the broker runs, look at network cable and switch",
)


class MqttLine:
    """The gateway's line to one broker of the site.

    Args:
        site: the site.
        link_id: an MQTT link of it.
        bus: where the line's state is published.
        clock: stamps it.
        ingest: what the messages are handed to.
        max_unacknowledged: messages held at most between arrival and durable; more wait with the broker.
        installation: tells this gateway from another on the same site.
    """

    def __init__(
        self,
        site: Site,
        link_id: str,
        bus: Bus,
        clock: Clock,
        ingest: MqttIngest,
        *,
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
        self._limit = max_unacknowledged
        own = f"-{installation}" if installation else ""
        self._client_id = link.client_id or f"houqin-{site.id}-{link_id}{own}"
        self._status_topic = f"houqin/{site.id}/gateway/{link_id}{own}/availability"
        self._where = Where(link=link_id, address=link.endpoint)
        self._up: bool | None = None
        self._connection: Connection | None = None
        self._redelivery = Redelivery()
        self._is_open = False
        self._unsaved: dict[int, float] = {}
        self._numbers = 0
        self._patience: asyncio.TimerHandle | None = None
        self.fairness = Fairness(link_id, link.device_messages_per_s)
        self.connections = 0

    @property
    def up(self) -> bool:
        """Whether the line is connected and subscribed."""
        return self._up is True

    @property
    def unacknowledged(self) -> int:
        """Messages that the broker still keeps for this connection."""
        return self._redelivery.unacknowledged

    def health(self) -> BrokerHealth:
        """How it does."""
        counts = self._ingest.counts
        refused = {flaw.value: number for flaw, number in counts.flaws.items()}
        return BrokerHealth(
            link=self._link_id,
            up=self._up,
            at=self._clock.now(),
            connections=self.connections,
            messages=counts.messages,
            readings=counts.readings,
            refused={**refused, **({"retained": counts.retained_refused} if counts.retained_refused else {})},
            dropped=dict(self.fairness.dropped),
            unacknowledged=self.unacknowledged,
            strangers=self._ingest.strangers.list,
        )

    async def run(self) -> None:
        """Keeps the line up until cancelled; then says goodbye to the broker and leaves the session with it."""
        pause_s = FIRST_PAUSE_S
        while True:
            attempts = self.connections
            detail, reason, again = await self._connect_and_serve()
            if again:
                continue
            self._tell(False, detail, reason)
            if self.connections > attempts:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _connect_and_serve(self) -> tuple[str, Text | None, bool]:
        """One connection, from beginning to end: why it ended, in words for people where there are any, and whether the
        next is wanted at once.
        """
        self._is_open = False
        connection = self._connection = self._make_connection()
        farewell = True
        reason: Text | None = None
        try:
            self._announce_up(connection, await connection.open(self._ingest.topics))
            self._hold_if_full()
            detail, reason = await connection.serve(), ENDED
            farewell = False
        except LinkDown as error:
            farewell = False
            detail, reason = str(error), error.text
        finally:
            self._connection = None
            self._ingest.speak_through(None)
            self.fairness.stop()
            self._keep_patience()
            connection.close(farewell=farewell)
        return detail, reason, connection.given_up

    def _make_connection(self) -> Connection:
        return Connection(
            self._link,
            client_id=self._client_id,
            status_topic=self._status_topic,
            on_accepted=self._begin,
            on_message=self._take,
            receive_maximum=min(self._limit, 65_535),
            where=self._where,
        )

    def _begin(self, connection: Connection, session_kept: bool) -> None:
        """The broker has accepted the gateway; its first messages may come with the same bytes."""
        self._redelivery.connected(session_kept=session_kept)
        self.fairness.connected()
        self._ingest.speak_through(lambda topic, payload: self._say(connection, topic, payload))

    def _announce_up(self, connection: Connection, refused: Sequence[str]) -> None:
        self.connections += 1
        self._is_open = True
        detail = "connected"
        if refused:
            detail = f"connected, but the broker refuses {len(refused)} topics: {', '.join(refused[:5])}"
            log.error("line %s: %s; give the gateway's user the right to read them", self._link_id, detail)
        self._say(connection, self._status_topic, b"online", qos=1, retain=True)
        self._tell(True, detail)

    def _say(self, connection: Connection, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> None:
        """Says something of the gateway's own; that the broker refuses it is told, and stops nothing."""

        def told(answer: asyncio.Future[str | None]) -> None:
            if not answer.cancelled() and answer.exception() is None and answer.result() is not None:
                log.error(
                    "line %s: the broker refuses %s: %s; give the gateway's user the right to write it",
                    self._link_id, topic, answer.result(),
                )  # fmt: skip

        connection.publish(topic, payload, qos=qos, retain=retain).add_done_callback(told)

    def _tell(self, up: bool, detail: str, reason: Text | None = None) -> None:
        if up == self._up:
            return
        self._up = up
        log.log(logging.INFO if up else logging.WARNING, "line %s: %s", self._link_id, detail)
        at = self._clock.now()
        status = LinkStatus(link=self._link_id, device=None, up=up, at=at, detail=detail, reason=reason)
        self._bus.publish(status)

    def _take(self, connection: Connection, delivery: Delivery) -> None:
        owner = "" if delivery.topic is None else self._ingest.owner(delivery.topic)
        if delivery.qos == 0:
            message = Waiting(process=partial(self._process, delivery, None), drop=_nothing)
            self.fairness.take(owner, message, kept_by_broker=False)
            return
        held = self._redelivery.arrived(connection, delivery, self._clock.now())
        if held.is_durable:
            self._redelivery.settle(held)
        elif not held.is_under_way(time.monotonic()):
            message = Waiting(
                process=partial(self._process, delivery, held), drop=partial(self._redelivery.settle, held)
            )  # fmt: skip
            self.fairness.take(owner, message, kept_by_broker=True)

    def _process(self, delivery: Delivery, held: Held | None) -> None:
        number = self._numbers = self._numbers + 1
        self._unsaved[number] = now_s = time.monotonic()
        if held is not None:
            held.taken_s = now_s

        def durable() -> None:
            if self._unsaved.pop(number, None) is not None:
                self._make_room()
            if held is not None and not held.is_durable:
                self._redelivery.settle(held)

        topic = delivery.topic if delivery.topic is not None else ""
        arrived = None if held is None else held.arrived
        self._ingest.take(
            topic, delivery.payload, retained=delivery.retained, acknowledge=durable, arrived=arrived
        )  # fmt: skip
        self._hold_if_full()

    def _hold_if_full(self) -> None:
        """Without room nothing more is taken until half of it is free. A connection that is held for too long would be
        taken for dead by the broker: it is made anew, and what had no answer for long is given up.
        """
        connection = self._connection
        is_full = len(self._unsaved) >= self._limit and self._is_open  # before, the broker's answers must be read
        if is_full and connection is not None and not connection.is_held:
            connection.hold()
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(self._link.keepalive_s, self._lose_patience, connection)

    def _lose_patience(self, connection: Connection) -> None:
        too_old_s = time.monotonic() - STALE_S
        self._unsaved = {number: since_s for number, since_s in self._unsaved.items() if since_s > too_old_s}
        connection.give_up("the readings held are not durable yet; connecting anew")

    def _make_room(self) -> None:
        connection = self._connection
        if connection is not None and connection.is_held and len(self._unsaved) <= self._limit // 2:
            self._keep_patience()
            connection.go_on()

    def _keep_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _nothing() -> None:
    """What becomes of a message that nobody will send again."""
