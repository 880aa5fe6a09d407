"""Modbus on serial lines as bytes: published frames in both framings, and answers found in any noise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.framer import FramerAscii, FramerRTU
from pymodbus.pdu import DecodePDU

from facility.profiles.schema import Table
from gateway.modbus.frames import read_request, write_request
from gateway.modbus.framing import ASCII, MOST_TRIED, RTU, Framing

_ASCII = FramerAscii(DecodePDU(True))
FRAMINGS = pytest.mark.parametrize("framing", [RTU, ASCII], ids=["rtu", "ascii"])
ASKED = read_request(0x11, Table.HOLDING, 0x6B, 3)
"""The example of Modbus Application Protocol V1.1b3, section 6.3: registers 108 to 110 of unit 17."""
SAID = bytes.fromhex("11 03 06 02 2b 00 00 00 64")


def wrapped(framing: Framing, message: bytes) -> bytes:
    if framing is RTU:
        return message + FramerRTU.compute_CRC(message).to_bytes(2, "big")
    return _ASCII.encode(message[1:], message[0], 0)


@pytest.mark.parametrize(
    ("framing", "frame", "answer"),
    [
        (RTU, "11 03 00 6b 00 03 76 87", "11 03 06 02 2b 00 00 00 64 c8 ba"),
        (ASCII, b":1103006B00037E\r\n".hex(), b":110306022B0000006455\r\n".hex()),
    ],
    ids=["rtu", "ascii"],
)
def test_the_specifications_example_in_both_framings(framing: Framing, frame: str, answer: str) -> None:
    """LRC and CRC worked out by hand from V1.02, sections 2.5.1.2 and 2.5.2.2, and appendix B."""
    assert framing.frame(ASKED) == bytes.fromhex(frame)
    said = bytes.fromhex(answer)
    assert wrapped(framing, SAID) == said
    assert framing.answer_bytes(ASKED) == len(said)
    assert framing.found(said, ASKED) == said
    assert framing.content(said) == SAID


def test_digits_of_an_ascii_frame_may_be_small_but_nothing_else_may_stand_among_them() -> None:
    said = wrapped(ASCII, SAID)
    assert ASCII.found(said.lower(), ASKED) == said.lower()
    for place in range(1, len(said) - 2):
        assert ASCII.found(said[:place] + b" " + said[place:], ASKED) is None
        assert place == 1 or ASCII.found(said[:place] + b":" + said[place:], ASKED) is None
        assert ASCII.found(said[:place] + said[place + 1 :], ASKED) is None
    assert ASCII.found(b":1103" + said, ASKED) == said
    assert ASCII.found(b":\r\n:\r\n:zz\r\n:1\r\n" + said, ASKED) == said


@FRAMINGS
@pytest.mark.parametrize(
    "other",
    ["12 03 06 02 2b 00 00 00 64", "11 04 06 02 2b 00 00 00 64", "11 03 04 02 2b 00 00",
     "11 03 08 02 2b 00 00 00 64 00 00", "11 03 00", "11 84 02", "12 83 02"],
)  # fmt: skip
def test_what_answers_another_question_is_passed_over_and_can_be_named(framing: Framing, other: str) -> None:
    said = wrapped(framing, bytes.fromhex(other))
    assert framing.found(said, ASKED) is None
    assert framing.found(said + wrapped(framing, SAID), ASKED) == wrapped(framing, SAID)
    assert framing.sound(said) == said
    assert framing.content(said) == bytes.fromhex(other)


@FRAMINGS
def test_exceptions_and_acknowledgements_are_found(framing: Framing) -> None:
    refused = wrapped(framing, bytes.fromhex("11 83 02"))
    assert framing.found(b"\x00" + refused, ASKED) == refused
    written = write_request(0x11, 16, 1, [10, 258])
    acknowledged = wrapped(framing, bytes.fromhex("11 10 00 01 00 02"))
    assert framing.found(framing.frame(written) + acknowledged, written) == acknowledged


@FRAMINGS
@settings(max_examples=300, deadline=None)
@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_in_any_noise_the_answer_is_found_or_nothing_is(framing: Framing, before: bytes, after: bytes) -> None:
    said = wrapped(framing, SAID)
    found = framing.found(before + said + after, ASKED)
    assert found is None or framing.content(found) == SAID
    if framing is RTU or b":" not in before:
        assert found is not None


@FRAMINGS
@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 21), bit=st.integers(0, 7), cut=st.integers(0, 22))
def test_a_flipped_bit_or_a_lost_byte_anywhere_gives_nothing_wrong(
    framing: Framing, place: int, bit: int, cut: int
) -> None:
    said = bytearray(wrapped(framing, SAID))
    place %= len(said)
    said[place] ^= 1 << bit
    found = framing.found(bytes(said), ASKED)
    assert found is None or framing.content(found) == SAID
    whole = wrapped(framing, SAID)
    cut %= len(whole)
    assert framing.found(whole[:cut] + whole[cut + 1 :], ASKED) is None


def test_thousands_of_beginnings_are_not_all_tried_and_the_latest_are() -> None:
    said = wrapped(RTU, SAID)
    beginning = SAID[:3]
    assert RTU.found(beginning * 600 + said, ASKED) == said
    for beginnings, found in ((MOST_TRIED - 1, said), (MOST_TRIED, None)):
        assert RTU.found(said + beginning * beginnings + bytes(len(said) - len(beginning)), ASKED) == found
