"""Judges readings against limits: too high, too low, too fast, in the wrong state."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from facility.model.alarm_entries import Limits


def is_beyond(limits: Limits, value: float | None, state_value: float | None, *, was: bool) -> bool | None:
    """Whether a value lies beyond its limits.

    Args:
        value: in the point's canonical unit, None when there is none.
        state_value: the number of the abnormal state, None for a condition about another limit.
        was: what was judged before: it is normal again only once it is the deadband inside.

    Returns:
        None: nothing can be said without a value; what was judged before goes on to hold.
    """
    if value is None:
        return None
    if state_value is not None:
        return value == state_value
    inside = limits.deadband if was else 0.0
    too_high = limits.above is not None and value > limits.above - inside
    too_low = limits.below is not None and value < limits.below + inside
    return too_high or too_low


@dataclass(slots=True, kw_only=True)
class Rate:
    """The change per hour of a counter over a sliding time, from its readings.

    `over_us` is that time in microseconds. A counter that falls was changed or reset: what it showed before counts no
    more.
    """

    over_us: int
    _seen: deque[tuple[int, float]] = field(default_factory=deque)

    def take(self, time_us: int, value: float) -> float | None:
        """The rate, in the point's unit per hour, after the reading `value` at `time_us`; None until it has been heard
        over the whole time. A reading older than the last is passed over.
        """
        seen = self._seen
        if seen and time_us <= seen[-1][0]:
            return None
        if seen and value < seen[-1][1]:
            seen.clear()
        seen.append((time_us, value))
        while len(seen) > 1 and seen[1][0] <= time_us - self.over_us:
            seen.popleft()
        first_us, first = seen[0]
        if time_us - first_us < self.over_us:
            return None
        return (value - first) / (time_us - first_us) * 3.6e9
