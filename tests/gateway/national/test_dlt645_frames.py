"""DL/T 645-2007 frames against published ones whose checksums were recomputed, and against what lines do to them."""

from __future__ import annotations

import pytest

from gateway.national import dlt645
from gateway.national.finding import dlt645_address_request, dlt645_number_in

QUESTION = bytes.fromhex("68 25 04 03 02 01 00 68 11 04 33 33 34 33 E1 16")
ANSWER = bytes.fromhex("68 25 04 03 02 01 00 68 91 08 33 33 34 33 75 39 45 33 8B 16")
METER = "000102030425"
FORWARD_ENERGY = "00010000"


def answer_in(data: bytes, di: str = FORWARD_ENERGY, number: str = METER) -> dlt645.Frame | None:
    return dlt645.answer_in(data, number, dlt645.READ, di)


def test_the_question_for_forward_energy_is_the_published_frame() -> None:
    assert dlt645.read_frame(METER, FORWARD_ENERGY, preamble=0) == QUESTION


def test_a_meter_is_woken_by_up_to_four_fe() -> None:
    assert dlt645.read_frame(METER, FORWARD_ENERGY, preamble=4) == b"\xfe" * 4 + QUESTION


def test_the_published_answer_is_taken_and_its_shift_removed() -> None:
    frame = answer_in(ANSWER)
    assert frame is not None
    assert frame.number == METER
    assert frame.data == bytes.fromhex("00 00 01 00 42 06 12 00")
    assert frame.raw == ANSWER
    assert (frame.refused, frame.has_more) == (False, False)


def test_the_address_question_is_the_published_frame() -> None:
    assert dlt645.address_frame(preamble=0) == bytes.fromhex("68 AA AA AA AA AA AA 68 13 00 DF 16")


def test_the_only_meter_of_a_line_tells_its_number() -> None:
    body = bytes.fromhex("68 25 04 03 02 01 00 68 93 06 58 37 36 35 34 33")
    frame = body + bytes((sum(body) % 256, 0x16))
    assert dlt645_number_in(b"\xfe\xfe" + frame) == METER
    assert dlt645_address_request().found(b"\x00\xfe" + frame) == b"\x00\xfe" + frame
    assert dlt645_number_in(frame[:-1]) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "nothing came"),
        (ANSWER[:-1], "it is not all there yet"),
        (QUESTION, "it is the echo of the question"),
        (ANSWER.replace(b"\x8b\x16", b"\xc6\x16"), "the checksum is wrong"),
        (ANSWER[:-1] + b"\x17", "it does not end with 16H"),
        (bytes.fromhex("68 25 04 03 02 01 00 68 91 08 33 33 34 33 75 39 45 33 8E 16"), "one digit of the sum differs"),
        (ANSWER.replace(b"\x68\x91\x08", b"\x69\x91\x08"), "the second 68H is missing"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_whole_answer_is_passed_over(data: bytes, why: str) -> None:
    assert answer_in(data) is None, why


def test_an_answer_of_another_meter_or_to_another_question_is_passed_over() -> None:
    assert answer_in(ANSWER, number="000102030426") is None
    assert answer_in(ANSWER, di="00020000") is None
    assert dlt645.answer_in(ANSWER, METER, dlt645.READ_ON, FORWARD_ENERGY) is None


@pytest.mark.parametrize(
    "noise", [b"\x00", b"\xff\xff", b"\x68", b"\x68\x68\x16", b"\xfe" * 4, QUESTION, b"\x68\xaa" * 9]
)
def test_noise_before_and_behind_an_answer_does_no_harm(noise: bytes) -> None:
    frame = answer_in(noise + ANSWER + noise)
    assert frame is not None
    assert frame.raw == ANSWER


def test_of_a_late_answer_and_the_right_one_the_right_one_is_taken() -> None:
    body = bytes.fromhex("68 25 04 03 02 01 00 68 91 06 33 34 34 35 35 56")
    voltage = body + bytes((sum(body) % 256, 0x16))
    frame = answer_in(ANSWER + voltage, di="02010100")
    assert frame is not None
    assert frame.raw == voltage


def test_a_refusal_carries_its_error_word() -> None:
    body = bytes.fromhex("68 25 04 03 02 01 00 68 D1 01 35")
    frame = answer_in(body + bytes((sum(body) % 256, 0x16)))
    assert frame is not None
    assert frame.refused
    assert frame.data == bytes((dlt645.NO_SUCH_DATA,))


def test_an_answer_says_that_more_follows() -> None:
    body = bytes.fromhex("68 25 04 03 02 01 00 68 B1 05 33 33 34 33 75")
    frame = answer_in(body + bytes((sum(body) % 256, 0x16)))
    assert frame is not None
    assert frame.has_more
    assert dlt645.read_on_frame(METER, FORWARD_ENERGY, 1, preamble=0)[8:15] == bytes.fromhex("12 05 33 33 34 33 34")
