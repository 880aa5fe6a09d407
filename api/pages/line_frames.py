"""The last raw frames on one line, and new ones as they come, for those who may see them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from nicegui import ui

from api.pages import texts_lines as own
from api.pages.acting import present_actor
from api.pages.frame import framed, page_head
from api.pages.widgets import Words, box, button, link, note
from api.services.frames import ARROWS, FrameView, frames, hex_of
from api.services.lines import may_see_frames

if TYPE_CHECKING:
    from api.pages.reader import Reader

FOLLOW_S: Final = 1.0
SHOWN: Final = 200
"""So many frames stand on the page; older ones make room."""


def frames_page(reader: Reader, line: str) -> None:
    """The frames of a line that exists."""
    say, title = reader.say, reader.say(own.FRAMES_OF, line=line)
    with framed(reader, title, here="/lines"):
        endpoint = reader.context.site.links[line].endpoint
        page_head(reader, title, [(say(own.NAV), "/lines"), (line, "")], [endpoint])
        if not may_see_frames(reader.actor):
            Words(say(own.FRAMES_MAY_NOT), classes="notice warn")
            return
        kept = getattr(reader.context.site.links[line], "frames_kept", 0)
        note(say(own.FRAMES_HINT, shown=SHOWN, kept=kept))
        _Viewer(reader, line)


class _Viewer:
    """Shows what came since it last looked. The timer is the page's own: it ends with it."""

    def __init__(self, reader: Reader, line: str) -> None:
        self._reader, self._line = reader, line
        self._last = 0
        self._rows: deque[ui.element] = deque()
        with box("row no-print").style("margin: .8rem 0"):
            self._switch = button(reader.say(own.HOLD), self._turn)
            self._switch.props["data-act"] = "follow"
            address = f"/api/v1/lines/{line}/frames?format=text&limit=1000"
            link(reader.say(own.DOWNLOAD), address, "button").props["download"] = True
        with box("card frames") as card:
            card.props["id"] = "frames"
            self._list = box("frame-list mono")
            with self._list:
                self._none = Words(reader.say(own.NO_FRAMES), classes="muted")
        self._timer = ui.timer(FOLLOW_S, self._look)

    def _turn(self) -> None:
        self._timer.active = not self._timer.active
        self._switch.put(self._reader.say(own.HOLD if self._timer.active else own.FOLLOW))

    async def _look(self) -> None:
        """Asks each time whether the reader may still see them: a role may be taken back while the page is open."""
        if await present_actor(self._reader, may_see_frames) is None:
            self._timer.cancel()
            self._list.clear()
            with self._list:
                Words(self._reader.say(own.FRAMES_MAY_NOT), classes="notice warn")
            return
        if self._list.is_deleted or self._line not in self._reader.context.site.links:
            return
        found = frames(self._reader.context, self._line, after=self._last, limit=SHOWN).frames
        if found:
            self._none.set_visibility(False)
            self._add(found)

    def _add(self, found: list[FrameView]) -> None:
        with self._list:
            for frame in found:
                if self._last and frame.number > self._last + 1:
                    gone = frame.number - self._last - 1
                    self._keep(Words(self._reader.say(own.FRAMES_GONE, n=gone), classes="muted frame-gap"))
                self._last = frame.number
                self._keep(_row(self._reader, frame))

    def _keep(self, row: ui.element) -> None:
        self._rows.append(row)
        if len(self._rows) > SHOWN:
            self._rows.popleft().delete()


def _row(reader: Reader, frame: FrameView) -> ui.element:
    with box(f"frame {frame.direction}") as row:
        row.props["data-frame"] = frame.number
        local = frame.time.astimezone(reader.words.zone)
        Words(f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}", tag="span", classes="muted").hint(
            f"{local:%Y-%m-%d}"
        )
        Words(ARROWS[frame.direction], tag="span", classes="arrow")
        with box("bytes"):
            Words(hex_of(frame), tag="span")
            if frame.note:
                Words(frame.note, tag="span", classes="frame-note")
    return row
