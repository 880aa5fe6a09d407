"""The live points of one piece of equipment, each with its age and its quality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.pages import texts
from api.pages.widgets import Words, box, heading, table
from api.services.live import live
from facility.readings import STATUS_TEXTS, Status

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.live import LivePoint
    from facility.model.site import Point

_REASONS = {status.reason: text for status, text in STATUS_TEXTS.items() if status is not Status.GOOD}


class PointTable:
    """A table that is brought up to date in place."""

    def __init__(self, reader: Reader, equipment: str) -> None:
        self._reader = reader
        self._equipment = equipment
        self._cells: dict[str, tuple[Words, Words, Words]] = {}
        say = reader.say
        with box("card"):
            heading(say(texts.LIVE_POINTS))
            columns = [
                (say(texts.POINT), ""), (say(texts.VALUE), "num"), (say(texts.AGE), "num"), (say(texts.QUALITY), ""),
            ]  # fmt: skip
            with table(columns):
                for point in reader.context.site.points_of(equipment):
                    self._row(point)
        self.show()

    def _row(self, point: Point) -> None:
        with box(tag="tr") as row:
            row.props["data-point"] = point.id
            Words(self._reader.words.name(point.text), tag="td").hint(point.id)
            value, age = Words("", tag="td", classes="num"), Words("", tag="td", classes="num")
            with box(tag="td"):
                quality = Words("", tag="span", classes="badge")
            self._cells[point.id] = (value, age, quality)

    def show(self) -> None:
        """Values, ages and qualities as they are now."""
        for point in live(self._reader.context, equipment=self._equipment).points:
            value, age, quality = self._cells[point.id]
            value.put(shown_value(self._reader, point))
            age.put(self._reader.words.age(point.age_s))
            text, colour = self._quality(point)
            quality.put(text)
            quality.dress(f"badge {colour}".strip())

    def _quality(self, point: LivePoint) -> tuple[str, str]:
        say = self._reader.say
        if point.time is None:
            return say(texts.NEVER_SPOKE), ""
        if point.quality == "bad":
            return say(_REASONS.get(point.reason, texts.QUALITIES["bad"])), "bad"
        if point.stale:
            return say(texts.STALE), "warn"
        if point.quality == "uncertain":
            return say(_REASONS.get(point.reason, texts.QUALITIES["uncertain"])), "warn"
        return say(texts.QUALITIES["good"]), "good"


def shown_value(reader: Reader, point: LivePoint) -> str:
    """A point's value as people write it: a state by name, a number with its unit."""
    spec = reader.context.site.points[point.id].spec
    if spec.enumeration is not None:
        return reader.words.state(spec.enumeration, point.value)
    return reader.words.amount(point.value, point.unit, 0 if spec.quantity.value in ("count", "state") else None)
