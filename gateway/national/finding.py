"""Finding the number of the only meter on a line, by asking whoever is there."""

from __future__ import annotations

from gateway.modbus.transport import RawRequest
from gateway.national import cjt188, dlt645


def dlt645_address_request(*, preamble: int = 4) -> RawRequest:
    """The question to which the only DL/T 645 meter of a line answers with its number (control 13H). With several
    meters on the line their answers collide and nothing whole comes back.
    """

    def found(data: bytes) -> bytes | None:
        return data if dlt645_number_in(data) is not None else None

    return RawRequest(
        what="DL/T 645 address of the only meter",
        frame=dlt645.address_frame(preamble=preamble),
        found=found,
        expected_bytes=preamble + dlt645.HEAD_BYTES + 6 + dlt645.TAIL_BYTES,
    )


def dlt645_number_in(data: bytes) -> str | None:
    """The number of the meter that answered, 12 digits; None while there is no answer."""
    return next(
        (
            frame.number
            for frame in dlt645.frames_in(data)
            if frame.from_meter and not frame.refused and frame.function == dlt645.READ_ADDRESS
        ),
        None,
    )


def cjt188_address_request(order: cjt188.IdentifierOrder, *, serial: int = 0, preamble: int = 4) -> RawRequest:
    """The question to which the only CJ/T 188 meter of a line answers with type and number (control 03H, 810AH).

    Args:
        order: how the meter takes identifiers; a meter that does not answer one way may answer the other.
        serial: 0 to 255, repeated in the answer.
        preamble: FEH bytes in front.
    """

    def found(data: bytes) -> bytes | None:
        return data if cjt188_meter_in(data) is not None else None

    return RawRequest(
        what="CJ/T 188 address of the only meter",
        frame=cjt188.address_frame(order, serial, preamble=preamble),
        found=found,
        expected_bytes=preamble + cjt188.HEAD_BYTES + cjt188.LABEL_BYTES + cjt188.TAIL_BYTES,
    )


def cjt188_meter_in(data: bytes) -> tuple[int, str] | None:
    """Type and number (14 digits) of the meter that answered; None while there is no answer."""
    return next(
        (
            (frame.meter_type, frame.number)
            for frame in cjt188.frames_in(data)
            if frame.from_meter and not frame.refused and frame.function == cjt188.READ_ADDRESS
        ),
        None,
    )
