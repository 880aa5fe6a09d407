"""A controller that dies at any time of a hot workday: the gateway ends the window by itself (FT-57)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from facility.bus import AlarmChanged, CommandIssued, EnvelopeIssued
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.commands import WATCHDOG
from facility.envelope import Envelope
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary, Table
from facility.readings import from_us
from gateway.gateway import Gateway
from houqin.past import DayOrder, PastDay
from tests.gateway.bank import Bank
from tests.sites import small_site_data

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 15)
OFFICES = ("ac-401", "ac-402")
ROUND_THE_CLOCK = {"ac-archive": 2, "ac-server": 3, "ac-duty": 4}
SLOTS = {"ac-401": 0, "ac-402": 1, **ROUND_THE_CLOCK}
ON_ADDRESS = 19
SLOT_STRIDE = 16
STEP = timedelta(minutes=10)


def hot_site() -> Site:
    """The small site with limits so low that its units run all day whatever the weather makes of it, and with a server
    room and a duty room.
    """
    data = small_site_data()
    low = {
        "cooling_permit_c": 15.0, "cooling_measured_c": 15.5, "heating_permit_c": 5.0, "heating_measured_c": 5.0,
        "room_min_cool_c": 25.0, "room_max_heat_c": 18.0, "rain_stop": "off", "overcast_stop": "off",
        "vacancy_s": 86400.0,
    }  # fmt: skip
    data["policy"] = {"parameters": low}
    data["weather"]["forecast"] = [{"provider": "open_meteo", "url": "http://forecast.invalid"}]
    unit = next(item for item in data["equipment"] if item["id"] == "ac-archive")
    for name, kind, slot in (("ac-server", "server_room", 3), ("ac-duty", "duty_room", 4)):
        room = {"id": f"r-{slot}", "floor": "f4", "class": kind, "responsible_office": "general", "area_m2": 20.0}
        data["spaces"].append(room)
        data["equipment"].append({**unit, "id": name, "slot": slot, "serves": [room["id"]]})
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


def local(clock: str) -> datetime:
    return datetime.combine(DAY, time.fromisoformat(clock), ZONE).astimezone(UTC)


@dataclass
class Recorded:
    """A day of a controller that lives: the envelopes it issued, and what each unit's `on` read, in order."""

    site: Site
    envelopes: list[tuple[datetime, Envelope]] = field(default_factory=list)
    read: dict[str, list[tuple[datetime, float]]] = field(default_factory=dict)

    def in_force(self, at: datetime) -> Mapping[str, Envelope]:
        """The newest envelope of each unit at a moment."""
        return {envelope.equipment: envelope for when, envelope in self.envelopes if when <= at}

    def was_on(self, unit: str, at: datetime) -> bool:
        """What a unit read last."""
        return [value for when, value in self.read[unit] if when <= at][-1] > 0


async def live(day: PastDay) -> dict[str, list[tuple[datetime, float]]]:
    """Lives a day through; what each unit's `on` read, in order."""
    await day.live_through()
    await day.gateway.close()
    read: dict[str, list[tuple[datetime, float]]] = {unit: [] for unit in day.site.indoor_units}
    for batch in day.batches:
        for reading in batch.readings():
            unit, _, point = reading.point.partition(".")
            if point == "on" and unit in read and reading.value is not None:
                read[unit].append((from_us(batch.time_us), reading.value))
    return read


def day_of(site: Site) -> PastDay:
    return PastDay(site, DayOrder(file=site.file, profiles=dict(site.profiles), day=DAY, until=local("20:00"), seed=1))


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    """The day as it goes when nobody dies."""
    site = hot_site()
    day, made = day_of(site), Recorded(site)
    day.bus.listen(EnvelopeIssued, lambda message: made.envelopes.append((day.clock.now(), message.envelope)))
    made.read = asyncio.run(live(day))
    return made


class Survivor:
    """A gateway whose controller has just died, with the units as they stood and the envelopes as they were."""

    def __init__(self, recorded: Recorded, dies_at: datetime) -> None:
        self.clock, self.bus, self.bank = ManualClock(dies_at), InProcessBus(), Bank()
        self.gateway = Gateway(recorded.site, self.bus, self.clock, connect=lambda *_: self.bank)
        self.alarms: dict[str, bool] = {}
        self.bus.listen(AlarmChanged, lambda alarm: self.alarms.__setitem__(alarm.key, alarm.active))
        for unit, slot in SLOTS.items():
            self.bank.set(1, ON_ADDRESS - 3 + SLOT_STRIDE * slot, 0, 3, 280, int(recorded.was_on(unit, dies_at)))
        for envelope in recorded.in_force(dies_at).values():
            self.bus.publish(EnvelopeIssued(envelope=envelope))

    async def go_on_until(self, until: datetime) -> list[tuple[datetime, dict[str, bool]]]:
        """What each unit was at each step."""
        seen = []
        while self.clock.now() < until:
            await self.gateway.poll_once()
            await self.gateway.settle()
            seen.append((self.clock.now(), {unit: self.is_on(unit) for unit in SLOTS}))
            self.clock.move_to(self.clock.now() + STEP)
        await self.gateway.close()
        return seen

    def is_on(self, unit: str) -> bool:
        return self.bank.registers[1, Table.HOLDING, ON_ADDRESS + SLOT_STRIDE * SLOTS[unit]] > 0

    def start_at_the_wall(self, unit: str) -> None:
        """Somebody switches the unit on by hand."""
        self.bank.set(1, ON_ADDRESS + SLOT_STRIDE * SLOTS[unit], 1)


HOURS = range(6, 19)
MINUTES = {hour: ("00", "15", "30", "45") for hour in HOURS} | {
    7: ("00", "15", "30", "45", "59"), 8: ("00", "01", "15", "30", "45"), 16: ("00", "15", "30", "45", "59"),
    17: ("00", "01", "15", "30", "45"), 18: ("00",),
}  # fmt: skip


@pytest.mark.parametrize("hour", HOURS)
@pytest.mark.asyncio
async def test_offices_are_off_after_their_window_and_rooms_round_the_clock_run_on(
    recorded: Recorded, hour: int
) -> None:
    for minute in MINUTES[hour]:
        await lives_on(recorded, local(f"{hour:02d}:{minute}"))


async def lives_on(recorded: Recorded, dies_at: datetime) -> None:
    """The rest of the day after the controller's death, and that it goes as it should."""
    survivor = Survivor(recorded, dies_at)
    ran = {unit: survivor.is_on(unit) for unit in SLOTS}
    permitted = recorded.in_force(dies_at)
    seen = await survivor.go_on_until(local("18:30"))
    for unit in OFFICES:
        until = permitted[unit].may_run_until
        last = permitted[unit].valid_until if until is None else until
        assert not any(units[unit] for when, units in seen if when >= last), (dies_at, unit)
        if ran[unit] and until is not None:
            assert all(units[unit] for when, units in seen if when < until), (dies_at, unit, "nobody told it to stop")
        assert not survivor.is_on(unit), (dies_at, unit)
    for unit in ROUND_THE_CLOCK:
        assert all(units[unit] is ran[unit] for _, units in seen), (dies_at, unit, "nobody touches it")
        assert survivor.alarms[f"controller_lost:{unit}"], (dies_at, unit)
    written = {address for _, _, address, _ in survivor.bank.written}
    assert written <= {ON_ADDRESS + SLOT_STRIDE * SLOTS[unit] for unit in OFFICES}


def test_the_day_is_one_on_which_everything_runs(recorded: Recorded) -> None:
    for unit in OFFICES:
        assert recorded.was_on(unit, local("12:00"))
        assert not recorded.was_on(unit, local("07:45"))
        assert recorded.in_force(local("12:00"))[unit].may_run_until == local("17:00")
    for unit in ROUND_THE_CLOCK:
        assert recorded.was_on(unit, local("12:00"))


@pytest.mark.parametrize("dies", ["06:00", "07:30", "17:15", "18:00"])
@pytest.mark.asyncio
async def test_what_is_started_at_the_wall_out_of_hours_with_nobody_there_is_stopped(
    recorded: Recorded, dies: str
) -> None:
    survivor = Survivor(recorded, local(dies))
    survivor.clock.move_to(recorded.in_force(local(dies))["ac-401"].valid_until)
    survivor.start_at_the_wall("ac-401")
    seen = await survivor.go_on_until(local("18:30"))
    assert seen
    assert not any(units["ac-401"] for _, units in seen)


class Mortal:
    """A controller that does nothing more from a moment on: as after kill -9, everything else goes on."""

    def __init__(self, day: PastDay, dies_at: datetime) -> None:
        self._controller, self._dies_at = day.controller, dies_at

    def cycle(self, now: datetime) -> datetime:
        if now < self._dies_at:
            return self._controller.cycle(now)
        self._controller.close()
        return now + timedelta(minutes=5)


@pytest.mark.asyncio
async def test_what_ran_at_its_death_runs_on_to_the_windows_end_and_the_gateway_says_that_it_ended_it() -> None:
    """The whole building, with the simulated units and people, for one of the moments."""
    day = day_of(hot_site())
    day.controller = Mortal(day, local("12:00"))  # type: ignore[assignment]
    read = await live(day)
    at_noon = [unit for unit in OFFICES if [value for when, value in read[unit] if when < local("12:05")][-1]]
    assert at_noon, "it is a hot day"
    for unit in at_noon:
        assert all(value for when, value in read[unit] if local("12:05") <= when < local("17:00"))
        assert not any(value for when, value in read[unit] if when >= local("17:10"))
    assert all(value for when, value in read["ac-archive"] if when >= local("08:30")), "nothing switches it off"
    ended = {
        message.command.equipment
        for message in day.messages
        if isinstance(message, CommandIssued) and message.command.actor == WATCHDOG
    }
    assert ended >= set(at_noon)
    alarms: list[Any] = [message for message in day.messages if isinstance(message, AlarmChanged)]
    assert next(alarm.active for alarm in alarms if alarm.key == "controller_lost:ac-archive")
