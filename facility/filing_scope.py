"""Where a filing holds: its scope, on the site. An id that the site no longer has is nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facility.filings import Scope

if TYPE_CHECKING:
    from facility.model import Site


def spaces_in(site: Site, scope: Scope) -> frozenset[str]:
    """The rooms that are named, lie in a building or on a floor that is, or are used by an office that is.

    A shared room is in the scope only by its own name, its floor or its building: whoever answers for a hall (AC-14)
    does not mean it with every filing.
    """
    if scope.is_everything:
        return frozenset(site.spaces)
    named = (site.buildings[building] for building in scope.buildings if building in site.buildings)
    floors = scope.floors | {floor.id for building in named for floor in building.floors}
    return frozenset(
        space.id
        for space in site.spaces.values()
        if space.id in scope.spaces or space.floor in floors or space.office in scope.offices
    )


def equipment_in(site: Site, scope: Scope) -> frozenset[str]:
    """The equipment that is named, or serves a room in the scope."""
    spaces = spaces_in(site, scope)
    return frozenset(
        item.id
        for item in site.equipment.values()
        if item.id in scope.equipment or spaces.intersection(getattr(item, "serves", ()))
    )


def offices_in(site: Site, scope: Scope) -> frozenset[str]:
    """The offices that use, or answer for, a room in the scope, or one that equipment named in it serves."""
    named = (site.equipment[item] for item in scope.equipment if item in site.equipment)
    spaces = spaces_in(site, scope) | {space for item in named for space in getattr(item, "serves", ())}
    offices = (site.spaces[space].office or site.spaces[space].responsible_office for space in spaces)
    return frozenset(office for office in offices if office is not None)
