"""The wires: every line with its devices, what is down first, and the frames on one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import ui
from starlette.requests import Request

from api.pages import texts_lines as own
from api.pages.entrance import missing_page
from api.pages.frame import framed, page_head
from api.pages.line_card import LineCard
from api.pages.line_frames import frames_page
from api.pages.line_keeping import KeepingPart
from api.pages.line_words import second
from api.pages.reader import reader_of
from api.pages.widgets import Words, box, note
from api.services.lines import lines, may_see_frames

if TYPE_CHECKING:
    from api.context import ApiContext
    from api.pages.reader import Reader
    from api.pages.sessions import Sessions
    from api.services.lines import Lines, LineView

BUILD_S: Final = 15.0
LOOK_S: Final = 2.0
"""How often an open page looks; the gateway tells every ten seconds."""


def register(context: ApiContext, sessions: Sessions) -> None:
    """Puts the pages of this part on NiceGUI."""

    @ui.page("/lines", response_timeout=BUILD_S)
    async def listed(request: Request) -> None:
        await lines_page(await reader_of(request, context, sessions))

    @ui.page("/lines/{line}", response_timeout=BUILD_S)
    async def one(request: Request, line: str) -> None:
        reader = await reader_of(request, context, sessions)
        if line not in context.site.links:
            missing_page(reader)
            return
        frames_page(reader, line)


async def lines_page(reader: Reader) -> None:
    """All lines; kept up to date."""
    say = reader.say
    found = await lines(reader.context, raw=may_see_frames(reader.actor))
    with framed(reader, say(own.NAV), here="/lines"):
        page_head(reader, say(own.NAV), [(say(own.NAV), "")], [])
        note(say(own.HINT))
        sheet = _Sheet(reader, found)

    async def look() -> None:
        sheet.show(await lines(reader.context, raw=may_see_frames(reader.actor)))

    ui.timer(LOOK_S, look, immediate=False)


class _Sheet:
    def __init__(self, reader: Reader, found: Lines) -> None:
        self._reader = reader
        self._opened = {line.id for line in found.lines if _trouble(line) == 1}
        self._cards: dict[str, LineCard] = {}
        with box("row").style("margin: .8rem 0"):
            self._count = Words("", tag="span", classes="badge")
            self._silent = Words("", tag="span", classes="badge")
            self._measured = Words("", tag="span", classes="muted small")
        self._list = box("stack")
        self._keeping = KeepingPart(reader)
        self.show(found)

    def show(self, found: Lines) -> None:
        """As it is now. The cards change places only when a line goes down or comes back."""
        if self._list.is_deleted:
            return
        self._summary(found)
        ordered = sorted(found.lines, key=_trouble)
        if [line.id for line in ordered] != list(self._cards):
            self._build(ordered)
        else:
            for line in ordered:
                self._cards[line.id].show(line)
        self._keeping.show(found)

    def _build(self, ordered: list[LineView]) -> None:
        may = may_see_frames(self._reader.actor)
        self._list.clear()
        with self._list:
            if not ordered:
                note(self._reader.say(own.NO_LINES))
            self._cards = {line.id: LineCard(self._reader, line, self._opened, may_see_frames=may) for line in ordered}

    def _summary(self, found: Lines) -> None:
        say = self._reader.say
        down = sum(line.up is False for line in found.lines)
        units = [unit for line in found.lines for unit in line.units]
        dead = sum(unit.up is False for unit in units)
        self._count.put(say(own.COUNT, lines=len(found.lines), down=down))
        self._count.dress("badge bad" if down else "badge good")
        self._silent.put(say(own.DEAD, dead=dead, total=len(units)))
        self._silent.dress("badge bad" if dead else "badge good")
        told = found.measured
        self._measured.put(
            say(own.NOT_MEASURED) if told is None else say(own.MEASURED_AT, time=second(self._reader, told))
        )


def _trouble(line: LineView) -> int:
    """0 for a line that is down, 1 where a device of it is dead, 2 otherwise."""
    if line.up is False:
        return 0
    return 1 if any(unit.up is False for unit in line.units) else 2
