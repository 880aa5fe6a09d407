"""Exactly one controller acts: whatever freezes, jumps or is away, never two at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.lease import LeaseKeeper, while_acting
from facility.bus import LeaseChanged
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.errors import StoreUnavailable
from facility.journal import Journal
from facility.journal.leases import LeaseRow

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
LEASE_S = 15.0


@dataclass
class Machine:
    """The clock that nobody sets."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Server:
    """A database server's one row, on its own clock, which may be set; and it may be away."""

    machine: Machine
    ahead_s: float = 0.0
    away: bool = False
    row: LeaseRow | None = None
    log: list[str] = field(default_factory=list)

    def claim(self) -> None:
        return None

    def _now_us(self) -> int:
        if self.away:
            raise StoreUnavailable("no answer")
        return round((self.machine.now_s + self.ahead_s) * 1e6)

    def find(self, _site: str, /) -> LeaseRow | None:
        now_us = self._now_us()
        return None if self.row is None else replace(self.row, age_s=(now_us - self.row.renewed_us) / 1e6)

    def take(
        self, site: str, holder: str, lease_s: float, *, seen: LeaseRow | None, by_force: bool = False
    ) -> int | None:
        assert not by_force
        now_us = self._now_us()
        found = self.find(site)
        if (found is None) != (seen is None):
            return None
        if found is not None and seen is not None:
            same = (found.epoch, found.renewed_us) == (seen.epoch, seen.renewed_us)
            if found.holder is not None and not (same and found.is_over):
                return None
        epoch = 1 if found is None else found.epoch + 1
        self.row = LeaseRow(holder=holder, epoch=epoch, renewed_us=now_us, age_s=0.0, lease_s=lease_s)
        return epoch

    def renew(self, _site: str, holder: str, epoch: int, lease_s: float) -> bool:
        now_us = self._now_us()
        if self.row is None or (self.row.holder, self.row.epoch) != (holder, epoch):
            return False
        self.row = replace(self.row, renewed_us=now_us, lease_s=lease_s)
        return True

    def release(self, site: str, holder: str, epoch: int) -> bool:
        if not self.renew(site, holder, epoch, 0.0):
            return False
        assert self.row is not None
        self.row = replace(self.row, holder=None)
        return True


def keeper(server: Server, name: str) -> LeaseKeeper:
    return LeaseKeeper(
        server, InProcessBus(), ManualClock(NOON), site="hq", lease_s=LEASE_S, holder=name, now_s=server.machine  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def server() -> Server:
    return Server(Machine())


def test_the_first_acts_and_the_second_stands_by(server: Server) -> None:
    one, two = keeper(server, "one"), keeper(server, "two")
    assert (one.acting, one.known, one.epoch) == (False, False, 0)
    one.step()
    two.step()
    assert (one.acting, one.epoch) == (True, 1)
    assert (two.acting, two.known, two.epoch) == (False, True, 0)


def test_a_standby_takes_over_a_lease_after_it_ran_out(server: Server) -> None:
    one, two = keeper(server, "one"), keeper(server, "two")
    one.step()
    two.step()
    for _ in range(14):
        server.machine.now_s += 1.0
        two.step()
    assert (one.acting, two.acting) == (True, False)
    server.machine.now_s += 1.0
    assert not one.acting, "it ended by itself, though nobody told it"
    two.step()
    assert (two.acting, two.epoch) == (True, 2)
    one.step()
    assert (one.acting, one.known) == (False, True)


def test_one_that_was_frozen_does_not_act_before_it_holds_the_lease_anew(server: Server) -> None:
    one, two = keeper(server, "one"), keeper(server, "two")
    one.step()
    two.step()
    server.machine.now_s += 3600.0  # one was stopped, or its machine slept
    assert not one.acting
    two.step()
    one.step()
    assert (one.acting, two.acting) == (False, True)


def test_alone_again_it_renews_its_own_lease_late(server: Server) -> None:
    one = keeper(server, "one")
    one.step()
    server.machine.now_s += 3600.0
    assert not one.acting
    one.step()
    assert (one.acting, one.epoch) == (True, 1)


def test_while_the_server_is_away_nobody_acts_beyond_the_lease(server: Server) -> None:
    one, two = keeper(server, "one"), keeper(server, "two")
    one.step()
    two.step()
    server.away = True
    server.machine.now_s += 14.9
    one.step()
    assert (one.acting, two.acting) == (True, False)
    server.machine.now_s += 0.2
    one.step()
    two.step()
    assert (one.acting, one.known, two.acting, two.known) == (False, False, False, False)
    server.away = False
    one.step()
    assert one.acting


@pytest.mark.parametrize("jump_s", [3 * 86400.0, -7200.0])
def test_a_servers_clock_that_is_set_changes_no_hands(server: Server, jump_s: float) -> None:
    one, two = keeper(server, "one"), keeper(server, "two")
    one.step()
    two.step()
    server.ahead_s = jump_s
    two.step()
    assert (one.acting, two.acting) == (True, False)
    server.machine.now_s += 5.0
    one.step()
    two.step()
    server.machine.now_s += 16.0
    two.step()
    assert (one.acting, two.acting) == (False, True), "and it is taken over all the same"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0.0, 20.0)),
        st.tuples(st.just("step"), st.sampled_from([0, 1])),
        st.tuples(st.just("set clock"), st.floats(-100.0, 100.0)),
        st.tuples(st.just("server"), st.booleans()),
        st.tuples(st.just("stop"), st.sampled_from([0, 1])),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_never_two_at_a_time(steps: list[tuple[str, float]]) -> None:
    server = Server(Machine())
    keepers = [keeper(server, "one"), keeper(server, "two")]
    epochs: list[int] = []
    for what, value in steps:
        match what:
            case "wait":
                server.machine.now_s += value
            case "set clock":
                server.ahead_s += value
            case "server":
                server.away = bool(value)
            case "stop":
                keepers[int(value)]._give_back()
            case _:
                keepers[int(value)].step()
        acting = [known.epoch for known in keepers if known.acting]
        assert len(acting) <= 1
        epochs += acting
    assert epochs == sorted(epochs), "the fence never falls"


@pytest.mark.asyncio
async def test_at_its_end_the_lease_is_given_back_at_once(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    bus = InProcessBus()
    said: list[LeaseChanged] = []
    bus.listen(LeaseChanged, said.append)
    one = LeaseKeeper(journal.leases, bus, ManualClock(NOON), site="hq", lease_s=LEASE_S, holder="one")
    two = LeaseKeeper(journal.leases, InProcessBus(), ManualClock(NOON), site="hq", lease_s=LEASE_S, holder="two")
    try:
        async with one.kept():
            assert one.acting
            async with two.kept():
                assert not two.acting
                assert two.known
        row = journal.leases.find("hq")
        assert row is not None
        assert (row.holder, one.acting) == (None, False)
        async with two.kept():
            assert (two.acting, two.epoch) == (True, 2)
    finally:
        journal.close()
    assert (said[0].acting, said[0].epoch, said[0].holder) == (True, 1, "one")
    assert not said[-1].acting


@pytest.mark.asyncio
async def test_on_one_machine_a_journal_that_is_away_stops_nobody(tmp_path: Path) -> None:
    journal, machine = Journal(f"sqlite:///{tmp_path / 'journal.db'}"), Machine()
    one = LeaseKeeper(
        journal.leases, InProcessBus(), ManualClock(NOON), site="hq", lease_s=LEASE_S, now_s=machine
    )  # fmt: skip
    one.step()
    journal.close()
    (tmp_path / "journal.db").unlink()
    machine.now_s += 3600.0
    before = one.acting
    one.step()
    assert (before, one.acting) == (False, True)
    one._give_back()


async def turns() -> None:
    """Lets every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_work_for_one_process_only_runs_while_it_acts() -> None:
    bus = InProcessBus()
    told: list[str] = []

    @dataclass
    class Hand:
        acting: bool = False
        known: bool = True
        epoch: int | None = 1

    hand = Hand()

    async def work() -> None:
        told.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            told.append("ended")

    def change(acting: bool) -> None:
        hand.acting = acting
        bus.publish(LeaseChanged(site="hq", holder="x", epoch=1, acting=acting, until=NOON))

    running = asyncio.create_task(while_acting(bus, hand, work))
    for acting, expected in ((False, []), (True, ["begun"]), (True, ["begun"]), (False, ["begun", "ended"])):
        change(acting)
        await turns()
        assert told == expected
    change(True)
    await turns()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert told == ["begun", "ended", "begun", "ended"]
