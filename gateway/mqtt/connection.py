"""One connection to an MQTT broker, from its CONNECT to its end; the one place that knows paho-mqtt.

Messages are taken at QoS 1 in a persistent session and acknowledged by hand. Every connection has a client of its own,
so that an acknowledgement never reaches a connection that its message did not come by.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from facility.errors import LinkDown, Where
from facility.model.entries import MqttLink
from gateway.mqtt.payload import MAX_PAYLOAD_BYTES

CONNECT_TIMEOUT_S: Final = 4.0
ANSWER_TIMEOUT_S: Final = 10.0
SESSION_EXPIRY_S: Final = 7 * 24 * 3600
_TOPICS_PER_SUBSCRIBE: Final = 100
_PACKET_OVERHEAD_BYTES: Final = 1024


class Delivery(NamedTuple):
    """One message as it came. `topic` is None when it is not UTF-8; `number` and `qos` are what is acknowledged."""

    topic: str | None
    payload: bytes
    retained: bool
    number: int
    qos: int


class Connection:
    """One connection. Used once; all calls come from the event loop's thread.

    Args:
        link: the broker's entry in the site file.
        client_id: stable, because the broker keeps the session under it.
        status_topic: where the gateway says `online`, and the broker `offline` when the gateway is gone.
        on_message: called with every message.
        receive_maximum: messages the broker may send ahead of acknowledgements (MQTT 5).
        keepalive_s: a broker silent for twice as long is given up.
        where: for error messages.
    """

    def __init__(
        self,
        link: MqttLink,
        *,
        client_id: str,
        status_topic: str,
        on_message: Callable[[Connection, Delivery], None],
        receive_maximum: int,
        keepalive_s: int,
        where: Where,
    ) -> None:
        self._link = link
        self._status_topic = status_topic
        self._on_message = on_message
        self._receive_maximum = receive_maximum
        self._keepalive_s = keepalive_s
        self._where = where
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str] = self._loop.create_future()
        self.given_up = False
        self._accepted: asyncio.Future[ReasonCode] = self._loop.create_future()
        self._subscribed: dict[int, asyncio.Future[Sequence[ReasonCode]]] = {}
        self._client = self._make_client(client_id)

    def _make_client(self, client_id: str) -> paho.Client:
        is_v5 = self._link.version == "5"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if is_v5 else False,
            protocol=paho.MQTTv5 if is_v5 else paho.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.will_set(self._status_topic, "offline", qos=1, retain=True)
        user = _from_environment(self._link.username_env)
        if user is not None:
            client.username_pw_set(user, _from_environment(self._link.password_env))
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._answered
        client.on_message = self._arrived
        return client

    async def open(self, topics: Sequence[str]) -> tuple[str, ...]:
        """Connects, subscribes to `topics` and says that the gateway is there.

        Returns:
            The topics that the broker refused.

        Raises:
            LinkDown: no connection, or the broker refused it; says which and what it said.
        """
        await self._connect()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                reason = await self._first(self._accepted)
                if reason.is_failure:
                    raise LinkDown(f"the broker refuses the gateway: {reason}", where=self._where)
                refused = await self._subscribe(topics)
        except TimeoutError as error:
            raise LinkDown(f"the broker did not answer within {ANSWER_TIMEOUT_S:g} s", where=self._where) from error
        self._client.publish(self._status_topic, "online", qos=1, retain=True)
        return refused

    async def _connect(self) -> None:
        connecting = self._loop.run_in_executor(None, self._connect_blocking)
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            await asyncio.wait([connecting])
            if not connecting.cancelled():
                connecting.exception()
            raise
        except (OSError, ValueError) as error:
            raise LinkDown(f"the broker cannot be reached: {error}", where=self._where) from error
        self._attach()

    def _connect_blocking(self) -> None:
        properties = None
        if self._link.version == "5":
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = SESSION_EXPIRY_S
            properties.ReceiveMaximum = self._receive_maximum
            properties.MaximumPacketSize = MAX_PAYLOAD_BYTES + _PACKET_OVERHEAD_BYTES
        self._client.connect(
            self._link.host,
            self._link.port,
            keepalive=self._keepalive_s,
            clean_start=False if self._link.version == "5" else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=properties,
        )

    def _attach(self) -> None:
        """Hands the connected socket to the event loop; from here on paho is called in the loop's thread only."""
        client = self._client
        sock = client.socket()
        if sock is None:
            raise LinkDown("the broker closed the connection at once", where=self._where)
        descriptor = sock.fileno()
        loop = self._loop

        def stop_reading(*_: object) -> None:
            loop.remove_reader(descriptor)

        def start_writing(*_: object) -> None:
            loop.add_writer(descriptor, client.loop_write)

        def stop_writing(*_: object) -> None:
            loop.remove_writer(descriptor)

        loop.add_reader(descriptor, client.loop_read)
        client.on_socket_close = stop_reading
        client.on_socket_register_write = start_writing
        client.on_socket_unregister_write = stop_writing
        if client.want_write():
            loop.add_writer(descriptor, client.loop_write)

    async def _subscribe(self, topics: Sequence[str]) -> tuple[str, ...]:
        refused: list[str] = []
        for first in range(0, len(topics), _TOPICS_PER_SUBSCRIBE):
            part = topics[first : first + _TOPICS_PER_SUBSCRIBE]
            result, number = self._client.subscribe([(topic, 1) for topic in part])
            if result is not MQTTErrorCode.MQTT_ERR_SUCCESS or number is None:
                raise LinkDown(f"subscribing failed: {paho.error_string(result)}", where=self._where)
            answer: asyncio.Future[Sequence[ReasonCode]] = self._loop.create_future()
            self._subscribed[number] = answer
            reasons = await self._first(answer)
            refused += [topic for topic, reason in zip(part, reasons, strict=False) if reason.is_failure]
        return tuple(refused)

    async def _first(self, answer: asyncio.Future[Any]) -> Any:
        """The broker's answer, or LinkDown when the connection ends before it comes."""
        await asyncio.wait([answer, self.ended], return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        raise LinkDown(self.ended.result(), where=self._where)

    async def serve(self) -> str:
        """Keeps the connection alive until it ends; returns why it did."""
        while not self.ended.done():
            self._client.loop_misc()
            await asyncio.wait([self.ended], timeout=1.0)
        return self.ended.result()

    def acknowledge(self, delivery: Delivery) -> None:
        """Tells the broker that it may forget a message; nothing happens when the connection has ended."""
        if not self.ended.done() and delivery.qos > 0:
            self._client.ack(delivery.number, delivery.qos)

    def give_up(self, reason: str) -> None:
        """Ends `serve`, for a reason of the gateway's own."""
        if not self.ended.done():
            self.given_up = True
            self.ended.set_result(reason)

    def close(self, *, farewell: bool) -> None:
        """Ends the connection if it still stands. `farewell`: the gateway stops, and says so in its own name; without
        it only the connection is given up, and the session waits at the broker.
        """
        client = self._client
        if client.socket() is None:
            return
        if farewell and self._accepted.done() and not self.ended.done():
            client.publish(self._status_topic, "offline", qos=1, retain=True)
        client.disconnect()
        while client.socket() is not None and client.want_write():
            if client.loop_write() is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
        if (sock := client.socket()) is not None:
            self._loop.remove_reader(sock.fileno())
            self._loop.remove_writer(sock.fileno())
            sock.close()

    def _arrived(self, _client: object, _userdata: object, message: paho.MQTTMessage) -> None:
        try:
            topic: str | None = message.topic
        except UnicodeDecodeError:
            topic = None
        if not self.ended.done():
            delivery = Delivery(topic, bytes(message.payload), message.retain, message.mid, message.qos)
            self._on_message(self, delivery)

    def _connected(self, _client: object, _userdata: object, _flags: object, reason: ReasonCode, _: object) -> None:
        if not self._accepted.done():
            self._accepted.set_result(reason)

    def _disconnected(self, _client: object, _userdata: object, _flags: object, reason: ReasonCode, _: object) -> None:
        if not self.ended.done():
            self.ended.set_result(f"the connection to the broker ended: {reason}")

    def _answered(
        self, _client: object, _userdata: object, number: int, reasons: list[ReasonCode], _: object
    ) -> None:  # fmt: skip
        answer = self._subscribed.pop(number, None)
        if answer is not None and not answer.done():
            answer.set_result(reasons)


def _from_environment(name: str | None) -> str | None:
    """The value of the environment variable that the site file names, None where it names none.

    Raises:
        LinkDown: the variable is not set.
    """
    if name is None:
        return None
    value = os.environ.get(name)
    if value is None:
        raise LinkDown(f"the environment variable {name} is not set; set it and the line connects by itself")
    return value
