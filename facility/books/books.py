"""The account book of one site: the door to everything in this package."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Final

from facility.accounting.counters import Account
from facility.accounting.entries import (
    Assignment,
    ClosedMonth,
    Correction,
    Entry,
    JumpVerdict,
    ManualReading,
    Posting,
    Replacement,
)
from facility.accounting.metering import Medium
from facility.accounting.tree import Balance, balance
from facility.books.closing import closed_filings, closed_of, closed_statement, postings, restated
from facility.books.doubts import Doubts
from facility.books.facts import facts_of
from facility.books.figures import MonthSplit, StatementFigures
from facility.books.filed import FiledLine, filed_lines
from facility.books.metering import MeterAccounts, edges
from facility.books.month_book import MonthBook
from facility.books.owners import By, Owners
from facility.books.splits import SETTLED_US, Splits
from facility.books.standing import Standing
from facility.books.statements import statement_of
from facility.books.usage import UsageTable
from facility.books.weather import forecast_maxima
from facility.calendar import Calendar
from facility.clock import Clock
from facility.commands import Actor
from facility.errors import NotPermitted
from facility.journal import Journal
from facility.journal.accounts import following
from facility.local_days import HOUR_US, date_at, month_before, month_text, next_month
from facility.model import Site
from facility.readings import from_us, to_us
from facility.series import Times
from facility.store import Store
from facility.tables import item_codes

KEPT_MONTHS: Final = 4
"""Books of months kept in memory."""

FRESH_US: Final = 60_000_000
"""A month that is running or has just ended is worked out anew after so much clock time."""

LASTING_US: Final = HOUR_US
"""A month that is long over is worked out anew after so much clock time: readings may come late."""


class Books:
    """Reckons what was used from store, records and site. Calls block; any thread may call, calls take turns.

    Args:
        folder: where tariffs and factor sets of the site's own are looked for: beside the site file.

    Raises (all calls):
        StoreUnavailable, StoreDamaged: readings or records cannot be had now.
        KeyError: no such meter, office or outdoor unit.
    """

    def __init__(
        self,
        site: Site,
        store: Store,
        journal: Journal,
        calendar: Calendar,
        clock: Clock,
        *,
        folder: Path | None = None,
    ) -> None:
        self.site = site
        self.journal = journal
        self._store = store
        self._calendar = calendar
        self._clock = clock
        self._folder = folder
        self._lock = threading.RLock()
        self._standing: Standing | None = None
        self._months: dict[date, MonthBook] = {}
        accounts = MeterAccounts(site, store, lambda: self._current().histories, lambda: clock.pace)
        self._accounts = accounts
        self._splits = Splits(site, store, accounts, self.now_us)
        self._doubts = Doubts(site, store, accounts)

    def now_us(self) -> int:
        """The clock's time."""
        return to_us(self._clock.now())

    def forget(self) -> None:
        """Drops what is kept in memory: readings of the past have changed."""
        with self._lock:
            self._standing = None
            self._months.clear()
            self._splits.forget()

    def standing(self) -> Standing:
        """The books as they stand; what people entered is read anew when somebody entered more."""
        with self._lock:
            revision = self.journal.accounts.revision()
            if self._standing is None or self._standing.revision != revision:
                self.forget()
                self._standing = self._read(revision)
            return self._standing

    @property
    def doubts(self) -> Doubts:
        """What stands in doubt about a meter, by all that people have entered."""
        self.standing()
        return self._doubts

    def _current(self) -> Standing:
        """The books as this call found them."""
        return self.standing() if self._standing is None else self._standing

    def _read(self, revision: int) -> Standing:
        records = self.journal.accounts
        return Standing(
            revision=revision,
            site=self.site,
            store=self._store,
            calendar=self._calendar,
            accounts=self._accounts,
            splits=self._splits,
            doubts=self._doubts,
            histories=records.histories(),
            owners=Owners(self.site, [entered.entry for entered in records.entries(Assignment)]),
            facts=facts_of(self.site, records, self._folder),
            codes=item_codes(self.site.file.accounting.item_codes, self._folder),
            now_us=self.now_us,
            forecast_max_c=lambda first, last: forecast_maxima(self.journal, self.site, first, last),
        )

    def account(self, meter: str, edges_us: Times) -> Account:
        """What a meter or virtual meter counted between neighbouring edges, and what is missing."""
        with self._lock:
            self.standing()
            return self._accounts.account(meter, edges_us)

    def usage(self, by: By, medium: Medium, edges_us: Times) -> UsageTable:
        """What every key used of a medium between neighbouring edges."""
        with self._lock:
            return self.standing().usage().table(by, medium, edges_us)

    def balance(self, medium: Medium, start_us: int, end_us: int) -> tuple[Balance, ...]:
        """Every main meter of a medium against what lies behind it in [start, end)."""
        with self._lock:
            nodes = self.standing().usage().nodes(medium)
            span = edges([start_us, end_us])
            return balance(nodes, {node.id: self._accounts.account(node.id, span).amounts for node in nodes})

    def month(self, month: date) -> MonthBook:
        """The book of the local month that begins on `month`, up to now while it is not over."""
        with self._lock:
            standing = self.standing()
            kept = self._months.get(month)
            if kept is not None and self.now_us() - kept.reckoned_us < _lasts_us(kept):
                return kept
            book = MonthBook(standing, month)
            self._months.pop(month, None)
            while len(self._months) >= KEPT_MONTHS:
                self._months.pop(next(iter(self._months)))
            self._months[month] = book
            return book

    def statement(self, office: str, month: date) -> StatementFigures:
        """An office's statement of a local month that has begun; of a closed month as it was closed."""
        with self._lock:
            closed = self.journal.accounts.closed_month(month_text(month))
            told = None if closed is None else closed_statement(closed, office)
            return self._reckoned(office, month) if told is None else told

    def filings(self, office: str, month: date) -> tuple[FiledLine, ...]:
        """The filings that concerned an office in a local month that has begun, with the hours they held and what they
        cost; of a closed month as they were closed, where they were.
        """
        with self._lock:
            closed = self.journal.accounts.closed_month(month_text(month))
            told = None if closed is None else closed_filings(closed, office)
            return self._filed(month, [office])[office] if told is None else told

    def _filed(self, month: date, offices: Iterable[str]) -> dict[str, tuple[FiledLine, ...]]:
        book = self.month(month)
        found = self.journal.filings.register(from_us(book.start_us), from_us(book.end_us))
        span = (book.start_us, book.until_us)
        return {office: filed_lines(self.standing(), found, office, span) for office in offices}

    def _reckoned(self, office: str, month: date) -> StatementFigures:
        return statement_of(self.month(month), self.site.offices[office])

    def month_split(self, outdoor: str, month: date) -> MonthSplit:
        """How an outdoor unit's electricity of a local month that has begun was split."""
        with self._lock:
            found = {split.outdoor: split for split in self.month(month).splits()}
            return found[outdoor]

    def close_month(self, month: date, *, actor: Actor, at: datetime) -> ClosedMonth:
        """Lets a month's statements stand for good.

        Raises:
            NotPermitted: the month is not over, or nothing at all was measured in it.
            EntryRefused: it is closed already, or it is not the month after the last closed one.
        """
        with self._lock:
            self.forget()
            book = self.month(month)
            if book.until_us < book.end_us:
                raise NotPermitted(
                    f"{month_text(month)} is not over; close it from {next_month(month)} on / "
                    f"{month_text(month)} 尚未结束,请在 {next_month(month)} 之后结账"
                )
            statements = {office: self._reckoned(office, month) for office in self.site.offices}
            if not _is_anything_known(book, statements.values()):
                raise NotPermitted(
                    f"nothing was measured in {month_text(month)}: there is nothing to close / "
                    f"{month_text(month)} 没有任何读数,无法结账"
                )
            filed = self._filed(month, self.site.offices)
            closed = closed_of(book, statements, filed, to_us(at), actor.name)
            self.journal.accounts.close_month(closed, actor=actor)
            return closed

    def enter(self, entry: Entry, *, actor: Actor, at: datetime) -> tuple[int, list[Posting]]:
        """Enters what a person says; closed months that it changes are corrected in the open one.

        Returns:
            The entry's number, and the correcting lines.

        Raises:
            EntryRefused: it cannot be.
        """
        with self._lock:
            number = self.journal.accounts.enter(entry, actor=actor, at=at)
            return number, self._corrected(_since(entry), actor, entry.reason, at)

    def revoke(self, entry: Entry, number: int, *, actor: Actor, reason: str, at: datetime) -> list[Posting] | None:
        """Takes an entry back; closed months that this changes are corrected in the open one. None: there was none."""
        with self._lock:
            if not self.journal.accounts.revoke(type(entry), number, actor=actor, reason=reason, at=at):
                return None
            return self._corrected(_since(entry), actor, reason, at)

    def _corrected(self, since: date | int | None, actor: Actor, reason: str, at: datetime) -> list[Posting]:
        if since is None:
            return []
        first = date_at(since, self.site.zone) if isinstance(since, int) else since
        months = [closed.month for closed in self.journal.accounts.closed_months()]
        reached = month_text(month_before(first))  # a reading reaches back to the one before it
        touched = [month for month in months if month >= reached]
        return [line for month in touched for line in self._restated(month, actor, reason, at)]

    def restate(self, month: str, *, actor: Actor, reason: str, at: datetime) -> list[Posting]:
        """Books in the open month what a closed month (`2026-07`) would be told differently now; nothing where it would
        be told the same.

        Raises:
            KeyError: the month is not closed.
        """
        with self._lock:
            self.forget()
            return self._restated(month, actor, reason, at)

    def _restated(self, month: str, actor: Actor, reason: str, at: datetime) -> list[Posting]:
        records = self.journal.accounts
        closed = records.closed_month(month)
        if closed is None:
            raise KeyError(month)
        book = MonthBook(self.standing(), date.fromisoformat(f"{month}-01"))
        open_month = following(records.closed_months()[-1].month)
        lines = postings(restated(book, closed), of_month=month, month=open_month, reason=reason)
        for line in lines:
            records.enter(line, actor=actor, at=at)
        return lines


def _lasts_us(book: MonthBook) -> int:
    return LASTING_US if book.reckoned_us - book.end_us >= SETTLED_US else FRESH_US


def _is_anything_known(book: MonthBook, statements: Iterable[StatementFigures]) -> bool:
    totals = (part.total for told in statements for part in told.media)
    return any(figure.value is not None for figure in (*totals, *(book.unallocated(medium) for medium in Medium)))


def _since(entry: Entry) -> date | int | None:
    """From when on an entry may change what was used; None: never."""
    match entry:
        case Replacement() | ManualReading():
            return entry.at_us
        case Correction() | JumpVerdict():
            return entry.start_us
        case Assignment():
            return entry.since
        case _:
            return None
