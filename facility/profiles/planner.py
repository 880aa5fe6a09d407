"""Which few requests read all the registers that are wanted from one table of one device. Pure.

Neighbouring values are joined across small holes, a value of several registers is never cut, a request never exceeds
what the device takes, and registers that must not be touched are never touched. Values that belong together are given
as one field. Of all plans with the fewest requests the one that reads the fewest registers is taken: on a serial line
every register costs two characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Self

from facility.profiles.registers import BIT_TABLES, Table
from facility.profiles.schema import Limits


class Span(NamedTuple):
    """`size` registers (or bits) from `address`."""

    address: int
    size: int

    @property
    def end(self) -> int:
        """The first address after it."""
        return self.address + self.size

    def touches(self, first: int, last: int) -> bool:
        """Whether it contains any of the addresses `first` to `last`, both included."""
        return self.address <= last and first < self.end

    def holds(self, other: Span) -> bool:
        """Whether all of `other` lies in it."""
        return self.address <= other.address and other.end <= self.end


def spanning(spans: Iterable[Span]) -> Span:
    """The smallest span that holds all of `spans`, of which there is at least one."""
    all_spans = list(spans)
    address = min(span.address for span in all_spans)
    return Span(address, max(span.end for span in all_spans) - address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What one request to a table may span.

    Attributes:
        limit: most registers (or bits) in one request.
        max_gap: most unwanted ones that may be read to join two wanted.
        unreadable: inclusive address ranges that must never be touched.
    """

    limit: int
    max_gap: int = 0
    unreadable: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, limits: Limits, table: Table, *, max_gap: int | None = None) -> Self:
        """What a device takes in `table`; `max_gap` None: as many as its profile lets."""
        return cls(
            limit=limits.max_bits if table in BIT_TABLES else limits.max_registers,
            max_gap=limits.max_gap if max_gap is None else max_gap,
            unreadable=tuple((first, last) for where, first, last in limits.unreadable if where is table),
        )

    def forbids(self, span: Span) -> bool:
        """Whether `span` may not be read in one request."""
        return span.size > self.limit or self._is_unreadable(span)

    def parts(self, field: Span, following: Span) -> bool:
        """Whether no request may go over the hole between two fields."""
        hole = Span(field.end, following.address - field.end)
        return hole.size > self.max_gap or (hole.size > 0 and self._is_unreadable(hole))

    def _is_unreadable(self, span: Span) -> bool:
        return any(span.touches(first, last) for first, last in self.unreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`requests` in ascending order; every wanted field lies whole in at least one. `left_out` are the fields that no
    allowed request can read: longer than the limit, or touching what must not be touched.
    """

    requests: tuple[Span, ...]
    left_out: tuple[Span, ...]


def plan(wanted: Iterable[Span], reach: Reach) -> Plan:
    """The requests that read the `wanted` fields.

    Each wanted register is read once (twice only where overlapping fields together exceed the limit). The number of
    requests is the smallest that the limits allow; among such plans, that of registers.
    """
    return _plan(tuple(sorted(set(wanted))), reach)


@lru_cache(maxsize=1024)
def _plan(fields: tuple[Span, ...], reach: Reach) -> Plan:
    """Kept, because a building has many devices of one sort."""
    readable = [field for field in fields if not reach.forbids(field)]
    requests = [request for chain in _chains(_outermost(readable), reach) for request in _cut(chain, reach.limit)]
    return Plan(requests=tuple(requests), left_out=tuple(field for field in fields if reach.forbids(field)))


def _outermost(fields: Iterable[Span]) -> list[Span]:
    """Those that lie in no other one, so that both their beginnings and their ends ascend."""
    found: list[Span] = []
    for field in sorted(fields, key=lambda field: (field.address, -field.size)):
        if not found or field.end > found[-1].end:
            found.append(field)
    return found


def _chains(fields: Sequence[Span], reach: Reach) -> Iterator[Sequence[Span]]:
    """Runs of fields with nothing between them that no request may go over."""
    start = 0
    for place, (field, following) in enumerate(pairwise(fields), start=1):
        if reach.parts(field, following):
            yield fields[start:place]
            start = place
    if fields:
        yield fields[start:]


class _Cost(NamedTuple):
    """Of reading the rest of a chain, in order of weight."""

    requests: int
    read_twice: int
    registers: int


def _cut(chain: Sequence[Span], limit: int) -> list[Span]:
    """The cheapest requests for a chain: reckoned from its end, for every field the best end of a request there."""
    whole = spanning(chain)
    if whole.size <= limit:
        return [whole]
    costs = [_Cost(0, 0, 0)] * (len(chain) + 1)
    ends = [0] * len(chain)
    for start in reversed(range(len(chain))):
        costs[start], later = min(_options(chain, start, limit, costs))
        ends[start] = -later
    requests, start = [], 0
    while start < len(chain):
        requests.append(spanning(chain[start : ends[start]]))
        start = ends[start]
    return requests


def _options(
    chain: Sequence[Span], start: int, limit: int, costs: Sequence[_Cost]
) -> Iterator[tuple[_Cost, int]]:  # fmt: skip
    """What it costs to end the request that begins at `start` before field number `end`, and `-end`: of equal plans the
    one with the longer first request is the least.
    """
    for end in range(start + 1, len(chain) + 1):
        last, rest = chain[end - 1], costs[end]
        size = last.end - chain[start].address
        if size > limit:
            return
        twice = max(0, last.end - chain[end].address) if end < len(chain) else 0
        yield _Cost(rest.requests + 1, rest.read_twice + twice, rest.registers + size), -end
