"""What every engine promises, asked of every engine: what is written and what is read back."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from facility.errors import StoreRefused, StoreUnavailable
from facility.readings import Batch, Status, failed, to_us
from facility.store import Aggregate, Store
from tests.facility.store.minutes import MINUTE_US, START, START_US, at, batch, raw, rows


def test_an_empty_store_knows_nothing_and_says_so(store: Store) -> None:
    assert store.points() == []
    assert store.latest(["m.power"]) == {}
    assert len(store.raw("m.power", 0, at(0))) == 0
    assert len(store.around("m.power", 0, at(0))) == 0
    (bucket,) = store.aggregate("m.power", [at(0), at(1)], Aggregate.MEAN, hold_us=MINUTE_US)
    assert (bucket.value, bucket.completeness) == (None, 0.0)


def test_what_was_appended_is_read_back_in_time_order(store: Store) -> None:
    store.append([batch(0, power=1.5, voltage=230.1), batch(1, power=-2.25), batch(2, power=0.0)])
    assert raw(store) == [(0, 1.5), (1, -2.25), (2, 0.0)]
    assert raw(store, "m.voltage") == [(0, 230.1)]
    assert store.points() == ["m.power", "m.voltage"]


def test_intervals_are_half_open(store: Store) -> None:
    store.append([batch(minute, power=float(minute)) for minute in range(5)])
    assert raw(store, start=1, end=3) == [(1, 1.0), (2, 2.0)]
    assert raw(store, start=3, end=3) == []


def test_nothing_is_lost_when_it_is_opened_again(opened: Callable[[], Store]) -> None:
    opened().append([batch(0, power=1.0), batch(1, power=2.0), failed(["m.voltage"], at(1), Status.TIMEOUT)])
    store = opened()
    assert raw(store) == [(0, 1.0), (1, 2.0)]
    latest = store.latest(["m.power", "m.voltage"])
    assert (latest["m.power"].value, latest["m.voltage"].status) == (2.0, Status.TIMEOUT)
    store.append([batch(2, current=3.0)])
    assert store.points() == ["m.current", "m.power", "m.voltage"]


VALUES = [0.0, 0.1, -0.1, 1 / 3, 1e-300, 1e300, 123456789.125, 4294967295.0, 9007199254740993.0, -40.0, 5e-324]


def test_values_come_back_bit_for_bit(store: Store) -> None:
    store.append([batch(minute, power=value) for minute, value in enumerate(VALUES)])
    assert [value for _, value in raw(store)] == VALUES


def test_quality_and_missing_values_survive(store: Store) -> None:
    points = ["m.power"]
    for minute, status in enumerate(Status):
        value = None if status >= 128 else 0.0
        store.append([Batch(time_us=at(minute), points=points, values=[value], statuses=[status])])
    assert rows(store.raw("m.power", at(0), at(100))) == [
        (minute, None if status >= 128 else 0.0, status) for minute, status in enumerate(Status)
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_stored_as_missing(store: Store, value: float | None) -> None:
    store.append([batch(0, power=value)])
    assert rows(store.raw("m.power", at(0), at(1))) == [(0, None, Status.NOT_A_NUMBER)]


def test_a_bad_status_goes_without_its_value(store: Store) -> None:
    bad = Batch(time_us=at(0), points=["m.power"], values=[99.0], statuses=[Status.OUT_OF_RANGE])
    store.append([bad])
    assert rows(store.raw("m.power", at(0), at(1))) == [(0, None, Status.OUT_OF_RANGE)]


def test_replaying_changes_nothing(store: Store) -> None:
    batches = [batch(minute, power=float(minute), energy=minute / 10) for minute in range(10)]
    store.append(batches)
    store.append(batches)
    store.append(batches[3:7])
    assert raw(store) == [(minute, float(minute)) for minute in range(10)]
    (count,) = store.aggregate("m.power", [at(0), at(10)], Aggregate.COUNT, hold_us=MINUTE_US)
    assert count.value == 10


def test_of_two_readings_at_one_time_the_later_write_stays(store: Store) -> None:
    store.append([batch(0, power=1.0), batch(1, power=2.0), batch(0, power=3.0)])
    assert raw(store) == [(0, 3.0), (1, 2.0)]
    store.append([failed(["m.power"], at(1), Status.DISCONNECTED)])
    assert rows(store.raw("m.power", at(0), at(2)))[1] == (1, None, Status.DISCONNECTED)
    store.append([batch(1, power=4.0)])
    assert raw(store) == [(0, 3.0), (1, 4.0)]
    assert store.latest(["m.power"])["m.power"].value == 4.0


def test_late_and_shuffled_readings_give_the_state_that_readings_in_order_give(store: Store) -> None:
    minutes = list(range(0, 4 * 24 * 60, 97))
    shuffled = [minutes[(index * 23) % len(minutes)] for index in range(len(minutes))]
    assert sorted(shuffled) == minutes
    for first in range(0, len(shuffled), 7):
        store.append([batch(minute, power=float(minute)) for minute in shuffled[first : first + 7]])
    assert raw(store) == [(minute, float(minute)) for minute in minutes]
    assert store.latest(["m.power"])["m.power"].value == float(minutes[-1])


def test_a_late_reading_does_not_move_latest_back(store: Store) -> None:
    store.append([batch(0, power=1.0)])
    store.append([batch(-3 * 24 * 60, power=9.0)])
    latest = store.latest(["m.power", "m.unknown"])
    assert list(latest) == ["m.power"]
    assert (latest["m.power"].value, latest["m.power"].time) == (1.0, START)


def test_latest_is_the_newest_even_when_it_says_that_there_is_nothing(store: Store) -> None:
    store.append([batch(0, power=1.0), failed(["m.power"], at(1), Status.TIMEOUT)])
    reading = store.latest(["m.power"])["m.power"]
    assert (reading.value, reading.status, reading.time) == (None, Status.TIMEOUT, START + timedelta(minutes=1))


def test_latest_of_many_points_at_once(opened: Callable[[], Store]) -> None:
    numbers = range(1500)
    points = [f"unit-{number}.power" for number in numbers]
    store = opened()
    store.append([Batch(time_us=at(number % 7), points=[points[number]], values=[number / 2]) for number in numbers])
    store.append([Batch(time_us=at(-number), points=[points[number]], values=[-1.0]) for number in range(1, 1500, 50)])
    for _ in range(2):
        latest = store.latest([*points, "unit-1500.power"])
        assert [latest[point].value for point in points] == [number / 2 for number in numbers]
        assert len(latest) == 1500
        store = opened()


def test_latest_finds_points_that_fell_silent_years_ago(opened: Callable[[], Store]) -> None:
    store = opened()
    years = (0, 1, 5, 20)
    for year in years:
        store.append([batch(-year * 365 * 24 * 60 + hour * 60, **{f"y{year}": float(hour)}) for hour in range(3)])
    for _ in range(2):
        latest = store.latest([f"m.y{year}" for year in years])
        assert {name: reading.value for name, reading in latest.items()} == {f"m.y{year}": 2.0 for year in years}
        store = opened()


def test_raw_gives_exactly_what_lies_in_a_range(store: Store) -> None:
    source = random.Random(3)
    minutes = sorted(source.sample(range(5 * 24 * 60), 700))
    store.append([batch(minute, power=float(minute)) for minute in minutes])
    for _ in range(12):
        start, end = sorted(source.sample(range(-100, 5 * 24 * 60 + 100), 2))
        inside = [(minute, float(minute)) for minute in minutes if start <= minute < end]
        assert raw(store, start=start, end=end) == inside


def test_times_are_exact_to_the_microsecond(store: Store) -> None:
    offsets = [0, 1, 2, 999, 1000, 1001, 59_999_999]
    store.append(
        [Batch(time_us=START_US + offset, points=["m.power"], values=[float(offset)]) for offset in reversed(offsets)]
    )
    series = store.raw("m.power", START_US, START_US + MINUTE_US)
    assert (series.times_us - START_US).tolist() == offsets
    assert series.values.tolist() == offsets
    assert store.raw("m.power", START_US + 1, START_US + 1000).values.tolist() == [1, 2, 999]
    store.append([Batch(time_us=START_US + 1, points=["m.power"], values=[0.0])])
    assert store.raw("m.power", START_US, START_US + 3).values.tolist() == [0, 0, 2]


@pytest.mark.parametrize(
    "time_us",
    [
        pytest.param(to_us(datetime(1900, 1, 1, tzinfo=UTC)), id="1900"),
        pytest.param(-1, id="a moment before 1970"),
        pytest.param(0, id="1970"),
        pytest.param(to_us(datetime(9999, 12, 31, tzinfo=UTC)), id="9999"),
        pytest.param(to_us(datetime(9999, 12, 31, tzinfo=UTC)) + 400 * 86_400 * 1_000_000, id="10001"),
    ],
)
def test_a_time_far_away_is_kept_or_refused_but_never_lost_or_moved(store: Store, time_us: int) -> None:
    far = Batch(time_us=time_us, points=["m.power"], values=[1.0])
    try:
        store.append([batch(0, voltage=1.0), far])
    except StoreRefused:
        assert raw(store, "m.voltage") == []
        assert len(store.raw("m.power", -(2**61), 2**61)) == 0
    else:
        assert store.raw("m.power", -(2**61), 2**61).times_us.tolist() == [time_us]
        assert store.raw("m.power", time_us, time_us + 1).values.tolist() == [1.0]


def test_nothing_to_append_is_no_trouble(store: Store) -> None:
    store.append([])
    store.append([Batch(time_us=at(0), points=[], values=[])])
    assert store.points() == []


def test_a_large_append_is_one_append(store: Store) -> None:
    points = [f"unit-{number}.power" for number in range(100)]
    store.append([Batch(time_us=at(minute), points=points, values=[minute + 0.5] * 100) for minute in range(500)])
    for point in (points[0], points[99]):
        assert raw(store, point) == [(minute, minute + 0.5) for minute in range(500)]
    assert {reading.value for reading in store.latest(points).values()} == {499.5}


def test_extent_is_the_first_and_the_last_reading_of_any_quality(opened: Callable[[], Store]) -> None:
    store = opened()
    assert store.extent("m.power") is None
    store.append([batch(5, power=0.0)])
    assert store.extent("m.power") == (at(5), at(5))
    store.append([failed(["m.power"], at(9), Status.TIMEOUT)])
    store.append([failed(["m.power"], at(-3 * 24 * 60), Status.TIMEOUT), batch(7, power=1.0)])
    for _ in range(2):
        assert store.extent("m.power") == (at(-3 * 24 * 60), at(9))
        assert store.extent("m.voltage") is None
        store = opened()


def test_around_adds_the_nearest_values_on_both_sides(store: Store) -> None:
    store.append([batch(minute, energy=float(minute)) for minute in (-3000, -30, 10, 20, 90, 5000)])
    found = rows(store.around("m.energy", at(0), at(60)))
    assert [(minute, value) for minute, value, _ in found] == [(-30, -30.0), (10, 10.0), (20, 20.0), (90, 90.0)]
    nothing_inside = rows(store.around("m.energy", at(100), at(200)))
    assert [minute for minute, _, _ in nothing_inside] == [90, 5000]
    assert [minute for minute, _, _ in rows(store.around("m.energy", at(6000), at(7000)))] == [5000]
    assert [minute for minute, _, _ in rows(store.around("m.energy", at(-9000), at(-8000)))] == [-3000]


def test_around_takes_the_reading_at_the_end_itself(store: Store) -> None:
    store.append([batch(minute, energy=float(minute)) for minute in (0, 30, 60, 90)])
    assert [minute for minute, _, _ in rows(store.around("m.energy", at(0), at(60)))] == [0, 30, 60]


def test_around_looks_past_readings_without_a_value(store: Store) -> None:
    store.append([batch(minute, energy=float(minute)) for minute in (-5000, 10, 5000)])
    gaps = (-4000, -3000, -10, 70, 3000)
    store.append([failed(["m.energy"], at(minute), Status.TIMEOUT) for minute in gaps])
    assert [minute for minute, _, _ in rows(store.around("m.energy", at(0), at(60)))] == [-5000, 10, 5000]


def test_around_sees_that_a_value_was_taken_back(store: Store) -> None:
    store.append([batch(minute, energy=float(minute)) for minute in (-2, -1, 61, 62)])
    store.append([failed(["m.energy"], at(minute), Status.NOT_AVAILABLE) for minute in (-1, 61)])
    assert [minute for minute, _, _ in rows(store.around("m.energy", at(0), at(60)))] == [-2, 62]


def test_a_batch_whose_columns_differ_is_refused_whole(store: Store) -> None:
    with pytest.raises(ValueError, match="columns differ"):
        store.append([batch(0, power=1.0), Batch(time_us=at(1), points=["m.power", "m.x"], values=[1.0])])
    assert raw(store) == []


def test_columns_have_the_promised_types(store: Store) -> None:
    store.append([batch(0, power=1.0)])
    for series in (
        store.raw("m.power", at(0), at(1)),
        store.raw("nobody", at(0), at(1)),
        store.around("m.power", 0, 1),
    ):
        types = (series.times_us.dtype, series.values.dtype, series.statuses.dtype)
        assert types == (np.dtype(np.int64), np.dtype(np.float64), np.dtype(np.uint8))


def test_what_was_acknowledged_is_seen_at_once_by_whoever_reads_meanwhile(store: Store) -> None:
    acknowledged = [0]

    def write() -> None:
        for number in range(60):
            store.append([batch(number, power=float(number)), batch(-number, energy=float(number))])
            acknowledged[0] = number + 1

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive() or acknowledged[0] == 0:
        count = acknowledged[0]
        assert raw(store)[:count] == [(number, float(number)) for number in range(count)]
        assert count == 0 or raw(store, "m.energy")[-count:] == [
            (-number, float(number)) for number in reversed(range(count))
        ]
        latest = store.latest(["m.power"])
        assert count == 0 or (latest["m.power"].value or 0.0) >= count - 1
    writer.join()
    assert len(raw(store, "m.energy")) == 60


def test_closing_twice_is_harmless(store: Store) -> None:
    store.close()
    store.close()


def test_what_is_closed_says_so(store: Store) -> None:
    store.append([batch(0, power=1.0)])
    store.close()
    for call in (lambda: store.append([batch(1, power=1.0)]), lambda: store.raw("m.power", at(0), at(1))):
        with pytest.raises(StoreUnavailable, match="is closed"):
            call()
