"""The questions that read the points of a device, in whatever protocol it speaks."""

from __future__ import annotations

from collections.abc import Iterable

from facility.model import Point, Site
from facility.profiles.schema import WireProtocol
from gateway.national import national_questions
from gateway.question import Question
from gateway.register_question import register_questions


def questions_of(site: Site, device: str, points: Iterable[Point]) -> list[Question]:
    """The fewest questions that read those of `points` that can be read of the device.

    Args:
        site: where the device is.
        device: its id.
        points: of this device.
    """
    if site.profile_of(device).protocol in (WireProtocol.DLT645, WireProtocol.CJT188):
        return list(national_questions(site, device, points))
    return register_questions(site, device, points)
