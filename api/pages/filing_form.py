"""The form in which people file an exception or a booking, and the administration section gives notice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from api.pages import texts_filings
from api.pages.acting import REFUSALS, told
from api.pages.filing_places import Place, PlacePicker
from api.pages.widgets import Choice, Entry, Words, box, button, field, note
from api.problems import RequestProblem
from api.services.filing_bodies import MOST_SPANS, FilingBody, RelaxationBody, SpanBody
from api.services.filing_views import KINDS
from api.services.filings import may_file, submit
from api.services.windows import window_end
from facility.commands import Role
from facility.filings import FilingKind
from facility.text import Text

if TYPE_CHECKING:
    from api.pages.reader import Reader

REPEATS: Final = {"": texts_filings.EVERY_DAY, "workdays": texts_filings.WORKDAYS, "rest": texts_filings.REST_DAYS}
AT_ONCE: Final = (FilingKind.NOTICE, FilingKind.EMERGENCY)
USUAL: Final = timedelta(hours=2)
"""What an end is offered after the beginning."""

_INPUT: Final = "%Y-%m-%dT%H:%M"


class FilingForm:
    """One form at a time; `filed` is called after something was entered. `places` are chosen at first."""

    def __init__(self, reader: Reader, places: list[Place], filed: Callable[[], Awaitable[None]]) -> None:
        self._reader = reader
        self._places = places
        self._filed = filed
        kinds = [kind for kind in FilingKind if may_file(reader.actor, kind)]
        self._kind = kinds[0]
        with box("choices wraps"):
            self._tabs = {kind: button(reader.say(KINDS[kind]), partial(self._choose, kind), "") for kind in kinds}
        for kind, tab in self._tabs.items():
            tab.props["data-kind"] = kind.value
        self._form = box("stack").style("margin-top: .9rem")
        self._said = Words("")
        self._said.props["data-said"] = True
        self._draw()

    def _choose(self, kind: FilingKind) -> None:
        self._kind = kind
        self._tell("", "")
        self._draw()

    def _draw(self) -> None:
        reader, say, entry = self._reader, self._reader.say, self._reader.context.site.file.filings
        for kind, tab in self._tabs.items():
            tab.dress("here" if kind is self._kind else "")
        self._form.clear()
        self._relaxed = {"hours": True} if self._kind is not FilingKind.BOOKING else {}
        self._limits: dict[str, Entry] = {}
        self._chips: dict[str, Words] = {}
        with self._form:
            hint = texts_filings.FORM_HINTS[self._kind]
            note(say(hint, minutes=entry.ready_minutes, hours=f"{entry.emergency_hours:g}"))
            self._picker = PlacePicker(reader, self._kind, self._places)
            self._times()
            if self._kind is not FilingKind.BOOKING:
                self._relaxations()
            self._wording()

    def _times(self) -> None:
        say, context = self._reader.say, self._reader.context
        now = context.now()
        start = window_end(context.site, now)
        if self._kind in AT_ONCE or start is None or start <= now:
            start = now
        start = start.astimezone(context.site.zone).replace(second=0, microsecond=0)
        with box("fields"):
            self._start = self._entry(texts_filings.START, "start", "datetime-local", f"{start:{_INPUT}}")
            self._end = self._entry(texts_filings.END, "end", "datetime-local", f"{start + USUAL:{_INPUT}}")
            self._until = self._entry(texts_filings.REPEAT, "repeat", "date", "")
            with field(say(texts_filings.REPEAT_ON)):
                options = [(value, say(text)) for value, text in REPEATS.items()]
                self._on = Choice(options, name=say(texts_filings.REPEAT_ON))
            self._on.props["data-field"] = "repeat_on"

    def _relaxations(self) -> None:
        say = self._reader.say
        switches = dict(texts_filings.SWITCHES)
        if self._kind in AT_ONCE:
            switches["stops"] = texts_filings.STOPS
        with field(say(texts_filings.RELAXES)), box("chips"):
            for name, text in switches.items():
                chip = button(say(text), partial(self._toggle, name), "")
                chip.props["data-relaxes"] = name
                chip.dress("chip here" if self._relaxed.get(name) else "chip")
                self._chips[name] = chip
        with box(tag="details"):
            Words(say(texts_filings.MORE), tag="summary")
            with box("fields"):
                for name, text in texts_filings.LIMITS.items():
                    self._limits[name] = self._entry(text, name, "number", "")

    def _toggle(self, name: str) -> None:
        self._relaxed[name] = not self._relaxed.get(name, False)
        self._chips[name].dress("chip here" if self._relaxed[name] else "chip")

    def _wording(self) -> None:
        say, context, actor = self._reader.say, self._reader.context, self._reader.actor
        is_booking = self._kind is FilingKind.BOOKING
        with box("fields"):
            self._reason = self._entry(texts_filings.REASON, "reason", "text", "")
            reference = texts_filings.MEETING if is_booking else texts_filings.REFERENCE
            self._reference = self._entry(reference, "reference", "text", "")
            self._office: Choice | None = None
            if actor is None or actor.role is not Role.SECTION_OPERATOR:
                offices = [(key, self._reader.words.name(item.name.text)) for key, item in context.site.offices.items()]
                with field(say(texts_filings.OFFICE)):
                    self._office = Choice([("", say(texts_filings.NOBODY)), *offices], name=say(texts_filings.OFFICE))
                self._office.props["data-field"] = "office"
        button(say(texts_filings.SUBMIT), self._submit, "button strong").props["data-act"] = "submit"

    def _entry(self, title: Text, name: str, kind: str, value: str) -> Entry:
        with field(self._reader.say(title)):
            made = Entry(name=self._reader.say(title), kind=kind, value=value, limit=500)
        made.props["data-field"] = name
        return made

    async def _submit(self) -> None:
        """Enters what was filled in, or says what is wrong with it."""
        reader = self._reader
        actor = await reader.sessions.actor(reader.log_in_key)
        if actor is None:
            self._tell(reader.say(texts_filings.LOG_IN_AGAIN), "bad")
            return
        try:
            made = await submit(reader.context, self._body(), actor)
        except ValidationError as error:
            self._tell(self._mistake(str(error.errors()[0]["loc"][-1])), "bad")
            return
        except REFUSALS as error:
            self._tell(told(reader, error), "bad")
            return
        numbers = ", ".join(str(filing.id) for filing in made.filings)
        self._draw()
        self._tell(reader.say(texts_filings.SUBMITTED, numbers=numbers), "good")
        await self._filed()

    def _body(self) -> FilingBody:
        """What was filled in, as the API takes it.

        Raises:
            RequestProblem: a field is not filled in as needed.
            ValidationError: there is no reason, or a temperature nobody can mean.
        """
        switched = {name: value for name, value in self._relaxed.items() if name != "stops"}
        limits = {name: self._number(name, made) for name, made in self._limits.items()}
        stops = bool(self._relaxed.get("stops"))
        return FilingBody(
            kind=self._kind,
            spans=list(self._spans()),
            office=None if self._office is None or not self._office.chosen else self._office.chosen,
            scope=self._picker.scope(),
            relaxes=RelaxationBody() if stops else RelaxationBody(**switched, **limits),
            stops=stops,
            reason=self._reason.value.strip(),
            reference=self._reference.value.strip(),
        )

    def _spans(self) -> Iterator[SpanBody]:
        """The time that was given, and the same on every day it is repeated on."""
        start, end = self._moment("start", self._start), self._moment("end", self._end)
        days = self._days(start.date())
        if len(days) > MOST_SPANS:
            raise _wrong(texts_filings.TOO_OFTEN, most=MOST_SPANS)
        if not days:
            raise _wrong(texts_filings.NO_DAY)
        for day in days:
            shift = day - start.date()
            yield SpanBody(start=start + shift, end=end + shift)

    def _days(self, first: date) -> list[date]:
        text = self._until.value.strip()
        if not text:
            return [first]
        try:
            count = (date.fromisoformat(text) - first).days + 1
        except ValueError:
            raise self._unfilled(texts_filings.REPEAT) from None
        wanted = self._on.chosen
        calendar = self._reader.context.calendar
        days = (first + timedelta(days=number) for number in range(min(count, 366)))
        return [day for day in days if not wanted or calendar.is_workday(day) is (wanted == "workdays")]

    def _moment(self, name: str, made: Entry) -> datetime:
        try:
            local = datetime.fromisoformat(made.value.strip())
        except ValueError:
            raise self._unfilled(texts_filings.START if name == "start" else texts_filings.END) from None
        return local.replace(tzinfo=self._reader.context.site.zone)

    def _number(self, name: str, made: Entry) -> float | None:
        text = made.value.strip()
        try:
            return float(text) if text else None
        except ValueError:
            raise self._unfilled(texts_filings.LIMITS[name]) from None

    def _unfilled(self, title: Text) -> RequestProblem:
        return _wrong(texts_filings.FILL_IN, field=self._reader.say(title))

    def _mistake(self, name: str) -> str:
        titles = {**texts_filings.LIMITS, "reason": texts_filings.REASON, "reference": texts_filings.REFERENCE}
        title = titles.get(name, texts_filings.FORM)
        return self._reader.say(texts_filings.FILL_IN, field=self._reader.say(title))

    def _tell(self, text: str, colour: str) -> None:
        self._said.put(text)
        self._said.dress(f"notice {colour}" if text else "")


def _wrong(text: Text, **values: object) -> RequestProblem:
    return RequestProblem(422, "wrong_body", Text(text.zh.format(**values), text.en.format(**values)))
