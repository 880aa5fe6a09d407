"""Consumption from readings of a counter that only counts up, or of one that may run backwards.

Readings become spans (`facility.accounting.spans`), spans are shared out over intervals. Hence the parts of an interval
add up to the whole, but for blocks that lie across a cut; and nothing is negative unless the counter may run backwards
or people agreed on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from facility.accounting.account import Account, checked_edges
from facility.accounting.corrections import agreed, corrected
from facility.accounting.entries import MeterHistory
from facility.accounting.plausibility import HOLD_US, CounterRules
from facility.accounting.segments import meter_spans
from facility.accounting.spans import judge
from facility.accounting.spreading import account
from facility.series import Series, Thinned, Times, unthinned

__all__ = ["HOLD_US", "Account", "CounterRules", "Thinning", "counter_account", "thinning"]

_NO_HISTORY: Final = MeterHistory()


def counter_account(
    source: Series | Thinned,
    edges_us: Sequence[int] | Times,
    rules: CounterRules,
    history: MeterHistory = _NO_HISTORY,
) -> Account:
    """What a counter counted between neighbouring edges.

    Args:
        source: its readings, in its canonical unit, one before the first edge and one after the last where there are
            such (`Store.around`; `Store.thinned` as `thinning` says). Only good ones with a value count.
        edges_us: ascending, at least two.
        rules: how they are judged.
        history: what people entered about this meter; of two entries about the same the later in its column stands.

    Raises:
        ValueError: fewer than two edges, or edges that do not ascend; a replacement's factor is not above 0.
    """
    edges = checked_edges(edges_us)
    thinned = source if isinstance(source, Thinned) else unthinned(source)
    spans = meter_spans(thinned, rules, history)
    judge(spans, history.verdicts, rules)
    return account(spans, edges, corrected(spans, agreed(history.corrections)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinning:
    """What to ask a store for (`Store.thinned`)."""

    edges_us: list[int]
    pause_us: int
    rate_per_s: float | None


def thinning(edges_us: Sequence[int] | Times, rules: CounterRules, history: MeterHistory = _NO_HISTORY) -> Thinning:
    """How readings may be thinned out so that `counter_account` makes of them what it makes of all.

    Beyond the edges it wants what shows that a reading next to one is wrong; within them, what is next to anything that
    people entered.
    """
    edges = checked_edges(edges_us)
    first_us, last_us = int(edges[0]) - rules.hold_us, int(edges[-1]) + rules.hold_us
    entered = {entry.at_us for entry in history.replacements} | {entry.at_us for entry in history.readings}
    for stretches in (history.verdicts, history.corrections):
        entered |= {time_us for entry in stretches for time_us in (entry.start_us, entry.end_us)}
    inner = {time_us for time_us in entered if first_us < time_us < last_us}
    factor = max((entry.factor for entry in history.replacements), default=1.0)
    rate = rules.max_rate_per_s
    return Thinning(
        edges_us=sorted({first_us, *edges.tolist(), *inner, last_us}),
        pause_us=rules.hold_us,
        rate_per_s=None if rate is None else rate / max(factor, 1.0),
    )
