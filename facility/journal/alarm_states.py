"""How alarms stand with people: acknowledged, shelved, out of service; and the notifications on their way."""

from __future__ import annotations

from facility.journal.database import Database


class AlarmStates:
    """How alarms stand with people: acknowledged, shelved, out of service; and the notifications on their way.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
