"""The lines of a site file that would enter a device which speaks on a broker and is not in it. Pure."""

from __future__ import annotations

import json
import re
from typing import Final

from facility.model import Site
from facility.model.broker_entries import MqttLink, TopicPattern
from facility.profiles.schema import WireProtocol
from facility.strangers import Stranger

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
SPARKPLUG: Final = "spBv1.0/"
CHOOSE: Final = "CHOOSE"
ROOM: Final = "ROOM"


def entry_for(site: Site, stranger: Stranger) -> str:
    """A device with its equipment as YAML. What cannot be known from here stands there in capitals: the profile, where
    several would do, and what the equipment serves.
    """
    pattern = _pattern(site, stranger)
    profiles = _profiles(site, stranger, pattern)
    profile = profiles[0] if len(profiles) == 1 else None
    device = _device_id(site, stranger.id)
    lines = ["devices:", f"  - id: {device}", f"    profile: {profile or CHOOSE}"]
    lines += [f"    # {name}" for name in profiles if profile is None]
    lines.append(f"    link: {stranger.link}")
    topic = _topic(stranger, pattern, device)
    if topic is not None:
        lines.append(f"    topic: {json.dumps(topic, ensure_ascii=False)}")
    lines += ["equipment:", f"  - id: {_free(site, device)}", f"    kind: {_kind(site, profile)}"]
    return "\n".join([*lines, f"    device: {device}", f"    serves: [{ROOM}]"])


def _pattern(site: Site, stranger: Stranger) -> TopicPattern | None:
    """The pattern of its line that it was found by."""
    link = site.links.get(stranger.link)
    if not isinstance(link, MqttLink):
        return None
    said = f"/{stranger.topic}/"
    return next((each for each in link.topics if f"/{each.topic(stranger.id).strip('/')}/" in said), None)


def _profiles(site: Site, stranger: Stranger, pattern: TopicPattern | None) -> list[str]:
    """What it may be: the pattern's profile, or those of devices that speak in places alike, or those of the line."""
    if pattern is not None and pattern.profile is not None:
        return [pattern.profile]
    others = [device for device in site.devices.values() if device.link == stranger.link and device.topic is not None]
    alike = [device for device in others if _is_alike(device.topic or "", stranger.topic)]
    used = dict.fromkeys(device.profile for device in alike or others)
    return [name for name in used if site.profiles[name].protocol is WireProtocol.MQTT]


def _is_alike(topic: str, other: str) -> bool:
    """Whether two topics differ at one level, where they name the room or the device."""
    mine, its = topic.split("/"), other.split("/")
    return len(mine) == len(its) and sum(one != two for one, two in zip(mine, its, strict=True)) == 1


def _topic(stranger: Stranger, pattern: TopicPattern | None, device: str) -> str | None:
    """The device's `topic`; None where the pattern finds it by its id."""
    if stranger.topic.startswith(SPARKPLUG):
        return stranger.id
    if pattern is None:
        return stranger.topic
    return None if device == stranger.id else pattern.topic(stranger.id)


def _device_id(site: Site, said: str) -> str:
    """The name it gives itself where the site file takes it, one made of it otherwise."""
    if _SLUG.fullmatch(said) and said not in site.devices:
        return said
    made = _NOT_SLUG.sub("-", said.lower()).strip("-")[:60] or "device"
    names = (made, *(f"{made}-{number}" for number in range(2, len(site.devices) + 3)))
    return next(name for name in names if name not in site.devices)


def _free(site: Site, name: str) -> str:
    return name if name not in site.equipment else f"{name}-new"


def _kind(site: Site, profile: str | None) -> str:
    """The kind of equipment that devices of this profile have on this site already."""
    for item in site.equipment.values():
        device = None if item.device is None else site.devices.get(item.device)
        if device is not None and device.profile == profile:
            return item.kind
    return CHOOSE
