"""What a serial line gets done in a given time, on a wire in memory that takes as long as a real one."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from facility.errors import NoAnswer
from facility.line_health import LineHealth
from facility.model import Site
from facility.model.line_budget import budget_of
from facility.readings import Quality, Status
from gateway.poller import DevicePoller
from gateway.response_time import ANSWERS_KEPT, ResponseTime
from tests.gateway.scene import only_modbus, site_with
from tests.gateway.serial_wire import NOON, Running, SerialWire, line_of, now_s, run_for
from tests.gateway.virtual_time import run_at_once


def meters(count: int, *, polls: dict[str, float] | None = None, **link: Any) -> Site:
    """So many meters on one line of 9600 baud."""

    def change(data: dict[str, Any]) -> None:
        only_modbus(data)
        rtu = {"type": "modbus_rtu_over_tcp", "host": "127.0.0.1", "port": 1503, "baudrate": 9600}
        data["links"] = {"meters": {key: value for key, value in {**rtu, **link}.items() if value is not None}}
        data["polls"] = {"fast_s": 2.0, "normal_s": 10.0, "slow_s": 60.0, **(polls or {})}
        units = range(1, count + 1)
        data["devices"] = [
            {"id": f"m-{unit}", "profile": "chint_dtsu666", "link": "meters", "unit": unit} for unit in units
        ]
        data["equipment"] = [
            {"id": f"meter-{unit}", "kind": "electricity_meter", "device": f"m-{unit}"} for unit in units
        ]

    return site_with(change)


def polled(site: Site, seconds: float, *, dead: tuple[int, ...] = ()) -> Running:
    """The line after so long at work."""

    async def work() -> Running:
        running = line_of(site, "meters", SerialWire(dead=set(dead)))
        await run_for(running, seconds)
        return running

    return run_at_once(work())


@pytest.mark.parametrize(("count", "normal_s"), [(10, 2.5), (30, 8.0)])
def test_one_dead_unit_costs_the_others_less_than_a_tenth_of_their_rate(count: int, normal_s: float) -> None:
    site = meters(count, polls={"normal_s": normal_s})
    assert budget_of(site)["meters"].share > 0.6
    whole = polled(site, 600).good_readings()
    lame = polled(site, 600, dead=(3,)).good_readings()
    powers = [f"meter-{unit}.power" for unit in range(1, count + 1)]
    assert min(whole[power] for power in powers) > 70
    assert lame["meter-3.power"] == 0
    for power in set(powers) - {"meter-3.power"}:
        assert lame[power] >= 0.9 * whole[power], power


def test_a_dead_unit_is_probed_after_growing_pauses_up_to_the_longest() -> None:
    running = polled(meters(10, longest_probe_s=40), 300, dead=(3,))
    times = [at_s for at_s, unit in running.wire.sent if unit == 3]
    pauses = [later - earlier for earlier, later in pairwise(times)][1:]
    assert pauses[:3] == pytest.approx([5 + 1, 10 + 1, 20 + 1], abs=10)
    assert all(40 <= pause <= 52 for pause in pauses[3:])
    assert sum(r.value is None for r in running.readings("meter-3.power")) == 1


def test_a_unit_is_dead_after_as_many_rounds_and_as_long_as_the_line_says() -> None:
    assert died_after_s(meters(2)) == pytest.approx(3, abs=1.5)
    assert 20 <= died_after_s(meters(2, dead_after_failures=3)) <= 30
    assert 45 <= died_after_s(meters(2, dead_after_failures=3, dead_after_s=45)) <= 60


def died_after_s(site: Site) -> float:
    """Seconds from the first question to the second unit, which is dead, until that is known."""
    running = polled(site, 120, dead=(2,))
    since = running.health.units[1].dead_since
    assert since is not None
    asked_s = next(at_s for at_s, unit in running.wire.sent if unit == 2)
    return (since - NOON).total_seconds() - asked_s


def test_measured_load_is_what_the_budget_says() -> None:
    site = meters(20, polls={"normal_s": 5.0})

    early, measured = polled(site, 30).health.load, polled(site, 300).health.load
    budget = budget_of(site)["meters"]
    assert early is None
    assert measured == pytest.approx(budget.share - budget.probe_share, rel=0.08)


def test_an_idle_line_has_no_load() -> None:
    site = meters(1, polls={"fast_s": 3600, "normal_s": 3600, "slow_s": 3600})

    assert polled(site, 200).health.load == 0.0


def test_a_write_waits_for_one_request_at_most_however_many_reads_wait() -> None:
    async def work() -> list[int]:
        running = line_of(meters(10), "meters", SerialWire())
        pollers = list(running.line.pollers.values())
        reading = [asyncio.create_task(read_for_ever(poller)) for poller in pollers]
        before_it = []
        for number in range(20):
            await asyncio.sleep(1.013)
            asked = len(running.wire.sent)
            await pollers[number % 10].write(6, 0, [1])
            before_it.append(len(running.wire.sent) - asked - 1)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        return before_it

    assert set(run_at_once(work())) <= {0}


async def read_for_ever(poller: DevicePoller) -> None:
    while True:
        await poller.poll(poller.everything, now=True)


def test_a_change_of_units_is_followed_by_quiet_and_a_second_request_to_one_is_not() -> None:
    running = polled(meters(3, unit_pause_ms=200), 120)
    for (before_s, before), (after_s, after) in pairwise(running.wire.sent):
        assert after == before or after_s - before_s >= 0.2 + 0.05
    assert any(after == before and after_s - before_s < 0.2 for (before_s, before), (after_s, after) in pairs(running))


def pairs(running: Running) -> list[tuple[tuple[float, int], tuple[float, int]]]:
    return list(pairwise(running.wire.sent))


def test_what_is_asked_often_does_not_wait_behind_what_is_asked_seldom_on_a_line_that_is_too_slow() -> None:
    running = polled(meters(20, polls={"normal_s": 1.0, "slow_s": 30.0}), 300)
    often = len(running.readings("meter-7.power"))
    seldom = len(running.readings("meter-7.energy_import"))
    assert running.line.state().missed > 100
    assert 300 / 1.0 > often > 60
    assert 5 <= seldom <= 12


def test_the_line_is_opened_anew_only_when_nobody_answers_and_more_rarely_each_time() -> None:
    assert polled(meters(4), 600, dead=(1, 2, 3)).wire.resets == 0
    assert 2 <= polled(meters(4), 600, dead=(1, 2, 3, 4)).wire.resets <= 8


def test_a_line_that_refuses_is_tried_after_growing_pauses_that_differ_and_never_exceed_a_minute() -> None:
    async def work(seed: int) -> list[float]:
        random.seed(seed)
        running = line_of(meters(3), "meters", SerialWire(down=True))
        await run_for(running, 600)
        assert running.health.up is False
        assert running.devices() == [(None, False)]
        return [later - earlier for (earlier, _), (later, _) in pairwise(running.wire.sent)]

    first, second = run_at_once(work(1)), run_at_once(work(2))
    assert first != second
    for pauses in (first, second):
        assert 0.3 <= pauses[0] <= 1.5
        assert pauses[3] > pauses[0]
        assert 15 <= max(pauses) <= 60
        assert len(pauses) < 60


def test_a_line_that_is_back_is_read_at_once_and_starts_over_with_short_pauses() -> None:
    async def work() -> Running:
        running = line_of(meters(3), "meters", SerialWire(down=True))
        task = asyncio.create_task(running.line.run())
        await asyncio.sleep(300)
        running.wire.down = False
        await asyncio.sleep(60)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return running

    running = run_at_once(work())
    assert [link for link in running.devices() if link[0] is None] == [(None, False), (None, True)]
    assert all(running.good_readings()[f"meter-{unit}.power"] >= 3 for unit in (1, 2, 3))
    assert next(r.status for r in running.readings("meter-2.power")) is Status.LINK_DOWN


def test_every_unit_tells_its_own_health() -> None:
    health = polled(meters(3), 120, dead=(2,)).health
    first, second, _ = health.units
    assert (first.device, first.up, first.errors, first.dead_since, first.probe_at) == ("m-1", True, {}, None, None)
    assert first.latency_p50_ms is not None
    assert first.latency_p95_ms is not None
    assert 50 < first.latency_p50_ms <= first.latency_p95_ms < 300
    assert (second.up, second.latency_p50_ms, second.latency_p95_ms) == (False, None, None)
    assert second.errors.keys() == {"NoAnswer"}
    assert second.dead_since is not None
    assert second.probe_at is not None
    assert second.dead_since < second.probe_at
    assert health.requests == sum(unit.requests for unit in health.units)
    assert health.dropped_answers == 0


def test_a_unit_that_was_never_asked_has_no_figures() -> None:
    async def work() -> LineHealth:
        return line_of(meters(1), "meters", SerialWire()).line.health()

    health = run_at_once(work())
    (unit,) = health.units
    assert (health.up, health.load, health.latency_p50_ms, health.requests) == (None, None, None, 0)
    assert (unit.up, unit.latency_p50_ms, unit.requests, unit.dead_since) == (None, None, 0, None)


TCP = {"type": "modbus_tcp", "baudrate": None}


@pytest.mark.parametrize(("link", "least_s", "most_s"), [(TCP, 0.5, 0.8), ({}, 2.0, 2.5)])
def test_a_lost_answer_of_a_fast_unit_costs_a_quarter_of_what_it_may_take_where_a_late_one_does_no_harm(
    link: dict[str, Any], least_s: float, most_s: float
) -> None:
    """On a serial line a late answer could be taken for another's: there the full time is always waited."""

    async def work() -> float:
        running = line_of(meters(1, timeout_ms=2000, **link), "meters", SerialWire())
        poller = running.line.pollers["m-1"]
        for _ in range(2 * ANSWERS_KEPT):
            await poller.poll(poller.everything)
        running.wire.dead.add(1)
        began_s = now_s()
        with pytest.raises(NoAnswer):
            await poller.fetch(poller.everything[0])
        return now_s() - began_s

    assert least_s < run_at_once(work()) < most_s


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.0, 0.99), min_size=1, max_size=8), st.integers(0, 3), st.sampled_from([TCP, {}]))
@example([0.95] * 6, 3, TCP)
def test_a_slow_device_that_answers_within_its_time_is_never_said_to_fail(
    slow_s: list[float], every: int, link: dict[str, Any]
) -> None:
    pattern = [*slow_s, *[0.01] * (every * 40)]

    async def work() -> Running:
        thinking = iter(pattern * 400)
        wire = SerialWire(thinking_s=lambda _: next(thinking))
        running = line_of(meters(1, timeout_ms=1000, polls={"normal_s": 0.2}, **link), "meters", wire)
        await run_for(running, 60)
        return running

    running = run_at_once(work())
    assert ("m-1", False) not in running.devices()
    readings = [reading for name in ("power", "energy_import") for reading in running.readings(f"meter-1.{name}")]
    assert readings
    assert all(reading.status.quality is Quality.GOOD for reading in readings)


@given(st.lists(st.floats(0.0, 1.0), max_size=300), st.floats(0.01, 1.0))
def test_after_a_silence_the_full_time_is_waited_and_never_more_or_too_little(
    took_s: list[float], allowed_s: float
) -> None:
    unit = ResponseTime()
    for seconds in took_s:
        wait_s = unit.wait_s(allowed_s)
        assert 0.25 * allowed_s <= wait_s <= allowed_s
        if seconds > wait_s:
            unit.silent()
            assert unit.wait_s(allowed_s) == allowed_s
        else:
            unit.answered(seconds)
