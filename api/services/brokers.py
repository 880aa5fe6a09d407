"""How the lines to MQTT brokers do, and who speaks there without being in the site file."""

from __future__ import annotations

from datetime import datetime

from api.context import ApiContext
from api.services.stranger_entry import entry_for
from api.shapes import Shape
from facility.broker_health import BrokerHealth
from facility.strangers import Stranger


class StrangerView(Shape):
    """A sender that the site file does not know. `sample` is the beginning of what it said last, None for those who may
    not see raw messages; `entry` the lines that would enter it into the site file, YAML.
    """

    id: str
    topic: str
    first: datetime
    last: datetime
    messages: int
    sample: str | None
    entry: str


class BrokerView(Shape):
    """A line to a broker, since the gateway's start. `refused` counts messages that were not used, by reason;
    `dropped` those let go because their device sent too many, by device ("" for nobody's); `unacknowledged` messages
    that the broker keeps until their readings are safe.
    """

    connections: int
    messages: int
    readings: int
    refused: dict[str, int]
    dropped: dict[str, int]
    unacknowledged: int
    strangers: list[StrangerView]


def broker_view(context: ApiContext, health: BrokerHealth, *, raw: bool) -> BrokerView:
    """What is known of a broker; with what strangers said where `raw`."""
    return BrokerView(
        connections=health.connections,
        messages=health.messages,
        readings=health.readings,
        refused=dict(health.refused),
        dropped=dict(health.dropped),
        unacknowledged=health.unacknowledged,
        strangers=[_stranger(context, stranger, raw=raw) for stranger in health.strangers],
    )


def _stranger(context: ApiContext, stranger: Stranger, *, raw: bool) -> StrangerView:
    return StrangerView(
        id=stranger.id,
        topic=stranger.topic,
        first=context.local(stranger.first),
        last=context.local(stranger.last),
        messages=stranger.messages,
        sample=stranger.sample if raw else None,
        entry=entry_for(context.site, stranger),
    )
