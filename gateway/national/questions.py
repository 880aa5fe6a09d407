"""The questions that read national meters: one per data identifier or block, each with the decoder of its answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Final

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, HouqinError, Where
from facility.model import Point, Site
from facility.profiles.national import Cjt188Point, Dlt645Point, MeterFrame, meter_number
from facility.profiles.schema import Limits, WireProtocol
from gateway.modbus.transport import RawRequest
from gateway.national import cjt188, dlt645
from gateway.national.decoding import DataDecoder, WantedValue
from gateway.question import AskedLine, Question

MOST_FOLLOW_UPS: Final = 16
"""So many pieces an answer may come in before it is no answer."""
SERIALS: Final = 256


class NationalQuestion(Question):
    """A question to one national meter.

    Args:
        number: the meter's number, with all digits.
        where: the meter, for errors.
        frame: how the meter wants to be spoken to.
        wanted: the points its answer gives.
    """

    __slots__ = ("frame", "number", "wanted", "where")

    def __init__(self, number: str, where: Where, frame: MeterFrame, wanted: Sequence[WantedValue]) -> None:
        super().__init__([item.point for item in wanted], DataDecoder(wanted))
        self.number = number
        self.where = where
        self.frame = frame
        self.wanted = tuple(wanted)

    @property
    def di(self) -> str:
        """The identifier that is asked for, as the standard prints it."""
        return self.wanted[0].spec.asked

    @abstractmethod
    def parts(self, limits: Limits) -> list[NationalQuestion]:
        """The same points in smaller questions."""


class Dlt645Question(NationalQuestion):
    """A data identifier of a DL/T 645-2007 meter, or a block of them; what does not fit into one answer is asked on."""

    __slots__ = ()

    @property
    def value_bytes(self) -> int:
        """Length of one value."""
        return self.wanted[0].spec.digits_bytes

    @property
    def expected_bytes(self) -> int:
        """Data bytes of a good answer, as far as the profile knows."""
        values = max(item.spec.index + 1 for item in self.wanted if isinstance(item.spec, Dlt645Point))
        return values * self.value_bytes

    async def ask(self, line: AskedLine, *, timeout_s: float, pause_s: float, urgent: bool) -> bytes:
        """The data behind the identifier.

        Raises:
            HouqinError: as `Transport.exchange`, and DeviceRefused or DeviceBusy by the meter's error word.
        """
        preamble = self.frame.preamble

        async def exchange(function: int, asked: bytes) -> dlt645.Frame:
            request = self._request(function, asked)
            raw = await line.exchange(self.number, request, timeout_s, pause_s=pause_s, urgent=urgent)
            return self._opened(raw, function)

        answer = await exchange(dlt645.READ, dlt645.read_frame(self.number, self.di, preamble=preamble))
        data, sequence = answer.data[dlt645.IDENTIFIER_BYTES :], 0
        while answer.has_more:
            sequence += 1
            if sequence > MOST_FOLLOW_UPS:
                raise BadAnswer(f"{self.di}: the answer does not end", where=self.where, raw=data)
            asked = dlt645.read_on_frame(self.number, self.di, sequence, preamble=preamble)
            answer = await exchange(dlt645.READ_ON, asked)
            if answer.data[-1] != sequence:
                message = f"{self.di}: piece {answer.data[-1]} came, expected {sequence}"
                raise BadAnswer(message, where=self.where, raw=answer.data)
            data += answer.data[dlt645.IDENTIFIER_BYTES : -1]
        return self._checked(data)

    def _request(self, function: int, frame: bytes) -> RawRequest:
        def found(data: bytes) -> bytes | None:
            frame = dlt645.answer_in(data, self.number, function, self.di)
            return None if frame is None else frame.raw

        overhead = self.frame.preamble + dlt645.HEAD_BYTES + dlt645.IDENTIFIER_BYTES + dlt645.TAIL_BYTES
        return RawRequest(
            what=f"DL/T 645 {self.di} of meter {self.number}",
            frame=frame,
            found=found,
            expected_bytes=overhead + self.expected_bytes,
            alike=b"dlt645" + self.number.encode(),
        )

    def _opened(self, raw: bytes, function: int) -> dlt645.Frame:
        frame = dlt645.answer_in(raw, self.number, function, self.di)
        if frame is None:
            raise BadAnswer(f"{self.di}: no whole answer", where=self.where, raw=raw)
        if frame.refused:
            raise _refusal(self.di, frame.data, self.where)
        return frame

    def _checked(self, data: bytes) -> bytes:
        is_block = self.wanted[0].spec.asked != self._own_di
        fits = len(data) % self.value_bytes == 0 if is_block else len(data) == self.value_bytes
        if fits and data:
            return data
        expected = f"values of {self.value_bytes} bytes" if is_block else f"{self.value_bytes} bytes"
        raise BadAnswer(
            f"{self.di}: {len(data)} bytes of data came, expected {expected}", where=self.where, raw=data
        )  # fmt: skip

    @property
    def _own_di(self) -> str:
        spec = self.wanted[0].spec
        return spec.di

    def parts(self, limits: Limits) -> list[NationalQuestion]:  # noqa: ARG002
        """The values of a block one by one; empty for a single value."""
        if self.di == self._own_di:
            return []
        return [
            Dlt645Question(self.number, self.where, self.frame, [_alone(item)]) for item in self.wanted
        ]  # fmt: skip


def _alone(wanted: WantedValue) -> WantedValue:
    """The value asked for by its own identifier."""
    return WantedValue(
        point=wanted.point,
        spec=wanted.spec.model_copy(update={"block": None, "index": 0}),
        low=wanted.low,
        high=wanted.high,
        ratio=wanted.ratio,
    )


def _refusal(di: str, data: bytes, where: Where) -> HouqinError:
    """The error for an error word (DL/T 645-2007, table of error words: bit 1 no such data, bit 2 password)."""
    code = data[0] if data else 0
    if code & (dlt645.NO_SUCH_DATA | dlt645.WRONG_PASSWORD):
        reason = "it has no such data" if code & dlt645.NO_SUCH_DATA else "it wants a password"
        message = f"{di}: the meter refuses, {reason}; compare the profile with the meter's manual"
        return DeviceRefused(message, code=code, where=where, raw=data)
    return DeviceBusy(f"{di}: the meter answers error word {code:02X}H", code=code, where=where, raw=data)


class Cjt188Question(NationalQuestion):
    """A data identifier of a CJ/T 188 meter. Every question has its own serial number, which the answer repeats."""

    __slots__ = ("_serial",)

    def __init__(self, number: str, where: Where, frame: MeterFrame, wanted: Sequence[WantedValue]) -> None:
        super().__init__(number, where, frame, wanted)
        self._serial = 0

    @property
    def expected_bytes(self) -> int:
        """Data bytes of a good answer, as far as the profile knows."""
        return max(item.spec.end for item in self.wanted if isinstance(item.spec, Cjt188Point))

    async def ask(self, line: AskedLine, *, timeout_s: float, pause_s: float, urgent: bool) -> bytes:
        """The data behind identifier and serial number.

        Raises:
            HouqinError: as `Transport.exchange`, and DeviceRefused when the meter says that it does not answer.
        """
        self._serial = (self._serial + 1) % SERIALS
        meter_type, order = self.frame.meter_type, self.frame.identifier_order
        assert meter_type is not None
        assert order is not None
        wire_di = cjt188.identifier(self.di, order)
        label = wire_di + bytes((self._serial,))
        asked = cjt188.read_frame(meter_type, self.number, wire_di, self._serial, preamble=self.frame.preamble)

        def answer_in(data: bytes) -> cjt188.Frame | None:
            return cjt188.answer_in(data, meter_type, self.number, label)

        raw = await line.exchange(
            self.number, self._request(asked, answer_in), timeout_s, pause_s=pause_s, urgent=urgent
        )
        return self._opened(raw, answer_in(raw))

    def _request(self, frame: bytes, answer_in: Callable[[bytes], cjt188.Frame | None]) -> RawRequest:
        def found(data: bytes) -> bytes | None:
            answer = answer_in(data)
            return None if answer is None else answer.raw

        overhead = self.frame.preamble + cjt188.HEAD_BYTES + cjt188.LABEL_BYTES + cjt188.TAIL_BYTES
        return RawRequest(
            what=f"CJ/T 188 {self.di} of meter {self.number}",
            frame=frame,
            found=found,
            expected_bytes=overhead + self.expected_bytes,
            alike=frame,
        )

    def _opened(self, raw: bytes, frame: cjt188.Frame | None) -> bytes:
        if frame is None:
            raise BadAnswer(f"{self.di}: no whole answer", where=self.where, raw=raw)
        if frame.refused:
            message = f"{self.di}: the meter refuses; compare meter type and identifier order with its manual"
            raise DeviceRefused(message, code=frame.control, where=self.where, raw=frame.data)
        return frame.data[cjt188.LABEL_BYTES :]

    def parts(self, limits: Limits) -> list[NationalQuestion]:  # noqa: ARG002
        """None: one answer carries all."""
        return []


def national_questions(site: Site, device: str, points: Iterable[Point]) -> list[NationalQuestion]:
    """The fewest questions that read those of `points` that are a national meter's.

    Args:
        site: a checked site.
        device: id of the meter.
        points: of this device.

    Raises:
        ValueError: the device has no usable meter number; `houqin check` says so before.
    """
    profile, entry = site.profile_of(device), site.devices[device]
    kind: type[NationalQuestion] = Dlt645Question if profile.protocol is WireProtocol.DLT645 else Cjt188Question
    wanted = [
        WantedValue(
            point=point.id,
            spec=point.spec,
            low=point.low,
            high=point.high,
            ratio=_ratio(point.spec, entry.ct_ratio, entry.pt_ratio),
        )
        for point in points
        if isinstance(point.spec, Dlt645Point | Cjt188Point)
    ]
    number = meter_number(profile.protocol.value, entry.address or "")
    where = Where(link=entry.link, address=number, device=device)
    groups = groupby(sorted(wanted, key=_together), key=_together)
    return [kind(number, where, profile.frame, list(items)) for _, items in groups]


def _together(wanted: WantedValue) -> tuple[str, int]:
    """Points of one mark are read with one question: of a DL/T 645 block all values are equally long."""
    spec = wanted.spec
    return spec.asked, spec.digits_bytes if isinstance(spec, Dlt645Point) else 0


def _ratio(spec: Dlt645Point | Cjt188Point, ct_ratio: float, pt_ratio: float) -> float:
    by_name = {"ct": ct_ratio, "pt": pt_ratio, "ct_pt": ct_ratio * pt_ratio}
    return by_name.get(spec.ratio or "", 1.0) if isinstance(spec, Dlt645Point) else 1.0
