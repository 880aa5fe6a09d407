"""Which equipment and points of a site are published. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from facility.model import Point, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The equipment that is published, its points by id, and what of it can be operated."""

    equipment: tuple[str, ...]
    points: Mapping[str, Point]
    operable: frozenset[str]


def scope_of(site: Site) -> Scope:
    """What the site file wants to have published."""
    kinds = site.file.publish.kinds
    chosen = tuple(key for key, item in site.equipment.items() if not kinds or item.kind in kinds)
    return Scope(
        equipment=chosen,
        points={point.id: point for key in chosen for point in site.points_of(key)},
        operable=frozenset(key for key in chosen if site.is_operable(key)),
    )
