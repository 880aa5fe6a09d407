"""A simulated DL/T 645-2007 meter: finds its question in what a master sent, and answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

WILDCARD: Final = 0xAA
LONGEST_DATA: Final = 200
NO_SUCH_DATA: Final = 0x02


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came: the six address bytes, the control code, the data without the shift."""

    address: bytes
    control: int
    data: bytes


def question_in(data: bytes) -> Asked | None:
    """The question in what a master sent, None when it is no whole DL/T 645 frame."""
    frame = data.lstrip(b"\xfe")
    if len(frame) < 12 or frame[0] != 0x68 or frame[7] != 0x68 or frame[-1] != 0x16:
        return None
    body, total = frame[:-2], frame[-2]
    if len(body) != 10 + frame[9] or sum(body) % 256 != total:
        return None
    return Asked(frame[1:7], frame[8], bytes((byte - 0x33) % 256 for byte in body[10:]))


def said(address: bytes, control: int, data: bytes) -> bytes:
    """What a meter says, with the wake-up bytes that many send too."""
    body = b"\x68" + address + b"\x68" + bytes((control, len(data))) + bytes((byte + 0x33) % 256 for byte in data)
    return b"\xfe\xfe\xfe\xfe" + body + bytes((sum(body) % 256, 0x16))


@dataclass(kw_only=True)
class ElectricityMeter:
    """One meter.

    Args:
        address: six bytes, lowest first.
        knows_blocks: whether it has data blocks (FFH in the identifier), as simple meters do not.
        piece_bytes: longest data that it puts into one answer behind the identifier; the rest is to be asked on.
    """

    address: bytes
    knows_blocks: bool = True
    piece_bytes: int = LONGEST_DATA - 5
    _rest: dict[bytes, Sequence[bytes]] = field(default_factory=dict)

    def is_meant(self, asked: Asked) -> bool:
        """Whether the address is its own, or a wildcard from some byte on."""
        return all(wanted in (own, WILDCARD) for own, wanted in zip(self.address, asked.address, strict=True))

    def answer(self, asked: Asked, shown: Mapping[str, bytes]) -> bytes | None:
        """What it says; None: nothing, as to everything that is not reading.

        Args:
            asked: the question, meant for this meter.
            shown: identifier, as the standard prints it -> what its registers hold.
        """
        if asked.control == 0x13 and not asked.data:
            return said(self.address, 0x93, self.address)
        if asked.control == 0x11 and len(asked.data) == 4:
            return self._first(asked.data, shown)
        if asked.control == 0x12 and len(asked.data) == 5:
            return self._further(asked.data[:4], asked.data[4])
        return None

    def refusal(self, code: int) -> bytes:
        """That it does not answer, and why."""
        return said(self.address, 0xD1, bytes((code,)))

    def _first(self, label: bytes, shown: Mapping[str, bytes]) -> bytes:
        data = shown.get(label[::-1].hex().upper())
        if data is None or (0xFF in label and not self.knows_blocks):
            return self.refusal(NO_SUCH_DATA)
        pieces = [data[at : at + self.piece_bytes] for at in range(0, len(data), self.piece_bytes)]
        self._rest[label] = pieces
        return said(self.address, 0xB1 if len(pieces) > 1 else 0x91, label + pieces[0])

    def _further(self, label: bytes, number: int) -> bytes:
        pieces = self._rest.get(label, ())
        if not 0 < number < len(pieces):
            return said(self.address, 0xD2, bytes((NO_SUCH_DATA,)))
        control = 0xB2 if number + 1 < len(pieces) else 0x92
        return said(self.address, control, label + pieces[number] + bytes((number,)))
