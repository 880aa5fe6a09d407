"""Live values: the newest reading of every point, with its age, and the stream of what changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Iterable, Iterator
from datetime import datetime
from typing import Final

from api.context import ApiContext
from api.problems import EQUIPMENT, OFFICE, POINT, unknown
from api.shapes import Shape
from facility.bus import ReadingsTaken
from facility.clock import stale_after_s
from facility.model.site import Point
from facility.profiles.schema import MqttPoint
from facility.quantities import ENUMERATIONS, Quantity
from facility.readings import Reading

STALE_S: Final = 300.0
"""Polled points older than this are stale (states of units: 5 minutes)."""
STALE_TEMPERATURE_S: Final = 900.0
"""Temperatures, and everything that sensors send by themselves, are stale after 15 minutes."""
STALE_EVENT_S: Final = 7200.0
"""Contacts and presence are sent when they change; between changes they may be quiet for long."""

FLUSH_S: Final = 0.25
"""Wall seconds between two events of one stream: changes of the same point in between become one."""


class LivePoint(Shape):
    """The newest reading of one point.

    `value` is in `unit` (UCUM), None when there is none; states carry their name in `state`. A point that never spoke
    has no time, quality `bad` and the reason `never_read`. `stale`: too old to be believed as "now".
    """

    id: str
    value: float | None
    unit: str
    time: datetime | None
    age_s: float | None
    quality: str
    reason: str | None
    state: str | None = None
    stale: bool = False


class Live(Shape):
    """Live values at one moment of the site's clock."""

    time: datetime
    points: list[LivePoint]


def stale_age_s(point: Point, pace: float) -> float:
    """Age in clock seconds from which the reading of `point` no longer tells the present."""
    if isinstance(point.spec, MqttPoint):
        limit_s = STALE_EVENT_S if point.quantity is Quantity.STATE else STALE_TEMPERATURE_S
    else:
        limit_s = STALE_TEMPERATURE_S if point.quantity is Quantity.TEMPERATURE else STALE_S
    return stale_after_s(limit_s, pace)


def state_name(point: Point, value: float | None) -> str | None:
    """The word for a state's number, None for what is no state or has no value."""
    enumeration = point.spec.enumeration
    if enumeration is None or value is None:
        return None
    names = ENUMERATIONS[enumeration]
    index = int(value)
    return names[index] if index == value and 0 <= index < len(names) else None


def live_point(context: ApiContext, point_id: str) -> LivePoint:
    """The newest reading of `point_id`.

    Raises:
        RequestProblem: no such point.
    """
    point = context.site.points.get(point_id)
    if point is None:
        raise unknown(POINT, point_id)
    return _shown(context, point, context.live.get(point_id), context.clock.now())


def live(context: ApiContext, *, equipment: str | None = None, office: str | None = None) -> Live:
    """Live values of all points, or of one equipment's, or of one office's.

    Raises:
        RequestProblem: no such equipment or office.
    """
    now = context.clock.now()
    points = chosen_points(context, equipment=equipment, office=office)
    return Live(
        time=context.local(now),
        points=[_shown(context, point, context.live.get(point.id), now) for point in points],
    )


def chosen_points(context: ApiContext, *, equipment: str | None, office: str | None) -> list[Point]:
    """The points that a filter by equipment and office leaves, in the site file's order."""
    site = context.site
    if equipment is not None and equipment not in site.equipment:
        raise unknown(EQUIPMENT, equipment)
    if office is not None and office not in site.offices:
        raise unknown(OFFICE, office)
    wanted = [equipment] if equipment is not None else list(site.equipment)
    if office is not None:
        wanted = [item for item in wanted if site.office_of(item) == office]
    return [point for item in wanted for point in site.points_of(item)]


def _shown(context: ApiContext, point: Point, reading: Reading | None, now: datetime) -> LivePoint:
    if reading is None:
        return LivePoint(
            id=point.id,
            value=None,
            unit=point.unit,
            time=None,
            age_s=None,
            quality="bad",
            reason="never_read",
            stale=True,
        )
    age_s = max(0.0, reading.age_s(now))
    return LivePoint(
        id=point.id,
        value=reading.value,
        unit=point.unit,
        time=context.local(reading.time),
        age_s=round(age_s, 3),
        quality=reading.status.quality.value,
        reason=reading.status.reason,
        state=state_name(point, reading.value),
        stale=age_s > stale_age_s(point, context.clock.pace),
    )


class LiveChanges:
    """What changed since one reader last looked: at most one entry per point, so a slow reader costs no memory and
    misses only what was overtaken.
    """

    def __init__(self, context: ApiContext, points: Iterable[Point]) -> None:
        self._context = context
        self._points = {point.id: point for point in points}
        self._told: dict[str, tuple[float | None, int]] = {}
        self._changed: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._leave = context.bus.listen(ReadingsTaken, self._take)

    def _take(self, message: ReadingsTaken) -> None:
        for point in message.batch.points:
            if point in self._points:
                self._changed[point] = None
        if self._changed:
            self._wake.set()

    async def wait(self) -> None:
        """Returns when something was read."""
        await self._wake.wait()

    def take(self) -> list[LivePoint]:
        """The points whose value or quality differs from what was told before."""
        self._wake.clear()
        changed, self._changed = self._changed, {}
        return list(self._different(changed))

    def _different(self, points: Iterable[str]) -> Iterator[LivePoint]:
        now = self._context.clock.now()
        for point in points:
            reading = self._context.live.get(point)
            if reading is None:
                continue
            telling = (reading.value, int(reading.status))
            if self._told.get(point) != telling:
                self._told[point] = telling
                yield _shown(self._context, self._points[point], reading, now)

    def remember_all(self) -> list[LivePoint]:
        """All points as they are now, told."""
        return list(self._different(self._points))

    def close(self) -> None:
        """Stops listening."""
        self._leave()


async def live_changes(
    context: ApiContext, *, equipment: str | None = None, office: str | None = None, ping_s: float = 15.0
) -> AsyncGenerator[Live | None]:
    """All values once, then changes; None after `ping_s` wall seconds of quiet. Ends when the API stops."""
    changes = LiveChanges(context, chosen_points(context, equipment=equipment, office=office))
    try:
        yield Live(time=context.now(), points=changes.remember_all())
        while not context.stopping.is_set():
            if not await _either(changes.wait(), context.stopping.wait(), ping_s):
                yield None
                continue
            points = changes.take()
            if points and not context.stopping.is_set():
                yield Live(time=context.now(), points=points)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FLUSH_S):
                        await context.stopping.wait()
    finally:
        changes.close()


async def _either(first: Awaitable[object], second: Awaitable[object], timeout_s: float) -> bool:
    """Whether one of the two ended within `timeout_s` wall seconds."""
    tasks = [asyncio.ensure_future(first), asyncio.ensure_future(second)]
    try:
        done, _ = await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
