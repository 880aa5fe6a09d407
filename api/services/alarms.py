"""Alarms: what stands now and how, what stood before, and what happened to each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from api.context import ApiContext
from api.problems import unknown
from api.shapes import Bilingual, Shape
from facility.bus import AlarmChanged, AlarmStanding, AlarmStood
from facility.bus.messages import AlarmLevel
from facility.commands import Actor
from facility.journal.records import AlarmRecord
from facility.text import Text

MAX_ALARMS: Final = 2_000
ALARM: Final = Text("报警", "alarm")
MAINTENANCE: Final = "maintenance:"
"""Begins the key of an equipment, a device or a line that is out of service as a whole."""

ATTENTION: Final = (AlarmStanding.UNACKNOWLEDGED, AlarmStanding.RETURNED, AlarmStanding.ACKNOWLEDGED)
"""The states of alarms that people see without asking, the most pressing first."""


class AlarmView(Shape):
    """An abnormal condition; `until` None while it stands.

    `state` is one of ISA-18.2's seven: `normal`, `unacknowledged`, `acknowledged`, `returned` (normal again and not
    acknowledged), `shelved`, `suppressed` (for the alarm `cause`), `out_of_service`; of one that is over `normal`.
    `changed` is since when it is in it, `hidden_until` when a shelving or a time out of service ends. `changed_by` is
    who did that, None when nobody did.
    """

    key: str
    level: str
    text: Bilingual
    equipment: str | None
    since: datetime
    until: datetime | None
    state: str
    abnormal: bool
    changed: datetime | None = None
    changed_by: str | None = None
    acknowledged_by: str | None = None
    hidden_until: datetime | None = None
    cause: str | None = None
    owner: Bilingual | None = None
    advice: Bilingual | None = None
    note: str = ""
    condition: str | None = None


class Alarms(Shape):
    """Alarms, newest first."""

    rows: list[AlarmView]


class AlarmStep(Shape):
    """Something that happened to an alarm: from which state to which, when, and by whom (None: by itself)."""

    at: datetime
    before: str
    state: str
    abnormal: bool
    by: str | None
    note: str
    until: datetime | None
    cause: str | None


class AlarmHistory(Shape):
    """What happened to one alarm, newest first."""

    key: str
    rows: list[AlarmStep]


def active_alarms(context: ApiContext) -> list[AlarmView]:
    """Alarms whose condition stands now, newest first, without asking the journal."""
    return [_said(context, alarm) for alarm in context.latest.active_alarms()]


def seen_alarms(context: ApiContext) -> list[AlarmView]:
    """Those of them that are neither hidden by a person nor mere consequences of another."""
    return [row for row in active_alarms(context) if row.state in ATTENTION]


def open_alarms(context: ApiContext) -> list[AlarmView]:
    """Every alarm that is not simply normal: what stands, what came back and nobody has acknowledged, what is hidden.
    Newest first, without asking the journal.
    """
    rows = {view.key: view for view in active_alarms(context)}
    for key, state in context.latest.standing.items():
        if state.standing is not AlarmStanding.NORMAL:
            rows.setdefault(key, _stood(context, state))
    return sorted(rows.values(), key=lambda row: row.since, reverse=True)


async def alarms(
    context: ApiContext,
    *,
    active_only: bool = False,
    limit: int = 200,
    state: AlarmStanding | None = None,
    level: AlarmLevel | None = None,
    equipment: str | None = None,
) -> Alarms:
    """Alarms, newest first.

    Args:
        active_only: those whose condition stands now.
        state: those in that state now.
        level: those of that level and above.
        equipment: those about it.
    """
    if state is not None and state is not AlarmStanding.NORMAL:
        rows = [row for row in open_alarms(context) if row.state == state.value and (row.abnormal or not active_only)]
    elif active_only:
        rows = active_alarms(context)
    else:
        records = await context.remember(context.journal.alarms, active_only=False, limit=min(limit, MAX_ALARMS))
        rows = sorted(_recorded(context, records), key=lambda row: row.since, reverse=True)
    if state is AlarmStanding.NORMAL:
        rows = [row for row in rows if row.state == state.value]
    return Alarms(rows=list(_wanted(rows, level, equipment))[:limit])


def _wanted(rows: Iterable[AlarmView], level: AlarmLevel | None, equipment: str | None) -> Iterator[AlarmView]:
    levels = tuple(AlarmLevel)
    least = 0 if level is None else levels.index(level)
    for row in rows:
        if levels.index(AlarmLevel(row.level)) >= least and equipment in (None, row.equipment):
            yield row


async def alarm_history(context: ApiContext, key: str, *, limit: int = 200) -> AlarmHistory:
    """What happened to one alarm, newest first.

    Raises:
        RequestProblem: nothing was ever said of that key.
    """
    steps = await context.remember(context.journal.alarm_states.history, key, limit=limit)
    if not steps and key not in context.latest.standing and key not in context.latest.alarms:
        raise unknown(ALARM, key)
    return AlarmHistory(key=key, rows=[_step(context, step) for step in steps])


def view_of(context: ApiContext, key: str) -> AlarmView:
    """One alarm as it stands now.

    Raises:
        RequestProblem: nothing was said of that key.
    """
    state, said = context.latest.standing.get(key), context.latest.alarms.get(key)
    if state is not None and (said is None or not said.active or state.standing is not AlarmStanding.NORMAL):
        return _stood(context, state)
    if said is None:
        raise unknown(ALARM, key)
    return _said(context, said)


def _said(context: ApiContext, alarm: AlarmChanged) -> AlarmView:
    """A condition as it was said last, with how it stands where that is known."""
    state = context.latest.standing.get(alarm.key)
    if state is not None and state.standing is not AlarmStanding.NORMAL and alarm.active:
        view = _stood(context, state)
        return view.model_copy(update={"text": Bilingual.of(alarm.text), "until": None})
    return AlarmView(
        key=alarm.key,
        level=alarm.level.value,
        text=Bilingual.of(alarm.text),
        equipment=alarm.equipment,
        since=context.local(alarm.at),
        until=None if alarm.active else context.local(alarm.at),
        state=(AlarmStanding.UNACKNOWLEDGED if alarm.active else AlarmStanding.NORMAL).value,
        abnormal=alarm.active,
    )


def _stood(context: ApiContext, state: AlarmStood) -> AlarmView:
    out_of_service = state.key.startswith(MAINTENANCE)
    return AlarmView(
        key=state.key,
        level=state.level.value,
        text=Bilingual.of(state.text),
        equipment=state.equipment,
        since=context.local(state.since),
        until=None if state.abnormal or out_of_service else context.local(state.at),
        state=state.standing.value,
        abnormal=state.abnormal,
        changed=context.local(state.at),
        changed_by=name_of(state.by),
        acknowledged_by=name_of(state.acknowledged_by),
        hidden_until=None if state.until is None else context.local(state.until),
        cause=state.cause,
        owner=Bilingual.of(state.owner),
        advice=Bilingual.of(state.advice),
        note=state.note,
        condition=state.condition,
    )


def _recorded(context: ApiContext, records: Iterable[AlarmRecord]) -> Iterator[AlarmView]:
    """What the journal has, what stands of it as it stands now."""
    for record in records:
        said = AlarmChanged(
            key=record.key, active=record.until is None, level=record.level, at=record.since, text=record.text,
            equipment=record.equipment,
        )  # fmt: skip
        view = _said(context, said)
        yield view.model_copy(
            update={
                "since": context.local(record.since),
                "until": None if record.until is None else context.local(record.until),
            }
        )


def _step(context: ApiContext, step: AlarmStood) -> AlarmStep:
    return AlarmStep(
        at=context.local(step.at),
        before=step.before.value,
        state=step.standing.value,
        abnormal=step.abnormal,
        by=name_of(step.by),
        note=step.note if step.by is not None else "",
        until=None if step.until is None else context.local(step.until),
        cause=step.cause,
    )


def name_of(actor: Actor | None) -> str | None:
    """Who it was, None when it was nobody."""
    return None if actor is None else actor.name
