"""A condition counts after it has lasted, and counts no more after it has been gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from controller.alarming.delays import Delayed
from controller.alarming.flood import FloodGate

T0 = datetime(2026, 7, 15, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def test_delays_step_by_step() -> None:
    delayed = Delayed(on_delay_s=60, off_delay_s=30)
    ledger = []
    for second, said in ((0, True), (59, None), (60, None), (70, False), (80, True), (90, False), (119, None),
                         (120, None)):  # fmt: skip
        delayed = delayed.at(at(second)) if said is None else delayed.said(said, at(second))
        ledger.append((second, delayed.counts))
    assert ledger == [(0, False), (59, False), (60, True), (70, True), (80, True), (90, True), (119, True),
                      (120, False)]  # fmt: skip


def test_without_delays_it_counts_at_once() -> None:
    on = Delayed().said(True, at(0))
    assert (on.counts, on.due) == (True, None)
    assert not on.said(False, at(0)).counts


def test_what_is_said_again_began_when_it_was_first_said() -> None:
    delayed = Delayed(on_delay_s=60).said(True, at(0)).said(True, at(59))
    assert delayed.due == at(60)
    assert delayed.said(True, at(60)).counts


def test_nothing_said_is_nothing_due() -> None:
    assert Delayed(on_delay_s=60).at(at(1000)) == Delayed(on_delay_s=60)


def test_more_than_so_many_new_alarms_are_a_flood_until_half_are_gone() -> None:
    gate = FloodGate(more_than=4, minutes=10)
    assert [gate.raised(at(second)) for second in range(0, 300, 60)] == [False, False, False, False, True]
    assert gate.look(at(600))  # four are left: still the same flood
    assert gate.look(at(660))
    assert not gate.look(at(720))
    assert gate.count(at(720)) == 2
    assert not gate.look(at(5000))
