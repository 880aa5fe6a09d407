"""What must be read together with a point so that its value can be told. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from facility.profiles.planner import Span
from facility.profiles.registers import BIT_TABLES
from facility.profiles.schema import ModbusPoint, Profile


def address_of(profile: Profile, slot: int | None, point: ModbusPoint) -> int:
    """The absolute protocol address of a point in its table; `slot` None: of the only, or the first, unit."""
    if profile.slots is None:
        return point.address
    return profile.slots.origin(point.table, slot, point.stride) + point.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What one point needs. `span`: the registers that must come in one answer. `near`: the points in it that its value
    hangs on, with their absolute addresses. `far`: those that are read with other requests.
    """

    span: Span
    near: tuple[tuple[ModbusPoint, int], ...] = ()
    far: tuple[ModbusPoint, ...] = ()


def gathering_of(profile: Profile, slot: int | None, point: ModbusPoint) -> Gathering:
    """What `point` needs on the unit in `slot`.

    Its `plus` and the other points of its group always come with it. What it is scaled by does where one request can
    reach both, and is read for itself where none can.
    """
    span = _own_span(profile, slot, point)
    if not point.scale_from and point.plus is None and point.group is None:
        return Gathering(span=span)
    near, far = _sources(profile, slot, point)
    for member in _group(profile, point):
        span = _union(span, _own_span(profile, slot, member))
        for source, _ in _sources(profile, slot, member)[0]:
            span = _union(span, _own_span(profile, slot, source))
    return Gathering(span=span, near=tuple(near), far=tuple(far))


def as_part_of(point: ModbusPoint, source: ModbusPoint) -> ModbusPoint:
    """`source` as the `plus` of `point`: the same quantity, in the unit of the point where it names none."""
    unit = source.unit if source.quantity is point.quantity and source.unit is not None else point.unit
    return source.model_copy(update={"quantity": point.quantity, "unit": unit, "ratio": point.ratio})


def _group(profile: Profile, point: ModbusPoint) -> Iterator[ModbusPoint]:
    if point.group is None:
        yield point
        return
    yield from (other for other in profile.modbus if other.group == point.group and other.table is point.table)


def _sources(
    profile: Profile, slot: int | None, point: ModbusPoint
) -> tuple[list[tuple[ModbusPoint, int]], list[ModbusPoint]]:
    by_id = {other.id: other for other in profile.modbus}
    near: list[tuple[ModbusPoint, int]] = []
    far: list[ModbusPoint] = []
    names = [scale.point for scale in point.scale_from] + ([] if point.plus is None else [point.plus])
    for name in names:
        source = by_id.get(name)
        if source is None:
            continue
        if name == point.plus:
            near.append((as_part_of(point, source), address_of(profile, slot, source)))
        elif _within_reach(profile, slot, point, source):
            near.append((source, address_of(profile, slot, source)))
        else:
            far.append(source)
    return near, far


def _within_reach(profile: Profile, slot: int | None, point: ModbusPoint, source: ModbusPoint) -> bool:
    """Whether one request may read both."""
    if source.table is not point.table:
        return False
    span = _union(_own_span(profile, slot, point), _own_span(profile, slot, source))
    limits = profile.limits
    if span.size > (limits.max_bits if point.table in BIT_TABLES else limits.max_registers):
        return False
    return not any(table is point.table and span.touches(first, last) for table, first, last in limits.unreadable)


def _own_span(profile: Profile, slot: int | None, point: ModbusPoint) -> Span:
    return Span(address_of(profile, slot, point), point.registers)


def _union(first: Span, second: Span) -> Span:
    begin = min(first.address, second.address)
    return Span(begin, max(first.end, second.end) - begin)
