"""A serial line in memory that takes as long as a real one would, in virtual time (see `virtual_time`)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from facility.bus import Message, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.bus.messages import AlarmChanged, LinkStatus
from facility.errors import LinkDown, NoAnswer
from facility.line_health import LineHealth
from facility.model import Site
from facility.profiles.schema import Table
from facility.readings import Reading, Status
from gateway.line import Line
from tests.gateway.bank import BIT_TABLES, Bank

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


def now_s() -> float:
    """Virtual seconds."""
    return asyncio.get_running_loop().time()


class VirtualClock:
    """A clock of life's pace on the loop's time."""

    pace: float = 1.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=now_s())

    def wall_delay_s(self, when: datetime) -> float:
        return max(0.0, (when - self.now()).total_seconds())

    async def sleep_until(self, when: datetime) -> None:
        await asyncio.sleep(self.wall_delay_s(when))


def _fifty_ms(_unit: int) -> float:
    return 0.05


@dataclass
class SerialWire(Bank):
    """A line of RTU devices. `thinking_s` tells how long a unit thinks about the next request; one that takes longer
    than it is given has not answered. `sent` keeps when each request began, and to whom it went.
    """

    baudrate: int = 9600
    thinking_s: Callable[[int], float] = _fifty_ms
    sent: list[tuple[float, int]] = field(default_factory=list)
    _quiet_until_s: float = 0.0

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:
        answer_bytes = 5 + ((count + 7) // 8 if table in BIT_TABLES else 2 * count)
        await self._carry(unit, 8 + answer_bytes, timeout_s)
        return await super().read(unit, table, address, count, timeout_s)

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:
        await self._carry(unit, 16, timeout_s)
        await super().write(unit, function, address, values, timeout_s)

    async def _carry(self, unit: int, characters: int, timeout_s: float) -> None:
        character_s = 10 / self.baudrate
        await asyncio.sleep(max(0.0, self._quiet_until_s - now_s()))
        self.sent.append((now_s(), unit))
        if self.down:
            raise LinkDown("connection refused")
        carried_s, thinking_s = characters * character_s, self.thinking_s(unit)
        if unit in self.dead or thinking_s > timeout_s:
            await asyncio.sleep(timeout_s + carried_s)
            self._quiet_until_s = now_s() + timeout_s + carried_s
            if unit in self.dead:
                self.asked.append((unit, Table.HOLDING, 0, 0))
            raise NoAnswer("no answer in time")
        await asyncio.sleep(carried_s + 7 * character_s + thinking_s)


@dataclass
class Running:
    """One line at work."""

    line: Line
    wire: SerialWire
    said: list[Message]
    ended: LineHealth | None = None

    @property
    def health(self) -> LineHealth:
        """As it was when the work ended."""
        assert self.ended is not None
        return self.ended

    def good_readings(self) -> Counter[str]:
        """How often each point was read well."""
        found: Counter[str] = Counter()
        for message in self.said:
            if isinstance(message, ReadingsTaken):
                batch = message.batch
                statuses = batch.statuses or [Status.GOOD] * len(batch.points)
                found.update(point for point, status in zip(batch.points, statuses, strict=True) if status == 0)
        return found

    def readings(self, point: str) -> list[Reading]:
        """All readings of one point so far."""
        batches = [message.batch for message in self.said if isinstance(message, ReadingsTaken)]
        return [reading for batch in batches for reading in batch.readings() if reading.point == point]

    def devices(self) -> list[tuple[str | None, bool]]:
        """Changes of the line and its devices: (device or None, up)."""
        return [(message.device, message.up) for message in self.said if isinstance(message, LinkStatus)]

    def alarms(self) -> list[tuple[str, bool]]:
        """Alarms that were told: (key, active)."""
        return [(message.key, message.active) for message in self.said if isinstance(message, AlarmChanged)]


def line_of(site: Site, name: str, wire: SerialWire) -> Running:
    """A line of the site on a wire, not yet at work."""
    bus, said = InProcessBus(), list[Message]()
    for kind in (ReadingsTaken, LinkStatus, AlarmChanged):
        bus.listen(kind, said.append)
    return Running(Line(site, name, wire, bus, VirtualClock(), now_s=now_s), wire, said)


async def run_for(running: Running, seconds: float) -> None:
    """Lets the line work for so long, then ends it."""
    task = asyncio.create_task(running.line.run())
    await asyncio.sleep(seconds)
    running.ended = running.line.health()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
