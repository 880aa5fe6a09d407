"""The work that keeps the record: days when they are over or changed by late readings, and the evening's list."""

from __future__ import annotations

import asyncio
import logging
from datetime import date, datetime, timedelta
from typing import Final

from controller.observance.patrol import Evening, holiday_checks, left_on, looked_again, rain_ahead
from controller.observance.plans import plans_of
from controller.observance.reading import Holds
from controller.observance.reckoning import Evidence, reckon_day
from controller.policy.site_policy import SitePolicy
from facility.bus import Bus, ReadingsTaken
from facility.bus.messages import ReminderGiven
from facility.calendar import WEEKEND, Calendar
from facility.clock import Clock, stale_after_s
from facility.errors import StoreDamaged, StoreUnavailable
from facility.filing_scope import equipment_in
from facility.journal import Journal
from facility.live import LiveImage
from facility.local_days import date_at, local_date, midnight
from facility.model import Site, ZoneClass
from facility.observance import Patrol, PatrolItem
from facility.readings import to_us
from facility.store.worker import StoreReader
from facility.text import Text

LOOK_EVERY: Final = timedelta(minutes=5)
LOOK_WALL_S: Final = 5.0
"""Clock time, and on a fast clock wall time, between two looks."""

SETTLED: Final = timedelta(minutes=20)
"""A day is reckoned so long after its midnight: by then its last readings are in the store."""

LATE_US: Final = 2 * 3_600_000_000
REMIND_AGAIN: Final = timedelta(hours=1)
DAYS_AT_ONCE: Final = 2
"""Past days reckoned in one look, so that questions of pages never wait long for the store."""

_log = logging.getLogger(__name__)


class ObservanceKeeper:
    """Keeps minutes and patrol lists of one site.

    Args:
        site, policy, calendar: what there is, by which rules, on which days.
        reader: the store, read in its own thread.
        live: what the building says now.
        journal: where rows, lists and filings are.
        bus: reminders go to it; late readings are heard on it.
        clock: the clock that days are meant on.
    """

    def __init__(  # noqa: PLR0917 - these are what a site is
        self,
        site: Site,
        policy: SitePolicy,
        calendar: Calendar,
        reader: StoreReader,
        live: LiveImage,
        journal: Journal,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._site, self._policy, self._calendar = site, policy, calendar
        self._reader, self._live, self._journal = reader, live, journal
        self._bus, self._clock = bus, clock
        p = policy.parameters
        self._stale = timedelta(seconds=stale_after_s(p.unit_stale_s, clock.pace))
        self._contact_stale = timedelta(seconds=stale_after_s(p.contact_stale_s, clock.pace))
        self._evidence = Evidence(
            site=site,
            policy=policy,
            plan_of=plans_of(site, policy, calendar),
            store=reader.store,
            journal=journal,
            holds=Holds.of(p, clock.pace),
        )
        self._late: set[date] = set()
        self._begun: date | None = None
        self._leave = bus.listen(ReadingsTaken, self._take)

    def _take(self, message: ReadingsTaken) -> None:
        """A reading that comes long after it was taken changes a day that was told."""
        if to_us(self._clock.now()) - message.batch.time_us > LATE_US:
            self._late.add(date_at(message.batch.time_us, self._site.zone))

    async def run(self) -> None:
        """Keeps for ever. What cannot be read or entered now is tried again at the next look."""
        pause = timedelta(seconds=max(LOOK_EVERY.total_seconds(), LOOK_WALL_S * self._clock.pace))
        while True:
            try:
                await self.look(self._clock.now())
            except (StoreUnavailable, StoreDamaged) as error:
                _log.warning("what was kept to cannot be reckoned now, it is tried again: %s", error)
            await self._clock.sleep_until(self._clock.now() + pause)

    async def look(self, now: datetime) -> None:
        """Everything that is due at `now` (aware): past days, today once the window is over, the evening's list."""
        today = local_date(now, self._site.zone)
        for day in (await self._reader.call(self._due_days, today, now))[:DAYS_AT_ONCE]:
            self._late.discard(day)
            await self._reader.call(self._reckon, day, now)
        patrol_at = self.patrol_at(today)
        if now >= patrol_at:
            if await asyncio.to_thread(self._is_behind, today, patrol_at):
                await self._reader.call(self._reckon, today, now)
            await self._patrol(today, now)

    def patrol_at(self, day: date) -> datetime:
        """When the list of `day` is made: so long after the last supply hours of offices, work or not."""
        plan = self._evidence.plan_of("", ZoneClass.OFFICE, day)
        closes = max(plan.ends, default=plan.closes)
        return closes + timedelta(minutes=self._site.file.observance.patrol_grace_minutes)

    def _due_days(self, today: date, now: datetime) -> list[date]:
        """Past days that were not reckoned to their end, or changed since; newest first. Blocking."""
        first = self._first_day(today)
        if first is None:
            return []
        kept_from = today - timedelta(days=self._site.file.observance.keep_days)
        first = max(first, kept_from)
        done = {known.day: known for known in self._journal.observance.days(first, today)}
        due = []
        for back in range(1, (today - first).days + 1):
            day = today - timedelta(days=back)
            end = midnight(day + timedelta(days=1), self._site.zone)
            known = done.get(day)
            is_whole = known is not None and known.until >= end
            if (not is_whole or day in self._late) and now >= end + SETTLED:
                due.append(day)
        return due

    def _first_day(self, today: date) -> date | None:
        """The first day of which units were read. A day that has only just come into sight is left for the next look:
        it may still be on its way into the store.
        """
        extents = (
            self._reader.store.extent(f"{unit}.on")
            for unit in self._site.indoor_units
            if self._site.point_of(unit, "on") is not None
        )
        first = min((date_at(extent[0], self._site.zone) for extent in extents if extent is not None), default=None)
        is_new = first is not None and (self._begun is None or first < self._begun)
        self._begun = first
        return None if first is None else first + timedelta(days=1) if is_new and first < today else first

    def _reckon(self, day: date, now: datetime) -> None:
        """Reckons one day and enters it. Blocking."""
        end = midnight(day + timedelta(days=1), self._site.zone)
        until = min(now, end)
        rows = reckon_day(self._evidence, day, until)
        self._journal.observance.put_day(day, rows, reckoned=now, until=until)

    def _is_behind(self, day: date, at: datetime) -> bool:
        known = self._journal.observance.days(day, day + timedelta(days=1))
        return not known or known[0].until < at

    async def _patrol(self, day: date, now: datetime) -> None:
        before = await asyncio.to_thread(self._journal.observance.patrol, day)
        evening = await asyncio.to_thread(self._evening, now)
        items = left_on(evening)
        rest = self._rest_after(day)
        if rest is not None:
            items += holiday_checks(self._site, now, rest)
        new = Patrol(day=day, made=now, looked=now, items=(), before_rest=rest)
        after = looked_again(before, items, new)
        await asyncio.to_thread(self._journal.observance.put_patrol, after)
        self._remind(before, after, now)

    def _rest_after(self, day: date) -> Text | None:
        """The holiday that begins tomorrow, None before an ordinary day or weekend, and within a rest."""
        tomorrow = self._calendar.day(day + timedelta(days=1))
        begins = tomorrow.kind == "rest" and self._calendar.is_workday(day)
        return tomorrow.why if begins and tomorrow.why != WEEKEND else None

    def _evening(self, now: datetime) -> Evening:
        """What is known now. Blocking: filings and forecasts are in the journal."""
        readings = ((point, self._live.last_good(point)) for point in self._site.points)
        excused: set[str] = set()
        for filing in self._journal.filings.standing_from(now):
            if filing.holds_at(now) and (filing.relaxes.hours or filing.relaxes.holiday):
                excused |= equipment_in(self._site, filing.scope)
        return Evening(
            site=self._site,
            policy=self._policy,
            now=now,
            latest={point: reading for point, reading in readings if reading is not None},
            stale=self._stale,
            contact_stale=self._contact_stale,
            excused=frozenset(excused),
            rain=rain_ahead(self._journal.forecasts(limit=4), now),
        )

    def _remind(self, before: Patrol | None, after: Patrol, now: datetime) -> None:
        """Reminds of what was found since the last look, and once more of what is left an hour later."""
        last = None if before is None else before.looked
        known = set() if before is None else {item.key for item in before.items if item.over is None}
        for item in after.open_items:
            is_new = item.key not in known
            again_at = item.found + REMIND_AGAIN
            is_left = last is not None and last < again_at <= now
            if is_new or is_left:
                self._bus.publish(_reminder(after.day, item, now, again=is_left))

    def close(self) -> None:
        """Stops listening."""
        self._leave()


def _reminder(day: date, item: PatrolItem, now: datetime, *, again: bool) -> ReminderGiven:
    whom = "" if item.responsible is None else item.responsible
    return ReminderGiven(
        key=f"patrol:{day.isoformat()}:{item.key}" + (":again" if again else ""),
        at=now,
        text=Text(
            f"下班检查：{item.text.zh}" + (f"（责任人：{whom}）" if whom else ""),
            f"after work: {item.text.en}" + (f" (responsible: {whom})" if whom else ""),
        ),
        clause=item.clause,
        office=item.office,
        equipment=item.equipment if item.space != item.equipment else None,
    )
