"""What people enter about a meter, as ledgers: replacements, readings, verdicts on jumps, corrections."""

from __future__ import annotations

import numpy as np
import pytest

from facility.accounting import Grade
from facility.accounting.entries import MeterHistory
from facility.series import Thinned
from tests.facility.accounting.ledger import (
    account,
    correction,
    counted,
    gaps,
    read,
    replaced,
    steady,
    values,
    verdict,
)

SLOW = 10 / 3600


def test_a_replaced_meter_counts_to_its_closing_and_from_its_successors_opening() -> None:
    readings = counted(*steady(900.0, 906.0, 0, 60), *steady(3.0, 9.0, 70, 130))
    history = MeterHistory(replacements=(replaced(65, 906.5, 2.0),))
    used = account(readings, [0, 60, 70, 130], history)
    assert values(used) == [6.0, 1.5, 6.0]
    assert gaps(used) == []
    assert used.amounts.completeness.tolist() == [1.0, 1.0, 1.0]
    assert used.amounts.manual.tolist() == [0.0, 0.0, 0.0], "no gap was bridged by a person's reading"


def test_without_an_entry_the_same_readings_are_a_reset() -> None:
    readings = counted(*steady(900.0, 906.0, 0, 60), *steady(3.0, 9.0, 70, 130))
    assert gaps(account(readings, [0, 130])) == [("reset", 60.0, 70.0, None)]


@pytest.mark.parametrize(
    ("closing", "opening", "between", "silence"),
    [
        (906.5, 0.0, 3.5, []),
        (None, 0.0, 3.0, [("silent", 60.0, 65.0, None)]),
        (906.5, None, 0.5, [("silent", 65.0, 70.0, None)]),
        (None, None, None, [("silent", 60.0, 65.0, None), ("silent", 65.0, 70.0, None)]),
    ],
)
def test_where_nobody_read_it_the_last_and_the_first_reading_count_and_what_lies_between_is_not_known(
    closing: float | None, opening: float | None, between: float | None, silence: list[object]
) -> None:
    readings = counted(*steady(900.0, 906.0, 0, 60), *steady(3.0, 9.0, 70, 130))
    used = account(readings, [60, 70], MeterHistory(replacements=(replaced(65, closing, opening),)))
    assert values(used) == [between]
    assert gaps(used) == silence


def test_a_broken_meter_that_nobody_read_used_an_unknown_amount_until_it_was_replaced() -> None:
    readings = counted(*steady(900.0, 906.0, 0, 60), *steady(2.0, 8.0, 400, 460))
    used = account(readings, [0, 60, 200, 400, 460], MeterHistory(replacements=(replaced(300, None, 0.0),)))
    assert values(used) == [6.0, None, 2.0, 6.0]
    assert gaps(used) == [("silent", 60.0, 300.0, None), ("block", 300.0, 400.0, 2.0)]


def test_the_stretches_beside_a_replacement_are_bridged_or_blocks_like_any_other() -> None:
    readings = counted(*steady(900.0, 906.0, 0, 60), *steady(12.0, 18.0, 300, 360))
    used = account(readings, [0, 60, 100, 300, 360], MeterHistory(replacements=(replaced(100, 910.0, 0.0),)))
    assert values(used) == [6.0, 4.0, 12.0, 6.0]
    assert gaps(used) == [("bridged", 60.0, 100.0, 4.0), ("block", 100.0, 300.0, 12.0)]
    assert used.amounts.manual.tolist() == [0.0, 4.0, 12.0, 0.0]
    assert [use.grade for use in used.amounts.uses()] == [Grade.MEASURED, Grade.MANUAL, Grade.MANUAL, Grade.MEASURED]


def test_a_new_transformer_ratio_multiplies_the_readings_from_then_on() -> None:
    readings = counted(*steady(100.0, 112.0, 0, 120))
    used = account(readings, [0, 60, 120], MeterHistory(replacements=(replaced(60, 106.0, 106.0, factor=2.0),)))
    assert values(used) == [6.0, 12.0]


def test_with_a_transformer_ratio_the_circuit_is_as_strong_as_before() -> None:
    readings = counted((0, 100.0), (10, 101.0), (20, 103.0), (30, 104.0))
    one = MeterHistory(replacements=(replaced(0, None, None, factor=1.0),))
    two = MeterHistory(replacements=(replaced(0, None, None, factor=2.0),))
    assert gaps(account(readings, [0, 30], one, max_rate_per_s=15 / 3600)) == []
    assert gaps(account(readings, [0, 30], two, max_rate_per_s=15 / 3600)) == [("held", 10.0, 20.0, 4.0)]


def test_each_meter_rolls_over_at_its_own_width() -> None:
    readings = counted((0, 9_990.0), (10, 2.0), (20, 4.0), (30, 990.0), (40, 998.0), (50, 6.0))
    history = MeterHistory(replacements=(replaced(25, 5.0, 988.0, counter_max=1_000.0),))
    used = account(readings, [0, 20, 25, 50], history, counter_max=10_000.0, max_rate_per_s=100 / 3600)
    assert values(used) == [14.0, 1.0, 18.0]
    assert gaps(used) == []


def test_several_replacements_leave_several_meters_and_one_that_was_never_read() -> None:
    readings = counted(*steady(50.0, 56.0, 0, 60), *steady(7.0, 13.0, 120, 180))
    history = MeterHistory(replacements=(replaced(70, 57.0, 100.0), replaced(110, 104.0, 6.0)))
    used = account(readings, [0, 60, 70, 110, 120, 180], history)
    assert values(used) == [6.0, 1.0, 4.0, 1.0, 6.0]
    assert gaps(used) == [("bridged", 70.0, 110.0, 4.0)]
    assert account(readings, [0, 180], history).amounts.values.tolist() == pytest.approx([18.0])


def test_a_meter_between_two_replacements_of_which_nothing_is_known_is_a_silence() -> None:
    readings = counted(*steady(50.0, 56.0, 0, 60), *steady(7.0, 13.0, 120, 180))
    history = MeterHistory(replacements=(replaced(65, None, None), replaced(110, None, None)))
    used = account(readings, [0, 60, 120, 180], history)
    assert values(used) == [6.0, None, 6.0]
    assert gaps(used) == [
        ("silent", 60.0, 65.0, None), ("silent", 65.0, 110.0, None), ("silent", 110.0, 120.0, None),
    ]  # fmt: skip
    assert used.amounts.completeness.tolist() == [1.0, 0.0, 1.0]


def test_readings_of_the_old_meter_that_arrive_late_are_the_old_meters() -> None:
    history = MeterHistory(replacements=(replaced(65, 906.5, 2.0),))
    before = counted(*steady(900.0, 903.0, 0, 30), *steady(3.0, 9.0, 70, 130))
    after = counted(*steady(900.0, 906.0, 0, 60), *steady(3.0, 9.0, 70, 130))
    assert gaps(account(before, [0, 130], history)) == [("bridged", 30.0, 65.0, 3.5)]
    assert gaps(account(after, [0, 130], history)) == []
    assert values(account(before, [0, 130], history)) == values(account(after, [0, 130], history)) == [13.5]


def test_of_two_entries_for_one_replacement_the_later_one_stands() -> None:
    readings = counted(*steady(900.0, 906.0, 0, 60), *steady(3.0, 9.0, 70, 130))
    history = MeterHistory(replacements=(replaced(65, 999.0, 2.0), replaced(65, 906.5, 2.0)))
    assert values(account(readings, [0, 130], history)) == [13.5]


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_a_factor_that_makes_no_sense_is_refused(factor: float) -> None:
    history = MeterHistory(replacements=(replaced(65, None, None, factor=factor),))
    with pytest.raises(ValueError, match="factor"):
        account(counted((0, 1.0), (70, 2.0)), [0, 70], history)


def test_a_persons_reading_cuts_a_silence_in_two() -> None:
    readings = counted(*steady(0.0, 6.0, 0, 60), *steady(30.0, 36.0, 300, 360))
    alone = account(readings, [0, 60, 120, 300, 360])
    assert values(alone) == [6.0, None, None, 6.0]
    used = account(readings, [0, 60, 120, 300, 360], MeterHistory(readings=(read(110, 15.0),)))
    assert values(used) == [6.0, 9.0, None, 6.0]
    assert gaps(used) == [("bridged", 60.0, 110.0, 9.0), ("block", 110.0, 300.0, 15.0)]
    assert used.amounts.manual.tolist() == [0.0, 9.0, 0.0, 0.0]
    assert [gap.amount for gap in used.blocks] == [15.0]


def test_a_persons_reading_among_others_is_a_reading_like_any_other() -> None:
    readings = counted(*steady(0.0, 6.0, 0, 60))
    used = account(readings, [0, 60], MeterHistory(readings=(read(31, 3.1),)))
    assert (values(used), gaps(used), used.amounts.manual.tolist()) == ([6.0], [], [0.0])


def test_a_display_that_shows_whole_units_only_is_no_reset() -> None:
    readings = counted(*steady(100.4, 100.9, 0, 60))
    used = account(readings, [0, 60], MeterHistory(readings=(read(31, 100.0),)), max_rate_per_s=SLOW)
    assert (values(used), gaps(used)) == ([0.5], [])


def test_a_meter_that_only_people_read_has_an_account() -> None:
    history = MeterHistory(readings=(read(1440, 30.0), read(0, 0.0), read(2880, 30.0)))
    used = account(counted(), [0, 1440, 2880], history)
    assert values(used) == [30.0, 0.0]
    assert used.amounts.manual.tolist() == [30.0, 0.0]
    assert used.amounts.completeness.tolist() == [0.0, 0.0]


JUMP = counted(*steady(100.0, 101.0, 0, 30), *steady(5101.0, 5102.0, 40, 70))


@pytest.mark.parametrize(
    ("accepted", "value", "gap"),
    [
        (None, 2.0, [("held", 30.0, 40.0, 5000.0)]),
        (True, 5002.0, []),
        (False, 2.0, [("rejected", 30.0, 40.0, 5000.0)]),
    ],
)
def test_a_jump_waits_for_a_person(accepted: bool | None, value: float, gap: list[object]) -> None:
    verdicts = () if accepted is None else (verdict(30, 40, accepted=accepted),)
    used = account(JUMP, [0, 70], MeterHistory(verdicts=verdicts), max_rate_per_s=SLOW)
    assert (values(used), gaps(used)) == ([value], gap)


def test_an_accepted_jump_over_a_silence_is_a_bridge_or_a_block() -> None:
    readings = counted(*steady(100.0, 101.0, 0, 30), *steady(5101.0, 5102.0, 70, 100))
    history = MeterHistory(verdicts=(verdict(30, 70, accepted=True),))
    bridged = account(readings, [0, 100], history, max_rate_per_s=SLOW)
    assert gaps(bridged) == [("bridged", 30.0, 70.0, 5000.0)]
    assert bridged.amounts.estimated.tolist() == [5000.0]
    used = account(readings, [0, 50, 100], history, max_rate_per_s=SLOW, bridge_min=20)
    assert gaps(used) == [("block", 30.0, 70.0, 5000.0)]
    assert values(used) == [1.0, 1.0]


def test_the_later_verdict_stands() -> None:
    history = MeterHistory(verdicts=(verdict(30, 40, accepted=True), verdict(30, 40, accepted=False)))
    assert values(account(JUMP, [0, 70], history, max_rate_per_s=SLOW)) == [2.0]


def test_a_late_reading_inside_a_judged_jump_has_it_judged_afresh() -> None:
    readings = counted(*steady(100.0, 101.0, 0, 30), (35, 4101.0), *steady(5101.0, 5102.0, 40, 70))
    history = MeterHistory(verdicts=(verdict(30, 40, accepted=True),))
    used = account(readings, [0, 70], history, max_rate_per_s=SLOW)
    assert values(used) == [2.0]
    assert gaps(used) == [("held", 30.0, 35.0, 4000.0), ("held", 35.0, 40.0, 1000.0)]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_fall_is_no_jump_that_could_be_judged(accepted: bool) -> None:
    readings = counted(*steady(900.0, 901.0, 0, 30), *steady(0.0, 1.0, 40, 70))
    used = account(readings, [0, 70], MeterHistory(verdicts=(verdict(30, 40, accepted=accepted),)))
    assert (values(used), gaps(used)) == ([2.0], [("reset", 30.0, 40.0, None)])


def test_a_persons_reading_among_plain_ones_that_were_left_out_adds_nothing() -> None:
    thinned = Thinned(series=counted((0, 0.0), (600, 6.0)), plain=np.array([True]))
    used = account(thinned, [0, 600], MeterHistory(readings=(read(300, 3.0),)))
    assert (values(used), gaps(used), used.amounts.manual.tolist()) == ([6.0], [], [0.0])


def test_a_verdict_on_other_readings_changes_nothing() -> None:
    history = MeterHistory(verdicts=(verdict(30, 45, accepted=True), verdict(1, 2, accepted=False)))
    assert gaps(account(JUMP, [0, 70], history, max_rate_per_s=SLOW)) == [("held", 30.0, 40.0, 5000.0)]


def test_a_silence_before_a_jump_does_not_excuse_it() -> None:
    readings = counted(*steady(100.0, 101.0, 0, 30), (3000, 110.0), *steady(160.0, 161.0, 3010, 3040))
    used = account(readings, [0, 3040], max_rate_per_s=SLOW)
    assert gaps(used) == [("block", 30.0, 3000.0, 9.0), ("held", 3000.0, 3010.0, 50.0)]


def test_a_correction_stands_in_place_of_what_was_counted() -> None:
    readings = counted(*steady(0.0, 12.0, 0, 120))
    used = account(readings, [0, 60, 90, 120], MeterHistory(corrections=(correction(60, 120, 20.0),)))
    assert values(used) == [6.0, 10.0, 10.0]
    assert used.amounts.manual.tolist() == [0.0, 10.0, 10.0]
    assert used.amounts.completeness.tolist() == [1.0, 1.0, 1.0], "the readings are there all the same"


@pytest.mark.parametrize(("amount", "value"), [(0.0, 4.0), (-3.0, 1.0)])
def test_a_correction_may_be_zero_or_take_off(amount: float, value: float) -> None:
    readings = counted(*steady(0.0, 12.0, 0, 120))
    used = account(readings, [20, 80], MeterHistory(corrections=(correction(30, 50, amount),)))
    assert values(used) == [value]


def test_of_overlapping_corrections_the_later_entered_stands() -> None:
    readings = counted(*steady(0.0, 12.0, 0, 120))
    both = (correction(0, 60, 60.0), correction(30, 90, 0.0))
    assert values(account(readings, [0, 30, 60, 90, 120], MeterHistory(corrections=both))) == [30.0, 0.0, 0.0, 3.0]
    turned = MeterHistory(corrections=both[::-1])
    assert values(account(readings, [0, 30, 60, 90, 120], turned)) == [30.0, 30.0, 0.0, 3.0]


def test_a_correction_where_nothing_was_read_is_all_that_is_known() -> None:
    used = account(counted(), [0, 30, 60, 90], MeterHistory(corrections=(correction(30, 60, 5.0),)))
    assert values(used) == [None, 5.0, None]
    assert used.amounts.completeness.tolist() == [0.0, 0.0, 0.0]
    assert gaps(used) == [("silent", 0.0, 90.0, None)]


def test_a_rejected_jump_may_be_corrected() -> None:
    history = MeterHistory(verdicts=(verdict(30, 40, accepted=False),), corrections=(correction(30, 40, 0.4),))
    used = account(JUMP, [0, 70], history, max_rate_per_s=SLOW)
    assert values(used) == [2.4]
    assert gaps(used) == [("rejected", 30.0, 40.0, 5000.0)]


def test_a_block_that_a_correction_cuts_stays_a_block_over_the_rest() -> None:
    readings = counted(*steady(0.0, 6.0, 0, 60), *steady(30.0, 36.0, 300, 360))
    history = MeterHistory(corrections=(correction(60, 120, 2.0),))
    used = account(readings, [0, 60, 120, 300, 360], history)
    assert values(used) == [6.0, 2.0, 18.0, 6.0]
    assert gaps(used) == [("block", 120.0, 300.0, 18.0)]
    assert used.amounts.estimated.tolist() == [0.0, 0.0, 18.0, 0.0]
    across = account(readings, [0, 200, 360], history)
    assert values(across) == [8.0, 6.0]
    assert [gap.amount for gap in across.blocks] == [18.0]


@pytest.mark.parametrize(
    ("edges", "errors"),
    [
        ([0, 10], [0.0]),
        ([10, 14, 16, 20], [6.0, 0.0, 6.0]),  # the correction cuts the span of 10 at 4 and at 6 of its 10 minutes
        ([10, 20], [12.0]),
        ([10, 15, 20], [8.5, 8.5]),  # and the edge cuts what was agreed on
        ([14.5, 15.5], [2.5]),
    ],
)
def test_what_a_correction_leaves_of_a_span_is_uncertain_and_what_was_agreed_on_is_not(
    edges: list[float], errors: list[float]
) -> None:
    readings = counted((0, 0.0), (10, 10.0), (20, 20.0))
    used = account(readings, edges, MeterHistory(corrections=(correction(14, 16, 5.0),)))
    assert used.amounts.error.tolist() == pytest.approx(errors)
