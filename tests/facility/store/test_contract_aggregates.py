"""What every engine promises: values of intervals, in local days and months of any length."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from facility.readings import Batch, Status, failed, to_us
from facility.store import Aggregate, Store
from tests.facility.store.minutes import HOUR_US, MINUTE_US, at, batch


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


Row = tuple[int, float | None, Status]


def reckoned(
    readings: Sequence[Row], start_us: int, end_us: int, how: Aggregate, hold_us: int
) -> tuple[float | None, float]:
    """Value and completeness of one interval, reading by reading."""
    inside = [value for time_us, value, status in readings if start_us <= time_us < end_us and status < 64]
    held = list[tuple[float, int]]()
    for (time_us, value, status), following in zip(readings, [*readings[1:], None], strict=True):
        until_us = min(time_us + hold_us, end_us, end_us if following is None else following[0])
        if status < 64 and value is not None and until_us > max(time_us, start_us):
            held.append((value, until_us - max(time_us, start_us)))
    covered_us = sum(length for _, length in held)
    good = [value for value in inside if value is not None]
    return _reckoned(how, good, held, covered_us), covered_us / (end_us - start_us)


def _reckoned(how: Aggregate, good: list[float], held: list[tuple[float, int]], covered_us: int) -> float | None:
    if how is Aggregate.COUNT:
        return float(len(good))
    if how is Aggregate.MEAN:
        return sum(number * length for number, length in held) / covered_us if covered_us else None
    if how is Aggregate.DURATION:
        return sum(length for number, length in held if number != 0) / 1e6 if covered_us else None
    if not good:
        return None
    if how is Aggregate.LAST:
        return good[-1]
    if how is Aggregate.SUM:
        return math.fsum(good)
    return min(good) if how is Aggregate.MIN else max(good)


def days_reading(start_us: int, end_us: int, step_us: int) -> list[Row]:
    """A working plant's readings: values up and down through 0, some failed, some doubtful, a pause of a day."""
    readings = list[Row]()
    for number, time_us in enumerate(range(start_us, end_us, step_us)):
        if number % 97 < 90 and not 0.4 < (time_us - start_us) / (end_us - start_us) < 0.43:
            value = round(3 * math.sin(number / 9) + number % 5 / 4, 2) if number % 11 else 0.0
            if number % 31 == 0:
                readings.append((time_us + number % 1000, None, Status.TIMEOUT))
            else:
                readings.append(
                    (time_us + number % 1000, value, Status.OUT_OF_RATE if number % 29 == 0 else Status.GOOD)
                )
    return readings


def local_edges(zone: str, days: Sequence[date]) -> list[int]:
    return [to_us(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)) for day in days]


CALENDARS = {
    "days in Shanghai": ("Asia/Shanghai", [date(2026, 2, 26) + timedelta(days=more) for more in range(5)], 20),
    "months in Shanghai": ("Asia/Shanghai", [date(2025, month, 1) for month in (11, 12)] + [date(2026, 1, 1)], 120),
    "a day of 23 hours in Chicago": ("America/Chicago", [date(2026, 3, day) for day in (7, 8, 9, 10)], 20),
    "a day of 25 hours in Chicago": ("America/Chicago", [date(2025, 11, day) for day in (1, 2, 3, 4)], 20),
    "months in Chicago": ("America/Chicago", [date(2026, month, 1) for month in (3, 4, 5)], 120),
}


@pytest.mark.parametrize("name", CALENDARS)
def test_every_aggregate_on_local_days_and_months_is_what_reckoning_reading_by_reading_gives(
    store: Store, name: str
) -> None:
    zone, days, step_minutes = CALENDARS[name]
    edges = local_edges(zone, days)
    step_us = step_minutes * MINUTE_US
    readings = days_reading(edges[0] - 3 * step_us, edges[-1] + 3 * step_us, step_us)
    store.append(
        [
            Batch(time_us=time_us, points=["m.power"], values=[value], statuses=[status])
            for time_us, value, status in readings
        ]
    )
    for how in Aggregate:
        buckets = store.aggregate("m.power", edges, how, hold_us=3 * step_us // 2)
        assert [(bucket.start_us, bucket.end_us) for bucket in buckets] == list(itertools.pairwise(edges))
        for bucket in buckets:
            value, completeness = reckoned(readings, bucket.start_us, bucket.end_us, how, 3 * step_us // 2)
            assert bucket.value == pytest.approx(value, rel=1e-9, abs=1e-9), (how, bucket)
            assert bucket.completeness == pytest.approx(completeness, rel=1e-9)


def test_completeness_is_the_share_that_good_readings_cover(store: Store) -> None:
    store.append([batch(minute, power=0.0) for minute in (0, 10, 20)])
    store.append([failed(["m.power"], at(25), Status.TIMEOUT), batch(50, power=0.0)])
    for how in Aggregate:
        buckets = store.aggregate("m.power", [at(-10), at(0), at(30), at(60)], how, hold_us=10 * MINUTE_US)
        assert [bucket.completeness for bucket in buckets] == pytest.approx([0.0, 25 / 30, 10 / 30])
