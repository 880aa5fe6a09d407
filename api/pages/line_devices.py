"""The devices of one line as a table, the dead ones first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts
from api.pages import texts_lines as own
from api.pages.line_words import counts, number_of_ms, second, state_of
from api.pages.widgets import Words, box, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nicegui import ui

    from api.pages.reader import Reader
    from api.services.lines import LineUnit
    from facility.text import Text

COLUMNS: Final = (
    (own.STATE, ""), (own.DEVICE, "name"), (own.PLACE, "address"), (own.CABINET, ""), (own.PROFILE, ""),
    (own.SINCE_WHEN, "when"), (own.NEXT_PROBE, "when"), (own.ERRORS_TITLE, "text"), (own.LATENCY, "num"),
)  # fmt: skip
STATES: Final = (own.UP, own.SILENT, own.UNASKED)


class DeviceTable:
    """Built when it is first shown; afterwards only what changed is sent."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._box = box()
        self._rows: dict[str, _Row] = {}
        self._order: list[str] = []

    def show(self, units: Sequence[LineUnit]) -> None:
        """These devices, as they are now."""
        ordered = sorted(units, key=lambda unit: unit.up is not False)
        order = [unit.device for unit in ordered]
        if order != self._order:
            self._order = order
            self._box.clear()
            with self._box:
                body = self._head()
            with body:
                self._rows = {device: _Row(self._reader) for device in order}
        for unit in ordered:
            self._rows[unit.device].show(unit)

    def _head(self) -> ui.element:
        return table([(self._reader.say(title), classes) for title, classes in COLUMNS], "data stacked")


class _Row:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        with box(tag="tr") as row:
            self._row = row
            with box(tag="td"):
                self._state = Words(tag="span", classes="badge")
            self._cells = [self._cell(title, classes) for title, classes in COLUMNS[1:]]

    def _cell(self, title: Text, classes: str) -> Words:
        cell = Words(tag="td", classes=classes)
        if title is not own.DEVICE:
            cell.props["data-title"] = self._reader.say(title)
        return cell

    def show(self, unit: LineUnit) -> None:
        """One device as it is now."""
        reader = self._reader
        if "data-device" not in self._row.props:
            self._row.props["data-device"] = unit.device
        word, colour = state_of(reader, unit.up, STATES)
        self._state.put(word)
        self._state.dress(f"badge {colour}".strip())
        since = unit.since if unit.dead_since is None else unit.dead_since
        asked = unit.requests is not None
        said = (
            unit.device, unit.place, unit.cabinet or "", unit.profile,
            "" if since is None else reader.words.moment(since),
            "" if unit.probe_at is None else second(reader, unit.probe_at),
            counts(reader, unit.errors, own.ERRORS, own.NO_ERRORS if asked else texts.MISSING),
            self._latency(unit),
        )  # fmt: skip
        for cell, text in zip(self._cells, said, strict=True):
            cell.put(text)

    def _latency(self, unit: LineUnit) -> str:
        if unit.latency_p50_ms is None:
            return self._reader.say(texts.MISSING)
        return self._reader.say(
            own.LATENCIES,
            p50=number_of_ms(self._reader, unit.latency_p50_ms),
            p95=number_of_ms(self._reader, unit.latency_p95_ms),
        )
