"""What every engine promises: a thinned counter counts what all its readings count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from facility.readings import Batch, Status, to_us
from facility.series import Series, Thinned
from facility.store import Store
from tests.facility.store.minutes import HOUR_US, MINUTE_US

PAUSE_US = 2 * HOUR_US
STEP_US = 10 * MINUTE_US
DAYS = 6
RATE_PER_S = 0.05
"""kWh per second; readings rise by 1 in ten minutes."""

EDGES = [
    to_us(datetime.combine(date(2026, 7, 14) + timedelta(days=day), time(), ZoneInfo("Asia/Shanghai")).astimezone(UTC))
    for day in range(DAYS + 1)
]


Row = tuple[int, float | None, Status]
"""Number of the reading, one in ten minutes; its value; its status."""


def reading(number: int, value: float | None, status: Status = Status.GOOD) -> Row:
    return number, value, status


COUNT = DAYS * 144
DAY = 144
TROUBLES: dict[str, dict[int, Row | None]] = {
    "none": {},
    "a reset": {number: reading(number, float(number - 2 * DAY - 50)) for number in range(2 * DAY + 50, COUNT)},
    "a fall of one reading": {2 * DAY + 70: reading(2 * DAY + 70, 300.0)},
    "a jump": {number: reading(number, number + 1000.0) for number in range(3 * DAY + 9, COUNT)},
    "a pause": dict.fromkeys(range(2 * DAY + 60, 2 * DAY + 90)),
    "a pause over midnight": dict.fromkeys(range(3 * DAY - 9, 3 * DAY + 9)),
    "days without readings": dict.fromkeys(range(2 * DAY - 20, 4 * DAY + 20)),
    "no answers": {number: reading(number, None, Status.TIMEOUT) for number in range(DAY + 3, DAY + 9)},
    "no answer at midnight": {2 * DAY: reading(2 * DAY, None, Status.TIMEOUT)},
    "doubtful readings": {number: reading(number, 0.0, Status.OUT_OF_RATE) for number in range(3 * DAY, 3 * DAY + 5)},
    "a standstill": {number: reading(number, 2.0 * DAY) for number in range(2 * DAY, COUNT)},
}


def written(store: Store, *troubles: str) -> None:
    """One meter for each trouble; it counts 1 in ten minutes, but for that."""
    batches = []
    for trouble in troubles:
        for number in range(-5, COUNT + 5):
            row = TROUBLES[trouble].get(number, reading(number, float(number)))
            if row is not None:
                time_us = EDGES[0] + row[0] * STEP_US
                batches.append(Batch(time_us=time_us, points=[trouble], values=[row[1]], statuses=[row[2]]))
    store.append(batches)


def rows(series: Series) -> list[tuple[int, float | None, int]]:
    values = [None if math.isnan(value) else value for value in series.values.tolist()]
    return list(zip(series.times_us.tolist(), values, series.statuses.tolist(), strict=True))


def assert_counts_alike(thinned: Thinned, full: Series, edges: Sequence[int], rate_per_s: float | None) -> None:
    """Nothing is made up, nothing beside an edge is left out, and what is left out changes nothing."""
    kept = np.searchsorted(full.times_us, thinned.series.times_us)
    assert rows(thinned.series) == [rows(full)[index] for index in kept.tolist()]
    assert len(thinned.plain) == max(len(kept) - 1, 0)
    for edge in edges:
        beside = int(np.searchsorted(full.times_us, edge))
        for index in (beside - 1, beside):
            if 0 <= index < len(full):
                assert index in kept, f"{full.point}: the reading at {full.times_us[index]} lies beside the edge {edge}"
    for left, right, is_plain in zip(kept[:-1].tolist(), kept[1:].tolist(), thinned.plain.tolist(), strict=True):
        assert is_plain == (right - left > 1), (full.point, left, right)
        if is_plain:
            times_us, values = full.times_us[left : right + 1], full.values[left : right + 1]
            assert bool(full.good[left : right + 1].all())
            assert bool(np.all(np.diff(values) >= 0))
            assert int(np.diff(times_us).max()) <= PAUSE_US
            spans_s = np.maximum(np.diff(times_us) / 1e6, 60.0)
            assert rate_per_s is None or bool(np.all(np.diff(values) / spans_s <= rate_per_s))


def test_a_thinned_counter_counts_what_all_its_readings_count(store: Store) -> None:
    written(store, *TROUBLES)
    noon = EDGES[2] + 12 * HOUR_US
    for trouble in TROUBLES:
        for edges in (EDGES, [EDGES[1], EDGES[2], noon, EDGES[5]], [noon, noon + 1, noon + HOUR_US]):
            full = store.around(trouble, edges[0], edges[-1])
            for rate_per_s in (None, RATE_PER_S):
                thinned = store.thinned(trouble, edges, pause_us=PAUSE_US, rate_per_s=rate_per_s)
                assert_counts_alike(thinned, full, edges, rate_per_s)


def test_nothing_thinned_is_nothing(store: Store) -> None:
    thinned = store.thinned("none", EDGES, pause_us=PAUSE_US, rate_per_s=None)
    assert (len(thinned.series), len(thinned.plain)) == (0, 0)
    store.append([Batch(time_us=EDGES[0], points=["none"], values=[0.0])])
    thinned = store.thinned("none", EDGES, pause_us=PAUSE_US, rate_per_s=RATE_PER_S)
    assert (len(thinned.series), len(thinned.plain)) == (1, 0)


def test_a_reading_that_comes_late_into_a_thinned_day_is_counted(store: Store) -> None:
    written(store, "none")
    edges = [EDGES[1], EDGES[4]]
    store.thinned("none", edges, pause_us=PAUSE_US, rate_per_s=None)
    late = EDGES[2] + 30 * MINUTE_US + 1
    store.append([Batch(time_us=late, points=["none"], values=[0.0])])
    thinned = store.thinned("none", edges, pause_us=PAUSE_US, rate_per_s=None)
    assert late in thinned.series.times_us.tolist()
    assert_counts_alike(thinned, store.around("none", *edges), edges, None)
