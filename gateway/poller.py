"""Reads one device: asks its planned questions, publishes what it answers, and leaves it alone while it is dead."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from facility.bus import LinkStatus, ReadingsTaken
from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, LinkDown, NoAnswer, TryAgain
from facility.model import Site
from facility.model.entries import Device
from facility.profiles.schema import Table
from facility.readings import Batch, Status, failed
from gateway.question import Question
from gateway.questions import questions_of

if TYPE_CHECKING:
    from gateway.line import Line

log = logging.getLogger(__name__)

TRIES: Final = 2
BUSY_ROUNDS_BEFORE_DEAD: Final = 3
FIRST_PROBE_S: Final = 5.0
LONGEST_PROBE_S: Final = 60.0


class DevicePoller:
    """One Modbus device on its line.

    A device that leaves a question and its repetition without a good answer, and answered nothing else in that round,
    is dead: its points are published as bad once, and it is probed with one question after growing pauses, so that it
    costs the others little. It comes back by itself. A single question that fails among others is put off, longer each
    time.

    Attributes:
        up: None until first asked.
        everything: the fewest questions that read all its points.
        limits: what the device takes, from its profile.
    """

    def __init__(self, site: Site, device: Device, line: Line) -> None:
        profile = site.profile_of(device.id)
        link = site.links[device.link]
        self.device = device.id
        self.unit = 0 if device.unit is None else device.unit
        self.limits = profile.limits
        self.up: bool | None = None
        timeout_ms = getattr(link, "timeout_ms", None) or profile.limits.timeout_ms
        self.timeout_s: float = timeout_ms / 1e3
        self._pause_s = profile.limits.pause_ms / 1e3
        self._line = line
        self._answered_in_round = False
        self._busy_rounds = 0
        self._probe_s = FIRST_PROBE_S
        self._probe_us = 0
        self._told: dict[str, Status] = {}
        self._known: list[list[Question]] = []
        self.everything = questions_of(site, device.id, site.points_of_device(device.id))
        self.adopt(self.everything)

    def adopt(self, questions: list[Question]) -> None:
        """Takes a list of questions under its care; refused ones are split in it."""
        self._known.append(questions)
        for question in questions:
            question.heed(self.value_of)

    async def poll(self, questions: list[Question], *, now: bool = False) -> None:
        """Asks `questions`, in order. Of a dead device only the first, when its next probe is due (or `now`)."""
        self._answered_in_round = False
        for question in tuple(questions):
            if self.up is False:
                if not now and self._line.now_us() < self._probe_us:
                    return
            elif question.not_before_us and self._line.now_us() < question.not_before_us:
                continue
            if not await self._try(question, questions):
                return

    async def _try(self, question: Question, among: list[Question]) -> bool:
        """Asks one question, twice if need be. False when the rest of the round would fare no better."""
        for tries_left in reversed(range(TRIES)):
            try:
                await self.fetch(question)
            except LinkDown:
                return False
            except DeviceRefused as error:
                return await self._divide(question, among, error)
            except TryAgain as error:
                if tries_left and self.up is not False and not isinstance(error, DeviceBusy):
                    continue
                return self._unanswered(question, error)
            break
        return True

    async def fetch(self, question: Question, *, urgent: bool = False) -> Batch:
        """Asks one question and publishes the answer.

        Raises:
            HouqinError: as `Transport.read`; nothing is published then.
        """
        line = self._line
        raw = await question.ask(line, timeout_s=self.timeout_s, pause_s=self._pause_s, urgent=urgent)
        values, statuses = question.decoder.decode(raw)
        batch = Batch(time_us=line.now_us(), points=question.points, values=values, statuses=statuses)
        question.answered(batch)
        self._answered_in_round = True
        if self._told:
            for point in question.points:
                self._told.pop(point, None)
        if self.up is not True:
            self._came_back()
        line.bus.publish(ReadingsTaken(batch=batch))
        return batch

    async def fetch_all(self, questions: list[Question]) -> list[Batch]:
        """Asks `questions` before all reads that wait on the line, and publishes the answers. One that the device
        refuses is split in the list; a single value that it refuses is left out.

        Raises:
            HouqinError: as `Transport.read`, for the first that is not answered, or when all are refused.
        """
        batches = []
        waiting = list(reversed(questions))
        refusal: DeviceRefused | None = None
        while waiting:
            question = waiting.pop()
            try:
                batches.append(await self.fetch(question, urgent=True))
            except DeviceRefused as error:
                refusal = error
                if parts := question.parts(self.limits):
                    place = questions.index(question)
                    questions[place : place + 1] = parts
                    waiting += reversed(parts)
        if refusal is not None and not batches:
            raise refusal
        return batches

    async def ask(self, table: Table, address: int, count: int) -> bytes:
        """The raw answer of one read, before all reads that wait on its line.

        Raises:
            HouqinError: as `Transport.read`.
        """
        return await self._line.read(
            self.unit, table, address, count, self.timeout_s, pause_s=self._pause_s, urgent=True
        )  # fmt: skip

    async def write(self, function: int, address: int, values: list[int]) -> None:
        """Writes to the device, before all reads that wait on its line.

        Raises:
            HouqinError: as `Transport.write`.
        """
        await self._line.write(self.unit, function, address, values, self.timeout_s, pause_s=self._pause_s)

    async def _divide(self, question: Question, among: list[Question], error: DeviceRefused) -> bool:
        """The device does not take this question: its neighbours go on without the value that is refused."""
        self._answered_in_round = True
        if self.up is not True:
            self._came_back()
        parts = question.parts(self.limits)
        if not parts:
            if not question.not_before_us:
                log.warning("device %s, %s: %s", self.device, ", ".join(question.points), error)
            now_us = self._line.now_us()
            question.put_off(now_us)
            self._tell_failed(question.points, Status.EXCEPTION, now_us)
            return True
        place = among.index(question)
        among[place : place + 1] = parts
        for part in parts:
            if not await self._try(part, among):
                return False
        return True

    def _unanswered(self, question: Question, error: TryAgain) -> bool:
        """A question without a good answer; whether the round goes on."""
        now_us = self._line.now_us()
        busy = isinstance(error, DeviceBusy)
        status = _STATUS[type(error)]
        self._tell_failed(question.points, status, now_us)
        if self._answered_in_round:
            if not busy:
                question.put_off(now_us)
            return busy
        self._busy_rounds += 1
        if busy and self.up is not False and self._busy_rounds < BUSY_ROUNDS_BEFORE_DEAD:
            return True
        self._is_dead(status, error, now_us)
        return False

    def _is_dead(self, status: Status, error: TryAgain, now_us: int) -> None:
        self._probe_us = now_us + self._line.clock_us(self._probe_s)
        self._probe_s = min(2 * self._probe_s, LONGEST_PROBE_S)
        if self.up is False:
            return
        self.all_failed(status, now_us)
        log.warning("device %s on line %s does not answer: %s", self.device, self._line.link, error)
        self._tell(False, str(error))

    def _came_back(self) -> None:
        self._probe_s = FIRST_PROBE_S
        self._busy_rounds = 0
        if self.up is False:
            log.info("device %s on line %s answers again", self.device, self._line.link)
            self._line.hurry()
        self._tell(True, "answers")

    def _tell(self, up: bool, detail: str) -> None:
        self.up = up
        line = self._line
        line.bus.publish(LinkStatus(link=line.link, device=self.device, up=up, at=line.clock.now(), detail=detail))

    def all_failed(self, status: Status, now_us: int) -> None:
        """Publishes all its points as bad, once."""
        self._tell_failed([point for question in self.everything for point in question.points], status, now_us)

    def _tell_failed(self, points: Sequence[str], status: Status, now_us: int) -> None:
        """Publishes points as bad unless that was said already."""
        new = [point for point in points if self._told.get(point) is not status]
        if not new:
            return
        self._told.update((point, status) for point in new)
        self._line.bus.publish(ReadingsTaken(batch=failed(new, now_us, status)))

    def value_of(self, point: str) -> float | None:
        """The newest value of a point of this device, None when it is not known now."""
        if point in self._told:
            return None
        answers = [
            (question.last.time_us, question.last.values[question.points.index(point)])
            for questions in self._known
            for question in questions
            if question.last is not None and point in question.points
        ]
        return max(answers, key=itemgetter(0))[1] if answers else None


_STATUS: Final[dict[type[TryAgain], Status]] = {
    NoAnswer: Status.TIMEOUT,
    BadAnswer: Status.BAD_ANSWER,
    DeviceBusy: Status.EXCEPTION,
}
