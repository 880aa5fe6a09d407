"""What a meter counted between given times, put together from finished hours and days where they are known already.

Counter differences of neighbouring intervals add up to the difference over all of them, so a month is the sum of its days
as long as each of them is known; where one is not, the whole interval is worked out from its own two ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from api.context import ApiContext
from api.services.amounts import Used, join
from api.services.edges import Every, edges
from api.services.meters import counter_of, fastest_per_s
from facility.accounting import Use, counter_use
from facility.model.entries import Meter
from facility.model.site import Point
from facility.readings import from_us, to_us
from facility.store import Store

SETTLED: Final = timedelta(hours=2)
"""What ended longer ago (clock time) is not expected to change: late messages have arrived."""
BRIDGE_US: Final = 900 * 1_000_000
"""A silence of the meter up to this long is no gap; counters stand for what was used meanwhile."""
DAY_US: Final = 20 * 3600 * 1_000_000

Span = tuple[int, int]


async def uses_of(context: ApiContext, meter: Meter, times: Sequence[datetime]) -> list[Used]:
    """What one meter counted between neighbouring `times` (ascending, aware), one `Used` each."""
    point = counter_of(context.site, meter)
    assert point is not None, f"{meter.id} has no counter"
    spans = [(to_us(first), to_us(second)) for first, second in pairwise(times)]
    pieces = [_pieces(span, context.site.zone) for span in spans]
    known = await _known(context, meter, point, [piece for group in pieces for piece in group])
    return [await _whole(context, meter, point, span, [known[piece] for piece in group])
            for span, group in zip(spans, pieces, strict=True)]  # fmt: skip


def _pieces(span: Span, zone: ZoneInfo) -> list[Span]:
    """Whole local days, and local hours where a day is not whole: pieces that other questions share."""
    result: list[Span] = []
    for day in pairwise(edges(from_us(span[0]), from_us(span[1]), Every.DAY, zone)):
        first, second = to_us(day[0]), to_us(day[1])
        if second - first >= DAY_US or len(result) > 2000:
            result.append((first, second))
        else:
            result += [(to_us(a), to_us(b)) for a, b in pairwise(edges(day[0], day[1], Every.HOUR, zone))]
    return result


async def _known(context: ApiContext, meter: Meter, point: Point, pieces: Sequence[Span]) -> dict[Span, Use]:
    known: dict[Span, Use] = {}
    for piece in pieces:
        use = context.pieces.get(meter.id, *piece)
        if use is not None:
            known[piece] = use
    missing = [piece for piece in pieces if piece not in known]
    settled_us = to_us(context.clock.now() - SETTLED)
    for run in _runs(missing):
        for use in await _count(context, meter, point, run):
            known[(use.start_us, use.end_us)] = use
            context.pieces.keep(meter.id, use, settled_us)
    return known


def _runs(pieces: Sequence[Span]) -> list[list[int]]:
    """Edges of neighbouring pieces, so that the store is read once for each stretch."""
    runs: list[list[int]] = []
    for start_us, end_us in pieces:
        if runs and runs[-1][-1] == start_us:
            runs[-1].append(end_us)
        else:
            runs.append([start_us, end_us])
    return runs


async def _whole(context: ApiContext, meter: Meter, point: Point, span: Span, uses: Sequence[Use]) -> Used:
    if len(uses) > 1 and any(use.value is None for use in uses) and any(use.value is not None for use in uses):
        return used(next(iter(await _count(context, meter, point, list(span)))))
    return join([used(use) for use in uses])


def used(use: Use) -> Used:
    """A meter's use as an amount."""
    return Used(
        start_us=use.start_us,
        end_us=use.end_us,
        value=use.value,
        completeness=use.completeness,
        estimated_share=use.estimated_share,
        grade=str(use.grade),
    )


async def _count(context: ApiContext, meter: Meter, point: Point, edges_us: list[int]) -> list[Use]:
    return await context.store_reader.call(_counted, context.store_reader.store, meter, point, edges_us)


def _counted(store: Store, meter: Meter, point: Point, edges_us: list[int]) -> list[Use]:
    series = store.around(point.id, edges_us[0], edges_us[-1])
    return list(
        counter_use(
            series,
            edges_us,
            counter_max=point.spec.counter_max,
            max_rate_per_s=fastest_per_s(meter),
            bridge_us=BRIDGE_US,
        )
    )
