"""Which topics a link's devices speak on, which of them one subscription covers, and who an unknown sender is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from facility.model import Device, Site
from facility.model.broker_entries import DEVICE
from facility.model.entries import MqttLink
from facility.profiles import ProfileLibrary
from facility.profiles.messages import Messages, Stamp, topic_of
from facility.profiles.schema import Profile, WireProtocol
from gateway.mqtt.availability import Departure, Words
from gateway.mqtt.payload import Source, sources_of

SPARKPLUG: Final = "sparkplug"


@dataclass(slots=True, kw_only=True)
class Route:
    """All that one topic feeds. `flawed` is true from the first message that could not be read to the next that can."""

    topic: str
    devices: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    stamp: Stamp | None = None
    flawed: bool = False
    is_json: bool = False

    @property
    def points(self) -> tuple[str, ...]:
        """The points fed."""
        return tuple(source.point for source in self.sources)

    def add(self, device: str, sources: list[Source], stamp: Stamp | None) -> None:
        """Another device (or the first) speaks here. A topic carries plain values or JSON, never both: one point with
        a path makes it JSON.
        """
        self.devices.append(device)
        self.sources += sources
        self.stamp = stamp if self.stamp is None else self.stamp
        self.is_json = any(source.path is not None for source in self.sources)


class Wildcard(NamedTuple):
    """A subscription with `+` at the level `place`, where the devices of a pattern have their names."""

    levels: tuple[str, ...]
    place: int

    @property
    def filter(self) -> str:
        """As it is subscribed to."""
        return "/".join(self.levels)

    def sender(self, topic: str) -> str | None:
        """Who speaks on `topic`, None when the subscription does not cover it."""
        said = topic.split("/")
        if len(said) != len(self.levels):
            return None
        fits = all(mine in ("+", its) for mine, its in zip(self.levels, said, strict=True))
        return said[self.place] if fits else None


class Routes:
    """The topics of one link, but for Sparkplug's.

    Args:
        site: the site.
        link_id: an MQTT link of it.
    """

    def __init__(self, site: Site, link_id: str) -> None:
        self.by_topic: dict[str, Route] = {}
        self.departures: dict[str, list[Departure]] = {}
        for device in devices_of(site, link_id, sparkplug=False):
            self._add(site, device)
        self.wildcards = tuple(_wildcards(site, link_id))

    def _add(self, site: Site, device: Device) -> None:
        topic = (device.topic or "").rstrip("/")
        messages = site.profile_of(device.id).messages
        points = site.points_of_device(device.id)
        sources: dict[str, list[Source]] = {}
        for point in points:
            for subtopic, source in sources_of(point):
                sources.setdefault(_full(subtopic, topic), []).append(source)
        for full, found in sources.items():
            self.by_topic.setdefault(full, Route(topic=full)).add(device.id, found, messages.time)
        ids = tuple(point.id for point in points)
        for each in messages.availability:
            said_on = topic_of(each.topic, topic)
            self.departures.setdefault(said_on, []).append(Departure(device.id, ids, Words(each)))

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """What to subscribe to: a wildcard for each pattern, and the topics it does not cover. No two overlap where the
        patterns do not: some brokers then send a message twice.
        """
        alone = [topic for topic in (*self.by_topic, *self.departures) if self.sender(topic) is None]
        return tuple(dict.fromkeys([*(wildcard.filter for wildcard in self.wildcards), *alone]))

    def sender(self, topic: str) -> str | None:
        """The name at a pattern's place for a device, None when no pattern covers the topic."""
        found = (wildcard.sender(topic) for wildcard in self.wildcards)
        return next((sender for sender in found if sender is not None), None)

    def device(self, topic: str) -> str | None:
        """The first device that speaks on `topic`, None when it is nobody's."""
        route = self.by_topic.get(topic)
        if route is not None:
            return route.devices[0]
        departures = self.departures.get(topic)
        return None if departures is None else departures[0].device


def devices_of(site: Site, link_id: str, *, sparkplug: bool) -> Iterator[Device]:
    """The devices of a link that have a topic, those of one format."""
    for device in site.devices.values():
        if device.link == link_id and device.topic is not None:
            speaks = site.profile_of(device.id).messages.format == SPARKPLUG
            if speaks is sparkplug:
                yield device


def patterns_of(site: Site, link_id: str, *, sparkplug: bool) -> Iterator[tuple[str, Messages, Profile | None]]:
    """The patterns of a link with the profiles that devices found by them may have: the one named, or those of the
    link's devices; None where there are none yet.
    """
    link = site.links[link_id]
    if not isinstance(link, MqttLink):
        return
    for pattern in link.topics:
        profiles: list[Profile | None] = [*_profiles(site, link_id, pattern.profile)]
        for profile in profiles or [None]:
            messages = Messages() if profile is None else profile.messages
            if (messages.format == SPARKPLUG) is sparkplug:
                yield pattern.pattern, messages, profile


def _profiles(site: Site, link_id: str, named: str | None) -> Iterator[Profile]:
    if named is not None:
        profile = _known(site.profiles, named)
        if profile is not None:
            yield profile
        return
    used = dict.fromkeys(device.profile for device in site.devices.values() if device.link == link_id)
    yield from (site.profiles[name] for name in used if site.profiles[name].protocol is WireProtocol.MQTT)


def _known(profiles: Mapping[str, Profile], name: str) -> Profile | None:
    """A profile that the site uses, or a shipped one that it does not use yet."""
    return profiles.get(name) or ProfileLibrary().get(name)


def _wildcards(site: Site, link_id: str) -> Iterator[Wildcard]:
    seen: set[str] = set()
    for pattern, messages, profile in patterns_of(site, link_id, sparkplug=False):
        points = profile.mqtt if profile is not None else ()
        subtopics = [
            subtopic for spec in points for subtopic in (spec.subtopic, *(place.subtopic for place in spec.also))
        ]
        topics = [_full(subtopic, pattern) for subtopic in subtopics] or [pattern]
        topics += [topic_of(each.topic, pattern) for each in messages.availability]
        for topic in topics:
            if DEVICE in topic and topic not in seen:
                seen.add(topic)
                levels = topic.split("/")
                place = levels.index(DEVICE)
                yield Wildcard((*levels[:place], "+", *levels[place + 1 :]), place)


def _full(subtopic: str | None, topic: str) -> str:
    return topic if subtopic is None else topic_of(subtopic, topic)
