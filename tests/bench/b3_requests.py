"""B3: requests per cycle for every shipped device that is polled, beside simpler ways of asking.

Deterministic: counts, not times; the table grows with the profiles. A gateway that hosts many units is counted with
eight of them. The ways of others: one request a point (as the Modbus connectors of ThingsBoard gateway and Home
Assistant ask), joining only what is contiguous, and filling holes greedily from the lowest address (Telegraf's
`max_insert`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from facility.profiles import Profile, ProfileLibrary, Table
from facility.profiles.gathering import gathering_of
from facility.profiles.planner import Reach, Span, plan, spanning
from tests.bench.report import Line

HOSTED = 8


class Counts(NamedTuple):
    """Requests per cycle of the four ways. A national meter is asked by identifier: nothing is contiguous there."""

    ours: int
    single: int
    contiguous: int
    max_insert: int


def run() -> list[Line]:
    """One line per profile and a sum."""
    counted = {profile.profile: counts_of(profile) for profile in ProfileLibrary().values()}
    polled = {name: counts for name, counts in counted.items() if counts.single}
    total = Counts(*(sum(column) for column in zip(*polled.values(), strict=True)))
    return [*(_line(name, counts) for name, counts in polled.items()), _line(f"all {len(polled)} profiles", total)]


def _line(name: str, counts: Counts) -> Line:
    return Line(
        bench="B3", what=f"requests a cycle, {name}", figure=str(counts.ours),
        reference=f"one a point {counts.single}; contiguous only {counts.contiguous}; max_insert {counts.max_insert}",
        reach="<= max_insert", reached=counts.ours <= counts.max_insert,
    )  # fmt: skip


def counts_of(profile: Profile) -> Counts:
    """Of one profile; all zero for one that is not polled."""
    identifiers = [point.asked for point in profile.dlt645] + [point.asked for point in profile.cjt188]
    if identifiers:
        asked, points = len(set(identifiers)), len(identifiers)
        return Counts(asked, points, points, asked)
    found = Counts(0, 0, 0, 0)
    for table in Table:
        spans = list(_spans(profile, table))
        if spans:
            found = Counts(*map(sum, zip(found, _counts(spans, Reach.of(profile.limits, table)), strict=True)))
    return found


def _counts(spans: Sequence[Span], reach: Reach) -> Counts:
    requests = plan(spans, reach).requests
    for span in spans:
        assert any(request.holds(span) for request in requests) or reach.forbids(span), f"{span} is not read"
    neighbours = Reach(limit=reach.limit, unreadable=reach.unreadable)
    return Counts(len(requests), len(spans), _greedy(spans, neighbours), _greedy(spans, reach))


def _spans(profile: Profile, table: Table) -> Iterable[Span]:
    slots = profile.slots
    units = [None] if slots is None else range(slots.first, slots.first + min(HOSTED, slots.count))
    for slot in units:
        for point in profile.modbus:
            if point.table is table and not point.internal:
                yield gathering_of(profile, slot, point).span


def _greedy(spans: Iterable[Span], reach: Reach) -> int:
    """Requests of the straightforward merge."""
    requests: list[Span] = []
    for span in sorted(set(spans)):
        if requests:
            union = spanning([requests[-1], span])
            if span.address - requests[-1].end <= reach.max_gap and not reach.forbids(union):
                requests[-1] = union
                continue
        requests.append(span)
    return len(requests)
