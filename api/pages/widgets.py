"""The few elements the pages are built from: NiceGUI's plain ones, with the house's classes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments


class Words(TextElement):
    """A text in any HTML element. Setting the same text again costs nothing."""

    def __init__(self, text: str = "", *, tag: str = "div", classes: str = "") -> None:
        super().__init__(tag=tag, text=text)
        if classes:
            self.classes(classes)

    def put(self, text: str) -> None:
        """Shows `text` from now on; sends nothing when it shows it already."""
        if self.text != text:
            self.text = text

    def dress(self, classes: str) -> None:
        """Wears exactly `classes` from now on."""
        if list(self.classes) != classes.split():
            self.classes(replace=classes)

    def hint(self, text: str) -> None:
        """What a mouse held still over it shows."""
        if self.props.get("title") != text:
            self.props["title"] = text
            self.update()


def box(classes: str = "", tag: str = "div") -> ui.element:
    """An empty element to fill."""
    return ui.element(tag).classes(classes) if classes else ui.element(tag)


def link(text: str, target: str, classes: str = "") -> Words:
    """A link within the site."""
    words = Words(text, tag="a", classes=classes)
    words.props["href"] = target
    return words


def heading(text: str, level: int = 2) -> Words:
    """A heading."""
    return Words(text, tag=f"h{level}")


def button(text: str, act: Callable[[], object], classes: str = "button") -> Words:
    """A button that calls `act` on the server."""
    words = Words(text, tag="button", classes=classes)
    words.props["type"] = "button"
    words.on("click", lambda _: act())
    return words


@contextlib.contextmanager
def field(name: str, classes: str = "field") -> Iterator[None]:
    """A control with its name above, built inside."""
    with box(classes):
        Words(name, classes="field-name")
        yield


@contextlib.contextmanager
def part(title: str, mark: str = "") -> Iterator[None]:
    """A card of a page with its title; `mark` is its id."""
    with box("card section") as card:
        if mark:
            card.props["id"] = mark
        heading(title)
        yield


def note(text: str) -> Words:
    """A remark in small print."""
    return Words(text, tag="p", classes="muted small")


def choice_links(choices: Sequence[tuple[str, str, bool]]) -> ui.element:
    """Neighbouring links of which one is where we are: (text, target, is here)."""
    with box("choices") as group:
        for text, target, here in choices:
            link(text, target, "here" if here else "")
    return group


class Choice(ui.element):
    """A native drop-down list.

    Args:
        options: (value, text) pairs; the first is chosen at first unless `chosen` says otherwise.
        on_change: called with the chosen value.
    """

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        *,
        name: str,
        chosen: str | None = None,
        on_change: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__("select")
        self.chosen = chosen if chosen is not None else (options[0][0] if options else "")
        self._on_change = on_change
        self.props["aria-label"] = name
        with self:
            for value, text in options:
                option = Words(text, tag="option")
                option.props["value"] = value
                if value == self.chosen:
                    option.props["selected"] = True
        self.on("change", self._take, js_handler="(event) => emit(event.target.value)")

    def _take(self, event: GenericEventArguments) -> None:
        self.chosen = str(event.args)
        if self._on_change is not None:
            self._on_change(self.chosen)


class Entry(ui.element):
    """A native one-line input; `value` is what the person has typed.

    The browser alone holds the text: a value sent from here would undo the typing whenever the page changes.
    """

    def __init__(self, *, name: str, limit: int = 200, kind: str = "text", value: str = "") -> None:
        """`kind` as HTML has it: text, number, date, datetime-local."""
        super().__init__("input")
        self.value = value
        self.props.update({"type": kind, "aria-label": name, "maxlength": limit, "autocomplete": "off"})
        if value:
            self.props["value"] = value
        if kind == "number":
            self.props["step"] = "any"
        self._limit = limit
        self.on("change", self._take, js_handler="(event) => emit(event.target.value)")

    def _take(self, event: GenericEventArguments) -> None:
        self.value = str(event.args)[: self._limit]


def table(columns: Sequence[tuple[str, str]], classes: str = "data") -> ui.element:
    """A table with its head; returns the body to fill with `table_row`. Columns are (title, classes).

    `classes` "data stacked": every row is a card of its own on a narrow screen, where the head is not shown.
    """
    with box("table-box"), box(classes, "table"):
        with box(tag="thead"), box(tag="tr"):
            for title, cell in columns:
                Words(title, tag="th", classes=cell)
        return box(tag="tbody")


def table_row(cells: Sequence[tuple[str, str]], classes: str = "") -> list[Words]:
    """One row of plain cells, (text, classes) each."""
    with box(classes, "tr"):
        return [Words(text, tag="td", classes=cell) for text, cell in cells]
