"""The board's cards of equipment that is only on or off: a card for each kind, a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts_switches
from api.pages.units import UnitLine
from api.pages.widgets import Words, box, heading

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.board import Board, BoardUnit


class SwitchCards:
    """Lighting, lifts and what else is switched; nothing where the site has none."""

    def __init__(self, reader: Reader, board: Board) -> None:
        self._reader = reader
        self._lines: dict[str, UnitLine] = {}
        if not board.switches:
            return
        with box("section", "section"):
            heading(reader.say(texts_switches.OTHER_EQUIPMENT))
            with box("rooms"):
                for kind, name in texts_switches.KINDS.items():
                    self._card(reader.say(name), [unit for unit in board.switches if unit.kind == kind])

    def _card(self, name: str, units: list[BoardUnit]) -> None:
        if not units:
            return
        with box("card room", "article"):
            with box("room-head"):
                Words(name, tag="span", classes="title")
            for unit in units:
                self._lines[unit.id] = UnitLine(self._reader, unit, by_room=False)

    def show(self, board: Board) -> None:
        """Brings every line up to date; what did not change is not sent."""
        for unit in board.switches:
            line = self._lines.get(unit.id)
            if line is not None:
                line.show(unit)
