"""What devices were found not to take as one request: the parts it is asked in instead, and when the whole is tried
again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from facility.profiles.schema import Limits
from gateway.question import Question

FIRST_WHOLE_S: Final = 600.0
LONGEST_WHOLE_S: Final = 6 * 3600.0


class _Split:
    __slots__ = ("parts", "pause_s", "whole_again_us")

    def __init__(self, parts: Sequence[Question]) -> None:
        self.parts = parts
        self.pause_s = FIRST_WHOLE_S
        self.whole_again_us = 0


class Splits:
    """Of one device.

    Args:
        limits: what the device takes, from its profile.

    Attributes:
        any: whether a question is asked in parts.
    """

    def __init__(self, limits: Limits) -> None:
        self.any = False
        self._limits = limits
        self._splits: dict[Question, _Split] = {}

    def parts_of(self, question: Question, now_us: int) -> Sequence[Question] | None:
        """What is asked instead of `question`; None when it is asked as it is: it was never refused, or it is time to
        try it again.
        """
        split = self._splits.get(question)
        return None if split is None or now_us >= split.whole_again_us else split.parts

    def divide(self, question: Question, now_us: int) -> Sequence[Question]:
        """`question` was refused: its parts, from now on and longer after each refusal. Empty when it has none."""
        split = self._splits.get(question)
        if split is None:
            parts = question.parts(self._limits)
            if not parts:
                return ()
            split = self._splits[question] = _Split(parts)
            self.any = True
        else:
            split.pause_s = min(2 * split.pause_s, LONGEST_WHOLE_S)
        split.whole_again_us = now_us + int(split.pause_s * 1e6)
        return split.parts

    def clock_was_set_back(self, now_us: int) -> None:
        """Nothing waits for a time that lies further ahead than it did: the wholes are tried again."""
        for split in self._splits.values():
            split.whole_again_us = min(split.whole_again_us, now_us)

    def answered(self, question: Question) -> None:
        """`question` was answered as a whole."""
        if self.any:
            self._splits.pop(question, None)
            self.any = bool(self._splits)

    def within(self, question: Question) -> Iterator[Question]:
        """`question` and all its parts so far."""
        yield question
        split = self._splits.get(question)
        for part in () if split is None else split.parts:
            yield from self.within(part)
