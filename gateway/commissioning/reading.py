"""All that a device says, read as a profile has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, NoAnswer
from facility.model import Point, Site
from facility.readings import Status
from gateway.commissioning.probing import ProbedLine
from gateway.commissioning.trial_site import DEVICE
from gateway.question import Question
from gateway.questions import questions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one point said: its value in the canonical unit, or None and why."""

    point: Point
    value: float | None
    status: Status


async def read_points(line: ProbedLine, site: Site, points: Iterable[Point] | None = None) -> Sequence[Told]:
    """What the points of a trial site's device say now, in the profile's order; a question that the device does not
    take is split until what it takes is found.

    Raises:
        LinkDown: the line itself does not work.
    """
    wanted = list(site.points_of_device(DEVICE) if points is None else points)
    told: dict[str, tuple[float | None, Status]] = {}
    limits = site.profile_of(DEVICE).limits
    waiting: list[Question] = list(reversed(questions_of(site, DEVICE, wanted)))
    while waiting:
        question = waiting.pop()
        question.heed(lambda point: told.get(point, (None, Status.TIMEOUT))[0])
        try:
            raw = await question.ask(
                line, timeout_s=limits.timeout_ms / 1e3, pause_s=limits.pause_ms / 1e3, urgent=False
            )
        except DeviceRefused:
            parts = question.parts(limits)
            waiting += reversed(parts)
            if not parts:
                told.update((point, (None, Status.EXCEPTION)) for point in question.points)
            continue
        except (NoAnswer, BadAnswer, DeviceBusy) as error:
            status = Status.TIMEOUT if isinstance(error, NoAnswer) else Status.BAD_ANSWER
            told.update((point, (None, status)) for point in question.points)
            continue
        values, statuses = question.decoder.decode(raw)
        for place, point in enumerate(question.points):
            told[point] = values[place], Status.GOOD if statuses is None else statuses[place]
    missing = (None, Status.TIMEOUT)
    return [
        Told(point=point, value=value, status=status)
        for point in wanted
        for value, status in [told.get(point.id, missing)]
    ]
