"""Whether a device is there, in the words of its profile, and who was told so last."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from facility.bus import Bus, LinkStatus
from facility.profiles.messages import Availability
from gateway.mqtt.payload import Unreadable, descend, parse_object, parse_plain


class Words:
    """The words for being there and being gone.

    Args:
        said: as the profile writes them.
    """

    def __init__(self, said: Availability) -> None:
        self._path = tuple(said.path.split("."))
        self._states = {word.lower(): False for word in said.offline} | {word.lower(): True for word in said.online}

    def read(self, payload: bytes) -> bool | None:
        """Whether it says there (True) or gone (False); None when it says neither."""
        try:
            said: object = parse_plain(payload)
            if isinstance(said, str) and said.startswith("{"):
                said = descend(parse_object(payload), self._path)
        except Unreadable:
            return None
        word = str(said).lower() if isinstance(said, str | bool) else ""
        return self._states.get(word)


class Departure(NamedTuple):
    """A device that is said to be there or gone on a topic."""

    device: str
    points: tuple[str, ...]
    words: Words


class Presence:
    """Tells the coming and going of a link's devices, each change once.

    Args:
        link: the link of the site file.
        bus: takes the states.
    """

    def __init__(self, link: str, bus: Bus) -> None:
        self._link = link
        self._bus = bus
        self._told: dict[str, bool] = {}

    def tell(self, device: str, up: bool, now: datetime) -> None:
        """A device came or went."""
        if self._told.get(device) is up:
            return
        self._told[device] = up
        detail = "the device is back" if up else "the device went offline"
        self._bus.publish(LinkStatus(link=self._link, device=device, up=up, at=now, detail=detail))

    def heard(self, device: str, now: datetime) -> None:
        """A device said something: whoever was gone is back."""
        if self._told.get(device) is False:
            self.tell(device, True, now)
