"""The seam between what is asked of Modbus devices and the wire that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from facility.profiles.schema import Table


class Transport(Protocol):
    """One Modbus line with all its units. Connects by itself when it is used; one transaction at a time.

    Both calls raise LinkDown (no connection, or it broke), NoAnswer (silence), BadAnswer (not an answer to the
    question, with the bytes), DeviceBusy (exceptions 4 to 6, 10, 11 and unknown ones) and DeviceRefused (exceptions
    1, 2, 3). `timeout_s` is wall time for the device to answer.
    """

    async def read(self, unit: int, table: Table, address: int, count: int, timeout_s: float) -> bytes:
        """`count` registers as big-endian bytes, or `count` bits packed lowest first, as in the answer."""
        ...

    async def write(self, unit: int, function: int, address: int, values: Sequence[int], timeout_s: float) -> None:
        """Writes coils (functions 5, 15; values 0 or 1) or registers (6, 16); returns when the device acknowledged."""
        ...

    async def close(self) -> None:
        """Lets go of the connection. The next call opens it again."""
        ...
