"""What was kept to and what was not: minutes per office, rule and day, and the evening patrol lists."""

from __future__ import annotations

from facility.journal.database import Database


class ObservanceRecords:
    """What was kept to and what was not: minutes per office, rule and day, and the evening patrol lists.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
