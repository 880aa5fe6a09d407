"""The history of one piece of equipment: a day, a week or a month of the points somebody chooses."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from nicegui import ui

from api.pages import texts
from api.pages.charts import lines
from api.pages.widgets import Words, box, button, heading
from api.services.history import chart_step, histories
from facility.errors import TryAgain

if TYPE_CHECKING:
    from api.pages.reader import Reader

SPANS: Final = ((texts.ONE_DAY, 1), (texts.ONE_WEEK, 7), (texts.ONE_MONTH, 30))
FIRST_SHOWN: Final = (
    "room_temperature",
    "setpoint",
    "on",
    "power",
    "temperature",
    "humidity",
    "volume",
    "open",
    "present",
)
MOST_AT_ONCE: Final = 6
REFRESH_S: Final = 20.0


class HistoryCard:
    """A chart with the choice of points and span above it; read when the page is open, and again as time goes on."""

    def __init__(self, reader: Reader, equipment: str) -> None:
        self._reader = reader
        self._points = {point.id: reader.words.name(point.text) for point in reader.context.site.points_of(equipment)}
        self._chosen = _first_chosen(list(self._points))
        self._days = 1
        say = reader.say
        with box("card"):
            with box("row spread"):
                heading(say(texts.HISTORY))
                with box("choices"):
                    self._spans = {days: button(say(name), partial(self._take_span, days), "") for name, days in SPANS}
            with box("chips"):
                self._chips = {
                    point: button(name, partial(self._take_point, point), "chip")
                    for point, name in self._points.items()
                }
            self._notice = Words("", classes="muted")
            self._chart = ui.echart({}).classes("chart")
        self._mark()
        ui.timer(REFRESH_S, self._read)

    async def _take_span(self, days: int) -> None:
        self._days = days
        self._mark()
        await self._read()

    async def _take_point(self, point: str) -> None:
        if point in self._chosen:
            self._chosen.remove(point)
        else:
            self._chosen = [*self._chosen, point][-MOST_AT_ONCE:]
        self._mark()
        await self._read()

    def _mark(self) -> None:
        for days, words in self._spans.items():
            words.dress("here" if days == self._days else "")
        for point, words in self._chips.items():
            words.dress("chip here" if point in self._chosen else "chip")

    async def _read(self) -> None:
        """Reads what is chosen and draws it. What was chosen meanwhile wins over an answer that comes late."""
        asked = (tuple(self._chosen), self._days)
        end = self._reader.context.clock.now()
        start = end - timedelta(days=self._days)
        try:
            found = await histories(self._reader.context, asked[0], start, end, every=chart_step(start, end, rows=300))
        except TryAgain:
            self._notice.put(self._reader.say(texts.STORE_AWAY))
            return
        if asked != (tuple(self._chosen), self._days):
            return
        empty = all(row.value is None for history in found for row in history.rows)
        self._notice.put(self._reader.say(texts.NO_HISTORY) if empty else "")
        names = [self._points[history.id] for history in found]
        self._chart.options.clear()
        self._chart.options.update(lines(found, names, self._reader.words))
        self._chart.update()


def _first_chosen(points: list[str]) -> list[str]:
    wanted = [point for name in FIRST_SHOWN for point in points if point.endswith(f".{name}")]
    return (wanted or points)[:3]
