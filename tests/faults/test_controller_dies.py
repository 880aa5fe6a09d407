"""A controller that dies at any time of a hot workday: the gateway ends the window by itself (FT-57)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from facility.bus import AlarmChanged, CommandIssued
from facility.commands import WATCHDOG
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.readings import from_us
from houqin.past import DayOrder, PastDay
from tests.sites import small_site_data

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 15)
OFFICES = ("ac-401", "ac-402")


def hot_site() -> Site:
    """The small site with limits so low that its units run all day whatever the weather makes of it."""
    data = small_site_data()
    low = {
        "cooling_permit_c": 15.0, "cooling_measured_c": 15.5, "heating_permit_c": 5.0, "heating_measured_c": 5.0,
        "room_min_cool_c": 25.0, "room_max_heat_c": 18.0, "rain_stop": "off", "overcast_stop": "off",
        "vacancy_s": 86400.0,
    }  # fmt: skip
    data["policy"] = {"parameters": low}
    data["weather"]["forecast"] = [{"provider": "open_meteo", "url": "http://forecast.invalid"}]
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


def local(clock: str) -> datetime:
    return datetime.combine(DAY, time.fromisoformat(clock), ZONE).astimezone(UTC)


class Mortal:
    """A controller that does nothing more from a moment on: as after kill -9, everything else goes on."""

    def __init__(self, day: PastDay, dies_at: datetime) -> None:
        self._controller, self._dies_at = day.controller, dies_at

    def cycle(self, now: datetime) -> datetime:
        if now < self._dies_at:
            return self._controller.cycle(now)
        self._controller.close()
        return now + timedelta(minutes=5)


async def lived(dies: str, *, until: str = "20:00") -> tuple[PastDay, dict[str, list[tuple[datetime, float]]]]:
    """The day with its controller dead from `dies`, and what each unit's `on` read, in order."""
    site = hot_site()
    order = DayOrder(file=site.file, profiles=dict(site.profiles), day=DAY, until=local(until), seed=1)
    day = PastDay(site, order)
    day.controller = Mortal(day, local(dies))  # type: ignore[assignment]
    await day.live_through()
    await day.gateway.close()
    read: dict[str, list[tuple[datetime, float]]] = {unit: [] for unit in site.indoor_units}
    for batch in day.batches:
        for reading in batch.readings():
            unit, _, point = reading.point.partition(".")
            if point == "on" and unit in read and reading.value is not None:
                read[unit].append((from_us(batch.time_us), reading.value))
    return day, read


@pytest.mark.asyncio
@pytest.mark.parametrize("dies", ["06:00", "08:05", "12:00", "16:59"])
async def test_the_window_ends_without_it_and_archives_run_on_with_an_alarm(dies: str) -> None:
    day, read = await lived(dies)
    for unit in OFFICES:
        late = [value for when, value in read[unit] if when >= local("17:10")]
        assert late
        assert not any(late), unit
    archive = [value for when, value in read["ac-archive"] if when >= local("08:30")]
    assert all(archive), "nothing switches it off"
    alarms: list[Any] = [message for message in day.messages if isinstance(message, AlarmChanged)]
    assert next(alarm.active for alarm in alarms if alarm.key == "controller_lost:ac-archive")


@pytest.mark.asyncio
async def test_what_ran_at_its_death_runs_on_to_the_windows_end_and_the_gateway_says_that_it_ended_it() -> None:
    day, read = await lived("12:00")
    at_noon = [unit for unit in OFFICES if [value for when, value in read[unit] if when < local("12:05")][-1]]
    assert at_noon, "it is a hot day"
    for unit in at_noon:
        assert all(value for when, value in read[unit] if local("12:05") <= when < local("17:00"))
    ended = {
        message.command.equipment
        for message in day.messages
        if isinstance(message, CommandIssued) and message.command.actor == WATCHDOG
    }
    assert ended >= set(at_noon)
