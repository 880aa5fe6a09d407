"""What is told: one thing worth telling, and several of them put into one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import TypeAdapter

from facility.bus.messages import AlarmLevel
from facility.text import Text

LEVELS: Final = tuple(AlarmLevel)


class Kind(StrEnum):
    """Why somebody is told."""

    RAISED = "raised"
    ESCALATED = "escalated"
    ENDED = "ended"
    REMINDER = "reminder"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing worth telling. `at` is when it happened (aware UTC); `key` the alarm's or reminder's; `to` whom this
    step of the escalation is for, None where it is for nobody in particular.
    """

    kind: Kind
    key: str
    level: AlarmLevel
    at: datetime
    text: Text
    advice: Text = Text("", "")
    owner: Text = Text("", "")
    to: Text | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether it goes out at any hour and without waiting for others."""
        return self.kind is Kind.TRIAL or (self.level is AlarmLevel.CRITICAL and self.kind is not Kind.ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A message as people read it. `id` is the same when it is sent again; `items` say the same to programs."""

    id: str
    title: str
    lines: Sequence[str]
    level: AlarmLevel
    items: Sequence[Mapping[str, Any]]

    @property
    def text(self) -> str:
        """The whole as plain text."""
        return "\n".join((self.title, *self.lines))


ITEM: Final = TypeAdapter(Item)


def rank(level: AlarmLevel | str) -> int:
    """How high a level is, from 0."""
    return LEVELS.index(AlarmLevel(level))


def is_at_least(level: AlarmLevel | str, least: AlarmLevel | str) -> bool:
    """Whether a level is as high as another, or higher."""
    return rank(level) >= rank(least)
