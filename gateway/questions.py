"""The questions that read the points of a device, in whatever protocol it speaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from facility.model import Point, Site
from facility.profiles.national import meter_number
from facility.profiles.schema import WireProtocol
from gateway.national import national_questions
from gateway.question import Question, Unit
from gateway.register_question import register_questions

NATIONAL: Final = (WireProtocol.DLT645, WireProtocol.CJT188)


def questions_of(site: Site, device: str, points: Iterable[Point]) -> list[Question]:
    """The fewest questions that read those of `points` that can be read of the device.

    Args:
        site: where the device is.
        device: its id.
        points: of this device.
    """
    if site.profile_of(device).protocol in NATIONAL:
        return list(national_questions(site, device, points))
    return register_questions(site, device, points)


def unit_of(site: Site, device: str) -> Unit:
    """How its line tells a device from others: the Modbus unit id, or the number of a national meter on the wire."""
    entry, protocol = site.devices[device], site.profile_of(device).protocol
    if protocol in NATIONAL and entry.address is not None:
        return meter_number(protocol, entry.address)
    return entry.unit or 0
