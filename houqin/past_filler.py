"""Fills a store with past days that worker processes make, most recent first, with progress."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

from houqin.past import DayOrder, MadeDay, make_day, shifted

log = logging.getLogger("houqin")

MOST_WORKERS: Final = 3


@dataclass(slots=True)
class PastProgress:
    """How far the past is made: whole days, and whether it is finished. Pages and the command line read it."""

    days_done: int = 0
    days_total: int = 0

    @property
    def finished(self) -> bool:
        """Nothing is left to make."""
        return self.days_done >= self.days_total


class PastFiller:
    """Makes `orders` in worker processes and hands each finished day on, in order.

    Args:
        orders: most recent day first.
        present: counters at the moment the present begins; each day is set to end where the next one starts.
        keep: takes a finished day with its counters set; called off the event loop, one day at a time.
    """

    def __init__(self, orders: Sequence[DayOrder], present: dict[str, float], keep: Callable[[MadeDay], None]) -> None:
        self._orders = list(orders)
        self._next_start = dict(present)
        self._keep = keep
        self.progress = PastProgress(days_total=len(self._orders))

    async def run(self) -> None:
        """Returns when every day is kept. Cancelled, it ends the workers at once."""
        workers = max(1, min(MOST_WORKERS, (os.cpu_count() or 2) - 1, len(self._orders)))
        lanes = [_Lane(self._orders[index::workers]) for index in range(workers)]
        try:
            for index in range(len(self._orders)):
                made = await lanes[index % workers].next_day()
                await asyncio.to_thread(self._keep, self._joined(made))
                self.progress.days_done += 1
        finally:
            for lane in lanes:
                lane.close()

    def _joined(self, made: MadeDay) -> MadeDay:
        offsets = {
            point: self._next_start[point] - last
            for point, last in made.last_counters.items()
            if point in self._next_start
        }
        self._next_start.update({point: made.first_counters[point] + move for point, move in offsets.items()})
        return MadeDay(
            day=made.day,
            batches=shifted(made.batches, offsets),
            messages=made.messages,
            first_counters=made.first_counters,
            last_counters=made.last_counters,
        )


class _Lane:
    """One worker process that makes its orders one after the other, at most one day ahead of what is taken."""

    def __init__(self, orders: Sequence[DayOrder]) -> None:
        context = multiprocessing.get_context("spawn")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_make_days, args=(sender, list(orders)), daemon=True)
        self._process.start()
        sender.close()

    async def next_day(self) -> MadeDay:
        """The next finished day.

        Raises:
            RuntimeError: the worker ended without one.
        """
        while not self._receiver.poll():
            if not self._process.is_alive() and not self._receiver.poll():
                raise RuntimeError(f"the process that makes the past ended with code {self._process.exitcode}")
            await asyncio.sleep(0.05)
        made: Any = await asyncio.to_thread(self._receiver.recv)
        if isinstance(made, MadeDay):
            return made
        raise RuntimeError(str(made))

    def close(self) -> None:
        """Ends the worker, finished or not."""
        self._process.terminate()
        self._process.join(timeout=5)
        self._receiver.close()


def _make_days(sender: Connection, orders: Sequence[DayOrder]) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the front door ends this process; Ctrl-C goes to the whole group
    os.nice(5)
    for order in orders:
        try:
            sender.send(make_day(order))
        except (BrokenPipeError, ConnectionResetError):
            return
