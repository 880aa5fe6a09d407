"""Frames of DL/T 645-2007: questions to electricity meters, and the answers found in what comes back.

`FE.. 68 A0..A5 68 C L DATA CS 16`: the address lowest byte first, every byte of DATA raised by 33H, CS the sum modulo
256 from the first 68H on (DL/T 645-2007, section 5.2). Reading is all that is done here; frozen data and load records
(identifiers 05 and 06) are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.national.digits import checksum, printed, wire_of

START: Final = 0x68
END: Final = 0x16
WAKE: Final = 0xFE
SHIFT: Final = 0x33
READ: Final = 0x11
READ_ON: Final = 0x12
READ_ADDRESS: Final = 0x13
FROM_METER: Final = 0x80
REFUSED: Final = 0x40
MORE: Final = 0x20
FUNCTION: Final = 0x1F
HEAD_BYTES: Final = 10
TAIL_BYTES: Final = 2
IDENTIFIER_BYTES: Final = 4
ANY_METER: Final = "AAAAAAAAAAAA"
"""The address to which the only meter of a line answers, whatever its own."""

NO_SUCH_DATA: Final = 0x02
WRONG_PASSWORD: Final = 0x04


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One whole frame whose checksum holds. `number`: the meter's, 12 digits as printed; `data` with the shift taken
    off; `raw` as it came.
    """

    number: str
    control: int
    data: bytes
    raw: bytes

    @property
    def from_meter(self) -> bool:
        """Whether a meter said it, not a master (an echo of the question)."""
        return bool(self.control & FROM_METER)

    @property
    def refused(self) -> bool:
        """Whether the meter says why it does not answer; `data` is then its error word."""
        return bool(self.control & REFUSED)

    @property
    def has_more(self) -> bool:
        """Whether the rest has to be asked for with 12H."""
        return bool(self.control & MORE)

    @property
    def function(self) -> int:
        """What was asked: 11H data, 12H the rest of them, 13H the address."""
        return self.control & FUNCTION


def framed(number: str, control: int, data: bytes, *, preamble: int) -> bytes:
    """A frame ready to be sent.

    Args:
        number: 12 digits as printed, A for a wildcard.
        control: control code.
        data: without the shift.
        preamble: FEH bytes in front, 0 to 4.
    """
    shifted = bytes((byte + SHIFT) & 0xFF for byte in data)
    body = bytes((START, *wire_of(number), START, control, len(data))) + shifted
    return bytes((WAKE,)) * preamble + body + bytes((checksum(body), END))


def read_frame(number: str, di: str, *, preamble: int) -> bytes:
    """The question for a data identifier (8 hex digits as the standard prints them)."""
    return framed(number, READ, wire_of(di), preamble=preamble)


def read_on_frame(number: str, di: str, sequence: int, *, preamble: int) -> bytes:
    """The question for what did not fit into the answer before; `sequence` counts from 1."""
    return framed(number, READ_ON, wire_of(di) + bytes((sequence,)), preamble=preamble)


def address_frame(*, preamble: int) -> bytes:
    """The question for the address of the only meter on a line (13H)."""
    return framed(ANY_METER, READ_ADDRESS, b"", preamble=preamble)


def frames_in(data: bytes) -> Iterator[Frame]:
    """All whole frames in what came, oldest first; noise between them is passed over."""
    place = data.find(START)
    while place >= 0:
        end = _end_of_frame(data, place)
        if end is None:
            place = data.find(START, place + 1)
            continue
        yield Frame(
            number=printed(data[place + 1 : place + 7]),
            control=data[place + 8],
            data=bytes((byte - SHIFT) & 0xFF for byte in data[place + HEAD_BYTES : end - TAIL_BYTES]),
            raw=data[place:end],
        )
        place = data.find(START, end)


def _end_of_frame(data: bytes, place: int) -> int | None:
    if len(data) < place + HEAD_BYTES or data[place + 7] != START:
        return None
    end = place + HEAD_BYTES + data[place + 9] + TAIL_BYTES
    if len(data) < end or data[end - 1] != END:
        return None
    return end if checksum(data[place : end - TAIL_BYTES]) == data[end - TAIL_BYTES] else None


def answer_in(data: bytes, number: str, function: int, di: str) -> Frame | None:
    """The frame that answers a question, for good or with an error; None while there is none.

    Args:
        data: what has come since the question.
        number: the meter that was asked, 12 digits.
        function: what was asked, 11H or 12H.
        di: the identifier that was asked for; an answer repeats it, a refusal does not.
    """
    for frame in frames_in(data):
        if not frame.from_meter or frame.number != number or frame.function != function:
            continue
        if frame.refused or frame.data.startswith(wire_of(di)):
            return frame
    return None
