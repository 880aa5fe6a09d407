"""Messages that come twice, known by their number and what they say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from gateway.mqtt.connection import Connection, Delivery
from gateway.mqtt.redelivery import MOST_SETTLED, STALE_S, Redelivery

pytestmark = pytest.mark.asyncio

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)


class Line:
    """A connection that notes what it acknowledges."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.acknowledged: list[int] = []

    def acknowledge(self, delivery: Delivery) -> None:
        self.acknowledged.append(delivery.number)

    @property
    def as_connection(self) -> Connection:
        return cast("Connection", self)


def said(number: int, payload: bytes = b"1", *, again: bool = False) -> Delivery:
    return Delivery("a", payload, False, number, 1, again)


async def test_what_was_acknowledged_and_comes_again_is_known_to_be_durable() -> None:
    redelivery, first, second = Redelivery(), Line(), Line()
    redelivery.connected(session_kept=True)
    assert redelivery.settle(redelivery.arrived(first.as_connection, said(7), NOON))
    redelivery.connected(session_kept=True)
    held = redelivery.arrived(second.as_connection, said(7, again=True), LATER)
    assert (held.is_durable, held.arrived) == (True, NOON)
    redelivery.settle(held)
    assert (first.acknowledged, second.acknowledged, redelivery.unacknowledged) == ([7], [7], 0)


@pytest.mark.parametrize(
    ("kept", "again"),
    [
        (False, said(7, again=True)),
        (True, said(7)),
        (True, said(8, again=True)),
        (True, said(7, b"2", again=True)),
    ],
    ids=["session lost", "not said to be sent again", "another number", "something else"],
)
async def test_what_only_looks_alike_is_new(kept: bool, again: Delivery) -> None:
    redelivery, line = Redelivery(), Line()
    redelivery.connected(session_kept=True)
    redelivery.settle(redelivery.arrived(line.as_connection, said(7), NOON))
    redelivery.connected(session_kept=kept)
    held = redelivery.arrived(line.as_connection, again, LATER)
    assert (held.is_durable, held.arrived) == (False, LATER)


async def test_what_is_durable_after_its_line_ended_is_acknowledged_on_the_next() -> None:
    redelivery, first, second = Redelivery(), Line(), Line()
    redelivery.connected(session_kept=True)
    held = redelivery.arrived(first.as_connection, said(7), NOON)
    held.taken_s = 100.0
    first.ended.set_result("gone")
    redelivery.connected(session_kept=True)
    assert not redelivery.settle(held)
    again = redelivery.arrived(second.as_connection, said(7, again=True), LATER)
    assert again is held
    assert again.is_durable
    assert (again.is_under_way(100.0 + STALE_S - 1), again.is_under_way(100.0 + STALE_S)) == (True, False)


async def test_not_more_is_remembered_than_can_be_under_way() -> None:
    redelivery, line = Redelivery(), Line()
    redelivery.connected(session_kept=True)
    for number in range(2 * MOST_SETTLED):
        redelivery.settle(redelivery.arrived(line.as_connection, said(number), NOON))
    redelivery.connected(session_kept=True)
    known = [
        number for number in range(2 * MOST_SETTLED)
        if redelivery.arrived(line.as_connection, said(number, again=True), LATER).is_durable
    ]  # fmt: skip
    assert known == list(range(MOST_SETTLED, 2 * MOST_SETTLED))


async def test_of_what_was_acknowledged_no_content_is_kept() -> None:
    redelivery, first, second = Redelivery(), Line(), Line()
    redelivery.connected(session_kept=True)
    held = redelivery.arrived(first.as_connection, said(7, b"x" * 65_536), NOON)
    redelivery.settle(held)
    assert (held.delivery.topic, held.delivery.payload) == (None, b"")
    redelivery.connected(session_kept=True)
    assert redelivery.arrived(second.as_connection, said(7, b"x" * 65_536, again=True), LATER) is held
