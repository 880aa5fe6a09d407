"""Which points a condition is about."""

from __future__ import annotations

from collections.abc import Iterator

from facility.accounting.metering import counter_of
from facility.model import Meter, Point, Site, VirtualMeter
from facility.model.alarm_entries import Selection
from facility.model.entries import Equipment


def select(site: Site, selection: Selection) -> tuple[Point, ...]:
    """The points that fit every word of `selection`, in the site's order; none where it says nothing."""
    if selection.is_empty:
        return ()
    return tuple(point for point in site.points.values() if _fits(site, selection, point))


def _fits(site: Site, wanted: Selection, point: Point) -> bool:
    item = site.equipment[point.equipment]
    if wanted.points:
        return point.id in wanted.points
    return (
        (wanted.point is None or point.id.partition(".")[2] == wanted.point)
        and (wanted.quantity is None or point.quantity is wanted.quantity)
        and (not wanted.kinds or item.kind in wanted.kinds)
        and (not wanted.items or getattr(item, "item", None) in wanted.items)
        and (not wanted.feeds or _fed(item) in wanted.feeds)
        and (not wanted.counter or _counts(site, item, point))
        and (not wanted.classes or any(site.spaces[space].zone_class in wanted.classes for space in spaces_of(item)))
    )


def _counts(site: Site, item: Equipment, point: Point) -> bool:
    """Whether a meter is accounted by that point."""
    return isinstance(item, Meter) and counter_of(site, item) == point


def _fed(item: Equipment) -> str | None:
    target = item.feeds.target if isinstance(item, Meter | VirtualMeter) else None
    return None if target is None else target[0]


def spaces_of(item: Equipment) -> Iterator[str]:
    """The rooms that equipment serves, or that its meter feeds."""
    if isinstance(item, Meter | VirtualMeter):
        target = item.feeds.target
        if target is not None and target[0] == "space":
            yield target[1]
    yield from getattr(item, "serves", ())


def places_of(site: Site, equipment: str) -> frozenset[str]:
    """The rooms and the offices that equipment is about, to find what is besides it."""
    item = site.equipment[equipment]
    spaces = tuple(spaces_of(item))
    found = {f"space:{space}" for space in spaces}
    found |= {f"office:{office}" for space in spaces if (office := site.spaces[space].office) is not None}
    if isinstance(item, Meter | VirtualMeter) and item.feeds.office is not None:
        found.add(f"office:{item.feeds.office}")
    return frozenset(found)
