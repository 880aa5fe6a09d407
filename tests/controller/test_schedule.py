"""Calendar jobs fire by the injected clock, at any pace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from controller.job_times import Times
from controller.policy.site_policy import load_policy
from controller.schedule import Schedule
from facility.almanac import Almanac, Session, TableDay, Timetable, YearTable
from facility.bus import AlarmChanged, AlmanacChanged, ForecastWanted
from facility.bus.in_process import InProcessBus
from facility.calendar import Calendar
from facility.clock import Clock, ManualClock, PacedClock, SystemClock
from facility.festivals import statutory_days
from facility.text import Text
from tests.controller.building import WEDNESDAY, ZONE, local
from tests.sites import small_site

SITE = small_site()
POLICY = load_policy(SITE.file)
DAY = Times(at=(time(8), time(17)))


@pytest.mark.parametrize(
    ("times", "moment", "expected"),
    [
        (DAY, "07:59:59", "08:00"),
        (DAY, "08:00", "17:00"),
        (Times(at=(time(7, 50),), hourly=True), "07:10", "07:50"),
        (Times(at=(time(7, 50),), hourly=True), "07:50", "08:00"),
        (Times(hourly=True), "08:00", "09:00"),
    ],
)
def test_the_next_time_is_after_the_moment(times: Times, moment: str, expected: str) -> None:
    assert times.after(local(moment), ZONE) == local(expected)


def test_after_the_last_time_of_a_day_comes_the_first_of_the_next() -> None:
    assert DAY.after(local("17:00"), ZONE) == local("08:00", WEDNESDAY + timedelta(days=1))


@contextlib.asynccontextmanager
async def running(
    clock: Clock,
    *,
    seal: Callable[[], Awaitable[None] | None] | None = None,
    database_url: str | None = None,
    wake: Callable[[], None] = lambda: None,
) -> AsyncIterator[tuple[Schedule, list[object]]]:
    """A schedule that runs; with what it published."""
    bus = InProcessBus()
    heard: list[object] = []
    bus.listen(ForecastWanted, heard.append)
    bus.listen(AlarmChanged, heard.append)
    schedule = Schedule(
        SITE,
        bus,
        clock,
        policy=POLICY,
        calendar=Calendar(),
        wake=wake,
        seal=seal,
        database_url=database_url,
    )
    task = asyncio.create_task(schedule.run())
    try:
        await asyncio.sleep(0)
        yield schedule, heard
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def eventually(condition: Callable[[], bool], what: str) -> None:
    """Lets the loop go on until `condition` holds, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
    assert condition(), what


@pytest.mark.asyncio
async def test_at_3600_times_life_a_morning_fires_every_job_and_none_twice_for_one_time() -> None:
    """How many of the times of one job pass together is the machine's affair; that each is seen to once is not."""
    clock = PacedClock(local("07:45"), 3600)
    async with running(clock) as (schedule, heard):
        await eventually(
            lambda: (
                clock.now() > local("08:30")
                and {"permit", "edges", "forecast"} <= {job for job, _ in schedule.fired}
                and schedule.due("forecast") > local("08:30")
            ),
            "half past eight",
        )
        forecasts = [when for job, when in schedule.fired if job == "forecast"]
        asked = sum(isinstance(message, ForecastWanted) for message in heard)
    due = [local("07:50"), local("08:00"), *(local("09:00") + timedelta(hours=ahead) for ahead in range(24))]
    seen_to = [sum(when <= fired for when in due) for fired in forecasts]
    assert seen_to == sorted(set(seen_to))
    assert seen_to[0] > 0
    assert asked == 1 + len(forecasts)
    permits = [when for job, when in schedule.fired if job == "permit"]
    assert permits == sorted(set(permits))
    assert permits[0] >= local("08:00")


@pytest.mark.asyncio
async def test_what_comes_due_while_the_program_is_still_starting_runs_late_but_runs() -> None:
    clock, woken = ManualClock(local("07:45")), []
    schedule = Schedule(
        SITE, InProcessBus(), clock, policy=POLICY, calendar=Calendar(), wake=lambda: woken.append(1)
    )  # fmt: skip
    clock.move_to(local("08:20"))
    task = asyncio.create_task(schedule.run())
    await eventually(lambda: len(schedule.fired) >= 3, "what came due at 07:50 and 08:00")
    assert sorted(schedule.fired) == [(job, local("08:20")) for job in ("edges", "forecast", "permit")]
    assert len(woken) == 2
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.asyncio
async def test_what_comes_due_while_the_same_job_is_under_way_runs_right_after_it() -> None:
    clock, begun, go_on = ManualClock(local("00:10")), [], asyncio.Event()

    async def seal() -> None:
        begun.append(clock.now())
        await go_on.wait()

    async with running(clock, seal=seal) as (_schedule, _heard):
        clock.move_to(local("00:15"))
        await eventually(lambda: len(begun) == 1, "the first sealing")
        clock.move_to(local("00:15", WEDNESDAY + timedelta(days=2)))
        await asyncio.sleep(0.12)
        assert len(begun) == 1
        go_on.set()
        await eventually(lambda: len(begun) == 2, "the second sealing")
    assert begun == [local("00:15"), local("00:15", WEDNESDAY + timedelta(days=2))]


@pytest.mark.asyncio
async def test_on_a_clock_moved_by_hand_the_edges_wake_the_controller() -> None:
    clock, woken, sealed = ManualClock(local("16:59")), [], []
    async with running(clock, wake=lambda: woken.append(clock.now()), seal=lambda: sealed.append(clock.now())) as (
        schedule,
        _,
    ):
        await asyncio.sleep(0.15)
        assert schedule.fired == []
        clock.move_to(local("17:00"))
        await eventually(lambda: bool(woken), "the edge at 17:00")
        clock.move_to(local("00:15", WEDNESDAY + timedelta(days=1)))
        await eventually(lambda: bool(sealed), "sealing of the past day")
    assert woken == [local("17:00")]


@pytest.mark.asyncio
@pytest.mark.parametrize(("day", "missing"), [("2026-10-31", False), ("2026-11-01", True)])
async def test_from_november_a_year_that_is_not_announced_is_alarmed(day: str, missing: bool) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00:00+08:00")
    async with running(ManualClock(noon)) as (_, heard):
        alarms = [message for message in heard if isinstance(message, AlarmChanged)]
    assert [alarm.key for alarm in alarms] == (["calendar_missing:2027"] if missing else [])


@pytest.mark.asyncio
async def test_jobs_in_a_database_are_found_again(tmp_path: Path) -> None:
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from sqlalchemy import create_engine

    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    for _ in range(2):
        async with running(SystemClock(), database_url=url) as (schedule, _heard):
            assert schedule.fired == []
    engine = create_engine(url)
    store = SQLAlchemyJobStore(engine=engine)
    with engine.connect() as connection:
        rows = connection.execute(store.jobs_t.select()).all()
    engine.dispose()
    assert {row.id for row in rows} == {"forecast", "permit", "edges", "calendar", "seal"}
    assert all(row.next_run_time > datetime.now(UTC).timestamp() for row in rows)


@pytest.mark.asyncio
async def test_a_year_that_is_entered_ends_its_alarm_at_once_and_wakes_the_controller() -> None:
    clock, woken = ManualClock(datetime(2026, 11, 22, 10, 0, tzinfo=ZONE)), []
    calendar, bus = Calendar(), InProcessBus()
    heard: list[AlarmChanged] = []
    bus.listen(AlarmChanged, heard.append)
    schedule = Schedule(
        SITE, bus, clock, policy=POLICY, calendar=calendar, wake=lambda: woken.append(clock.now())
    )  # fmt: skip
    task = asyncio.create_task(schedule.run())
    await asyncio.sleep(0)
    assert [(alarm.key, alarm.active) for alarm in heard] == [("calendar_missing:2027", True)]
    days = tuple(TableDay(day=day, kind="rest") for day in statutory_days(2027))
    table = YearTable(year=2027, notice="国办", issued=date(2026, 11, 20), days=days, sha256="0")
    calendar.refresh(Almanac(tables=(table,)))
    bus.publish(AlmanacChanged(at=clock.now()))
    assert [(alarm.key, alarm.active) for alarm in heard[1:]] == [("calendar_missing:2027", False)]
    assert len(woken) == 1
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.asyncio
async def test_edges_of_a_timetable_entered_while_running_wake_the_controller() -> None:
    clock, woken = ManualClock(local("11:59")), []
    calendar, bus = Calendar(), InProcessBus()
    schedule = Schedule(
        SITE, bus, clock, policy=POLICY, calendar=calendar, wake=lambda: woken.append(clock.now())
    )  # fmt: skip
    task = asyncio.create_task(schedule.run())
    await asyncio.sleep(0)
    noon = Timetable(
        first="07-01", last="08-31", name=Text("夏", "summer"),
        sessions=(Session(time(8), time(12)), Session(time(14, 30), time(17))),
    )  # fmt: skip
    calendar.refresh(Almanac(timetables=(noon,)))
    bus.publish(AlmanacChanged(at=clock.now()))
    woken.clear()
    clock.advance(60)
    await eventually(lambda: len(woken) > 0, "the noon edge")
    assert woken[0] == local("12:00")
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.mark.asyncio
async def test_a_job_under_way_when_the_schedule_ends_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    clock, begun = ManualClock(local("00:10")), []

    async def seal() -> None:
        begun.append(clock.now())
        await asyncio.Event().wait()

    async with running(clock, seal=seal):
        clock.move_to(local("00:15"))
        await eventually(lambda: len(begun) == 1, "the sealing")
    await asyncio.sleep(0)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
