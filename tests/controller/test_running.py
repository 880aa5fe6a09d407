"""The controller as a task: cycles on the clock, wakes for people, stops cleanly."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.controller import Controller
from controller.policy import load_policy
from facility.bus import OutcomeReported
from facility.calendar import Calendar
from facility.clock import PacedClock
from facility.commands import Wish
from facility.errors import StoreUnavailable
from facility.journal import Journal
from tests.controller.building import Building, local


async def eventually(condition: Callable[[], bool], what: str) -> None:
    """Lets the loop go on until `condition` holds, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
    assert condition(), what


@contextlib.asynccontextmanager
async def cycling(controller: Controller):  # type: ignore[no-untyped-def]
    """A controller that runs."""
    task = asyncio.create_task(controller.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        controller.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("start", "end", "running", "edge"), [("07:45", "08:30", False, "08:00"), ("16:30", "17:20", True, "17:00")]
)
async def test_on_a_fast_clock_the_edges_of_the_window_are_met(start: str, end: str, running: bool, edge: str) -> None:
    building = Building(local(start))
    building.controller.close()
    for unit in ("ac-401", "ac-402"):
        building.set_unit(unit, Wish(on=running, setpoint_c=28.0))
    building.switched.clear()
    clock = PacedClock(local(start), 3000)
    building.clock = clock  # type: ignore[assignment]
    building.report()
    controller = building.start_controller()
    building.forecast(36.0)
    async with cycling(controller):
        while clock.now() < local(end):
            building.report()
            await asyncio.sleep(0.005)
    switched = [entry for entry in building.switched if entry[1] != "ac-archive"]
    assert [on for _, _, on in switched] == [not running] * 2
    assert all(local(edge) <= when <= local(edge) + timedelta(minutes=10) for when, _, _ in switched)


@pytest.mark.asyncio
async def test_a_persons_order_is_answered_at_once_on_a_clock_that_stands() -> None:
    building = Building(local("08:30"))
    building.run_until("10:00")
    async with cycling(building.controller):
        await asyncio.sleep(0)
        building.order(Wish(on=True, mode=None, setpoint_c=26.0))
        await eventually(
            lambda: any(said.outcome.command_id == "order-1" for said in building.of(OutcomeReported)), "an answer"
        )


@pytest.mark.asyncio
async def test_stopping_saves_what_a_restart_needs() -> None:
    journal = Journal("sqlite://")
    building = Building(local("08:30"), journal=journal)
    async with cycling(building.controller):
        await asyncio.sleep(0.01)
    state = journal.load_state("controller")
    journal.close()
    assert set(state["records"]) == {"ac-401", "ac-402", "ac-archive"}


class JournalThatGoesAway(Journal):
    """Takes nothing while `away`."""

    away = False

    def save_state(self, key: str, value: object) -> None:
        if self.away:
            raise StoreUnavailable("the records do not answer")
        super().save_state(key, value)

    def record_event(self, kind: str, equipment: str | None, at: datetime, data: Mapping[str, Any]) -> None:
        if self.away:
            raise StoreUnavailable("the records do not answer")
        super().record_event(kind, equipment, at, data)


@pytest.mark.asyncio
async def test_a_journal_that_is_away_stops_no_control_and_loses_no_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("controller.controller.SAVE_EVERY_WALL_S", 0.0)
    journal = JournalThatGoesAway(f"sqlite:///{tmp_path / 'journal.db'}")
    building = Building(local("08:30"), journal=journal)
    building.run_until("10:00")
    building.set_unit("ac-401", Wish(setpoint_c=26.0))
    building.run_until("10:05")
    journal.away = True
    async with cycling(building.controller) as task:
        await eventually(lambda: "wait for the journal" in caplog.text, "a warning")
        building.order(Wish(on=True, mode=None, setpoint_c=26.0))
        await eventually(
            lambda: any(said.outcome.command_id == "order-1" for said in building.of(OutcomeReported)), "an answer"
        )
        assert not task.done()
        journal.away = False
        building.order(Wish(on=True, mode=None, setpoint_c=27.0), order="order-2")
        await eventually(lambda: "again" in caplog.text, "word that the journal takes again")
        journal.away = True
    events, state = journal.events("wall_change"), journal.load_state("controller")
    journal.close()
    assert [event.equipment for event in events] == ["ac-401"]
    assert state is not None
    assert caplog.text.count("wait for the journal") == 2, "once for each absence, the last at the stop"


def test_a_controller_is_made_as_the_front_door_makes_it() -> None:
    building = Building(local("08:30"))
    controller = Controller(
        building.site,
        building.bus,
        building.clock,
        building.live,
        policy=load_policy(building.file),
        calendar=Calendar(),
        journal=None,
    )
    assert controller.cycle(building.clock.now()) > building.clock.now()
    controller.close()
