"""Answers that were asked for and have not come: an old one must not pass for the answer to a later question.

Serial lines have no transaction ids, but they keep the order: a device, and whatever stands between, answers what it
was asked first. So when `n` like answers are owed and the question is asked again and again, the first `n` answers may
be old ones, and the next one cannot be.
"""

from __future__ import annotations

from typing import Final

from gateway.modbus.line_question import LineQuestion

MOST_LIKE: Final = 3
"""So many like answers can be under way, each later than its question's time and the drain after it."""


class OwedAnswers:
    """What is owed on one line, oldest first."""

    def __init__(self) -> None:
        self._owed: list[LineQuestion] = []

    def __len__(self) -> int:
        return len(self._owed)

    def add(self, question: LineQuestion) -> None:
        """A question goes out. Of its like no more than `MOST_LIKE` are remembered."""
        if sum(owed.mark == question.mark for owed in self._owed) >= MOST_LIKE:
            self.arrived(question)
        self._owed.append(question)

    def like(self, question: LineQuestion) -> int:
        """How many of them could satisfy `question`."""
        return sum(owed.is_like(question) for owed in self._owed)

    def kin(self, question: LineQuestion) -> int:
        """How many of them could come as an exception that would pass for one to `question`."""
        return 0 if question.kin is None else sum(owed.kin == question.kin for owed in self._owed)

    def arrived(self, question: LineQuestion, *, refused: bool = False) -> None:
        """An answer that satisfies `question` has come: the oldest of its like is no longer owed."""
        for place, owed in enumerate(self._owed):
            if owed.kin == question.kin if refused else owed.is_like(question):
                del self._owed[place]
                return

    def forget(self, question: LineQuestion) -> None:
        """Nothing like the answer to `question` is under way any more."""
        self._owed = [owed for owed in self._owed if not owed.is_like(question) and owed.kin != question.kin]

    def strike(self, data: bytes) -> LineQuestion | None:
        """Takes out the oldest question whose answer stands in `data`; None when there is none."""
        for place, owed in enumerate(self._owed):
            if owed.found(data) is not None:
                return self._owed.pop(place)
        return None
