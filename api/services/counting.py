"""What a meter counted between given times, put together from finished hours and days that are known already.

What a counter counted in neighbouring intervals adds up to what it counted in all of them, so a month is the sum of its
days as long as each of them is complete. Where one is not, a gap may lie across its ends: then the whole is worked out
from all its readings, so that what was counted during the gap is not lost.
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
from api.services.meters import counter_of, fastest_per_s, register_of
from api.services.pieces import COMPLETE
from facility.accounting import HOLD_US, Use, counter_use
from facility.clock import stretched_s
from facility.model import Point
from facility.model.entries import Meter
from facility.profiles import PollClass
from facility.readings import from_us, to_us

SETTLED: Final = timedelta(hours=2)
"""What ended longer ago (clock time) is not expected to change: late messages have arrived."""
BRIDGE_US: Final = 3600 * 1_000_000
"""A silence of the meter up to this long is bridged by a straight line and marked as estimated."""
WHOLE_DAY_US: Final = 20 * 3600 * 1_000_000

Span = tuple[int, int]


async def uses_of(context: ApiContext, meter: Meter, times: Sequence[datetime]) -> list[Used]:
    """What one meter counted between neighbouring `times` (ascending, aware), one `Used` each."""
    spans = [(to_us(first), to_us(second)) for first, second in pairwise(times)]
    groups = [_pieces(span, context.site.zone) for span in spans]
    settled_us = to_us(context.clock.now() - SETTLED)
    known = await _known(context, meter, [piece for group in groups for piece in group], settled_us)
    return [await _joined(context, meter, [known[piece] for piece in group], settled_us) for group in groups]


def _pieces(span: Span, zone: ZoneInfo) -> list[Span]:
    """Whole local days, and local hours where a day is not whole: pieces that other questions share."""
    result: list[Span] = []
    for first, second in pairwise(edges(from_us(span[0]), from_us(span[1]), Every.DAY, zone)):
        day = (to_us(first), to_us(second))
        if day[1] - day[0] >= WHOLE_DAY_US:
            result.append(day)
        else:
            result += [(to_us(a), to_us(b)) for a, b in pairwise(edges(first, second, Every.HOUR, zone))]
    return result


async def _known(context: ApiContext, meter: Meter, pieces: Sequence[Span], settled_us: int) -> dict[Span, Use]:
    held = {piece: context.pieces.get(meter.id, *piece) for piece in pieces}
    known = {piece: use for piece, use in held.items() if use is not None}
    for run in _runs([piece for piece in pieces if piece not in known]):
        for use in await _count(context, meter, run):
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


async def _joined(context: ApiContext, meter: Meter, uses: Sequence[Use], settled_us: int) -> Used:
    settled = [use for use in uses if use.end_us <= settled_us]
    if len(settled) > 1 and any(use.completeness < COMPLETE for use in settled):
        whole = await _count(context, meter, [settled[0].start_us, settled[-1].end_us])
        return join([_used(use) for use in (*whole, *uses[len(settled) :])])
    return join([_used(use) for use in uses])


def _used(use: Use) -> Used:
    return Used(
        start_us=use.start_us,
        end_us=use.end_us,
        value=use.value,
        completeness=use.completeness,
        estimated_share=use.estimated_share,
        grade=use.grade,
    )


async def _count(context: ApiContext, meter: Meter, edges_us: list[int]) -> list[Use]:
    point = counter_of(context.site, meter)
    assert point is not None, f"{meter.id} has no counter"
    register = register_of(context.site, point)
    reader = context.store_reader
    fastest, hold = fastest_per_s(meter), hold_us(context, point)

    def counted() -> list[Use]:
        return counter_use(
            reader.store.around(point.id, edges_us[0], edges_us[-1]),
            edges_us,
            counter_max=register.counter_max,
            max_rate_per_s=fastest,
            bridge_us=max(BRIDGE_US, hold),
            hold_us=hold,
            step=register.step,
        )

    return await reader.call(counted)


def hold_us(context: ApiContext, point: Point) -> int:
    """Readings of `point` this far apart leave no gap: three of its poll periods, a quarter of an hour at least."""
    polls = context.site.file.polls
    periods_s = {PollClass.FAST: polls.fast_s, PollClass.NORMAL: polls.normal_s, PollClass.SLOW: polls.slow_s}
    period_s = stretched_s(periods_s[point.spec.poll], context.clock.pace)
    return max(HOLD_US, int(3 * period_s * 1_000_000))
