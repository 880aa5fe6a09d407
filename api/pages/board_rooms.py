"""The board's cards: every office with its units, then the rooms that belong to nobody or must run by day and night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts
from api.pages.units import UnitLine
from api.pages.widgets import Words, box, heading, link
from facility.model.entries import ZoneClass

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.board import Board, BoardOffice, BoardUnit
    from facility.model.entries import Space
    from facility.text import Text

SPECIAL: Final = (ZoneClass.ARCHIVE, ZoneClass.SERVER_ROOM, ZoneClass.DUTY_ROOM)


class RoomCards:
    """All cards of the board. The site does not change while a page is open, so cards are made once."""

    def __init__(self, reader: Reader, board: Board) -> None:
        self._reader = reader
        self._units: dict[str, UnitLine] = {}
        self._powers: dict[str, Words] = {}
        public: list[BoardUnit] = []
        special: list[BoardUnit] = []
        with box("section", "section"):
            heading(reader.say(texts.OFFICES))
            with box("rooms"):
                for office in board.offices:
                    self._office_card(office, public, special)
        with box("beside"):
            self._room_section(texts.PUBLIC_ROOMS, public)
            self._room_section(texts.SPECIAL_ROOMS, special)
        self.show(board)

    def _office_card(self, office: BoardOffice, public: list[BoardUnit], special: list[BoardUnit]) -> None:
        own = []
        for unit in office.units:
            space = self._space_of(unit.id)
            if space is not None and space.zone_class in SPECIAL:
                special.append(unit)
            elif office.id is None or space is None or space.office is None:
                public.append(unit)
            else:
                own.append(unit)
        if office.id is None:
            return
        with box("card room", "article"):
            with box("room-head"):
                link(self._reader.words.name(office.name), f"/office/{office.id}", "title")
                self._powers[office.id] = Words("", tag="span", classes="use")
            said = self._reader.words.name(office.name)
            for unit in own:
                self._units[unit.id] = UnitLine(self._reader, unit, said=said)
            if not own:
                Words(self._reader.say(texts.NO_UNITS), classes="muted small")

    def _room_section(self, title: Text, units: list[BoardUnit]) -> None:
        if not units:
            return
        with box("section", "section"):
            heading(self._reader.say(title))
            with box("rooms"):
                for unit in units:
                    self._room_card(unit)

    def _room_card(self, unit: BoardUnit) -> None:
        space = self._space_of(unit.id)
        words = self._reader.words
        with box("card room", "article"):
            with box("room-head"):
                rooms = [words.name(room) for room in unit.spaces]
                name = self._reader.say(texts.LIST_COMMA).join(rooms) or words.name(unit.name)
                Words(name, tag="span", classes="title")
                if space is not None:
                    Words(self._belongs(space), tag="span", classes="use")
            self._units[unit.id] = UnitLine(self._reader, unit, by_room=False, said=name)

    def _belongs(self, space: Space) -> str:
        """What kind of room it is, or the office that answers for it."""
        office = space.responsible_office or space.office
        if space.zone_class in SPECIAL or office is None:
            return self._reader.say(texts.ZONES[space.zone_class])
        return self._reader.words.name(self._reader.context.site.offices[office].name.text)

    def _space_of(self, unit: str) -> Space | None:
        site = self._reader.context.site
        serves = getattr(site.equipment.get(unit), "serves", ())
        return site.spaces.get(serves[0]) if serves else None

    def show(self, board: Board) -> None:
        """Brings every card up to date; what did not change is not sent."""
        for office in board.offices:
            power = self._powers.get(office.id) if office.id is not None else None
            if power is not None:
                power.put(self._reader.words.amount(office.power.value, office.power.unit, 2))
            for unit in office.units:
                line = self._units.get(unit.id)
                if line is not None:
                    line.show(unit)
