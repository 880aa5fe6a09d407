"""Faults on demand: a device that says nothing, refuses, answers late or hangs up; a value that is impossible.

They hold for the wire and for calls in process alike, until healed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from facility.errors import DeviceBusy, DeviceRefused, LinkDown, NoAnswer, Where

REFUSING_CODES = (1, 2, 3)

Unit = int | str
"""Who it is on a line: a Modbus unit id, or the number of a national meter as the site file has it."""


class FaultKind(Enum):
    """What goes wrong."""

    SILENT = "no answer"
    EXCEPTION = "exception code"
    LATE = "late answer"
    HANGS_UP = "connection dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `code`: Modbus exception; `delay_s`: wall seconds before a late answer."""

    kind: FaultKind
    code: int = 4
    delay_s: float = 0.0


class Faults:
    """The faults of one building, by line and unit; a fault of a whole line (unit None) holds for all its units."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, Unit | None], Fault] = {}
        self._aside = False
        self.forced: dict[str, float] = {}
        self.said: list[tuple[str, str, bytes]] = []

    def silence(self, link: str, unit: Unit | None = None) -> None:
        """No answer any more; on an MQTT line no messages."""
        self._faults[link, unit] = Fault(kind=FaultKind.SILENT)

    def refuse(self, link: str, unit: Unit | None = None, *, code: int = 4) -> None:
        """Every request is answered with a Modbus exception."""
        self._faults[link, unit] = Fault(kind=FaultKind.EXCEPTION, code=code)

    def delay(self, link: str, unit: Unit | None = None, *, delay_s: float) -> None:
        """Answers come `delay_s` wall seconds late."""
        self._faults[link, unit] = Fault(kind=FaultKind.LATE, delay_s=delay_s)

    def hang_up(self, link: str, unit: Unit | None = None) -> None:
        """A request is answered by closing the connection."""
        self._faults[link, unit] = Fault(kind=FaultKind.HANGS_UP)

    def force(self, point: str, value: float | None) -> None:
        """The point shows `value` whatever happens, in its canonical unit; None: the device says "not available"."""
        self.forced[point] = math.nan if value is None else value

    def say(self, link: str, topic: str, payload: bytes) -> None:
        """An MQTT message more, as it stands."""
        self.said.append((link, topic, payload))

    def heal(self, link: str | None = None, unit: Unit | None = None) -> None:
        """Ends the fault of a unit or line; without arguments everything."""
        if link is None:
            self._faults.clear()
            self.forced.clear()
        else:
            self._faults.pop((link, unit), None)

    def of(self, link: str, unit: Unit | None) -> Fault | None:
        """The fault that a request to a unit meets, None when all is well."""
        return self._faults.get((link, unit), self._faults.get((link, None)))

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """While the body runs `check` raises nothing: an answer that comes late is still made."""
        self._aside = True
        try:
            yield
        finally:
            self._aside = False

    def check(self, link: str, unit: Unit) -> None:
        """Raises what a master would meet; a late answer is one that never came in time.

        Raises:
            NoAnswer, LinkDown, DeviceRefused, DeviceBusy: by the fault.
        """
        fault = self.of(link, unit)
        if fault is None or self._aside:
            return
        where = Where(link=link, unit=unit) if isinstance(unit, int) else Where(link=link, address=unit)
        match fault.kind:
            case FaultKind.SILENT:
                raise NoAnswer("the device does not answer", where=where)
            case FaultKind.LATE:
                raise NoAnswer(f"the answer comes {fault.delay_s:g} s late", where=where)
            case FaultKind.HANGS_UP:
                raise LinkDown("the connection was closed", where=where)
            case FaultKind.EXCEPTION if fault.code in REFUSING_CODES:
                raise DeviceRefused("the device refuses", code=fault.code, where=where)
            case FaultKind.EXCEPTION:
                raise DeviceBusy("the device cannot do it now", code=fault.code, where=where)
