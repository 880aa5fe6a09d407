"""How devices of an MQTT profile put their messages: the wire format, where the time stands, how they say goodbye."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TimeFormat = Literal["iso8601", "local", "epoch_s", "epoch_ms"]
"""`iso8601` has an offset, always; `local` is the same with or, in the site's own zone, without one; `epoch_s` and
`epoch_ms` count seconds and milliseconds since 1970 UTC."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stamp(_Strict):
    """Where a JSON message says when it was said: the dotted path `key`."""

    key: str = Field("time", min_length=1)
    format: TimeFormat = "iso8601"


class Availability(_Strict):
    """Where it is said that the device is there or gone, plainly or under `path` of a JSON object.

    `topic` is appended to the device's topic, or is a whole one where `{topic}` (the device's) or `{root}` (the first
    level of it) stands in it. Words are compared without regard to case.
    """

    topic: str = Field("availability", min_length=1)
    path: str = Field("state", min_length=1)
    online: tuple[str, ...] = ("online",)
    offline: tuple[str, ...] = ("offline",)


class Messages(_Strict):
    """How all devices of the profile speak. `sparkplug`: Sparkplug B, where a point's `path` is the name of a metric,
    births and deaths say who is there, and every metric has its time; `time` and `availability` are then not looked at.
    `time` None: the messages carry none.
    """

    format: Literal["plain_or_json", "sparkplug"] = "plain_or_json"
    time: Stamp | None = Stamp()
    availability: tuple[Availability, ...] = (Availability(),)


class Place(_Strict):
    """Another place where a device says the same value, for example at once on a change and now and then with all
    others. `path` and `subtopic` are as the point's own.
    """

    path: str | None = None
    subtopic: str | None = None


def topic_of(template: str, topic: str) -> str:
    """The topic that `template` means for the device at `topic`: appended to it, or with it put in."""
    if "{topic}" in template or "{root}" in template:
        return template.replace("{topic}", topic).replace("{root}", topic.split("/", 1)[0])
    return f"{topic}/{template.strip('/')}"
