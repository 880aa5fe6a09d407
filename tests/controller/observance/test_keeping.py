"""The record is kept by itself: days when they are over or changed, today after its hours, the evening's list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.observance.keeping import ObservanceKeeper
from controller.policy.site_policy import load_policy
from facility.bus.messages import ForecastReceived, HourForecast, ReminderGiven
from facility.calendar import Calendar
from facility.commands import Actor, Role
from facility.filings import FilingState, Relaxation, Scope
from facility.observance import LeftOn, Observed, Rule, Tick
from facility.readings import Batch, to_us
from tests.api.house import House, house_of
from tests.controller.observance.days import WEDNESDAY, filing, local
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

THURSDAY = WEDNESDAY + timedelta(days=1)
HOLIDAY_EVE = date(2026, 9, 30)
STATES = {"mode": 0.0, "setpoint": 28.0, "room_temperature": 29.0}
Value = float | Callable[[datetime], float | None]


@asynccontextmanager
async def kept(folder: Path, **site: Any) -> AsyncIterator[tuple[House, ObservanceKeeper]]:
    async with house_of(folder, now=local("00:00"), **site) as house:
        context = house.context
        keeper = ObservanceKeeper(
            house.site, load_policy(house.site.file), Calendar.of(house.site.file), context.store_reader,
            context.live, house.journal, house.bus, house.clock,
        )  # fmt: skip
        yield house, keeper
        keeper.close()


def lived(house: House, start: datetime, end: datetime, **points: Value) -> None:
    """Both units tell their state every minute of [start, end), off and as they may be, but for `points`."""
    usual: dict[str, Value] = {
        f"{unit}.{name}": value for unit in ("ac-401", "ac-402") for name, value in STATES.items()
    }
    usual |= {"ac-401.on": 0.0, "ac-402.on": 0.0, "weather.temperature": 33.0}
    usual |= {name.replace("__", ".").replace("_", "-", 1): value for name, value in points.items()}
    batches, at = [], start
    while at < end:
        said = {point: value(at) if callable(value) else value for point, value in usual.items()}
        known = {point: value for point, value in said.items() if value is not None}
        batches.append(Batch(time_us=to_us(at), points=tuple(known), values=tuple(known.values())))
        at += timedelta(minutes=1)
    house.store.append(batches)


def on_between(start: datetime, end: datetime) -> Callable[[datetime], float]:
    return lambda at: float(start <= at < end)


def broken(rows: list[Observed]) -> Mapping[tuple[str, str], int]:
    return {(row.equipment, row.rule.value): row.broken_minutes for row in rows if row.broken_minutes}


async def look(house: House, keeper: ObservanceKeeper, at: datetime) -> None:
    house.clock.move_to(at)
    await keeper.look(at)
    await keeper.look(at)  # a first day is only taken at the second sight: it may still be on its way


async def test_a_day_is_reckoned_after_its_midnight_once_and_again_when_readings_come_late(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        lived(house, local("00:00"), local("00:00", THURSDAY), ac_401__on=on_between(local("17:00"), local("17:30")))
        records = house.journal.observance
        await look(house, keeper, local("00:10", THURSDAY))
        assert records.days(WEDNESDAY, THURSDAY) == [], "its last readings may still be on their way"
        await look(house, keeper, local("00:25", THURSDAY))
        rows = records.rows(WEDNESDAY, THURSDAY)
        assert broken(rows) == {("ac-401", "hours"): 28}
        assert records.rows(WEDNESDAY, THURSDAY, office="finance") == [row for row in rows if row.office == "finance"]
        await look(house, keeper, local("00:30", THURSDAY))
        assert records.days(WEDNESDAY, THURSDAY)[0].reckoned == local("00:25", THURSDAY), "once is enough"
        house.tell(local("12:00"), {"ac-402.on": 1.0})
        lived(house, local("18:00"), local("18:30"), ac_402__on=1.0)
        await look(house, keeper, local("00:35", THURSDAY))
        again = broken(records.rows(WEDNESDAY, THURSDAY))
        assert again == {("ac-401", "hours"): 28, ("ac-402", "hours"): 28}
        assert len(records.days(WEDNESDAY, THURSDAY)) == 1


async def test_today_is_reckoned_after_its_hours_up_to_then_and_whole_in_the_night(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        lived(house, local("00:00"), local("17:20"))
        await look(house, keeper, local("17:10"))
        assert house.journal.observance.days(WEDNESDAY, THURSDAY) == []
        await look(house, keeper, local("17:15"))
        known = house.journal.observance.days(WEDNESDAY, THURSDAY)[0]
        assert known.until == local("17:15")
        rows = house.journal.observance.rows(WEDNESDAY, THURSDAY)
        assert {row.judged_minutes for row in rows if row.rule is Rule.HOURS} == {8 * 60 + 15}
        await look(house, keeper, local("00:30", THURSDAY))
        rows = house.journal.observance.rows(WEDNESDAY, THURSDAY)
        hours = [row for row in rows if row.rule is Rule.HOURS]
        assert [row.judged_minutes for row in hours] == [900, 900]
        assert all(row.unknown_minutes > 390 for row in hours), "nobody said anything after 17:20"


async def test_nothing_is_told_of_days_before_the_first_reading_and_none_without_any(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        await look(house, keeper, local("09:00", THURSDAY))
        assert house.journal.observance.days(date(2026, 1, 1), date(2027, 1, 1)) == []


async def test_changes_at_the_wall_are_counted_by_office_and_those_inside_the_rules_are_not(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        lived(house, local("00:00"), local("00:00", THURSDAY))
        for at, data in (
            ("10:05", {"inside": False, "duration_s": 90.0, "put_back": True}),
            ("11:00", {"inside": False, "duration_s": 0.0, "put_back": False}),
            ("12:00", {"inside": True}),
            ("12:30", {"inside": False}),
        ):
            house.journal.record_event("wall_change", "ac-401", local(at), data)
        await look(house, keeper, local("01:00", THURSDAY))
        rows = house.journal.observance.rows(WEDNESDAY, THURSDAY, office="finance")
        walls = [row for row in rows if row.rule is Rule.WALL_CHANGE]
        assert [(row.times, row.put_back, row.broken_minutes, row.clause) for row in walls] == [(3, 1, 2, "AC-10")]
        assert walls[0].spans[0].start == local("10:05") - timedelta(seconds=90)


async def test_a_filing_in_the_register_excuses(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        running = on_between(local("17:00"), local("18:00"))
        lived(house, local("00:00"), local("00:00", THURSDAY), ac_401__on=running, ac_402__on=running)
        approve(house, start="17:00", end="19:00")
        await look(house, keeper, local("01:00", THURSDAY))
        rows = {row.equipment: row for row in house.journal.observance.rows(WEDNESDAY, THURSDAY)
                if row.rule is Rule.HOURS}  # fmt: skip
        assert (rows["ac-401"].filed_minutes, rows["ac-401"].broken_minutes) == (58, 0)
        assert (rows["ac-402"].filed_minutes, rows["ac-402"].broken_minutes) == (0, 58)


def approve(house: House, *, start: str, end: str) -> None:
    clerk = Actor(name="行政科", role=Role.ADMIN_SECTION)
    asked = replace(
        filing(Relaxation(hours=True), start, end), state=FilingState.SUBMITTED, decided_at=None,
        scope=Scope(spaces=frozenset({"r401"})),
    )  # fmt: skip
    made = house.journal.filings.enter([asked], actor=clerk, at=local("00:01"))
    assert isinstance(made, tuple)
    house.journal.filings.decide(made[0].id, approve=True, actor=clerk, note="", at=local("00:02"))


def heard(house: House) -> list[ReminderGiven]:
    found: list[ReminderGiven] = []
    house.bus.listen(ReminderGiven, found.append)
    return found


async def test_the_evenings_list_holds_what_still_runs_whose_it_is_and_when_it_ended(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        reminders = heard(house)
        house.tell(local("17:14"), {"ac-401.on": 1.0, "ac-401.setpoint": 26.0, "ac-402.on": 0.0, "ac-archive.on": 1.0})
        await look(house, keeper, local("17:14"))
        assert house.journal.observance.patrol(WEDNESDAY) is None
        await look(house, keeper, local("17:15"))
        found = house.journal.observance.patrol(WEDNESDAY)
        assert found is not None
        assert [(item.key, item.space, item.office, item.clause) for item in found.items] == [
            ("unit:ac-401", "r401", "finance", "AC-12")
        ], "what is off, and an archive's unit, are not on it"
        assert "26" in found.items[0].text.zh
        assert [(given.office, given.equipment, given.clause) for given in reminders] == [
            ("finance", "ac-401", "AC-12")
        ]  # fmt: skip
        house.tell(local("17:30"), {"ac-401.on": 0.0, "ac-402.on": 0.0})
        await look(house, keeper, local("17:31"))
        after = house.journal.observance.patrol(WEDNESDAY)
        assert after is not None
        assert [(item.found, item.over) for item in after.items] == [(local("17:15"), local("17:31"))]
        assert (after.made, after.looked, after.open_items) == (local("17:15"), local("17:31"), ())
        assert len(reminders) == 1


async def test_what_nobody_can_tell_is_on_the_list_as_such(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        house.tell(local("12:00"), {"ac-401.on": 0.0})
        house.tell(local("17:14"), {"ac-402.on": 0.0})
        await look(house, keeper, local("17:15"))
        found = house.journal.observance.patrol(WEDNESDAY)
        assert found is not None
        assert [(item.what, item.equipment) for item in found.items] == [(LeftOn.UNKNOWN, "ac-401")]


async def test_ticks_stay_and_what_is_left_is_reminded_of_once_more(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        reminders = heard(house)
        for minute in range(14, 14 + 75, 4):
            at = local("17:00") + timedelta(minutes=minute)
            house.tell(at, {"ac-401.on": 1.0, "ac-402.on": 1.0})
            await look(house, keeper, at + timedelta(minutes=1))
            if minute == 30:
                by = Actor(name="值班员", role=Role.DUTY_ROOM)
                tick = Tick(day=WEDNESDAY, item="unit:ac-402", at=at, by=by, note="有人加班")
                house.journal.observance.put_tick(tick)
        found = house.journal.observance.patrol(WEDNESDAY)
        assert found is not None
        assert found.ticked == {"unit:ac-402"}
        assert [item.key for item in found.open_items] == ["unit:ac-401"]
        assert found.ticks[0].note == "有人加班"
        assert [given.key for given in reminders] == [
            "patrol:2026-07-15:unit:ac-401",
            "patrol:2026-07-15:unit:ac-402",
            "patrol:2026-07-15:unit:ac-401:again",
        ]


@pytest.mark.parametrize(("code", "listed"), [(61, True), (1, False), (None, True)])
async def test_an_open_window_is_listed_when_it_will_rain_or_nobody_knows(
    tmp_path: Path, code: int | None, listed: bool
) -> None:
    async with kept(tmp_path) as (house, keeper):
        if code is not None:
            hours = [
                HourForecast(time=local("17:00") + timedelta(hours=ahead), temperature_c=25.0,
                             weather_code=code if ahead == 6 else 0, cloud_percent=0.0)
                for ahead in range(12)
            ]  # fmt: skip
            house.journal.record_forecast(
                ForecastReceived(provider="test", issued=local("12:00"), fetched=local("12:00"),
                                 daily_max_c={WEDNESDAY: 33.0}, hours=hours)
            )  # fmt: skip
        house.tell(local("16:00"), {"window-401.open": 1.0})
        house.tell(local("17:14"), {"ac-401.on": 0.0, "ac-402.on": 0.0})
        await look(house, keeper, local("17:15"))
        found = house.journal.observance.patrol(WEDNESDAY)
        assert found is not None
        assert [item.key for item in found.items] == (["window:window-401"] if listed else [])


async def test_standby_over_its_limit_is_listed_and_what_is_filed_for_is_not(tmp_path: Path) -> None:
    quiet = {"standby": [{"meter": "meter-401", "above_kw": 0.2}, {"meter": "meter-402", "above_kw": 0.2}]}
    async with kept(tmp_path, observance=quiet) as (house, keeper):
        approve(house, start="17:00", end="19:00")
        house.tell(
            local("17:14"), {"ac-401.on": 1.0, "ac-402.on": 0.0, "meter-401.power": 0.2, "meter-402.power": 0.35}
        )
        await look(house, keeper, local("17:15"))
        found = house.journal.observance.patrol(WEDNESDAY)
        assert found is not None
        assert [(item.key, item.office) for item in found.items] == [("circuit:meter-402", "general")]
        assert "350 W" in found.items[0].text.en


async def test_before_a_holiday_the_archive_is_gone_over(tmp_path: Path) -> None:
    async with kept(tmp_path) as (house, keeper):
        house.tell(local("17:14", HOLIDAY_EVE), {"ac-401.on": 0.0, "ac-402.on": 0.0})
        await look(house, keeper, local("17:15", HOLIDAY_EVE))
        found = house.journal.observance.patrol(HOLIDAY_EVE)
        assert found is not None
        assert found.before_rest is not None
        assert [(item.what, item.space, item.office, item.clause) for item in found.items] == [
            (LeftOn.CHECK, "archive", "general", "ARC-04")
        ]


ARCHIVE = {
    "devices": [*small_site_data()["devices"],
                {"id": "th-arc", "profile": "mqtt_climate", "link": "sensors", "topic": "site/archive/climate"}],
    "equipment": [*small_site_data()["equipment"],
                  {"id": "climate-arc", "kind": "climate_sensor", "device": "th-arc", "serves": ["archive"]}],
}  # fmt: skip


async def test_an_archives_climate_is_told_as_minutes_out_of_its_limits(tmp_path: Path) -> None:
    async with kept(tmp_path, **ARCHIVE) as (house, keeper):
        lived(house, local("00:00"), local("00:00", THURSDAY))
        batches = []
        for minute in range(24 * 60 - 60):
            at = local("00:00") + timedelta(minutes=minute)
            temperature, humidity = (25.0, 50.0) if minute < 60 else (20.0, 70.0 if minute < 120 else 50.0)
            batches.append(
                Batch(time_us=to_us(at), points=("climate-arc.temperature", "climate-arc.humidity"),
                      values=(temperature, humidity))
            )  # fmt: skip
        house.store.append(batches)
        await look(house, keeper, local("01:00", THURSDAY))
        rows = [r for r in house.journal.observance.rows(WEDNESDAY, THURSDAY) if r.rule is Rule.ARCHIVE_CLIMATE]
        assert [(row.equipment, row.office, row.clause, row.judged_minutes) for row in rows] == [
            ("ac-archive", "general", "ARC-01", 1440)
        ]
        assert 115 <= rows[0].broken_minutes <= 128, "ten-minute means blur the edges"
        assert 40 <= rows[0].unknown_minutes <= 60, "the sensor was silent for the last hour"
