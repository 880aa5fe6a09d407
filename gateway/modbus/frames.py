"""Requests as frames, and answers checked against them. The one place where pymodbus is met.

From pymodbus come what is sound and stable: the encoding of requests, the framings, the checksums and the names of the
exception codes. Its client takes answers of another length or function for good ones, so whether an answer fits is
decided here (docs/decisions/0001-own-modbus-transaction-loop.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerAscii, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, HouqinError, Where
from facility.profiles.schema import Table

EXCEPTION_BIT: Final = 0x80
REFUSALS: Final = (ExcCodes.ILLEGAL_FUNCTION, ExcCodes.ILLEGAL_ADDRESS, ExcCodes.ILLEGAL_VALUE)
_DECODER: Final = DecodePDU(True)
_TCP: Final = FramerSocket(_DECODER)
_RTU: Final = FramerRTU(_DECODER)
_ASCII: Final = FramerAscii(_DECODER)
_READS: Final[dict[Table, type[ModbusPDU]]] = {
    Table.COIL: ReadCoilsRequest,
    Table.DISCRETE: ReadDiscreteInputsRequest,
    Table.HOLDING: ReadHoldingRegistersRequest,
    Table.INPUT: ReadInputRegistersRequest,
}
_WRITES: Final[dict[int, Callable[[int, int, Sequence[int]], ModbusPDU]]] = {
    5: lambda unit, address, values: WriteSingleCoilRequest(
        dev_id=unit, address=address, bits=[bool(values[0])]
    ),
    6: lambda unit, address, values: WriteSingleRegisterRequest(
        dev_id=unit, address=address, registers=[values[0]]
    ),
    15: lambda unit, address, values: WriteMultipleCoilsRequest(
        dev_id=unit, address=address, bits=[bool(value) for value in values]
    ),
    16: lambda unit, address, values: WriteMultipleRegistersRequest(
        dev_id=unit, address=address, registers=list(values)
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A question to one unit, ready to be sent, and what its answer must look like.

    Attributes:
        what: the question in words, for error messages.
        unit: Modbus unit id.
        function: function code.
        head: the bytes that a good answer's PDU begins with; a write's answer is exactly this.
        payload: bytes that follow the head in a good answer, 0 for a write.
        tcp: the frame for Modbus/TCP behind its two bytes of transaction id.
        tcp_answer: what a good answer on Modbus/TCP begins with behind its transaction id, its head included.
        rtu: the frame for RTU, with checksum.
        ascii: the frame for ASCII, from colon to line feed.
    """

    what: str
    unit: int
    function: int
    head: bytes
    payload: int
    tcp: bytes
    tcp_answer: bytes
    rtu: bytes
    ascii: bytes

    @property
    def answer_bytes(self) -> int:
        """Length of a good answer's PDU."""
        return len(self.head) + self.payload


@lru_cache(maxsize=8192)
def read_request(unit: int, table: Table, address: int, count: int) -> Request:
    """The question for `count` registers or bits. Asked again and again, so it is made once."""
    pdu = _READS[table](dev_id=unit, address=address, count=count)
    payload = (count + 7) // 8 if table in (Table.COIL, Table.DISCRETE) else 2 * count
    what = f"{count} of {table.value} from {address}"
    return _request(what, pdu, head=bytes((pdu.function_code, payload)), payload=payload)


def write_request(unit: int, function: int, address: int, values: Sequence[int]) -> Request:
    """The order to write `values`.

    Raises:
        ValueError: no such write function.
    """
    if function not in _WRITES:
        raise ValueError(f"function {function} writes nothing; expected 5, 6, 15 or 16")
    pdu = _WRITES[function](unit, address, values)
    head = bytes((pdu.function_code,)) + pdu.encode()[:4]
    return _request(f"write of {list(values)} to {address}", pdu, head=head, payload=0)


def _request(what: str, pdu: ModbusPDU, *, head: bytes, payload: int) -> Request:
    return Request(
        what=what,
        unit=pdu.dev_id,
        function=pdu.function_code,
        head=head,
        payload=payload,
        tcp=_TCP.buildFrame(pdu)[2:],
        tcp_answer=b"\0\0" + (1 + len(head) + payload).to_bytes(2, "big") + bytes((pdu.dev_id,)) + head,
        rtu=_RTU.buildFrame(pdu),
        ascii=_ASCII.buildFrame(pdu),
    )


def checksum_holds(frame: bytes) -> bool:
    """Whether an RTU frame ends with the CRC of what stands before it."""
    return FramerRTU.check_CRC(frame[:-2], int.from_bytes(frame[-2:], "big"))


def redundancy_holds(message: bytes) -> bool:
    """Whether the bytes of an ASCII message end with the LRC of what stands before it."""
    return FramerAscii.check_LRC(message[:-1], message[-1])


def opened(request: Request, unit: int, pdu: bytes, where: Where) -> bytes:
    """What a checked answer carries: register or bit bytes of a read, nothing of a write.

    Args:
        request: the question.
        unit: the unit id the answer came with.
        pdu: function code and data of the answer.
        where: the line, for errors.

    Raises:
        DeviceRefused, DeviceBusy: the device answered with an exception.
        BadAnswer: unit, function or length are not those of the question.
    """
    head = request.head
    if unit == request.unit and pdu.startswith(head) and len(pdu) == len(head) + request.payload:
        return pdu[len(head) :]
    raise _misfit(request, unit, pdu, where)


def _misfit(request: Request, unit: int, pdu: bytes, line: Where) -> HouqinError:
    where = replace(line, unit=request.unit)
    if unit != request.unit:
        return BadAnswer(f"{request.what}: unit {unit} answered", where=where, raw=pdu)
    if len(pdu) == 2 and pdu[0] == request.function | EXCEPTION_BIT:
        return exception_answer(request, pdu[1], where)
    if not pdu or pdu[0] != request.function:
        seen = f"0x{pdu[0]:02x}" if pdu else "none"
        return BadAnswer(f"{request.what}: answered with function {seen}", where=where, raw=pdu)
    if len(pdu) != request.answer_bytes:
        return BadAnswer(
            f"{request.what}: answered with {len(pdu)} bytes, expected {request.answer_bytes}", where=where, raw=pdu
        )
    return BadAnswer(f"{request.what}: the answer does not repeat the question", where=where, raw=pdu)


def exception_answer(request: Request, code: int, where: Where) -> DeviceRefused | DeviceBusy:
    """The error for a Modbus exception code (Application Protocol V1.1b3, section 7)."""
    name = ExcCodes(code).name.lower().replace("_", " ") if code in set(ExcCodes) else "unknown"
    message = f"{request.what}: the device answered exception {code} ({name})"
    if code in REFUSALS:
        return DeviceRefused(f"{message}; compare the profile with the device's map", code=code, where=where)
    return DeviceBusy(message, code=code, where=where)
