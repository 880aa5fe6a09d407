"""Wall controllers: locked while a controller is there, let go when it is lost or the gateway ends (AC-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from facility.bus import LeaseChanged
from facility.profiles.schema import Table
from tests.gateway.scene import NOON, Scene, scene, site_with

pytestmark = pytest.mark.asyncio

LOCK = 16 + 8
LOCKED, UNLOCKED = 128, 0


def locking(**control: object) -> Scene:
    return scene(site_with(lambda data: data.update(control={"lock_walls": True, **control})))


def lock_of(found: Scene) -> int:
    return found.banks["plant"].registers.get((1, Table.HOLDING, LOCK), 0)


async def looked(found: Scene) -> None:
    await found.gateway.poll_once()
    await found.gateway.settle()


async def test_locked_while_envelopes_come_and_let_go_when_they_stop() -> None:
    found = locking()
    await looked(found)
    assert lock_of(found) == UNLOCKED, "nobody has spoken yet"
    found.permit("ac-401")
    await looked(found)
    assert lock_of(found) == LOCKED
    written = len(found.banks["plant"].written)
    await looked(found)
    assert len(found.banks["plant"].written) == written, "what reads as wanted is not written again"
    found.clock.move_to(NOON + timedelta(minutes=5))
    await looked(found)
    assert lock_of(found) == UNLOCKED
    found.permit("ac-401", valid_until=NOON + timedelta(minutes=10))
    await looked(found)
    assert lock_of(found) == LOCKED


async def test_at_the_gateways_end_locks_are_let_go() -> None:
    found = locking()
    found.permit("ac-401")
    await looked(found)
    await found.gateway._locks.release()
    assert lock_of(found) == UNLOCKED


@pytest.mark.parametrize("control", [{"lock_walls": False}, {"mode": "shadow"}])
async def test_a_site_that_does_not_want_it_is_left_alone(control: dict[str, object]) -> None:
    found = locking(**control)
    found.permit("ac-401")
    await looked(found)
    assert not found.banks["plant"].written


async def test_a_gateway_whose_controller_stands_by_touches_no_lock() -> None:
    found = locking()
    found.permit("ac-401")
    found.bus.publish(LeaseChanged(site="hq", holder="other", epoch=1, acting=False, until=NOON))
    await looked(found)
    await found.gateway._locks.release()
    assert not found.banks["plant"].written


async def test_a_lock_that_cannot_be_written_is_tried_again() -> None:
    found = locking()
    found.permit("ac-401")
    await found.gateway.poll_once()
    found.banks["plant"].down = True
    await found.gateway._locks.look()
    assert lock_of(found) == UNLOCKED
    found.banks["plant"].down = False
    await found.gateway._locks.look()
    assert lock_of(found) == LOCKED
