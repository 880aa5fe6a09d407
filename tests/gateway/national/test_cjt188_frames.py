"""CJ/T 188 frames against published ones, of which those with a wrong checksum must be refused."""

from __future__ import annotations

import pytest

from gateway.national import cjt188
from gateway.national.finding import cjt188_address_request, cjt188_meter_in

QUESTION = bytes.fromhex("68 10 44 33 22 11 00 33 78 01 03 1F 90 00 80 16")
PUBLISHED = bytes.fromhex(
    "68 10 44 33 22 11 00 33 78 81 16 1F 90 00 00 77 66 55 2C 00 77 66 55 2C 31 01 22 11 05 15 20 21 84 08 16"
)
ANSWER = PUBLISHED[:-2] + b"\x13\x16"
METER = "78330011223344"
LABEL = b"\x1f\x90\x00"
OTHER_QUESTION = bytes.fromhex("68 10 18 02 12 20 20 00 00 01 03 90 1F 00 97 16")
OTHER_ANSWER = bytes.fromhex(
    "68 10 18 02 12 20 20 00 00 81 16 90 1F 00 00 02 00 00 2C 00 02 00 00 2C 00 00 00 00 00 00 00 00 FF 85 16"
)


def answer_in(data: bytes, label: bytes = LABEL, meter_type: int = 0x10, number: str = METER) -> cjt188.Frame | None:
    return cjt188.answer_in(data, meter_type, number, label)


def test_questions_are_the_published_frames_in_both_orders_of_the_identifier() -> None:
    low_first = cjt188.identifier("901F", "low_first")
    high_first = cjt188.identifier("901F", "high_first")
    assert cjt188.read_frame(0x10, METER, low_first, 0, preamble=0) == QUESTION
    assert cjt188.read_frame(0x10, "00002020120218", high_first, 0, preamble=0) == OTHER_QUESTION


def test_the_published_answer_with_a_wrong_checksum_is_refused_and_with_the_right_one_taken() -> None:
    assert answer_in(PUBLISHED) is None
    frame = answer_in(ANSWER)
    assert frame is not None
    assert frame.raw == ANSWER
    assert frame.data[3:8] == bytes.fromhex("00 77 66 55 2C")


def test_the_published_answer_of_a_meter_with_the_identifier_the_other_way_round_is_taken() -> None:
    frame = cjt188.answer_in(b"\xfe" * 4 + OTHER_ANSWER, 0x10, "00002020120218", b"\x90\x1f\x00")
    assert frame is not None
    assert frame.data[3:8] == bytes.fromhex("00 02 00 00 2C")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "nothing came"),
        (ANSWER[:-1], "it is not all there yet"),
        (QUESTION, "it is the echo of the question"),
        (ANSWER[:-1] + b"\x17", "it does not end with 16H"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_what_is_no_whole_answer_is_passed_over(data: bytes, why: str) -> None:
    assert answer_in(data) is None, why


def test_an_answer_to_another_question_of_another_meter_or_type_is_passed_over() -> None:
    assert answer_in(ANSWER, label=b"\x1f\x90\x01") is None, "another serial number: the answer to an older question"
    assert answer_in(ANSWER, label=b"\x90\x1f\x00") is None, "the identifier the other way round"
    assert answer_in(ANSWER, meter_type=0x11) is None
    assert answer_in(ANSWER, number="78330011223345") is None


@pytest.mark.parametrize("noise", [b"\x00", b"\x68", b"\x68\x10\x44", b"\xfe" * 4, QUESTION])
def test_noise_before_and_behind_an_answer_does_no_harm(noise: bytes) -> None:
    frame = answer_in(noise + ANSWER + noise)
    assert frame is not None
    assert frame.raw == ANSWER


def test_a_refusal_repeats_the_serial_number() -> None:
    body = bytes.fromhex("68 10 44 33 22 11 00 33 78 C1 03 07 00 00")
    frame = body + bytes((sum(body) % 256, 0x16))
    refusal = answer_in(frame, label=b"\x1f\x90\x07")
    assert refusal is not None
    assert refusal.refused
    assert answer_in(frame, label=b"\x1f\x90\x08") is None


def test_the_only_meter_of_a_line_tells_type_and_number() -> None:
    request = cjt188_address_request("high_first")
    published = bytes.fromhex("FE FE FE FE 68 AA AA AA AA AA AA AA AA 03 03 81 0A 00 49 16")
    assert request.frame == published
    answer = bytes.fromhex("FE FE FE FE 68 10 18 02 12 20 20 00 00 83 03 81 0A 00 F5 16")
    assert request.found(answer) is not None
    assert cjt188_meter_in(answer) == (0x10, "00002020120218")
    assert cjt188_meter_in(answer[:-1]) is None
