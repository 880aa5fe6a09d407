"""What holds of every account, whatever the counter did and whatever people entered."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facility.accounting.counters import Account, CounterRules, counter_account, thinning
from facility.accounting.entries import MeterHistory
from facility.accounting.segments import meter_spans
from facility.accounting.use import Gap, GapKind
from facility.readings import Status
from facility.series import Series, Thinned, merged, ordered, unthinned
from tests.facility.accounting.ledger import (
    MINUTE_US,
    NO_HISTORY,
    Row,
    at,
    correction,
    counted,
    read,
    replaced,
    rules,
    verdict,
)

END = 3000
UNHURRIED = settings(deadline=None)
Step = tuple[int, float, str]

STEPS = st.lists(
    st.tuples(
        st.sampled_from((1, 2, 5, 5, 5, 5, 10, 14, 20, 45, 60, 61, 90, 240)),
        st.one_of(st.just(0.0), st.floats(0, 6)),
        st.sampled_from("........!0RDJB"),
    ),
    max_size=50,
)
CUTS = st.lists(st.integers(-100, END), min_size=2, max_size=10, unique=True).map(sorted)
RULES = st.builds(
    rules,
    counter_max=st.sampled_from((None, 1000.0, 60.0)),
    max_rate_per_s=st.sampled_from((None, 60 / 3600)),
    step=st.sampled_from((0.0, 0.01)),
    bridge_min=st.sampled_from((5, 60, 10**6)),
)
MINUTES = st.integers(-50, END)
VALUES = st.floats(0, 200)


def readings(steps: list[Step]) -> Series:
    """A counter with a register of 1000: steps of (minutes, rise, what happens): `!` one spike, `0` silence, `R` reset,
    `D` one dip, `J` jump, `B` a fall back by a little.
    """
    minute, register = 0, 0.0
    rows: list[Row] = []
    for minutes, rise, event in steps:
        minute += minutes
        register = {"R": 0.0, "J": register + 500.0, "B": max(register - 0.5, 0.0)}.get(event, register + rise)
        register = register - 1000.0 if register > 1000.0 else register
        rows.append((minute, {"!": 1e7, "0": None, "D": register * 0.95}.get(event, register)))
    return counted(*rows)


@st.composite
def histories(draw: st.DrawFn, *, corrected: bool = True) -> MeterHistory:
    """Whatever people may have entered, sense or not."""
    value = st.none() | VALUES
    replacement = st.builds(
        replaced, MINUTES, value, value,
        factor=st.sampled_from((0.5, 1.0, 2.0)), counter_max=st.sampled_from((None, 300.0)),
    )  # fmt: skip
    spans = st.tuples(MINUTES, st.integers(1, 500))
    correction_ = st.builds(lambda span, amount: correction(span[0], sum(span), amount), spans, st.floats(-20, 50))
    return MeterHistory(
        replacements=tuple(draw(st.lists(replacement, max_size=3))),
        readings=tuple(draw(st.lists(st.builds(read, MINUTES, VALUES), max_size=3))),
        corrections=tuple(draw(st.lists(correction_, max_size=3))) if corrected else (),
    )


@st.composite
def judged(draw: st.DrawFn, series: Series, history: MeterHistory) -> MeterHistory:
    """With verdicts on pairs of neighbouring readings."""
    minutes = (series.times_us / MINUTE_US).tolist()
    if len(minutes) < 2:
        return history
    chosen = draw(st.lists(st.tuples(st.integers(0, len(minutes) - 2), st.booleans()), max_size=4))
    verdicts = tuple(verdict(minutes[place], minutes[place + 1], accepted=accepted) for place, accepted in chosen)
    return replace(history, verdicts=verdicts)


@st.composite
def cases(draw: st.DrawFn, *, corrected: bool = True) -> tuple[Series, CounterRules, MeterHistory]:
    series = readings(draw(STEPS))
    history = draw(judged(series, draw(histories(corrected=corrected))))
    return series, draw(RULES), history


def over(case: tuple[Series, CounterRules, MeterHistory], cuts: list[int]) -> Account:
    series, judged_by, history = case
    return counter_account(series, [at(cut) for cut in cuts], judged_by, history)


def total(account: Account) -> float:
    """What its intervals hold, and the blocks between them."""
    edges_us = account.amounts.edges_us
    inner = [
        gap.amount
        for gap in account.blocks
        if gap.amount is not None and edges_us[0] <= gap.start_us and gap.end_us <= edges_us[-1]
    ]
    return math.fsum([*np.nan_to_num(account.amounts.values).tolist(), *inner])


def near(value: float) -> Any:
    return pytest.approx(value, abs=1e-5)


@UNHURRIED
@given(case=cases(), cuts=CUTS)
def test_parts_and_blocks_between_them_add_up_to_the_whole(
    case: tuple[Series, CounterRules, MeterHistory], cuts: list[int]
) -> None:
    whole, parts = over(case, [cuts[0], cuts[-1]]), over(case, cuts)
    assert total(parts) == near(total(whole))
    assert [gap for gap in whole.gaps if gap.kind is not GapKind.SILENT] == [
        gap for gap in parts.gaps if gap.kind is not GapKind.SILENT
    ]
    lengths = np.diff(parts.amounts.edges_us)
    assert float(parts.amounts.completeness @ lengths) == near(float(whole.amounts.completeness[0] * lengths.sum()))


@UNHURRIED
@given(case=cases(), cuts=CUTS, data=st.data())
def test_splitting_an_interval_changes_no_other_and_no_sum(
    case: tuple[Series, CounterRules, MeterHistory], cuts: list[int], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(cuts[0], cuts[-1]))
    before, after = over(case, cuts), over(case, sorted({*cuts, cut}))
    assert total(after) == near(total(before))
    new = dict(zip(after.amounts.edges_us[:-1].tolist(), after.amounts.values.tolist(), strict=True))
    for use in before.amounts.uses():
        if not use.start_us <= at(cut) < use.end_us or use.start_us == at(cut):
            assert new[use.start_us] == pytest.approx(math.nan if use.value is None else use.value, nan_ok=True)


@UNHURRIED
@given(case=cases(corrected=False), cuts=CUTS)
def test_nothing_is_negative(case: tuple[Series, CounterRules, MeterHistory], cuts: list[int]) -> None:
    account = over(case, cuts)
    assert not np.any(account.amounts.values < 0)
    assert all(gap.amount is None or gap.amount >= 0 for gap in account.gaps)


@UNHURRIED
@given(case=cases(), cuts=CUTS, backwards=st.booleans())
def test_shares_are_shares_and_what_is_not_known_has_none(
    case: tuple[Series, CounterRules, MeterHistory], cuts: list[int], backwards: bool
) -> None:
    series, judged_by, history = case
    amounts = over((series, replace(judged_by, bidirectional=backwards), history), cuts).amounts
    for column in (amounts.completeness, amounts.estimated_share):
        assert np.all((column >= 0) & (column <= 1))
    for column in (amounts.estimated, amounts.manual, amounts.error):
        assert np.all(column >= 0)
        assert np.all(column[~amounts.known] == 0)
    assert all(0 <= use.manual_share <= 1 for use in amounts.uses())


@UNHURRIED
@given(case=cases(corrected=False), cuts=CUTS)
def test_gaps_and_what_is_covered_make_up_all_the_time(
    case: tuple[Series, CounterRules, MeterHistory], cuts: list[int]
) -> None:
    account = over(case, cuts)
    start_us, end_us = at(cuts[0]), at(cuts[-1])
    assert all(first.end_us <= second.start_us for first, second in zip(account.gaps, account.gaps[1:], strict=False))
    open_us = sum(min(gap.end_us, end_us) - max(gap.start_us, start_us) for gap in account.gaps)
    covered_us = float(account.amounts.completeness @ np.diff(account.amounts.edges_us))
    assert covered_us == near(end_us - start_us - open_us)
    assert all(gap.start_us < end_us and gap.end_us > start_us for gap in account.gaps)


@UNHURRIED
@given(case=cases(corrected=False), cuts=CUTS)
def test_a_counter_that_may_run_backwards_has_no_resets(
    case: tuple[Series, CounterRules, MeterHistory], cuts: list[int]
) -> None:
    series, judged_by, history = case
    account = over((series, replace(judged_by, bidirectional=True), history), cuts)
    assert all(gap.kind is not GapKind.RESET for gap in account.gaps)
    whole = over((series, replace(judged_by, bidirectional=True), history), [cuts[0], cuts[-1]])
    assert total(account) == near(total(whole))


@UNHURRIED
@given(case=cases(), cuts=CUTS, order=st.randoms(use_true_random=False))
def test_the_order_in_which_readings_come_and_repetitions_change_nothing(
    case: tuple[Series, CounterRules, MeterHistory], cuts: list[int], order: Any
) -> None:
    series, judged_by, history = case
    places = [*range(len(series)), *order.sample(range(len(series)), k=len(series) // 2)]
    order.shuffle(places)
    again = ordered(
        Series(
            point=series.point,
            times_us=series.times_us[places],
            values=series.values[places],
            statuses=series.statuses[places],
        )
    )
    assert_same(over((again, judged_by, history), cuts), over(case, cuts))


def assert_same(one: Account, other: Account) -> None:
    for name in ("values", "completeness", "estimated", "manual", "error"):
        assert getattr(one.amounts, name).tolist() == pytest.approx(
            getattr(other.amounts, name).tolist(), abs=1e-5, nan_ok=True
        ), name
    assert [rounded(gap) for gap in one.gaps] == [rounded(gap) for gap in other.gaps]


def rounded(gap: Gap) -> Gap:
    return gap if gap.amount is None else replace(gap, amount=round(gap.amount, 5) + 0.0)


def thinned(series: Series, judged_by: CounterRules, history: MeterHistory, cuts: list[int]) -> Thinned:
    """As few readings as `Thinned` allows."""
    wanted = thinning([at(cut) for cut in cuts], judged_by, history)
    lengths, rises = np.diff(series.times_us), np.diff(series.values)
    good = series.good
    with np.errstate(invalid="ignore"):
        fast = rises > (wanted.rate_per_s or math.inf) * np.maximum(lengths / 1e6, 60)
        fell = ~(rises >= 0)
    odd = fell | fast | (lengths > wanted.pause_us) | ~good[1:] | ~good[:-1]
    keep = np.zeros(len(series), np.bool_)
    keep[[0, -1]] = True
    for place in np.flatnonzero(odd).tolist():
        until_us = series.times_us[place] + (wanted.pause_us if fell[place] else 0)
        keep[max(place - 1, 0) : place + 3] = True
        keep[place : int(np.searchsorted(series.times_us, until_us, side="right"))] = True
    for edge_us in wanted.edges_us:
        place = int(np.searchsorted(series.times_us, edge_us))
        keep[max(place - 2, 0) : place + 2] = True
    kept = np.flatnonzero(keep)
    few = Series(
        point=series.point,
        times_us=series.times_us[kept],
        values=series.values[kept],
        statuses=series.statuses[kept],
    )
    return Thinned(series=few, plain=np.diff(kept) > 1)


@UNHURRIED
@given(case=cases(), cuts=CUTS)
def test_plain_readings_may_be_left_out(case: tuple[Series, CounterRules, MeterHistory], cuts: list[int]) -> None:
    series, judged_by, history = case
    if not len(series):
        return
    few = thinned(series, judged_by, history, cuts)
    assert_same(counter_account(few, [at(cut) for cut in cuts], judged_by, history), over(case, cuts))


def test_a_plain_day_is_left_with_a_few_readings_and_counts_the_same() -> None:
    series = counted(*((float(minute), minute / 10) for minute in range(1441)))
    few = thinned(series, rules(max_rate_per_s=0.1), NO_HISTORY, [0, 720, 1440])
    assert (len(few.series), int(few.plain.sum())) == (9, 2)
    assert_same(
        counter_account(few, [0, at(720), at(1440)], rules(max_rate_per_s=0.1)),
        counter_account(series, [0, at(720), at(1440)], rules(max_rate_per_s=0.1)),
    )


EDGES = list(range(-120, END + 120, 30))


@UNHURRIED
@given(case=cases(), minute=st.integers(-30, END), value=VALUES)
def test_a_late_reading_changes_nothing_beyond_its_neighbours_neighbours(
    case: tuple[Series, CounterRules, MeterHistory], minute: int, value: float
) -> None:
    """Nothing before the last reading kept that lies `hold_us` before the second reading before it, nor after the first
    that lies as long after the second after it.
    """
    series, judged_by, history = case
    late = merged(counted((minute, value)), series) if minute not in minutes_of(series) else series
    before, after = over(case, EDGES), over((late, judged_by, history), EDGES)
    good_us = series.times_us[series.good]
    place = int(np.searchsorted(good_us, at(minute)))
    low_us = int(good_us[place - 2]) - judged_by.hold_us if place >= 2 else -(2**61)
    high_us = int(good_us[place + 1]) + judged_by.hold_us if place + 1 < len(good_us) else 2**61
    bounds_us = bounds(case), bounds((late, judged_by, history))
    first_us = min(max((each for each in known if each <= low_us), default=-(2**61)) for known in bounds_us)
    last_us = max(min((each for each in known if each >= high_us), default=2**61) for known in bounds_us)
    for old, new in zip(before.amounts.uses(), after.amounts.uses(), strict=True):
        if new.end_us <= first_us or new.start_us >= last_us:
            assert (new.value is None) == (old.value is None)
            assert new.value == (None if old.value is None else near(old.value))
            assert (new.completeness, new.error) == (near(old.completeness), near(old.error))


def minutes_of(series: Series) -> set[float]:
    return set((series.times_us / MINUTE_US).tolist())


def bounds(case: tuple[Series, CounterRules, MeterHistory]) -> list[int]:
    series, judged_by, history = case
    times_us: list[int] = meter_spans(unthinned(series), judged_by, history).bounds_us.tolist()
    return times_us


@UNHURRIED
@given(rises=st.lists(st.tuples(st.integers(1, 30), st.floats(0, 3)), min_size=3, max_size=40), data=st.data())
def test_a_late_reading_of_a_counter_that_just_rises_changes_only_what_lies_between_its_neighbours(
    rises: list[tuple[int, float]], data: st.DataObject
) -> None:
    series = readings([(minutes, rise, ".") for minutes, rise in rises])
    place = data.draw(st.integers(1, len(series) - 2))
    fewer = Series(
        point=series.point,
        times_us=np.delete(series.times_us, place),
        values=np.delete(series.values, place),
        statuses=np.delete(series.statuses, place),
    )
    low_us, high_us = series.times_us[place - 1], series.times_us[place + 1]
    before, after = over((fewer, rules(), NO_HISTORY), EDGES), over((series, rules(), NO_HISTORY), EDGES)
    for old, new in zip(before.amounts.uses(), after.amounts.uses(), strict=True):
        if new.end_us <= low_us or new.start_us >= high_us:
            assert new.value == (None if old.value is None else near(old.value))


@UNHURRIED
@given(
    rises=st.lists(st.floats(0, 3), min_size=20, max_size=200),
    seen=st.lists(st.booleans(), min_size=200, max_size=200),
    cuts=CUTS,
)
def test_what_was_really_used_is_never_further_off_than_the_error_says(
    rises: list[float], seen: list[bool], cuts: list[int]
) -> None:
    """A counter known every minute; its readings are some of those."""
    truth = np.concatenate(([0.0], np.cumsum(rises)))
    rows = [(float(minute), float(truth[minute])) for minute in range(len(truth)) if seen[minute % 200]]
    if len(rows) < 2:
        return
    edges = [cut for cut in cuts if rows[0][0] <= cut <= rows[-1][0]]
    if len(edges) < 2:
        return
    account = over((counted(*rows), rules(bridge_min=10**6), NO_HISTORY), edges)
    true = np.diff(truth[edges])
    assert np.all(np.abs(account.amounts.values - true) <= account.amounts.error + 1e-6)


def test_uncertain_and_manual_readings_are_told_apart() -> None:
    series = counted((0, 0.0), (100, 5.0), (200, 9.0))
    series.statuses[1] = Status.MANUAL
    amounts = over((series, rules(bridge_min=500), NO_HISTORY), [0, 100, 200]).amounts
    assert amounts.manual.tolist() == [5.0, 4.0]
    series.statuses[1] = Status.OUT_OF_RATE
    amounts = over((series, rules(bridge_min=500), NO_HISTORY), [0, 100, 200]).amounts
    assert (amounts.values.tolist(), amounts.manual.tolist()) == ([4.5, 4.5], [0.0, 0.0])
