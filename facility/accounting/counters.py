"""Consumption from readings of a counter that only counts up.

Between two neighbouring good readings lies a span. What a span counted is spread evenly over its time, so that an
interval's edge may lie inside it. A span is

    covered   its readings are no further apart than `hold_us`: measured
    bridged   a gap that is not too long: spread, but marked as estimated
    block     a longer gap: what it counted stays whole; an interval that holds all of it has it, one that holds a part
              of it has nothing of it
    broken    the counter fell (reset, replacement) or rose faster than its circuit can carry: nothing is known of it

Hence the parts of an interval add up to the whole, but for blocks that lie across a cut; and nothing is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.accounting.use import Grade, Use
from facility.series import Series, Times, Values

HOLD_US: Final = 900 * 1_000_000
"""Readings this close together (15 min) leave no gap, where the caller does not know better."""

_RATE_WINDOW_S: Final = 60.0
"""A rate is judged over at least this long: a counter moves in steps of its register."""

_NEAR_TOP: Final = 0.9
_NEAR_ZERO: Final = 0.1
"""Without a known rate, a fall from the top tenth of the register to its bottom tenth is a rollover."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Spans:
    """Columns: what each span counted, and of which sort it is. `held` is what a broken one rose by."""

    starts_us: Times
    ends_us: Times
    amounts: Values
    covered: Flags
    bridged: Flags
    blocks: Flags
    resets: Flags
    held: Values


def counter_use(
    series: Series,
    edges_us: Sequence[int],
    *,
    counter_max: float | None,
    max_rate_per_s: float | None,
    bridge_us: int,
    hold_us: int = HOLD_US,
    step: float = 0.0,
) -> list[Use]:
    """What a counter counted between neighbouring edges, one `Use` each.

    Args:
        series: its readings, in its canonical unit, one before the first edge and one after the last where there are
            such (`Store.around`). Only good ones with a value count.
        edges_us: ascending, at least two.
        counter_max: the largest value it shows before it starts again at zero; None when it does not roll over.
        max_rate_per_s: what its circuit can carry, unit per second; a faster rise is held out. None: any is believed.
        bridge_us: gaps up to this long are bridged and marked as estimated.
        hold_us: readings this far apart leave no gap; above the usual pause between two readings of the meter.
        step: smallest step of the register, for rollover and rate; 0 when not known.

    Raises:
        ValueError: fewer than two edges, or edges that do not ascend.
    """
    edges = np.asarray(edges_us, np.int64)
    if len(edges) < 2 or bool(np.any(edges[1:] <= edges[:-1])):
        raise ValueError("consumption needs at least two edges, each later than the one before")
    good = series.good
    rules = _Rules(counter_max=counter_max, max_rate_per_s=max_rate_per_s, step=step)
    times_us, values = _without_glitches(series.times_us[good], series.values[good], rules)
    spans = _spans(times_us, values, rules, bridge_us, hold_us)
    return _uses(spans, edges)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What is believed of a counter."""

    counter_max: float | None
    max_rate_per_s: float | None
    step: float

    def is_believed(self, rises: Values, seconds: Values) -> Flags:
        """Rises that are none, or too fast for the circuit, are not."""
        believed: Flags = rises >= 0
        if self.max_rate_per_s is not None:
            believed &= rises <= self.max_rate_per_s * np.maximum(seconds, _RATE_WINDOW_S) + self.step
        return believed

    def rolled_over(self, before: Values, after: Values, seconds: Values) -> tuple[Flags, Values]:
        """Which falls are rollovers, and by how much the counter rose then."""
        if self.counter_max is None:
            return np.zeros(len(before), np.bool_), np.zeros(len(before))
        rises = self.counter_max - before + self.step + after
        likely = (after < before) & (before <= self.counter_max)
        if self.max_rate_per_s is None:
            near = (before >= _NEAR_TOP * self.counter_max) & (after <= _NEAR_ZERO * self.counter_max)
            return likely & near, rises
        return likely & self.is_believed(rises, seconds), rises


def _without_glitches(times_us: Times, values: Values, rules: _Rules) -> tuple[Times, Values]:
    """Leaves out single readings that the counter itself contradicts: their neighbours agree without them."""
    keep = np.ones(len(values), np.bool_)
    if len(values) < 3:
        return times_us, values
    seconds = np.diff(times_us) / 1e6
    steps_fit = _fits(values[:-1], values[1:], seconds, rules)
    around_fits = rules.is_believed(values[2:] - values[:-2], (times_us[2:] - times_us[:-2]) / 1e6)
    for index in np.flatnonzero(~(steps_fit[:-1] & steps_fit[1:]) & around_fits).tolist():
        keep[index + 1] = not keep[index]  # of two neighbours that look wrong, the first is left out
    return times_us[keep], values[keep]


def _fits(before: Values, after: Values, seconds: Values, rules: _Rules) -> Flags:
    rolled, _ = rules.rolled_over(before, after, seconds)
    return rolled | rules.is_believed(after - before, seconds)


def _spans(times_us: Times, values: Values, rules: _Rules, bridge_us: int, hold_us: int) -> _Spans:
    lengths = np.diff(times_us)
    rises = np.diff(values)
    before, after = values[:-1], values[1:]
    seconds = lengths / 1e6
    rolled, rolled_rises = rules.rolled_over(before, after, seconds)
    amounts = np.where(rolled, rolled_rises, rises)
    sound = rolled | rules.is_believed(rises, seconds)
    covered = sound & (lengths <= hold_us)
    bridged = sound & ~covered & (lengths <= bridge_us)
    return _Spans(
        starts_us=times_us[:-1],
        ends_us=times_us[1:],
        amounts=np.where(sound, amounts, 0.0),
        covered=covered,
        bridged=bridged,
        blocks=sound & ~covered & ~bridged,
        resets=~sound & (rises < 0),
        held=np.where(~sound & (rises > 0), rises, 0.0),
    )


def _uses(spans: _Spans, edges: Times) -> list[Use]:
    lengths = (spans.ends_us - spans.starts_us).astype(np.float64)
    spread = spans.covered | spans.bridged
    values = _shared(spans, edges, np.where(spread, spans.amounts, 0.0))
    estimated = _shared(spans, edges, np.where(spans.bridged, spans.amounts, 0.0))
    covered_us = _shared(spans, edges, np.where(spans.covered, lengths, 0.0))
    known = _shared(spans, edges, np.where(spread, lengths, 0.0)) > 0
    _add_blocks(spans, edges, values, known)
    held, resets = _marks(spans, edges)
    columns = (edges[:-1], edges[1:], values, known, covered_us, estimated, held, resets)
    return [_use(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _use(*row: *tuple[int, int, float, bool, float, float, float, float]) -> Use:
    start_us, end_us, value, is_known, covered_us, estimated, held, resets = row
    share = min(1.0, estimated / value) if value else 0.0
    measured = Grade.ESTIMATED if share > 0.5 else Grade.MEASURED
    return Use(
        start_us=start_us,
        end_us=end_us,
        value=value if is_known else None,
        completeness=min(1.0, covered_us / (end_us - start_us)),
        estimated_share=share,
        grade=measured if is_known else Grade.UNKNOWN,
        held=held,
        resets=int(resets),
    )


def _shared(spans: _Spans, edges: Times, amounts: Values) -> Values:
    """Each interval's share of the amounts, spread evenly over their spans."""
    if not len(amounts):
        return np.zeros(len(edges) - 1)
    sums = np.concatenate(([0.0], np.cumsum(amounts)))
    index = np.clip(np.searchsorted(spans.starts_us, edges, side="right") - 1, 0, len(amounts) - 1)
    lengths = spans.ends_us[index] - spans.starts_us[index]
    into = np.clip(edges - spans.starts_us[index], 0, lengths) / lengths
    shares: Values = np.maximum(np.diff(sums[index] + into * amounts[index]), 0.0)
    return shares


def _add_blocks(spans: _Spans, edges: Times, values: Values, known: Flags) -> None:
    """Gives each block to the interval that holds all of it, if there is one."""
    for index in np.flatnonzero(spans.blocks).tolist():
        bucket = int(np.searchsorted(edges, spans.starts_us[index], side="right")) - 1
        if 0 <= bucket < len(values) and spans.ends_us[index] <= edges[bucket + 1]:
            values[bucket] += spans.amounts[index]
            known[bucket] = True


def _marks(spans: _Spans, edges: Times) -> tuple[Values, Values]:
    """Held amounts and resets, in the interval in which they were seen (the later reading)."""
    held, resets = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    buckets = np.searchsorted(edges, spans.ends_us, side="right") - 1
    inside = (buckets >= 0) & (buckets < len(held))
    np.add.at(held, buckets[inside], spans.held[inside])
    np.add.at(resets, buckets[inside], spans.resets[inside])
    return held, resets
