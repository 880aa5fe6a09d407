"""What is said of one device's points: answers as they come, a failure once, and what is known of them now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

from facility.bus import Bus, ReadingsTaken
from facility.readings import Batch, Status, failed
from gateway.question import Question
from gateway.splitting import Splits


class DeviceReadings:
    """The readings of one device.

    Args:
        bus: takes them.
        splits: the parts that its questions are asked in.
    """

    def __init__(self, bus: Bus, splits: Splits) -> None:
        self._bus = bus
        self._splits = splits
        self._failed: dict[str, Status] = {}
        self._known: list[Sequence[Question]] = []
        self._answers = 0

    def adopt(self, questions: Sequence[Question]) -> None:
        """Answers to these questions are known of its points from now on."""
        self._known.append(questions)
        for question in questions:
            question.heed(self.value_of)

    def answered(self, question: Question, raw: bytes, now_us: int) -> Batch:
        """Decodes an answer and keeps it; it is not said yet."""
        values, statuses = question.decoder.decode(raw)
        batch = Batch(time_us=now_us, points=question.points, values=values, statuses=statuses)
        question.answered(batch)
        self._answers += 1
        question.answer_number = self._answers
        if self._failed:
            for point in question.points:
                self._failed.pop(point, None)
        return batch

    def publish(self, batch: Batch) -> None:
        """Says it."""
        self._bus.publish(ReadingsTaken(batch=batch))

    def failed(self, points: Sequence[str], status: Status, now_us: int) -> None:
        """Says that these points are bad, unless that was said already."""
        new = [point for point in points if self._failed.get(point) is not status]
        if new:
            self._failed.update((point, status) for point in new)
            self._bus.publish(ReadingsTaken(batch=failed(new, now_us, status)))

    def value_of(self, point: str) -> float | None:
        """The newest value of a point, None when it is not known now."""
        if point in self._failed:
            return None
        asked = [question for question in self.questions() if question.last is not None and point in question.points]
        newest = max(asked, key=attrgetter("answer_number"), default=None)
        if newest is None or newest.last is None:
            return None
        return newest.last.values[newest.points.index(point)]

    def questions(self) -> Iterator[Question]:
        """All questions whose answers are known, and the parts they are asked in."""
        for questions in self._known:
            for question in questions:
                yield from self._splits.within(question)
