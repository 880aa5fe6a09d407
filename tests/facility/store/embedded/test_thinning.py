"""What the store leaves out of a counter's readings changes nothing in what was counted."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facility.accounting.counters import CounterRules, counter_account, thinning
from facility.readings import Status
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
        st.integers(0, DAYS * DAY_US),
    ),
    min_size=2,
    max_size=6,
    unique=True,
).map(lambda edges: sorted(FIRST_DAY_US + edge for edge in edges))

RULES = st.builds(
    CounterRules,
    counter_max=st.sampled_from([None, 9999.99]),
    max_rate_per_s=st.sampled_from([None, 0.0003, 0.002, 0.05, 1.0]),
    bridge_us=st.sampled_from([30 * MINUTE_US, 7200 * SECOND_US]),
    step=st.sampled_from([0.0, 0.01]),
    hold_us=st.sampled_from([5 * MINUTE_US, QUARTER_US, QUARTER_US + MINUTE_US, 2 * DAY_US]),
)

LATE = st.lists(st.integers(0, 200), max_size=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("thinning")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
