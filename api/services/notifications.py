"""Notifications: what was told to people, what is on its way, and a trial message."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from api.context import ApiContext
from api.problems import RequestProblem, unknown
from api.shapes import Bilingual, Shape
from facility.bus import NotificationWanted
from facility.commands import Actor
from facility.journal.alarm_states import Notification
from facility.journal.documents import TEXT, restored
from facility.text import Text

CHANNEL: Final = Text("通知渠道", "channel")


class NotificationView(Shape):
    """A notification: `state` is `waiting`, `sent`, `failed` (given up) or `dropped` (not worth telling any more);
    `error` is what the last try ended with, null when nothing went wrong.
    """

    about: str
    channel: str
    kind: str
    key: str
    level: str
    text: Bilingual
    made: datetime
    state: str
    tries: int
    ended: datetime | None
    error: str | None


class Notifications(Shape):
    """Notifications, newest first. `channels` are those of the site."""

    channels: list[str]
    rows: list[NotificationView]


class TrialMessageBody(Shape):
    """By which channel a trial message is sent; null: by all."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": {"channel": None}})

    channel: Annotated[str | None, Field(max_length=64)] = None


class TrialMessageSent(Shape):
    """The channels by which a trial message is on its way."""

    channels: list[str]


async def notifications(context: ApiContext, *, state: str | None = None, limit: int = 200) -> Notifications:
    """What was told and what is on its way, newest first."""
    found = await context.remember(context.journal.alarm_states.notifications, state=state, limit=limit)
    return Notifications(
        channels=list(context.site.file.notify.channels), rows=[_view(context, notification) for notification in found]
    )


async def send_trial(context: ApiContext, channel: str | None, actor: Actor) -> TrialMessageSent:
    """Puts a trial message on its way.

    Raises:
        RequestProblem: there is no such channel, or none at all.
    """
    channels = list(context.site.file.notify.channels)
    if channel is not None and channel not in channels:
        raise unknown(CHANNEL, channel)
    if not channels:
        raise RequestProblem(
            409,
            "no_channels",
            Text("站点文件没有配置通知渠道（`notify`）", "the site file names no channels (`notify`)"),
        )
    now = context.clock.now()
    await context.remember(context.journal.audit, actor, "trial notification", {"channel": channel}, now)
    context.bus.publish(NotificationWanted(channel=channel, actor=actor, at=now))
    return TrialMessageSent(channels=channels if channel is None else [channel])


def _view(context: ApiContext, notification: Notification) -> NotificationView:
    document = notification.document
    return NotificationView(
        about=notification.about,
        channel=notification.channel,
        kind=document["kind"],
        key=document["key"],
        level=document["level"],
        text=Bilingual.of(restored(TEXT, document["text"])),
        made=context.local(notification.made),
        state=notification.state,
        tries=notification.tries,
        ended=None if notification.ended is None else context.local(notification.ended),
        error=notification.error,
    )
