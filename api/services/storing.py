"""Whether what the wires bring is kept: the way into the store with its spool, and the site file that says all this."""

from __future__ import annotations

from datetime import datetime

from api.context import ApiContext
from api.shapes import Bilingual, Shape
from facility.errors import StoreUnavailable
from facility.journal.records import EventRecord
from facility.readings import from_us
from facility.site_file_events import ALARM, APPLIED, REFUSED
from facility.spool.figures import Figures


class SpoolView(Shape):
    """Readings on disk that wait for a store on another machine, or for a broker they are published on. `waiting` and
    `dropped` are readings by class: those not handed over yet, and those given up for want of room. `oldest` is None
    when nothing waits; `damaged` names files in which something could not be read.
    """

    bytes: int
    limit_bytes: int
    percent: float
    oldest: datetime | None
    waiting: dict[str, int]
    dropped: dict[str, int]
    damaged: list[str]


class StoreView(Shape):
    """The way of readings into the store. `away`: it takes none now. `waiting` of `capacity` readings are in memory and
    not safe yet; `refused` found no room, `lost` the store would never take. `spool` is None where there is none.
    """

    away: bool
    waiting: int
    capacity: int
    refused: int
    lost: int
    spool: SpoolView | None


class SiteFileApplied(Shape):
    """When a changed site file was put into effect, and which lines were made anew for it."""

    at: datetime
    lines: list[str]


class SiteFileRefused(Shape):
    """When a changed site file was not put into effect; `errors` in all, `problems` tells the first of them."""

    at: datetime
    errors: int
    problems: list[Bilingual]


class SiteFileView(Shape):
    """What became of the last changes of the site file; None where there was none. `has_mistakes`: as it is now it is
    not in effect, the one before it is.
    """

    has_mistakes: bool
    applied: SiteFileApplied | None
    refused: SiteFileRefused | None


def spool_view(context: ApiContext, figures: Figures | None) -> SpoolView | None:
    """None where there is no spool."""
    if figures is None:
        return None
    return SpoolView(
        bytes=figures.bytes,
        limit_bytes=figures.limit_bytes,
        percent=round(figures.percent, 1),
        oldest=None if figures.oldest_us is None else context.local(from_us(figures.oldest_us)),
        waiting=dict(figures.waiting),
        dropped=dict(figures.dropped),
        damaged=[path.name for path in figures.damaged],
    )


def store_view(context: ApiContext) -> StoreView | None:
    """None where another process writes."""
    writer = context.store_writer
    if writer is None:
        return None
    return StoreView(
        away=writer.away,
        waiting=writer.waiting,
        capacity=writer.capacity,
        refused=writer.refused,
        lost=writer.lost,
        spool=spool_view(context, writer.spool),
    )


async def site_file_view(context: ApiContext) -> SiteFileView | None:
    """None while the journal cannot be asked."""
    try:
        applied = await context.remember(context.journal.events, APPLIED, limit=1)
        refused = await context.remember(context.journal.events, REFUSED, limit=1)
    except StoreUnavailable:
        return None
    alarm = context.latest.alarms.get(ALARM)
    return SiteFileView(
        has_mistakes=alarm is not None and alarm.active,
        applied=_applied(context, applied[0]) if applied else None,
        refused=_refused(context, refused[0]) if refused else None,
    )


def _applied(context: ApiContext, event: EventRecord) -> SiteFileApplied:
    return SiteFileApplied(at=context.local(event.at), lines=list(event.data.get("lines", ())))


def _refused(context: ApiContext, event: EventRecord) -> SiteFileRefused:
    return SiteFileRefused(
        at=context.local(event.at),
        errors=int(event.data.get("errors", 0)),
        problems=[Bilingual(zh=each["zh"], en=each["en"]) for each in event.data.get("problems", ())],
    )
