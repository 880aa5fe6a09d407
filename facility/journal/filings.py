"""The register of filings: entered, decided on, revoked; nothing is ever changed or deleted."""

from __future__ import annotations

from facility.journal.database import Database


class FilingRecords:
    """The register of filings: entered, decided on, revoked; nothing is ever changed or deleted.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
