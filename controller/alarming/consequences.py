"""Which alarms merely follow from others: a dead line hides its devices', a dead device those of its units."""

from __future__ import annotations

from collections.abc import Iterator

from facility.model import Site
from facility.model.alarm_entries import ConditionEntry

DEVICE = "device"
LINE = "line"


class Consequences:
    """What follows from what, read off the site's structure.

    Args:
        site: which equipment hangs on which device, which device on which line.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    def causes(self, entry: ConditionEntry, key: str, equipment: str | None) -> tuple[str, ...]:
        """Keys of the alarms that an alarm of `entry` follows from, the nearest first; none when it stands by itself.

        `key` names its device or equipment after the colon where `equipment` is None.
        """
        devices = tuple(self._devices(key, equipment))
        found: list[str] = []
        for word in entry.follows:
            if word == DEVICE:
                found += [f"device_down:{device}" for device in devices]
            elif word == LINE:
                found += [f"link_down:{line}" for line in self._lines(key, devices)]
            else:
                found.append(word)
        return tuple(dict.fromkeys(cause for cause in found if cause != key))

    def holds(self, thing: str, key: str, equipment: str | None) -> bool:
        """Whether an alarm is about `thing`, an equipment, a device or a line, or about what hangs on it."""
        devices = tuple(self._devices(key, equipment))
        named = _named(key)
        return thing in {equipment, named, *devices, *self._lines(key, devices)}

    def knows(self, thing: str) -> bool:
        """Whether there is an equipment, a device or a line of that id."""
        return thing in self._site.equipment or thing in self._site.devices or thing in self._site.links

    def _devices(self, key: str, equipment: str | None) -> Iterator[str]:
        """The devices an alarm is about: the one named, or the equipment's (and its meter's)."""
        named = _named(key)
        if named in self._site.devices:
            yield named
        item = self._site.equipment.get(equipment if equipment is not None else named)
        if item is not None and item.device is not None and item.device != named:
            yield item.device

    def _lines(self, key: str, devices: tuple[str, ...]) -> Iterator[str]:
        named = _named(key)
        if named in self._site.links:
            yield named
        yield from (self._site.devices[device].link for device in devices)


def _named(key: str) -> str:
    """What a key is about: `ac-401` of `unreachable:ac-401` and `meter-401` of `books.held.meter-401`."""
    head, colon, rest = key.partition(":")
    return rest.partition(".")[0] if colon else head.rpartition(".")[2]
