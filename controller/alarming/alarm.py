"""One alarm with all that is known of it, and how it is told, kept and taken back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from controller.alarming.delays import Delayed
from controller.alarming.states import Facts, Manner
from facility.bus.messages import AlarmChanged, AlarmLevel, AlarmStanding, AlarmStood
from facility.commands import Actor
from facility.model.alarm_entries import ConditionEntry
from facility.text import Text

MAINTENANCE: Final = "maintenance:"
"""Begins the key under which a whole equipment, device or line is taken out of service."""

OPEN: Final = frozenset({AlarmStanding.UNACKNOWLEDGED, AlarmStanding.RETURNED})
"""The states in which somebody has to take note."""

SHOWN: Final = OPEN | {AlarmStanding.ACKNOWLEDGED}
"""The states in which people see an alarm."""

_UNSAID: Final = Text("", "")


@dataclass(slots=True, kw_only=True)
class Alarm:
    """One alarm. `confirmed`: its condition was heard of since the program started. `ended` is when its condition last
    became normal. `causes` are the keys it may follow from.
    """

    key: str
    entry: ConditionEntry
    manner: Manner
    causes: tuple[str, ...]
    delayed: Delayed
    since: datetime
    level: AlarmLevel
    text: Text
    equipment: str | None = None
    facts: Facts = field(default_factory=Facts)
    acknowledged_by: Actor | None = None
    note: str = ""
    ended: datetime | None = None
    confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that is out of service: until when (None: until it is put back), by whom, and why."""

    until: datetime | None
    by: Actor | None
    note: str


def kept(facts: Facts) -> tuple[AlarmStanding, bool, datetime | None, str | None]:
    """What of the facts people and records are told; a change in anything else is nobody's news."""
    standing = facts.standing
    return standing, facts.abnormal, facts.until, facts.cause if standing is AlarmStanding.SUPPRESSED else None


def facts_of(state: AlarmStood, manner: Manner) -> Facts:
    """The facts that an alarm stood on when it was last told of."""
    standing = state.standing
    suppressed = standing is AlarmStanding.SUPPRESSED
    known = state.acknowledged_by is not None or not manner.acknowledge if suppressed else standing not in OPEN
    return Facts(
        abnormal=state.abnormal,
        known=known,
        told=standing in SHOWN or (suppressed and state.before in SHOWN),
        latched=manner.latching and (state.abnormal or standing is AlarmStanding.RETURNED),
        shelved_until=state.until if standing is AlarmStanding.SHELVED else None,
        out=standing is AlarmStanding.OUT_OF_SERVICE,
        out_until=state.until if standing is AlarmStanding.OUT_OF_SERVICE else None,
        cause=state.cause,
    )


def gone(state: AlarmStood, now: datetime) -> list[AlarmStood]:
    """The end of an alarm whose condition the site switched off; nothing when it was over."""
    if state.standing is AlarmStanding.NORMAL:
        return []
    ended = replace(
        state, before=state.standing, standing=AlarmStanding.NORMAL, abnormal=False, at=now, by=None, until=None,
        cause=None,
    )  # fmt: skip
    return [ended]


def unwatched(message: AlarmChanged, now: datetime) -> AlarmStood:
    """How a condition stands that the site switched off: as normal, whatever is said."""
    return AlarmStood(
        key=message.key, standing=AlarmStanding.NORMAL, before=AlarmStanding.NORMAL, level=message.level, at=now,
        since=message.at, abnormal=False, text=message.text, advice=_UNSAID, owner=_UNSAID,
        equipment=message.equipment,
    )  # fmt: skip


def is_news(step: AlarmStood) -> bool:
    """Whether a step belongs into the records: what only confirms that nothing is wrong does not."""
    return step.standing is not AlarmStanding.NORMAL or step.before is not AlarmStanding.NORMAL


def thing_stood(thing: str, service: Service, standing: AlarmStanding, now: datetime, by: Actor | None) -> AlarmStood:
    normal, out = AlarmStanding.NORMAL, AlarmStanding.OUT_OF_SERVICE
    return AlarmStood(
        key=MAINTENANCE + thing,
        standing=standing,
        before=out if standing is normal else normal,
        level=AlarmLevel.INFO,
        at=now,
        since=now,
        abnormal=False,
        text=Text(f"检修中:{thing}", f"out of service: {thing}"),
        advice=Text("检修完成后恢复投用", "put it back into service when the work is done"),
        owner=Text(service.by.name, service.by.name) if service.by is not None else _UNSAID,
        equipment=None,
        condition=None,
        by=by,
        until=service.until,
        note=service.note,
    )
