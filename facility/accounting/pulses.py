"""Meters known by their pulses alone: the store has counts, people speak in the medium's unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from facility.accounting.counters import Account, CounterRules, counter_account
from facility.accounting.entries import MeterHistory
from facility.series import Series, Thinned, Times

_NO_HISTORY: Final = MeterHistory()


def pulse_account(
    source: Series | Thinned,
    edges_us: Sequence[int] | Times,
    rules: CounterRules,
    history: MeterHistory = _NO_HISTORY,
    *,
    per_pulse: float,
) -> Account:
    """What a meter counted whose pulses are counted, in the medium's unit.

    Args:
        source: readings of the pulse counter, in counts.
        edges_us: ascending, at least two.
        rules: in counts.
        history: what people entered, in the medium's unit.
        per_pulse: what one count stands for, in the medium's unit, above 0.

    Raises:
        ValueError: as `counter_account`.
    """
    return counter_account(source, edges_us, rules, in_counts(history, per_pulse)).scaled(per_pulse)


def in_counts(history: MeterHistory, per_pulse: float) -> MeterHistory:
    """What people entered about a meter in the medium's unit, in counts of its pulses."""

    def counts(value: float | None) -> float | None:
        return None if value is None else value / per_pulse

    return replace(
        history,
        replacements=tuple(
            replace(
                entry,
                closing=counts(entry.closing),
                opening=counts(entry.opening),
                counter_max=counts(entry.counter_max),
            )
            for entry in history.replacements
        ),
        readings=tuple(replace(entry, value=entry.value / per_pulse) for entry in history.readings),
        corrections=tuple(replace(entry, amount=entry.amount / per_pulse) for entry in history.corrections),
    )
