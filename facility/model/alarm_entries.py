"""Entries about alarms: which conditions are watched, and who is told of them, and how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from facility.model.entry import Entry, EnvironmentName, Names, PointId, Slug
from facility.model.equipment import Item
from facility.model.places import ZoneClass
from facility.quantities import Quantity

Level = Literal["info", "warning", "serious", "critical"]
Hours = Annotated[str, Field(pattern=r"^(always|working|off_hours|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)$")]
"""When a condition counts: always, in working hours, outside of them, or between two local times, past midnight too."""

ConditionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]

Who = Literal["duty", "office", "admin_section", "leader"]
"""Who looks after an alarm: whoever is on duty, the responsible of the office concerned, the administration section
(行政科), a leader.
"""


class Selection(Entry):
    """Which points: those named, or all that fit every word that is written. `point` is a point's name within its
    equipment; `quantity` what it measures; `kinds` kinds of equipment; `classes` those of the rooms it serves or
    meters; `feeds` what its meter feeds; `items` the meter's item; `counter`: of a meter only what it is accounted by.
    """

    points: tuple[PointId, ...] = ()
    point: str | None = None
    quantity: Quantity | None = None
    kinds: tuple[str, ...] = ()
    classes: tuple[ZoneClass, ...] = ()
    feeds: tuple[Literal["office", "space", "building", "equipment"], ...] = ()
    items: tuple[Item, ...] = ()
    counter: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return self == Selection()


class Limits(Entry):
    """From which value on it is abnormal, in the point's canonical unit; None where there is no such limit. It is
    normal again once the value is `deadband` inside. `rate` judges the change per hour over so many `rate_minutes`.
    `state` is the name of an abnormal state. `silent_minutes`: no good reading for so long. `hours`: when it counts.
    """

    above: float | None = None
    below: float | None = None
    deadband: float = Field(0.0, ge=0)
    rate: bool = False
    rate_minutes: float = Field(30.0, ge=1, le=1440)
    state: str | None = None
    silent_minutes: float | None = Field(None, gt=0)
    hours: Hours = "always"

    @property
    def is_set(self) -> bool:
        """Whether there is any limit. A condition without one watches nothing."""
        return any(limit is not None for limit in (self.above, self.below, self.state, self.silent_minutes))


class ConditionEntry(Entry):
    """One kind of alarm: what is abnormal, how its alarms behave, and what is said to people.

    `keys`: beginnings of the keys under which parts of the program report it. `select` and `limits`: what is watched on
    points; `besides` must be abnormal too, in the same room or office. `follows`: the alarms it merely follows from: of
    the equipment's `device`, of its `line`, or of the keys written. `ends`: with its condition, or when a person has
    acknowledged it (what happened once has no end of its own). `level` None: as reported.
    """

    id: ConditionId
    name: Names
    advice: Names
    level: Level | None = None
    who: Who = "duty"
    clause: str | None = None
    keys: tuple[str, ...] = ()
    select: Selection = Selection()
    limits: Limits = Limits()
    besides: Selection = Selection()
    besides_limits: Limits = Limits()
    on_delay_s: float = Field(0.0, ge=0, le=86_400)
    off_delay_s: float = Field(0.0, ge=0, le=86_400)
    acknowledge: bool = True
    latching: bool = False
    ends: Literal["condition", "acknowledgement"] = "condition"
    follows: tuple[str, ...] = ()
    parameters: dict[str, float] = Field(default_factory=dict)


class OwnConditionEntry(ConditionEntry):
    """A condition of the site's own: always about points."""

    @model_validator(mode="after")
    def _watches_something(self) -> OwnConditionEntry:
        if self.keys:
            raise ValueError("'keys' belong to the conditions that ship; expected 'select' and 'limits'")
        if self.select.is_empty or not self.limits.is_set:
            raise ValueError("a condition of your own needs 'select' and at least one of its 'limits'")
        if self.level is None:
            raise ValueError("a condition of your own needs a 'level'")
        return self


class LimitChange(Entry):
    """Other limits than the condition ships with; what is not written stays."""

    above: float | None = None
    below: float | None = None
    deadband: float | None = Field(None, ge=0)
    rate_minutes: float | None = Field(None, ge=1, le=1440)
    silent_minutes: float | None = Field(None, gt=0)
    hours: Hours | None = None


class ConditionChange(Entry):
    """What the site wants different about a condition; what is not written stays as it ships."""

    level: Level | None = None
    who: Who | None = None
    on_delay_s: float | None = Field(None, ge=0, le=86_400)
    off_delay_s: float | None = Field(None, ge=0, le=86_400)
    acknowledge: bool | None = None
    latching: bool | None = None
    limits: LimitChange = LimitChange()
    besides_limits: LimitChange = LimitChange()
    parameters: dict[str, float] = Field(default_factory=dict)


class FloodEntry(Entry):
    """More than `more_than` new alarms within `minutes` are a flood, and told as one."""

    more_than: int = Field(10, ge=1, le=1000)
    minutes: float = Field(10.0, ge=1, le=120)


class AlarmsEntry(Entry):
    """Which conditions are watched: those that ship, without those switched `off` and with what is `change`d, and the
    site's `own`. Nobody shelves an alarm for longer than `longest_shelf_hours`.
    """

    off: tuple[ConditionId, ...] = ()
    change: dict[ConditionId, ConditionChange] = Field(default_factory=dict)
    own: tuple[OwnConditionEntry, ...] = ()
    flood: FloodEntry = FloodEntry()
    longest_shelf_hours: float = Field(72.0, gt=0, le=24 * 31)


class ChannelBase(Entry):
    """What all ways to people share. From `from_level` on alarms go out; not more than `per_hour` messages, the rest is
    put together. `ends`: it is told, too, when an alarm is over. `allow_local`: addresses of this machine and of links
    without a router may be used.
    """

    language: Literal["zh", "en", "both"] = "zh"
    from_level: Level = "warning"
    per_hour: int = Field(20, ge=1, le=1000)
    ends: bool = True
    timeout_s: float = Field(10.0, gt=0, le=120)
    allow_local: bool = False


class MailChannel(ChannelBase):
    """E-mail over SMTP (RFC 5321). User and password are the values of the environment variables named."""

    type: Literal["mail"]
    host: str = Field(min_length=1, max_length=253)
    port: int = Field(465, ge=1, le=65_535)
    security: Literal["tls", "starttls", "none"] = "tls"
    user_env: EnvironmentName | None = None
    password_env: EnvironmentName | None = None
    sender: str = Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")
    recipients: tuple[Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _both_or_neither(self) -> MailChannel:
        if (self.user_env is None) != (self.password_env is None):
            raise ValueError("'user_env' and 'password_env' are written together or not at all")
        if self.user_env is not None and self.security == "none" and not self.allow_local:
            raise ValueError("a password is not sent in the clear; expected 'security: tls' or 'starttls'")
        return self


class WebhookChannel(ChannelBase):
    """A POST of JSON to any address. With `secret_env` it is signed (HMAC-SHA256) so that the receiver can tell it is
    ours. Where the address itself is a secret, `url_env` names the environment variable that holds it.
    """

    type: Literal["webhook"]
    url: str | None = Field(None, pattern=r"^https?://")
    url_env: EnvironmentName | None = None
    secret_env: EnvironmentName | None = None

    @model_validator(mode="after")
    def _one_address(self) -> WebhookChannel:
        if (self.url is None) == (self.url_env is None):
            raise ValueError("expected exactly one of 'url' and 'url_env'")
        return self


class WeComChannel(ChannelBase):
    """A group robot of WeCom (企业微信群机器人). Its address holds its key: `url_env` names the variable with it."""

    type: Literal["wecom"]
    url_env: EnvironmentName
    format: Literal["markdown", "text"] = "markdown"
    per_hour: int = Field(60, ge=1, le=1000)
    mention: tuple[str, ...] = ()


class DingTalkChannel(ChannelBase):
    """A group robot of DingTalk (钉钉自定义机器人), signed with the secret in the variable `secret_env`."""

    type: Literal["dingtalk"]
    url_env: EnvironmentName
    secret_env: EnvironmentName | None = None
    format: Literal["markdown", "text"] = "markdown"
    per_hour: int = Field(60, ge=1, le=1000)
    mention: tuple[str, ...] = ()


Channel = Annotated[MailChannel | WebhookChannel | WeComChannel | DingTalkChannel, Field(discriminator="type")]


class EscalationStep(Entry):
    """Who is told when nobody has acknowledged an alarm `after_minutes` after it was raised; the first is told at once.
    `to` says in words who they are; `from_level`: only of alarms of that level and above.
    """

    to: Names
    channels: tuple[Slug, ...] = Field(min_length=1)
    after_minutes: float = Field(0.0, ge=0, le=7 * 24 * 60)
    from_level: Level = "warning"


class NotifyEntry(Entry):
    """Who is told of alarms, and how. In `quiet` hours only critical alarms go out; the rest follows as one digest when
    they end. What comes within `digest_minutes` is put together. `reminders` go to the channels named.
    """

    channels: dict[Slug, Channel] = Field(default_factory=dict)
    escalation: tuple[EscalationStep, ...] = ()
    quiet: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] | None = None
    digest_minutes: float = Field(1.0, ge=0, le=24 * 60)
    reminders: tuple[Slug, ...] = ()
