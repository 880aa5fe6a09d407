"""The live board: outdoors, permits, power, alarms, and every room with its units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui import ui

from api.pages import texts
from api.pages.board_rooms import RoomCards
from api.pages.board_switches import SwitchCards
from api.pages.frame import framed
from api.pages.pulse import pulse_of
from api.pages.widgets import Words, box, heading, link
from facility.bus.messages import AlarmLevel

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.board import Amount, Board, SupplyView
    from facility.text import Text

REFRESH_S: Final = 1.0
ALARMS_SHOWN: Final = 3
SERIOUS: Final = (AlarmLevel.SERIOUS.value, AlarmLevel.CRITICAL.value)


async def board_page(reader: Reader) -> None:
    """Builds the board as it is now, and keeps it so."""
    pulse = pulse_of(reader.context)
    board = await pulse.board()
    with framed(reader, reader.say(texts.NAV_BOARD), here="/"):
        summary = _Summary(reader)
        rooms = RoomCards(reader, board)
        switches = SwitchCards(reader, board)
        lines = _Lines(reader)

    async def refresh() -> None:
        board = await pulse.board()
        summary.show(board)
        rooms.show(board)
        switches.show(board)
        lines.show()

    summary.show(board)
    lines.show()
    ui.timer(REFRESH_S, refresh, immediate=False)


class _Figure:
    """A tile with one large number and a line below it."""

    def __init__(self, title: str, *, target: str = "") -> None:
        with box("card"):
            if target:
                link(title, target, "tile-name")
            else:
                Words(title, classes="tile-name")
            with box("figure"):
                self._number = Words("", tag="span")
                self._unit = Words("", tag="span", classes="unit")
            self._note = Words("", classes="tile-note")

    def show(self, number: str, unit: str, note: str = "") -> None:
        self._number.put(number)
        self._unit.put(unit)
        self._note.put(note)


class _Permit:
    """One line of the permit tile: cooling or heating, with the clause it rests on."""

    def __init__(self, reader: Reader, what: Text, colour: str) -> None:
        self._reader = reader
        self._colour = colour
        with box("supply-line"):
            Words(reader.say(what), tag="span", classes="what")
            self._badge = Words("", tag="span", classes="badge")
            self._clause = Words("", tag="span", classes="clause")
            self._because = Words("", classes="because")

    def show(self, supply: SupplyView | None) -> None:
        say = self._reader.say
        if supply is None:
            self._badge.put(say(texts.STATE_UNKNOWN))
            self._badge.dress("badge")
            self._clause.put("")
            self._clause.dress("")
            self._because.put(say(texts.NOT_STATED_YET))
            return
        self._badge.put(say(texts.PERMITTED if supply.permitted else texts.NOT_PERMITTED))
        self._badge.dress(f"badge {self._colour}" if supply.permitted else "badge")
        self._clause.put(say(texts.CLAUSE, clause=supply.clause) if supply.clause is not None else "")
        self._clause.dress("clause" if supply.clause is not None else "")
        self._clause.hint(supply.quote or "")
        self._because.put(self._reader.words.name(supply.sentence))


class _Summary:
    """The tiles at the top, and the alarms that stand."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        say = reader.say
        self._progress_box = box("card row")
        self._progress_box.style("margin-bottom: .9rem")
        with self._progress_box:
            self._progress = Words("", classes="muted")
            with box("progress"):
                self._progress_bar = box()
        self._progress_box.set_visibility(False)
        with box("summary"):
            self._outdoor = _Figure(say(texts.OUTDOOR))
            with box("card supply"):
                self._cooling = _Permit(reader, texts.COOLING, "cool")
                self._heating = _Permit(reader, texts.HEATING, "heat")
            self._power = _Figure(say(texts.POWER_NOW))
            self._use = _Figure(say(texts.USE_TODAY), target="/usage")
            self._alarms = _Figure(say(texts.ALARMS_ACTIVE), target="/alarms")
        self._alarm_list = box("section stack")
        self._alarms_shown: list[tuple[str, str]] = []

    def show(self, board: Board) -> None:
        self._show_progress()
        self._show_outdoor(board)
        self._cooling.show(board.cooling)
        self._heating.show(board.heating)
        say = self._reader.say
        running = f"{say(texts.UNITS_RUNNING)} {board.running} / {board.units}"
        self._show_amount(self._power, board.power, running)
        self._show_amount(self._use, board.use_today, self._completeness(board.use_today))
        self._show_alarms(board)

    def _show_progress(self) -> None:
        past = self._reader.context.past
        making = past is not None and not past.finished
        if self._progress_box.visible != making:
            self._progress_box.set_visibility(making)
        if past is None or not making:
            return
        self._progress.put(self._reader.say(texts.HISTORY_PROGRESS, done=past.days_done, total=past.days_total))
        self._progress_bar.style(replace=f"width: {100 * past.days_done / max(past.days_total, 1):.0f}%")

    def _show_outdoor(self, board: Board) -> None:
        words, outdoor = self._reader.words, board.outdoor
        value = outdoor.value if outdoor is not None else None
        if not isinstance(value, float | int):
            self._outdoor.show(words.number(None), "", self._reader.say(texts.OUTDOOR_UNKNOWN))
            return
        age = words.age(outdoor.age_s) if outdoor is not None and outdoor.age_s is not None else ""
        self._outdoor.show(words.number(float(value)), words.unit("Cel"), age)

    def _show_amount(self, figure: _Figure, amount: Amount, note: str) -> None:
        words = self._reader.words
        unit = words.unit(amount.unit) if amount.value is not None else ""
        figure.show(words.number(amount.value, 1), unit, note)

    def _completeness(self, amount: Amount) -> str:
        if amount.value is None or amount.completeness >= 0.995:
            return ""
        return f"{self._reader.say(texts.COMPLETENESS)} {self._reader.words.share(amount.completeness)}"

    def _show_alarms(self, board: Board) -> None:
        say, words = self._reader.say, self._reader.words
        count = len(board.alarms)
        self._alarms.show(str(count), "", say(texts.NO_ALARM) if not count else "")
        shown = [(alarm.level, words.name(alarm.text)) for alarm in board.alarms[:ALARMS_SHOWN]]
        if shown == self._alarms_shown:
            return
        self._alarms_shown = shown
        self._alarm_list.clear()
        with self._alarm_list:
            for level, text in shown:
                colour = "bad" if level in SERIOUS else "warn"
                link(f"{say(texts.LEVELS[level])} · {text}", "/alarms", f"notice {colour}").style("display: block")


class _Lines:
    """How the lines to the meters and gateways are, and how many devices on each are silent."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lines: dict[str, tuple[Words, Words]] = {}
        with box("section lines-section", "section"):
            heading(reader.say(texts.LINES))
            with box("lines"):
                for line in reader.context.site.links:
                    with box("line"):
                        dot = Words("", tag="span", classes="dot")
                        link(line, f"/lines#line-{line}")
                        self._lines[line] = (dot, Words("", tag="span", classes="muted"))

    def show(self) -> None:
        links = self._reader.context.latest.links
        devices = self._reader.context.site.devices.values()
        for line, (dot, state) in self._lines.items():
            whole = links.get((line, None))
            on_line = [device.id for device in devices if device.link == line]
            silent = [name for name in on_line if (held := links.get((line, name))) is not None and not held.up]
            known = whole is not None or any((line, name) in links for name in on_line)
            if not known:
                self._put(dot, state, "", self._reader.say(texts.LINE_UNKNOWN), "")
            elif whole is not None and not whole.up:
                self._put(dot, state, "bad", self._reader.say(texts.LINE_DOWN), whole.detail)
            elif silent:
                text = self._reader.say(texts.POINTS_SILENT, down=len(silent), total=len(on_line))
                self._put(dot, state, "warn", text, self._reader.say(texts.LIST_COMMA).join(silent))
            else:
                self._put(dot, state, "good", self._reader.say(texts.LINE_UP), "")

    @staticmethod
    def _put(dot: Words, state: Words, colour: str, text: str, hint: str) -> None:
        dot.dress(f"dot {colour}".strip())
        state.put(text)
        state.hint(hint)
