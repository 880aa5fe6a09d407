"""The account book of one site: the door to everything in this package."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from facility.accounting.counters import Account
from facility.accounting.entries import Assignment, MeterHistory
from facility.accounting.metering import Medium
from facility.accounting.tree import Balance, balance
from facility.books.doubts import Doubts
from facility.books.metering import MeterAccounts, edges
from facility.books.owners import By, Owners
from facility.books.splits import Splits
from facility.books.usage import Usage, UsageTable
from facility.calendar import Calendar
from facility.clock import Clock
from facility.journal import Journal
from facility.model import Site
from facility.readings import to_us
from facility.series import Times
from facility.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entered:
    """What people entered, as it stood at a revision of the records."""

    revision: int
    histories: Mapping[str, MeterHistory]
    owners: Owners


class Books:
    """Reckons what was used from store, records and site. Calls block; any thread may call, calls take turns.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: readings or records cannot be had now.
        KeyError: no such meter, office or outdoor unit.
    """

    def __init__(self, site: Site, store: Store, journal: Journal, calendar: Calendar, clock: Clock) -> None:
        self.site = site
        self.journal = journal
        self.calendar = calendar
        self.clock = clock
        self._lock = threading.RLock()
        self._entered: _Entered | None = None
        self.accounts = MeterAccounts(site, store, lambda: self._standing().histories, lambda: clock.pace)
        self.splits = Splits(site, store, self.accounts, self.now_us)
        self.doubts = Doubts(site, store, self.accounts)

    def now_us(self) -> int:
        """The clock's time."""
        return to_us(self.clock.now())

    def forget(self) -> None:
        """Drops what is kept in memory: readings of the past have changed."""
        with self._lock:
            self._entered = None
            self.splits.forget()

    def _standing(self) -> _Entered:
        """What people entered; read anew when somebody entered more."""
        with self._lock:
            revision = self.journal.accounts.revision()
            if self._entered is None or self._entered.revision != revision:
                assignments = [entered.entry for entered in self.journal.accounts.entries(Assignment)]
                self._entered = _Entered(
                    revision=revision,
                    histories=self.journal.accounts.histories(),
                    owners=Owners(self.site, assignments),
                )
                self.splits.forget()
            return self._entered

    @property
    def owners(self) -> Owners:
        """Who owns which meter, as entered up to now."""
        return self._standing().owners

    def account(self, meter: str, edges_us: Times) -> Account:
        """What a meter or virtual meter counted between neighbouring edges, and what is missing."""
        with self._lock:
            return self.accounts.account(meter, edges_us)

    def usage(self, by: By, medium: Medium, edges_us: Times) -> UsageTable:
        """What every key used of a medium between neighbouring edges."""
        with self._lock:
            return self._usage().table(by, medium, edges_us)

    def balance(self, medium: Medium, start_us: int, end_us: int) -> tuple[Balance, ...]:
        """Every main meter of a medium against what lies behind it in [start, end)."""
        with self._lock:
            nodes = self._usage().nodes(medium)
            span = edges([start_us, end_us])
            return balance(nodes, {node.id: self.accounts.account(node.id, span).amounts for node in nodes})

    def _usage(self) -> Usage:
        return Usage(self.site, self.accounts, self.splits, self.owners)
