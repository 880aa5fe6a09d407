"""What came from a broker, what was not used, and who speaks there without being in the site file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts_lines as own
from api.pages.line_words import counts, second, whole
from api.pages.widgets import Words, box, heading, note

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.brokers import BrokerView, StrangerView

SHOWN: Final = 50
"""So many strangers stand on the page."""


class BrokerPart:
    """Built once; afterwards only what changed is sent."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        with box("facts small"):
            self._facts = [Words("", tag="span") for _ in range(5)]
        self._strangers = box("strangers")
        self._shown: dict[str, _StrangerRow] = {}
        self._more = 0

    def show(self, view: BrokerView | None) -> None:
        """What the gateway told last; None before it did."""
        if view is None:
            return
        say, reader = self._reader.say, self._reader
        refused = counts(reader, view.refused, own.FLAWS, own.NONE)
        dropped = {name or say(own.NOBODYS): number for name, number in view.dropped.items()}
        said = (
            say(own.BROKER_TAKEN, messages=whole(reader, view.messages), readings=whole(reader, view.readings)),
            say(own.BROKER_WAITING, n=whole(reader, view.unacknowledged)),
            say(own.BROKER_CONNECTED, n=whole(reader, view.connections)),
            say(own.BROKER_REFUSED, what=refused),
            say(own.BROKER_DROPPED, what=counts(reader, dropped, {}, own.NONE)),
        )
        for words, text in zip(self._facts, said, strict=True):
            words.put(text)
        self._show_strangers(view.strangers)

    def _show_strangers(self, found: list[StrangerView]) -> None:
        """The latest to come first, so that none changes its place while it is read."""
        ordered = sorted(found, key=lambda each: (each.first, each.id), reverse=True)
        shown, more = ordered[:SHOWN], max(0, len(ordered) - SHOWN)
        if [each.id for each in shown] != list(self._shown) or more != self._more:
            self._build(shown, more)
        for each in shown:
            self._shown[each.id].show(each)

    def _build(self, shown: list[StrangerView], more: int) -> None:
        self._strangers.clear()
        self._more = more
        with self._strangers:
            if shown:
                heading(self._reader.say(own.STRANGERS, n=len(shown) + more), 3)
            self._shown = {each.id: _StrangerRow(self._reader, each) for each in shown}
            if more:
                note(self._reader.say(own.STRANGERS_MORE, n=more))


class _StrangerRow:
    def __init__(self, reader: Reader, view: StrangerView) -> None:
        self._reader = reader
        with box("filing") as row:
            row.props["data-stranger"] = view.id
            with box("row"):
                Words(view.id, tag="strong")
                self._topic = Words("", tag="span", classes="muted small mono")
                self._heard = Words("", tag="span", classes="muted small")
            self._sample = Words("", classes="mono small")
            with box(tag="details"):
                Words(reader.say(own.STRANGER_ENTRY), tag="summary", classes="small")
                note(reader.say(own.STRANGER_STEPS))
                self._entry = Words("", tag="pre", classes="mono small entry")

    def show(self, view: StrangerView) -> None:
        """What it said last."""
        reader = self._reader
        first, last = second(reader, view.first), second(reader, view.last)
        self._topic.put(view.topic)
        self._heard.put(reader.say(own.STRANGER_SAID, n=whole(reader, view.messages), first=first, last=last))
        self._sample.put(view.sample or "")
        self._entry.put(view.entry)
