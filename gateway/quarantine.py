"""Whether a unit is asked: one that does not answer is left alone and probed after growing pauses. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from facility.model.lines import FieldLink

FIRST_PROBE_S: Final = 5.0


class Quarantine:
    """One unit on one line.

    It is dead after so many rounds in a row without any answer as the line's entry says, when they took as long as it
    says. From then on it is asked one question at a time: after five seconds, then after twice as long each time, up to
    the longest pause. One answer ends it.

    Args:
        link: says when a unit is dead and how rarely it is probed.
        clock_us: wall seconds as microseconds of the clock that `now_us` is of.

    Attributes:
        up: None until the unit was first asked; while rounds fail and it is not dead yet, what it was before.
        dead_since_us: when it was found dead, None while it is not.
        probe_us: when it is asked next, None while it is not dead.
    """

    __slots__ = ("_clock_us", "_failures", "_first_us", "_link", "_pause_s", "dead_since_us", "probe_us", "up")

    def __init__(self, link: FieldLink, clock_us: Callable[[float], int]) -> None:
        self._link = link
        self._clock_us = clock_us
        self._failures = 0
        self._first_us = 0
        self._pause_s = FIRST_PROBE_S
        self.up: bool | None = None
        self.dead_since_us: int | None = None
        self.probe_us: int | None = None

    @property
    def is_dead(self) -> bool:
        """Whether only probes go to it."""
        return self.probe_us is not None

    def holds_back(self, now_us: int) -> bool:
        """Whether it is not to be asked now."""
        return self.probe_us is not None and now_us < self.probe_us

    def failed(self, now_us: int) -> bool:
        """A whole round or a probe was left unanswered. Returns whether this made it dead."""
        if self.probe_us is None:
            if self._failures == 0:
                self._first_us = now_us
            self._failures += 1
            lasted = now_us - self._first_us >= self._clock_us(self._link.dead_after_s)
            if self._failures < self._link.dead_after_failures or not lasted:
                return False
        died = self.probe_us is None
        if died:
            self.up, self.dead_since_us = False, now_us
        pause_s = min(self._pause_s, self._link.longest_probe_s)
        self.probe_us = now_us + self._clock_us(pause_s)
        self._pause_s = 2 * pause_s
        return died

    def answered(self) -> bool:
        """It answered something. Returns whether that is news: the first answer of all, or the end of its death."""
        self._failures = 0
        if self.up is True:
            return False
        self.up, self.dead_since_us, self.probe_us = True, None, None
        self._pause_s = FIRST_PROBE_S
        return True

    def hurry(self, now_us: int) -> None:
        """The next probe is due at once: the clock was set back, or its line was opened anew."""
        self._first_us = min(self._first_us, now_us)
        if self.probe_us is not None:
            self.probe_us = min(self.probe_us, now_us)
