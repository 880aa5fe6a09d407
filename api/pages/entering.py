"""The forms in which people enter facts about a meter, and what saving them did to closed months."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from api.pages import texts_meters
from api.pages.acting import REFUSALS, present_actor, told
from api.pages.bookings import closed_words, show_made
from api.pages.names import meter_unit
from api.pages.widgets import Choice, Entry, Words, box, button, field, note
from api.problems import RequestProblem
from api.services.entered import EntryKind, check_past, enter
from api.services.entry_bodies import AssignmentBody, CorrectionBody, ReadingBody, ReplacementBody
from facility.text import Text

if TYPE_CHECKING:
    from api.pages.reader import Reader
    from api.services.entry_bodies import EntryBody

Saved = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form: its input's kind as HTML has it (`office`: a choice of offices), and what it begins with."""

    title: Text
    kind: str = "number"
    optional: bool = False
    begins: str = ""


FORMS: Final[Mapping[EntryKind, Mapping[str, Field]]] = {
    EntryKind.REPLACEMENTS: {
        "at": Field(title=texts_meters.AT, kind="datetime-local"),
        "closing": Field(title=texts_meters.CLOSING, optional=True),
        "opening": Field(title=texts_meters.OPENING, optional=True),
        "factor": Field(title=texts_meters.FACTOR, begins="1"),
        "serial": Field(title=texts_meters.SERIAL, kind="text", optional=True),
    },
    EntryKind.READINGS: {
        "at": Field(title=texts_meters.AT, kind="datetime-local"),
        "value": Field(title=texts_meters.DISPLAY),
    },
    EntryKind.CORRECTIONS: {
        "start": Field(title=texts_meters.START, kind="datetime-local"),
        "end": Field(title=texts_meters.END, kind="datetime-local"),
        "amount": Field(title=texts_meters.AGREED),
    },
    EntryKind.ASSIGNMENTS: {
        "since": Field(title=texts_meters.SINCE, kind="date"),
        "office": Field(title=texts_meters.OFFICE, kind="office"),
        "share": Field(title=texts_meters.SHARE_PERCENT, begins="100"),
    },
}
BODIES: Final[Mapping[EntryKind, type[EntryBody]]] = {
    EntryKind.REPLACEMENTS: ReplacementBody,
    EntryKind.READINGS: ReadingBody,
    EntryKind.CORRECTIONS: CorrectionBody,
    EntryKind.ASSIGNMENTS: AssignmentBody,
}


class EnteringCard:
    """One form at a time; `saved` is called after an entry was made."""

    def __init__(self, reader: Reader, meter: str, kinds: list[EntryKind], saved: Saved) -> None:
        self._reader = reader
        self._meter = meter
        self._saved = saved
        self._kind = kinds[0]
        self._inputs: dict[str, Entry | Choice] = {}
        say = reader.say
        note(say(texts_meters.ENTER_HINT))
        with box("choices wraps"):
            self._tabs = {kind: button(say(texts_meters.KINDS[kind.value]), partial(self._choose, kind), "")
                          for kind in kinds}  # fmt: skip
        for kind, tab in self._tabs.items():
            tab.props["data-form"] = kind.value
        self._form = box().style("margin-top: .9rem")
        self._said = Words("")
        self._lines = box()

    async def show(self) -> None:
        """Draws the form that is chosen, with what saving it will do to closed months."""
        for kind, tab in self._tabs.items():
            tab.dress("here" if kind is self._kind else "")
        closed = await closed_words(self._reader)
        say = self._reader.say
        self._form.clear()
        self._inputs.clear()
        with self._form:
            with box("fields"):
                for name, each in FORMS[self._kind].items():
                    self._input(name, each)
            with field(say(texts_meters.REASON)):
                self._reason = Entry(name=say(texts_meters.REASON))
            self._reason.props["data-field"] = "reason"
            note(closed)
            button(say(texts_meters.SAVE), self._save, "button strong").props["data-act"] = "save"

    async def _choose(self, kind: EntryKind) -> None:
        self._kind = kind
        self._tell("", "")
        await self.show()

    def _input(self, name: str, each: Field) -> None:
        title = self._title(each)
        with field(title):
            if each.kind == "office":
                offices = self._reader.context.site.offices.values()
                options = [(office.id, self._reader.words.name(office.name.text)) for office in offices]
                made: Entry | Choice = Choice([*options, ("", self._reader.say(texts_meters.NOBODY))], name=title)
            else:
                made = Entry(name=title, kind=each.kind, value=each.begins)
        made.props["data-field"] = name
        self._inputs[name] = made

    def _title(self, each: Field) -> str:
        unit = self._reader.words.unit(meter_unit(self._reader, self._meter))
        return self._reader.say(each.title, unit=unit)

    async def _save(self) -> None:
        """Enters what was filled in, or says what is wrong with it."""
        reader = self._reader
        actor = await present_actor(reader)
        if actor is None:
            self._tell(reader.say(texts_meters.LOG_IN_AGAIN), "bad")
            return
        try:
            body = self._body()
            made = await enter(reader.context, self._kind, body.entry(self._meter), actor)
        except ValidationError as error:
            self._tell(self._mistake(str(error.errors()[0]["loc"][0])), "bad")
            return
        except REFUSALS as error:
            self._tell(told(reader, error), "bad")
            return
        self._tell("", "")
        with self._lines:
            show_made(reader, made)
        await self.show()
        await self._saved()

    def _body(self) -> EntryBody:
        """What was filled in, as the API takes it.

        Raises:
            RequestProblem: a field is not filled in as needed, or lies ahead.
            ValidationError: there is no reason.
        """
        values = {name: self._value(name, each) for name, each in FORMS[self._kind].items()}
        if self._kind is EntryKind.ASSIGNMENTS and isinstance(values["share"], float):
            values["share"] /= 100.0
        for name in ("at", "end"):
            moment = values.get(name)
            if isinstance(moment, datetime):
                check_past(self._reader.context, moment, name)
        return BODIES[self._kind].model_validate({**values, "reason": self._reason.value.strip()})

    def _mistake(self, name: str) -> str:
        """What is wrong with a field."""
        each = FORMS[self._kind].get(name)
        say = self._reader.say
        return say(texts_meters.NEEDS_REASON) if each is None else say(texts_meters.FILL_IN, field=self._title(each))

    def _value(self, name: str, each: Field) -> datetime | date | float | str | None:
        made = self._inputs[name]
        text = (made.chosen if isinstance(made, Choice) else made.value).strip()
        if not text and (each.optional or each.kind == "office"):
            return None
        try:
            match each.kind:
                case "datetime-local":
                    return datetime.fromisoformat(text).replace(tzinfo=self._reader.context.site.zone)
                case "date":
                    return date.fromisoformat(text)
                case "number":
                    return float(text)
        except ValueError:
            problem = self._mistake(name)
            raise RequestProblem(422, "wrong_body", Text(problem, problem)) from None
        return text

    def _tell(self, text: str, colour: str) -> None:
        self._said.put(text)
        self._said.dress(f"notice {colour}" if text else "")
        self._lines.clear()
