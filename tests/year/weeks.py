"""One stretch of days, lived both ways, checked and counted: the unit of work of a worker process."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from facility.bus import ForecastReceived
from facility.calendar import Calendar
from facility.local_days import midnight
from facility.model import Site
from facility.store.embedded import EmbeddedStore
from facility.store.open import open_store
from tests.houqin.rule_checker import RULED, Breach, Case, Seen, ruled_units
from tests.houqin.unit_checker import all_breaches
from tests.year.lived import MINUTE, LivedDays, done_by_hand
from tests.year.site import hottest_c, year_site
from tests.year.uncontrolled import live_uncontrolled

BEFORE: Final = timedelta(hours=1)
AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    """One day: what was broken, how often units started, and how people had it both ways.

    `cadence_s` is how far apart readings were, `starts_most` the starts of the unit that started most.
    """

    day: str
    workday: bool
    highest_c: float
    cadence_s: float
    breaches: list[dict[str, str]]
    starts: int
    starts_most: int
    ran_minutes: float
    controlled: dict[str, float]
    uncontrolled: dict[str, float] | None
    wall_s: float

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def live_days(
    first: date,
    days: int,
    *,
    seed: int = 1,
    compare: bool = True,
    fine: timedelta = MINUTE,
    site: Site | None = None,
) -> list[DayResult]:
    """Lives through `days` days from `first` on, and judges each. Blocking.

    Args:
        compare: whether the same days are lived without control too.
        fine: how far apart readings are where supply is possible.
        site: another site than the year's, which is judged by the default rules all the same.
    """
    began_s = time.monotonic()
    site = site or year_site()
    folder = Path(tempfile.mkdtemp(prefix="houqin-year-"))
    try:
        store = open_store(site.file.store, folder)
        try:
            assert isinstance(store, EmbeddedStore)
            lived = LivedDays(site, first, days, seed=seed, store=store, fine=fine)
            made = asyncio.run(lived.live_through())
            forecasts = [message for message in made.messages if isinstance(message, ForecastReceived)]
            others = live_uncontrolled(site, first, days, seed) if compare else {}
            share_s = (time.monotonic() - began_s) / days
            return [
                _result(site, lived, store, forecasts, first + timedelta(days=ahead), others, share_s)
                for ahead in range(days)
            ]
        finally:
            store.close()
    finally:
        shutil.rmtree(folder)


def _result(  # noqa: PLR0917 - what a day is judged by
    site: Site,
    lived: LivedDays,
    store: EmbeddedStore,
    forecasts: list[ForecastReceived],
    day: date,
    others: Any,
    share_s: float,
) -> DayResult:
    judged = case_of(site, store, day, forecasts, cadence=lived.cadence_on(day), seed=lived.order.seed)
    starts = Counter(unit for unit, _ in _starts(judged, day))
    calendar = Calendar.of(site.file)
    other = others.get(day.isoformat())
    return DayResult(
        day=day.isoformat(),
        workday=calendar.is_workday(day),
        highest_c=round(hottest_c(site, day), 1),
        cadence_s=lived.cadence_on(day).total_seconds(),
        breaches=[_told(breach) for breach in breaches_on(judged, day)],
        starts=sum(starts.values()),
        starts_most=max(starts.values(), default=0),
        ran_minutes=sum(_minutes_on(judged, day)),
        controlled=lived.watching.days[day.isoformat()].document(),
        uncontrolled=None if other is None else other.document(),
        wall_s=round(share_s, 1),
    )


def case_of(
    site: Site, store: EmbeddedStore, day: date, forecasts: list[ForecastReceived], *, cadence: timedelta, seed: int
) -> Case:
    """What a day is judged by: its readings with a little before and after."""
    start, end = midnight(day, site.zone), midnight(day + timedelta(days=1), site.zone)
    days = iter([day - timedelta(days=1), day, day + timedelta(days=1)])
    return Case(
        seen=Seen.of_store(site, store, start - BEFORE, end + AFTER),
        calendar=Calendar.of(site.file),
        forecasts=forecasts,
        cadence=cadence,
        by_hand=done_by_hand(site, seed, days),
    )


def breaches_on(case: Case, day: date) -> list[Breach]:
    """What was broken on the local `day`."""
    return [breach for breach in all_breaches(case, [day]) if breach.at.date() == day]


def _starts(case: Case, day: date) -> Iterator[tuple[str, datetime]]:
    for unit in ruled_units(case.seen.site, RULED):
        for began, _ in case.seen.running(unit):
            if began.date() == day and case.seen.is_start(unit, began):
                yield unit, began


def _minutes_on(case: Case, day: date) -> Iterator[float]:
    for unit in ruled_units(case.seen.site, RULED):
        for began, ended in case.seen.running(unit):
            if began.date() == day:
                yield (ended - began).total_seconds() / 60.0


def _told(breach: Breach) -> dict[str, str]:
    return {
        "clause": breach.clause, "equipment": breach.equipment, "at": breach.at.isoformat(), "what": breach.what,
    }  # fmt: skip
