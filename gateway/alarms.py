"""Turns the state of lines and devices into alarms that a person sees."""

from __future__ import annotations

from collections.abc import Callable, Container

from facility.bus import AlarmChanged, Bus, LinkStatus
from facility.bus.messages import AlarmLevel
from facility.clock import Clock
from facility.model import Device, Site
from facility.text import Text


class LinkAlarms:
    """One alarm for each line that is down and each device that does not answer, until it is back.

    While a line is down its devices raise none of their own: one cause, one alarm. The first state of each is said
    even when it is well: an alarm that stood when an earlier process ended is ended by it.

    Args:
        site: tells where a line or device is to be found.
        bus: brings the states and takes the alarms.
        clock: dates the end of those that are over with a changed site.
    """

    def __init__(self, site: Site, bus: Bus, clock: Clock) -> None:
        self._site = site
        self._bus = bus
        self._clock = clock
        self._told: dict[str, bool] = {}
        self._leave: Callable[[], None] = bus.listen(LinkStatus, self._take)

    def _take(self, status: LinkStatus) -> None:
        key = f"link_down:{status.link}" if status.device is None else f"device_down:{status.device}"
        if self._told.get(key) is status.up:
            return
        self._told[key] = status.up
        self._bus.publish(
            AlarmChanged(
                key=key,
                active=not status.up,
                level=AlarmLevel.SERIOUS if status.device is None else AlarmLevel.WARNING,
                at=status.at,
                text=self._text(status),
            )
        )

    def adopt(self, site: Site, same: Container[str]) -> None:
        """Goes on with a changed site; what stands about lines that are not the `same` is over: they tell anew."""
        at = self._clock.now()
        for key, up in tuple(self._told.items()):
            kind, _, name = key.partition(":")
            link = name if kind == "link_down" else self._site.devices[name].link
            if link in same:
                continue
            del self._told[key]
            if not up:
                text = Text("线路已按新的站点文件重建", "the line was made anew as the site file now says")
                self._bus.publish(AlarmChanged(key=key, active=False, level=AlarmLevel.INFO, at=at, text=text))
        self._site = site

    def close(self) -> None:
        """Stops listening."""
        self._leave()

    def _text(self, status: LinkStatus) -> Text:
        link = self._site.links[status.link]
        address = link.endpoint
        if status.device is None and status.reason is not None:
            return Text(
                f"线路 {status.link}（{address}）断开：{status.reason.zh}",
                f"line {status.link} ({address}) is down: {status.reason.en}",
            )
        if status.device is None:
            return Text(
                f"线路 {status.link}（{address}）断开，请检查供电、网线和地址；技术信息：{status.detail}",
                f"line {status.link} ({address}) is down; check power, network cable and address: {status.detail}",
            )
        where = _of_device(self._site.devices[status.device], address)
        return Text(
            f"线路 {status.link} 上的设备 {status.device}（{where.zh}）无应答，请检查供电、接线和地址；"
            f"技术信息：{status.detail}",
            f"device {status.device} on line {status.link} ({where.en}) does not answer; check power, wiring and"
            f" address: {status.detail}",
        )


def _of_device(device: Device, address: str) -> Text:
    """Where a duty electrician finds a device: address, unit id or topic, cabinet."""
    zh, en = [address], [address]
    if device.unit is not None:
        zh.append(f"站号 {device.unit}")
        en.append(f"unit {device.unit}")
    if device.topic is not None:
        zh.append(f"主题 {device.topic}")
        en.append(f"topic {device.topic}")
    if device.cabinet is not None:
        zh.append(f"配电箱 {device.cabinet}")
        en.append(f"cabinet {device.cabinet}")
    return Text("，".join(zh), ", ".join(en))
