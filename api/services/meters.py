"""Meters as the account book sees them: who owns what they count, what they said last, and what stands in doubt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from api.context import ApiContext
from api.problems import unknown
from api.services.entered import METER, EnteredView, EntryKind, read_entries
from api.services.live import live_point
from api.services.told import End, GapView, Start, all_told
from api.shapes import Bilingual, Shape
from facility.accounting.metering import counter_of, medium_at, power_of, unit_of
from facility.accounting.use import Gap, GapKind
from facility.books.doubts import HeldJump
from facility.books.standing import Standing
from facility.local_days import date_at
from facility.model.entries import Meter, VirtualMeter
from facility.model.site import Point
from facility.readings import to_us

DOUBTFUL: Final = timedelta(days=30)
"""How far back doubts are counted."""

FROZEN_WITHIN: Final = timedelta(days=8)
"""Counters that stand still are looked for in spans up to this long: it takes every reading."""

HISTORY: Final = (
    EntryKind.REPLACEMENTS, EntryKind.READINGS, EntryKind.CORRECTIONS, EntryKind.JUMPS, EntryKind.ASSIGNMENTS,
)  # fmt: skip


class OwnerView(Shape):
    """An office's share (0..1] of what a meter counts beyond the meters behind it; `office` may be `unallocated`."""

    office: str
    share: float


class MeterView(Shape):
    """One meter, real or virtual.

    `owners` are today's; of a meter whose electricity is split day by day they are those of the outdoor unit
    `shared_out`. `counter` is the point that is reckoned with (of a meter that only tells power, that); `reading` its
    newest value in `reading_unit`, None when there is none. `doubts`: stretches of the last 30 days that are not simply
    measured, but for short silences.
    """

    id: str
    name: Bilingual
    medium: str
    unit: str
    virtual: bool
    parent: str | None
    feeds: str | None
    item: str | None
    owners: list[OwnerView]
    shared_out: str | None
    counter: str | None
    reading: float | None
    reading_unit: str | None
    reading_time: datetime | None
    reading_age_s: float | None
    reading_quality: str | None
    doubts: int


class Meters(Shape):
    """All meters, in the site's order."""

    rows: list[MeterView]


class HeldJumpView(Shape):
    """A rise from `before` to `after` between two readings, faster than the circuit can carry: it counts only once a
    person accepts it. `believable`: the most that could have been in that time.
    """

    meter: str
    start: Start
    end: End
    before: float
    after: float
    amount: float
    believable: float | None


class HeldJumps(Shape):
    """Jumps that nobody has judged, by meter and time."""

    rows: list[HeldJumpView]


class MeterDetail(Shape):
    """A meter with what people entered about it, oldest first, and its gaps in [start, end). `frozen` are stretches in
    which it stood still under load; None for spans of more than eight days, in which they are not looked for.
    """

    meter: MeterView
    start: datetime
    end: datetime
    replacements: list[EnteredView]
    readings: list[EnteredView]
    corrections: list[EnteredView]
    jumps: list[EnteredView]
    assignments: list[EnteredView]
    gaps: list[GapView]
    held: list[HeldJumpView]
    frozen: list[GapView] | None


def check_meter(context: ApiContext, meter: str, *, real: bool = False) -> None:
    """Whether there is such a meter, and one of flesh and iron where `real`.

    Raises:
        RequestProblem: there is none.
    """
    if meter not in (context.site.meters if real else context.site.all_meters):
        raise unknown(METER, meter)


async def meters(context: ApiContext) -> Meters:
    """All meters."""
    return Meters(rows=await context.reckon(_views, context))


def _views(context: ApiContext) -> list[MeterView]:
    standing = context.books.standing()
    return [_view(context, standing, item) for item in context.site.all_meters.values()]


def _view(context: ApiContext, standing: Standing, item: Meter | VirtualMeter) -> MeterView:
    site, medium = context.site, medium_at(context.site, item.id)
    outdoor = standing.splits.outdoor_units().get(item.id)
    point = _point(context, item)
    said = None if point is None else live_point(context, point.id)
    shares = standing.owners.shares(item.id, "office", date_at(context.books.now_us(), site.zone))
    feeds = item.feeds.target
    return MeterView(
        id=item.id,
        name=Bilingual.of(item.text),
        medium=medium.value,
        unit=unit_of(medium),
        virtual=isinstance(item, VirtualMeter),
        parent=item.parent,
        feeds=None if feeds is None else ":".join(feeds),
        item=item.item,
        owners=[OwnerView(office=share.key, share=share.fraction) for share in shares],
        shared_out=None if outdoor is None else outdoor.id,
        counter=None if point is None else point.id,
        reading=None if said is None else said.value,
        reading_unit=None if said is None else said.unit,
        reading_time=None if said is None else said.time,
        reading_age_s=None if said is None else said.age_s,
        reading_quality=None if said is None else said.quality,
        doubts=_doubts(context, standing, item.id),
    )


def _point(context: ApiContext, item: Meter | VirtualMeter) -> Point | None:
    if isinstance(item, VirtualMeter):
        return None
    return counter_of(context.site, item) or power_of(context.site, item)


def _doubts(context: ApiContext, standing: Standing, meter: str) -> int:
    if meter not in standing.accounts.reckoned(medium_at(context.site, meter)):
        return 0
    now = context.clock.now()
    start_us = to_us(now - DOUBTFUL)
    gaps = standing.doubts.gaps(meter, start_us, to_us(now))
    return sum(gap.kind is not GapKind.BRIDGED and not _is_before_the_meter(gap, start_us) for gap in gaps)


def _is_before_the_meter(gap: Gap, start_us: int) -> bool:
    """No reading from the start on: the meter was not there yet."""
    return gap.kind is GapKind.SILENT and gap.start_us == start_us


async def meter_detail(
    context: ApiContext, meter: str, start: datetime, end: datetime, *, revoked: bool = False
) -> MeterDetail:
    """One meter with its history and its gaps in [start, end), at most up to now.

    Raises:
        RequestProblem: no such meter.
    """
    check_meter(context, meter)
    return await context.reckon(_detail, context, meter, start, min(end, context.clock.now()), revoked)


def _detail(context: ApiContext, meter: str, start: datetime, end: datetime, revoked: bool) -> MeterDetail:
    standing, zone = context.books.standing(), context.site.zone
    entered = {kind.value: read_entries(context, kind, key=meter, revoked=revoked) for kind in HISTORY}
    span = (to_us(start), to_us(end))
    looked = start < end and meter in standing.accounts.reckoned(medium_at(context.site, meter))
    frozen = looked and end - start <= FROZEN_WITHIN
    return MeterDetail(
        meter=_view(context, standing, context.site.all_meters[meter]),
        start=context.local(start),
        end=context.local(end),
        **entered,
        gaps=all_told(GapView, standing.doubts.gaps(meter, *span) if looked else (), zone),
        held=all_told(HeldJumpView, _held(standing, meter, *span) if looked else (), zone),
        frozen=all_told(GapView, standing.doubts.frozen(meter, *span), zone) if frozen else None,
    )


def _held(standing: Standing, meter: str, start_us: int, end_us: int) -> list[HeldJump]:
    return standing.doubts.held(meter, start_us, end_us) if meter in standing.site.meters else []


async def held_jumps(context: ApiContext, start: datetime, end: datetime) -> HeldJumps:
    """The jumps of all meters in [start, end) that nobody has judged."""
    return HeldJumps(rows=await context.reckon(_all_held, context, to_us(start), to_us(end)))


def _all_held(context: ApiContext, start_us: int, end_us: int) -> list[HeldJumpView]:
    standing = context.books.standing()
    found: list[HeldJump] = []
    for meter, item in context.site.meters.items():
        if counter_of(context.site, item) is not None:
            found += standing.doubts.held(meter, start_us, end_us)
    return all_told(HeldJumpView, found, context.site.zone)


async def is_held(context: ApiContext, meter: str, start_us: int, end_us: int) -> bool:
    """Whether that very jump waits for a person's judgement."""
    if end_us <= start_us:
        return False
    jumps = await context.reckon(lambda: _held(context.books.standing(), meter, start_us, end_us))
    return any((jump.start_us, jump.end_us) == (start_us, end_us) for jump in jumps)
