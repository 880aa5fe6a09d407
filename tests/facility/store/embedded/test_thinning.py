"""What the store leaves out of a counter's readings changes nothing in what was counted."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facility.accounting.counters import CounterRules, counter_account, thinning
from facility.errors import StoreDamaged
from facility.readings import Batch, Status
from facility.series import Thinned
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

EDGES = st.lists(
    st.one_of(
        st.integers(0, DAYS).map(lambda day: day * DAY_US),
        st.integers(0, DAYS * 96).map(lambda quarter: quarter * QUARTER_US),
        st.integers(0, DAYS * 1440).map(lambda minute: minute * MINUTE_US),
    ),
    min_size=2,
    max_size=4,
    unique=True,
).map(lambda edges: sorted(FIRST_DAY_US + edge for edge in edges))

RULES = st.builds(
    CounterRules,
    counter_max=st.sampled_from([None, 9999.99]),
    max_rate_per_s=st.sampled_from([None, None, 0.0003, 0.002, 1.0]),
    bridge_us=st.sampled_from([30 * MINUTE_US, 7200 * SECOND_US]),
    step=st.sampled_from([0.0, 0.01]),
    hold_us=st.sampled_from([QUARTER_US, QUARTER_US, 2 * QUARTER_US, 17 * MINUTE_US, 2 * DAY_US]),
)

LATE: st.SearchStrategy[list[int]] = st.one_of(st.just([]), st.just([]), st.lists(st.integers(0, 200), max_size=2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("thinning")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories(), edges_us=EDGES, rules=RULES, late=LATE)
def test_what_was_counted_follows_from_thinned_readings_as_from_all(
    folder: Path,
    history: list[tuple[int, float | None, Status]],
    edges_us: list[int],
    rules: CounterRules,
    late: list[int],
) -> None:
    store = EmbeddedStore(folder / str(next(_numbers)))
    try:
        held_back = {index for index in late if index < len(history)}
        write(store, [reading for index, reading in enumerate(history) if index not in held_back])
        store.seal()
        write(store, [history[index] for index in held_back])
        wanted = thinning(edges_us, rules)
        thinned = store.thinned(POINT, wanted.edges_us, pause_us=wanted.pause_us, rate_per_s=wanted.rate_per_s)
        everything = store.around(POINT, wanted.edges_us[0], wanted.edges_us[-1])
    finally:
        store.close()
    assert set(thinned.series.times_us.tolist()) <= set(everything.times_us.tolist())
    assert_only_plain_readings_are_missing(thinned, everything.times_us.tolist())
    found, expected = counter_account(thinned, edges_us, rules), counter_account(everything, edges_us, rules)
    assert found.gaps == expected.gaps
    for name in found.amounts.__slots__:
        left, right = getattr(found.amounts, name), getattr(expected.amounts, name)
        np.testing.assert_allclose(
            np.asarray(left, np.float64), np.asarray(right, np.float64), rtol=1e-9, atol=1e-6, err_msg=name
        )


def assert_only_plain_readings_are_missing(thinned: Thinned, all_us: list[int]) -> None:
    times_us = thinned.series.times_us.tolist()
    missing = sorted(set(all_us).difference(times_us))
    at = np.searchsorted(times_us, missing) - 1
    assert len(thinned.plain) == max(len(times_us) - 1, 0)
    assert thinned.plain[at].all(), "a reading is missing where nothing may be left out"


def counter(
    folder: Path, values: Sequence[float | None], interval_s: int, start_us: int = FIRST_DAY_US
) -> EmbeddedStore:
    """A sealed store with one counter, read every `interval_s` from `start_us` on."""
    store = EmbeddedStore(folder)
    points = [POINT]
    store.append(
        [
            Batch(time_us=start_us + index * interval_s * SECOND_US, points=points, values=[value])
            for index, value in enumerate(values)
        ]
    )
    store.seal()
    return store


def climb(minutes: int, start: float = 1000.0) -> list[float]:
    return [round(start + minute / 100.0, 2) for minute in range(minutes)]


def assert_same_account(store: EmbeddedStore, edges_us: list[int], rules: CounterRules) -> Thinned:
    wanted = thinning(edges_us, rules)
    thinned = store.thinned(POINT, wanted.edges_us, pause_us=wanted.pause_us, rate_per_s=wanted.rate_per_s)
    everything = store.around(POINT, wanted.edges_us[0], wanted.edges_us[-1])
    store.close()
    found, expected = counter_account(thinned, edges_us, rules), counter_account(everything, edges_us, rules)
    assert found.amounts.values.tolist() == pytest.approx(expected.amounts.values.tolist())
    assert found.gaps == expected.gaps
    return thinned


PATIENT = CounterRules(counter_max=None, max_rate_per_s=None, bridge_us=3600 * SECOND_US, hold_us=2 * QUARTER_US)


def test_all_there_is_of_a_dip_is_kept_until_the_counter_comes_back(tmp_path: Path) -> None:
    values = climb(2 * 1440)
    for place, value in enumerate((0.0, 300.0, 600.0, 1007.0, 1020.0, 1030.0), start=614):
        values[place] = value
    values[620:] = [round(value + 30.0, 2) for value in values[620:]]
    edges_us = [FIRST_DAY_US, FIRST_DAY_US + 41 * QUARTER_US, FIRST_DAY_US + 2 * DAY_US]
    assert_same_account(counter(tmp_path, values, 60), edges_us, PATIENT)


def test_a_dip_over_midnight_is_kept_in_the_day_in_which_it_ends(tmp_path: Path) -> None:
    values = climb(3 * 1440)
    low = [round(900.0 + 20.0 * minute, 2) for minute in range(9)]
    values[1440:1449] = low
    values[1449:] = [round(value + 100.0, 2) for value in values[1449:]]
    edges_us = [FIRST_DAY_US, FIRST_DAY_US + DAY_US + 5 * MINUTE_US, FIRST_DAY_US + 3 * DAY_US]
    assert_same_account(counter(tmp_path, values, 60), edges_us, PATIENT)
    inner_us = [FIRST_DAY_US, FIRST_DAY_US + 3 * DAY_US]
    assert_same_account(counter(tmp_path / "again", values, 60), inner_us, PATIENT)


def test_steps_each_believed_within_its_minute_are_not_held_for_their_sum(tmp_path: Path) -> None:
    values = [round(1000.0 + step * 0.02, 2) for step in range(2 * 8640)]
    rules = CounterRules(counter_max=None, max_rate_per_s=0.0005, bridge_us=3600 * SECOND_US)
    thinned = assert_same_account(counter(tmp_path, values, 10), [FIRST_DAY_US, FIRST_DAY_US + 2 * DAY_US], rules)
    assert not thinned.plain.any()


def spoil_blocks(folder: Path) -> None:
    """Makes every block unreadable: whoever opens one fails."""
    with sqlite3.connect(folder / "readings.sqlite") as connection:
        connection.execute("UPDATE blocks SET data = x'00'")
    connection.close()


def assert_no_block_is_needed(
    folder: Path, values: list[float | None], interval_s: int, edges_us: list[int]
) -> Thinned:
    rules = CounterRules(counter_max=None, max_rate_per_s=1.0, bridge_us=3600 * SECOND_US)
    wanted = thinning(edges_us, rules)
    store = counter(folder, values, interval_s, edges_us[0] - DAY_US)
    expected = counter_account(store.around(POINT, wanted.edges_us[0], wanted.edges_us[-1]), edges_us, rules)
    spoil_blocks(folder)
    with pytest.raises(StoreDamaged):
        store.raw(POINT, edges_us[0], edges_us[-1])
    thinned = store.thinned(POINT, wanted.edges_us, pause_us=wanted.pause_us, rate_per_s=wanted.rate_per_s)
    store.close()
    found = counter_account(thinned, edges_us, rules)
    assert found.amounts.values.tolist() == pytest.approx(expected.amounts.values.tolist())
    return thinned


@pytest.mark.parametrize("offset_us", [0, 16 * 3600 * SECOND_US])
def test_a_plain_month_opens_no_block_and_keeps_few_readings(tmp_path: Path, offset_us: int) -> None:
    edges_us = [FIRST_DAY_US + offset_us, FIRST_DAY_US + offset_us + 30 * DAY_US]
    thinned = assert_no_block_is_needed(tmp_path, list(climb(33 * 288)), 300, edges_us)
    assert len(thinned.series) < 800


def test_a_failed_poll_a_day_opens_no_block_either(tmp_path: Path) -> None:
    values: list[float | None] = list(climb(5 * 1440))
    values[700::1440] = [None] * 5
    assert_no_block_is_needed(tmp_path, values, 60, [FIRST_DAY_US, FIRST_DAY_US + 3 * DAY_US])


def test_unknown_points_and_empty_months_thin_to_nothing(tmp_path: Path) -> None:
    store = counter(tmp_path, climb(10), 60)
    assert len(store.thinned("nobody", [0, 1], pause_us=QUARTER_US, rate_per_s=None).series) == 0
    before = store.thinned(POINT, [0, FIRST_DAY_US], pause_us=QUARTER_US, rate_per_s=None)
    assert before.series.times_us.tolist() == [FIRST_DAY_US]
    store.close()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    history=histories(),
    other=histories(),
    edges_us=EDGES,
    rate_per_s=st.sampled_from([None, 0.002]),
)
def test_plain_increases_of_many_counters_are_what_the_account_says(
    folder: Path,
    history: list[tuple[int, float | None, Status]],
    other: list[tuple[int, float | None, Status]],
    edges_us: list[int],
    rate_per_s: float | None,
) -> None:
    store = EmbeddedStore(folder / str(next(_numbers)))
    start_us, end_us = edges_us[0], edges_us[-1]
    rules = CounterRules(counter_max=None, max_rate_per_s=rate_per_s, bridge_us=QUARTER_US, hold_us=QUARTER_US)
    try:
        write(store, history)
        write(store, other, "m.other")
        store.seal()
        if len(history) % 3 == 1:
            write(store, history[-1:])
        risen = store.plain_increases(
            [POINT, "nobody", "m.other"], start_us, end_us, pause_us=QUARTER_US, rate_per_s=rate_per_s
        )
        for point, increase in risen.items():
            account = counter_account(store.around(point, start_us, end_us), [start_us, end_us], rules)
            assert increase == pytest.approx(account.amounts.values[0], rel=1e-9, abs=1e-6)
            assert account.amounts.completeness[0] == 1.0
    finally:
        store.close()


def test_counters_of_a_quiet_month_are_all_plain(tmp_path: Path) -> None:
    store = counter(tmp_path, climb(33 * 288), 300)
    edges_us = [FIRST_DAY_US + DAY_US + QUARTER_US, FIRST_DAY_US + 31 * DAY_US]
    risen = store.plain_increases([POINT], edges_us[0], edges_us[1], pause_us=QUARTER_US, rate_per_s=None)
    account = counter_account(store.around(POINT, edges_us[0], edges_us[1]), edges_us, PATIENT)
    assert risen == {POINT: pytest.approx(account.amounts.values[0])}
    assert store.plain_increases([POINT], edges_us[0], edges_us[1], pause_us=60, rate_per_s=None) == {}
    store.close()
