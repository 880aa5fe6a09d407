"""What of a site's wires is the same in a changed site. Pure."""

from __future__ import annotations

from typing import Any

from facility.model import Site


def is_same_line(before: Site, after: Site, link: str) -> bool:
    """Whether a line has the same address and settings in both, and the same devices with the same points and polls."""
    return link in before.links and _described(before, link) == _described(after, link)


def _described(site: Site, link: str) -> tuple[Any, ...]:
    devices = [device for device in site.devices.values() if device.link == link]
    return (
        site.links[link],
        site.file.polls,
        [(device, site.profiles[device.profile], site.points_of_device(device.id)) for device in devices],
        [item for item in site.equipment.values() if item.device is not None and site.devices[item.device] in devices],
    )


def is_same_weather(before: Site, after: Site) -> bool:
    """Whether forecasts come from the same providers, for the same place."""
    return (before.file.weather, before.file.site) == (after.file.weather, after.file.site)
