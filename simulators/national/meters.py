"""All national meters of a site, by line: who is meant by a question, and what he shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facility.model import Device, Site
from facility.profiles import Cjt188Point, Dlt645Point, WireProtocol
from simulators.national import cjt188, dlt645
from simulators.national.cjt188 import PipeMeter
from simulators.national.dlt645 import ElectricityMeter
from simulators.national.showing import digits, fill, ratio_of

Spec = Dlt645Point | Cjt188Point


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalMeter:
    """A meter of the site with its points, each with its number in `site.points`."""

    device: Device
    speaker: ElectricityMeter | PipeMeter
    points: tuple[tuple[int, Spec], ...]


class NationalMeters:
    """The DL/T 645 and CJ/T 188 meters of a site.

    Args:
        site: its points are numbered in the order of `site.points`.
    """

    def __init__(self, site: Site) -> None:
        numbers = {point: index for index, point in enumerate(site.points)}
        self._of_line: dict[str, list[NationalMeter]] = {}
        for device in site.devices.values():
            points = tuple(
                (numbers[point.id], point.spec)
                for point in site.points_of_device(device.id)
                if isinstance(point.spec, Dlt645Point | Cjt188Point)
            )
            if points:
                meter = NationalMeter(device=device, speaker=_speaker(site, device), points=points)
                self._of_line.setdefault(device.link, []).append(meter)

    def of_line(self, link: str) -> tuple[NationalMeter, ...]:
        """The national meters on a line."""
        return tuple(self._of_line.get(link, ()))

    def asked(self, link: str, data: bytes) -> NationalMeter | None:
        """Whom a question is meant for, None when it is nobody's, or no whole frame. To a wildcard that means several,
        the first answers: collisions are not simulated.
        """
        electric, pipe = dlt645.question_in(data), cjt188.question_in(data)
        for meter in self.of_line(link):
            match meter.speaker:
                case ElectricityMeter() as speaker if electric is not None and speaker.is_meant(electric):
                    return meter
                case PipeMeter() as speaker if pipe is not None and speaker.is_meant(pipe):
                    return meter
        return None

    def answer(self, meter: NationalMeter, data: bytes, values: NDArray[np.float64]) -> bytes | None:
        """What a meter answers to a question that is meant for it, None when it says nothing.

        Args:
            meter: as `asked` found it.
            data: the question.
            values: one per point of the site, in canonical units, NaN for not available.
        """
        match meter.speaker:
            case ElectricityMeter() as speaker:
                asked = dlt645.question_in(data)
                return None if asked is None else speaker.answer(asked, _registers(meter, values))
            case PipeMeter() as speaker:
                question = cjt188.question_in(data)
                return None if question is None else speaker.answer(question, _fields(meter, values))

    def refusal(self, meter: NationalMeter, data: bytes, code: int) -> bytes | None:
        """What a meter says that does not answer a question; `code` is its error word."""
        match meter.speaker:
            case ElectricityMeter() as speaker:
                return speaker.refusal(code)
            case PipeMeter() as speaker:
                question = cjt188.question_in(data)
                return None if question is None else speaker.refusal(question)


def _speaker(site: Site, device: Device) -> ElectricityMeter | PipeMeter:
    profile = site.profile_of(device.id)
    printed = device.address or ""
    if profile.protocol is WireProtocol.DLT645:
        return ElectricityMeter(address=bytes.fromhex(printed.zfill(12))[::-1])
    return PipeMeter(
        meter_type=profile.frame.meter_type or 0,
        address=bytes.fromhex(printed.zfill(14))[::-1],
        low_first=profile.frame.identifier_order == "low_first",
    )


def _registers(meter: NationalMeter, values: NDArray[np.float64]) -> Mapping[str, bytes]:
    """Identifier -> its digits, data blocks too."""
    single: dict[str, bytes] = {}
    blocks: dict[str, dict[int, bytes]] = {}
    for index, spec in meter.points:
        if isinstance(spec, Dlt645Point):
            single[spec.di] = digits(spec, float(values[index]), ratio_of(spec, meter.device))
            if spec.block is not None:
                blocks.setdefault(spec.block, {})[spec.index] = single[spec.di]
    return single | {block: b"".join(_filled(members)) for block, members in blocks.items()}


def _filled(members: Mapping[int, bytes]) -> Iterator[bytes]:
    """The values of a block in their order; one that nobody knows reads zero."""
    size = len(next(iter(members.values())))
    return (members.get(place, bytes(size)) for place in range(max(members) + 1))


def _fields(meter: NationalMeter, values: NDArray[np.float64]) -> Mapping[str, bytes]:
    """Identifier -> the data of its answer; what no point of the profile describes is zero."""
    found: dict[str, bytearray] = {}
    for index, spec in meter.points:
        if isinstance(spec, Cjt188Point):
            answer = found.setdefault(spec.di, bytearray())
            answer.extend(bytes(max(0, spec.end + 1 - len(answer))))
            fill(spec, float(values[index]), answer)
    return {di: bytes(answer) for di, answer in found.items()}
