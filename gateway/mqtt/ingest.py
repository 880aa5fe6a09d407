"""Which message belongs to which device, and what becomes of it: readings, a bad reading with its reason, or nothing.

Topics are those of the site file: `<topic>` of a device (with a point's `subtopic` behind it where the profile names
one) and `<topic>/availability`, where a device, or the broker on its behalf, says `online` or `offline`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from facility.bus import Bus, LinkStatus, ReadingsTaken
from facility.clock import Clock, stretched_s
from facility.model import Site
from facility.profiles.schema import MqttPoint
from facility.readings import Batch, Status, failed, to_us
from gateway.mqtt.payload import Flaw, Source, Unreadable, Value, own_time, parse_object, parse_plain, read, source_of

log = logging.getLogger(__name__)

AVAILABILITY: Final = "availability"
OLDEST: Final = timedelta(days=7)
RETAINED_FRESH_S: Final = 300.0
FUTURE_TOLERANCE_S: Final = 60.0
_SAMPLE_BYTES: Final = 200


@dataclass(slots=True)
class Counts:
    """What came in since the start. `flaws` counts refused messages by reason."""

    messages: int = 0
    readings: int = 0
    retained_refused: int = 0
    unknown_topics: int = 0
    flaws: Counter[Flaw] = field(default_factory=Counter)


@dataclass(slots=True)
class Route:
    """All that one topic feeds. `flawed` is true from the first message that could not be read to the next that can."""

    topic: str
    sources: list[Source] = field(default_factory=list)
    flawed: bool = False

    @property
    def points(self) -> tuple[str, ...]:
        return tuple(source.point for source in self.sources)


class MqttIngest:
    """Turns messages of one broker into readings on the bus.

    Args:
        site: the site; all its devices on `link_id` are served.
        link_id: the MQTT link of the site file.
        bus: where readings and the devices' coming and going are published.
        clock: gives the time of a message that carries none.
    """

    def __init__(self, site: Site, link_id: str, bus: Bus, clock: Clock) -> None:
        self.link_id = link_id
        self.counts = Counts()
        self._bus = bus
        self._clock = clock
        self._routes: dict[str, Route] = {}
        self._availability: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._told: dict[str, bool] = {}
        for device in site.devices.values():
            if device.link == link_id and device.topic is not None:
                self._serve(site, device.id, device.topic.rstrip("/"))

    def _serve(self, site: Site, device: str, topic: str) -> None:
        points = site.points_of_device(device)
        for point in points:
            subtopic = point.spec.subtopic if isinstance(point.spec, MqttPoint) else None
            full = topic if subtopic is None else f"{topic}/{subtopic.strip('/')}"
            self._routes.setdefault(full, Route(full)).sources.append(source_of(point))
        told = (device, tuple(point.id for point in points))
        self._availability.setdefault(f"{topic}/{AVAILABILITY}", []).append(told)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic to subscribe to."""
        return (*self._routes, *(topic for topic in self._availability if topic not in self._routes))

    def take(
        self, topic: str, payload: bytes, *, retained: bool = False, acknowledge: Callable[[], None] | None = None
    ) -> None:
        """Takes one message; never raises, whatever it holds.

        Args:
            topic: as the broker gave it.
            payload: as it came.
            retained: the broker kept it for us; such a value may be of last year.
            acknowledge: called once when the broker may forget the message: after its readings are durable, at once
                when it gives none. None when nobody waits.
        """
        self.counts.messages += 1
        batch = self._batch_of(topic, payload, retained)
        if batch is None:
            if acknowledge is not None:
                acknowledge()
            return
        self.counts.readings += len(batch)
        self._bus.publish(ReadingsTaken(batch=batch, on_durable=acknowledge))

    def _batch_of(self, topic: str, payload: bytes, retained: bool) -> Batch | None:
        route = self._routes.get(topic)
        if route is not None:
            return self._readings(route, payload, retained)
        if topic in self._availability:
            return self._coming_or_going(topic, payload)
        self.counts.unknown_topics += 1
        return None

    def _readings(self, route: Route, payload: bytes, retained: bool) -> Batch | None:
        now = self._clock.now()
        try:
            said = _parse(route, payload)
            time, doubtful = self._time_of(said, now)
            if retained and not self._is_fresh(said, now):
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
            return failed(route.points, to_us(now), Status.BAD_PAYLOAD)
        self._note_clear(route)
        return _batch(to_us(time), values, doubtful)

    def _time_of(self, said: str | dict[str, Any], now: datetime) -> tuple[datetime, bool]:
        """When it was said, and whether the device's clock is to be doubted: then it is when the message came."""
        stamp = own_time(said) if isinstance(said, dict) else None
        if stamp is None:
            return now, False
        ahead = timedelta(seconds=stretched_s(FUTURE_TOLERANCE_S, self._clock.pace))
        return (stamp, False) if now - OLDEST <= stamp <= now + ahead else (now, True)

    def _is_fresh(self, said: str | dict[str, Any], now: datetime) -> bool:
        """Whether a retained message proves by its own time stamp that it is of now."""
        stamp = own_time(said) if isinstance(said, dict) else None
        if stamp is None:
            return False
        limit_s = stretched_s(RETAINED_FRESH_S, self._clock.pace)
        ahead_s = stretched_s(FUTURE_TOLERANCE_S, self._clock.pace)
        return -ahead_s <= (now - stamp).total_seconds() <= limit_s

    def _coming_or_going(self, topic: str, payload: bytes) -> Batch | None:
        state = _availability_state(payload)
        if state is None:
            self.counts.flaws[Flaw.NO_KNOWN_VALUE] += 1
            return None
        now = self._clock.now()
        told = self._availability[topic]
        for device, _ in told:
            self._tell(device, state == "online", now)
        if state == "online":
            return None
        return failed([point for _, points in told for point in points], to_us(now), Status.DISCONNECTED)

    def _tell(self, device: str, up: bool, now: datetime) -> None:
        if self._told.get(device) is up:
            return
        self._told[device] = up
        detail = "the device is back" if up else "the device went offline"
        self._bus.publish(LinkStatus(link=self.link_id, device=device, up=up, at=now, detail=detail))

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
        if route.flawed:
            route.flawed = False
            log.info("line %s, topic %s: messages can be read again", self.link_id, route.topic)


def _parse(route: Route, payload: bytes) -> str | dict[str, Any]:
    """A topic carries plain values or JSON, never both: one point with a path makes it JSON."""
    if any(source.path is not None for source in route.sources):
        return parse_object(payload)
    return parse_plain(payload)


def _availability_state(payload: bytes) -> str | None:
    """`online` or `offline`, said plainly or as `{"state": "offline"}`; None for anything else."""
    try:
        state: object = parse_plain(payload)
        if isinstance(state, str) and state.startswith("{"):
            state = parse_object(payload).get("state")
    except Unreadable:
        return None
    word = state.lower() if isinstance(state, str) else ""
    return word if word in ("online", "offline") else None


def _batch(time_us: int, values: Sequence[tuple[str, Value]], doubtful: bool) -> Batch:
    statuses = [
        Status.CLOCK_DOUBTFUL if doubtful and status is Status.GOOD else status for _, (_, status) in values
    ]  # fmt: skip
    all_good = all(status is Status.GOOD for status in statuses)
    return Batch(
        time_us=time_us,
        points=tuple(point for point, _ in values),
        values=tuple(value for _, (value, _) in values),
        statuses=None if all_good else tuple(statuses),
    )
