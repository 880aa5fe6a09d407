"""The coalescing planner: a table of cases, and what holds for every case."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.profiles.planner import Plan, Reach, Span, plan, spanning
from facility.profiles.schema import Limits, Table


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
        (singles(1, 3), Reach(limit=125, max_gap=9, unreadable=((2, 2),)), [(1, 1), (3, 1)]),
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
    reach = Reach(limit=2, unreadable=((10, 12),))
    found = plan([Span(0, 2), Span(4, 4), Span(9, 2), Span(20, 1)], reach)
    assert found == Plan(requests=(Span(0, 2), Span(20, 1)), left_out=(Span(4, 4), Span(9, 2)))


FIELDS = st.lists(st.builds(Span, st.integers(0, 400), st.sampled_from([1, 1, 2, 2, 4])), max_size=60)
REACHES = st.builds(
    lambda limit, max_gap, unreadable: Reach(
        limit=limit, max_gap=max_gap, unreadable=tuple((first, first + more) for first, more in unreadable)
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


@given(FIELDS, REACHES)
def test_no_plan_takes_more_requests_than_filling_holes_greedily(wanted: list[Span], reach: Reach) -> None:
    readable = [field for field in wanted if not reach.forbids(field)]
    assert len(plan(wanted, reach).requests) <= _max_insert(readable, reach)


def _max_insert(wanted: list[Span], reach: Reach) -> int:
    """Requests of the straightforward merge, as Telegraf's `max_insert` does it: lowest address first, every field
    joined to the request before it when hole and length allow.
    """
    requests: list[Span] = []
    for field in sorted(set(wanted)):
        if requests:
            union = spanning([requests[-1], field])
            if field.address - requests[-1].end <= reach.max_gap and not reach.forbids(union):
                requests[-1] = union
                continue
        requests.append(field)
    return len(requests)


@given(st.sets(st.integers(0, 400), max_size=80), st.integers(1, 125), st.integers(0, 130))
def test_single_registers_are_read_exactly_once(addresses: set[int], limit: int, max_gap: int) -> None:
    requests = plan(singles(*addresses), Reach(limit=limit, max_gap=max_gap)).requests
    assert all(earlier.end <= later.address for earlier, later in pairwise(requests))


FEW_FIELDS = st.lists(st.builds(Span, st.integers(0, 40), st.integers(1, 4)), max_size=7)
SMALL_REACHES = st.builds(
    lambda limit, max_gap, unreadable: Reach(limit=limit, max_gap=max_gap, unreadable=tuple(unreadable)),
    st.integers(4, 20),
    st.integers(0, 12),
    st.lists(st.integers(0, 40).map(lambda address: (address, address)), max_size=2),
)


@given(FEW_FIELDS, SMALL_REACHES)
def test_no_way_of_cutting_takes_fewer_requests_or_with_as_many_fewer_registers(
    wanted: list[Span], reach: Reach
) -> None:
    found = plan(wanted, reach).requests
    twice = sum(request.size for request in found) - len({place for r in found for place in range(r.address, r.end)})
    readable = sorted({field for field in wanted if not reach.forbids(field)})
    assert (len(found), twice, sum(request.size for request in found)) == _best(readable, reach)


def _best(fields: list[Span], reach: Reach) -> tuple[int, int, int]:
    """(requests, registers read twice, registers) of the best of all ways to deal the fields out to requests."""
    best = (0, 0, 0) if not fields else (len(fields) + 1, 0, 0)
    for dealt in _ways(fields):
        requests = [spanning(part) for part in dealt]
        if any(reach.forbids(request) for request in requests) or not all(_is_close(part, reach) for part in dealt):
            continue
        registers = sum(request.size for request in requests)
        different = {place for request in requests for place in range(request.address, request.end)}
        best = min(best, (len(requests), registers - len(different), registers))
    return best


def _ways(fields: list[Span]) -> Iterator[list[list[Span]]]:
    """Every way to put the fields into groups."""
    if not fields:
        yield []
        return
    first, rest = fields[0], fields[1:]
    for groups in _ways(rest):
        yield [[first], *groups]
        for place, group in enumerate(groups):
            yield [*groups[:place], [first, *group], *groups[place + 1 :]]


def _is_close(fields: list[Span], reach: Reach) -> bool:
    asked = sorted({address for field in fields for address in range(field.address, field.end)})
    return all(later - earlier - 1 <= reach.max_gap for earlier, later in pairwise(asked))


def test_of_plans_with_as_many_requests_the_one_with_the_fewest_registers_is_taken() -> None:
    found = plan(singles(0, 60, 124, 130), Reach(limit=125, max_gap=100))
    assert found.requests == (Span(0, 61), Span(124, 7))


def test_what_a_profile_allows_is_what_a_request_may_span() -> None:
    limits = Limits(max_registers=40, max_bits=64, max_gap=3, unreadable=((Table.HOLDING, 8, 9), (Table.COIL, 1, 1)))
    assert Reach.of(limits, Table.HOLDING) == Reach(limit=40, max_gap=3, unreadable=((8, 9),))
    assert Reach.of(limits, Table.INPUT, max_gap=0) == Reach(limit=40, max_gap=0)
    assert Reach.of(limits, Table.COIL) == Reach(limit=64, max_gap=3, unreadable=((1, 1),))
