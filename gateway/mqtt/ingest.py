"""What becomes of a message: readings, a bad reading with its reason, a device that came or went, or nothing.

Topics are those of the site file and of its patterns; how devices speak on them is their profiles' affair.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from facility.bus import Bus, ReadingsTaken
from facility.clock import Clock
from facility.model import Site
from facility.model.entries import MqttLink
from facility.readings import Batch, Status, failed, to_us
from gateway.mqtt.availability import Departure, Presence
from gateway.mqtt.columns import batch_of
from gateway.mqtt.payload import Flaw, Unreadable, parse_object, parse_plain, read
from gateway.mqtt.routes import Route, Routes
from gateway.mqtt.sparkplug.desk import NAMESPACE, SparkplugDesk, Speak
from gateway.mqtt.stamps import Dating
from gateway.mqtt.strangers import Strangers

log = logging.getLogger(__name__)

_SAMPLE_BYTES: Final = 200
_MOST_FLAWED_NODES: Final = 1000
_NAMESPACE: Final = f"{NAMESPACE}/"


@dataclass(slots=True)
class Counts:
    """What came in since the start. `flaws` counts refused messages by reason."""

    messages: int = 0
    readings: int = 0
    retained_refused: int = 0
    unknown_topics: int = 0
    flaws: Counter[Flaw] = field(default_factory=Counter)


class MqttIngest:
    """Turns messages of one broker into readings on the bus.

    Args:
        site: the site; all its devices on `link_id` are served.
        link_id: the MQTT link of the site file.
        bus: where readings and the devices' coming and going are published.
        clock: gives the time of a message that carries none.
    """

    def __init__(self, site: Site, link_id: str, bus: Bus, clock: Clock) -> None:
        link = site.links[link_id]
        self.link_id = link_id
        self.counts = Counts()
        self.strangers = Strangers(link_id)
        self._limit_bytes = link.max_payload_bytes if isinstance(link, MqttLink) else 0
        self._bus = bus
        self._clock = clock
        self._dating = Dating(clock, site.zone)
        self._routes = Routes(site, link_id)
        self._sparkplug = SparkplugDesk(site, link_id, self._dating, clock)
        self._presence = Presence(link_id, bus)
        self._flawed_nodes: dict[str, Route] = {}

    @property
    def topics(self) -> tuple[str, ...]:
        """Everything to subscribe to."""
        return (*self._routes.subscriptions, *self._sparkplug.subscriptions)

    def speak_through(self, speak: Speak | None) -> None:
        """Where commands to edge nodes go; None while the line is down."""
        self._sparkplug.speak = speak

    def owner(self, topic: str) -> str:
        """Whose message it is, for sharing the line fairly: a device's (all of an edge node are one), or "" for
        whatever belongs to nobody.
        """
        if topic.startswith(_NAMESPACE):
            return self._sparkplug.owner(topic) or ""
        return self._routes.device(topic) or ""

    def take(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool = False,
        acknowledge: Callable[[], None] | None = None,
        arrived: datetime | None = None,
    ) -> None:
        """Takes one message; never raises, whatever it holds.

        Args:
            topic: as the broker gave it.
            payload: as it came.
            retained: the broker kept it for us; such a value may be of last year.
            acknowledge: called once when the broker may forget the message: after its readings are durable, at once
                when it gives none. None when nobody waits.
            arrived: when it came first, where the broker sent it again; None for now.
        """
        self.counts.messages += 1
        batches = self._batches_of(topic, payload, retained, self._clock.now() if arrived is None else arrived)
        if not batches:
            if acknowledge is not None:
                acknowledge()
            return
        if len(batches) > 1 and acknowledge is not None:
            acknowledge = _when_all(acknowledge, len(batches))
        for batch in batches:
            self.counts.readings += len(batch)
            self._bus.publish(ReadingsTaken(batch=batch, on_durable=acknowledge))

    def _batches_of(self, topic: str, payload: bytes, retained: bool, arrived: datetime) -> Sequence[Batch]:
        route = self._routes.by_topic.get(topic)
        departures = self._routes.departures.get(topic)
        if departures is not None and (
            route is None or any(each.words.read(payload) is not None for each in departures)
        ):
            return self._coming_or_going(departures, payload)
        if route is not None:
            batch = self._readings(route, payload, retained, arrived)
            return () if batch is None else (batch,)
        if topic.startswith(_NAMESPACE):
            return self._of_edge_node(topic, payload, retained, arrived)
        self.counts.unknown_topics += 1
        sender = self._routes.sender(topic)
        if sender is not None:
            self.strangers.note(sender, topic, payload, arrived)
        return ()

    def _readings(self, route: Route, payload: bytes, retained: bool, arrived: datetime) -> Batch | None:
        try:
            self._check_size(payload)
            said = parse_object(payload) if route.is_json else parse_plain(payload)
            if retained and not self._dating.proves_fresh(route.stamp, said):
                self.counts.retained_refused += 1
                return None
            values = [(source.point, value) for source in route.sources if (value := read(source, said)) is not None]
            if not values:
                raise Unreadable(Flaw.NO_KNOWN_VALUE, "none of the values that the profile names")
        except Unreadable as error:
            self._note_flaw(route, payload, error)
            if retained:
                self.counts.retained_refused += 1
                return None
            return failed(route.points, to_us(arrived), Status.BAD_PAYLOAD)
        if route.flawed:
            self._note_clear(route)
        time, doubtful = self._dating.of(route.stamp, said, arrived)
        for device in route.devices:
            self._presence.heard(device, arrived)
        return batch_of(time, values, doubtful)

    def _check_size(self, payload: bytes) -> None:
        if len(payload) > self._limit_bytes:
            raise Unreadable(Flaw.TOO_LARGE, f"{len(payload)} bytes, more than {self._limit_bytes}")

    def _coming_or_going(self, departures: list[Departure], payload: bytes) -> Sequence[Batch]:
        now = self._clock.now()
        lost: list[str] = []
        for device, points, words in departures:
            is_there = words.read(payload) if len(payload) <= self._limit_bytes else None
            if is_there is None:
                self.counts.flaws[Flaw.NO_KNOWN_VALUE] += 1
                continue
            self._presence.tell(device, is_there, now)
            if not is_there:
                lost += points
        return (failed(lost, to_us(now), Status.DISCONNECTED),) if lost else ()

    def _of_edge_node(self, topic: str, payload: bytes, retained: bool, arrived: datetime) -> Sequence[Batch]:
        if retained:
            self.counts.retained_refused += 1
            return ()
        owner = self.owner(topic)
        try:
            self._check_size(payload)
            told = self._sparkplug.take(topic, payload, arrived)
        except Unreadable as error:
            if len(self._flawed_nodes) < _MOST_FLAWED_NODES:
                self._flawed_nodes.setdefault(owner, Route(topic=topic))
            self._note_flaw(self._flawed_nodes.get(owner, Route(topic=topic, flawed=True)), payload, error)
            return ()
        route = self._flawed_nodes.pop(owner, None)
        if route is not None:
            self._note_clear(route)
        for device, is_there in told.presence:
            self._presence.tell(device, is_there, arrived)
        if told.stranger is not None:
            self.counts.unknown_topics += 1
            self.strangers.note(told.stranger, topic, payload, arrived)
        return told.batches

    def _note_flaw(self, route: Route, payload: bytes, error: Unreadable) -> None:
        self.counts.flaws[error.flaw] += 1
        if route.flawed:
            return
        route.flawed = True
        log.warning(
            "line %s, topic %s: message cannot be read (%s: %s); its points have no value until it can: %r",
            self.link_id, route.topic, error.flaw.value, error, payload[:_SAMPLE_BYTES],
        )  # fmt: skip

    def _note_clear(self, route: Route) -> None:
        route.flawed = False
        log.info("line %s, topic %s: messages can be read again", self.link_id, route.topic)


def _speaks_of_presence(departures: list[Departure], payload: bytes) -> bool:
    return any(each.words.read(payload) is not None for each in departures)


def _when_all(done: Callable[[], None], number: int) -> Callable[[], None]:
    """What each of `number` batches calls when it is durable: the last one says so."""
    left = number

    def one() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done()

    return one
