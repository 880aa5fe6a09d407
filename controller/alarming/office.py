"""Looks at the office's own affairs: a year not entered, filings that nobody decides on, quotas that are used up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from controller.alarming.findings import Finding
from facility.accounting.metering import Medium, unit_of
from facility.accounting.quotas import allowance
from facility.accounting.tree import UNALLOCATED
from facility.books.books import Books
from facility.bus.messages import AlarmLevel
from facility.calendar import Calendar
from facility.errors import StoreDamaged, StoreUnavailable
from facility.filings import Filing, FilingState
from facility.journal import Journal
from facility.local_days import local_date, month_span_us, month_text
from facility.model import Site
from facility.readings import to_us
from facility.store.worker import StoreReader
from facility.text import Text


class CalendarLook:
    """Finds a year whose holidays nobody has entered yet. It looks at the start too, so that what was entered while the
    program was down ends its alarm.

    Args:
        calendar: the office's.
        site: its local time.
    """

    every_s = 600.0
    least_wall_s = 1.0
    owns = ("calendar_missing:",)

    def __init__(self, calendar: Calendar, site: Site) -> None:
        self._calendar = calendar
        self._zone = site.zone

    async def look(self, now: datetime) -> list[Finding]:
        """The year that is missing at `now`."""
        year = self._calendar.missing_year(now.astimezone(self._zone).date())
        if year is None:
            return []
        text = Text(
            f"{year} 年的节假日安排尚未录入，目前按周末和法定节假日推算，没有调休",
            f"the holidays of {year} are not entered: weekends and statutory days are assumed, no make-up workdays",
        )
        return [Finding(key=f"calendar_missing:{year}", text=text)]


class FilingLook:
    """Finds filings that are about to begin and that nobody has decided on.

    Args:
        journal: the register.
        site: names of offices, local time.
        minutes: so long before its beginning; None: not looked for.
    """

    every_s = 60.0
    least_wall_s = 1.0
    owns = ("filing_lapsing:",)

    def __init__(self, journal: Journal, site: Site, *, minutes: float | None) -> None:
        self._journal = journal
        self._site = site
        self._ahead = None if minutes is None else timedelta(minutes=minutes)

    async def look(self, now: datetime) -> list[Finding] | None:
        """Filings at `now`; None while the records are away."""
        if self._ahead is None:
            return []
        try:
            filed = await asyncio.to_thread(self._journal.filings.register, now, now + self._ahead)
        except (StoreUnavailable, StoreDamaged):
            return None
        return [self._finding(filing) for filing in filed if filing.state is FilingState.SUBMITTED and filing.end > now]

    def _finding(self, filing: Filing) -> Finding:
        begins = filing.begins.astimezone(self._site.zone).strftime("%m-%d %H:%M")
        entry = None if filing.office is None else self._site.offices.get(filing.office)
        zh, en = ("", "") if entry is None else (f"（{entry.name.text.zh}）", f" ({entry.name.text.en})")
        return Finding(
            key=f"filing_lapsing:{filing.id}",
            text=Text(
                f"备案 {filing.id}{zh}将于 {begins} 开始，尚未审批，未批准不会执行",
                f"filing {filing.id}{en} begins {begins} and is not decided on; it is not carried out unapproved",
            ),
        )


QUOTA_LOOK_S: Final = 3600.0
FIRST_LOOK_WALL_S: Final = 45.0


class QuotaLook:
    """Finds offices that used more electricity this month than their quota allows (QT-01).

    Args:
        books: the account book; asked in the reader's thread.
        reader: the store's reading thread.
        percent: of the allowance, from which on it is told; None: not looked for.
    """

    every_s = QUOTA_LOOK_S
    least_wall_s = 60.0
    owns = ("quota_overrun:",)

    def __init__(self, books: Books, reader: StoreReader, *, percent: float | None) -> None:
        self._books = books
        self._reader = reader
        self._percent = percent
        self._waits_wall_s = FIRST_LOOK_WALL_S

    async def look(self, now: datetime) -> list[Finding] | None:
        """Offices at `now`; None while the readings cannot be had. The first look waits: a start has other things to
        read.
        """
        if self._percent is None:
            return []
        wait_s, self._waits_wall_s = self._waits_wall_s, 0.0
        await asyncio.sleep(wait_s)
        try:
            return await self._reader.call(lambda: list(self._overruns(now)))
        except (StoreUnavailable, StoreDamaged):
            return None

    def _overruns(self, now: datetime) -> Iterator[Finding]:
        assert self._percent is not None
        month = local_date(now, self._books.site.zone)
        start_us, _ = month_span_us(month, self._books.site.zone)
        if to_us(now) <= start_us:
            return
        table = self._books.usage("office", Medium.ELECTRICITY, np.array([start_us, to_us(now)], dtype=np.int64))
        for office in table.names:
            if office == UNALLOCATED:
                continue
            allowed = self._allowed(office, month_text(month))
            used = float(table.columns[office].values[0])
            if allowed is not None and used > allowed * self._percent / 100.0:
                yield _overrun(office, table.names[office], used, allowed)

    def _allowed(self, office: str, month: str) -> float | None:
        facts = self._books.standing().facts
        found = allowance(
            facts.quotas, office, Medium.ELECTRICITY.value, item=None, period=month, headcounts=facts.headcounts,
            areas=facts.areas,
        )  # fmt: skip
        return None if found is None else found.amount


def _overrun(office: str, name: Text, used: float, allowed: float) -> Finding:
    unit = unit_of(Medium.ELECTRICITY)
    return Finding(
        key=f"quota_overrun:{office}",
        level=AlarmLevel.WARNING,
        text=Text(
            f"{name.zh}本月已用电 {used:.0f} {unit}，超过定额 {allowed:.0f} {unit}",
            f"{name.en} used {used:.0f} {unit} this month, more than its quota of {allowed:.0f} {unit}",
        ),
    )
