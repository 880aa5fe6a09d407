"""One connection to an MQTT broker, from its CONNECT to its end; the one place that knows paho-mqtt.

Messages are taken at QoS 1 in a persistent session and acknowledged by hand. Every connection has a client of its own,
so that an acknowledgement never reaches a connection that its message did not come by.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from facility.errors import LinkDown, Where
from facility.model.entries import MqttLink
from gateway.mqtt.credentials import login, tls_context
from gateway.mqtt.reading_ahead import ReadAhead
from gateway.mqtt.refusals import broker_unreachable, refused_by_broker

CONNECT_TIMEOUT_S: Final = 4.0
ANSWER_TIMEOUT_S: Final = 10.0
SESSION_EXPIRY_S: Final = 7 * 24 * 3600
_TOPICS_PER_SUBSCRIBE: Final = 100
_PACKET_OVERHEAD_BYTES: Final = 1024
_LAST_WORDS_S: Final = 0.1
_PACKETS_A_TURN: Final = 256
"""Packets taken in one turn of the event loop; then others have theirs."""


class Delivery(NamedTuple):
    """One message as it came. `topic` is None when it is not UTF-8; `number` and `qos` are what is acknowledged;
    `again`: the broker says that it sent it before.
    """

    topic: str | None
    payload: bytes
    retained: bool
    number: int
    qos: int
    again: bool


class _Client(paho.Client):
    """paho's client on a socket that reads ahead, encrypted where there is a `context`. (paho's own way leaves the
    socket open when the broker's certificate is not believed.)
    """

    context: ssl.SSLContext | None = None
    _ahead: ReadAhead | None = None

    def _create_socket(self) -> Any:
        sock = socket.create_connection((self.host, self.port), timeout=CONNECT_TIMEOUT_S)
        if self.context is not None:
            sock = self.context.wrap_socket(sock, server_hostname=self.host)
        self._ahead = ReadAhead(sock)
        return self._ahead

    def read_turn(self, is_wanted: Callable[[], bool]) -> bool:
        """Handles the packets that have come, as long as they are wanted; whether more wait that the event loop will
        not wake up for.
        """
        for _ in range(_PACKETS_A_TURN):
            if not is_wanted() or self._ahead is None:
                return False
            if self.loop_read() is not MQTTErrorCode.MQTT_ERR_SUCCESS or self.was_sent_unwanted:
                return False
            if not self._ahead.has_more:
                return False
        return self.socket() is not None

    @property
    def was_sent_unwanted(self) -> bool:
        """Whether the broker sends at QoS 2, for which nobody has asked: paho keeps such messages until released."""
        return bool(self._in_messages)


class Connection:
    """One connection. Used once; all calls come from the event loop's thread.

    Args:
        link: the broker's entry in the site file.
        client_id: stable, because the broker keeps the session under it.
        status_topic: where the gateway says `online`, and the broker `offline` when the gateway is gone.
        on_accepted: called when the broker accepts the gateway, with whether it kept the session.
        on_message: called with every message.
        receive_maximum: messages the broker may send ahead of acknowledgements (MQTT 5).
        where: for error messages.
        keeps_session: whether the broker keeps what comes while the gateway is away; otherwise it forgets the gateway.
    """

    def __init__(
        self,
        link: MqttLink,
        *,
        client_id: str,
        status_topic: str,
        on_accepted: Callable[[Connection, bool], None],
        on_message: Callable[[Connection, Delivery], None],
        receive_maximum: int,
        where: Where,
        keeps_session: bool = True,
    ) -> None:
        self._link = link
        self._keeps_session = keeps_session
        self._is_v5 = link.version == "5"
        self._status_topic = status_topic
        self._on_accepted = on_accepted
        self._on_message = on_message
        self._receive_maximum = receive_maximum
        self._where = where
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str] = self._loop.create_future()
        self.given_up = False
        self.is_held = False
        self._accepted: asyncio.Future[ReasonCode] = self._loop.create_future()
        self._subscribed: dict[int, asyncio.Future[Sequence[ReasonCode]]] = {}
        self._published: dict[int, asyncio.Future[str | None]] = {}
        self._client = self._make_client(client_id)

    def _make_client(self, client_id: str) -> _Client:
        client = _Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if self._is_v5 else not self._keeps_session,
            protocol=paho.MQTTv5 if self._is_v5 else paho.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.will_set(self._status_topic, "offline", qos=1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._answered
        client.on_publish = self._taken
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
                    said = f"the broker refuses the gateway: {reason}"
                    raise LinkDown(said, where=self._where, text=refused_by_broker(self._link, str(reason)))
                return await self._subscribe(topics)
        except TimeoutError as error:
            raise LinkDown(f"the broker did not answer within {ANSWER_TIMEOUT_S:g} s", where=self._where) from error

    async def _connect(self) -> None:
        connecting = self._loop.run_in_executor(None, self._connect_blocking)
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            await asyncio.wait([connecting])
            if not connecting.cancelled():
                connecting.exception()
            raise
        except LinkDown as error:
            raise LinkDown(error.message, where=self._where, text=error.text) from error
        except (OSError, ValueError) as error:
            text = broker_unreachable(self._link, error)
            raise LinkDown(f"the broker cannot be reached: {error}", where=self._where, text=text) from error
        self._attach()

    def _connect_blocking(self) -> None:
        known_as = login(self._link)
        if known_as is not None:
            self._client.username_pw_set(*known_as)
        self._client.context = tls_context(self._link)
        self._client.connect(
            self._link.host,
            self._link.port,
            keepalive=self._link.keepalive_s,
            clean_start=not self._keeps_session if self._is_v5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=self._session() if self._is_v5 else None,
        )

    def _session(self) -> Properties:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S if self._keeps_session else 0
        properties.ReceiveMaximum = self._receive_maximum
        properties.MaximumPacketSize = self._link.max_payload_bytes + _PACKET_OVERHEAD_BYTES
        return properties

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

        loop.add_reader(descriptor, self._read)
        client.on_socket_close = stop_reading
        client.on_socket_register_write = start_writing
        client.on_socket_unregister_write = stop_writing
        if client.want_write():
            loop.add_writer(descriptor, client.loop_write)

    def _read(self) -> None:
        """Takes what has come; what is left of it after a full turn comes after the loop's other business."""
        client, sock = self._client, self._client.socket()
        wrong: str | None = "a message could not be taken in"
        try:
            has_more = client.read_turn(lambda: not self.is_held)
            wrong = "the broker sends at QoS 2, which nobody asked for" if client.was_sent_unwanted else None
        finally:
            if wrong is not None:  # paho would take the same bytes again and again
                self._break(sock, wrong)
        if has_more and wrong is None:
            self._loop.call_soon(self._read)

    def _break(self, sock: Any, why: str) -> None:
        """Takes nothing more from this connection; it ends."""
        if sock is not None and sock.fileno() >= 0:
            self._loop.remove_reader(sock.fileno())
        if not self.ended.done():
            self.ended.set_result(why)

    def hold(self) -> None:
        """Takes nothing more from the broker: what it sends waits in the network, and then with it."""
        sock = self._client.socket()
        if not self.is_held and sock is not None:
            self.is_held = True
            self._loop.remove_reader(sock.fileno())

    def go_on(self) -> None:
        """Takes messages again."""
        sock = self._client.socket()
        if self.is_held and sock is not None:
            self.is_held = False
            self._loop.add_reader(sock.fileno(), self._read)
            self._loop.call_soon(self._read)

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

    def publish(
        self, topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False
    ) -> asyncio.Future[str | None]:
        """Hands a message to the broker.

        Returns:
            Done with the broker's PUBACK (at QoS 0: when sent): None when it took the message, otherwise why it refuses
            it for good (MQTT 5; a broker of 3.1.1 drops what is not permitted and says nothing). LinkDown when the
            connection ends before: nobody knows whether it was taken, send it again on the next.
        """
        answer: asyncio.Future[str | None] = self._loop.create_future()
        if self.ended.done():
            self._break_off(answer)
            return answer
        sent = self._client.publish(topic, payload, qos=qos, retain=retain)
        if sent.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._break_off(answer)
        elif qos == 0 and sent.is_published():
            answer.set_result(None)
        else:
            self._published[sent.mid] = answer
        return answer

    def _break_off(self, answer: asyncio.Future[str | None]) -> None:
        """The answer will not come. Whoever does not ask for it is not told."""
        if not answer.done():
            answer.set_exception(LinkDown("the connection to the broker ended", where=self._where))
            answer.exception()

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
        if client.socket() is not None:
            if farewell and self._accepted.done() and not self.ended.done():
                client.publish(self._status_topic, "offline", qos=1, retain=True)
            client.disconnect()
            self._send_rest()
        for answer in self._published.values():
            self._break_off(answer)
        self._published.clear()

    def _send_rest(self) -> None:
        client = self._client
        while (sock := client.socket()) is not None and client.want_write():
            _, writable, _ = select.select([], [sock], [], _LAST_WORDS_S)
            if not writable or client.loop_write() is not MQTTErrorCode.MQTT_ERR_SUCCESS:
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
            payload = bytes(message.payload)
            self._on_message(self, Delivery(topic, payload, message.retain, message.mid, message.qos, message.dup))

    def _connected(
        self, _client: object, _userdata: object, flags: paho.ConnectFlags, reason: ReasonCode, _: object
    ) -> None:
        if not self._accepted.done():
            if not reason.is_failure:
                self._on_accepted(self, flags.session_present)
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

    def _taken(self, _client: object, _userdata: object, number: int, reason: ReasonCode, _: object) -> None:
        answer = self._published.pop(number, None)
        if answer is not None and not answer.done():
            answer.set_result(str(reason) if reason.is_failure else None)
