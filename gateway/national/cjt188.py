"""Frames of CJ/T 188: questions to water, gas and heat meters, and the answers found in what comes back.

`FE.. 68 T A0..A6 C L DI DI SER DATA CS 16`: meter type T, the address lowest byte first, no shift, CS the sum modulo
256 from 68H on. The serial number SER of the question is repeated in the answer, so that no answer is taken for
another's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from gateway.national.digits import checksum, printed, wire_of

START: Final = 0x68
END: Final = 0x16
WAKE: Final = 0xFE
READ: Final = 0x01
READ_ADDRESS: Final = 0x03
ADDRESS_DI: Final = "810A"
FROM_METER: Final = 0x80
REFUSED: Final = 0x40
FUNCTION: Final = 0x3F
HEAD_BYTES: Final = 11
TAIL_BYTES: Final = 2
LABEL_BYTES: Final = 3
"""Data identifier and serial number."""
ANY_TYPE: Final = 0xAA
ANY_METER: Final = "AAAAAAAAAAAAAA"

IdentifierOrder = Literal["low_first", "high_first"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One whole frame whose checksum holds. `number`: the meter's, 14 digits as printed (maker's code in front);
    `raw` as it came.
    """

    meter_type: int
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
        """Whether the meter says that it does not answer; `data` is then the serial number and its state."""
        return bool(self.control & REFUSED)

    @property
    def function(self) -> int:
        """What was asked: 01H data, 03H the address."""
        return self.control & FUNCTION


def identifier(di: str, order: IdentifierOrder) -> bytes:
    """A data identifier (4 hex digits as printed) as it goes over the wire."""
    return wire_of(di) if order == "low_first" else bytes.fromhex(di)


def framed(meter_type: int, number: str, control: int, data: bytes, *, preamble: int) -> bytes:
    """A frame ready to be sent; `number` has 14 digits."""
    body = bytes((START, meter_type, *wire_of(number), control, len(data))) + data
    return bytes((WAKE,)) * preamble + body + bytes((checksum(body), END))


def read_frame(meter_type: int, number: str, di: bytes, serial: int, *, preamble: int) -> bytes:
    """The question for a data identifier; `di` as it goes over the wire, `serial` 0 to 255."""
    return framed(meter_type, number, READ, di + bytes((serial,)), preamble=preamble)


def address_frame(order: IdentifierOrder, serial: int, *, preamble: int) -> bytes:
    """The question for type and address of the only meter on a line."""
    label = identifier(ADDRESS_DI, order) + bytes((serial,))
    return framed(ANY_TYPE, ANY_METER, READ_ADDRESS, label, preamble=preamble)


def frames_in(data: bytes) -> Iterator[Frame]:
    """All whole frames in what came, oldest first; noise between them is passed over."""
    place = data.find(START)
    while place >= 0:
        end = _end_of_frame(data, place)
        if end is None:
            place = data.find(START, place + 1)
            continue
        yield Frame(
            meter_type=data[place + 1],
            number=printed(data[place + 2 : place + 9]),
            control=data[place + 9],
            data=data[place + HEAD_BYTES : end - TAIL_BYTES],
            raw=data[place:end],
        )
        place = data.find(START, end)


def _end_of_frame(data: bytes, place: int) -> int | None:
    if len(data) < place + HEAD_BYTES:
        return None
    end = place + HEAD_BYTES + data[place + 10] + TAIL_BYTES
    if len(data) < end or data[end - 1] != END:
        return None
    return end if checksum(data[place : end - TAIL_BYTES]) == data[end - TAIL_BYTES] else None


def answer_in(data: bytes, meter_type: int, number: str, label: bytes) -> Frame | None:
    """The frame that answers a question for data, for good or with an error; None while there is none.

    Args:
        data: what has come since the question.
        meter_type: of the meter that was asked.
        number: of the meter that was asked, 14 digits.
        label: identifier and serial number as they were sent; an answer repeats both, a refusal the serial number.
    """
    for frame in frames_in(data):
        if not frame.from_meter or frame.function != READ:
            continue
        if (frame.meter_type, frame.number) != (meter_type, number):
            continue
        if frame.data.startswith(label[-1:] if frame.refused else label):
            return frame
    return None
