"""The small parts: holds, means, the priority array, timers, sun, outdoor sensors."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.arbitration import EMPTY, PriorityArray, Proposal
from controller.guard import Timers, held_back
from controller.outdoor import Outdoors
from controller.policy.hold import Held
from controller.policy.schema import Parameters
from controller.policy.timetable import sun_times
from controller.rolling import RollingMean
from facility.commands import Mode, Wish
from facility.readings import Status
from facility.text import Text
from tests.controller.building import local

P = Parameters()
MINUTE_US = 60_000_000
NOON = local("12:00")


@pytest.mark.parametrize(
    ("seen", "believed"),
    [
        ([(0, True), (9, True)], None),
        ([(0, True), (10, True)], True),
        ([(0, True), (10, True), (11, False), (20, False)], True),
        ([(0, True), (10, True), (11, False), (21, False)], False),
        ([(0, True), (5, False), (6, True), (15, True)], None),
        ([(0, True), (5, None), (6, True), (15, True)], None),
        ([(0, True), (10, True), (11, None), (60, None)], True),
    ],
)
def test_a_condition_is_believed_after_ten_minutes(seen: list[tuple[int, bool | None]], believed: bool | None) -> None:
    held = Held()
    for minute, value in seen:
        held = held.step(value, NOON + timedelta(minutes=minute), rise_s=600, fall_s=600)
    assert held.state is believed


def test_a_hold_counts_from_the_devices_own_time() -> None:
    late = Held().step(True, NOON, rise_s=120, fall_s=120, at=NOON - timedelta(seconds=120))
    assert late.state is True


@given(st.floats(-40, 60), st.lists(st.integers(1, 400), min_size=1, max_size=60))
def test_the_mean_of_a_steady_value_is_that_value_exactly(value: float, gaps_s: list[int]) -> None:
    value = round(value, 1)
    mean, time_us = RollingMean(10 * MINUTE_US, 15 * MINUTE_US), 0
    for gap_s in gaps_s:
        time_us += gap_s * 1_000_000
        mean.add(time_us, value)
        assert mean.mean(time_us) == value


@given(st.lists(st.tuples(st.integers(1, 1200), st.integers(-400, 600)), min_size=1, max_size=40))
def test_the_running_mean_is_the_mean_computed_from_scratch(steps: list[tuple[int, int]]) -> None:
    mean, samples, time_us = RollingMean(10 * MINUTE_US, 15 * MINUTE_US), [], 0
    for gap_s, tenths in steps:
        time_us += gap_s * 1_000_000
        mean.add(time_us, tenths / 10)
        samples.append((time_us, tenths / 10))
    now_us = time_us + MINUTE_US
    start_us, hold_us = now_us - 10 * MINUTE_US, 15 * MINUTE_US
    area = covered = 0.0
    for index, (from_us, value) in enumerate(samples):
        until_us = min(samples[index + 1][0] if index + 1 < len(samples) else now_us, from_us + hold_us)
        part = max(0, until_us - max(from_us, start_us))
        area, covered = area + part * value, covered + part
    assert mean.mean(now_us) == pytest.approx(area / covered, abs=1e-9)


def test_a_mean_of_what_is_too_old_is_not_known_and_zero_is() -> None:
    mean = RollingMean(10 * MINUTE_US, 15 * MINUTE_US)
    assert mean.mean(0) is None
    mean.add(0, 0.0)
    assert mean.mean(15 * MINUTE_US) == 0.0
    assert mean.mean(15 * MINUTE_US + 1) is None


def proposal(slot: int, wish: Wish, minutes: int | None = None) -> Proposal:
    """What somebody wants."""
    until = None if minutes is None else NOON + timedelta(minutes=minutes)
    return Proposal(slot=slot, wish=wish, who="somebody", until=until)


@pytest.mark.parametrize(
    ("given_", "wish", "slot"),
    [
        ([], Wish(), None),
        ([proposal(16, Wish(on=False))], Wish(on=False), 16),
        ([proposal(12, Wish(on=True, setpoint_c=28.0)), proposal(16, Wish(on=False))],
         Wish(on=True, setpoint_c=28.0), 12),
        ([proposal(8, Wish(setpoint_c=30.0)), proposal(12, Wish(on=True, setpoint_c=28.0))],
         Wish(on=True, setpoint_c=30.0), 8),
        ([proposal(5, Wish(on=False)), proposal(8, Wish(on=True))], Wish(on=False), 5),
        ([proposal(8, Wish(on=True)), proposal(10, Wish(on=False))], Wish(on=True), 8),
        ([proposal(8, Wish(setpoint_c=30.0)), proposal(10, Wish(on=False))], Wish(on=False), 10),
        ([proposal(1, Wish(on=False)), proposal(5, Wish(on=True))], Wish(on=False), 1),
    ],
)  # fmt: skip
def test_the_lowest_slot_wins(given_: list[Proposal], wish: Wish, slot: int | None) -> None:
    merged, decisive = EMPTY.put(*given_).merged()
    assert merged == wish
    assert (None if decisive is None else decisive.slot) == slot


def test_null_releases_and_ends_end() -> None:
    array = EMPTY.put(proposal(8, Wish(on=True), 10), proposal(12, Wish(on=False)))
    assert array.without_expired(NOON + timedelta(minutes=9)) is array
    assert array.without_expired(NOON + timedelta(minutes=10)) == PriorityArray((proposal(12, Wish(on=False)),))
    assert array.release(8).at(8) is None
    assert array.release(5) is array


@pytest.mark.parametrize("slot", [0, 17])
def test_there_are_sixteen_slots(slot: int) -> None:
    with pytest.raises(ValueError, match="1 to 16"):
        proposal(slot, Wish(on=True))


@pytest.mark.parametrize(
    ("timers", "change", "running", "at_once", "wait_s"),
    [
        (Timers(stopped=NOON), Wish(on=True), False, False, 300),
        (Timers(stopped=NOON - timedelta(seconds=300)), Wish(on=True), False, False, None),
        (Timers(started=NOON), Wish(on=False), True, False, 600),
        (Timers(started=NOON), Wish(on=False), True, True, None),
        (Timers(mode_changed=NOON), Wish(mode=Mode.FAN), True, False, 600),
        (Timers(setpoint_written=NOON), Wish(setpoint_c=29.0), True, False, 60),
        (Timers(setpoint_written=NOON), Wish(on=True, setpoint_c=29.0), False, False, None),
        (Timers(), Wish(on=True), False, False, None),
    ],
)
def test_timers(timers: Timers, change: Wish, running: bool, at_once: bool, wait_s: float | None) -> None:
    held = held_back(timers, change, running=running, at_once=at_once, p=P, now=NOON)
    expected = None if wait_s is None else NOON + timedelta(seconds=wait_s)
    assert (None if held is None else held[0]) == expected


@pytest.mark.parametrize(
    ("day", "rise", "sets"),
    [
        (date(2026, 6, 21), "05:32", "19:28"),
        (date(2026, 12, 21), "07:16", "17:41"),
        (date(2026, 3, 20), "06:30", "18:37"),
    ],
)
def test_the_sun_of_changsha_within_five_minutes(day: date, rise: str, sets: str) -> None:
    sunrise, sunset = sun_times(day, 28.23, 112.94)
    assert abs(sunrise - local(rise, day)) <= timedelta(minutes=5)
    assert abs(sunset - local(sets, day)) <= timedelta(minutes=5)


def outdoors(*points: str, expected_c: float | None = None) -> Outdoors:
    """Sensors of the outdoor temperature."""
    names = {point: Text(point, point) for point in points}
    return Outdoors(names, P, stale_s=900.0, expected_c=lambda _: expected_c)


@pytest.mark.parametrize("value", [85.0, -127.0, -9999.0, 60.1, -40.1, None])
def test_what_a_broken_sensor_says_is_not_believed(value: float | None) -> None:
    signal = outdoors("a.temperature")
    signal.take(signal.sensors[0], MINUTE_US, 31.0, Status.GOOD)
    signal.take(signal.sensors[0], 2 * MINUTE_US, value, Status.GOOD if value is not None else Status.TIMEOUT)
    assert signal.signal(2 * MINUTE_US).value_c == 31.0
    assert signal.signal(17 * MINUTE_US).value_c is None
    never = outdoors("b.temperature")
    never.take(never.sensors[0], MINUTE_US, value, Status.GOOD if value is not None else Status.TIMEOUT)
    assert never.signal(MINUTE_US).value_c is None


def test_faster_than_five_kelvin_a_minute_is_not_believed_until_time_allows_it() -> None:
    signal = outdoors("a.temperature")
    for minute, value in ((1, 30.0), (2, 40.0)):
        signal.take(signal.sensors[0], minute * MINUTE_US, value, Status.GOOD)
    assert signal.sensors[0].value_c == 30.0
    signal.take(signal.sensors[0], 3 * MINUTE_US, 40.0, Status.GOOD)
    assert signal.sensors[0].value_c == 40.0


def test_bit_identical_for_twelve_hours_is_frozen() -> None:
    signal = outdoors("a.temperature")
    for minute in range(0, 12 * 60 + 1, 10):
        signal.take(signal.sensors[0], minute * MINUTE_US, 31.0, Status.GOOD)
    assert signal.sensors[0].is_frozen
    assert signal.signal(12 * 60 * MINUTE_US).value_c is None
    signal.take(signal.sensors[0], (12 * 60 + 10) * MINUTE_US, 31.1, Status.GOOD)
    assert signal.signal((12 * 60 + 10) * MINUTE_US).value_c is not None


@pytest.mark.parametrize(("expected_c", "chosen"), [(29.0, 30.0), (35.0, 36.0), (None, 30.0)])
def test_of_two_that_differ_the_nearer_to_the_forecasts_hour_is_used(expected_c: float | None, chosen: float) -> None:
    signal = outdoors("a.temperature", "b.temperature", expected_c=expected_c)
    for minute in range(1, 30):
        for sensor, value in zip(signal.sensors, (30.0, 36.0), strict=True):
            signal.take(sensor, minute * MINUTE_US, value, Status.GOOD)
    assert signal.disagree
    assert signal.signal(29 * MINUTE_US).value_c == chosen


def test_a_sensor_that_falls_silent_is_replaced_by_the_next() -> None:
    signal = outdoors("a.temperature", "b.temperature")
    for minute in range(1, 40):
        if minute < 10:
            signal.take(signal.sensors[0], minute * MINUTE_US, 30.0, Status.GOOD)
        signal.take(signal.sensors[1], minute * MINUTE_US, 31.0, Status.GOOD)
    assert signal.signal(39 * MINUTE_US).value_c == 31.0
    assert signal.signal(39 * MINUTE_US).point == "b.temperature"
