"""Reads one device: asks its questions, publishes what it answers, and leaves it alone while it is dead."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from facility.bus import LinkStatus
from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, LinkDown, NoAnswer, TryAgain
from facility.model import Site
from facility.model.lines import FieldLink
from facility.profiles.schema import Table
from facility.readings import Batch, Status
from gateway.carrier import Carrier
from gateway.device_readings import DeviceReadings
from gateway.quarantine import Quarantine
from gateway.question import Question, Unit
from gateway.questions import questions_of, unit_of
from gateway.setup import DeviceSetup
from gateway.splitting import Splits

log = logging.getLogger(__name__)

TRIES: Final = 2
SILENT_QUESTIONS_IN_A_ROW: Final = 2
"""So many unanswered questions after one that was answered, and the rest of the round would fare no better."""
FAILURES_BEFORE_DIVIDING: Final = 3
"""A question that fails so often, while others are answered, is taken for one that the device cannot answer whole."""
BUSY_ROUNDS_BEFORE_DEAD: Final = 3
DEVICE_FAILURE: Final = 4
NOBODY_BEHIND_THE_GATEWAY: Final = (10, 11)
"""Exceptions of a Modbus gateway whose own device does not answer (Modbus Application Protocol V1.1b3, section 7)."""
BUSY_PAUSES_S: Final = (1.0, 60.0)
SILENT_PAUSES_S: Final = (10.0, 600.0)
"""First and longest pause of a single question that is answered so, or not at all."""


class DevicePoller:
    """One polled device on its line.

    A device that leaves a question and its repetition without a good answer, and answered nothing else in that round,
    has failed a round; after as many as its line allows it is dead: its points are published as bad once, and it is
    probed after growing pauses, so that it costs the others little. It comes back by itself. A single question that
    fails among others is put off, longer each time; one that the device refuses is asked in parts, and tried as a whole
    again later.

    Args:
        site: where the device is.
        device: its id.
        carrier: its line.
        when_back: called when it answers again after it was dead.

    Attributes:
        unit: how its line knows it.
        everything: the fewest questions that read all its points.
    """

    def __init__(self, site: Site, device: str, carrier: Carrier, when_back: Callable[[], None]) -> None:
        profile, entry = site.profile_of(device), site.devices[device]
        link = site.links[entry.link]
        assert isinstance(link, FieldLink)
        self.device = device
        self.unit: Unit = unit_of(site, device)
        timeout_ms = profile.limits.timeout_ms if link.timeout_ms is None else link.timeout_ms
        self.timeout_s: float = timeout_ms / 1e3
        self.quarantine = Quarantine(link, carrier.clock_us)
        self._pause_s = profile.limits.pause_ms / 1e3
        self._carrier = carrier
        self._when_back = when_back
        self._splits = Splits(profile.limits)
        self._answered_in_round = False
        self._silent_in_a_row = 0
        self._busy_rounds = 0
        self._readings = DeviceReadings(carrier.bus, self._splits)
        self._setup = None
        if profile.setup and site.file.control.mode != "shadow":
            self._setup = DeviceSetup(
                entry, profile.setup, carrier, timeout_s=self.timeout_s, pause_s=self._pause_s
            )  # fmt: skip
        self._is_set_up = self._setup is None
        self.everything = questions_of(site, device, site.points_of_device(device))
        self.adopt(self.everything)

    @property
    def up(self) -> bool | None:
        """Whether it answers; None until it was first asked."""
        return self.quarantine.up

    def adopt(self, questions: Sequence[Question]) -> None:
        """Takes questions under its care: their answers are known of its points from now on."""
        self._readings.adopt(questions)

    async def poll(self, questions: Sequence[Question], *, now: bool = False) -> bool:
        """Asks `questions`, in order. Of a dead device only the first, when its next probe is due (or `now`).

        Returns:
            False when it was asked and is dead.
        """
        if not now and self.quarantine.is_dead and self.quarantine.holds_back(self._carrier.now_us()):
            return True
        self._answered_in_round = False
        self._silent_in_a_row = 0
        for question in questions:
            usual = not self._splits.any and not question.not_before_us
            if not await (self._try(question) if usual else self._ask_standing(question)):
                break
        return not (self.quarantine.is_dead and not self._answered_in_round)

    async def _ask_standing(self, question: Question) -> bool:
        """Asks a question, or the parts it is asked in. False when the rest of the round would fare no better."""
        now_us = self._carrier.now_us()
        parts = self._splits.parts_of(question, now_us)
        if parts is not None:
            return await self._ask_parts(parts)
        if question.not_before_us and now_us < question.not_before_us:
            return True
        return await self._try(question)

    async def _ask_parts(self, parts: Sequence[Question]) -> bool:
        for part in parts:
            if not await self._ask_standing(part):
                return False
        return True

    async def _try(self, question: Question, tries: int = TRIES) -> bool:
        """Asks one question, twice if need be."""
        try:
            await self.fetch(question)
        except (DeviceRefused, TryAgain) as error:
            return await self._without_answer(question, error, tries - 1)
        return True

    async def _without_answer(self, question: Question, error: DeviceRefused | TryAgain, tries_left: int) -> bool:
        if isinstance(error, DeviceRefused):
            return await self._divide(question, error)
        if isinstance(error, LinkDown):
            return False
        if tries_left and not self.quarantine.is_dead and not _is_busy(error):
            return await self._try(question, tries_left)
        return await self._unanswered(question, error)

    async def fetch(self, question: Question, *, urgent: bool = False) -> Batch:
        """Asks one question and publishes the answer.

        Raises:
            HouqinError: as `Transport.read`; nothing is published then.
        """
        carrier = self._carrier
        raw = await question.ask(carrier, timeout_s=self.timeout_s, pause_s=self._pause_s, urgent=urgent)
        if not self._is_set_up:
            await self._set_up()
            raw = await question.ask(carrier, timeout_s=self.timeout_s, pause_s=self._pause_s, urgent=urgent)
        batch = self._readings.answered(question, raw, carrier.now_us())
        self._splits.answered(question)
        self._answered()
        self._readings.publish(batch)
        return batch

    async def fetch_all(self, questions: Sequence[Question]) -> list[Batch]:
        """Asks `questions` before all reads that wait on the line, and publishes the answers. One that the device
        refuses is asked in parts; a single value that it refuses is left out.

        Raises:
            HouqinError: as `Transport.read`, for the first that is not answered, or when all are refused.
        """
        batches = []
        waiting = list(reversed(questions))
        refusal: DeviceRefused | None = None
        while waiting:
            question = waiting.pop()
            now_us = self._carrier.now_us()
            parts = self._splits.parts_of(question, now_us)
            if parts is None:
                try:
                    batches.append(await self.fetch(question, urgent=True))
                    continue
                except DeviceRefused as error:
                    refusal = error
                    parts = self._splits.divide(question, now_us)
            waiting += reversed(parts)
        if refusal is not None and not batches:
            raise refusal
        return batches

    async def ask(self, table: Table, address: int, count: int) -> bytes:
        """The raw answer of one read of a Modbus unit, before all reads that wait on its line.

        Raises:
            HouqinError: as `Transport.read`.
        """
        assert isinstance(self.unit, int)
        return await self._carrier.read(
            self.unit, table, address, count, self.timeout_s, pause_s=self._pause_s, urgent=True
        )  # fmt: skip

    async def write(self, function: int, address: int, values: Sequence[int]) -> None:
        """Writes to a Modbus unit, before all reads that wait on its line.

        Raises:
            HouqinError: as `Transport.write`.
        """
        assert isinstance(self.unit, int)
        await self._carrier.write(self.unit, function, address, values, self.timeout_s, pause_s=self._pause_s)

    async def _set_up(self) -> None:
        """First sign of life: the device gets what it needs before anything it says counts."""
        assert self._setup is not None
        await self._setup.apply()
        self._is_set_up = True

    async def _divide(self, question: Question, error: DeviceRefused) -> bool:
        """The device does not take this question: its neighbours go on without the value that is refused."""
        if not self._is_set_up:
            try:
                await self._set_up()
            except LinkDown:
                return False
        self._answered()
        now_us = self._carrier.now_us()
        parts = self._splits.divide(question, now_us)
        if parts:
            return await self._ask_parts(parts)
        if not question.not_before_us:
            log.warning("device %s, %s: %s", self.device, ", ".join(question.points), error)
        question.put_off(now_us)
        self._readings.failed(question.points, Status.EXCEPTION, now_us)
        return True

    async def _unanswered(self, question: Question, error: TryAgain) -> bool:
        """A question without a good answer; whether the round goes on."""
        now_us = self._carrier.now_us()
        self._readings.failed(question.points, _STATUS[type(error)], now_us)
        if self._answered_in_round:
            return await self._lags_behind(question, error, now_us)
        if _is_busy(error) and not self.quarantine.is_dead:
            question.put_off(now_us, *BUSY_PAUSES_S)
            self._busy_rounds += 1
            if self._busy_rounds < BUSY_ROUNDS_BEFORE_DEAD:
                return True
        self._failed_a_round(error, now_us)
        return False

    async def _lags_behind(self, question: Question, error: TryAgain, now_us: int) -> bool:
        """A question that fails while others are answered."""
        busy = _is_busy(error)
        question.put_off(now_us, *(BUSY_PAUSES_S if busy else SILENT_PAUSES_S))
        self._silent_in_a_row += 0 if busy else 1
        if self._silent_in_a_row >= SILENT_QUESTIONS_IN_A_ROW:
            return False
        may_be_too_much = not isinstance(error, DeviceBusy) or error.code == DEVICE_FAILURE
        if may_be_too_much and question.failures >= FAILURES_BEFORE_DIVIDING:
            return await self._ask_parts(self._splits.divide(question, now_us))
        return True

    def _failed_a_round(self, error: TryAgain, now_us: int) -> None:
        if not self.quarantine.failed(now_us):
            return
        self._is_set_up = self._setup is None
        self.all_failed(_STATUS[type(error)], now_us)
        log.warning("device %s on line %s does not answer: %s", self.device, self._carrier.link, error)
        self._tell(False, str(error))

    def _answered(self) -> None:
        self._answered_in_round = True
        self._silent_in_a_row = 0
        was = self.quarantine.up
        if not self.quarantine.answered():
            return
        self._busy_rounds = 0
        self._tell(True, "answers")
        if was is False:
            log.info("device %s on line %s answers again", self.device, self._carrier.link)
            self._carrier.somebody_answers()
            self._when_back()

    def _tell(self, up: bool, detail: str) -> None:
        carrier = self._carrier
        at = carrier.clock.now()
        carrier.bus.publish(LinkStatus(link=carrier.link, device=self.device, up=up, at=at, detail=detail))

    def line_is_down(self, now_us: int) -> None:
        """Nothing is known of the device until the line is back; whatever cut the line may have reset it."""
        self._is_set_up = self._setup is None
        self.all_failed(Status.LINK_DOWN, now_us)

    def all_failed(self, status: Status, now_us: int) -> None:
        """Publishes all its points as bad, once."""
        self._readings.failed([point for question in self.everything for point in question.points], status, now_us)

    def clock_was_set_back(self, now_us: int) -> None:
        """Whatever waits for a time that the clock showed before is due now."""
        self.quarantine.hurry(now_us)
        self._splits.clock_was_set_back(now_us)
        for question in self._readings.questions():
            question.clock_was_set_back(now_us)

    def value_of(self, point: str) -> float | None:
        """The newest value of a point of this device, None when it is not known now."""
        return self._readings.value_of(point)


def _is_busy(error: TryAgain) -> bool:
    """Whether the device itself said that it cannot do it now."""
    return isinstance(error, DeviceBusy) and error.code not in NOBODY_BEHIND_THE_GATEWAY


_STATUS: Final[dict[type[TryAgain], Status]] = {
    NoAnswer: Status.TIMEOUT,
    BadAnswer: Status.BAD_ANSWER,
    DeviceBusy: Status.EXCEPTION,
}
