"""The questions that are asked of one device: planned requests, each with the decoder of its answer."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from facility.model import Point, Site
from facility.profiles.planner import Reach, Span, plan
from facility.profiles.schema import Limits, ModbusPoint, Table
from facility.readings import Batch
from gateway.block import BlockDecoder, Field
from gateway.codec import BIT_TABLES, ratio_of

log = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One point of a Modbus device as the planner and the decoder see it; `address` is absolute, `ratio` the
    transformer ratio of the device.
    """

    point: str
    spec: ModbusPoint
    address: int
    ratio: float
    low: float | None
    high: float | None

    @property
    def span(self) -> Span:
        """The registers it takes."""
        return Span(self.address, self.spec.registers)


class Question:
    """One planned request, and what is known of how the device takes it.

    Attributes:
        points: ids of the points its answer gives, in the order of the decoded values.
        last: the newest answer, None before the first.
        not_before_us: clock time before which a question that the device does not take is not asked again.
    """

    __slots__ = (
        "_pause_s", "address", "count", "decoder", "last", "not_before_us", "points", "table", "wanted",
    )  # fmt: skip

    def __init__(self, table: Table, span: Span, wanted: Sequence[Wanted]) -> None:
        self.table = table
        self.address = span.address
        self.count = span.size
        self.wanted = tuple(wanted)
        self.points = tuple(item.point for item in wanted)
        self.decoder = BlockDecoder(
            [
                Field(
                    spec=item.spec, offset=item.address - span.address, ratio=item.ratio, low=item.low, high=item.high
                )
                for item in wanted
            ],
            span.size,
        )
        self.last: Batch | None = None
        self.not_before_us = 0
        self._pause_s = FIRST_PAUSE_S

    def put_off(self, now_us: int) -> None:
        """Not asked again for a while, longer each time."""
        self.not_before_us = now_us + int(self._pause_s * 1e6)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    def answered(self, batch: Batch) -> None:
        """The device answered it."""
        self.last = batch
        if self.not_before_us:
            self.not_before_us = 0
            self._pause_s = FIRST_PAUSE_S

    def parts(self, limits: Limits) -> list[Question]:
        """The same points in smaller questions, for a device that refuses this one: first without filled holes, then
        halves. Empty when it asks for one value only.
        """
        without_holes = _planned(self.table, self.wanted, _reach(limits, self.table, max_gap=0))
        if len(without_holes) > 1:
            return without_holes
        half = len(self.wanted) // 2
        if half == 0:
            return []
        whole = _reach(limits, self.table, max_gap=limits.max_gap)
        return _planned(self.table, self.wanted[:half], whole) + _planned(self.table, self.wanted[half:], whole)


def wanted_of(site: Site, device: str, points: Iterable[Point]) -> list[Wanted]:
    """The Modbus points among `points` as the planner sees them, in address order per table."""
    entry = site.devices[device]
    found = [
        Wanted(
            point=point.id,
            spec=point.spec,
            address=point.address,
            ratio=ratio_of(point.spec, entry.ct_ratio, entry.pt_ratio),
            low=point.low,
            high=point.high,
        )
        for point in points
        if isinstance(point.spec, ModbusPoint) and point.address is not None
    ]
    return sorted(found, key=lambda item: (item.spec.table.value, item.address))


def questions_for(device: str, wanted: Sequence[Wanted], limits: Limits) -> list[Question]:
    """The fewest questions that read `wanted`. Points that no allowed request reaches are logged, once."""
    questions: list[Question] = []
    for table, items in groupby(wanted, key=lambda item: item.spec.table):
        questions += _planned(table, list(items), _reach(limits, table, max_gap=limits.max_gap))
    reached = {point for question in questions for point in question.points}
    for item in wanted:
        if item.point not in reached:
            log.error(
                "device %s: %s at %s %d cannot be read within the limits of its profile; correct limits or address",
                device, item.point, item.spec.table.value, item.address,
            )  # fmt: skip
    return questions


def _planned(table: Table, wanted: Sequence[Wanted], reach: Reach) -> list[Question]:
    waiting = list(wanted)
    questions = []
    for span in plan((item.span for item in waiting), reach).requests:
        inside = [item for item in waiting if span.address <= item.address and item.span.end <= span.end]
        taken = {item.point for item in inside}
        waiting = [item for item in waiting if item.point not in taken]
        if inside:
            questions.append(Question(table, span, inside))
    return questions


def _reach(limits: Limits, table: Table, *, max_gap: int) -> Reach:
    return Reach(
        limit=limits.max_bits if table in BIT_TABLES else limits.max_registers,
        max_gap=max_gap,
        unreadable=[(first, last) for forbidden, first, last in limits.unreadable if forbidden is table],
    )
