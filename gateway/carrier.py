"""What carries the questions of one line: whose turn it is, quiet times, time limits, and what is measured of it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, Final, TypeVar

from facility.bus import Bus, LinkStatus
from facility.clock import Clock
from facility.errors import BadAnswer, HouqinError, LinkDown, NoAnswer
from facility.profiles.schema import Table
from facility.readings import to_us
from facility.text import Text
from gateway.load import Load
from gateway.modbus.transport import RawRequest, Transport
from gateway.question import Unit
from gateway.response_time import ResponseTime
from gateway.turn import Turn

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
FIRST_RESET_PAUSE_S: Final = 10.0
LONGEST_RESET_PAUSE_S: Final = 600.0
LATENCIES_KEPT: Final = 512


class UnitTraffic:
    """What one unit was asked and how it answered, since the start."""

    __slots__ = ("errors", "requests", "response")

    def __init__(self) -> None:
        self.requests = 0
        self.errors: Counter[str] = Counter()
        self.response = ResponseTime()


class Carrier:
    """One line with its transport.

    Args:
        link: the line's id.
        transport: carries the requests.
        bus: takes the line's state.
        clock: tells the time; its pace shortens quiet times with everything else.
        unit_pause_s: quiet time when the next request goes to another unit, wall seconds at life's pace.
        answers_are_numbered: an answer names its question, so that a late one does no harm; only then is it waited for
            less than it may take.
        when_down: called at every failure of the line itself, with the clock's time.
        when_up: called when the line works again after it was down.
        now_s: monotonic wall time.

    Attributes:
        up: None until the line was first used.
        retry_us: clock time before which a line that is down is left alone.
        requests: since the start.
        errors: failed requests by kind.
        latencies_s: of the last answers, wall seconds.
    """

    def __init__(
        self,
        link: str,
        transport: Transport,
        bus: Bus,
        clock: Clock,
        *,
        unit_pause_s: float,
        answers_are_numbered: bool,
        when_down: Callable[[int], None],
        when_up: Callable[[], None],
        now_s: Callable[[], float] = monotonic,
    ) -> None:
        self.link, self.transport, self.bus, self.clock = link, transport, bus, clock
        self.up: bool | None = None
        self.retry_us = 0
        self.requests = 0
        self.errors: Counter[str] = Counter()
        self.latencies_s: deque[float] = deque(maxlen=LATENCIES_KEPT)
        self._answers_are_numbered = answers_are_numbered
        self._when_down, self._when_up = when_down, when_up
        self._now_s = now_s
        self._units: dict[Unit, UnitTraffic] = {}
        self._turn = Turn()
        self._load = Load(now_s())
        self._quietness = 0.0 if clock.pace == 0 else 1 / max(1.0, clock.pace)
        self._unit_pause_s = unit_pause_s * self._quietness
        self._last_unit: Unit | None = None
        self._ready_s = self._other_ready_s = 0.0
        self._pause_s = FIRST_PAUSE_S
        self._reset_pause_s = FIRST_RESET_PAUSE_S
        self._reset_again_s = 0.0

    def now_us(self) -> int:
        """The clock's time."""
        return to_us(self.clock.now())

    def clock_us(self, wall_s: float) -> int:
        """So many wall seconds in microseconds of the clock, whatever its pace."""
        return int(wall_s * max(1.0, self.clock.pace) * 1e6)

    def traffic(self, unit: Unit) -> UnitTraffic:
        """What is counted of a unit."""
        found = self._units.get(unit)
        if found is None:
            found = self._units[unit] = UnitTraffic()
        return found

    def load(self) -> float | None:
        """Share (0 to 1) of the last minute of wall time in which the line was busy, None before the first."""
        return self._load.share(self._now_s())

    def read(
        self, unit: int, table: Table, address: int, count: int, timeout_s: float, *, pause_s: float = 0.0,
        urgent: bool = False,
    ) -> Awaitable[bytes]:  # fmt: skip
        """One checked answer. `timeout_s` is what the device may take; one that usually answers fast is waited for less
        the first time, unless it is urgent or the line is a serial one. A connection that broke while idle is opened
        again before it counts as a fault.

        Raises:
            HouqinError: as `Transport.read`.
        """
        return self._carry(
            unit, self.transport.read, (unit, table, address, count), timeout_s, pause_s=pause_s, urgent=urgent
        )

    def exchange(
        self, unit: str, request: RawRequest, timeout_s: float, *, pause_s: float = 0.0, urgent: bool = False
    ) -> Awaitable[bytes]:
        """The same for a question that is not Modbus. `unit` is the address of the device that is asked.

        Raises:
            HouqinError: as `Transport.exchange`.
        """
        return self._carry(unit, self.transport.exchange, (request,), timeout_s, pause_s=pause_s, urgent=urgent)

    def write(
        self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float, *, pause_s: float = 0.0
    ) -> Awaitable[None]:
        """One acknowledged write, before all reads that wait, with all the time the device may take, and never sent
        twice.

        Raises:
            HouqinError: as `Transport.write`.
        """
        return self._carry(
            unit, self.transport.write, (unit, function, address, values), timeout_s, pause_s=pause_s, urgent=True,
            once=True,
        )  # fmt: skip

    async def reset_if_due(self) -> None:
        """Opens connection or port anew, since nobody on the line answers; the first time at once, then more rarely."""
        now_s = self._now_s()
        if now_s < self._reset_again_s:
            return
        self._reset_again_s = now_s + self._reset_pause_s
        self._reset_pause_s = min(2 * self._reset_pause_s, LONGEST_RESET_PAUSE_S)
        log.info("line %s: no unit answers, it is opened anew", self.link)
        await self._turn.take(urgent=True)
        try:
            await self.transport.reset()
        finally:
            self._turn.pass_on()

    async def _carry(
        self, unit: Unit, call: Callable[..., Awaitable[T]], arguments: tuple[Any, ...], timeout_s: float, *,
        pause_s: float, urgent: bool, once: bool = False,
    ) -> T:  # fmt: skip
        if not self._turn.try_take():
            await self._turn.take(urgent=urgent)
        taken_s = sent_s = self._now_s()
        ended_s: float | None = None
        try:
            traffic = self._units.get(unit) or self.traffic(unit)
            ready_s = self._ready_s if unit == self._last_unit else self._turns_to(unit)
            if ready_s > taken_s:
                await asyncio.sleep(ready_s - taken_s)
                sent_s = self._now_s()
            self.requests += 1
            traffic.requests += 1
            wait_s = traffic.response.wait_s(timeout_s) if self._answers_are_numbered and not urgent else timeout_s
            try:
                answer = await call(*arguments, wait_s)
            except LinkDown:
                if once or self.up is not True:
                    raise
                answer = await call(*arguments, wait_s)
            ended_s = self._now_s()
            took_s = ended_s - sent_s
            self.latencies_s.append(took_s)
            traffic.response.answered(took_s)
            if self.up is not True:
                self._came_up()
        except HouqinError as error:
            self._failed(unit, error)
            raise
        finally:
            self._ends(taken_s, self._now_s() if ended_s is None else ended_s, pause_s)
        return answer

    def _turns_to(self, unit: Unit) -> float:
        """The line goes over to another unit; the time when what the last one and the change need is over."""
        self._last_unit = unit
        return max(self._ready_s, self._other_ready_s)

    def _ends(self, taken_s: float, now_s: float, pause_s: float) -> None:
        self._ready_s = now_s + pause_s * self._quietness
        self._other_ready_s = now_s + self._unit_pause_s
        self._load.add(now_s - taken_s, now_s)
        self._turn.pass_on()

    def _failed(self, unit: Unit, error: HouqinError) -> None:
        kind = type(error).__name__
        self.errors[kind] += 1
        traffic = self.traffic(unit)
        traffic.errors[kind] += 1
        if isinstance(error, LinkDown):
            self._went_down(error)
            return
        if isinstance(error, NoAnswer | BadAnswer):
            traffic.response.silent()
        if self.up is not True:
            self._came_up()

    def _went_down(self, error: LinkDown) -> None:
        now_us = self.now_us()
        self.retry_us = now_us + self.clock_us(self._pause_s * random.uniform(0.75, 1.25))
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        self._when_down(now_us)
        if self.up is not False:
            log.warning("line %s is down: %s", self.link, error)
            self._tell(False, str(error), error.text)

    def _came_up(self) -> None:
        self._pause_s = FIRST_PAUSE_S
        was_down = self.up is False
        self._tell(True, "connected")
        if was_down:
            log.info("line %s is back", self.link)
            self._when_up()

    def _tell(self, up: bool, detail: str, reason: Text | None = None) -> None:
        self.up = up
        at = self.clock.now()
        self.bus.publish(LinkStatus(link=self.link, device=None, up=up, at=at, detail=detail, reason=reason))

    def clock_was_set_back(self, now_us: int) -> None:
        """Nothing waits for a time that lies further ahead than it did."""
        self.retry_us = min(self.retry_us, now_us)

    def somebody_answers(self) -> None:
        """The next time that nobody does, the line is opened anew at once."""
        self._reset_pause_s, self._reset_again_s = FIRST_RESET_PAUSE_S, 0.0
