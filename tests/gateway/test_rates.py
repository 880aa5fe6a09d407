"""How often a unit may be given another mode or setpoint, and orders that take effect late, clamped or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from facility.clock import ManualClock
from facility.commands import Actor, Confirmed, Mode, NotEffective, Outcome, Refused, Role, Wish
from facility.envelope import Range
from tests.gateway.scene import Scene, only_modbus, scene, site_with

pytestmark = pytest.mark.asyncio
DUTY = Actor(name="值班员", role=Role.DUTY_ROOM)
MODES = {Mode.COOL: Range(), Mode.FAN: Range(), Mode.HEAT: Range()}


def running(change: dict[str, Any] | None = None) -> Scene:
    """Unit 401 cools at 28 C and may be given any mode."""

    def changed(data: dict[str, Any]) -> None:
        only_modbus(data)
        data["control"] = change or {}

    stage = scene(site_with(changed))
    stage.banks["plant"].set(1, 16, 0, 3, 280, 1)
    return stage


async def say(stage: Scene, **wish: Any) -> Outcome:
    stage.permit("ac-401", modes=MODES)
    return await stage.order("ac-401", Wish(**wish), actor=DUTY)


LEDGER: list[tuple[int, dict[str, Any], bool, int | None]] = [
    # seconds later, what is wanted, whether it passes, seconds until it would
    (0, {"setpoint_c": 27.0}, True, None),
    (59, {"setpoint_c": 29.0}, False, 1),
    (59, {"mode": Mode.FAN}, True, None),
    (60, {"setpoint_c": 29.0}, True, None),
    (61, {"mode": Mode.COOL}, False, 598),
    (62, {"on": False}, True, None),
    (63, {"on": False, "mode": Mode.COOL, "setpoint_c": 24.0}, True, None),
    (64, {"on": True}, True, None),
    (122, {"setpoint_c": 25.0}, False, 1),
    (123, {"setpoint_c": 25.0}, True, None),
    (124, {"setpoint_c": 25.0}, True, None),
    (662, {"mode": Mode.HEAT}, False, 1),
    (663, {"mode": Mode.HEAT, "setpoint_c": 20.0}, True, None),
]


async def test_one_mode_in_ten_minutes_and_one_setpoint_a_minute_but_off_always() -> None:
    stage = running()
    begin = stage.clock.now()
    for at_s, wish, passes, wait_s in LEDGER:
        stage.clock.advance(at_s - (stage.clock.now() - begin).total_seconds())
        outcome = await say(stage, **wish)
        assert isinstance(outcome, Confirmed if passes else Refused), (at_s, wish, outcome)
        if isinstance(outcome, Refused):
            assert outcome.again_at is not None
            assert (outcome.again_at - stage.clock.now()).total_seconds() == wait_s, at_s


async def test_the_refusal_says_in_local_time_when_it_would_pass() -> None:
    stage = running()
    await say(stage, setpoint_c=27.0)
    refused = await say(stage, setpoint_c=29.0)
    assert isinstance(refused, Refused)
    assert "12:01:00" in refused.why.zh
    assert "12:01:00" in refused.why.en


async def test_units_have_their_own_times_and_reading_what_is_counts_for_nothing() -> None:
    stage = running()
    stage.banks["plant"].set(1, 32, 0, 3, 280, 1)
    stage.permit("ac-402", modes=MODES)
    assert isinstance(await say(stage, setpoint_c=28.0), Confirmed)
    assert isinstance(await say(stage, setpoint_c=27.0), Confirmed)
    assert isinstance(await stage.order("ac-402", Wish(setpoint_c=27.0)), Confirmed)


async def test_another_try_of_the_same_order_is_not_a_second_change() -> None:
    stage = running()
    stage.banks["plant"].deaf.add(1)
    stage.permit("ac-401", modes=MODES)
    outcome = await stage.order("ac-401", Wish(mode=Mode.FAN, setpoint_c=27.0))
    assert isinstance(outcome, NotEffective)
    assert [address for _, _, address, _ in stage.banks["plant"].written] == [16, 18] * 3


@pytest.mark.parametrize(("limit_s", "passes"), [(0, True), (30, False)])
async def test_the_site_sets_the_limits(limit_s: int, passes: bool) -> None:
    stage = running({"mode_change_s": limit_s, "setpoint_write_s": limit_s})
    for setpoint_c, mode in ((27.0, Mode.FAN), (26.0, Mode.COOL)):
        outcome = await say(stage, setpoint_c=setpoint_c, mode=mode)
    assert isinstance(outcome, Confirmed) is passes
    stage.clock.advance(30)
    assert isinstance(await say(stage, setpoint_c=26.0, mode=Mode.COOL), Confirmed)


class _Device:
    """A unit that takes the register for a setpoint in its own way: at once, clamped, late, or never."""

    def __init__(self, stage: Scene, *, highest: int = 0xFFFF, late_s: float = 0.0) -> None:
        self._stage, self._highest, self._late_s = stage, highest, late_s
        self.bank = stage.banks["plant"]
        self.bank.deaf.add(1)
        self.bank.on_write = self._take
        self._due: tuple[float, int] | None = None

    def _take(self) -> None:
        value = self.bank.written[-1][3][0]
        if self._due is None:
            self._due = self._seconds() + self._late_s, min(value, self._highest)
        self.settle()

    def settle(self) -> None:
        if self._due is not None and self._seconds() >= self._due[0]:
            self.bank.set(1, 18, self._due[1])

    def _seconds(self) -> float:
        return self._stage.clock.now().timestamp()


async def test_a_setpoint_that_the_device_clamps_is_not_effective_and_says_what_it_reads() -> None:
    stage = running()
    device = _Device(stage, highest=280)
    outcome = await say(stage, setpoint_c=30.0)
    assert isinstance(outcome, NotEffective)
    assert outcome.read.setpoint_c == 28.0
    assert len(device.bank.written) == 3, "no hammering"


async def test_a_setpoint_that_takes_effect_late_is_confirmed_within_the_tries() -> None:
    """Three seconds late, with the waits of 0.1, 1 and 4 seconds passing on a clock that is moved by hand."""
    stage = running()
    device = _Device(stage, late_s=3.0)
    clock: ManualClock = stage.clock
    waits_s = iter((0.1, 1.0, 4.0))
    waited_for: set[int] = {0}

    def wait() -> None:
        tries = len(device.bank.written)
        if tries not in waited_for:
            waited_for.add(tries)
            clock.advance(next(waits_s))
        device.settle()

    device.bank.on_read = wait
    outcome = await say(stage, setpoint_c=30.0)
    assert isinstance(outcome, Confirmed)
    assert outcome.read.setpoint_c == 30.0
    assert len(device.bank.written) == 3


async def test_a_device_that_acknowledges_and_does_nothing_is_told_so_after_three_writes() -> None:
    stage = running()
    device = _Device(stage, late_s=1e9)
    outcome = await say(stage, setpoint_c=30.0)
    assert isinstance(outcome, NotEffective)
    assert (outcome.read.setpoint_c, len(device.bank.written)) == (28.0, 3)
