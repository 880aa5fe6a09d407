"""What an account says beside its amounts, as ledgers: gaps, blocks, how far off, dips, counters that run backwards."""

from __future__ import annotations

import numpy as np
import pytest

from facility.accounting import Grade
from facility.accounting.counters import thinning
from facility.accounting.entries import MeterHistory
from facility.accounting.use import GapKind
from facility.series import Thinned
from tests.facility.accounting.ledger import (
    account,
    at,
    correction,
    counted,
    gaps,
    read,
    replaced,
    rules,
    steady,
    values,
    verdict,
)

FAST = 60 / 3600


def test_every_stretch_that_is_not_simply_measured_is_stated_with_its_true_times() -> None:
    readings = counted(
        *steady(0.0, 3.0, 10, 40),
        *steady(8.0, 9.0, 90, 100),
        *steady(29.0, 30.0, 300, 310),
        *steady(0.0, 1.0, 320, 330),
        *steady(900.0, 901.0, 340, 350),
    )
    used = account(readings, [0, 60, 400], max_rate_per_s=FAST)
    assert gaps(used) == [
        ("silent", 0.0, 10.0, None),
        ("bridged", 40.0, 90.0, 5.0),
        ("block", 100.0, 300.0, 20.0),
        ("reset", 310.0, 320.0, None),
        ("held", 330.0, 340.0, 899.0),
        ("silent", 350.0, 400.0, None),
    ]
    assert values(used) == [5.0, 27.0]
    assert used.blocks == ()
    assert [gap.kind for gap in account(readings, [60, 95], max_rate_per_s=FAST).gaps] == [GapKind.BRIDGED]
    assert gaps(account(readings, [100, 300])) == [("block", 100.0, 300.0, 20.0)]


def test_a_block_across_an_edge_is_in_no_interval_but_told() -> None:
    readings = counted(*steady(0.0, 6.0, 0, 60), *steady(30.0, 36.0, 300, 360))
    assert [gap.amount for gap in account(readings, [0, 100, 360]).blocks] == [24.0]
    assert account(readings, [0, 60, 300, 360]).blocks == ()
    assert [gap.amount for gap in account(readings, [100, 200]).blocks] == [24.0]


def test_a_block_in_which_nothing_was_used_is_zero_and_known() -> None:
    used = account(counted((0, 5.0), (300, 5.0)), [0, 300])
    assert (values(used), gaps(used)) == ([0.0], [("block", 0.0, 300.0, 0.0)])


@pytest.mark.parametrize(
    ("edges", "errors"),
    [
        ([0, 10], [0.0]),  # both on readings
        ([4, 10], [6.0]),  # 4 of 10 minutes into 10 kWh: anything from 0 to 10 instead of 4
        ([4, 14], [12.0]),  # two spans
        ([2, 7], [5.0]),  # both in one span: anything from 0 to 10 instead of 5
        ([2, 3], [9.0]),
        ([0, 1, 10], [9.0, 9.0]),
        ([20, 30], [0.0]),  # nothing was used
        ([25, 28], [0.0]),
    ],
)
def test_an_edge_between_two_readings_may_be_off_by_what_was_used_between_them(
    edges: list[float], errors: list[float]
) -> None:
    used = account(counted((0, 0.0), (10, 10.0), (20, 20.0), (30, 20.0)), edges)
    assert used.amounts.error.tolist() == pytest.approx(errors)


def test_an_edge_in_a_block_or_a_reset_makes_nothing_uncertain() -> None:
    used = account(counted((0, 0.0), (10, 10.0), (200, 20.0), (210, 3.0), (220, 4.0)), [0, 100, 205, 220])
    assert values(used) == [10.0, None, 1.0]
    assert used.amounts.error.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("low", [995.0, 0.0])
def test_a_dip_from_which_the_counter_comes_back_is_not_booked_twice(low: float) -> None:
    readings = counted((0, 1000.0), (3, 1001.0), (5, low), (7, low), (9, low + 0.1), (12, 1001.5), (20, 1002.0))
    used = account(readings, [0, 20])
    assert (values(used), gaps(used)) == ([2.0], [])


def test_a_counter_that_does_not_come_back_soon_starts_anew() -> None:
    readings = counted((0, 1000.0), (5, 1001.0), (10, 995.0), (15, 996.0), (30, 1001.5))
    used = account(readings, [0, 30])
    assert (values(used), gaps(used)) == ([7.5], [("reset", 5.0, 10.0, None)])


def test_two_devices_at_one_address_do_not_count_the_difference_over_and_over() -> None:
    rows = [(float(minute), 100.0 + minute / 10 if minute % 2 == 0 else 0.0) for minute in range(61)]
    used = account(counted(*rows), [0, 60])
    assert values(used) == [6.0]


def test_a_counter_that_may_run_backwards_counts_what_it_falls_by() -> None:
    readings = counted(*steady(10.0, 7.0, 0, 60), *steady(7.0, 9.0, 65, 125))
    used = account(readings, [0, 60, 65, 125], bidirectional=True, max_rate_per_s=FAST)
    assert values(used) == [-3.0, 0.0, 2.0]
    assert gaps(used) == []
    assert [use.grade for use in used.amounts.uses()] == [Grade.MEASURED] * 3


def test_a_counter_that_may_run_backwards_falls_no_faster_than_it_rises() -> None:
    readings = counted(*steady(900.0, 901.0, 0, 30), *steady(0.0, 1.0, 40, 70))
    used = account(readings, [0, 70], bidirectional=True, max_rate_per_s=FAST)
    assert (values(used), gaps(used)) == ([2.0], [("held", 30.0, 40.0, -901.0)])


@pytest.mark.parametrize("rate", [None, FAST])
@pytest.mark.parametrize(("rows", "value"), [([(0, 999.0), (10, 2.0)], 3.0), ([(0, 2.0), (10, 999.0)], -3.0)])
def test_a_counter_that_may_run_backwards_rolls_over_both_ways(
    rows: list[tuple[float, float]], value: float, rate: float | None
) -> None:
    used = account(counted(*rows), [0, 10], bidirectional=True, counter_max=999.0, step=1.0, max_rate_per_s=rate)
    assert values(used) == [value]


def test_a_negative_gap_is_estimated_as_a_positive_one_is() -> None:
    used = account(counted((0, 9.0), (30, 6.0)), [0, 30], bidirectional=True)
    assert used.amounts.estimated.tolist() == [3.0]
    assert used.amounts.estimated_share.tolist() == [1.0]


def test_where_plain_readings_were_left_out_all_is_covered() -> None:
    series = counted((0, 0.0), (600, 6.0), (610, 6.5), (700, 7.0))
    used = account(Thinned(series=series, plain=np.array([True, False, False])), [0, 700])
    assert gaps(used) == [("block", 610.0, 700.0, 0.5)]
    assert used.amounts.completeness.tolist() == pytest.approx([610 / 700])


def test_a_pause_as_long_as_is_usual_is_no_gap() -> None:
    assert gaps(account(counted((0, 0.0), (15, 1.0), (30, 2.0)), [0, 30])) == []
    assert gaps(account(counted((0, 0.0), (15.1, 1.0), (75.1, 2.0), (135.2, 3.0)), [0, 135])) == [
        ("bridged", 0.0, 15.1, 1.0),
        ("bridged", 15.1, 75.1, 1.0),
        ("block", 75.1, 135.2, 1.0),
    ]


def test_in_another_unit_all_that_is_an_amount_is_scaled() -> None:
    used = account(counted((0, 0.0), (30, 6.0), (300, 10.0), (310, 0.0)), [0, 15, 310]).scaled(10.0)
    assert values(used) == [30.0, 70.0]
    assert gaps(used) == [("bridged", 0.0, 30.0, 60.0), ("block", 30.0, 300.0, 40.0), ("reset", 300.0, 310.0, None)]
    assert used.amounts.estimated.tolist() == [30.0, 30.0]
    assert used.amounts.error.tolist() == [30.0, 30.0]


def test_of_two_neighbours_that_look_wrong_the_first_is_left_out() -> None:
    readings = counted((0, 100.0), (5, 100.0), (10, 101.0), (15, 101.0), (20, 101.0))
    used = account(readings, [0, 20], max_rate_per_s=0.15 / 60, hold_min=10)
    assert (values(used), gaps(used)) == ([1.0], [])


def test_a_dip_does_not_end_in_a_jump() -> None:
    readings = counted((0, 1000.0), (5, 990.0), (7, 990.1), (10, 5000.0), (12, 5000.1))
    used = account(readings, [0, 12], max_rate_per_s=FAST)
    assert gaps(used) == [("reset", 0.0, 5.0, None), ("held", 7.0, 10.0, 4009.9)]
    assert values(used) == [0.2]


def test_a_step_of_the_register_between_two_quick_polls_is_no_jump() -> None:
    used = account(counted((0, 7.00), (1 / 30, 7.01), (20, 7.2)), [0, 20], max_rate_per_s=1.5 / 3600)
    assert [kind for kind, *_ in gaps(used)] == ["bridged"]


@pytest.mark.parametrize("rows", [(), ((100, 1.0), (105, 2.0)), ((-9, 1.0), (-5, 2.0)), ((-9, None), (70, None))])
def test_where_nothing_was_read_the_silence_is_as_long_as_was_asked(
    rows: tuple[tuple[float, float | None], ...],
) -> None:
    used = account(counted(*rows), [0, 30, 60])
    assert (values(used), gaps(used)) == ([None, None], [("silent", 0.0, 60.0, None)])


@pytest.mark.parametrize(("factor", "rate"), [(1.0, 0.5), (2.0, 0.25), (0.5, 0.5)])
def test_thinning_keeps_what_shows_that_a_reading_is_wrong_and_what_lies_beside_an_entry(
    factor: float, rate: float
) -> None:
    history = MeterHistory(
        replacements=(replaced(20, None, None, factor=factor), replaced(5000, None, None)),
        readings=(read(30, 1.0),),
        corrections=(correction(40, 9000, 1.0),),
        verdicts=(verdict(50, 51, accepted=True),),
    )
    wanted = thinning([0, at(60)], rules(max_rate_per_s=0.5), history)
    assert wanted.edges_us == [at(minute) for minute in (-15, 0, 20, 30, 40, 50, 51, 60, 75)]
    assert (wanted.pause_us, wanted.rate_per_s) == (at(15), rate)
    assert thinning([0, at(60)], rules()).rate_per_s is None
