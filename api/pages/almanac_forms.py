"""The forms in which the administration section enters closures, half days, hours, duty and a year's table."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from nicegui import ui
from nicegui.events import GenericEventArguments
from pydantic import BaseModel, ValidationError

from api.errors import field_problems
from api.pages import texts_almanac as t
from api.pages import texts_meters
from api.pages.acting import REFUSALS, present_actor, told
from api.pages.widgets import Choice, Entry, Words, box, button, field, note
from api.problems import RequestProblem
from api.services.almanac import enter
from api.services.almanac_bodies import (
    ClosureBody,
    DutyBody,
    HalfDayBody,
    TimetableBody,
    WorkdayBody,
    table_of,
)
from facility.almanac import AlmanacItem
from facility.text import Text

if TYPE_CHECKING:
    from api.pages.reader import Reader

Saved = Callable[[], Awaitable[None]]
Body = TypeVar("Body", bound=BaseModel)

LONGEST_DUTY: Final = timedelta(days=62)
"""People are entered for so many days at once at most."""

FIELDS: Final[Mapping[str, Mapping[str, tuple[Text, str]]]] = {
    "closure": {
        "first": (t.FIRST, "date"), "last": (t.LAST, "date"), "where": (t.WHERE, "where"), "reason": (t.REASON, "text"),
        "notice": (t.NOTICE, "text"),
    },
    "half_day": {
        "day": (t.DAY, "date"), "opens": (t.OPENS, "time"), "closes": (t.CLOSES, "time"), "where": (t.WHERE, "where"),
        "notice": (t.NOTICE, "text"),
    },
    "workday": {"day": (t.DAY, "date"), "notice": (t.NOTICE, "text")},
    "timetable": {
        "name": (t.NAME, "text"), "first": (t.FROM, "text"), "last": (t.UNTIL, "text"),
        "sessions": (t.SESSIONS, "text"), "notice": (t.NOTICE_OPTIONAL, "text"),
    },
    "duty": {
        "first": (t.FIRST, "date"), "last": (t.LAST, "date"), "shift": (t.SHIFT, "shift"), "people": (t.PEOPLE, "text"),
    },
    "table": {
        "year": (t.TABLE_YEAR, "number"), "notice": (t.NOTICE, "text"), "issued": (t.ISSUED, "date"),
        "file": (t.FILE, "file"),
    },
}  # fmt: skip
"""Form -> its fields, with their title and kind of input."""

_READ_FILE: Final = """async (event) => {
  const file = event.target.files[0];
  if (!file || file.size > 262144) { emit(''); return; }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  emit(btoa(text));
}"""


class FileEntry(ui.element):
    """A file that the reader chooses; `content` is None until one was chosen. The browser sends it as it is."""

    def __init__(self, *, name: str) -> None:
        super().__init__("input")
        self.content: bytes | None = None
        self.props.update({"type": "file", "accept": ".csv,.json,.txt", "aria-label": name})
        self.on("change", self._take, js_handler=_READ_FILE)

    def _take(self, event: GenericEventArguments) -> None:
        self.content = base64.b64decode(str(event.args)) or None
        self.props["data-bytes"] = len(self.content or b"")
        self.update()


class AlmanacForms:
    """One form at a time; `saved` is called after something was entered."""

    def __init__(self, reader: Reader, saved: Saved) -> None:
        self._reader = reader
        self._saved = saved
        self._form = "closure"
        self._inputs: dict[str, Entry | Choice | FileEntry] = {}
        with box("choices wraps"):
            self._tabs = {name: button(reader.say(words), partial(self._choose, name), "")
                          for name, words in t.FORMS.items()}  # fmt: skip
        for name, tab in self._tabs.items():
            tab.props["data-form"] = name
        self._body = box().style("margin-top: .9rem")
        self._said = Words("")
        self._draw()

    def _choose(self, form: str) -> None:
        self._form = form
        self._tell("", "")
        self._draw()

    def _draw(self) -> None:
        for name, tab in self._tabs.items():
            tab.dress("here" if name == self._form else "")
        say = self._reader.say
        self._body.clear()
        self._inputs.clear()
        with self._body:
            with box("fields"):
                for name, (title, kind) in FIELDS[self._form].items():
                    with field(say(title)):
                        made = self._inputs[name] = self._input(say(title), kind)
                    made.props["data-field"] = name
            if self._form == "table":
                note(say(t.TABLE_HINT))
            with box("row").style("margin-top: .9rem"):
                button(say(t.SAVE), self._save, "button strong").props["data-act"] = "save"

    def _input(self, title: str, kind: str) -> Entry | Choice | FileEntry:
        match kind:
            case "where":
                return Choice(self._places(), name=title)
            case "shift":
                shifts = self._reader.context.calendar.almanac.shifts
                return Choice([(each.id, self._reader.say(each.name)) for each in shifts], name=title)
            case "file":
                return FileEntry(name=title)
        return Entry(name=title, kind=kind)

    def _places(self) -> list[tuple[str, str]]:
        site, words = self._reader.context.site, self._reader.words
        return [
            ("", self._reader.say(t.WHOLE_SITE)),
            *((f"buildings:{key}", words.name(each.name.text)) for key, each in site.buildings.items()),
            *((f"offices:{key}", words.name(each.name.text)) for key, each in site.offices.items()),
        ]

    async def _save(self) -> None:
        """Enters what was filled in, or says what is wrong with it."""
        reader = self._reader
        actor = await present_actor(reader)
        if actor is None:
            self._tell(reader.say(texts_meters.LOG_IN_AGAIN), "bad")
            return
        try:
            made = await enter(reader.context, self._items(), actor)
        except ValidationError as error:
            self._tell(self._mistakes(error), "bad")
            return
        except REFUSALS as error:
            self._tell(told(reader, error), "bad")
            return
        told_made = made.rows[0].told.in_language(reader.words.language)
        more = f" (+{len(made.rows) - 1})" if len(made.rows) > 1 else ""
        self._draw()
        self._tell(reader.say(t.SAVED, what=told_made + more), "good")
        await self._saved()

    def _mistakes(self, error: ValidationError) -> str:
        """What is wrong, each with the field it is about."""
        parts = []
        for problem in field_problems(error.errors(include_url=False)):
            named = FIELDS[self._form].get(problem.where.split(".")[0])
            words = self._reader.say(problem.what)
            parts.append(words if named is None else f"{self._reader.say(named[0])}: {words}")
        return "; ".join(parts)

    def _items(self) -> Sequence[AlmanacItem]:
        """What was filled in.

        Raises:
            RequestProblem, EntryRefused, ValidationError: it cannot be true.
        """
        values: dict[str, Any] = {name: self._value(name) for name in self._inputs}
        match self._form:
            case "closure":
                return [_made(ClosureBody, {**_placed(values)}).closure]
            case "half_day":
                return [_made(HalfDayBody, {**_placed(values)}).half_day]
            case "workday":
                return [_made(WorkdayBody, values).workday]
            case "timetable":
                sessions = [part.strip() for part in t.SEPARATED.split(values["sessions"] or "") if part.strip()]
                return [
                    _made(TimetableBody, {**values, "name": {"zh": values["name"]}, "sessions": sessions}).timetable
                ]
            case "duty":
                return [turn.turn for turn in _made(DutyBody, {"turns": self._turns(values)}).turns]
        return [self._table(values)]

    def _turns(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        first = self._date("first")
        last = self._date("last") if values["last"] else first
        if not first <= last <= first + LONGEST_DUTY:
            raise _lacking(self._reader, t.LAST)
        people = []
        for part in t.SEPARATED.split(values["people"] or ""):
            words = part.split()
            if words:
                people.append(dict(zip(("name", "phone", "handle"), words, strict=False)))
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [{"day": day, "shift": values["shift"], "people": people} for day in days]

    def _table(self, values: Mapping[str, Any]) -> AlmanacItem:
        content = values["file"]
        if content is None:
            raise RequestProblem(422, "wrong_body", t.CHOOSE_FILE)
        if not str(values["year"] or "").isdecimal():
            raise _lacking(self._reader, t.TABLE_YEAR)
        return table_of(int(values["year"]), values["notice"] or "", self._date("issued"), content)

    def _value(self, name: str) -> Any:
        made = self._inputs[name]
        if isinstance(made, FileEntry):
            return made.content
        text = (made.chosen if isinstance(made, Choice) else made.value).strip()
        return text or None

    def _date(self, name: str) -> date:
        try:
            return date.fromisoformat(str(self._value(name)))
        except ValueError:
            raise _lacking(self._reader, FIELDS[self._form][name][0]) from None

    def _tell(self, text: str, colour: str) -> None:
        self._said.put(text)
        self._said.dress(f"notice {colour}" if text else "")


def _made(model: type[Body], values: Mapping[str, Any]) -> Body:
    return model.model_validate({name: value for name, value in values.items() if value is not None})


def _placed(values: Mapping[str, Any]) -> dict[str, Any]:
    """`where` as the scope's own field."""
    kind, _, key = str(values["where"] or "").partition(":")
    rest = {name: value for name, value in values.items() if name != "where"}
    return {**rest, kind: (key,)} if key else rest


def _lacking(reader: Reader, title: Text) -> RequestProblem:
    words = reader.say(t.FILL_IN, field=reader.say(title))
    return RequestProblem(422, "wrong_body", Text(words, words))
