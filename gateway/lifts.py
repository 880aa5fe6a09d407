"""How a lift is operated, asked of its contacts right before it is written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from facility.errors import HandsOff
from facility.model import Site
from facility.model.switching import Operation, operation_of
from facility.quantities import ENUMERATIONS
from facility.text import Text
from gateway.poller import DevicePoller
from gateway.questions import questions_of

WHY: Final[Mapping[Operation, Text]] = {
    "fire": Text("电梯处于消防状态，不作任何操作", "the lift is in fire mode: it is not touched"),
    "inspection": Text("电梯处于检修状态，不作任何操作", "the lift is in inspection mode: it is not touched"),
    "unknown": Text("电梯运行状态未知，不作任何操作", "the lift's operation mode is not known: it is not touched"),
}


class LiftContacts:
    """The points that tell how one lift is operated, on whatever devices they are.

    Args:
        site: where the points are.
        points: their ids.
        pollers: the Modbus devices of all lines.
    """

    def __init__(self, site: Site, points: tuple[str, ...], pollers: Mapping[str, DevicePoller]) -> None:
        self._points = points
        self._spec = {point: site.points[point].spec for point in points}
        by_device: dict[str, list[str]] = {}
        for point in points:
            by_device.setdefault(site.points[point].device, []).append(point)
        self._questions = []
        for device, ids in by_device.items():
            poller = pollers.get(device)
            if poller is None:
                continue
            questions = questions_of(site, device, (site.points[point] for point in ids))
            poller.adopt(questions)
            self._questions.append((poller, questions))

    async def check(self) -> None:
        """Asks the contacts now.

        Raises:
            HandsOff: the lift is in fire mode or in inspection, or does not tell.
            HouqinError: as `Transport.read`; then nothing is known, and nothing may be written either.
        """
        states: dict[str, str | None] = dict.fromkeys(self._points)
        for poller, questions in self._questions:
            for batch in await poller.fetch_all(questions):
                states.update((p, self._state(p, v)) for p, v in zip(batch.points, batch.values, strict=True))
        operation = operation_of(states[point] for point in self._points)
        if operation != "normal":
            raise HandsOff(WHY[operation])

    def _state(self, point: str, value: float | None) -> str | None:
        return None if value is None else ENUMERATIONS[self._spec[point].enumeration or ""][int(value)]
