"""Turns the state of lines and devices into alarms that a person sees."""

from __future__ import annotations

from collections.abc import Callable

from facility.bus import AlarmChanged, Bus, LinkStatus
from facility.bus.messages import AlarmLevel
from facility.text import Text


class LinkAlarms:
    """One alarm for each line that is down and each device that does not answer, until it is back.

    While a line is down its devices raise none of their own: one cause, one alarm. The first state of each is said
    even when it is well: an alarm that stood when an earlier process ended is ended by it.

    Args:
        bus: brings the states and takes the alarms.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
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
                text=_text(status),
            )
        )

    def close(self) -> None:
        """Stops listening."""
        self._leave()


def _text(status: LinkStatus) -> Text:
    if status.device is None:
        return Text(f"线路 {status.link} 断开", f"line {status.link} is down: {status.detail}")
    return Text(
        f"设备 {status.device}(线路 {status.link})无应答",
        f"device {status.device} on line {status.link} does not answer: {status.detail}",
    )
