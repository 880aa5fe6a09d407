"""Everything an account rests on, as it stands at one revision of the records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from facility.accounting.entries import MeterHistory
from facility.books.doubts import Doubts
from facility.books.facts import Facts
from facility.books.metering import MeterAccounts
from facility.books.owners import Owners
from facility.books.splits import Splits
from facility.books.usage import Usage
from facility.calendar import Calendar
from facility.model import Site
from facility.store import Store
from facility.tables import ItemCodes


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One site's books at a revision. `forecast_max_c` gives forecast maxima of local dates from first to last, C."""

    revision: int
    site: Site
    store: Store
    calendar: Calendar
    accounts: MeterAccounts
    splits: Splits
    doubts: Doubts
    histories: Mapping[str, MeterHistory]
    owners: Owners
    facts: Facts
    codes: ItemCodes
    now_us: Callable[[], int]
    forecast_max_c: Callable[[date, date], Mapping[date, float]]

    def usage(self) -> Usage:
        """Tables of use by today's owners."""
        return Usage(self.site, self.accounts, self.splits, self.owners)
