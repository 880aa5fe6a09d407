"""What runs for one site beside its gateway, wired together anew whenever the site file changes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from controller.alarming.assembly import alarm_engine
from controller.alarming.program import Memories
from controller.controller import Controller
from controller.lease import LeaseKeeper, while_acting
from controller.notifying.notifier import Notifier
from controller.observance.keeping import ObservanceKeeper
from controller.policy.site_policy import load_policy
from controller.replay.desk import TrialDesk
from controller.schedule import Schedule
from facility.almanac_watch import AlmanacWatch
from facility.books.watch import BookWatch
from facility.bus import Bus
from facility.clock import Clock
from facility.model import Site
from houqin.house import Memory
from houqin.nightly import seal_past_days
from houqin.shift import Work

log = logging.getLogger("houqin")


def works_of(
    site: Site, memory: Memory, clock: Clock, lease: LeaseKeeper, bus: Bus, *, schedule_at: Path | None
) -> Mapping[str, Work]:
    """Controller, schedule, account book and the rest of one site, each as work to be kept running.

    Args:
        bus: what they listen on; who closes it when they have ended need not know what they are.
        schedule_at: folder in which the schedule's jobs survive a restart; None keeps them in memory.
    """
    policy = load_policy(site.file)
    memory.reference.follow(site.file.clock)
    if memory.spool is not None:
        memory.spool.sort_by(site)
    calendar, journal, reader, live = memory.calendar, memory.journal, memory.reader, memory.live

    def restate(at: datetime) -> None:
        controller.alarms.restate(at)

    alarms = alarm_engine(
        site, bus, clock, live, policy=policy, calendar=calendar, journal=journal, books=memory.books, reader=reader,
        memories=_memories(memory), restate=[restate],
    )  # fmt: skip
    controller = Controller(
        site, bus, clock, live, policy=policy, calendar=calendar, journal=journal, lease=lease
    )  # fmt: skip
    schedule = Schedule(
        site,
        bus,
        clock,
        policy=policy,
        calendar=calendar,
        wake=controller.wake,
        seal=lambda: seal_past_days(site, memory, clock),
        database_url=None if schedule_at is None else f"sqlite:///{schedule_at / 'schedule.db'}",
    )
    notifier = Notifier(site, bus, clock, journal)
    observance = ObservanceKeeper(site, policy, calendar, reader, live, journal, bus, clock)
    trials = TrialDesk(site, bus, clock, journal, data=memory.data, policy=policy)
    return {
        "controller": controller.run,
        "schedule": schedule.run,
        "observance": lambda: while_acting(bus, lease, observance.run),
        "books": BookWatch(memory.books, reader, journal, bus, clock).run,
        "trials": trials.run,
        "clock": memory.reference.run,
        "almanac": AlmanacWatch(calendar, journal, bus, clock).run,
        "alarms": lambda: while_acting(bus, lease, alarms.run),
        "notifier": lambda: while_acting(bus, lease, notifier.run),
    }


def _memories(memory: Memory) -> Memories:
    writer = memory.writer
    return Memories(
        store=writer, records=memory.recorder, spool=lambda: writer.spool, refused=lambda: writer.lost,
        folders=(memory.data,)
    )  # fmt: skip
