"""Fills the image of what the broker is to keep from what the rooms say."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from facility.bus import Bus, DecisionMade, EnvelopeIssued, ReadingsTaken
from facility.bus.messages import AlarmStanding, AlarmStood, SupplyStated
from facility.envelope import Envelope
from facility.model import Point, Site
from facility.readings import Batch, Quality, Reading, Status, from_us
from gateway.mqtt.out.discovery import Discovery, platforms
from gateway.mqtt.out.equipment_state import TOLD, equipment_state
from gateway.mqtt.out.image import Image, Payload
from gateway.mqtt.out.payloads import alarm, decision, encoded, envelope, reading, stamp, supply
from gateway.mqtt.out.remembered import Remembered
from gateway.mqtt.out.scope import Scope
from gateway.mqtt.out.topics import Topics


class States:
    """Listens to readings, decisions, envelopes, alarms and the state of supply, and puts them on their topics.

    Args:
        site: the site.
        scope: what of it is published.
        topics: where.
        image: takes it.
        discovery: makes announcements, None where Home Assistant is not told.
        before: what an earlier life put on the broker.
        now_s: seconds that only go on.
        changed: called when the broker is to be told something.
    """

    def __init__(
        self,
        site: Site,
        scope: Scope,
        *,
        topics: Topics,
        image: Image,
        discovery: Discovery | None,
        before: Remembered,
        now_s: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._site = site
        self._scope = scope
        self._topics = topics
        self._image = image
        self._discovery = discovery
        self._now_s = now_s
        self._changed = changed
        self._latest: dict[str, Reading] = {}
        self._legal: dict[str, Envelope] = {}
        self._announced: dict[str, dict[str, str]] = {}
        self._gone = before.components
        self._alarms: dict[str, bytes] = {}
        self._over: set[str] = set()
        self._take_over(before)

    def listen(self, bus: Bus) -> list[Callable[[], None]]:
        """Begins to listen; what is returned ends it."""
        return [
            bus.listen(ReadingsTaken, lambda message: self.take_readings(message.batch)),
            bus.listen(DecisionMade, self._take_decision),
            bus.listen(EnvelopeIssued, self._take_envelope),
            bus.listen(SupplyStated, self._take_supply),
            bus.listen(AlarmStood, self._take_alarm),
        ]

    @property
    def remembered(self) -> Remembered:
        """What the next life must know."""
        alarms = {topic: payload.decode() for topic, payload in self._alarms.items()}
        return Remembered(topics=frozenset(self._image.kept), components=dict(self._announced), alarms=alarms)

    def _take_over(self, before: Remembered) -> None:
        """Alarms go on standing, announcements are made, and what is no part of the site any more is taken away."""
        for topic, payload in before.alarms.items():
            if topic.startswith(self._topics.alarm("")):
                self._alarms[topic] = payload.encode()
                self._put(topic, payload.encode(), payload.encode())
        for equipment in self._scope.equipment:
            self._announce(equipment)
        for topic in sorted(before.topics - self._expected()):
            self._image.clear(topic)

    def _expected(self) -> set[str]:
        topics = self._topics
        of_equipment = {
            topics.equipment(key, what) for key in self._scope.equipment for what in ("state", "decision", "envelope")
        }
        of_points = {topics.point(point) for point in self._scope.points}
        return {*of_equipment, *of_points, topics.supply, *self._announced, *self._alarms}

    def _put(self, topic: str, payload: Payload, meaning: object, *, urgent: bool = True) -> None:
        self._image.put(topic, payload, meaning=meaning, now_s=self._now_s(), urgent=urgent)

    def take_readings(self, batch: Batch) -> None:
        """A device answered. What is older than what is shown is passed over: it goes into the stream alone."""
        time = from_us(batch.time_us)
        touched: dict[str, None] = {}
        for index, name in enumerate(batch.points):
            point = self._scope.points.get(name)
            held = self._latest.get(name)
            if point is None or (held is not None and held.time > time):
                continue
            status = Status.GOOD if batch.statuses is None else batch.statuses[index]
            self._latest[name] = Reading(point=name, time=time, value=batch.values[index], status=status)
            self._put(
                self._topics.point(name),
                partial(reading, point, batch.time_us, batch.values[index], status),
                (batch.values[index], status),
                urgent=_is_urgent(point, held, status),
            )
            if point.equipment in self._scope.operable and point.spec.id in TOLD:
                touched[point.equipment] = None
        for equipment in touched:
            self._put(
                self._topics.equipment(equipment, "state"),
                partial(equipment_state, self._site, equipment, self._latest.get),
                tuple(self._value(f"{equipment}.{name}") for name in TOLD),
            )
        self._changed()

    def _value(self, point: str) -> float | None:
        held = self._latest.get(point)
        return None if held is None else held.value

    def _take_decision(self, message: DecisionMade) -> None:
        made = message.decision
        if made.equipment not in self._scope.equipment:
            return
        payload = decision(made)
        self._put(self._topics.equipment(made.equipment, "decision"), payload, payload)
        self._changed()

    def _take_envelope(self, message: EnvelopeIssued) -> None:
        legal = message.envelope
        if legal.equipment not in self._scope.equipment:
            return
        before = self._legal.get(legal.equipment)
        self._legal[legal.equipment] = legal
        content: dict[str, Any] = envelope(legal)
        payload = encoded({"valid_until": stamp(legal.valid_until), **content})
        self._put(self._topics.equipment(legal.equipment, "envelope"), payload, encoded(content))
        if before is None or before.modes != legal.modes:
            self._announce(legal.equipment)
        self._changed()

    def _take_supply(self, message: SupplyStated) -> None:
        payload = supply(message)
        self._put(self._topics.supply, payload, payload)
        self._changed()

    def _take_alarm(self, message: AlarmStood) -> None:
        topic = self._topics.alarm(message.key)
        if message.standing is AlarmStanding.NORMAL:
            self._alarms.pop(topic, None)
            if topic not in self._over:  # it may stand at the broker since an earlier life
                self._over.add(topic)
                self._image.clear(topic)
        elif message.equipment is None or message.equipment in self._scope.equipment:
            self._over.discard(topic)
            self._alarms[topic] = payload = alarm(message)
            self._put(topic, payload, payload)
        self._changed()

    def _announce(self, equipment: str) -> None:
        if self._discovery is None:
            return
        topic = self._discovery.topic(equipment)
        legal = self._legal.get(equipment)
        content = self._discovery.announcement(equipment, legal, self._gone.get(topic))
        if content is not None:
            payload = encoded(content)
            self._announced[topic] = platforms(self._discovery.components(equipment, legal))
            self._put(topic, payload, payload)


def _is_urgent(point: Point, held: Reading | None, status: Status) -> bool:
    """Whether a reading is not to wait for its turn: a state, or one that is good where the last was not, or bad."""
    if point.spec.enumeration is not None or status.quality is Quality.BAD:
        return True
    return held is not None and held.status.quality is not status.quality
