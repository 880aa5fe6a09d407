"""Lets go of records that nobody needs any more, the oldest first.

What people entered and did stays for ever: filings, the almanac, audits, orders, patrol lists, the account book. So do
the minutes in which rules were kept, which are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Table, delete, func, select

from facility.journal.alarm_states import WAITING, alarm_steps, notifications
from facility.journal.database import Database
from facility.journal.tables import alarms, decisions, events, forecasts
from facility.journal.trials import trials
from facility.readings import to_us

BASIS: Final = "basis"
"""The kind of event that tells what a decision rested on."""

AT_ONCE: Final = timedelta(days=7)
"""So much of each kind goes in one call, from the oldest on: a clock that is wrong for a night costs a week, not all,
and a long record is let go without keeping the writers waiting.
"""

_GROUP: Final = 1000
"""Rows in one transaction."""

Condition = Any


class RecordRetention:
    """The end of records.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def let_go(self, *, bases_before: datetime | None, records_before: datetime | None) -> int:
        """Lets go what is older; gives how many rows that were. Called again it goes on where it ended. Blocks.

        Args:
            bases_before: of what decisions rested on; None keeps all of it.
            records_before: of decisions (the newest of each equipment stays), alarms that are over and what happened to
                them, notifications that wait no more, forecasts, and trials that have ended; None keeps all of them.
        """
        count = 0
        if bases_before is not None:
            count += self._let_go(events, events.c.at_us, bases_before, events.c.kind == BASIS)
        if records_before is not None:
            for table, time, conditions in self._records():
                count += self._let_go(table, time, records_before, *conditions)
        return count

    def _records(self) -> Sequence[tuple[Table, Column[int], Sequence[Condition]]]:
        return (
            (decisions, decisions.c.time_us, (decisions.c.id.not_in(self._newest_decisions()),)),
            (alarms, alarms.c.since_us, (alarms.c.until_us.is_not(None),)),
            (alarm_steps, alarm_steps.c.at_us, ()),
            (notifications, notifications.c.made_us, (notifications.c.state != WAITING,)),
            (forecasts, forecasts.c.fetched_us, ()),
            (trials, trials.c.finished_us, ()),
        )

    def _newest_decisions(self) -> list[int]:
        """What is known of an equipment about which nothing was decided for long."""
        with self._database.reading() as connection:
            return list(connection.execute(select(func.max(decisions.c.id)).group_by(decisions.c.equipment)).scalars())

    def _let_go(self, table: Table, time: Column[int], before: datetime, *conditions: Condition) -> int:
        with self._database.reading() as connection:
            oldest_us = connection.execute(select(func.min(time)).where(*conditions)).scalar()
        if oldest_us is None:
            return 0
        before_us = min(to_us(before), oldest_us + AT_ONCE // timedelta(microseconds=1))
        some = select(table.c.id).where(time < before_us, *conditions).limit(_GROUP)
        count, gone = 0, _GROUP
        while gone == _GROUP:
            with self._database.transaction() as connection:
                gone = connection.execute(delete(table).where(table.c.id.in_(some.scalar_subquery()))).rowcount
            count += gone
        return count
