"""Parts of the program that fail again and again: begun anew with growing pauses, and harming nobody else (FT-50)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from controller.lease import LeaseKeeper
from facility.bus import AlarmChanged
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.journal import Journal
from houqin.supervisor import CALM_S, FIRST_PAUSE_S, LONGEST_PAUSE_S, keep_running
from tests.gateway.virtual_time import run_at_once

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


def heard(bus: InProcessBus) -> list[tuple[str, bool]]:
    """Alarms as they are told: key and whether it stands."""
    told: list[tuple[str, bool]] = []
    bus.listen(AlarmChanged, lambda alarm: told.append((alarm.key, alarm.active)))
    return told


def test_what_fails_again_and_again_is_begun_after_growing_pauses() -> None:
    begun: list[float] = []

    async def work() -> None:
        begun.append(asyncio.get_running_loop().time())
        if len(begun) == 10:
            await asyncio.sleep(CALM_S + 1.0)
        if len(begun) < 12:
            raise RuntimeError("nobody expected this")

    run_at_once(keep_running("controller", work, InProcessBus(), ManualClock(NOON)))
    pauses = [later - earlier for earlier, later in pairwise(begun)]
    assert pauses[:9] == [FIRST_PAUSE_S * 2**number for number in range(6)] + [LONGEST_PAUSE_S] * 3
    assert pauses[9] == CALM_S + 1.0 + FIRST_PAUSE_S, "it had run well for a while"
    assert pauses[10] == 2 * FIRST_PAUSE_S


def test_what_fails_stops_nothing_else_and_is_alarmed_until_it_runs() -> None:
    bus = InProcessBus()
    told = heard(bus)
    failures, looks = [RuntimeError("one"), RuntimeError("two")], 0

    async def failing() -> None:
        if failures:
            raise failures.pop()

    async def steady() -> None:
        nonlocal looks
        while failures:
            looks += 1
            await asyncio.sleep(0.1)

    async def both() -> None:
        await asyncio.gather(
            keep_running("controller", failing, bus, ManualClock(NOON)),
            keep_running("gateway", steady, bus, ManualClock(NOON)),
        )

    run_at_once(both())
    key = "process:controller"
    assert [active for told_key, active in told if told_key == key] == [False, True, False, True, False]
    assert ("process:gateway", True) not in told
    assert looks >= 10 * FIRST_PAUSE_S


@pytest.mark.asyncio
async def test_a_controller_that_fails_gives_its_lease_back_before_it_begins_again(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    clock = ManualClock(NOON)
    one = LeaseKeeper(journal.leases, InProcessBus(), clock, site="hq", lease_s=15.0, holder="one")
    two = LeaseKeeper(journal.leases, InProcessBus(), clock, site="hq", lease_s=15.0, holder="two")

    async def work() -> None:
        assert one.acting
        raise RuntimeError("nobody expected this")

    for _ in range(3):
        with pytest.raises(RuntimeError, match="nobody expected this"):
            await one.during(work)
        row = journal.leases.find("hq")
        assert row is not None
        assert (row.holder, one.acting) == (None, False)
    async with two.kept():
        assert two.acting
    journal.close()
