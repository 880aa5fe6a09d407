"""B3: requests per cycle for every shipped Modbus profile, beside simpler ways of asking.

Deterministic: counts, not times. A gateway that hosts many units is counted with eight of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from facility.profiles import ModbusPoint, Profile, ProfileLibrary, Table
from facility.profiles.planner import Reach, Span, plan
from tests.bench.report import Line

HOSTED = 8


def run() -> list[Line]:
    """One line per profile and a sum."""
    lines: list[Line] = []
    totals = [0, 0, 0, 0]
    for profile in ProfileLibrary().values():
        if not profile.modbus:
            continue
        counts = _counts(profile)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        lines.append(_line(profile.profile, counts))
    return [*lines, _line("all", totals)]


def _line(name: str, counts: Sequence[int]) -> Line:
    ours, single, contiguous, max_insert = counts
    return Line(
        bench="B3", what=f"requests a cycle, {name}", figure=str(ours),
        reference=f"one a point {single}; contiguous only {contiguous}; max_insert {max_insert}",
        reach="<= max_insert", reached=ours <= max_insert,
    )  # fmt: skip


def _counts(profile: Profile) -> tuple[int, int, int, int]:
    """Ours; one request a point; joining only neighbours; Telegraf's `max_insert`: filling every hole up to the
    device's `max_gap`, greedily from the lowest address, within the device's limit.
    """
    totals = [0, 0, 0, 0]
    for table in Table:
        spans = list(_spans(profile, table))
        if not spans:
            continue
        limits = profile.limits
        limit = limits.max_bits if table in (Table.COIL, Table.DISCRETE) else limits.max_registers
        unreadable = tuple((first, last) for name, first, last in limits.unreadable if name is table)
        totals[0] += len(plan(spans, Reach(limit=limit, max_gap=limits.max_gap, unreadable=unreadable)).requests)
        totals[1] += len(spans)
        totals[2] += _greedy(spans, limit, 0)
        totals[3] += _greedy(spans, limit, limits.max_gap)
    return totals[0], totals[1], totals[2], totals[3]


def _spans(profile: Profile, table: Table) -> Iterable[Span]:
    bases = [0]
    if profile.slots is not None:
        bits = table in (Table.COIL, Table.DISCRETE)
        base, stride = profile.slots.base, profile.slots.stride
        if bits:
            base, stride = profile.slots.bit_base, profile.slots.bit_stride
        bases = [base + stride * number for number in range(min(HOSTED, profile.slots.count))]
    for base in bases:
        for point in profile.modbus:
            if isinstance(point, ModbusPoint) and point.table is table:
                yield Span(base + point.address, point.registers)


def _greedy(spans: Sequence[Span], limit: int, gap: int) -> int:
    """Requests of the straightforward merge that Telegraf's `max_insert` does."""
    count, begin, end = 0, 0, -1
    for span in sorted(set(spans)):
        if end >= 0 and span.address - end <= gap and max(end, span.end) - begin <= limit:
            end = max(end, span.end)
            continue
        count, begin, end = count + 1, span.address, span.end
    return count
