"""A simulated CJ/T 188 meter: finds its question in what a master sent, and answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ANYBODY: Final = 0xAA
ADDRESS_LABELS: Final = (b"\x81\x0a", b"\x0a\x81")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came: meter type, the seven address bytes, control code, data."""

    meter_type: int
    address: bytes
    control: int
    data: bytes


def question_in(data: bytes) -> Asked | None:
    """The question in what a master sent, None when it is no whole CJ/T 188 frame."""
    frame = data.lstrip(b"\xfe")
    if len(frame) < 13 or frame[0] != 0x68 or frame[-1] != 0x16:
        return None
    body, total = frame[:-2], frame[-2]
    if len(body) != 11 + frame[10] or sum(body) % 256 != total:
        return None
    return Asked(frame[1], frame[2:9], frame[9], body[11:])


@dataclass(frozen=True, kw_only=True)
class PipeMeter:
    """One water, gas or heat meter. `address`: seven bytes, lowest first; `low_first`: how it takes identifiers."""

    meter_type: int
    address: bytes
    low_first: bool

    def is_meant(self, asked: Asked) -> bool:
        """Whether type and address are its own, or everybody's."""
        own = asked.meter_type in (self.meter_type, ANYBODY)
        return own and asked.address in (self.address, bytes((ANYBODY,)) * 7)

    def answer(self, asked: Asked, shown: Mapping[str, bytes]) -> bytes | None:
        """What it says; None: nothing, as to identifiers in an order that is not its own.

        Args:
            asked: the question, meant for this meter.
            shown: identifier, as the standard prints it -> what its registers hold.
        """
        if len(asked.data) != 3:
            return None
        label = asked.data[:2]
        if asked.control == 0x03 and label in ADDRESS_LABELS:
            return self._said(0x83, asked.data)
        if asked.control != 0x01:
            return None
        data = shown.get((label[::-1] if self.low_first else label).hex().upper())
        return self.refusal(asked) if data is None else self._said(0x81, asked.data + data)

    def refusal(self, asked: Asked) -> bytes:
        """That it does not answer."""
        return self._said(0xC1, asked.data[2:] + b"\x00\x00")

    def _said(self, control: int, data: bytes) -> bytes:
        body = bytes((0x68, self.meter_type)) + self.address + bytes((control, len(data))) + data
        return b"\xfe\xfe\xfe" + body + bytes((sum(body) % 256, 0x16))
