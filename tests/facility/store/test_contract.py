"""What every engine promises, asked of every engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from facility.readings import Batch, Status, failed, to_us
from facility.store import Aggregate, Series, Store

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
START = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
START_US = to_us(START)


def at(minutes: float) -> int:
    return START_US + round(minutes * MINUTE_US)


def batch(minutes: float, **values: float | None) -> Batch:
    """One answer of device `m`, good."""
    return Batch(time_us=at(minutes), points=[f"m.{name}" for name in values], values=list(values.values()))


def rows(series: Series) -> list[tuple[float, float | None, Status]]:
    """(minute, value, status) of each reading."""
    return [
        ((time_us - START_US) / MINUTE_US, None if math.isnan(value) else value, Status(status))
        for time_us, value, status in zip(
            series.times_us.tolist(), series.values.tolist(), series.statuses.tolist(), strict=True
        )
    ]


def raw(
    store: Store, point: str = "m.power", start: float = -1e6, end: float = 1e6
) -> list[tuple[float, float | None]]:
    return [(minute, value) for minute, value, _ in rows(store.raw(point, at(start), at(end)))]


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


def test_latest_of_many_points_at_once(store: Store) -> None:
    points = [f"unit-{number}.power" for number in range(450)]
    store.append([Batch(time_us=at(0), points=points, values=[float(number) for number in range(450)])])
    latest = store.latest(points)
    assert [latest[point].value for point in points] == [float(number) for number in range(450)]


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


ODD = [
    "办公室.功率",
    "a b.c",
    "a,b=c d",
    "tail\\",
    'quote".x',
    "apostrophe'.x",
    "x' OR '1'='1",
    "percent%20.x",
    "line\nreading,point=evil value=9 1",
    "tab\t.x",
    "emoji-🌡.temperature",
    "\u00e9.x",
    "e\u0301.x",
    "$tag.x",
    "/regex.*/",
    "-- comment",
    "#hash",
    ".",
]


def test_odd_names_are_names_and_nothing_else(store: Store) -> None:
    for number, point in enumerate(ODD):
        store.append([Batch(time_us=at(number), points=[point], values=[float(number)])])
    assert store.points() == sorted(ODD)
    assert {point: reading.value for point, reading in store.latest(ODD).items()} == {
        point: float(number) for number, point in enumerate(ODD)
    }
    for number, point in enumerate(ODD):
        assert raw(store, point) == [(number, float(number))]


def values(store: Store, how: Aggregate, edges: Sequence[float], hold: float = 60) -> list[float | None]:
    buckets = store.aggregate("m.power", [at(edge) for edge in edges], how, hold_us=round(hold * MINUTE_US))
    return [bucket.value for bucket in buckets]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Aggregate.MEAN, [2.5, 2.0, None]),
        (Aggregate.MIN, [0.0, 2.0, None]),
        (Aggregate.MAX, [4.0, 2.0, None]),
        (Aggregate.LAST, [4.0, 2.0, None]),
        (Aggregate.SUM, [4.0, 2.0, None]),
        (Aggregate.COUNT, [2.0, 1.0, 0.0]),
        (Aggregate.DURATION, [37.5 * 60, 20 * 60.0, None]),
    ],
)
def test_each_aggregate_of_known_readings(store: Store, how: Aggregate, expected: list[float | None]) -> None:
    store.append([batch(0, power=0.0), batch(22.5, power=4.0), batch(70, power=2.0)])
    store.append([failed(["m.power"], at(90), Status.TIMEOUT)])
    edges = [0, 60, 120, 180]
    if how is Aggregate.MEAN:
        expected = [37.5 * 4 / 60, (10 * 4.0 + 20 * 2.0) / 30, None]
    if how is Aggregate.DURATION:
        expected = [37.5 * 60, 30 * 60.0, None]
    assert values(store, how, edges) == pytest.approx(expected)


def test_a_value_holds_into_the_next_interval_but_not_for_ever(store: Store) -> None:
    store.append([batch(-10, power=6.0)])
    buckets = store.aggregate("m.power", [at(0), at(10), at(20), at(30)], Aggregate.MEAN, hold_us=15 * MINUTE_US)
    assert [bucket.value for bucket in buckets] == [6.0, None, None]
    assert [bucket.completeness for bucket in buckets] == [0.5, 0.0, 0.0]


def test_only_good_readings_count(store: Store) -> None:
    store.append([batch(0, power=2.0)])
    doubtful = Batch(time_us=at(30), points=["m.power"], values=[1000.0], statuses=[Status.OUT_OF_RATE])
    store.append([doubtful])
    (bucket,) = store.aggregate("m.power", [at(0), at(60)], Aggregate.MEAN, hold_us=HOUR_US)
    assert (bucket.value, bucket.completeness) == (2.0, 0.5)
    assert values(store, Aggregate.MAX, [0, 60]) == [2.0]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", date(2026, 7, 15), 24),
        ("Asia/Jerusalem", date(2026, 3, 27), 23),
        ("Asia/Jerusalem", date(2026, 10, 25), 25),
        ("Asia/Shanghai", date(1988, 4, 17), 23),
    ],
)
def test_local_days_are_as_long_as_they_are(store: Store, zone: str, day: date, hours: int) -> None:
    midnights = [
        datetime.combine(day + timedelta(days=more), time(), ZoneInfo(zone)).astimezone(UTC) for more in (0, 1, 2)
    ]
    edges = [to_us(midnight) for midnight in midnights]
    store.append(
        [
            Batch(time_us=time_us, points=["m.power"], values=[1.0])
            for time_us in range(edges[0], edges[2], 30 * MINUTE_US)
        ]
    )
    first, second = store.aggregate("m.power", edges, Aggregate.COUNT, hold_us=30 * MINUTE_US)
    assert first.value == 2 * hours
    assert second.value == 48
    lasted, _ = store.aggregate("m.power", edges, Aggregate.DURATION, hold_us=30 * MINUTE_US)
    assert (lasted.value, lasted.completeness) == (hours * 3600.0, 1.0)


@pytest.mark.parametrize("edges", [[], [5], [5, 5], [5, 4]])
def test_edges_must_ascend(store: Store, edges: list[int]) -> None:
    with pytest.raises((ValueError, IndexError)):
        store.aggregate("m.power", edges, Aggregate.MEAN, hold_us=1)


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


def test_closing_twice_is_harmless(store: Store) -> None:
    store.close()
    store.close()
