"""The lease that says which controller of a site acts."""

from __future__ import annotations

from facility.journal.database import Database


class Leases:
    """The lease that says which controller of a site acts.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: as the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
