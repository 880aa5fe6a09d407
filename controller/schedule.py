"""Jobs with a calendar: forecast fetch, permit, window edges, calendar check, daily sealing. APScheduler's only place.

APScheduler runs on the machine's time; its triggers here are wrapped so that a calendar time is meant on the injected
clock, at any pace. On a clock that is the machine's own, jobs can live in a database: one that came due while the
program was down then runs at the next start.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import create_engine

from controller.job_times import Times, job_times
from controller.policy.site_policy import SitePolicy
from facility.bus import AlarmChanged, AlmanacChanged, Bus, ForecastWanted
from facility.bus.messages import AlarmLevel
from facility.calendar import Calendar
from facility.clock import Clock
from facility.model import Site
from facility.text import Text

log = logging.getLogger(__name__)

FIRE: Final = "controller.schedule:fire"
LOOK_AT_HAND_MOVED_S: Final = 0.05
"""How often (wall time) a clock that is moved by hand is looked at."""
SHORTEST_WAIT_S: Final = 0.001
"""A bell is never set to the present: the scheduler would ring it again in the same look."""

_schedules: dict[str, Schedule] = {}


class ClockTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires when the injected clock, not the machine's, shows the next of `times`.

    Args:
        schedule: id of the schedule whose clock is meant.
        job: the job it is for.
        times: when, in the site's local time.
    """

    __slots__ = ("job", "schedule", "times")

    def __init__(self, schedule: str, job: str, times: Times) -> None:
        self.schedule = schedule
        self.job = job
        self.times = times

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The machine's time at which the clock will show the next time; `now` for what is due when it is planned."""
        schedule = _schedules[self.schedule]
        clock = schedule.clock
        due = schedule.due(self.job)
        if clock.now() >= due:
            if previous_fire_time is None:
                return now
            due = self.times.after(clock.now(), schedule.zone)  # the ring that asks sees to all that has passed
        wait_s = clock.wall_delay_s(due)
        return now + timedelta(seconds=max(wait_s, SHORTEST_WAIT_S) if math.isfinite(wait_s) else LOOK_AT_HAND_MOVED_S)

    def __getstate__(self) -> dict[str, Any]:
        return {"schedule": self.schedule, "job": self.job, "times": self.times}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.schedule, self.job, self.times = state["schedule"], state.get("job", ""), state["times"]

    def __str__(self) -> str:
        return _named(self.job, self.times)


def _named(job: str, times: Times) -> str:
    """What a job's trigger is recognised by in a database; one with another name is planned anew."""
    return f"clock[{job}: {times}]"


async def fire(schedule: str, job: str) -> None:
    """What the scheduler calls: runs one job of a running schedule."""
    running = _schedules.get(schedule)
    if running is not None:
        await running.fire(job)


class Schedule:
    """The calendar jobs of one site.

    Args:
        site: its time zone and id.
        bus: where ForecastWanted and alarms go.
        clock: the clock that calendar times are meant on.
        policy: the hours.
        calendar: which years are known.
        wake: asks the controller for a cycle.
        seal: seals the store's past day, None when it needs none.
        database_url: SQLAlchemy address of a persistent job store; None, or a clock with another pace: in memory.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        *,
        policy: SitePolicy,
        calendar: Calendar,
        wake: Callable[[], None],
        seal: Callable[[], Awaitable[None] | None] | None = None,
        database_url: str | None = None,
    ) -> None:
        self.clock = clock
        self.zone = site.zone
        self._id = f"{site.id}-calendar"
        self._bus = bus
        self._calendar = calendar
        self._wake = wake
        self._seal = seal
        self._url = database_url if clock.pace == 1.0 else None
        self._policy = policy
        self._times = job_times(policy, calendar.almanac)
        self._scheduler: AsyncIOScheduler | None = None
        self._jobs: dict[str, Callable[[], Awaitable[None] | None]] = {
            "forecast": self._want_forecast,
            "permit": self._wake,
            "edges": self._wake,
            "calendar": self._check_calendar,
            "seal": self._seal_day,
        }
        self._due = {name: times.after(clock.now(), self.zone) for name, times in self._times.items()}
        self._busy: set[str] = set()
        self._alarmed: int | None = None
        self.fired: list[tuple[str, datetime]] = []

    def due(self, job: str) -> datetime:
        """When a job must run next, aware UTC; past while it has not run for a time that has come."""
        return self._due[job]

    async def run(self) -> None:
        """Runs the jobs for ever, first what came due since the schedule was made. Asks for a forecast and checks the
        calendar at once.
        """
        engine = None if self._url is None else create_engine(self._url)
        store = MemoryJobStore() if engine is None else SQLAlchemyJobStore(engine=engine)
        scheduler = AsyncIOScheduler(
            jobstores={"default": store},
            timezone=UTC,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 2},
        )
        _schedules[self._id] = self
        leave = self._bus.listen(AlmanacChanged, self._almanac_changed)
        try:
            self._plan_jobs(scheduler)
            self._scheduler = scheduler
            self._want_forecast()
            self._check_calendar()
            await asyncio.get_running_loop().create_future()
        finally:
            leave()
            self._scheduler = None
            scheduler.shutdown(wait=False)
            await asyncio.sleep(0)
            _schedules.pop(self._id, None)
            if engine is not None:
                engine.dispose()

    def _plan_jobs(self, scheduler: AsyncIOScheduler) -> None:
        """Adds what is new or has other times; a kept job keeps the time at which it is due."""
        scheduler.start(paused=True)
        for name in self._times:
            self._plan_job(scheduler, name)
        for job in scheduler.get_jobs():
            if job.id not in self._times:
                job.remove()
        scheduler.resume()

    def _plan_job(self, scheduler: AsyncIOScheduler, name: str) -> None:
        times = self._times[name]
        kept = scheduler.get_job(name)
        if kept is None or str(kept.trigger) != _named(name, times):
            trigger = ClockTrigger(self._id, name, times)
            scheduler.add_job(FIRE, trigger, id=name, args=(self._id, name), replace_existing=True)
        elif kept.next_run_time <= self.clock.now():
            self._due[name] = kept.next_run_time

    def _almanac_changed(self, _: AlmanacChanged) -> None:
        """People changed the year: edges move, what was missing may be entered, and the controller looks again."""
        times = job_times(self._policy, self._calendar.almanac)
        if times["edges"] != self._times["edges"] and self._scheduler is not None:
            self._times = times
            self._due["edges"] = times["edges"].after(self.clock.now(), self.zone)
            self._plan_job(self._scheduler, "edges")
        self._check_calendar()
        self._wake()

    async def fire(self, job: str) -> None:
        """Runs one job if its time has come, and once more if the next has come meanwhile. However late, none is
        left out; times that passed together are seen to together.
        """
        if job in self._busy:
            return
        self._busy.add(job)
        try:
            while (now := self.clock.now()) >= self._due[job]:
                self._due[job] = self._times[job].after(now, self.zone)
                self.fired.append((job, now))
                del self.fired[:-100]
                await self._do(job)
        finally:
            self._busy.discard(job)

    async def _do(self, job: str) -> None:
        result = self._jobs[job]()
        if not inspect.isawaitable(result):
            return
        try:
            await result
        except asyncio.CancelledError:
            if self._scheduler is not None:
                raise
            log.info("calendar job %s was under way when the schedule ended", job)

    def _want_forecast(self) -> None:
        self._bus.publish(ForecastWanted())

    def _seal_day(self) -> Awaitable[None] | None:
        return None if self._seal is None else self._seal()

    def _check_calendar(self) -> None:
        """From 1 November a year that is not announced is alarmed every day, until somebody enters the notice."""
        now = self.clock.now()
        year = self._calendar.missing_year(now.astimezone(self.zone).date())
        if self._alarmed is not None and year != self._alarmed:
            self._bus.publish(_calendar_alarm(self._alarmed, now, active=False))
        if year is not None:
            self._bus.publish(_calendar_alarm(year, now, active=True))
        self._alarmed = year


def _calendar_alarm(year: int, at: datetime, *, active: bool) -> AlarmChanged:
    return AlarmChanged(
        key=f"calendar_missing:{year}",
        active=active,
        level=AlarmLevel.WARNING,
        at=at,
        text=Text(
            f"{year} 年的节假日安排尚未录入，目前按周末和法定节假日推算，没有调休",
            f"the holidays of {year} are not entered: weekends and statutory days are assumed, no make-up workdays",
        ),
    )
