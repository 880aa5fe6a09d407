"""What a person may ask of a unit: the form, and each wish followed until it is confirmed or refused.

The rules are not repeated here: the controller judges every wish.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pydantic import ValidationError

from api.pages import texts, texts_filings
from api.pages.reasons import wish_text
from api.pages.widgets import Choice, Entry, Words, box, button, heading, link
from api.problems import RequestProblem
from api.services.commands import CommandBody, commands, may_command, propose
from facility.commands import Mode

if TYPE_CHECKING:
    from nicegui import ui

    from api.pages.reader import Reader
    from api.services.commands import CommandView
    from facility.text import Text

RECENT_SHOWN: Final = 6
SETPOINTS_C: Final = tuple(half / 2 for half in range(32, 63))
LENGTHS: Final = (
    ("", texts.WINDOW_END), ("1", texts.HOURS_1), ("2", texts.HOURS_2), ("4", texts.HOURS_4), ("8", texts.HOURS_8),
)  # fmt: skip
STATE_COLOURS: Final = {
    "proposed": "", "sent": "", "confirmed": "good", "not_effective": "warn", "refused": "bad", "unreachable": "bad",
    "expired": "warn",
}  # fmt: skip
MODES_OFFERED: Final = (Mode.COOL, Mode.HEAT, Mode.DRY, Mode.FAN)


class CommandCard:
    """The form, for those who may, and the last wishes with their state."""

    def __init__(self, reader: Reader, equipment: str) -> None:
        self._reader = reader
        self._equipment = equipment
        self._rows: list[CommandView] = []
        self._drawn = False
        with box("card") as card:
            card.props["id"] = "commands"
            heading(reader.say(texts.COMMANDS))
            if may_command(reader.context, reader.actor, equipment):
                self._form()
            elif reader.actor is None:
                link(reader.say(texts.LOG_IN_TO_COMMAND), f"/login?next={quote(reader.path, safe='/')}", "button")
            else:
                Words(reader.say(texts.MAY_NOT_COMMAND), classes="notice")
            heading(reader.say(texts.RECENT_COMMANDS), 3).style("margin: 1.1rem 0 .4rem")
            self._recent = box("stack")

    def _form(self) -> None:
        say = self._reader.say
        leave = ("", say(texts.UNCHANGED))
        Words(say(texts.COMMAND_HINT), tag="p", classes="muted small")
        with box("fields"):
            self._switch = self._choice(texts.SWITCH, [leave, ("on", say(texts.ON)), ("off", say(texts.OFF))], "switch")
            if self._reader.context.site.equipment[self._equipment].kind == "indoor_unit":
                modes = [leave, *((mode.value, say(texts.MODES[mode])) for mode in MODES_OFFERED)]
                self._mode: Choice | None = self._choice(texts.MODE, modes, "mode")
                setpoints = [leave, *((f"{value:g}", f"{value:g}") for value in SETPOINTS_C)]
                self._setpoint: Choice | None = self._choice(texts.SETPOINT_C, setpoints, "setpoint")
            else:
                self._mode = self._setpoint = None
            self._length = self._choice(texts.UNTIL, [(hours, say(text)) for hours, text in LENGTHS], "until")
        with box("row").style("margin-top: .9rem; align-items: end"):
            with box("field").style("flex: 1 1 12rem"):
                Words(say(texts.REASON), classes="field-name")
                self._reason = Entry(name=say(texts.REASON))
            button(say(texts.SEND), self._send, "button strong").props["data-act"] = "send"
        self._said = Words("", classes="")
        self._said.style("margin-top: .8rem")

    def _choice(self, name: Text, options: list[tuple[str, str]], field: str) -> Choice:
        with box("field"):
            Words(self._reader.say(name), classes="field-name")
            choice = Choice(options, name=self._reader.say(name))
        choice.props["data-field"] = field
        return choice

    async def _send(self) -> None:
        """Hands the wish on, or says why it cannot be."""
        words = self._reader.words
        actor = await self._reader.sessions.actor(self._reader.log_in_key)
        if actor is None:
            self._tell(words.say(texts.LOG_IN_TO_COMMAND), "bad")
            return
        try:
            body = self._body()
            await propose(self._reader.context, self._equipment, body, actor)
        except ValidationError:
            self._tell(words.say(texts.NOTHING_WANTED), "warn")
        except RequestProblem as problem:
            self._tell(words.name(problem.text), "bad")
        else:
            self._tell("", "")
        await self.show()

    def _body(self) -> CommandBody:
        mode = self._mode.chosen if self._mode is not None else ""
        setpoint = self._setpoint.chosen if self._setpoint is not None else ""
        hours = self._length.chosen
        return CommandBody(
            on={"on": True, "off": False}.get(self._switch.chosen),
            mode=Mode(mode) if mode else None,
            setpoint_c=float(setpoint) if setpoint else None,
            until=self._reader.context.clock.now() + timedelta(hours=int(hours)) if hours else None,
            reason=self._reason.value.strip(),
        )

    def _tell(self, text: str, colour: str) -> None:
        self._said.put(text)
        self._said.dress(f"notice {colour}" if text else "")

    async def show(self) -> None:
        """Brings the list of wishes up to date."""
        rows = (await commands(self._reader.context, equipment=self._equipment, limit=RECENT_SHOWN)).rows
        rows = rows[:RECENT_SHOWN]
        if self._drawn and rows == self._rows:
            return
        self._rows, self._drawn = rows, True
        self._recent.clear()
        with self._recent:
            if not rows:
                Words(self._reader.say(texts.NO_COMMANDS), classes="muted")
            for row in rows:
                self._wish(row)

    def _wish(self, row: CommandView) -> ui.element:
        words = self._reader.words
        with box() as line:
            line.props["data-command"] = row.state
            with box("row"):
                state = Words(words.say(texts.COMMAND_STATES[row.state]), tag="span")
                state.dress(f"badge {STATE_COLOURS[row.state]}".strip())
                Words(wish_text(self._reader, row.wish), tag="span")
                if row.clause is not None:
                    Words(words.say(texts.CLAUSE, clause=row.clause), tag="span", classes="clause")
                by = words.say(texts.BY_WHOM, actor=self._actor(row.actor), time=words.moment(row.made))
                Words(by, tag="span", classes="muted small")
            if row.why is not None:
                Words(words.name(row.why), classes="small")
            if row.state == "refused" and row.clause is not None:
                address = f"/filings?equipment={quote(self._equipment)}#file"
                link(words.say(texts_filings.FILE_INSTEAD), address, "small")
            reason = words.name(row.reason)
            if reason:
                said = Words(reason, classes="why")
                said.hint(reason)
                said.props["tabindex"] = 0
        return line

    def _actor(self, name: str) -> str:
        part = texts.ACTORS.get(name)
        return name if part is None else self._reader.say(part)
