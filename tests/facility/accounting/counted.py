"""What a counter counted, with the jumps and falls seen in each interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facility.accounting import HOLD_US, CounterRules, Grade, counter_account
from facility.accounting.use import GapKind
from facility.series import Series


@dataclass(slots=True, kw_only=True)
class Counted:
    """One interval: its use, what it jumped by that is held, and how often it fell."""

    start_us: int
    end_us: int
    value: float | None
    completeness: float
    estimated_share: float
    grade: Grade
    held: float = 0.0
    resets: int = 0


def counter_use(
    series: Series,
    edges_us: Sequence[int],
    *,
    counter_max: float | None,
    max_rate_per_s: float | None,
    bridge_us: int,
    hold_us: int = HOLD_US,
    step: float = 0.0,
) -> list[Counted]:
    """One `Counted` for each interval of a counter that nobody entered anything about."""
    rules = CounterRules(
        counter_max=counter_max, max_rate_per_s=max_rate_per_s, bridge_us=bridge_us, hold_us=hold_us, step=step
    )
    account = counter_account(series, edges_us, rules)
    found = [
        Counted(
            start_us=use.start_us,
            end_us=use.end_us,
            value=use.value,
            completeness=use.completeness,
            estimated_share=use.estimated_share,
            grade=use.grade,
        )
        for use in account.amounts.uses()
    ]
    for gap in account.gaps:
        place = int(np.searchsorted(account.amounts.edges_us, gap.end_us)) - 1
        if place < len(found):
            found[place].resets += gap.kind is GapKind.RESET
            found[place].held += (gap.amount or 0.0) if gap.kind is GapKind.HELD else 0.0
    return found
