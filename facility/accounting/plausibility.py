"""What is believed of a counter: how fast it can rise, whether it may fall, and where it starts again at zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.series import Values

HOLD_US: Final = 900 * 1_000_000
"""Readings this close together (15 min) leave no gap, where the caller does not know better."""

_RATE_WINDOW_S: Final = 60.0
"""A rate is judged over at least this long: a counter moves in steps of its register."""

_NEAR_TOP: Final = 0.9
_NEAR_ZERO: Final = 0.1
"""Without a known rate, a move between the top tenth of the register and its bottom tenth is a rollover."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRules:
    """How the readings of one counter are judged.

    Attributes:
        counter_max: the largest value it shows before it starts again at zero; None when it does not roll over.
        max_rate_per_s: what its circuit can carry, unit per second; a faster change waits for a person. None: any is
            believed.
        step: smallest step of the register, for rollover and rate; 0 when not known.
        bridge_us: gaps up to this long are bridged and marked as estimated.
        hold_us: readings this far apart leave no gap; above the usual pause between two readings of the meter.
        bidirectional: it may run backwards (a circuit that feeds back): what it falls by counts as negative.
    """

    counter_max: float | None
    max_rate_per_s: float | None
    bridge_us: int
    step: float = 0.0
    hold_us: int = HOLD_US
    bidirectional: bool = False

    def believes(self, rises: Values, seconds: Values) -> Flags:
        """Rises that the circuit can carry, and none that are falls unless the counter may run backwards."""
        believed: Flags = np.ones(len(rises), np.bool_) if self.bidirectional else rises >= 0
        if self.max_rate_per_s is not None:
            size = np.abs(rises) if self.bidirectional else rises
            believed &= size <= self.max_rate_per_s * np.maximum(seconds, _RATE_WINDOW_S) + self.step
        return believed

    def judged(self, before: Values, after: Values, seconds: Values) -> tuple[Values, Flags]:
        """By how much the counter moved between readings, rollovers undone, and whether that is believed."""
        amounts = after - before
        believed = self.believes(amounts, seconds)
        if self.counter_max is None:
            return amounts, believed
        odd = ~believed
        if self.bidirectional and self.max_rate_per_s is None:
            odd |= np.abs(amounts) >= (_NEAR_TOP - _NEAR_ZERO) * self.counter_max
        places = np.flatnonzero(odd)
        if len(places):
            turned, likely = self._turned(self.counter_max, before[places], after[places], seconds[places])
            rolled = places[likely]
            amounts[rolled] = turned[likely]
            believed[rolled] = True
        return amounts, believed

    def _turned(self, top: float, before: Values, after: Values, seconds: Values) -> tuple[Values, Flags]:
        """What moves were if they passed through the register's end, and whether that is likely."""
        fell = after < before
        turned = after - before + np.where(fell, top + self.step, -(top + self.step))
        likely = (np.maximum(before, after) <= top) & (fell | self.bidirectional)
        if self.max_rate_per_s is not None:
            return turned, likely & self.believes(turned, seconds)
        near_top = np.maximum(before, after) >= _NEAR_TOP * top
        return turned, likely & near_top & (np.minimum(before, after) <= _NEAR_ZERO * top)

    def for_meter(self, counter_max: float | None, factor: float) -> CounterRules:
        """The same for a counter in its place: its own width (None: the same), its values `factor` times too small."""
        rate = self.max_rate_per_s
        return replace(
            self,
            counter_max=self.counter_max if counter_max is None else counter_max,
            max_rate_per_s=None if rate is None else rate / factor,
        )
