"""What is asked of one device in one exchange: the seam between rounds of polling and the protocols on a line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from facility.profiles.schema import Limits, Table
from facility.readings import Batch
from gateway.block import Columns
from gateway.modbus.transport import RawRequest

FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 3600.0

Unit = int | str
"""How a line tells its devices apart: the Modbus unit id, or the address of a national meter."""


class AskedLine(Protocol):
    """What a question needs of its line. Both raise what `Transport` raises."""

    def read(
        self, unit: int, table: Table, address: int, count: int, timeout_s: float, *, pause_s: float = 0.0,
        urgent: bool = False,
    ) -> Awaitable[bytes]:  # fmt: skip
        """One checked answer of a Modbus unit."""
        ...

    def exchange(
        self, unit: str, request: RawRequest, timeout_s: float, *, pause_s: float = 0.0, urgent: bool = False
    ) -> Awaitable[bytes]:
        """One checked answer to a question that is not Modbus; `unit` is the address of the device that is asked."""
        ...


class Decoder(Protocol):
    """Knows what the answer to one question means."""

    def decode(self, raw: bytes) -> Columns:
        """Values in the order of the question's points, and their statuses; None for the statuses when all are good."""
        ...


class Question(ABC):
    """One request to one device, and what is known of how the device takes it.

    Args:
        points: ids of the points its answer gives, in the order of the decoded values.
        decoder: knows what the answer means.

    Attributes:
        last: the newest answer, None before the first.
        not_before_us: clock time before which a question that the device does not take is not asked again; 0 while the
            device takes it.
        failures: how often it was put off since it was last answered.
        answer_number: counts the answers of its device: the higher of two is the newer, whatever the clock did since.
            0 before the first.
    """

    __slots__ = ("_pause_s", "answer_number", "decoder", "failures", "last", "not_before_us", "points")

    def __init__(self, points: Sequence[str], decoder: Decoder) -> None:
        self.points = tuple(points)
        self.decoder = decoder
        self.last: Batch | None = None
        self.not_before_us = 0
        self.failures = 0
        self.answer_number = 0
        self._pause_s = 0.0

    @abstractmethod
    def ask(self, line: AskedLine, *, timeout_s: float, pause_s: float, urgent: bool) -> Awaitable[bytes]:
        """Asks it once and gives what the answer carries.

        Args:
            line: where the device is.
            timeout_s: wall time the device may think at most.
            pause_s: quiet time the device needs before the next request.
            urgent: whether it goes before all reads that wait on the line.
        """

    @abstractmethod
    def parts(self, limits: Limits) -> Sequence[Question]:
        """The same points in smaller questions, for a device that refuses this one; empty when it cannot be smaller."""

    def heed(self, value_of: Callable[[str], float | None]) -> None:  # noqa: B027  most questions need no other's answer
        """Takes the newest values of the device's other points from there, for values that hang on them."""

    def put_off(self, now_us: int, first_s: float = FIRST_PAUSE_S, longest_s: float = LONGEST_PAUSE_S) -> None:
        """Not asked again for a while: `first_s` at first, twice as long each time, up to `longest_s`."""
        self._pause_s = min(max(first_s, 2 * self._pause_s), longest_s)
        self.not_before_us = now_us + int(self._pause_s * 1e6)
        self.failures += 1

    def clock_was_set_back(self, now_us: int) -> None:
        """Nothing waits for a time that lies further ahead than it did: it may be asked at once."""
        self.not_before_us = min(self.not_before_us, now_us)

    def answered(self, batch: Batch) -> None:
        """The device answered it."""
        self.last = batch
        if self.not_before_us:
            self.not_before_us = self.failures = 0
            self._pause_s = 0.0
