"""Devices in memory behind the same protocol as a Modbus line: registers, faults on demand, and what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from facility.errors import DeviceRefused, HouqinError, LinkDown, NoAnswer
from facility.profiles.schema import Table
from gateway.modbus.transport import RawRequest

Key = tuple[int, Table, int]
BIT_TABLES = (Table.COIL, Table.DISCRETE)


@dataclass
class Bank:
    """A line with devices. Registers that were never set read 0.

    `dead` units do not answer, `refused` addresses are answered with exception 2, `answers` with these errors, and so
    are writes to `write_answers` (unit, address); `deaf` units acknowledge writes and do nothing; while `down` there is
    no connection. `asked` keeps every read and `written` every write, in order.
    """

    registers: dict[Key, int] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    deaf: set[int] = field(default_factory=set)
    refused: set[Key] = field(default_factory=set)
    answers: dict[Key, HouqinError] = field(default_factory=dict)
    write_answers: dict[tuple[int, int], HouqinError] = field(default_factory=dict)
    faults: list[HouqinError] = field(default_factory=list)
    down: bool = False
    asked: list[tuple[int, Table, int, int]] = field(default_factory=list)
    written: list[tuple[int, int, int, tuple[int, ...]]] = field(default_factory=list)
    on_write: Callable[[], None] | None = None
    on_read: Callable[[], None] | None = None
    closed: int = 0
    resets: int = 0
    dropped_answers: int = 0

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:  # noqa: ARG002
        self.asked.append((unit, table, address, count))
        if self.on_read is not None:
            self.on_read()
        self._fail(unit)
        places = range(address, address + count)
        for place in places:
            if (error := self.answers.get((unit, table, place))) is not None:
                raise error
        if any((unit, table, place) in self.refused for place in places):
            raise DeviceRefused("exception 2", code=2)
        values = [self.registers.get((unit, table, place), 0) for place in places]
        if table in BIT_TABLES:
            bits = sum(bool(value) << index for index, value in enumerate(values))
            return bits.to_bytes((count + 7) // 8, "little")
        return b"".join(value.to_bytes(2, "big") for value in values)

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:  # noqa: ARG002
        self._fail(unit)
        if (error := self.write_answers.get((unit, address))) is not None:
            raise error
        self.written.append((unit, function, address, tuple(values)))
        if unit not in self.deaf:
            table = Table.COIL if function in (5, 15) else Table.HOLDING
            self.registers.update({(unit, table, address + place): value for place, value in enumerate(values)})
        if self.on_write is not None:
            self.on_write()

    async def exchange(self, request: RawRequest, timeout_s: float) -> bytes:  # noqa: ARG002
        raise NoAnswer(f"{request.what}: there are Modbus units only")

    async def reset(self) -> None:
        self.resets += 1

    async def close(self) -> None:
        self.closed += 1

    def _fail(self, unit: int) -> None:
        if self.down:
            raise LinkDown("no connection")
        if self.faults:
            raise self.faults.pop(0)
        if unit in self.dead:
            raise NoAnswer("no answer in time")

    def set(self, unit: int, address: int, *values: int, table: Table = Table.HOLDING) -> None:
        """Sets registers from `address`."""
        self.registers.update({(unit, table, address + place): value for place, value in enumerate(values)})

    def requests_of(self, unit: int) -> int:
        """How often a unit was asked."""
        return Counter(asked[0] for asked in self.asked)[unit]
