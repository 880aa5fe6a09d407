"""Pulse counters: counts in the store, the medium's unit in people's mouths."""

from __future__ import annotations

from facility.accounting.account import Account
from facility.accounting.counters import CounterRules
from facility.accounting.entries import MeterHistory
from facility.accounting.pulses import pulse_account
from facility.series import Series
from tests.facility.accounting.ledger import NO_HISTORY, at, correction, counted, gaps, read, replaced, rules, values


def pulses(
    series: Series, edges_min: list[int], judged_by: CounterRules, history: MeterHistory = NO_HISTORY
) -> Account:
    """Ten litres a pulse."""
    return pulse_account(series, [at(minute) for minute in edges_min], judged_by, history, per_pulse=0.01)


def test_counts_become_cubic_metres_in_amounts_gaps_and_errors() -> None:
    readings = counted((0, 65_500.0), (10, 64.0), (20, 164.0), (50, 264.0), (300, 1_264.0))
    account = pulses(readings, [0, 15, 50, 100], rules(counter_max=65_535.0, step=1.0))
    assert values(account) == [1.5, 1.5, None]
    assert gaps(account) == [("bridged", 20.0, 50.0, 1.0), ("block", 50.0, 300.0, 10.0)]
    assert account.amounts.error.tolist() == [0.5, 0.5, 0.0]
    assert [gap.amount for gap in account.blocks] == [10.0]


def test_a_reset_has_no_amount_in_any_unit() -> None:
    account = pulses(counted((0, 500.0), (10, 0.0), (20, 100.0)), [0, 20], rules())
    assert (values(account), gaps(account)) == ([1.0], [("reset", 0.0, 10.0, None)])


def test_what_people_enter_is_in_the_mediums_unit() -> None:
    readings = counted((0, 100.0), (10, 200.0), (40, 30.0), (50, 130.0), (200, 1_130.0))
    history = MeterHistory(
        replacements=(replaced(20, 2.5, 0.1, counter_max=99.99),),
        readings=(read(190, 10.3),),
        corrections=(correction(40, 50, 7.0),),
    )
    account = pulses(readings, [0, 20, 40, 50, 190, 200], rules(), history)
    assert values(account) == [1.5, 0.2, 7.0, 9.0, 1.0]


def test_the_new_counter_rolls_over_at_its_own_width() -> None:
    history = MeterHistory(replacements=(replaced(5, None, None, counter_max=9.99),))
    account = pulses(counted((5, 990.0), (15, 10.0)), [5, 15], rules(step=1.0), history)
    assert values(account) == [0.2]
    assert account.gaps == ()
