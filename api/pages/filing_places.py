"""Choosing where a filing holds: one list to choose from, and what is chosen as chips to take out again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from api.pages import texts_filings
from api.pages.widgets import Choice, Words, box, button, field
from api.services.filing_bodies import ScopeBody
from api.services.filing_checks import UNBOUND
from api.services.filings import own_rooms
from facility.commands import Role
from facility.filings import FilingKind
from facility.model.places import ZoneClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.pages.reader import Reader
    from facility.text import Text

Place = tuple[str, str]
"""Sort and id, as a scope names them."""

_NAMES: Final = {
    "floors": texts_filings.PLACE_FLOOR,
    "offices": texts_filings.PLACE_OFFICE,
    "spaces": texts_filings.PLACE_ROOM,
    "equipment": texts_filings.PLACE_EQUIPMENT,
}


class PlacePicker:
    """The places of one filing. `begins_with` are chosen at first."""

    def __init__(self, reader: Reader, kind: FilingKind, begins_with: list[Place]) -> None:
        self._reader = reader
        self._offered = list(_offered(reader, kind))
        known = set(self._offered)
        self._chosen = [place for place in begins_with if place in known or place[0] == "equipment"]
        if not self._chosen and len(self._offered) == 1:
            self._chosen = list(self._offered)
        self._nothing = kind in (FilingKind.NOTICE, FilingKind.EMERGENCY)
        with field(reader.say(texts_filings.PLACES), "field places"):
            self._list = box()
            self._chips = box("chips")
        self._draw()

    def scope(self) -> ScopeBody:
        """What is chosen, as the API takes it."""
        named: dict[str, list[str]] = {}
        for sort, key in self._chosen:
            named.setdefault(sort, []).append(key)
        return ScopeBody(**named)

    def _draw(self) -> None:
        say = self._reader.say
        self._list.clear()
        self._chips.clear()
        with self._list:
            left = [place for place in self._offered if place not in self._chosen]
            options = [("", say(texts_filings.ADD_PLACE))]
            options += [(f"{sort}/{key}", self._name((sort, key))) for sort, key in left]
            choice = Choice(options, name=say(texts_filings.PLACES), on_change=self._add)
            choice.props["data-field"] = "place"
        with self._chips:
            for place in self._chosen:
                chip = button(f"{self._name(place)} ×", partial(self._remove, place), "chip here")
                chip.hint(say(texts_filings.REMOVE))
                chip.props["data-place"] = "/".join(place)
            if not self._offered:
                Words(say(texts_filings.NO_ROOMS), tag="span", classes="muted small")
            elif not self._chosen and self._nothing:
                Words(say(texts_filings.EVERYWHERE), tag="span", classes="muted small")

    def _add(self, value: str) -> None:
        sort, _, key = value.partition("/")
        if key:
            self._chosen.append((sort, key))
            self._draw()

    def _remove(self, place: Place) -> None:
        self._chosen.remove(place)
        self._draw()

    def _name(self, place: Place) -> str:
        sort, key = place
        site, words = self._reader.context.site, self._reader.words
        item = getattr(site, sort)[key]
        name: Text = item.name.text if sort == "offices" else item.text
        return self._reader.say(_NAMES[sort], name=words.name(name))


def _offered(reader: Reader, kind: FilingKind) -> Iterator[Place]:
    """What this reader may file for: an operator the own rooms; a booking is of meeting rooms."""
    site, actor = reader.context.site, reader.actor
    own = None
    if actor is not None and actor.role is Role.SECTION_OPERATOR:
        own = own_rooms(reader.context, actor.office or "")
    if kind is not FilingKind.BOOKING and own is None:
        yield from (("floors", key) for key in site.floors)
        yield from (("offices", key) for key in site.offices)
    for space in site.spaces.values():
        if space.zone_class in UNBOUND:
            continue
        is_meeting = space.zone_class is ZoneClass.MEETING
        if (own is None or space.id in own) and (is_meeting or kind is not FilingKind.BOOKING):
            yield ("spaces", space.id)
