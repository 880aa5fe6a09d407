"""Answers that were asked for and have not come: an old one must not pass for the answer to a later question.

Serial lines have no transaction ids. Only time tells an answer that is late from one that was lost: until then no
question is sent that it could satisfy.
"""

from __future__ import annotations

from typing import Final

from gateway.modbus.line_question import LineQuestion

MOST_LIKE: Final = 3


class OwedAnswers:
    """What is owed on one line, oldest first, each with the time of the loop until which it may come."""

    def __init__(self) -> None:
        self._owed: list[tuple[LineQuestion, float]] = []

    def __len__(self) -> int:
        return len(self._owed)

    def add(self, question: LineQuestion, until_s: float) -> None:
        """A question goes out. Of its like the newest `MOST_LIKE` are remembered."""
        if sum(owed.mark == question.mark for owed, _ in self._owed) >= MOST_LIKE:
            self.arrived(question)
        self._owed.append((question, until_s))

    def like(self, question: LineQuestion) -> bool:
        """Whether one of them could satisfy `question`."""
        return any(owed.is_like(question) for owed, _ in self._owed)

    def kin(self, question: LineQuestion) -> bool:
        """Whether one of them could come as an exception that would pass for one to `question`."""
        return any(owed.is_kin(question) for owed, _ in self._owed)

    def until_s(self, question: LineQuestion) -> float:
        """When the last of them that could pass for the answer to `question` will not come any more; 0 for none."""
        until = (until_s for owed, until_s in self._owed if owed.is_like(question) or owed.is_kin(question))
        return max(until, default=0.0)

    def arrived(self, question: LineQuestion, *, refused: bool = False) -> None:
        """An answer, or exception, that satisfies `question` has come: the oldest that it could be is not owed now."""
        for place, (owed, _) in enumerate(self._owed):
            if owed.is_kin(question) if refused else owed.is_like(question):
                del self._owed[place]
                return

    def forget(self, question: LineQuestion) -> None:
        """`question` was answered beyond doubt: nothing like its answer is under way."""
        self._owed = [entry for entry in self._owed if not entry[0].is_like(question)]

    def strike(self, data: bytes) -> LineQuestion | None:
        """Takes out the oldest question whose answer stands in `data`; None when there is none."""
        for place, (owed, _) in enumerate(self._owed):
            if owed.found(data) is not None:
                del self._owed[place]
                return owed
        return None
