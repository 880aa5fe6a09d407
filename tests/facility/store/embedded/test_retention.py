"""Old readings are dropped; what was reckoned of them stays for ever."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facility.accounting.counters import CounterRules, counter_account, thinning
from facility.readings import Batch, Status
from facility.store import Aggregate
from facility.store.embedded import EmbeddedReader, EmbeddedStore
from facility.store.embedded import retention as retention_module
from tests.facility.store.embedded.histories import DAY_US, FIRST_DAY_US, MINUTE_US, QUARTER_US, SECOND_US

POINTS = ("m.energy", "m.power")
DAYS = 6
RULES = CounterRules(counter_max=None, max_rate_per_s=1.0, bridge_us=3600 * SECOND_US)
KEPT_FROM_US = FIRST_DAY_US + 4 * DAY_US


def filled(folder: Path) -> EmbeddedStore:
    """Six days of a counter and a power, a reading a minute, a failed poll and a reset on the second day."""
    store = EmbeddedStore(folder)
    rng = np.random.default_rng(3)
    energy = np.round(1000 + np.cumsum(rng.integers(0, 3, DAYS * 1440)) / 100, 2)
    energy[1440 + 700 :] = np.round(energy[1440 + 700 :] - energy[1440 + 700], 2)
    power = np.round(10 + rng.normal(0, 1, DAYS * 1440), 2)
    batches = [
        Batch(time_us=FIRST_DAY_US + minute * MINUTE_US, points=POINTS, values=[energy[minute], power[minute]])
        for minute in range(DAYS * 1440)
    ]
    batches[1440 + 300] = Batch(
        time_us=batches[1440 + 300].time_us, points=POINTS, values=[None, None], statuses=[Status.TIMEOUT] * 2
    )
    store.append(batches)
    store.seal()
    return store


def values(
    store: EmbeddedStore | EmbeddedReader, point: str, how: Aggregate, edges_us: list[int]
) -> list[tuple[float | None, float]]:
    buckets = store.aggregate(point, edges_us, how, hold_us=3 * MINUTE_US)
    return [(bucket.value, bucket.completeness) for bucket in buckets]


def use(store: EmbeddedStore | EmbeddedReader, edges_us: list[int]) -> list[float]:
    wanted = thinning(edges_us, RULES)
    thinned = store.thinned("m.energy", wanted.edges_us, pause_us=wanted.pause_us, rate_per_s=wanted.rate_per_s)
    used: list[float] = counter_account(thinned, edges_us, RULES).amounts.values.tolist()
    return used


def test_dropped_days_answer_at_quarter_hours_as_before(tmp_path: Path) -> None:
    store = filled(tmp_path)
    hours = list(range(FIRST_DAY_US, FIRST_DAY_US + DAYS * DAY_US + 1, 4 * QUARTER_US))
    local = [FIRST_DAY_US + 16 * 4 * QUARTER_US + day * DAY_US for day in range(DAYS - 1)]
    before = {
        (point, how): values(store, point, how, edges)
        for point in POINTS
        for how in Aggregate
        for edges in (hours, local)
    }
    used, extent = use(store, local), store.extent("m.energy")
    latest = store.latest(POINTS)

    assert store.retain({"m.energy": KEPT_FROM_US, "m.power": KEPT_FROM_US, "nobody": 0}) == 8
    for asked in (store, EmbeddedStore.reading(tmp_path)):
        for (point, how), expected in before.items():
            edges = hours if len(expected) == len(hours) - 1 else local
            found = values(asked, point, how, edges)
            assert [share for _, share in found] == pytest.approx([share for _, share in expected])
            assert [value for value, _ in found] == pytest.approx([value for value, _ in expected])
        assert use(asked, local) == pytest.approx(used)
        assert (asked.extent("m.energy"), asked.latest(POINTS)) == (extent, latest)
        assert asked.damage() == []
        asked.close()


def test_of_dropped_days_the_raw_readings_are_the_skeleton_and_of_others_all(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.retain({"m.energy": KEPT_FROM_US})
    dropped = store.raw("m.energy", FIRST_DAY_US, FIRST_DAY_US + DAY_US)
    quarters = (dropped.times_us - FIRST_DAY_US) % QUARTER_US
    assert {0, 14 * MINUTE_US} <= set(quarters.tolist())
    assert 192 <= len(dropped) <= 196
    fall = store.raw("m.energy", FIRST_DAY_US + DAY_US + 695 * MINUTE_US, FIRST_DAY_US + DAY_US + 705 * MINUTE_US)
    assert np.diff(fall.values).min() < -900
    assert len(store.raw("m.energy", KEPT_FROM_US, KEPT_FROM_US + DAY_US)) == 1440
    assert len(store.raw("m.power", FIRST_DAY_US, FIRST_DAY_US + DAY_US)) == 1440
    around = store.around("m.energy", FIRST_DAY_US + DAY_US, FIRST_DAY_US + DAY_US + 1)
    assert around.times_us.tolist() == [FIRST_DAY_US + DAY_US - MINUTE_US, FIRST_DAY_US + DAY_US,
                                        FIRST_DAY_US + DAY_US + MINUTE_US]  # fmt: skip
    store.close()


def test_a_day_is_kept_until_all_of_it_is_old(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert store.retain({"m.energy": FIRST_DAY_US + 2 * DAY_US - 1}) == 1
    assert store.retain({"m.energy": FIRST_DAY_US + 2 * DAY_US - 1}) == 0
    assert store.retain({}) == 0
    assert len(store.raw("m.energy", FIRST_DAY_US + DAY_US, FIRST_DAY_US + 2 * DAY_US)) == 1440
    store.close()


def test_what_comes_for_a_dropped_day_does_not_spoil_what_was_reckoned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = filled(tmp_path)
    store.retain({"m.power": KEPT_FROM_US})
    day = [FIRST_DAY_US, FIRST_DAY_US + DAY_US]
    expected = values(store, "m.power", Aggregate.SUM, day)
    store.append([Batch(time_us=FIRST_DAY_US + 1, points=["m.power", "m.new"], values=[1e6, 0.0])])
    store.seal()
    assert values(store, "m.power", Aggregate.SUM, day) == expected
    assert "too late" in caplog.text
    assert store.raw("m.new", FIRST_DAY_US, FIRST_DAY_US + 2).values.tolist() == [0.0]
    store.close()


def test_room_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention_module, "SPARE_PAGES", 8)
    store = filled(tmp_path)
    store.retain({})
    pages = store._container.writing.execute("PRAGMA page_count").fetchone()[0]
    store.retain(dict.fromkeys(POINTS, KEPT_FROM_US))
    left, free = (
        store._container.writing.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count")
    )
    assert left < pages
    assert free <= 8
    times = store._container.writing.execute("SELECT count(*) FROM times").fetchone()[0]
    assert times == 2 + DAYS + 1, "both points share the times of days kept and of skeletons, but for the reset's"
    store.close()
