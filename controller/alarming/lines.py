"""Looks at what the lines deliver: devices that answer nothing usable, lines that cannot keep up with their polls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from controller.alarming.findings import Finding
from facility.clock import Clock, stretched_s
from facility.live import LiveImage
from facility.model import Point, Site
from facility.profiles.schema import ModbusPoint, PollClass
from facility.text import Text

FEWEST_POINTS: Final = 5
"""A line with fewer points is not called overloaded for one of them."""


class LinesLook:
    """Finds devices whose points are silent though it answers, and lines whose polls come late. Only of devices that
    are polled: one that speaks by itself may have nothing to say.

    Args:
        site: the devices and their points.
        live: what they said last.
        clock: its pace stretches polls.
        minutes: so long without a good reading is silent; None: not looked for.
        percent: so many of a line's points may be overdue; None: not looked for.
        periods: overdue is what was not even asked for so many poll periods.
    """

    every_s = 60.0
    least_wall_s = 1.0
    owns = ("points_silent:", "line_overdue:")

    def __init__(
        self,
        site: Site,
        live: LiveImage,
        clock: Clock,
        *,
        minutes: float | None,
        percent: float | None,
        periods: float | None,
    ) -> None:
        self._site, self._live, self._clock = site, live, clock
        self._silent = None if minutes is None else timedelta(minutes=minutes)
        self._percent = percent
        self._periods = periods
        self._born = clock.now()

    async def look(self, now: datetime) -> list[Finding]:
        """Devices and lines at `now`."""
        return [*self._silent_devices(now), *self._slow_lines(now)]

    def _silent_devices(self, now: datetime) -> Iterator[Finding]:
        if self._silent is None:
            return
        for device in self._site.devices:
            points = self._polled(device)
            silent = [point for point in points if now - self._last_good(point) > self._silent]
            if silent:
                names = "、".join(point.id for point in silent[:3]), ", ".join(point.id for point in silent[:3])
                minutes = self._silent.total_seconds() / 60.0
                yield Finding(
                    key=f"points_silent:{device}",
                    text=Text(
                        f"设备 {device} 有 {len(silent)} 个测点 {minutes:g} 分钟没有有效数据（{names[0]} 等）",
                        f"{len(silent)} points of device {device} gave nothing usable for {minutes:g} minutes"
                        f" ({names[1]} ...)",
                    ),
                )

    def _slow_lines(self, now: datetime) -> Iterator[Finding]:
        if self._percent is None or self._periods is None:
            return
        for line in self._site.links:
            points = [
                point
                for device in self._site.devices.values()
                if device.link == line
                for point in self._polled(device.id)
            ]
            late = sum(1 for point in points if self._is_late(point, now))
            if len(points) >= FEWEST_POINTS and late > len(points) * self._percent / 100.0:
                yield Finding(
                    key=f"line_overdue:{line}",
                    text=Text(
                        f"线路 {line} 的 {len(points)} 个测点中有 {late} 个迟于轮询周期 {self._periods:g} 倍以上",
                        f"{late} of the {len(points)} points of line {line} are more than {self._periods:g} poll"
                        " periods late",
                    ),
                )

    def _polled(self, device: str) -> list[Point]:
        return [point for point in self._site.points_of_device(device) if isinstance(point.spec, ModbusPoint)]

    def _last_good(self, point: Point) -> datetime:
        reading = self._live.last_good(point.id)
        return self._born if reading is None else max(self._born, reading.time)

    def _is_late(self, point: Point, now: datetime) -> bool:
        assert self._periods is not None
        reading = self._live.get(point.id)
        last = self._born if reading is None else max(self._born, reading.time)
        polls = self._site.file.polls
        period_s = {
            PollClass.FAST: polls.fast_s, PollClass.NORMAL: polls.normal_s, PollClass.SLOW: polls.slow_s,
        }[point.spec.poll]  # fmt: skip
        return (now - last).total_seconds() > self._periods * stretched_s(period_s, self._clock.pace) + 5.0
