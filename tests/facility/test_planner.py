"""The coalescing planner: a table of cases, and what holds for every case."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.profiles.planner import Plan, Reach, Span, plan


def singles(*addresses: int) -> list[Span]:
    return [Span(address, 1) for address in addresses]


def floats(first: int, last: int) -> list[Span]:
    return [Span(address, 2) for address in range(first, last, 2)]


SDM630 = floats(0x0000, 0x004F) + floats(0x00EA, 0x00F9) + floats(0x0156, 0x017D)


@pytest.mark.parametrize(
    ("wanted", "reach", "requests"),
    [
        (singles(*range(250)), Reach(limit=125), [(0, 125), (125, 125)]),
        (singles(0, 124, 125, 249), Reach(limit=125, max_gap=124), [(0, 125), (125, 125)]),
        (singles(0, 124, 125, 249), Reach(limit=125, max_gap=5), [(0, 1), (124, 2), (249, 1)]),
        (
            singles(18, 19, 20, 123, 124, 125, 126, 127, 167, 168),
            Reach(limit=125, max_gap=5),
            [(18, 3), (123, 5), (167, 2)],
        ),
        (
            singles(18, 19, 20, 123, 124, 125, 126, 127, 167, 168),
            Reach(limit=125, max_gap=60),
            [(18, 3), (123, 46)],
        ),
        (singles(*range(0, 249, 2)), Reach(limit=125, max_gap=1), [(0, 125), (126, 123)]),
        (SDM630, Reach(limit=80), [(0x0000, 0x50), (0x00EA, 0x10), (0x0156, 0x28)]),
        (singles(1, 3), Reach(limit=125, max_gap=9, unreadable=[(2, 2)]), [(1, 1), (3, 1)]),
        ([Span(0, 4), Span(1, 1), Span(2, 2), Span(3, 1)], Reach(limit=125), [(0, 4)]),
        ([Span(0, 2), Span(2, 2)], Reach(limit=3), [(0, 2), (2, 2)]),
        ([], Reach(limit=125), []),
    ],
)
def test_wanted_registers_become_few_requests(
    wanted: list[Span], reach: Reach, requests: list[tuple[int, int]]
) -> None:
    assert plan(wanted, reach) == Plan(requests=tuple(Span(*request) for request in requests), left_out=())


def test_a_field_that_cannot_be_read_is_named_and_does_not_spoil_the_others() -> None:
    reach = Reach(limit=2, unreadable=[(10, 12)])
    found = plan([Span(0, 2), Span(4, 4), Span(9, 2), Span(20, 1)], reach)
    assert found == Plan(requests=(Span(0, 2), Span(20, 1)), left_out=(Span(4, 4), Span(9, 2)))


FIELDS = st.lists(st.builds(Span, st.integers(0, 400), st.sampled_from([1, 1, 2, 2, 4])), max_size=60)
REACHES = st.builds(
    lambda limit, max_gap, unreadable: Reach(
        limit=limit, max_gap=max_gap, unreadable=[(first, first + more) for first, more in unreadable]
    ),
    st.integers(4, 125),
    st.integers(0, 130),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 5)), max_size=4),
)


@given(FIELDS, REACHES)
def test_every_field_is_whole_in_a_request_or_named(wanted: list[Span], reach: Reach) -> None:
    found = plan(wanted, reach)
    for field in wanted:
        whole = any(r.address <= field.address and field.end <= r.end for r in found.requests)
        assert whole != (field in found.left_out)


@given(FIELDS, REACHES)
def test_no_request_goes_beyond_what_the_device_takes(wanted: list[Span], reach: Reach) -> None:
    for request in plan(wanted, reach).requests:
        assert 1 <= request.size <= reach.limit
        assert not any(request.touches(first, last) for first, last in reach.unreadable)


@given(FIELDS, REACHES)
def test_holes_that_are_read_are_never_longer_than_the_gap(wanted: list[Span], reach: Reach) -> None:
    asked = {address for field in wanted for address in range(field.address, field.end)}
    for request in plan(wanted, reach).requests:
        inside = [address for address in range(request.address, request.end) if address in asked]
        assert inside[0] == request.address
        assert inside[-1] == request.end - 1
        assert all(later - earlier - 1 <= reach.max_gap for earlier, later in pairwise(inside))


@given(st.sets(st.integers(0, 400), max_size=80), st.integers(1, 125), st.integers(0, 130))
def test_single_registers_are_read_exactly_once_and_in_the_fewest_requests(
    addresses: set[int], limit: int, max_gap: int
) -> None:
    requests = plan(singles(*addresses), Reach(limit=limit, max_gap=max_gap)).requests
    assert all(earlier.end <= later.address for earlier, later in pairwise(requests))
    assert len(requests) == _fewest(sorted(addresses), limit, max_gap)


def _fewest(addresses: list[int], limit: int, max_gap: int) -> int:
    """The smallest number of requests by trying every cut, an independent reckoning."""
    best = [0]
    for end in range(1, len(addresses) + 1):
        options = []
        for start in range(end - 1, -1, -1):
            part = addresses[start:end]
            if part[-1] - part[0] + 1 > limit or any(b - a - 1 > max_gap for a, b in pairwise(part)):
                break
            options.append(best[start] + 1)
        best.append(min(options))
    return best[-1]
