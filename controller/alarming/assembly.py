"""Puts the alarms of a site together from its file and its memory."""

from __future__ import annotations

from collections.abc import Iterable

from controller.alarming.catalogue import Catalogue, catalogue_of
from controller.alarming.consequences import Consequences
from controller.alarming.disk import DiskLook
from controller.alarming.engine import AlarmEngine, Restate
from controller.alarming.findings import Look
from controller.alarming.flood import FloodGate
from controller.alarming.hours import OfficeHours
from controller.alarming.lines import LinesLook
from controller.alarming.office import CalendarLook, FilingLook, QuotaLook
from controller.alarming.owners import Owners, on_duty_by
from controller.alarming.points import PointLook
from controller.alarming.program import ClockLook, Memories, MemoryLook
from controller.alarming.register import AlarmRegister
from controller.policy.site_policy import SitePolicy
from facility.books.books import Books
from facility.bus.protocol import Bus
from facility.calendar import Calendar
from facility.clock import Clock
from facility.journal import Journal
from facility.live import LiveImage
from facility.model import Site, ZoneClass
from facility.store.worker import StoreReader


def alarm_engine(
    site: Site,
    bus: Bus,
    clock: Clock,
    live: LiveImage,
    *,
    policy: SitePolicy,
    calendar: Calendar,
    journal: Journal,
    books: Books,
    reader: StoreReader,
    memories: Memories,
    restate: Iterable[Restate] = (),
) -> AlarmEngine:
    """The alarms of one site, listening from now on. Make it before the parts that report what is abnormal.

    Args:
        policy: the office's hours.
        memories: who writes readings and records.
        restate: see `AlarmEngine`.
    """
    catalogue = catalogue_of(site.file.alarms)
    hours = OfficeHours(calendar, policy.of_class(ZoneClass.OFFICE).parameters.window, site.zone)
    flood = site.file.alarms.flood
    return AlarmEngine(
        bus,
        clock,
        AlarmRegister(catalogue, Consequences(site), Owners(site, on_duty_by(calendar))),
        journal=journal,
        flood=FloodGate(more_than=flood.more_than, minutes=flood.minutes),
        points=PointLook(site, tuple(catalogue.watched()), hours.counts, live, clock.now()),
        looks=[
            CalendarLook(calendar, site),
            FilingLook(journal, site, minutes=catalogue.parameter("filing_lapsing", "minutes")),
            QuotaLook(books, reader, percent=catalogue.parameter("quota_overrun", "percent")),
            *_of_the_program(catalogue, site, live, clock, memories),
        ],
        restate=restate,
    )


def _of_the_program(
    catalogue: Catalogue, site: Site, live: LiveImage, clock: Clock, memories: Memories
) -> Iterable[Look]:
    yield DiskLook(memories.folders, percent=catalogue.parameter("disk_low", "percent"))
    yield MemoryLook(memories, percent=catalogue.parameter("spool", "percent"))
    yield ClockLook(
        clock,
        jump_s=catalogue.parameter("clock_jump", "seconds"),
        drift_s_per_hour=catalogue.parameter("clock_drift", "seconds_per_hour"),
    )
    yield LinesLook(
        site,
        live,
        clock,
        minutes=catalogue.parameter("points_silent", "minutes"),
        percent=catalogue.parameter("line_overdue", "percent"),
        periods=catalogue.parameter("line_overdue", "periods"),
    )
