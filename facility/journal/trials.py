"""Policies tried out over recorded time: what was asked, and what came of it."""

from __future__ import annotations

from facility.journal.database import Database


class TrialRecords:
    """Policies tried out over recorded time: what was asked, and what came of it.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
