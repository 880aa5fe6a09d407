"""Sees to it that exactly one controller of a site acts: holds the lease, renews it, takes over one that ran out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final, Protocol

from facility.boottime import boottime_s
from facility.bus import Bus, LeaseChanged
from facility.clock import Clock
from facility.errors import StoreDamaged, StoreRefused, StoreUnavailable
from facility.journal.leases import LeaseRow, Leases

log = logging.getLogger(__name__)

RENEWALS_IN_A_LEASE: Final = 3
LONGEST_LOOK_S: Final = 1.0
"""A standby looks at the lease at least so often, in wall seconds."""


class Lease(Protocol):
    """What the controller asks before it acts."""

    @property
    def acting(self) -> bool:
        """Whether this controller may command now."""
        ...

    @property
    def known(self) -> bool:
        """Whether it is known who acts now, this controller or another."""
        ...

    @property
    def epoch(self) -> int | None:
        """The fence for commands, None where there are no leases."""
        ...


class NoLease:
    """For a controller that nobody stands beside: in tests, and where a building is made up."""

    acting: bool = True
    known: bool = True
    epoch: int | None = None


NO_LEASE: Final = NoLease()


def own_name() -> str:
    """Machine, process and a word of chance: no two holders are called alike."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class LeaseKeeper:
    """Keeps the lease of one site for this process's controller, or waits for it.

    A journal on a server decides by its row: whoever renews it within `lease_s` acts; one who cannot stops by itself
    when the time since it *asked* for the last renewal reaches `lease_s`, and another takes over no sooner than
    `lease_s` after it *saw* that renewal. Both waits are measured on the machine's boot clock, which runs on while a
    process is frozen or a machine sleeps; the server's clock has to agree. A journal that is a file is claimed by one
    process of its machine, which goes on acting while the journal is away: nobody else can be there.

    Args:
        leases: of the journal.
        bus: told of every change and renewal (LeaseChanged).
        clock: in which times are told.
        site: whose lease.
        lease_s: how long it holds without renewal, wall seconds.
        holder: what this process is called.
        now_s: the boot clock.
    """

    def __init__(
        self,
        leases: Leases,
        bus: Bus,
        clock: Clock,
        *,
        site: str,
        lease_s: float,
        holder: str | None = None,
        now_s: Callable[[], float] = boottime_s,
    ) -> None:
        self._leases, self._bus, self._clock = leases, bus, clock
        self._site, self._lease_s, self._now_s = site, lease_s, now_s
        self.holder = own_name() if holder is None else holder
        self._claim = leases.claim()
        self._epoch = 0
        self._until_s = float("-inf")
        self._other: LeaseRow | None = None
        self._seen_s = float("-inf")
        self._told: tuple[bool, int, str] | None = None
        self._answered = asyncio.Event()

    @property
    def acting(self) -> bool:
        """Whether this process's controller may command now. Asks the boot clock: never true by an old answer."""
        return self._now_s() < self._until_s

    @property
    def known(self) -> bool:
        """Whether it is known who acts: this one, or another that renewed its lease lately."""
        return self.acting or self._now_s() < self._other_until_s

    @property
    def epoch(self) -> int:
        """The epoch of the lease that this one holds or held last, 0 before the first."""
        return self._epoch

    @property
    def _other_until_s(self) -> float:
        if self._other is None or self._other.holder is None:
            return float("-inf")
        return self._seen_s + self._other.lease_s

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Holds the lease, or stands by for it, while the block runs; gives it back at its end, at once. The block
        begins when the first answer is there, or after a second without one.
        """
        self._answered.clear()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="lease-keeper") as thread:
            keeping = asyncio.create_task(self._keep(thread), name="lease")
            try:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LONGEST_LOOK_S):
                        await self._answered.wait()
                yield
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
                await asyncio.get_running_loop().run_in_executor(thread, self._give_back)
                self._tell()

    async def during(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs the controller's work while the lease is kept; what it does at its end is done before the lease goes."""
        async with self.kept():
            await work()

    async def _keep(self, thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while True:
            asking = loop.run_in_executor(thread, self.step)
            while not asking.done():
                await asyncio.wait((asking,), timeout=self._patience_s())
                self._tell()
            asking.result()
            self._answered.set()
            await asyncio.sleep(self._pause_s())

    def _patience_s(self) -> float:
        """How long an answer is waited for before the end of the own lease has to be told."""
        return max(0.05, self._until_s - self._now_s()) if self.acting else self._lease_s

    def _pause_s(self) -> float:
        renewal_s = self._lease_s / RENEWALS_IN_A_LEASE
        return renewal_s if self.acting else min(renewal_s, LONGEST_LOOK_S)

    def step(self) -> None:
        """Renews, or looks whether the lease is to be had. Blocks; a journal that is away changes nothing."""
        asked_s = self._now_s()
        if self._claim is not None:
            self._step_alone(asked_s)
            return
        try:
            self._step_among_others(asked_s)
        except (StoreUnavailable, StoreDamaged, StoreRefused) as error:
            log.debug("the lease was not renewed: %s", error)

    def _step_alone(self, asked_s: float) -> None:
        """On one machine's file: who has claimed it acts, and the row only counts the changes of hands."""
        assert self._claim is not None
        if self._claim.take():
            self._epoch = self._epoch or self._counted()
            self._until_s = asked_s + self._lease_s
            return
        with contextlib.suppress(StoreUnavailable, StoreDamaged):
            self._look()
        self._seen_s = asked_s  # its process has the claim, so it is there

    def _counted(self) -> int:
        """The epoch of a lease that is ours by the claim; a journal that takes no entries does not keep us from it."""
        seen = None
        try:
            seen = self._leases.find(self._site)
            taken = self._leases.take(self._site, self.holder, self._lease_s, seen=seen, by_force=True)
        except (StoreUnavailable, StoreDamaged) as error:
            log.warning("the lease could not be entered: %s", error)
            taken = None
        return taken or 1 + (0 if seen is None else seen.epoch)

    def _step_among_others(self, asked_s: float) -> None:
        if self._epoch and self._leases.renew(self._site, self.holder, self._epoch, self._lease_s):
            self._until_s = asked_s + self._lease_s
            self._other = None
            return
        self._until_s = float("-inf")
        row = self._look()
        if row is not None and (not row.is_over or asked_s < self._other_until_s):
            return
        epoch = self._leases.take(self._site, self.holder, self._lease_s, seen=row)
        if epoch is not None:
            self._epoch, self._other = epoch, None
            self._until_s = asked_s + self._lease_s

    def _look(self) -> LeaseRow | None:
        """The row as it stands; where it moved since the last look it was renewed just now, at the latest."""
        row, before = self._leases.find(self._site), self._other
        if row is None or before is None or (row.epoch, row.renewed_us) != (before.epoch, before.renewed_us):
            self._seen_s = self._now_s()
        self._other = row
        return row

    def _give_back(self) -> None:
        held, self._until_s = self._epoch, float("-inf")
        try:
            if held:
                self._leases.release(self._site, self.holder, held)
        except (StoreUnavailable, StoreDamaged, StoreRefused) as error:
            log.warning("the lease could not be given back and runs out by itself: %s", error)
        if self._claim is not None:
            self._claim.drop()
        self._epoch = 0

    def _tell(self) -> None:
        """Every renewal is told, for the gateway goes by it; a change of hands is logged as well."""
        acting, now_s = self.acting, self._now_s()
        other = None if self._other is None else self._other.holder
        holder = self.holder if acting else other or ""
        epoch = self._epoch if acting or self._other is None else self._other.epoch
        until_s = self._until_s if acting else max(self._other_until_s, now_s)
        told = (acting, epoch, holder)
        if told != self._told:
            log.warning("lease of %s: %s", self._site, _standing(acting, epoch, holder))
            self._told = told
        self._bus.publish(
            LeaseChanged(
                site=self._site,
                holder=holder,
                epoch=epoch,
                acting=acting,
                until=self._clock.now() + timedelta(seconds=(until_s - now_s) * max(self._clock.pace, 1.0)),
                until_boot_s=until_s,
            )
        )


def _standing(acting: bool, epoch: int, holder: str) -> str:
    if acting:
        return f"this controller acts (epoch {epoch})"
    if holder:
        return f"this controller stands by, {holder} acts (epoch {epoch})"
    return "no controller is known to act, this one holds still"


async def while_acting(bus: Bus, lease: Lease, work: Callable[[], Awaitable[None]]) -> None:
    """Runs `work` while this process's controller acts: begun when it comes to act, cancelled when it no longer does.
    For what one process of a site does and two must not: alarms, notifications, minutes.
    """
    changed = asyncio.Event()
    leave = bus.listen(LeaseChanged, lambda _: changed.set())
    running: asyncio.Task[None] | None = None
    try:
        while True:
            changed.clear()
            if lease.acting and running is None:
                running = asyncio.ensure_future(_of(work))
            elif not lease.acting and running is not None:
                await _ended(running)
                running = None
            waiting = asyncio.ensure_future(changed.wait())
            tasks = {waiting} if running is None else {waiting, running}
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _ended(waiting)
            if running is not None and running.done():
                return running.result()
    finally:
        leave()
        if running is not None:
            await _ended(running)


async def _of(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def _ended(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
