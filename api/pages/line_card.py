"""One line on the page: how it is, budget beside load, what was counted, its devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.pages import texts
from api.pages import texts_lines as own
from api.pages.line_broker import BrokerPart
from api.pages.line_devices import DeviceTable
from api.pages.line_words import counts, fullness, milliseconds, state_of, whole
from api.pages.widgets import Words, box, link, note

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.line_budgets import BudgetView
    from api.services.lines import LineView
    from facility.text import Text

STATES: Final = (own.UP, own.DOWN, own.UNUSED)
SMALL: Final = 0.1
"""Shares below it are written with a tenth of a percent: many lines are busy for less than one."""


class LineCard:
    """Built once for a line; afterwards only what changed is sent. `opened` holds the lines whose devices are open."""

    def __init__(self, reader: Reader, view: LineView, opened: set[str], *, may_see_frames: bool) -> None:
        self._reader, self._id, self._opened = reader, view.id, opened
        self._view = view
        self._bars: dict[str, _Bar] = {}
        self._broker: BrokerPart | None = None
        self._devices: DeviceTable | None = None
        with box("card line-card") as card:
            card.props["id"] = f"line-{view.id}"
            self._head(view, may_see_frames=may_see_frames)
            self._detail = Words("", classes="notice bad")
            if view.budget is not None:
                self._polled(view.budget)
            if view.type == "mqtt":
                self._broker = BrokerPart(reader)
            self._device_part(view)
        self.show(view)

    def _head(self, view: LineView, *, may_see_frames: bool) -> None:
        with box("row line-head"):
            self._dot = Words("", tag="span", classes="dot")
            Words(view.id, tag="h2")
            self._state = Words("", tag="span", classes="badge")
            self._silent = Words("", tag="span", classes="badge bad")
            Words(self._what(view), tag="span", classes="muted small")
            if may_see_frames and view.budget is not None:
                link(self._reader.say(own.FRAMES), f"/lines/{view.id}", "button").props["data-act"] = "frames"

    def _what(self, view: LineView) -> str:
        kind = self._reader.say(own.TYPES[view.type])
        speed = getattr(self._reader.context.site.links.get(view.id), "baudrate", None)
        told = [kind, view.endpoint, "" if speed is None else self._reader.say(own.BAUD, baudrate=speed)]
        return " · ".join(part for part in told if part)

    def _polled(self, budget: BudgetView) -> None:
        with box("line-figures"):
            with box("line-bars"):
                self._bars = {"budget": _Bar(self._reader, own.BUDGET), "load": _Bar(self._reader, own.LOAD)}
            with box("facts small"):
                self._facts = [Words("", tag="span") for _ in range(5)]
        if budget.proposals:
            with box("notice warn") as proposals:
                proposals.props["data-part"] = "proposals"
                Words(self._reader.say(own.TOO_FULL, limit=self._reader.words.share(budget.limit)))
                with box(tag="ul"):
                    for proposal in budget.proposals:
                        Words(self._reader.words.name(proposal.text), tag="li")
        with box(tag="details"):
            Words(self._reader.say(own.BUDGET_OF), tag="summary", classes="small")
            _made_of(self._reader, budget)

    def _device_part(self, view: LineView) -> None:
        is_open = view.id in self._opened
        with box(tag="details") as details:
            details.props["data-part"] = "devices"
            details.props["open"] = is_open
            Words(self._reader.say(own.DEVICES, n=len(view.units)), tag="summary")
            self._device_box = box()
        details.on(
            "toggle", lambda event: self._toggled(is_open=bool(event.args)), js_handler="(e) => emit(e.target.open)"
        )
        if is_open:
            self._build_devices()

    def _toggled(self, *, is_open: bool) -> None:
        if not is_open:
            self._opened.discard(self._id)
            return
        self._opened.add(self._id)
        if self._devices is None:
            self._build_devices()

    def _build_devices(self) -> None:
        with self._device_box:
            self._devices = DeviceTable(self._reader)
        self._devices.show(self._view.units)

    def show(self, view: LineView) -> None:
        """The line as it is now."""
        self._view = view
        word, colour = state_of(self._reader, view.up, STATES)
        since = view.since
        told = self._reader.say(own.SINCE, state=word, time=self._reader.words.moment(since)) if since else word
        self._state.put(told)
        self._state.dress(f"badge {colour}".strip())
        dead = sum(unit.up is False for unit in view.units)
        self._dot.dress(f"dot {'warn' if colour == 'good' and dead else colour}".strip())
        self._silent.put(self._reader.say(own.DEAD, dead=dead, total=len(view.units)) if dead else "")
        self._silent.set_visibility(dead > 0)
        self._detail.put(view.detail or "" if view.reason is None else self._reader.words.name(view.reason))
        self._detail.set_visibility(view.up is False and bool(view.detail))
        if view.budget is not None:
            self._show_polled(view, view.budget)
        if self._broker is not None:
            self._broker.show(view.broker)
        if self._devices is not None and self._id in self._opened:
            self._devices.show(view.units)

    def _show_polled(self, view: LineView, budget: BudgetView) -> None:
        say, reader = self._reader.say, self._reader
        self._bars["budget"].show(budget.share)
        self._bars["load"].show(view.load, say(own.LOAD_HINT))
        if view.requests is None:
            return
        p50, p95 = milliseconds(reader, view.latency_p50_ms), milliseconds(reader, view.latency_p95_ms)
        said = (
            say(own.ANSWERS_IN, p50=p50, p95=p95),
            say(own.REQUESTS, n=whole(reader, view.requests)),
            counts(reader, view.errors, own.ERRORS, own.NO_ERRORS),
            say(own.MISSED, n=whole(reader, view.missed)),
            say(own.DROPPED, n=whole(reader, view.dropped_answers)),
        )
        for words, text in zip(self._facts, said, strict=True):
            words.put(text)


class _Bar:
    """A share of the line's time with its name before and its number behind."""

    def __init__(self, reader: Reader, name: Text) -> None:
        self._reader = reader
        Words(reader.say(name), tag="span", classes="field-name")
        with box("progress") as track:
            self._track = track
            self._bar = box()
        self._number = Words("", tag="span", classes="num")

    def show(self, share: float | None, hint: str = "") -> None:
        """A share of 0 to 1 and more; None is a bar that is not there."""
        self._number.put(self._reader.words.share(share, 1 if share is not None and share < SMALL else 0))
        self._number.dress(f"num {fullness(share)}".strip())
        self._number.hint(hint)
        width = 0.0 if share is None else min(100.0, 100 * share)
        self._bar.style(replace=f"width: {width:.1f}%")
        self._bar.classes(replace=fullness(share))


def _made_of(reader: Reader, budget: BudgetView) -> None:
    say, words = reader.say, reader.words
    with box("small stack-tight"):
        for period in budget.periods:
            names = say(texts.LIST_COMMA).join(say(own.CLASSES[name]) for name in period.classes)
            share, taken, every = words.share(period.share), words.number(period.round_s, 2), f"{period.period_s:g}"
            Words(say(own.BUDGET_PART, classes=names, share=share, requests=period.requests, round=taken, period=every))
        Words(say(own.BUDGET_PROBE, share=words.share(budget.probe_share)))
        cycle = words.number(budget.cycle_s, 2)
        Words(say(own.BUDGET_CYCLE, requests=budget.requests, points=budget.points, cycle=cycle))
        modbus, national = f"{budget.thinking_ms:g}", f"{budget.national_thinking_ms:g}"
        note(say(own.BUDGET_ASSUMES, modbus=modbus, national=national))
