"""Consumption from counters, as ledgers: minutes and register values in, kWh per interval out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facility.accounting import Grade
from facility.readings import Status
from facility.series import Series
from tests.facility.accounting.counted import Counted, counter_use

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


def counted(*rows: tuple[float, float | None]) -> Series:
    """A counter's readings: (minute, register or None)."""
    return Series(
        point="m.energy_import",
        times_us=np.array([round(minute * MINUTE_US) for minute, _ in rows], np.int64),
        values=np.array([math.nan if value is None else value for _, value in rows], np.float64),
        statuses=np.array([Status.TIMEOUT if value is None else Status.GOOD for _, value in rows], np.uint8),
    )


def steady(first: float, last: float, start: int = 0, end: int = 60, every: int = 5) -> list[tuple[float, float]]:
    """Readings every `every` minutes that rise evenly."""
    span = end - start
    return [(start + at, first + (last - first) * at / span) for at in range(0, span + 1, every)]


def use(
    series: Series,
    edges_min: list[int],
    *,
    counter_max: float | None = None,
    max_rate_per_s: float | None = None,
    bridge_min: int = 60,
) -> list[Counted]:
    edges_us = [minute * MINUTE_US for minute in edges_min]
    return counter_use(
        series, edges_us, counter_max=counter_max, max_rate_per_s=max_rate_per_s, bridge_us=bridge_min * MINUTE_US
    )


def values(uses: list[Counted]) -> list[float | None]:
    return [None if item.value is None else round(item.value, 6) for item in uses]


def test_hours_add_up_to_what_the_register_moved() -> None:
    uses = use(counted(*steady(1000.0, 1012.0, 0, 120)), [0, 60, 120])
    assert values(uses) == [6.0, 6.0]
    assert [(item.completeness, item.estimated_share, item.grade) for item in uses] == [(1.0, 0.0, Grade.MEASURED)] * 2


def test_an_edge_between_two_readings_takes_its_share() -> None:
    assert values(use(counted((-4, 10.0), (6, 20.0), (16, 20.0)), [0, 10])) == [6.0]


def test_a_counter_that_stands_still_used_zero_and_that_is_known() -> None:
    (only,) = use(counted(*steady(55.0, 55.0)), [0, 60])
    assert (only.value, only.completeness, only.grade) == (0.0, 1.0, Grade.MEASURED)


@pytest.mark.parametrize("rows", [(), ((0, 5.0),), ((0, None), (5, None), (10, None)), ((100, 1.0), (105, 2.0))])
def test_nothing_known_is_none_and_never_zero(rows: tuple[tuple[float, float | None], ...]) -> None:
    (only,) = use(counted(*rows), [0, 60])
    assert (only.value, only.completeness, only.grade) == (None, 0.0, Grade.UNKNOWN)


def test_a_short_gap_is_bridged_and_marked_as_estimated() -> None:
    readings = counted(*steady(0.0, 6.0, 0, 60), *steady(12.0, 18.0, 90, 150))
    first, second, third = use(readings, [0, 60, 90, 150])
    assert values([first, second, third]) == [6.0, 6.0, 6.0]
    assert [item.estimated_share for item in (first, second, third)] == [0.0, 1.0, 0.0]
    assert [item.completeness for item in (first, second, third)] == [1.0, 0.0, 1.0]
    assert second.grade is Grade.ESTIMATED
    (whole,) = use(readings, [0, 150])
    assert whole.value == 18.0
    assert whole.estimated_share == pytest.approx(1 / 3)
    assert whole.completeness == pytest.approx(120 / 150)


def test_a_long_gap_gives_its_hours_nothing_and_the_day_everything() -> None:
    readings = counted(*steady(0.0, 6.0, 0, 60), *steady(30.0, 36.0, 300, 360))
    assert values(use(readings, [0, 60, 120, 180, 300, 360])) == [6.0, None, None, None, 6.0]
    (day,) = use(readings, [0, 360])
    assert day.value == 36.0
    assert day.completeness == pytest.approx(1 / 3)
    half, rest = use(readings, [0, 180, 360])
    assert values([half, rest]) == [6.0, 6.0]
    assert half.completeness == pytest.approx(1 / 3)


def test_a_gap_looked_at_through_one_hour_is_not_mistaken_for_a_slow_meter() -> None:
    (hour,) = use(counted((-600, 10.0), (600, 70.0)), [0, 60])
    assert hour.value is None


def test_a_meter_read_once_an_hour_has_no_gaps() -> None:
    series = counted(*steady(0.0, 25.0, -30, 24 * 60 + 30, 60))
    edges_us = [0, 12 * HOUR_US, 24 * HOUR_US]
    uses = counter_use(
        series, edges_us, counter_max=None, max_rate_per_s=None, bridge_us=2 * HOUR_US, hold_us=HOUR_US + MINUTE_US
    )
    assert values(uses) == [12.0, 12.0]
    assert [item.completeness for item in uses] == [1.0, 1.0]


@pytest.mark.parametrize("rate", [None, 0.01])
def test_a_rollover_is_added(rate: float | None) -> None:
    (only,) = use(counted((0, 99999.0), (10, 1.0), (20, 3.0)), [0, 20], counter_max=99999.9, max_rate_per_s=rate)
    assert only.value == pytest.approx(3.9)
    assert only.resets == 0


def test_a_reset_starts_anew_and_what_it_hid_is_missing() -> None:
    readings = counted(*steady(1_000_000.0, 1_000_006.0, 0, 30), *steady(0.0, 6.0, 40, 70))
    (only,) = use(readings, [0, 70], counter_max=99_999_999.0)
    assert only.value == pytest.approx(12.0)
    assert only.resets == 1
    assert only.completeness == pytest.approx(60 / 70)


def test_a_small_dip_is_neither_negative_nor_huge() -> None:
    (only,) = use(counted(*steady(999_999.0, 1_000_000.0, 0, 30), *steady(990_000.0, 990_002.0, 40, 70)), [0, 70])
    assert only.value == pytest.approx(3.0)
    assert only.resets == 1


def test_a_jump_beyond_the_circuit_is_held_for_a_person() -> None:
    readings = counted(*steady(100.0, 101.0, 0, 30), *steady(5101.0, 5102.0, 40, 70))
    (only,) = use(readings, [0, 70], max_rate_per_s=10 / 3600)
    assert only.value == pytest.approx(2.0)
    assert only.held == pytest.approx(5000.0)
    (believed,) = use(readings, [0, 70])
    assert believed.value == pytest.approx(5002.0)


@pytest.mark.parametrize("glitch", [9_999_999.0, 0.0])
def test_one_wrong_reading_changes_nothing(glitch: float) -> None:
    clean = steady(100.0, 112.0)
    spoilt = [*clean[:6], (clean[6][0], glitch), *clean[7:]]
    (only,) = use(counted(*spoilt), [0, 60], max_rate_per_s=20 / 3600)
    assert only.value == pytest.approx(12.0)
    assert (only.held, only.resets) == (0.0, 0)


def test_a_coarse_register_may_step_between_two_quick_polls() -> None:
    (only,) = use(counted((0, 7.00), (1 / 30, 7.01), (10, 7.2)), [0, 10], max_rate_per_s=1.5 / 3600)
    assert only.value == pytest.approx(0.2)
    assert only.held == 0.0


def test_readings_that_are_not_good_do_not_count() -> None:
    series = counted((0, 10.0), (5, 400.0), (10, 12.0))
    series.statuses[1] = Status.OUT_OF_RATE
    (only,) = use(series, [0, 10])
    assert only.value == 2.0


@pytest.mark.parametrize("edges", [[0], [], [0, 0], [5, 1]])
def test_edges_must_ascend(edges: list[int]) -> None:
    with pytest.raises(ValueError, match="two edges"):
        use(counted((0, 1.0)), edges)


READINGS = st.lists(
    st.tuples(st.integers(1, 240), st.one_of(st.floats(0, 50), st.just(0.0)), st.sampled_from("......!0R")),
    min_size=1,
    max_size=40,
)
CUTS = st.lists(st.integers(0, 3000), min_size=2, max_size=12, unique=True).map(sorted)


def history(steps: list[tuple[int, float, str]]) -> Series:
    """A counter with a register of 1000: steps of (minutes, rise, what happens: `!` spike, `0` silence, `R` reset)."""
    minute, register, rows = 0, 0.0, []
    for minutes, rise, event in steps:
        minute += minutes
        register = 0.0 if event == "R" else register + rise
        register = register - 1000.0 if register > 1000.0 else register
        rows.append((float(minute), {"!": 1e7, "0": None}.get(event, register)))
    return counted(*rows)


@given(steps=READINGS, cuts=CUTS)
def test_parts_add_up_to_the_whole_but_for_blocks_across_a_cut(
    steps: list[tuple[int, float, str]], cuts: list[int]
) -> None:
    series = history(steps)

    def counted_over(edges: list[int], bridge_min: int = 60) -> list[Counted]:
        return use(series, edges, counter_max=1000.0, max_rate_per_s=60 / 3600, bridge_min=bridge_min)

    (whole,) = counted_over([cuts[0], cuts[-1]])
    parts = counted_over(cuts)
    total = math.fsum(part.value for part in parts if part.value is not None)
    assert total <= (whole.value or 0.0) + 1e-6
    endless = counted_over(cuts, bridge_min=10**6)
    (endless_whole,) = counted_over([cuts[0], cuts[-1]], bridge_min=10**6)
    known = [part.value for part in endless if part.value is not None]
    assert math.fsum(known) == pytest.approx(endless_whole.value or 0.0, abs=1e-6)
    assert (endless_whole.value is None) == (not known)


@given(steps=READINGS, cuts=CUTS)
def test_nothing_is_negative_and_shares_are_shares(steps: list[tuple[int, float, str]], cuts: list[int]) -> None:
    for part in use(history(steps), cuts, counter_max=1000.0, max_rate_per_s=60 / 3600):
        assert part.value is None or part.value >= 0.0
        assert 0.0 <= part.completeness <= 1.0
        assert 0.0 <= part.estimated_share <= 1.0
        assert part.held >= 0.0
        assert (part.value is None) == (part.grade is Grade.UNKNOWN)


@given(steps=READINGS, late=st.integers(0, 3000))
def test_a_late_reading_changes_only_the_intervals_it_touches(steps: list[tuple[int, float, str]], late: int) -> None:
    clean = [(minutes, rise, ".") for minutes, rise, _ in steps]
    series = history(clean)
    minutes = (series.times_us // MINUTE_US).tolist()
    kept = [index for index, minute in enumerate(minutes) if minute != minutes[late % len(minutes)]]
    fewer = Series(
        point=series.point,
        times_us=series.times_us[kept],
        values=series.values[kept],
        statuses=series.statuses[kept],
    )
    edges = list(range(0, 9600 + 240, 240))
    before, after = use(fewer, edges, counter_max=1000.0), use(series, edges, counter_max=1000.0)
    moved = minutes[late % len(minutes)]
    low = max((minute for minute in (minutes[i] for i in kept) if minute < moved), default=moved)
    high = min((minute for minute in (minutes[i] for i in kept) if minute > moved), default=moved)
    for old, new in zip(before, after, strict=True):
        if new.end_us <= low * MINUTE_US or new.start_us >= high * MINUTE_US:
            assert new.value == pytest.approx(old.value) if old.value is not None else new.value is None
