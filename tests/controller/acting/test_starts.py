"""Whose turn it is to start: on one lane one after the other, within what the feeder may carry, and nobody for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from controller.feeders import Supply, supply_of
from controller.guard import KIND_TIMES, MinTimes, Timers, held_back, min_times, min_times_of
from controller.policy.schema import Parameters
from controller.starts import Starts, starts_of
from facility.commands import Wish
from facility.model.control_entries import ControlEntry
from facility.model.switching import SWITCH_KINDS
from facility.readings import Status, to_us
from tests.gateway.scene import site_with

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
P = Parameters()


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def starts(*equipment: str, limit_kw: float | None = None, kw: float | None = 2.0) -> Starts:
    """`a1`, `a2` hang on outdoor unit `a`, `b1` on `b`; all on one feeder with a meter."""
    supplies = {name: Supply((f"outdoor-{name[0]}", "feeder"), ("feeder", "main"), kw) for name in equipment}
    return Starts(supplies, {} if limit_kw is None else {"feeder": limit_kw}, 15.0)


def measured(found: Starts, kw: float | None, at: datetime = NOON) -> None:
    found.taps()["feeder.power"](to_us(at), kw, Status.GOOD)


def test_turns_come_fifteen_seconds_apart_on_one_lane_only() -> None:
    lanes = {
        name: Supply((lane,), (), None)
        for name, lane in (("a", "vrf-1"), ("b", "vrf-1"), ("c", "vrf-1"), ("d", "vrf-2"))
    }
    found = Starts(lanes, {}, 15.0)
    assert found.turn("a", NOON) is None
    found.started("a", NOON)
    assert found.turn("b", NOON) == (after(15), None)
    assert found.turn("c", NOON) == (after(30), None)
    assert found.turn("b", NOON) == (after(15), None)
    assert found.turn("d", NOON) is None
    assert found.turn("b", after(25)) is None
    found.started("b", after(25))
    assert found.turn("c", after(30)) == (after(40), None)


def test_both_the_outdoor_unit_and_the_feeder_must_be_free() -> None:
    found = starts("a1", "b1")
    assert found.turn("a1", NOON) is None
    found.started("a1", NOON)
    assert found.turn("b1", NOON) == (after(15), None), "another outdoor unit, the same feeder"


@pytest.mark.parametrize(
    ("power_kw", "start_kw", "waits"),
    [(7.9, 2.0, False), (8.0, 2.0, False), (8.1, 2.0, True), (0.0, 2.0, False), (None, 2.0, False), (10.1, None, True),
     (10.0, None, False), (5.0, 40.0, False), (5.1, 40.0, True)],
)  # fmt: skip
def test_a_start_waits_while_power_and_start_are_above_the_limit(
    power_kw: float | None, start_kw: float | None, waits: bool
) -> None:
    found = starts("a1", limit_kw=10.0, kw=start_kw)
    measured(found, power_kw)
    held = found.turn("a1", NOON)
    assert (held is not None) is waits
    if held is not None:
        assert held[1] is not None
        assert (held[1].code, held[1].inputs[0].value) == ("demand", power_kw)


def test_a_power_that_is_old_holds_nobody_back() -> None:
    found = starts("a1", limit_kw=10.0)
    measured(found, 50.0)
    assert found.turn("a1", after(299)) is not None
    assert found.turn("a1", after(301)) is None


def test_a_start_that_the_meter_does_not_show_yet_counts_with_its_estimate() -> None:
    found = starts("a1", "b1", limit_kw=10.0, kw=3.0)
    measured(found, 5.0)
    assert found.turn("a1", NOON) is None
    found.started("a1", NOON)
    assert found.turn("b1", after(16)) is not None, "5 + 3 + 3"
    measured(found, 6.0, after(61))
    assert found.turn("b1", after(61)) is None, "what it draws is measured now"


def test_who_waits_for_power_is_not_passed_by_and_does_not_block_for_ever() -> None:
    found = starts("a1", "b1", limit_kw=10.0)
    small = Supply(("outdoor-c", "feeder"), ("feeder",), 0.5)
    found._supplies = {**found._supplies, "c1": small}
    measured(found, 9.0)
    assert found.turn("a1", NOON) is not None
    assert found.turn("c1", after(15)) is not None, "it would fit, and comes after who asked first"
    measured(found, 9.0, after(601))
    found.turn("a1", after(601))
    assert found.turn("c1", after(620)) is None, "after ten minutes the first goes to the end of the row"


def test_who_no_longer_wants_to_start_makes_way() -> None:
    found = starts("a1", "b1", limit_kw=10.0)
    measured(found, 9.0)
    assert found.turn("a1", NOON) is not None
    measured(found, 1.0, after(20))
    found.withdrawn("a1")
    assert found.turn("b1", after(20)) is None


def test_two_hundred_units_after_a_power_failure_start_one_by_one_and_all_of_them() -> None:
    names = [f"{'abcd'[number % 4]}{number}" for number in range(200)]
    found = Starts({name: Supply((name[0],), (), None) for name in names}, {}, 15.0)
    now, waiting, when = NOON, list(names), {}
    while waiting:
        for name in tuple(waiting):
            if found.turn(name, now) is None:
                found.started(name, now)
                when[name] = now
                waiting.remove(name)
        now += timedelta(seconds=5)
    for lane in "abcd":
        times = [when[name] for name in names if name[0] == lane]
        assert times == sorted(times), "in the order in which they asked"
        assert min(b - a for a, b in pairwise(times)) >= timedelta(seconds=15)
    assert max(when.values()) <= after(50 * 15)


def test_the_small_sites_units_hang_on_their_outdoor_unit_and_its_meters() -> None:
    site = site_with()
    supply = supply_of(site, "ac-401")
    unit = site.indoor_units["ac-401"]
    assert unit.outdoor_unit in supply.lanes
    assert supply.start_kw == pytest.approx(unit.capacity_kw / 3)
    assert not starts_of(site, ["ac-401"], 15.0).taps()


def test_a_limit_in_the_site_file_listens_to_its_meter() -> None:
    def limited(data: dict) -> None:  # type: ignore[type-arg]
        for item in data["equipment"]:
            if item["id"] == "main-meter":
                item["start_limit_kw"] = 30.0

    site = site_with(limited)
    assert set(starts_of(site, ["ac-401"], 15.0).taps()) == {"main-meter.power"}


@pytest.mark.parametrize("kind", SWITCH_KINDS)
def test_every_kind_of_switch_has_its_own_times(kind: str) -> None:
    assert min_times(kind, P, {}) == KIND_TIMES[kind]


def test_indoor_units_keep_the_rules_times_and_a_site_may_set_any_kinds() -> None:
    assert min_times("indoor_unit", P, {}) == (600.0, 300.0)
    entry = ControlEntry.model_validate({"min_times": {"lighting": {"on_s": 0, "off_s": 30}}})
    of_site = min_times_of(entry)
    assert min_times("lighting", P, of_site) == (0.0, 30.0)


@pytest.mark.parametrize(
    ("change", "running", "at_once", "wait_s"),
    [(Wish(on=True), False, False, 570.0), (Wish(on=False), True, False, 870.0), (Wish(on=False), True, True, None)],
)
def test_a_chiller_waits_longer_than_an_indoor_unit(
    change: Wish, running: bool, at_once: bool, wait_s: float | None
) -> None:
    timers = Timers(started=after(-30), stopped=after(-30))
    held = held_back(timers, change, running=running, at_once=at_once, p=P, now=NOON, times=KIND_TIMES["chiller"])
    assert (None if held is None else held[0]) == (None if wait_s is None else after(wait_s))


def test_zero_seconds_hold_nothing() -> None:
    timers = Timers(started=NOON, stopped=NOON)
    for running in (True, False):
        change = Wish(on=not running)
        assert (
            held_back(timers, change, running=running, at_once=False, p=P, now=NOON, times=MinTimes(0.0, 0.0)) is None
        )


def test_one_that_waits_alone_for_long_goes_on_waiting() -> None:
    found = starts("a1", limit_kw=10.0)
    for minute in range(40):
        measured(found, 9.0, after(60 * minute))
        assert found.turn("a1", after(60 * minute)) is not None
