"""What a time server says the time is: one question, one answer (SNTP; RFC 5905, sections 7.3, 8 and 14).

Written out here because a client is forty lines: the Python packages for it block, send this machine's time along, and
check less of the answer than is checked below.
"""

from __future__ import annotations

import asyncio
import secrets
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from facility.clock import EARLIEST
from facility.errors import BadAnswer, LinkDown, NoAnswer

TIMEOUT_S: Final = 5.0
LONGEST_DELAY_S: Final = 1.0
"""An answer that was longer under way says nothing of use; in an office's network it takes milliseconds."""

LARGEST_DISTANCE_S: Final = 5.0
"""So far the server itself may be from the true time, by its own account (RFC 5905: MAXDIST is 1 s; offices' servers
that ask over slow lines tell more)."""

_PACKET: Final = struct.Struct(">BBbbIII QQQQ".replace(" ", ""))
_ASKING: Final = 0x23
"""No warning, version 4, mode 3: client."""

_SERVER: Final = 4
_UNSYNCHRONISED: Final = 3
_FRACTION: Final = 2.0**-32
_ERA_S: Final = 2**32
_SINCE_1900_S: Final = 2_208_988_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A clock beside a reference. `offset_s`: how much the reference is ahead of it. `delay_s`: how long question and
    answer were under way; the offset is right within half of it. `at`: by the reference.
    """

    offset_s: float
    delay_s: float
    at: datetime

    def surely_off_s(self) -> float:
        """How much of the offset cannot come from the way: 0.0 or more."""
        return max(0.0, abs(self.offset_s) - self.delay_s / 2)


class _Asking(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[tuple[bytes, float]] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002
        if not self.answer.done():
            self.answer.set_result((data, time.monotonic()))

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def compared(server: str, port: int, now: Callable[[], datetime], *, timeout_s: float = TIMEOUT_S) -> Compared:
    """Asks once. `now`: the clock to be compared.

    Raises:
        LinkDown: the server cannot be reached. NoAnswer: it said nothing in time.
        BadAnswer: it does not know the time itself, or the answer is not one to our question.
    """
    place = f"the time server {server}, port {port}"
    nonce = secrets.randbits(64)
    question = _PACKET.pack(_ASKING, 0, 0, 0, 0, 0, 0, 0, 0, 0, nonce)
    try:
        async with asyncio.timeout(timeout_s):
            asked_at, asked_s, data, answered_s = await _exchanged(server, port, question, now)
    except TimeoutError as error:
        raise NoAnswer(f"{place}, did not answer within {timeout_s:g} s") from error
    except OSError as error:
        raise LinkDown(f"{place}, cannot be reached: {error}") from error
    return _understood(data, nonce, place, asked_at, answered_s - asked_s)


async def _exchanged(
    server: str, port: int, question: bytes, now: Callable[[], datetime]
) -> tuple[datetime, float, bytes, float]:
    transport, asking = await asyncio.get_running_loop().create_datagram_endpoint(_Asking, remote_addr=(server, port))
    try:
        asked_at, asked_s = now(), time.monotonic()
        transport.sendto(question)
        return asked_at, asked_s, *await asking.answer
    finally:
        asking.answer.cancel()
        transport.close()


def _understood(data: bytes, nonce: int, place: str, asked_at: datetime, under_way_s: float) -> Compared:
    """Offset and delay by the four time stamps (RFC 5905, section 8)."""
    if len(data) < _PACKET.size:
        raise BadAnswer(f"{place}: {len(data)} bytes are no answer", raw=data)
    (first, stratum, _, _, root_delay, dispersion, _, _, origin, received, sent) = _PACKET.unpack_from(data)
    if first & 7 != _SERVER or not 3 <= first >> 3 & 7 <= 4 or origin != nonce:
        raise BadAnswer(f"{place}: this is no answer to our question", raw=data)
    if not 1 <= stratum <= 15 or first >> 6 == _UNSYNCHRONISED or not received or not sent:
        raise BadAnswer(f"{place}, does not know the time itself (stratum {stratum})", raw=data)
    distance_s = (root_delay / 2 + dispersion) / 65_536
    received_at, sent_at = _moment(received), _moment(sent)
    held_s = (sent_at - received_at).total_seconds()
    delay_s = under_way_s - held_s
    if held_s < 0 or delay_s < -0.001 or delay_s > LONGEST_DELAY_S or distance_s > LARGEST_DISTANCE_S:
        raise BadAnswer(
            f"{place}: the answer is of no use: {delay_s:.3f} s under way, {held_s:.3f} s held,"
            f" by its own account within {distance_s:.1f} s", raw=data,
        )  # fmt: skip
    answered_at = asked_at + timedelta(seconds=under_way_s)
    offset_s = ((received_at - asked_at).total_seconds() + (sent_at - answered_at).total_seconds()) / 2
    return Compared(offset_s=offset_s, delay_s=max(delay_s, 0.0), at=sent_at)


def _moment(stamp: int) -> datetime:
    """The time of a 64-bit NTP time stamp: of the eras it may stand for (1900, 2036, ...) the first that can be."""
    seconds = stamp * _FRACTION - _SINCE_1900_S
    while seconds < EARLIEST.timestamp() - _ERA_S / 2:
        seconds += _ERA_S
    return datetime.fromtimestamp(seconds, UTC)
