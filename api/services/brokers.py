"""How the lines to MQTT brokers do, and who speaks there without being in the site file."""

from __future__ import annotations

from datetime import datetime

from api.context import ApiContext
from api.services.storing import SpoolView, spool_view
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


class PublishView(Shape):
    """Publishing for other systems over the line `link`, since it began: messages the broker took, those it will never
    take, topics, readings that wait in the `spool` (None where there is none) and those `lost` before they got there.
    `commands` counts what other systems asked for, by what became of it. `up` is None until it was first tried.
    """

    link: str
    up: bool | None
    published: int
    refused: int
    topics: int
    lost: int
    commands: dict[str, int]
    spool: SpoolView | None


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


def publish_view(context: ApiContext) -> PublishView | None:
    """None where nothing is published."""
    health = context.line_board.published
    if health is None:
        return None
    return PublishView(
        link=health.link,
        up=health.up,
        published=health.published,
        refused=health.refused,
        topics=health.topics,
        lost=health.lost,
        commands=dict(health.commands),
        spool=spool_view(context, health.spool),
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
