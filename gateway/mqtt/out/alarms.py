"""Alarms about what waits for the broker: that its room on disk fills, and that some of it is given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from facility.bus import AlarmChanged, Bus
from facility.bus.messages import AlarmLevel
from facility.spool import Figures
from facility.text import Text

FULL_PERCENT: Final = 80.0
DROPS_FOR: Final = timedelta(minutes=10)
"""So long after the last reading that was given up it counts as over."""


class PublishAlarms:
    """Compares the figures of the spool with those before, and tells what has changed. The first state of each is told
    even when it is well: an alarm that stood when an earlier process ended is ended by it.

    Args:
        link: the broker's link.
        bus: takes the alarms.
    """

    def __init__(self, link: str, bus: Bus) -> None:
        self._link = link
        self._bus = bus
        self._told: dict[str, bool] = {}
        self._given_up = 0
        self._given_up_at: datetime | None = None

    def look(self, figures: Figures | None, lost: int, refused: int, now: datetime) -> None:
        """How it stands at `now`. `lost`: readings that did not get as far as the spool; `refused`: messages that the
        broker will never take.
        """
        given_up = lost + (0 if figures is None else max(0, sum(figures.dropped.values())))
        if given_up > self._given_up:
            self._given_up_at = now
        self._given_up = given_up
        drops = self._given_up_at is not None and now - self._given_up_at < DROPS_FOR
        fills = figures is not None and figures.percent >= FULL_PERCENT
        percent = 0.0 if figures is None else figures.percent
        for name, active, level, text in (
            ("fills", fills and not drops, AlarmLevel.SERIOUS, self._fills(percent)),
            ("drops", drops, AlarmLevel.SERIOUS, self._drops(figures, given_up)),
            ("refused", refused > 0, AlarmLevel.WARNING, self._refused(refused)),
        ):
            self._tell(f"publish_{name}:{self._link}", active, level, text, now)

    def _tell(self, key: str, active: bool, level: AlarmLevel, text: Text, now: datetime) -> None:
        if self._told.get(key) is not active:
            self._told[key] = active
            self._bus.publish(AlarmChanged(key=key, active=active, level=level, at=now, text=text))

    def _fills(self, percent: float) -> Text:
        return Text(
            f"等待发布到 {self._link} 的读数已占磁盘缓存 {percent:.0f}%，满后按站点文件的规定舍弃；请检查该消息服务器",
            f"readings to be published on {self._link} fill {percent:.0f} % of their room on disk; then some are given"
            " up as the site file says: look after the broker",
        )

    def _drops(self, figures: Figures | None, given_up: int) -> Text:
        by_class = ", ".join(_by_class(figures))
        return Text(
            f"等待发布到 {self._link} 的读数已舍弃 {given_up} 条（{by_class}）；时序库中的读数不受影响",
            f"{given_up} readings to be published on {self._link} were given up ({by_class}); the store has them",
        )

    def _refused(self, refused: int) -> Text:
        return Text(
            f"消息服务器 {self._link} 拒收 {refused} 条发布的消息，请检查网关账号的写入权限；详见日志",
            f"broker {self._link} refuses what is published, {refused} messages: give the gateway's user the right to"
            " write; the log says which topic",
        )


def _by_class(figures: Figures | None) -> Iterator[str]:
    for name, count in ({} if figures is None else figures.dropped).items():
        if count > 0:
            yield f"{name} {count}"
