"""Alarms: what stands now, and what stood before."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from api.context import ApiContext
from api.shapes import Bilingual, Shape
from facility.bus import AlarmChanged

MAX_ALARMS: Final = 2_000


class AlarmView(Shape):
    """An abnormal condition; `until` None while it stands."""

    key: str
    level: str
    text: Bilingual
    equipment: str | None
    since: datetime
    until: datetime | None


class Alarms(Shape):
    """Alarms, newest first."""

    rows: list[AlarmView]


def active_alarms(context: ApiContext) -> list[AlarmView]:
    """Alarms that stand now, newest first, without asking the journal."""
    return [_standing(context, alarm) for alarm in context.latest.active_alarms()]


async def alarms(context: ApiContext, *, active_only: bool = False, limit: int = 200) -> Alarms:
    """Alarms as the journal has them, newest first; only those that stand when `active_only`."""
    if active_only:
        return Alarms(rows=active_alarms(context)[:limit])
    records = await context.remember(context.journal.alarms, active_only=False, limit=min(limit, MAX_ALARMS))
    rows = [
        AlarmView(
            key=record.key,
            level=record.level.value,
            text=Bilingual.of(record.text),
            equipment=record.equipment,
            since=context.local(record.since),
            until=None if record.until is None else context.local(record.until),
        )
        for record in records
    ]
    return Alarms(rows=sorted(rows, key=lambda row: row.since, reverse=True))


def _standing(context: ApiContext, alarm: AlarmChanged) -> AlarmView:
    return AlarmView(
        key=alarm.key,
        level=alarm.level.value,
        text=Bilingual.of(alarm.text),
        equipment=alarm.equipment,
        since=context.local(alarm.at),
        until=None,
    )
