"""Aggregates from quarter hours are those of the readings themselves."""

from __future__ import annotations

import itertools
import math
import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facility.errors import StoreDamaged
from facility.readings import Batch, Status, to_us
from facility.series import Series
from facility.store import Aggregate, Bucket
from facility.store.aggregation import aggregated
from facility.store.embedded import EmbeddedStore
from tests.facility.store.embedded.histories import (
    DAY_US,
    DAYS,
    FIRST_DAY_US,
    MINUTE_US,
    POINT,
    QUARTER_US,
    SECOND_US,
    histories,
    write,
)

_numbers = itertools.count()

EDGES = st.one_of(
    st.sampled_from([1, 2, 4, 24, 96]).map(lambda quarters: list(range(0, DAYS * DAY_US + 1, quarters * QUARTER_US))),
    st.lists(st.integers(-96, DAYS * 96), min_size=2, max_size=9, unique=True).map(
        lambda quarters: sorted(quarter * QUARTER_US for quarter in quarters)
    ),
    st.lists(st.integers(0, DAYS * DAY_US), min_size=2, max_size=9, unique=True).map(sorted),
).map(lambda edges: [FIRST_DAY_US + edge for edge in edges])

HOLDS = st.sampled_from([MINUTE_US, 3 * MINUTE_US, QUARTER_US, QUARTER_US + MINUTE_US, 3600 * SECOND_US, 2 * DAY_US])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rolled")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    history=histories(counter=False),
    edges_us=EDGES,
    hold_us=HOLDS,
    late=st.one_of(st.just([]), st.lists(st.integers(0, 2000), max_size=3)),
)
def test_every_aggregate_is_that_of_all_readings(
    folder: Path,
    history: list[tuple[int, float | None, Status]],
    edges_us: list[int],
    hold_us: int,
    late: list[int],
) -> None:
    if len(history) % 2:
        history = [(at_us, None if value is None else value / 7.0, status) for at_us, value, status in history]
    store = EmbeddedStore(folder / str(next(_numbers)))
    try:
        held_back = {index for index in late if index < len(history)}
        write(store, [reading for index, reading in enumerate(history) if index not in held_back])
        store.seal()
        write(store, [history[index] for index in held_back])
        if len(held_back) == 1:
            store.seal()
        readings = store.raw(POINT, edges_us[0] - hold_us, edges_us[-1])
        for how in Aggregate:
            found = store.aggregate(POINT, edges_us, how, hold_us=hold_us)
            assert_equal(found, aggregated(readings, edges_us, how, hold_us=hold_us), how)
    finally:
        store.close()


def assert_equal(found: list[Bucket], expected: list[Bucket], how: Aggregate) -> None:
    assert [(bucket.start_us, bucket.end_us) for bucket in found] == [(b.start_us, b.end_us) for b in expected]
    assert [bucket.value is None for bucket in found] == [bucket.value is None for bucket in expected], how
    for left, right in zip(found, expected, strict=True):
        assert math.isclose(left.completeness, right.completeness, rel_tol=1e-9, abs_tol=1e-12), how
        if left.value is not None and right.value is not None:
            assert math.isclose(left.value, right.value, rel_tol=1e-9, abs_tol=1e-6 + slack(left)), how


def slack(bucket: Bucket) -> float:
    """What a mean over some microseconds may be off: it is a difference of integrals of a day, in float64."""
    covered_us = bucket.completeness * (bucket.end_us - bucket.start_us)
    return 0.1 / max(covered_us, 1.0)


def sealed_minutes(folder: Path, start_us: int, minutes: int, *, spoil: bool = True) -> tuple[EmbeddedStore, Series]:
    """A store with a value a minute, sealed; what it read before its blocks were made unreadable."""
    store = EmbeddedStore(folder)
    store.append(
        [
            Batch(time_us=start_us + minute * MINUTE_US, points=[POINT], values=[float(minute * 7919 % 101)])
            for minute in range(minutes)
        ]
    )
    store.seal()
    readings = store.raw(POINT, start_us, start_us + minutes * MINUTE_US)
    if spoil:
        spoil_all(folder, "blocks")
    return store, readings


def spoil_all(folder: Path, table: str) -> None:
    with sqlite3.connect(folder / "readings.sqlite") as connection:
        connection.execute(f"UPDATE {table} SET data = x'00'")
    connection.close()


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Asia/Shanghai", date(2026, 7, 15)), ("Asia/Jerusalem", date(2026, 3, 27)), ("Asia/Kathmandu", date(2026, 7, 1))],
)
@pytest.mark.parametrize("how", list(Aggregate))
def test_local_days_and_hours_open_no_block(tmp_path: Path, zone: str, day: date, how: Aggregate) -> None:
    midnights = [
        to_us(datetime.combine(day + timedelta(days=more), time(), ZoneInfo(zone)).astimezone(UTC)) for more in range(3)
    ]
    store, readings = sealed_minutes(tmp_path, midnights[0] - DAY_US, 4 * 1440)
    for edges_us in (midnights, list(range(midnights[0], midnights[-1] + 1, 4 * QUARTER_US))):
        found = store.aggregate(POINT, edges_us, how, hold_us=3 * MINUTE_US)
        assert_equal(found, aggregated(readings, edges_us, how, hold_us=3 * MINUTE_US), how)
    store.close()


def test_what_depends_on_how_long_a_value_holds_is_read_from_the_block(tmp_path: Path) -> None:
    store, _ = sealed_minutes(tmp_path, FIRST_DAY_US, 1440)
    edges_us = [FIRST_DAY_US, FIRST_DAY_US + DAY_US]
    with pytest.raises(StoreDamaged, match="cannot be read"):
        store.aggregate(POINT, edges_us, Aggregate.MEAN, hold_us=30 * SECOND_US)
    with pytest.raises(StoreDamaged, match="cannot be read"):
        store.aggregate(POINT, [FIRST_DAY_US, FIRST_DAY_US + 1], Aggregate.MEAN, hold_us=MINUTE_US)
    (bucket,) = store.aggregate(POINT, edges_us, Aggregate.MEAN, hold_us=MINUTE_US)
    assert bucket.completeness == 1.0
    store.close()


def test_a_damaged_rollup_is_named_and_its_block_read_instead(tmp_path: Path) -> None:
    store, readings = sealed_minutes(tmp_path, FIRST_DAY_US, 2 * 1440, spoil=False)
    spoil_all(tmp_path, "rollups")
    edges_us = [FIRST_DAY_US, FIRST_DAY_US + 2 * DAY_US]
    found = store.aggregate(POINT, edges_us, Aggregate.MEAN, hold_us=MINUTE_US)
    assert_equal(found, aggregated(readings, edges_us, Aggregate.MEAN, hold_us=MINUTE_US), Aggregate.MEAN)
    assert [text for text in store.damage() if "the rollup of m.energy" in text]
    store.close()


def test_damaged_summaries_are_named_and_made_anew_from_the_blocks(tmp_path: Path) -> None:
    store, readings = sealed_minutes(tmp_path, FIRST_DAY_US, 2 * 1440, spoil=False)
    spoil_all(tmp_path, "summaries")
    assert store.extent(POINT) == (FIRST_DAY_US, FIRST_DAY_US + (2 * 1440 - 1) * MINUTE_US)
    assert len(store.raw(POINT, FIRST_DAY_US, FIRST_DAY_US + DAY_US)) == 1440
    edges_us = [FIRST_DAY_US, FIRST_DAY_US + 2 * DAY_US]
    found = store.aggregate(POINT, edges_us, Aggregate.SUM, hold_us=MINUTE_US)
    assert_equal(found, aggregated(readings, edges_us, Aggregate.SUM, hold_us=MINUTE_US), Aggregate.SUM)
    assert [text for text in store.damage() if "the summaries of m.energy" in text]
    store.close()


@given(
    sealed=st.lists(st.integers(0, 5 * 1440), max_size=5),
    fresh=st.lists(st.integers(0, 5 * 1440), max_size=5),
)
@settings(max_examples=25, deadline=None)
def test_the_extent_is_that_of_all_readings(folder: Path, sealed: list[int], fresh: list[int]) -> None:
    store = EmbeddedStore(folder / str(next(_numbers)))
    for minutes in (sealed, fresh):
        write(store, [(FIRST_DAY_US + minute * MINUTE_US, 0.0, Status.GOOD) for minute in minutes])
        if minutes is sealed:
            store.seal()
    every_us = [FIRST_DAY_US + minute * MINUTE_US for minute in sealed + fresh]
    assert store.extent(POINT) == ((min(every_us), max(every_us)) if every_us else None)
    assert store.extent("nobody") is None
    store.close()
