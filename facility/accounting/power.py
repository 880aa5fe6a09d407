"""Energy from readings of power, where a circuit has no counter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facility.accounting.account import Account, checked_edges
from facility.accounting.plausibility import CounterRules
from facility.accounting.spans import BLOCK, BRIDGED, SILENT, Spans, kinds_by_length
from facility.accounting.spreading import account
from facility.accounting.use import Grade
from facility.series import Series, Times

_HOUR_US = 3600 * 1_000_000


def power_account(series: Series, edges_us: Sequence[int] | Times, *, hold_us: int, bridge_us: int) -> Account:
    """What a circuit used between neighbouring edges, kWh, from its power, kW.

    Between two good readings the power goes straight from one to the other. A gap longer than `hold_us` and up to
    `bridge_us` is bridged and marked as estimated; of a longer one nothing is known (SILENT): power tells nothing of
    what was used while nobody looked. Power that flows back counts as negative.

    Raises:
        ValueError: fewer than two edges, or edges that do not ascend.
    """
    edges, good = checked_edges(edges_us), series.good
    times_us, power_kw = series.times_us[good], series.values[good]
    lengths = np.diff(times_us)
    rules = CounterRules(counter_max=None, max_rate_per_s=None, bridge_us=bridge_us, hold_us=hold_us)
    kinds = kinds_by_length(lengths, rules)
    kinds[kinds == BLOCK] = SILENT
    energy_kwh = (power_kw[:-1] + power_kw[1:]) / 2 * (lengths / _HOUR_US)
    spans = Spans(
        bounds_us=times_us,
        amounts=energy_kwh,
        kinds=kinds,
        estimated=kinds == BRIDGED,
        manual=np.zeros(len(lengths), np.bool_),
    )
    return account(spans, edges, base=Grade.DERIVED)
