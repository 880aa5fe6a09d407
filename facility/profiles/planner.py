"""Which few requests read all the registers that are wanted from one table of one device. Pure.

Neighbouring values are joined across small holes, a value of several registers is never cut, a request never exceeds
what the device takes, and registers that must not be touched are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


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
    unreadable: Sequence[tuple[int, int]] = ()

    def forbids(self, span: Span) -> bool:
        """Whether `span` may not be read in one request."""
        return span.size > self.limit or any(span.touches(first, last) for first, last in self.unreadable)


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
    requests is the smallest that the limits allow.
    """
    fields = sorted(set(wanted))
    readable = [field for field in fields if not reach.forbids(field)]
    requests: list[Span] = []
    for block in _unions(readable, reach):
        joined = _joined(requests[-1], block, reach) if requests else None
        if joined is None:
            requests.append(block)
        else:
            requests[-1] = joined
    return Plan(requests=tuple(requests), left_out=tuple(field for field in fields if reach.forbids(field)))


def _unions(fields: Sequence[Span], reach: Reach) -> list[Span]:
    """Overlapping fields united, because neither may be cut, as long as the union may be read in one request."""
    unions: list[Span] = []
    for field in fields:
        if unions and field.address < unions[-1].end:
            union = _union(unions[-1], field)
            if not reach.forbids(union):
                unions[-1] = union
                continue
        unions.append(field)
    return unions


def _joined(request: Span, block: Span, reach: Reach) -> Span | None:
    """`request` extended to hold `block` too, None where that is not allowed."""
    union = _union(request, block)
    if block.address - request.end > reach.max_gap or reach.forbids(union):
        return None
    return union


def _union(first: Span, second: Span) -> Span:
    return Span(first.address, max(first.end, second.end) - first.address)
