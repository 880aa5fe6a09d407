"""The office's year as people entered it: tables of holidays, closures, half days, the duty roster."""

from __future__ import annotations

from facility.journal.database import Database


class AlmanacRecords:
    """The office's year as people entered it: tables of holidays, closures, half days, the duty roster.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
