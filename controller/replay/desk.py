"""Makes the trials that people ask for through page or API, one at a time, each in a process of its own; and states
the policy in force, which is what they are held against.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from controller.policy.site_policy import SitePolicy
from controller.policy_statement import state_policy
from controller.replay.recording import Past
from controller.replay.trial import run_trial
from facility.archive.opening import store_for_reading
from facility.bus import Bus, TrialWanted
from facility.clock import Clock
from facility.errors import HouqinError
from facility.journal import Journal
from facility.model import Site, SiteFile, build_site
from facility.profiles import Profile
from facility.text import Text
from facility.trials import Trial, TrialRequest, TrialResult

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 30.0
"""Wall seconds after which somebody looks for trials that no message announced."""
TAKE_EVERY_S: Final = 0.2
LONGEST_S: Final = 3600.0
"""Wall seconds after which a trial is ended: nobody waits for it any more."""
BEFORE: Final = timedelta(days=3)
NICENESS: Final = 10
OOM_SCORE: Final = Path("/proc/self/oom_score_adj")

Told = tuple[int, int] | TrialResult | Text
"""What the process says: how far it is (done, total), the result, or why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOrder:
    """What a trial is made from; travels to the process that makes it."""

    file: SiteFile
    profiles: dict[str, Profile]
    data: Path
    past: Past
    request: TrialRequest


class TrialDesk:
    """Watches the journal's trials.

    Args:
        site: what there is.
        bus: announces new trials.
        clock: dates what is entered.
        journal: where trials are asked for and kept.
        data: the site's data folder, for the embedded store.
        policy: the rules in force.
        longest_s: wall seconds that one trial may take.
    """

    def __init__(
        self,
        site: Site,
        bus: Bus,
        clock: Clock,
        journal: Journal,
        *,
        data: Path,
        policy: SitePolicy,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._site, self._bus, self._clock, self._journal, self._data = site, bus, clock, journal, data
        self._policy = policy
        self._longest_s = longest_s
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Makes what waits, for ever. Cancelled, it ends the trial it is in, which is then told as interrupted."""
        await asyncio.to_thread(state_policy, self._journal, self._policy, self._site, self._clock.now())
        await asyncio.to_thread(self._journal.trials.interrupt, self._clock.now())
        leave = self._bus.listen(TrialWanted, lambda _: self._wake.set())
        try:
            while True:
                self._wake.clear()
                trial = await asyncio.to_thread(self._journal.trials.waiting)
                if trial is not None:
                    await self._make(trial)
                    continue
                try:
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            leave()
            await asyncio.to_thread(self._journal.trials.interrupt, self._clock.now())

    async def _make(self, trial: Trial) -> None:
        records = self._journal.trials
        if not await asyncio.to_thread(records.begin, trial.id):
            return
        order = await asyncio.to_thread(self._order, trial.request)
        process = _Process(order)
        try:
            async with asyncio.timeout(self._longest_s):
                await self._follow(trial.id, process)
        except TimeoutError:
            said = Text(
                f"试行超过 {self._longest_s / 60:.0f} 分钟，已停止；请缩短时间范围",
                f"the trial took more than {self._longest_s / 60:.0f} minutes and was ended; choose a shorter span",
            )
            await asyncio.to_thread(records.fail, trial.id, said, self._clock.now())
        finally:
            await asyncio.to_thread(process.close)

    def _order(self, request: TrialRequest) -> TrialOrder:
        journal, start, end = self._journal, request.start - BEFORE, request.end
        profiles = {key: self._site.profiles[key] for key in self._site.profiles}
        past = Past(
            forecasts=journal.trials.forecasts(start, end),
            filings=journal.filings.register(start, end),
            histories=journal.accounts.histories(),
            almanac=journal.almanac.standing(),
        )
        return TrialOrder(file=self._site.file, profiles=profiles, data=self._data, past=past, request=request)

    async def _follow(self, number: int, process: _Process) -> None:
        """Keeps what the process says, until it has said all or somebody cancelled the trial."""
        records, done, total = self._journal.trials, 0, 0
        while True:
            told = await asyncio.to_thread(process.told, TAKE_EVERY_S)
            now = self._clock.now()
            match told:
                case TrialResult():
                    await asyncio.to_thread(records.finish, number, told, now)
                    return
                case Text():
                    await asyncio.to_thread(records.fail, number, told, now)
                    return
                case (done, total):
                    pass
                case None:
                    pass
            if not await asyncio.to_thread(records.progress, number, done, total):
                return


class _Process:
    """The process that makes one trial."""

    def __init__(self, order: TrialOrder) -> None:
        context = multiprocessing.get_context("spawn")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=make_trial, args=(sender, order), daemon=True, name="trial")
        self._process.start()
        sender.close()

    def told(self, wait_s: float) -> Told | None:
        """What it says next, None when it says nothing for `wait_s`."""
        try:
            return self._receiver.recv() if self._receiver.poll(wait_s) else None
        except EOFError:
            self._process.join(5)
            code = self._process.exitcode
            return Text(f"试行的进程意外结束（代码 {code}）", f"the trial's process ended with code {code}")

    def close(self) -> None:
        """Ends it, finished or not."""
        self._process.terminate()
        self._process.join(5)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        self._receiver.close()


def make_trial(sender: Connection, order: TrialOrder) -> None:
    """Makes one trial and says how far it is, and what came of it. Runs in a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the front door ends this process; Ctrl-C goes to the whole group
    end_with_parent()
    os.nice(NICENESS)
    with contextlib.suppress(OSError):  # where memory runs out, this process goes and not the one that controls
        OOM_SCORE.write_text("1000", encoding="ascii")
    try:
        sender.send(_made(sender, order))
    except (BrokenPipeError, ConnectionResetError):
        return


def end_with_parent() -> None:
    """Ends this process as soon as the one that began it is gone, in whatever way."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent,), daemon=True, name="parent").start()


def _outlive(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _made(sender: Connection, order: TrialOrder) -> Told:
    profiles: Mapping[str, Profile] = order.profiles
    site = build_site(order.file, profiles)
    try:
        with store_for_reading(order.file.store, order.data) as store:
            return run_trial(
                site, store, order.past, order.request, progress=lambda done, total: sender.send((done, total))
            )
    except HouqinError as error:
        said: Any = getattr(error, "text", None)
        return said if isinstance(said, Text) else Text(str(error), str(error))
