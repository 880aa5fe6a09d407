"""Questions to Modbus devices: planned requests, each with the decoder of its answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import NamedTuple

from facility.model import Point, Site
from facility.profiles.gathering import Gathering, gathering_of
from facility.profiles.planner import Reach, Span, plan, spanning
from facility.profiles.schema import Limits, ModbusPoint, Table
from gateway.block import BlockDecoder, Field
from gateway.codec import ratio_of
from gateway.compound import Source, Use
from gateway.question import AskedLine, Question

log = logging.getLogger(__name__)


class Newest:
    """The newest values of the device's points, as far as anybody has told where to find them."""

    def __init__(self) -> None:
        self._look_up: Callable[[str], float | None] = lambda _point: None

    def found_by(self, look_up: Callable[[str], float | None]) -> None:
        """From now on values are looked up there."""
        self._look_up = look_up

    def value_of(self, point: str) -> float | None:
        """The newest value of a point, None while it is not known."""
        return self._look_up(point)


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
    gathering: Gathering
    newest: Newest

    @property
    def span(self) -> Span:
        """The registers that must come in one answer for its value to be told."""
        return self.gathering.span

    def sources(self, begin: int) -> tuple[Source, ...]:
        """The points its value hangs on, in an answer that begins at `begin`."""
        near = {spec.id: (spec, address - begin) for spec, address in self.gathering.near}
        far = {spec.id: spec for spec in self.gathering.far}
        uses: list[tuple[str, Use]] = [(scale.point, scale.use) for scale in self.spec.scale_from]
        if self.spec.plus is not None:
            uses.append((self.spec.plus, "plus"))
        return tuple(
            Source(near[name][0], use, near[name][1])
            if name in near
            else Source(far[name], use, known=partial(self.newest.value_of, f"{self.point.rpartition('.')[0]}.{name}"))
            for name, use in uses
        )


class RegisterQuestion(Question):
    """Neighbouring registers (or bits) of one table of one unit."""

    __slots__ = ("address", "count", "table", "unit", "wanted")

    def __init__(self, unit: int, table: Table, span: Span, wanted: Sequence[Wanted]) -> None:
        self.unit = unit
        self.table = table
        self.address = span.address
        self.count = span.size
        self.wanted = tuple(wanted)
        fields = [
            Field(
                spec=item.spec,
                offset=item.address - span.address,
                ratio=item.ratio,
                low=item.low,
                high=item.high,
                sources=item.sources(span.address),
            )
            for item in wanted
        ]
        super().__init__([item.point for item in wanted], BlockDecoder(fields, span.size))

    def heed(self, value_of: Callable[[str], float | None]) -> None:
        for item in self.wanted:
            item.newest.found_by(value_of)

    def ask(self, line: AskedLine, *, timeout_s: float, pause_s: float, urgent: bool) -> Awaitable[bytes]:
        return line.read(self.unit, self.table, self.address, self.count, timeout_s, pause_s=pause_s, urgent=urgent)

    def parts(self, limits: Limits) -> list[RegisterQuestion]:  # noqa: ARG002
        """Two: cut at the widest filled hole, the likeliest not to be there, or without any at the middle. Empty when
        all it asks for belongs together.
        """
        clusters = _clusters(self.wanted)
        if len(clusters) < 2:
            return []

        def worth(place: int) -> tuple[int, int]:
            hole = clusters[place].span.address - clusters[place - 1].span.end
            return hole, -abs(2 * place - len(clusters))

        cut = max(range(1, len(clusters)), key=worth)
        return [self._of(clusters[:cut]), self._of(clusters[cut:])]

    def _of(self, clusters: Sequence[_Cluster]) -> RegisterQuestion:
        wanted = [item for cluster in clusters for item in cluster.wanted]
        return RegisterQuestion(self.unit, self.table, spanning(cluster.span for cluster in clusters), wanted)


class _Cluster(NamedTuple):
    """Values whose registers overlap, or that belong together: never cut."""

    span: Span
    wanted: list[Wanted]


def _clusters(wanted: Iterable[Wanted]) -> list[_Cluster]:
    found: list[_Cluster] = []
    for item in sorted(wanted, key=lambda item: item.span):
        if found and item.span.address < found[-1].span.end:
            span, members = found[-1]
            found[-1] = _Cluster(spanning([span, item.span]), [*members, item])
        else:
            found.append(_Cluster(item.span, [item]))
    return found


def register_questions(site: Site, device: str, points: Iterable[Point]) -> list[Question]:
    """The fewest questions that read the Modbus points among `points`, of one device. Points that no allowed request
    reaches are logged.
    """
    limits = site.profile_of(device).limits
    unit = site.devices[device].unit or 0
    wanted = _wanted(site, device, points)
    questions: list[RegisterQuestion] = []
    for table, items in groupby(wanted, key=lambda item: item.spec.table):
        questions += _planned(unit, table, list(items), Reach.of(limits, table))
    reached = {point for question in questions for point in question.points}
    for item in wanted:
        if item.point not in reached:
            log.error(
                "device %s: %s at %s %d cannot be read within the limits of its profile; correct limits or address",
                device, item.point, item.spec.table.value, item.address,
            )  # fmt: skip
    return [*questions]


def _wanted(site: Site, device: str, points: Iterable[Point]) -> list[Wanted]:
    """The Modbus points among `points` as the planner sees them, in address order per table."""
    entry, profile = site.devices[device], site.profile_of(device)
    newest = Newest()
    found = [
        Wanted(
            point=point.id,
            spec=point.spec,
            address=point.address,
            ratio=ratio_of(point.spec, entry.ct_ratio, entry.pt_ratio),
            low=point.low,
            high=point.high,
            gathering=gathering_of(profile, site.equipment[point.equipment].slot, point.spec),
            newest=newest,
        )
        for point in points
        if isinstance(point.spec, ModbusPoint) and point.address is not None
    ]
    return sorted(found, key=lambda item: (item.spec.table.value, item.address))


def _planned(unit: int, table: Table, wanted: Sequence[Wanted], reach: Reach) -> list[RegisterQuestion]:
    waiting = list(wanted)
    questions = []
    for span in plan((item.span for item in waiting), reach).requests:
        inside = [item for item in waiting if span.address <= item.span.address and item.span.end <= span.end]
        taken = {item.point for item in inside}
        waiting = [item for item in waiting if item.point not in taken]
        if inside:
            questions.append(RegisterQuestion(unit, table, span, inside))
    return questions
