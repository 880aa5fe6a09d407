"""The gateway and the controllers' lease: who was relieved is not obeyed; a lease that ran out only switches off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from facility.boottime import boottime_s
from facility.bus import LeaseChanged
from facility.commands import WATCHDOG, Confirmed, Mode, Outcome, Refused, Wish
from facility.envelope import OnLoss
from tests.gateway.scene import NOON, Scene, scene, site_with

pytestmark = pytest.mark.asyncio

ON = 16 + 3
START = Wish(on=True, mode=Mode.COOL, setpoint_c=28.0)
OFF = Wish(on=False)


def lease(found: Scene, epoch: int, *, acting: bool = True, left_s: float | None = 60.0, holder: str = "x") -> None:
    until_boot_s = None if left_s is None else boottime_s() + left_s
    found.bus.publish(
        LeaseChanged(
            site="hq", holder=holder, epoch=epoch, acting=acting, until=NOON, until_boot_s=until_boot_s
        )
    )  # fmt: skip


async def ordered(found: Scene, wish: Wish, **facts: Any) -> Outcome:
    found.permit("ac-401", valid_until=found.clock.now() + timedelta(minutes=5))
    return await found.order("ac-401", wish, **facts)


@pytest.mark.parametrize(
    ("fence", "wish", "held", "passes"),
    [
        (1, START, {}, True),
        (0, START, {}, False),
        (0, OFF, {}, False),
        (None, OFF, {}, True),
        (2, START, {}, True),
        (1, START, {"left_s": 0.0}, False),
        (1, OFF, {"left_s": 0.0}, True),
        (1, START, {"left_s": None}, True),
        (1, START, {"acting": False}, False),
        (1, OFF, {"acting": False}, True),
        (1, START, {"acting": False, "holder": ""}, False),
    ],
)
async def test_what_passes_under_the_first_lease(
    fence: int | None, wish: Wish, held: dict[str, Any], passes: bool
) -> None:
    found = scene()
    lease(found, 1, **held)
    outcome = await ordered(found, wish, fence=fence)
    assert isinstance(outcome, Confirmed if passes else Refused)
    assert bool(found.banks["plant"].written) is passes


async def test_where_no_lease_was_ever_told_every_order_counts() -> None:
    assert isinstance(await ordered(scene(), START, fence=7), Confirmed)
    assert isinstance(await ordered(scene(), START), Confirmed)


async def test_an_epoch_that_was_heard_of_in_an_order_ends_the_earlier_ones() -> None:
    found = scene()
    assert isinstance(await ordered(found, START, fence=5), Confirmed)
    assert isinstance(await ordered(found, OFF, fence=4), Refused)


async def test_a_lease_that_ends_between_two_writes_stops_the_second() -> None:
    found = scene()
    lease(found, 1)
    found.banks["plant"].on_write = lambda: lease(found, 2, acting=False)
    assert isinstance(await ordered(found, START, fence=1), Refused)
    assert len(found.banks["plant"].written) == 1


@pytest.mark.parametrize(
    ("held", "switches_off"),
    [({}, True), ({"acting": False}, False), ({"acting": False, "left_s": 0.0}, True),
     ({"acting": False, "holder": ""}, True), ({"left_s": 0.0}, True)],
)  # fmt: skip
async def test_the_windows_end_is_held_by_whoever_is_left(held: dict[str, Any], switches_off: bool) -> None:
    found = scene()
    found.banks["plant"].set(1, ON, 1)
    await found.gateway.poll_once()
    found.permit("ac-401", on_loss=OnLoss.STOP)
    lease(found, 1, **held)
    found.clock.move_to(NOON + timedelta(hours=6))
    await found.gateway.settle()
    assert bool(found.banks["plant"].written) is switches_off


async def test_tried_out_nothing_is_written_whoever_orders_it_and_no_window_ends() -> None:
    found = scene(site_with(lambda data: data.update(control={"mode": "shadow"})))
    found.banks["plant"].set(1, ON, 1)
    await found.gateway.poll_once()
    for wish, actor in ((START, {}), (OFF, {}), (OFF, {"actor": WATCHDOG})):
        outcome = await ordered(found, wish, **actor)
        assert isinstance(outcome, Refused)
        assert "试运行" in outcome.why.zh
    found.clock.move_to(NOON + timedelta(hours=6))
    await found.gateway.settle()
    assert not found.banks["plant"].written
