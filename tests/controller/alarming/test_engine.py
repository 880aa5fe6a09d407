"""The alarms at work on a real journal: restarts, records that are away, causes that ended meanwhile, floods."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.alarming.alarm import MAINTENANCE
from controller.alarming.catalogue import catalogue_of
from controller.alarming.consequences import Consequences
from controller.alarming.engine import CONFIRM_S, AlarmEngine
from controller.alarming.findings import Finding, Look
from controller.alarming.flood import FloodGate
from controller.alarming.owners import Owners
from controller.alarming.register import AlarmRegister
from facility.bus.in_process import InProcessBus
from facility.bus.messages import AlarmAct, AlarmActed, AlarmChanged, AlarmLevel, AlarmStood
from facility.clock import ManualClock
from facility.commands import Actor, Role
from facility.errors import StoreUnavailable
from facility.journal import Journal
from facility.journal.alarm_states import AlarmStates
from facility.journal.database import Database
from facility.model.alarm_entries import AlarmsEntry
from facility.text import Text
from tests.sites import small_site

pytestmark = pytest.mark.asyncio

SITE = small_site()
T0 = datetime(2026, 7, 15, 2, tzinfo=UTC)
DUTY = Actor(name="值班员", role=Role.DUTY_ROOM)
METER = "device_down:m-401"


class Away(AlarmStates):
    """Records that are away until somebody brings them back."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.away = True

    def enter(self, steps: Sequence[AlarmStood]) -> None:
        self._check()
        super().enter(steps)

    def states(self) -> list[AlarmStood]:
        self._check()
        return super().states()

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable("the records are away")


class Found:
    """A look that finds what it is told to."""

    owns = ("filing_lapsing:",)
    every_s = 60.0
    least_wall_s = 0.0

    def __init__(self) -> None:
        self.keys: list[str] | None = []

    async def look(self, now: datetime) -> list[Finding] | None:  # noqa: ARG002 - as told, at any time
        return None if self.keys is None else [Finding(key=key, text=Text("坏", "bad")) for key in self.keys]


class House:
    """An engine on a bus, with the lines of a ledger."""

    def __init__(self, journal: Journal | None, *, looks: Sequence[Look] = (), more_than: int = 10) -> None:
        self.bus, self.clock = InProcessBus(), ManualClock(T0)
        self.told: list[str] = []
        self.raw: list[str] = []
        self.bus.listen(AlarmStood, lambda step: self.told.append(f"{step.key} {step.standing.value}"))
        self.bus.listen(AlarmChanged, lambda said: self.raw.append(f"{said.key} {said.active}"))
        self.restated: list[datetime] = []
        self.engine = AlarmEngine(
            self.bus, self.clock,
            AlarmRegister(catalogue_of(AlarmsEntry()), Consequences(SITE), Owners(SITE)),
            journal=journal, flood=FloodGate(more_than=more_than, minutes=10), looks=looks,
            restate=[self.restated.append],
        )  # fmt: skip

    def say(self, key: str, active: bool = True) -> None:
        level, text = AlarmLevel.WARNING, Text("坏", "bad")
        self.bus.publish(AlarmChanged(key=key, active=active, level=level, at=self.clock.now(), text=text))

    def do(self, act: AlarmAct, key: str, hours: float | None = None) -> None:
        now = self.clock.now()
        until = None if hours is None else now + timedelta(hours=hours)
        self.bus.publish(AlarmActed(key=key, act=act, actor=DUTY, at=now, until=until))

    async def until(self, told: str) -> None:
        async with asyncio.timeout(20):
            while told not in self.told:
                await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(house: House) -> AsyncIterator[House]:
    task = asyncio.create_task(house.engine.run())
    try:
        async with asyncio.timeout(20):
            while not house.restated and not task.done():
                await asyncio.sleep(0.005)
        for _ in range(3):
            await asyncio.sleep(0)  # its tasks begin to wait for the clock
        yield house
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        house.engine.close()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(f"sqlite:///{tmp_path / 'journal.db'}")


async def test_every_change_is_in_the_records_with_who_and_when(journal: Journal) -> None:
    async with running(House(journal)) as house:
        house.say(METER)
        house.clock.advance(60)
        house.do(AlarmAct.ACKNOWLEDGE, METER)
        house.say(METER, False)
    history = journal.alarm_states.history(METER)
    assert [(step.standing.value, step.by) for step in history] == [
        ("normal", None), ("acknowledged", DUTY), ("unacknowledged", None),
    ]  # fmt: skip
    assert history[1].at == T0 + timedelta(seconds=60)
    assert house.told == [f"{METER} unacknowledged", f"{METER} acknowledged", f"{METER} normal"]
    journal.close()


async def test_a_restart_keeps_what_people_did_and_says_how_alarms_stand(journal: Journal) -> None:
    async with running(House(journal)) as house:
        house.say(METER)
        house.do(AlarmAct.ACKNOWLEDGE, METER)
        house.say("kettle_level:x")
        house.do(AlarmAct.OUT_OF_SERVICE, f"{MAINTENANCE}ac-401", hours=5)
    again = House(journal)
    again.say(METER)  # said before the records were read
    async with running(again):
        assert f"{METER} acknowledged" in again.told
        assert f"{METER} unacknowledged" not in again.told
        assert again.engine.register.alarms[METER].acknowledged_by == DUTY
        assert "ac-401" in again.engine.register.out_of_service
    journal.close()


async def test_an_alarm_whose_cause_ended_while_the_program_was_down_is_cleared(journal: Journal) -> None:
    async with running(House(journal)) as house:
        for key in (METER, "link_down:meters", "calendar_missing:2026", "memory.records_damaged"):
            house.say(key)
    again = House(journal)
    async with running(again):
        again.say("link_down:meters")
        again.clock.advance(CONFIRM_S + 61)
        await again.until("calendar_missing:2026 returned")
        assert sorted(key for key in again.raw if key.endswith("False")) == [
            "calendar_missing:2026 False", f"{METER} False",
        ]  # fmt: skip
    journal.close()


async def test_an_alarm_that_only_the_older_records_know_is_taken_over(journal: Journal) -> None:
    text = Text("坏", "bad")
    journal.record_alarm(AlarmChanged(key=METER, active=True, level=AlarmLevel.WARNING, at=T0, text=text))
    async with running(House(journal)) as house:
        assert house.told == [f"{METER} unacknowledged"]
        house.clock.advance(CONFIRM_S)
        await house.until(f"{METER} returned")
    journal.close()


async def test_what_a_look_found_before_the_restart_ends_with_its_first_look(journal: Journal) -> None:
    look = Found()
    look.keys = ["filing_lapsing:7"]
    async with running(House(journal, looks=[look])) as house:
        await house.until("filing_lapsing:7 acknowledged")
    look.keys = None  # cannot tell yet
    again = House(journal, looks=[look])
    async with running(again):
        again.clock.advance(61)
        await asyncio.sleep(0.05)
        assert again.told == ["filing_lapsing:7 acknowledged"]
        look.keys = []
        again.clock.advance(61)
        await again.until("filing_lapsing:7 normal")
    journal.close()


async def test_the_present_goes_on_while_the_records_are_away(journal: Journal) -> None:
    async with running(House(journal)) as house:
        house.say(METER)
        house.do(AlarmAct.ACKNOWLEDGE, METER)
    away = Away(journal._database)
    journal.alarm_states = away
    again = House(journal)
    task = asyncio.create_task(again.engine.run())
    await asyncio.sleep(0.05)
    again.say("link_down:plant")
    again.do(AlarmAct.ACKNOWLEDGE, "link_down:plant")
    assert again.told == ["link_down:plant unacknowledged", "link_down:plant acknowledged"]
    again.say(METER)
    away.away = False
    await again.until(f"{METER} acknowledged")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    again.engine.close()
    states = {state.key: state.standing.value for state in journal.alarm_states.states()}
    assert states == {METER: "acknowledged", "link_down:plant": "acknowledged"}
    journal.close()


async def test_too_many_at_once_are_one_flood_and_the_list_is_kept() -> None:
    house = House(None, more_than=3)
    for number in range(6):
        house.say(f"something:{number}")
    assert house.told.count("flood unacknowledged") == 1
    assert len([line for line in house.told if line.startswith("something")]) == 6
    house.clock.advance(601)
    house.say("something:0", False)
    assert house.told[-1] == "flood returned"
    house.engine.close()


async def test_what_happened_once_is_closed_in_the_list_of_alarms_by_its_acknowledgement() -> None:
    house = House(None)
    house.say("memory.records_damaged")
    house.do(AlarmAct.ACKNOWLEDGE, "memory.records_damaged")
    assert house.raw == ["memory.records_damaged True", "memory.records_damaged False"]
    house.engine.close()


async def test_a_standby_remembers_what_is_abnormal_and_reads_the_rest_when_it_comes_to_act(journal: Journal) -> None:
    first, second = House(journal), House(journal)
    async with running(first):
        first.say(METER)
        second.say(METER)
        first.do(AlarmAct.ACKNOWLEDGE, METER)
        assert second.told == []
    async with running(second):
        assert second.engine.register.alarms[METER].acknowledged_by == DUTY
        assert second.told == [f"{METER} acknowledged"]  # pages beside it have not heard of it either
    journal.close()
