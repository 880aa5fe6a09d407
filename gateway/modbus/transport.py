"""The seam between what is asked of the devices of a line and the wire that carries it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from facility.profiles.schema import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """A question in a protocol of its own on a serial line, as national meters speak beside Modbus units.

    Attributes:
        what: the question in words, for error messages.
        frame: the bytes to send, complete.
        found: picks the whole answer, checked, out of what has come so far; None while it is not there. It passes over
            noise, over an echo of `frame`, and over whatever answers another question.
        expected_bytes: length of a good answer; sets how long the line needs to carry it.
        alike: questions of the same mark could be satisfied by the same answer, so that an old one must not meet the
            next of them. Empty: by any answer.
    """

    what: str
    frame: bytes
    found: Callable[[bytes], bytes | None]
    expected_bytes: int
    alike: bytes = b""


class Transport(Protocol):
    """One line with all its units. Connects by itself when it is used; one transaction at a time.

    All questions raise LinkDown (no connection, or it broke), NoAnswer (silence) and BadAnswer (not an answer to the
    question, with the bytes); those in Modbus also DeviceBusy (exceptions 4 to 6, 10, 11 and unknown ones) and
    DeviceRefused (exceptions 1, 2, 3). `timeout_s` is wall time for the device to answer, the time that the bytes need
    on the line not counted.

    Attributes:
        dropped_answers: answers that came too late or from somebody else and were thrown away, since the start.
    """

    dropped_answers: int

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:
        """`count` registers as big-endian bytes, or `count` bits packed lowest first, as in the answer."""
        ...

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:
        """Writes coils (functions 5, 15; values 0 or 1) or registers (6, 16); returns when the device acknowledged."""
        ...

    async def exchange(self, request: RawRequest, timeout_s: float) -> bytes:
        """The whole answer to a question that is not Modbus, as its `found` gives it.

        Raises:
            ValueError: the line is no serial line that carries whole bytes; the site file's checks keep such devices
                off other lines.
        """
        ...

    async def reset(self) -> None:
        """Lets go of the connection or port although it looks alive; the next call opens it again. For the line, when
        none of its units answers any more: a half-open connection looks like that.
        """
        ...

    async def close(self) -> None:
        """Lets go of the connection. The next call opens it again."""
        ...
